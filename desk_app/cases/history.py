"""Finding a case, moving it as the table says, and the timeline. Not a use case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from desk_app.audit.log import record
from desk_app.cases.approval.records import lapse
from desk_app.cases.deadlines import keeping
from desk_app.cases.model import Case, TimelineEntry
from desk_app.cases.rules import CaseAct, CaseState, EntryKind, after
from desk_app.cases.types import case_type
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.storage.erased import is_erased
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose

_ENDS = frozenset({CaseAct.RESOLVE, CaseAct.CLOSE})


def find(
    work: UnitOfWork, case_id: int, version: int | None = None, *, even_merged: bool = False
) -> Case:
    """The case, locked where the engine locks rows.

    One that was merged is `Refused`: nothing is done to it but undoing the merge. So is one that
    was erased.
    With ``version``, `Refused("storage.conflict")` if the case has changed since then.
    """
    case = work.session.scalar(select(Case).where(Case.id == case_id).with_for_update())
    if case is None:
        raise Refused("cases.not_found")
    if case.state == CaseState.MERGED and not even_merged:
        raise Refused("cases.is_merged")
    if is_erased(work, "case", case_id):
        raise Refused("cases.erased")
    if version is not None and case.version != version:
        raise Refused("storage.conflict")
    return case


def move(work: UnitOfWork, case: Case, act: CaseAct, *, at: datetime | None = None) -> None:
    """Apply an act: the next state, and the deadlines that go with it.

    ``at`` is when what is entered now really happened, e.g. when a letter came in.
    """
    before = CaseState(case.state)
    state = after(before, act)
    if act in _ENDS and case.workflow_since is not None:
        raise Refused("cases.workflow_open")
    if act is CaseAct.CLOSE:
        keeping.check_closing(work, case)
    case.state = state.value
    if state is before:
        return
    if before is CaseState.RESOLVED:
        lapse(work, case)
    keeping.moved(work, case, before, at)
    if act is CaseAct.REFUSE:
        case.resolution, case.resolution_text, case.resolved_at = None, "", None
    if state is CaseState.REOPENED:
        begins_at = max(at or work.now, case.resolved_at or case.opened_at)
        keeping.begin_again(work, case, case_type(work, case.case_type).targets, begins_at)
        case.resolution, case.resolution_text, case.resolved_at = None, "", None
        case.closed_at, case.closed_by, case.spot_check = None, None, False
        case.stage = None


def tell(
    actor: Actor,
    work: UnitOfWork,
    case: Case,
    kind: EntryKind,
    *,
    text: str = "",
    **particulars: int | str | bool | datetime | Sequence[dict[str, str]] | None,
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


def touch(case: Case) -> None:
    """Give the case a new version although what changed lies in rows of its own."""
    flag_modified(case, "stage")


def required(text: str, *, field: str) -> str:
    """What was written, cleaned; `Refused` if that is nothing."""
    written = prose(text, field=field)
    if not written:
        raise Refused("cases.needs_text", field=field)
    return written


def changed(actor: Actor, work: UnitOfWork, case: Case, act: CaseAct, **particulars: Any) -> int:
    """Tell pages, index and audit log of a change; the case's new version."""
    work.session.flush()
    work.changed("case", case.id)
    record(
        actor,
        work,
        "case.changed",
        subject=("case", case.id),
        act=act.value,
        state=case.state,
        **particulars,
    )
    return case.version
