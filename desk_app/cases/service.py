"""Use cases of a case: opened by a contact, worked on, resolved, closed.

Every change expects the version that the page showed, and returns the new one: if somebody
else changed the case since, it is `Refused("storage.conflict")` and nothing is written. Every
change leaves an entry on the case's timeline: who, when, why.
"""

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from desk_app.audit.log import record
from desk_app.calls import saving
from desk_app.calls.endings import Answered, CallOnly, Ending, JoinCase, NewCase
from desk_app.calls.form import ContactForm
from desk_app.calls.reading import staff_names
from desk_app.cases import deadlines, ends, reading
from desk_app.cases.approval import approving
from desk_app.cases.history import changed, find, move, required, tell
from desk_app.cases.linking.family import closers
from desk_app.cases.model import Case, CaseContact
from desk_app.cases.pages import CasePage, CaseRow, SavedContact
from desk_app.cases.rules import CaseAct, CaseState, EntryKind, Resolution
from desk_app.cases.tasks.reading import has_open_task
from desk_app.cases.types import case_type
from desk_app.cases.voluntary import check_step
from desk_app.customers.steps import Step
from desk_app.errors import NotPermitted, Refused
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes.rules import Act as UseAct
from desk_app.purposes.rules import Use
from desk_app.purposes.uses import require_use
from desk_app.storage.erased import is_erased
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose


@needs(Permission.FINISH_CALL)
def save_contact(
    actor: Actor, work: UnitOfWork, /, contact_id: int, form: ContactForm, ending: Ending
) -> SavedContact:
    """Save a contact with one of its four ends, once.

    The same save sent again (the desk didn't hear that the first was committed) gives the same
    answer; another content for a saved contact is `Refused("calls.already_saved")`. The draft
    is the caller's to keep until this has been committed.
    """
    prepared = saving.prepare(actor, work, contact_id, form, ending)
    if prepared is None:
        return SavedContact(contact_id, _case_of(work, contact_id))
    for inquiry in prepared.form.inquiries:
        if not case_type(work, inquiry.category).is_active:
            raise Refused("cases.type_not_active")
    case: Case | None = None
    match ending:
        case CallOnly():
            pass
        case Answered():
            case = ends.open_from(actor, work, prepared)
            ends.answer_at_once(actor, work, case, prepared)
            approving.ask_at_once(actor, work, case)
        case NewCase(assignee_id=assignee_id):
            case = ends.open_from(actor, work, prepared)
            ends.tell_customer_in(work, case, prepared)
            if assignee_id is not None:
                ends.assign_to(actor, work, case, assignee_id, reason="")
            else:
                ends.assign_to_who_took_over(actor, work, case, contact_id)
            ends.keep_promise_of(actor, work, case, prepared)
        case JoinCase(case_id=case_id):
            case = ends.join(actor, work, case_id, prepared)
            ends.keep_promise_of(actor, work, case, prepared)
    saving.complete(actor, work, prepared, case_id=case.id if case else None)
    if case is not None:
        joined = CaseContact(case_id=case.id, contact_id=contact_id, joined_at=work.now)
        work.session.add(joined)
        work.session.flush()
        work.changed("case", case.id)
    record(
        actor,
        work,
        "contact.saved",
        subject=("contact", contact_id),
        purpose=prepared.form.purpose if case else None,
        ending=ending.kind.value,
        case_id=case.id if case else None,
    )
    return SavedContact(contact_id, case.id if case else None)


@needs(Permission.READ_CASES)
def open_case(actor: Actor, work: UnitOfWork, /, case_id: int, *, purpose: Use) -> CasePage:
    """Everything about a case; the opening is audited before anything is shown. One that was
    merged leads to the case in which it goes on. `Refused` for a use of the customer's data that
    may not be, and for one that was erased; the entry says whether the case is the actor's own."""
    if is_erased(work, "case", case_id):
        raise Refused("cases.erased")
    page = reading.case_page(actor, work, case_id)
    require_use(
        work,
        customer_id=page.customer.id if page.customer else None,
        purpose=purpose,
        act=UseAct.VIEW,
        case_id=page.id,
        asked_at=page.opened_at,
    )
    record(
        actor,
        work,
        "case.opened",
        subject=("case", page.id),
        purpose=purpose.value,
        own=page.assignee_id == actor.user_id,
    )
    return page


@needs(Permission.WORK_CASES)
def assign(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    version: int,
    *,
    assignee_id: int,
    reason: str = "",
) -> int:
    """Give the case to a colleague, or take it up; a new case is then in progress."""
    case = find(work, case_id, version)
    ends.assign_to(actor, work, case, assignee_id, reason=prose(reason, field="reason"))
    return changed(actor, work, case, CaseAct.ASSIGN, assignee_id=assignee_id)


@needs(Permission.WORK_CASES)
def add_note(actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, text: str) -> int:
    """Write a note on the timeline. A note changes nothing else: it is kept whatever the case
    has become since ``version``, and of two which are written at once both are."""
    case = find(work, case_id)
    move(work, case, CaseAct.NOTE)
    tell(actor, work, case, EntryKind.NOTE, text=required(text, field="note"))
    return changed(actor, work, case, CaseAct.NOTE)


