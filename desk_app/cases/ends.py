"""What the ends of a contact leave behind: a case opened, answered at once, or joined.

Not a use case: `service.save_contact` is.
"""

from datetime import datetime

from desk_app.calls.rules import REACHED, Disposition, NextStep
from desk_app.calls.saving import Prepared
from desk_app.cases import deadlines
from desk_app.cases.deadlines import keeping
from desk_app.cases.deadlines.rules import tells_customer
from desk_app.cases.details.records import check_at_once, check_ready
from desk_app.cases.history import find, move, tell
from desk_app.cases.linking.family import survivor
from desk_app.cases.model import Case
from desk_app.cases.rules import (
    OPEN_STATES,
    CaseAct,
    CaseState,
    ClosingLevel,
    EntryKind,
    Resolution,
)
from desk_app.cases.types import case_type, gravest
from desk_app.errors import Refused
from desk_app.help_calls.finding import taken_over_by
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor
from desk_app.people.views import colleagues
from desk_app.sensitive.placeholders import cut
from desk_app.storage.unit_of_work import UnitOfWork

SUBJECT_CHARACTERS = 120


def open_from(actor: Actor, work: UnitOfWork, prepared: Prepared) -> Case:
    """A new case of the gravest type among the inquiries, due from when they came in."""
    inquiries = prepared.form.written_inquiries()
    kind = gravest(work, [inquiry.category for inquiry in inquiries])
    case = Case(
        case_type=kind.key,
        state=CaseState.NEW.value,
        subject=cut(inquiries[0].text.splitlines()[0], SUBJECT_CHARACTERS),
        customer_id=prepared.customer_id,
        opened_at=work.now,
        opened_by=actor.user_id,
    )
    keeping.begin_first(work, case, kind.targets, prepared.received_at)
    _begin_statutory(actor, work, case, prepared)
    tell(
        actor,
        work,
        case,
        EntryKind.OPENED,
        contact_id=prepared.contact_id,
        due_at=case.due_at,
    )
    return case


def answer_at_once(actor: Actor, work: UnitOfWork, case: Case, prepared: Prepared) -> None:
    """Resolve the case with the answers that were given while the contact lasted."""
    check_at_once(case_type(work, case.case_type))
    answers = [inquiry.answer for inquiry in prepared.form.inquiries if inquiry.answer]
    settle(
        actor,
        work,
        case,
        Resolution.ANSWERED,
        "\n\n".join(answers),
        at=prepared.ended_at,
    )


def tell_customer_in(work: UnitOfWork, case: Case, prepared: Prepared) -> None:
    """What the customer was told in a contact counts as a response and an update."""
    form = prepared.form
    if tells_customer(
        outbound=prepared.outbound,
        disposition=form.disposition,
        answered=any(inquiry.answer for inquiry in form.inquiries),
    ):
        keeping.told(work, case, min(prepared.ended_at or work.now, work.now))


def _begin_statutory(actor: Actor, work: UnitOfWork, case: Case, prepared: Prepared) -> None:
    """The clocks of all inquiries, not only of the gravest: each has been learnt of now."""
    kinds = [case_type(work, inquiry.category) for inquiry in prepared.form.written_inquiries()]
    keys = [kind.statutory for kind in kinds if kind.statutory]
    if keys:
        keeping.begin_statutory(actor, work, case, keys, prepared.received_at)


def settle(
    actor: Actor,
    work: UnitOfWork,
    case: Case,
    resolution: Resolution,
    text: str,
    *,
    at: datetime | None = None,
) -> None:
    """Resolve; a type of closing level 0 closes at once and is spot-checked later."""
    check_ready(work, case, closing=False)
    move(work, case, CaseAct.RESOLVE, at=at)
    case.resolution, case.resolution_text = resolution.value, text
    case.resolved_at = work.now
    tell(actor, work, case, EntryKind.RESOLVED, text=text, resolution=resolution.value)
    if case_type(work, case.case_type).closing_level is ClosingLevel.AT_ONCE:
        finish(actor, work, case, reason="")
        case.spot_check = True


