"""The gate of every use of a customer's data: `require_use`, and `left_out` for many at once.

Not a use case: whoever views, plays, exports or hands on asks here within its own, before it reads
or writes anything. A use that may not be is `Refused` with why, since when and what to do next.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from desk_app.customers.records import entered_at
from desk_app.errors import Refused
from desk_app.hours.calendar import open_calendar
from desk_app.purposes.model import NamedUse
from desk_app.purposes.rules import (
    NOTHING,
    USUAL_PURPOSE,
    Act,
    Block,
    BlockReason,
    Forbidden,
    OtherUse,
    RecipientKind,
    Standing,
    Use,
    UseException,
    Why,
    all_covering,
    forbidden,
)
from desk_app.purposes.standing import blocks_of, standing_of, standings
from desk_app.purposes.use_rules import use_rules
from desk_app.purposes.versions import policy
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import Words


@dataclass(frozen=True, slots=True)
class SaidUse:
    """A use as the policy letters and names it."""

    use: Use

    def say(self, words: Words) -> str:
        if isinstance(self.use, OtherUse):
            return self.use.say(words)
        return words(f"purposes.purpose.{self.use}")


@dataclass(frozen=True, slots=True)
class SaidDay:
    """A day in the office's time."""

    on: date

    def say(self, words: Words) -> str:
        return words.day(self.on)


@dataclass(frozen=True, slots=True)
class SaidReason:
    """Why a use was stopped."""

    reason: BlockReason

    def say(self, words: Words) -> str:
        return words(f"purposes.block_reason.{self.reason}")


def require_use(
    work: UnitOfWork,
    *,
    customer_id: int | None,
    purpose: Use,
    act: Act,
    recipient: RecipientKind | None = None,
    exception: UseException | None = None,
    case_id: int | None = None,
    asked_at: datetime | None = None,
) -> None:
    """`Refused` unless this customer's data may be used like this now.

    ``case_id`` is the case that it is used for, ``asked_at`` when that was opened: the request
    that stopped a use is itself answered, and so is what the customer has asked for since.
    ``exception`` is what the use rests on otherwise; the caller has made sure that it is so.
    Without a customer only the policy decides.
    """
    found = why_not(
        work,
        customer_id=customer_id,
        purpose=purpose,
        act=act,
        recipient=recipient,
        exception=exception,
        case_id=case_id,
        asked_at=asked_at,
    )
    if found is not None:
        raise refusal(work, found, purpose)


def why_not(
    work: UnitOfWork,
    *,
    customer_id: int | None,
    purpose: Use,
    act: Act,
    recipient: RecipientKind | None = None,
    exception: UseException | None = None,
    case_id: int | None = None,
    asked_at: datetime | None = None,
) -> Forbidden | None:
    """As `require_use`: why not, or None. For pages that say beforehand what isn't possible."""
    if isinstance(purpose, OtherUse):
        purpose = named_use(work, purpose.id)
    standing = NOTHING if customer_id is None else standing_of(work, customer_id)
    collected = {} if customer_id is None else _collected(work, [customer_id])
    return forbidden(
        use_rules(),
        policy(work),
        standing,
        use=purpose,
        act=act,
        collected_on=collected.get(customer_id or 0),
        recipient=recipient,
        exceptions=_exceptions(standing.blocks, exception, case_id=case_id, asked_at=asked_at),
    )


def consents_for(
    work: UnitOfWork,
    *,
    customer_id: int,
    purpose: Use,
    act: Act,
    recipient: RecipientKind | None = None,
) -> tuple[int, ...]:
    """The consents that cover this use, the oldest first, for a record that rests on one."""
    found = all_covering(
        policy(work),
        standing_of(work, customer_id).consents,
        purpose,
        act=act,
        recipient=recipient,
    )
    return tuple(one.id for one in found)


def named_use(work: UnitOfWork, named_use_id: int) -> OtherUse:
    """A use outside A–H with its names; `Refused` if it isn't in the register any more."""
    row = work.session.get(NamedUse, named_use_id)
    if row is None or row.ended_at is not None:
        raise Refused("purposes.no_such_use")
    return OtherUse(row.id, tuple(row.names[one] for one in ("ja", "en", "de")))