@needs(Permission.WORK_CASES)
def promise_callback(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    version: int,
    *,
    at: datetime,
    reason: str = "",
) -> int:
    """Promise to call back at a coming time within the office's hours; a later promise takes
    the place of the earlier. `Refused` if the number was declined and none is known."""
    case = find(work, case_id, version)
    deadlines.check_callback(open_calendar(work), at, work.now)
    check_step(work, case, Step.CALL_BACK)
    move(work, case, CaseAct.PROMISE)
    case.callback_due_at = at
    tell(
        actor,
        work,
        case,
        EntryKind.CALLBACK_PROMISED,
        text=prose(reason, field="reason"),
        promised_for=at,
    )
    return changed(actor, work, case, CaseAct.PROMISE)


@needs(Permission.WORK_CASES)
def withdraw_callback(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, reason: str
) -> int:
    """Take a promised call-back off the case, with the reason."""
    case = find(work, case_id, version)
    if case.callback_due_at is None:
        raise Refused("cases.no_callback")
    move(work, case, CaseAct.PROMISE)
    tell(
        actor,
        work,
        case,
        EntryKind.CALLBACK_WITHDRAWN,
        text=required(reason, field="reason"),
        promised_for=case.callback_due_at,
    )
    case.callback_due_at = None
    return changed(actor, work, case, CaseAct.PROMISE)


@needs(Permission.WORK_CASES)
def wait_for_customer(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, reason: str
) -> int:
    """Pause the service targets until the customer has done their part."""
    case = find(work, case_id, version)
    move(work, case, CaseAct.WAIT)
    tell(
        actor,
        work,
        case,
        EntryKind.WAITING,
        text=required(reason, field="reason"),
    )
    return changed(actor, work, case, CaseAct.WAIT)


@needs(Permission.WORK_CASES)
def resume(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, reason: str = ""
) -> int:
    """Go on with a case that waited; what was left of its targets begins to run again."""
    case = find(work, case_id, version)
    move(work, case, CaseAct.RESUME)
    tell(
        actor,
        work,
        case,
        EntryKind.RESUMED,
        text=prose(reason, field="reason"),
        due_at=case.due_at,
    )
    return changed(actor, work, case, CaseAct.RESUME)


@needs(Permission.WORK_CASES)
def resolve(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    version: int,
    *,
    resolution: Resolution,
    text: str,
) -> int:
    """Say how the case ended. Types of closing level 0 are closed by this.

    `Refused("cases.callback_open")` while a promised call-back is neither kept nor withdrawn, and
    ``tasks.still_open`` while a task or a department's answer is awaited.
    """
    case = find(work, case_id, version)
    if case.callback_due_at is not None:
        raise Refused("cases.callback_open")
    if has_open_task(work, case.id):
        raise Refused("tasks.still_open")
    ends.settle(actor, work, case, resolution, required(text, field="resolution"))
    return changed(actor, work, case, CaseAct.RESOLVE, resolution=resolution.value)


@needs(Permission.WORK_CASES)
def close(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, reason: str = ""
) -> int:
    """Close a resolved case. Where the type wants an approval, this is the last one that is
    missing: by whom, see `cases.approval`."""
    case = find(work, case_id, version)
    if case_type(work, case.case_type).closing_level.approvals:
        approving.approve_last(actor, work, case, reason=prose(reason, field="reason"))
    else:
        ends.finish(actor, work, case, reason=prose(reason, field="reason"))
    return changed(actor, work, case, CaseAct.CLOSE)


@needs(Permission.WORK_CASES)
def reopen(actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, reason: str) -> int:
    """Take a resolved or closed case up again, with targets that begin now."""
    case = find(work, case_id, version)
    move(work, case, CaseAct.REOPEN)
    tell(
        actor,
        work,
        case,
        EntryKind.REOPENED,
        text=required(reason, field="reason"),
        due_at=case.due_at,
    )
    return changed(actor, work, case, CaseAct.REOPEN)


@needs(Permission.CLOSE_SUPERVISED)
def draw_spot_checks(actor: Actor, work: UnitOfWork, /, *, count: int = 5) -> tuple[CaseRow, ...]:
    """Some of the cases that closed without a second look, drawn by lot; audited like an
    opening. Cases that the actor closed are left to others, also where they went on in another."""
    names = staff_names(actor, work)
    merged = aliased(Case)
    drawn = work.session.scalars(
        select(Case)
        .where(
            Case.spot_check,
            Case.state == CaseState.CLOSED.value,
            Case.closed_by != actor.user_id,
            ~exists().where(
                merged.merged_into_id == Case.id,
                merged.spot_check,
                merged.closed_by == actor.user_id,
            ),
        )
        .order_by(func.random())
        .limit(count)
    ).all()
    record(actor, work, "case.spot_checks_drawn", ids=sorted(case.id for case in drawn))
    return tuple(reading.case_row(case, names) for case in drawn)


@needs(Permission.CLOSE_SUPERVISED)
def pass_spot_check(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, remark: str = ""
) -> int:
    """Keep that a supervisor found a closed case in order; if it isn't, it is reopened."""
    case = find(work, case_id, version)
    move(work, case, CaseAct.SPOT_CHECK)
    if not case.spot_check:
        raise Refused("cases.no_spot_check")
    if actor.user_id in closers(work, case):
        raise NotPermitted("cases.own_spot_check")
    case.spot_check = False
    tell(actor, work, case, EntryKind.SPOT_CHECKED, text=prose(remark, field="remark"))
    return changed(actor, work, case, CaseAct.SPOT_CHECK)


def _case_of(work: UnitOfWork, contact_id: int) -> int | None:
    return work.session.scalar(
        select(CaseContact.case_id)
        .where(CaseContact.contact_id == contact_id)
        .order_by(CaseContact.joined_at, CaseContact.case_id)
        .limit(1)
    )
