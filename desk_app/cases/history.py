"""Finding a case, moving it as the table says, and the timeline. Not a use case."""

from datetime import datetime

from sqlalchemy import select

from desk_app.cases import deadlines
from desk_app.cases.deadlines import Target
from desk_app.cases.model import Case, TimelineEntry
from desk_app.cases.rules import CaseAct, CaseState, EntryKind, after
from desk_app.errors import Refused
from desk_app.hours.calendar import load
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork


def find(work: UnitOfWork, case_id: int, version: int | None = None) -> Case:
    """The case, locked where the engine locks rows.

    With ``version``, `Refused("storage.conflict")` if the case has changed since then.
    """
    case = work.session.scalar(select(Case).where(Case.id == case_id).with_for_update())
    if case is None:
        raise Refused("cases.not_found")
    if version is not None and case.version != version:
        raise Refused("storage.conflict")
    return case


def move(work: UnitOfWork, case: Case, act: CaseAct) -> None:
    """Apply an act: the next state, and the service target that goes with it."""
    before = CaseState(case.state)
    state = after(before, act)
    case.state = state.value
    if state is before:
        return
    hours = load(work)
    target = Target(case.due_at, case.remaining_minutes)
    if state is CaseState.REOPENED:
        target = deadlines.begin(hours, work.now, case.target_minutes or 0)
        case.resolution, case.resolution_text, case.resolved_at = None, "", None
        case.closed_at, case.closed_by, case.spot_check = None, None, False
    elif state is CaseState.WAITING:
        target = deadlines.pause(hours, target, work.now)
    elif before is CaseState.WAITING:
        target = deadlines.resume(hours, target, work.now)
    case.due_at, case.remaining_minutes = target.due_at, target.remaining_minutes


def tell(
    actor: Actor,
    work: UnitOfWork,
    case: Case,
    kind: EntryKind,
    *,
    text: str = "",
    **particulars: int | str | bool | datetime | None,
) -> None:
    """Add an entry to the timeline; instants are kept in ISO 8601."""
    work.session.add(
        TimelineEntry(
            case_id=case.id,
            at=work.now,
            user_id=actor.user_id,
            kind=kind.value,
            text=text,
            particulars={
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in particulars.items()
            },
        )
    )