def refusal(work: UnitOfWork, found: Forbidden, use: Use) -> Refused:
    """The error that says why, since when, and what to do next."""
    if isinstance(use, OtherUse):
        use = named_use(work, use.id)
    said = SaidUse(use)
    local = open_calendar(work).local
    if found.why is Why.STOPPED and found.block is not None:
        return Refused(
            "purposes.use_stopped",
            use=said,
            since=SaidDay(local(found.block.since).date()),
            reason=SaidReason(found.block.reason),
        )
    if found.why is Why.OPTED_OUT and found.since is not None:
        return Refused("purposes.use_opted_out", since=SaidDay(local(found.since).date()))
    return Refused(f"purposes.{found.why}", use=said)


@dataclass(frozen=True)
class LeftOut:
    """Who is left out of an act on many, and why; asked once for each customer."""

    _purpose: Use
    _act: Act
    _standings: Mapping[int, Standing]
    _work: UnitOfWork = field(repr=False)

    def why(
        self, rows: Iterable[tuple[int, int | None, datetime]]
    ) -> tuple[frozenset[int], dict[Why, int]]:
        """Of ``(row, customer, asked at)``: which rows are left out, how many for which reason.

        A row is a case or a contact; one without a customer has what the policy alone allows.
        """
        rows = list(rows)
        collected = _collected(self._work, {one for _, one, _ in rows if one is not None})
        out: set[int] = set()
        counted: Counter[Why] = Counter()
        usual: dict[date | None, Forbidden | None] = {}  # of who has said nothing
        for row, customer_id, asked_at in rows:
            standing = self._standings.get(customer_id or 0, NOTHING)
            on = collected.get(customer_id or 0)
            if standing is not NOTHING:
                found = self._judge(standing, on, asked_at)
            elif on in usual:
                found = usual[on]
            else:
                found = usual[on] = self._judge(NOTHING, on, None)
            if found is not None:
                out.add(row)
                counted[found.why] += 1
        return frozenset(out), dict(counted)

    def _judge(
        self, standing: Standing, on: date | None, asked_at: datetime | None
    ) -> Forbidden | None:
        return forbidden(
            use_rules(),
            policy(self._work),
            standing,
            use=self._purpose,
            act=self._act,
            collected_on=on,
            exceptions=_exceptions(standing.blocks, None, case_id=None, asked_at=asked_at),
        )


def left_out(work: UnitOfWork, *, purpose: Use, act: Act) -> LeftOut:
    """Whom an act on many has to leave out. The act says how many and why: nobody is left out
    silently."""
    if isinstance(purpose, OtherUse):
        purpose = named_use(work, purpose.id)
    return LeftOut(purpose, act, standings(work), work)


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list: whose it is, and the case and when it was opened, if it is one."""

    customer_id: int | None
    case_id: int | None = None
    asked_at: datetime | None = None


def out_of_sight(work: UnitOfWork, listed: Iterable[Listed]) -> frozenset[Listed]:
    """The lines of whose customers nothing may be looked at for `USUAL_PURPOSE`: a list shows that
    there is something, not whose. For a page of a list: one look-up, whatever it holds."""
    lines = list(listed)
    blocks = blocks_of(work, {one.customer_id for one in lines if one.customer_id is not None})
    hidden: set[Listed] = set()
    for one in lines if blocks else ():
        own = tuple(blocks.get(one.customer_id or 0, ()))
        found = forbidden(
            use_rules(),
            (),
            Standing(own),
            use=USUAL_PURPOSE,
            act=Act.VIEW,
            exceptions=_exceptions(own, None, case_id=one.case_id, asked_at=one.asked_at),
        )
        if found is not None and found.why is Why.STOPPED:
            hidden.add(one)
    return frozenset(hidden)


def _exceptions(
    blocks: Iterable[Block],
    general: UseException | None,
    *,
    case_id: int | None,
    asked_at: datetime | None,
) -> dict[int | None, UseException]:
    found: dict[int | None, UseException] = {} if general is None else {None: general}
    for block in blocks:
        if case_id is not None and block.case_id == case_id:
            found[block.id] = UseException.ANSWERING_REQUEST
        elif asked_at is not None and asked_at > block.since:
            found[block.id] = UseException.NEW_INQUIRY
    return found


def _collected(work: UnitOfWork, ids: Iterable[int]) -> dict[int, date]:
    """When customers became known; asked only if it matters."""
    versions = policy(work)
    if len({one.purposes for one in versions}) <= 1:
        return {}
    local = open_calendar(work).local
    return {one: local(at).date() for one, at in entered_at(work, ids).items()}
