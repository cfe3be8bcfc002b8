"""Retention as the officer reads it: rules, what falls due, runs. Ids and numbers only."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from desk_app.audit.log import record
from desk_app.audit.verify import keys_given
from desk_app.backup.registry import OFFICE_ID
from desk_app.backup.rules import ErasedKind
from desk_app.calls.reading import staff_names
from desk_app.cases.types import catalogue
from desk_app.customers.model import Customer
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.settings import setting
from desk_app.people.standing import person_id, terms_of
from desk_app.privacy.erasure.certificate import instant
from desk_app.privacy.erasure.entering import standing_of
from desk_app.privacy.retention import law, rules
from desk_app.privacy.retention.model import RetentionItem, RetentionRun
from desk_app.privacy.retention.pages import (
    KindRow,
    OpenedThing,
    PreviewPage,
    RuleRow,
    RulesPage,
    RunRow,
    ThingRow,
    ThingsPage,
)
from desk_app.privacy.retention.preview import counted, page
from desk_app.privacy.retention.receipt import digest_of, read
from desk_app.privacy.retention.rules import (
    ItemState,
    Kind,
    Rule,
    RuleState,
    RunState,
    Verdict,
    Why,
)
from desk_app.privacy.retention.things import SUBJECTS, Place, Thing, load
from desk_app.storage.unit_of_work import UnitOfWork

SHOWN = 200


@needs(Permission.APPROVE_REQUESTS)
def rules_page(actor: Actor, work: UnitOfWork, /) -> RulesPage:
    """Every version of every rule with where it comes from, and kinds that have none."""
    today, names = law.today(work), staff_names(actor, work)
    types = {key: one.name for key, one in catalogue.in_force(work).items()}
    mine = person_id(work, actor.user_id)
    entered = law.revisions(work, *RuleState)
    approved = [law.rule_of(one) for one in entered if one.state == RuleState.APPROVED]
    counting = rules.in_force((*law.brought(), *approved), today)

    def label(rule: Rule) -> Any:
        return None if rule.case_type is None else types.get(rule.case_type)

    rows = [
        RuleRow(rule, label(rule), None, rule in counting, "", "", None, False)
        for rule in law.brought()
    ]
    for one in entered:
        rule = law.rule_of(one)
        rows.append(
            RuleRow(
                rule=rule,
                case_type=label(rule),
                state=RuleState(one.state),
                counts=one.state == RuleState.APPROVED and rule in counting,
                entered_by=names.get(one.entered_by, ""),
                decided_by=names.get(one.decided_by or 0, ""),
                decided_at=one.decided_at,
                is_own=person_id(work, one.entered_by) == mine,
            )
        )
    order = list(Kind)
    rows.sort(
        key=lambda row: (
            order.index(row.rule.kind),
            row.rule.case_type or "",
            -row.rule.effective_from.toordinal(),
        )
    )
    ruled = {rule.kind for rule in counting} | {Kind.ORIGINALS}
    return RulesPage(
        today,
        tuple(rows),
        tuple(kind for kind in Kind if kind not in ruled),
        tuple(types.items()),
    )


@needs(Permission.RETAIN)
def preview(actor: Actor, work: UnitOfWork, /, day: date | None = None) -> PreviewPage:
    """How much of each kind falls due on a day, counted up to a thousand, and what is kept.

    ``Refused("retention.day_past")`` for a day that has gone, ``retention.day_far`` for one that
    nobody can foresee.
    """
    today = law.today(work)
    if day is not None and day < today:
        raise Refused("retention.day_past")
    _check_near(day or today)
    by = law.counting(work, day or today)
    rows = tuple(KindRow(kind, by.all_of(kind), counted(work, kind, by)) for kind in Kind)
    return PreviewPage(by.day, by.day == today, rows)


@needs(Permission.RETAIN)
def things(
    actor: Actor,
    work: UnitOfWork,
    /,
    kind: Kind,
    day: date,
    *,
    kept: bool = False,
    after: tuple[ErasedKind, Place | None] | None = None,
) -> ThingsPage:
    """What of a kind falls due, or what its rule would let go and something else keeps: by id and
    number, a page at a time."""
    _check_near(day)
    by, rows = law.counting(work, day), []
    subjects = SUBJECTS.get(kind, ())
    if not subjects:
        return ThingsPage((), None)
    subject, place = after or (subjects[0], None)
    while True:
        found, place = page(work, subject, by, kept=kept, after=place, limit=SHOWN)
        rows += [_row(thing, verdict) for thing, verdict in found]
        if place is None:
            at = subjects.index(subject) + 1
            if at == len(subjects):
                return ThingsPage(tuple(rows), None)
            subject = subjects[at]
        if len(rows) >= SHOWN:
            return ThingsPage(tuple(rows), (subject, place))


@needs(Permission.RETAIN)
def open_thing(
    actor: Actor, work: UnitOfWork, /, subject: ErasedKind, id: int, *, day: date
) -> OpenedThing:
    """Whose it is. Audited: run it with a commit."""
    _check_near(day)
    thing = load(work, subject, (id,), law.counting(work, day)).get(id)
    if thing is None:
        raise Refused("retention.gone")
    name = ""
    if thing.customer_id is not None:
        name = (
            work.session.scalar(select(Customer.name).where(Customer.id == thing.customer_id)) or ""
        )
    record(
        actor,
        work,
        "retention.opened",
        subject=(subject.value, id),
        customer_id=thing.customer_id,
    )
    return OpenedThing(subject, id, name)


@needs(Permission.APPROVE_REQUESTS)
def runs(actor: Actor, work: UnitOfWork, /) -> tuple[RunRow, ...]:
    """The latest runs, the newest first."""
    found = work.session.scalars(
        select(RetentionRun).order_by(RetentionRun.id.desc()).limit(SHOWN)
    ).all()
    states: dict[int, dict[str, int]] = defaultdict(dict)
    spared: dict[int, dict[Why, int]] = defaultdict(dict)
    for run_id, state, why, count in work.session.execute(
        select(RetentionItem.run_id, RetentionItem.state, RetentionItem.why, func.count())
        .where(RetentionItem.run_id.in_([one.id for one in found]))
        .group_by(RetentionItem.run_id, RetentionItem.state, RetentionItem.why)
    ):
        if why is not None:
            spared[run_id][Why(why)] = count
        else:
            states[run_id][state] = count
    names, mine = staff_names(actor, work), person_id(work, actor.user_id)
    return tuple(
        RunRow(
            id=one.id,
            state=RunState(one.state),
            kinds=tuple(map(Kind, one.kinds)),
            day=one.day,
            waiting=states[one.id].get(ItemState.WAITING.value, 0),
            removed=states[one.id].get(ItemState.REMOVED.value, 0),
            spared=spared[one.id],
            drawn_up_at=one.drawn_up_at,
            drawn_up_by=names.get(one.drawn_up_by, ""),
            approved_by=names.get(one.approved_by or 0, ""),
            is_own=person_id(work, one.drawn_up_by) == mine,
            erasure_id=one.erasure_id,
            ended_at=one.ended_at,
            has_receipt=one.receipt is not None,
        )
        for one in found
    )


@needs(Permission.HOLD_AND_ERASE)
def receipt_facts(actor: Actor, work: UnitOfWork, /, run_id: int) -> dict[str, Any]:
    """What the receipt of a run says, for whoever carries it out to sign."""
    run = work.session.get(RetentionRun, run_id)
    if run is None or run.approved_at is None:
        raise Refused("retention.not_found")
    items = work.session.scalars(select(RetentionItem).where(RetentionItem.run_id == run_id)).all()
    removed = [(one.subject, one.subject_id) for one in items if one.state == ItemState.REMOVED]
    counts: dict[str, int] = defaultdict(int)
    spared: dict[str, int] = defaultdict(int)
    for one in items:
        if one.state == ItemState.REMOVED:
            counts[one.subject] += 1
        else:
            spared[one.why or one.state] += 1
    erasure = None if run.erasure_id is None else standing_of(work, run.erasure_id)
    certificate = erasure.certificate if erasure is not None else None
    gone_at = erasure.erased_at if erasure is not None else None
    judged_on = law.day_of(work, gone_at or work.now)  # anew, right before it went
    kinds = set(run.kinds)
    return {
        "office": setting(work, OFFICE_ID),
        "run": run.id,
        "day": run.day.isoformat(),
        "judged_on": judged_on.isoformat(),
        "rules": [
            [one.kind.value, one.case_type, one.months, one.effective_from.isoformat()]
            for one in law.counting(work, judged_on).rules
            if one.kind.value in kinds or kinds & one.also
        ],
        "drawn_up": [run.drawn_up_by, instant(run.drawn_up_at), run.digest],
        "approved": [run.approved_by, instant(run.approved_at)],
        "removed": dict(counts),
        "spared": dict(spared),
        "digest": digest_of(removed),
        "erasure": run.erasure_id,
        "certificate": None if certificate is None else sha256(certificate.encode()).hexdigest(),
        "ended_at": instant(work.now),
    }


@needs(Permission.READ_AUDIT)
def is_genuine(actor: Actor, work: UnitOfWork, /, said: Mapping[str, Any]) -> bool:
    """Whether what `receipt.read` gave was signed by an officer of this office, with a key that the
    log gave them, in a term in which they might; and is of what that run removed, and says nothing
    else than this office's own does."""
    by, run_id, at = said.get("by"), said.get("run"), said.get("ended_at")
    if not (isinstance(by, int) and isinstance(run_id, int) and isinstance(at, str)):
        return False
    if not 0 <= run_id < 1 << 63:
        return False
    run = work.session.get(RetentionRun, run_id)
    if run is None or (run.receipt is not None and read(run.receipt) != dict(said)):
        return False
    terms = terms_of(work, Permission.HOLD_AND_ERASE).get(by, ())
    removed = work.session.execute(
        select(RetentionItem.subject, RetentionItem.subject_id).where(
            RetentionItem.run_id == run_id, RetentionItem.state == ItemState.REMOVED.value
        )
    )
    return (
        said.get("office") == setting(work, OFFICE_ID)
        and said.get("verify_key") in keys_given(work).get(by, ())
        and any(term.covers(datetime.fromisoformat(at)) for term in terms)
        and said.get("digest") == digest_of((row.subject, row.subject_id) for row in removed)
    )


def _check_near(day: date) -> None:
    if day > rules.LAST_DAY:
        raise Refused("retention.day_far", last=rules.LAST_DAY)


def _row(thing: Thing, verdict: Verdict) -> ThingRow:
    by = verdict.by
    return ThingRow(
        subject=thing.subject,
        id=thing.id,
        number=thing.number,
        why=verdict.why,
        by=None if by is None else by.kind,
        by_type=None if by is None or by.rule is None else by.rule.case_type,
        until=verdict.until,
    )