def finish(actor: Actor, work: UnitOfWork, case: Case, *, reason: str) -> None:
    """Close a resolved case; of the stages of its type it is then at the last."""
    check_ready(work, case, closing=True)
    move(work, case, CaseAct.CLOSE)
    stages = case_type(work, case.case_type).stages
    case.stage = stages[-1].key if stages else None
    case.closed_at, case.closed_by = work.now, actor.user_id
    tell(actor, work, case, EntryKind.CLOSED, text=reason)


def join(actor: Actor, work: UnitOfWork, case_id: int, prepared: Prepared) -> Case:
    """Let a contact belong to a case that exists.

    A contact that leaves something to do takes the case up again, closed or not; so does one that
    starts a statutory clock, which nobody would see on a case that is over. A graver
    inquiry makes the case graver, so that a complaint can't be closed as a question. If the case
    was merged meanwhile, the contact joins the one in which it goes on.
    """
    case = find(work, survivor(work, case_id))
    form = prepared.form
    kinds = [inquiry.category for inquiry in form.written_inquiries()]
    kind = gravest(work, [case.case_type, *kinds])
    graver = kind.key != case.case_type
    if graver:
        case.case_type, case.stage = kind.key, None
    leaves_work = (
        graver
        or form.disposition is Disposition.FOLLOW_UP
        or form.next_step is not NextStep.NONE
        or any(case_type(work, key).statutory for key in kinds)
    )
    before = CaseState(case.state)
    act = CaseAct.FOLLOW_UP if leaves_work else CaseAct.JOIN
    move(work, case, act, at=prepared.received_at)
    if graver and before in OPEN_STATES:
        keeping.made_graver(work, case, kind.targets, prepared.received_at)
    _begin_statutory(actor, work, case, prepared)
    tell_customer_in(work, case, prepared)
    if case.customer_id is None:
        case.customer_id = prepared.customer_id
    tell(
        actor,
        work,
        case,
        EntryKind.CONTACT_JOINED,
        contact_id=prepared.contact_id,
        case_type=kind.key if graver else None,
        state=case.state if case.state != before.value else None,
    )
    if prepared.outbound and form.disposition in REACHED and case.callback_due_at is not None:
        tell(actor, work, case, EntryKind.CALLBACK_KEPT, promised_for=case.callback_due_at)
        case.callback_due_at = None
    return case


def assign_to(actor: Actor, work: UnitOfWork, case: Case, assignee_id: int, *, reason: str) -> None:
    """Give the case to a colleague who handles cases."""
    if not _may_be_assigned(actor, work, assignee_id):
        raise Refused("cases.not_assignable")
    move(work, case, CaseAct.ASSIGN)
    case.assignee_id = assignee_id
    tell(actor, work, case, EntryKind.ASSIGNED, text=reason, assignee_id=assignee_id)


def assign_to_who_took_over(actor: Actor, work: UnitOfWork, case: Case, contact_id: int) -> None:
    """Whoever took the call over answers for what comes of it, if they still may: a save never
    fails by that."""
    taker = taken_over_by(work, contact_id)
    if taker is not None and _may_be_assigned(actor, work, taker):
        assign_to(actor, work, case, taker, reason="")


def _may_be_assigned(actor: Actor, work: UnitOfWork, user_id: int) -> bool:
    return any(
        int(one.user_id) == user_id and one.may_be_assigned for one in colleagues(actor, work)
    )


def keep_promise_of(actor: Actor, work: UnitOfWork, case: Case, prepared: Prepared) -> None:
    """Take over the call-back that was promised during the contact, if any."""
    at = prepared.form.callback_at
    if prepared.form.next_step is NextStep.PROMISE and at is not None:
        deadlines.check_callback(open_calendar(work), at, work.now)
        move(work, case, CaseAct.PROMISE)
        case.callback_due_at = at
        tell(actor, work, case, EntryKind.CALLBACK_PROMISED, at=at)
