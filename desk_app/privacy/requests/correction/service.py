"""Use cases of a correction: what is wanted where, disputes, and telling who had the old value."""

from desk_app.cases import history
from desk_app.cases.tasks import making
from desk_app.cases.tasks.model import CaseTask
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.requests import records
from desk_app.privacy.requests.correction.rules import Field, check_change
from desk_app.privacy.requests.correction.writing import before
from desk_app.privacy.requests.model import PrivacyCorrection, PrivacyRequest, PrivacyTold
from desk_app.privacy.requests.rules import CORRECTING, Act, Kind, State, after
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line


@needs(Permission.HANDLE_REQUESTS)
def want_change(
    actor: Actor,
    work: UnitOfWork,
    /,
    request_id: int,
    version: int,
    *,
    field: Field,
    wanted: str,
    contact_id: int | None = None,
    point_id: int | None = None,
) -> int:
    """Enter what is to stand in a field, before the request is decided; the new version.

    ``point_id`` is the telephone number on record that another replaces; without it, the number is
    added. ``contact_id`` for what a contact holds.
    """
    request = _correcting(work, request_id, version)
    after(State(request.state), Act.CHANGE)
    records.standing(work, request).check_identifiable()
    new = line(wanted, field="wanted")
    old = before(work, request, field, contact_id=contact_id, point_id=point_id)
    check_change(Kind(request.kind), field, before=old, wanted=new)
    row = PrivacyCorrection(
        request_id=request.id,
        field=field.value,
        contact_id=contact_id,
        point_id=point_id,
        wanted=new,
        entered_at=work.now,
        entered_by=actor.user_id,
    )
    work.session.add(row)
    work.session.flush()
    records.move(work, request, Act.CHANGE)
    particulars: dict[str, records.Token] = {"field": field.value, "correction_id": row.id}
    return records.step(actor, work, request, Act.CHANGE.value, particulars=particulars)


@needs(Permission.HANDLE_REQUESTS)
def drop_change(
    actor: Actor, work: UnitOfWork, /, request_id: int, version: int, *, correction_id: int
) -> int:
    """Take back what was entered amiss, before the request is decided."""
    request = _correcting(work, request_id, version)
    after(State(request.state), Act.CHANGE)
    row = _of(work, request, correction_id)
    work.session.delete(row)
    records.move(work, request, Act.CHANGE)
    particulars: dict[str, records.Token] = {"field": row.field, "dropped": True}
    return records.step(actor, work, request, Act.CHANGE.value, particulars=particulars)


@needs(Permission.HANDLE_REQUESTS)
def note_dispute(
    actor: Actor,
    work: UnitOfWork,
    /,
    request_id: int,
    version: int,
    *,
    correction_id: int,
    text: str,
) -> int:
    """Keep what the customer holds against it that a correction wasn't accepted. It stays with the
    request, and is disclosed with it."""
    request = _correcting(work, request_id, version)
    after(State(request.state), Act.DISPUTE)
    row = _of(work, request, correction_id)
    if row.accepted is not False:
        raise Refused("requests.no_such_change")
    row.dispute = history.required(text, field="note")
    records.move(work, request, Act.DISPUTE)
    particulars: dict[str, records.Token] = {"field": row.field, "correction_id": row.id}
    return records.step(
        actor, work, request, Act.DISPUTE.value, text=row.dispute, particulars=particulars
    )


@needs(Permission.HANDLE_REQUESTS)
def note_told(
    actor: Actor, work: UnitOfWork, /, request_id: int, version: int, *, told_id: int, how: str
) -> int:
    """A recipient of the old value was told of the new one, and how; its task is done with it."""
    request = _correcting(work, request_id, version)
    row = work.session.get(PrivacyTold, told_id)
    if row is None or row.request_id != request.id or row.told_at is not None:
        raise Refused("requests.no_recipient")
    after(State(request.state), Act.TELL)
    row.told_at, row.told_by = work.now, actor.user_id
    row.told_how = history.required(how, field="note")
    task = None if row.task_id is None else work.session.get(CaseTask, row.task_id)
    if task is not None and task.ended_at is None:
        making.end(actor, work, task, outcome=row.told_how)
    records.move(work, request, Act.TELL)
    return records.step(actor, work, request, Act.TELL.value, particulars={"told_id": row.id})


def _correcting(work: UnitOfWork, request_id: int, version: int) -> PrivacyRequest:
    request = records.find(work, request_id, version)
    if Kind(request.kind) not in CORRECTING:
        raise Refused("requests.no_changes_here")
    return request


def _of(work: UnitOfWork, request: PrivacyRequest, correction_id: int) -> PrivacyCorrection:
    row = work.session.get(PrivacyCorrection, correction_id)
    if row is None or row.request_id != request.id:
        raise Refused("requests.no_such_change")
    return row
