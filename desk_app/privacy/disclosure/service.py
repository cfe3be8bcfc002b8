"""Use cases of a disclosure that is looked through: opened, chosen from, released.

What the reviewer decides is kept as choices; what is handed out (`handing.service`) is always
collected anew and laid under them, so that it is as it was reviewed or it isn't made at all. Every
reading is in the log in the transaction that reads.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.disclosure import requested as requests
from desk_app.privacy.disclosure.choices import (
    SOUND,
    Choice,
    Review,
    marks_of,
)
from desk_app.privacy.disclosure.grounds import check_ground
from desk_app.privacy.disclosure.model import (
    Disclosure,
    DisclosureChoice,
)
from desk_app.privacy.disclosure.reviewing import (
    NO_KEYS,
    Keys,
    check_opened,
    choice_of,
    find,
    gather_for,
    record_reading,
    review_of,
)
from desk_app.privacy.disclosure.rules import (
    PackState,
    Voice,
)
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reviewer removes or puts back. ``field`` is a column of the item, empty for all of
    it, ``file`` for its bytes, ``sound`` for a piece of them in ms; ``mark`` is the field's, by
    `Review.mark`."""

    item: str
    field: str
    removed: bool
    ground: str
    begins: int | None = None
    ends: int | None = None
    voice: Voice | None = None
    mark: str = ""


@needs(Permission.DECIDE_REQUESTS)
def open_review(
    actor: Actor, work: UnitOfWork, /, request_id: int, *, keys: Keys = NO_KEYS
) -> Review:
    """Everything that is held about the customer of a verified request, with what is removed.

    `Refused` for a request that isn't answered with a disclosure or isn't verified.
    """
    request = requests.requested(work, request_id)
    found = _of_request(work, request_id)
    if found is None:
        found = Disclosure(
            request_id=request_id,
            customer_id=request.customer_id,
            state=PackState.REVIEWING.value,
            salt=secrets.token_hex(16),
            begun_at=work.now,
            begun_by=actor.user_id,
        )
        work.session.add(found)
        work.session.flush()
    if found.customer_id != request.customer_id:
        raise Refused("disclosure.other_customer")
    gathered = gather_for(actor, work, request, keys)
    review = review_of(work, found, request, gathered)
    record_reading(actor, work, "disclosure.collected", found, review.items())
    return review


@needs(Permission.DECIDE_REQUESTS)
def choose(
    actor: Actor, work: UnitOfWork, /, disclosure_id: int, wanted: Sequence[Wanted]
) -> tuple[Choice, ...]:
    """Remove things, or put them back, each on a ground of `grounds`; the choices that were made,
    for `Review.after`. A finished review is open again.

    A choice for something that isn't so any more removes it whole, or puts nothing back.
    """
    found = find(work, disclosure_id)
    if found.state == PackState.DELIVERED.value:
        raise Refused("disclosure.delivered")
    today = office_day(work)
    made = []
    for one in wanted:
        check_ground(one.ground, removes=one.removed, on=today)
        _check_piece(one)
        row = DisclosureChoice(
            disclosure_id=found.id,
            item=one.item,
            field=one.field,
            begins=one.begins,
            ends=one.ends,
            removed=one.removed,
            ground=one.ground,
            voice=(one.voice or Voice.BOTH).value if one.field == SOUND else None,
            mark=one.mark,
            chosen_at=work.now,
            chosen_by=actor.user_id,
        )
        work.session.add(row)
        work.session.flush()
        made.append(choice_of(row))
    if found.state == PackState.REVIEWED.value:
        found.state = PackState.REVIEWING.value
    record(
        actor,
        work,
        "disclosure.chosen",
        subject=("disclosure", found.id),
        request_id=found.request_id,
        removed=sum(one.removed for one in wanted),
        put_back=sum(not one.removed for one in wanted),
    )
    work.changed("disclosure", found.id)
    return tuple(made)


@needs(Permission.DECIDE_REQUESTS)
def finish_review(
    actor: Actor,
    work: UnitOfWork,
    /,
    disclosure_id: int,
    *,
    seen: Mapping[str, str],
    keys: Keys = NO_KEYS,
) -> None:
    """Release what was looked through; ``seen`` are the marks of what was (`Review.seen`).

    `Refused` while a recording or an attachment waits for the decision whether it is given out
    (``disclosure.undecided``), and if something has come since (``disclosure.changed``).
    """
    found = find(work, disclosure_id)
    if found.state == PackState.DELIVERED.value:
        raise Refused("disclosure.delivered")
    request = requests.requested(work, found.request_id)
    gathered = gather_for(actor, work, request, keys)
    items = review_of(work, found, request, gathered).items()
    marks = marks_of(found.salt, gathered.items)
    if marks != dict(seen):
        raise Refused("disclosure.changed")
    check_opened(items)
    undecided = sum(item.is_undecided for item in items)
    if undecided:
        raise Refused("disclosure.undecided", count=undecided)
    found.marks = marks
    found.state = PackState.REVIEWED.value
    found.reviewed_at, found.reviewed_by = work.now, actor.user_id
    record_reading(actor, work, "disclosure.reviewed", found, items)
    work.changed("disclosure", found.id)


def _check_piece(wanted: Wanted) -> None:
    begins, ends = wanted.begins, wanted.ends
    if wanted.field == SOUND and begins is None:
        raise Refused("disclosure.wrong_piece")
    if (begins is None) != (ends is None):
        raise Refused("disclosure.wrong_piece")
    if begins is not None and ends is not None and not 0 <= begins < ends:
        raise Refused("disclosure.wrong_piece")


def _of_request(work: UnitOfWork, request_id: int) -> Disclosure | None:
    return work.session.scalar(
        select(Disclosure).where(Disclosure.request_id == request_id).with_for_update()
    )
