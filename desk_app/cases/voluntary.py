"""What a case can't do because somebody rather didn't say (policy section 4). Not a use case."""

from sqlalchemy import select

from desk_app.calls.reading import answers_in_contacts
from desk_app.cases.model import Case, CaseContact
from desk_app.customers import records
from desk_app.customers.steps import Answers, Reason, Step, answers_of, impossible_steps, together
from desk_app.errors import Refused
from desk_app.storage.unit_of_work import UnitOfWork


def answers_for(work: UnitOfWork, case: Case) -> Answers:
    """What is known for a case: of its customer, and what was said in its contacts."""
    ids = work.session.scalars(
        select(CaseContact.contact_id).where(CaseContact.case_id == case.id)
    ).all()
    said = answers_in_contacts(work, ids)
    if case.customer_id is None:
        return said
    return together(answers_of(records.card(records.find(work, case.customer_id))), said)


def check_step(work: UnitOfWork, case: Case, step: Step) -> None:
    """`Refused` with the field that the step lacks."""
    reason = next((one for one in impossible(work, case, step) if one.stops), None)
    if reason is not None:
        raise Refused("cases.step_impossible", reason=reason)


def impossible(work: UnitOfWork, case: Case, *steps: Step) -> tuple[Reason, ...]:
    """Of these steps (of all, if none is named) those that this case can't take, and why."""
    return impossible_steps(answers_for(work, case), steps or tuple(Step))
