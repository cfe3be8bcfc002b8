"""The rows of a case's deadlines, kept true to what happens to it. Not a use case.

``CaseDeadline.calendars`` says which calendar counts from when: pairs of the instant from which on,
and the instant as at which the calendar is taken (ISO 8601). What had passed under one calendar
stays counted by it. `Case.due_at` follows: the earliest due time of the open deadlines.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import bindparam, func, select

from desk_app.cases.deadlines.model import CaseDeadline, CasePause, DeadlineMove
from desk_app.cases.deadlines.rules import DeadlineKind, MoveCause, earliest, pauses_for
from desk_app.cases.deadlines.statutory import rule_on
from desk_app.cases.model import Case
from desk_app.cases.rules import OPEN_STATES, CaseState, TargetKind
from desk_app.errors import Refused
from desk_app.hours.calendar import calendar_as_at, open_calendar
from desk_app.hours.explaining import end_of_day, warns_at
from desk_app.hours.reckoning import Pause, Run, reckon
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork

UNSETTLED = (CaseDeadline.met_at.is_(None), CaseDeadline.ended_at.is_(None))
_OPEN = (
    select(CaseDeadline)
    .where(CaseDeadline.case_id == bindparam("case"), *UNSETTLED)
    .order_by(CaseDeadline.id)
)
_PAUSES = select(CasePause).where(CasePause.case_id == bindparam("case")).order_by(CasePause.id)


def begin_first(
    work: UnitOfWork, case: Case, targets: Mapping[TargetKind, int], at: datetime
) -> None:
    """The targets of a case that is just being opened by what came in at ``at``: the case is
    added with them."""
    begun = [
        _begun(work, case, DeadlineKind(kind), 1, minutes, at, pauses=())
        for kind, minutes in targets.items()
    ]
    case.due_at = earliest(row.due_at for row in begun)
    work.session.add(case)
    work.session.flush()
    for row in begun:
        row.case_id = case.id
    work.session.add_all(begun)


def begin_again(
    work: UnitOfWork, case: Case, targets: Mapping[TargetKind, int], at: datetime
) -> None:
    """Another episode, with targets that run from ``at``; those before stay as they were."""
    episode = work.session.scalar(
        select(func.max(CaseDeadline.episode)).where(CaseDeadline.case_id == case.id)
    )
    pauses = pauses_of(work, case.id)
    for kind, minutes in targets.items():
        begin(work, case, DeadlineKind(kind), (episode or 0) + 1, minutes, at, pauses=pauses)
    refresh(work, case)


def begin_statutory(
    actor: Actor, work: UnitOfWork, case: Case, keys: Iterable[str], at: datetime
) -> None:
    """The clocks that what was learnt at ``at`` starts.

    One that runs already goes on; if this was known earlier than what started it, it is moved.
    """
    calendar = open_calendar(work)
    known_on = calendar.local(at).date()
    running = {row.rule: row for row in open_rows(work, case) if row.kind == DeadlineKind.STATUTORY}
    for key in sorted(set(keys)):
        row = running.get(key)
        if row is not None and row.known_on is not None:
            if known_on < row.known_on:
                correct_knowing(actor, work, row, known_on, reason="")
            continue
        rule = rule_on(key, known_on)
        if rule is None:
            continue
        due_on = rule.last_day(known_on)
        work.session.add(
            CaseDeadline(
                case_id=case.id,
                kind=DeadlineKind.STATUTORY.value,
                episode=max((one.episode for one in open_rows(work, case)), default=1),
                started_at=at,
                rule=key,
                rule_from=rule.effective_from,
                known_on=known_on,
                days=rule.days,
                due_at=end_of_day(calendar, due_on),
                warn_at=warns_at(calendar, known_on, due_on),
                calendars=[],
            )
        )
    refresh(work, case)


def moved(work: UnitOfWork, case: Case, before: CaseState, at: datetime | None = None) -> None:
    """The case has come from ``before`` to its present state, by what happened at ``at``."""
    at = min(at or work.now, work.now)
    state = CaseState(case.state)
    if state is CaseState.WAITING:
        work.session.add(CasePause(case_id=case.id, begins_at=work.now))
        _reckon_open(work, case)
    elif before is CaseState.WAITING:
        _end_pauses(work, case, at)
        _reckon_open(work, case)
    if state is CaseState.RESOLVED:
        for row in _open_targets(work, case):
            if row.kind == DeadlineKind.NEXT_UPDATE:
                row.ended_at = at
            else:
                row.met_at = at
    elif before is CaseState.RESOLVED and state in OPEN_STATES and state is not CaseState.REOPENED:
        _run_on(work, case)
    refresh(work, case)


def told(work: UnitOfWork, case: Case, at: datetime) -> None:
    """The customer was told something at ``at``: that is the first response, and an update."""
    pauses = pauses_of(work, case.id)
    for row in _open_targets(work, case):
        if at < row.started_at or row.kind == DeadlineKind.RESOLUTION:
            continue
        if row.kind == DeadlineKind.NEXT_UPDATE:
            if at == row.started_at:
                continue
            begin(
                work,
                case,
                DeadlineKind.NEXT_UPDATE,
                row.episode,
                row.minutes or 0,
                at,
                pauses=pauses,
            )
        if row.due_at is None:  # the customer is awaited: what is kept is when it would be due
            _reckon(work, row, [(begins, ends or at) for begins, ends in pauses])
        row.met_at = at
    refresh(work, case)


def made_graver(
    work: UnitOfWork, case: Case, targets: Mapping[TargetKind, int], at: datetime
) -> None:
    """What came in at ``at`` made an open case a graver one, and nobody is awaited: targets of
    the graver type run from then, where they are due before those that run already."""
    episode = 1
    open_rows: dict[str, CaseDeadline | None] = {}
    for row in _all_rows(work, case):
        if row.episode > episode:
            episode, open_rows = row.episode, {}
        if row.kind != DeadlineKind.STATUTORY:
            settled = row.met_at is not None or row.ended_at is not None
            open_rows[row.kind] = None if settled else row
    calendar, pauses = open_calendar(work), pauses_of(work, case.id)
    for kind, minutes in targets.items():
        old = open_rows.get(kind)
        if kind in open_rows:
            due_at = reckon(at, minutes, [Run(at, calendar)], pauses).due_at
            if old is None or old.due_at is None or due_at is None or due_at >= old.due_at:
                continue
            old.ended_at = max(at, old.started_at)
        begin(work, case, DeadlineKind(kind), episode, minutes, at, pauses=pauses)
    refresh(work, case)


def check_closing(work: UnitOfWork, case: Case) -> None:
    """`Refused` while a statutory clock runs: somebody has to say what became of the duty."""
    if any(row.kind == DeadlineKind.STATUTORY for row in open_rows(work, case)):
        raise Refused("cases.statutory_open")


def end_all(work: UnitOfWork, case: Case) -> None:
    """None of the open deadlines applies any more, e.g. because another case took over."""
    _end_pauses(work, case, work.now)
    _reckon_open(work, case)
    for row in open_rows(work, case):
        row.ended_at, row.warn_at = work.now, None
    refresh(work, case)


def settle_statutory(
    work: UnitOfWork,
    case: Case,
    row: CaseDeadline,
    *,
    met_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> None:
    """The duty is done, or there was none."""
    row.met_at, row.ended_at, row.warn_at = met_at, ended_at, None
    refresh(work, case)


def correct_knowing(
    actor: Actor, work: UnitOfWork, row: CaseDeadline, known_on: date, *, reason: str
) -> None:
    """Count an open statutory clock from another day, by the rule in force on that day."""
    rule = rule_on(row.rule or "", known_on)
    if rule is None:
        raise Refused("cases.no_such_rule_then")
    calendar = open_calendar(work)
    due_on = rule.last_day(known_on)
    row.known_on, row.rule_from, row.days = known_on, rule.effective_from, rule.days
    due_at = end_of_day(calendar, due_on)
    move_to(actor, work, row, due_at, cause=MoveCause.KNOWING, reason=reason)


def move_to(
    actor: Actor,
    work: UnitOfWork,
    row: CaseDeadline,
    due_at: datetime | None,
    *,
    cause: MoveCause,
    reason: str,
) -> None:
    """Give an open deadline another due time, by the calendar in force from now on; the old one
    is kept with the reason."""
    calendar = open_calendar(work)
    keep_move(actor, work, row, due_at, cause, reason)
    if row.known_on is not None and due_at is not None:
        row.warn_at = warns_at(calendar, row.known_on, calendar.local(due_at).date())
    else:
        in_force_from_now(work, row)
    refresh(work, work.session.get_one(Case, row.case_id))


def runs_of(work: UnitOfWork, row: CaseDeadline) -> list[Run]:
    """The calendars that a service target is reckoned by, each from when on it counts."""
    return [
        Run(
            datetime.fromisoformat(from_at),
            calendar_as_at(work, datetime.fromisoformat(as_at)),
        )
        for from_at, as_at in row.calendars
    ]


def pauses_of(work: UnitOfWork, case_id: int) -> list[Pause]:
    """When the customer was awaited."""
    return [(row.begins_at, row.ends_at) for row in _pauses(work, case_id)]


def keep_move(
    actor: Actor,
    work: UnitOfWork,
    row: CaseDeadline,
    due_at: datetime | None,
    cause: MoveCause,
    reason: str,
) -> None:
    """Write another due time into a row, and keep the old one with the reason."""
    work.session.add(
        DeadlineMove(
            deadline_id=row.id,
            at=work.now,
            user_id=actor.user_id,
            cause=cause.value,
            reason=reason,
            old_due_at=row.due_at,
            new_due_at=due_at,
        )
    )
    row.due_at = due_at


def begin(
    work: UnitOfWork,
    case: Case,
    kind: DeadlineKind,
    episode: int,
    minutes: int,
    at: datetime,
    *,
    pauses: Iterable[Pause],
) -> None:
    work.session.add(_begun(work, case, kind, episode, minutes, at, pauses=pauses))


def _begun(
    work: UnitOfWork,
    case: Case,
    kind: DeadlineKind,
    episode: int,
    minutes: int,
    at: datetime,
    *,
    pauses: Iterable[Pause],
) -> CaseDeadline:
    row = CaseDeadline(
        case_id=case.id,
        kind=kind.value,
        episode=episode,
        started_at=at,
        minutes=minutes,
        calendars=[[at.isoformat(), work.now.isoformat()]],
    )
    _reckon(work, row, pauses)
    return row


def _reckon(work: UnitOfWork, row: CaseDeadline, pauses: Iterable[Pause]) -> None:
    in_force_from_now(work, row)
    counted = pauses_for(row.came_with, pauses)
    row.due_at = reckon(row.started_at, row.minutes or 0, runs_of(work, row), counted).due_at


def _reckon_open(work: UnitOfWork, case: Case) -> None:
    pauses = pauses_of(work, case.id)
    for row in _open_targets(work, case):
        _reckon(work, row, pauses)


def in_force_from_now(work: UnitOfWork, row: CaseDeadline) -> None:
    """Let the present calendar count from now on, unless it does already."""
    if not runs_of(work, row)[-1].calendar.same_hours(open_calendar(work)):
        now = work.now.isoformat()
        row.calendars = [*row.calendars, [now, now]]


def _end_pauses(work: UnitOfWork, case: Case, at: datetime) -> None:
    for pause in _pauses(work, case.id):
        if pause.ends_at is None:
            pause.ends_at = max(at, pause.begins_at)


def _run_on(work: UnitOfWork, case: Case) -> None:
    """The resolution was not accepted: what it met or ended last is open again."""
    targets = [row for row in _all_rows(work, case) if row.kind != DeadlineKind.STATUTORY]
    episode = max((row.episode for row in targets), default=1)
    last = {row.kind: row for row in targets if row.episode == episode}
    for kind in (DeadlineKind.RESOLUTION, DeadlineKind.NEXT_UPDATE):
        if kind.value in last:
            last[kind.value].met_at = last[kind.value].ended_at = None


def _pauses(work: UnitOfWork, case_id: int) -> list[CasePause]:
    return list(work.session.scalars(_PAUSES, {"case": case_id}))


def open_rows(work: UnitOfWork, case: Case) -> list[CaseDeadline]:
    return list(work.session.scalars(_OPEN, {"case": case.id}))


def _all_rows(work: UnitOfWork, case: Case) -> list[CaseDeadline]:
    rows = select(CaseDeadline).where(CaseDeadline.case_id == case.id).order_by(CaseDeadline.id)
    return list(work.session.scalars(rows))


def _open_targets(work: UnitOfWork, case: Case) -> list[CaseDeadline]:
    return [row for row in open_rows(work, case) if row.kind != DeadlineKind.STATUTORY]


def refresh(work: UnitOfWork, case: Case) -> None:
    case.due_at = earliest(row.due_at for row in open_rows(work, case))
