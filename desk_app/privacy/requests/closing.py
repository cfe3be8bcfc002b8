"""What the closing of a request does to its case. Not a use case: `service.close` is."""

from desk_app.cases import ends
from desk_app.cases.approval import approving
from desk_app.cases.history import changed
from desk_app.cases.rules import CaseAct, Resolution
from desk_app.cases.tasks.reading import has_open_task
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.privacy.requests import records
from desk_app.privacy.requests.correction.telling import somebody_is_untold
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import EXECUTED_OUTCOMES, Outcome
from desk_app.storage.unit_of_work import UnitOfWork


def check(work: UnitOfWork, request: PrivacyRequest) -> None:
    """`Refused` while something of the case is still owed."""
    if somebody_is_untold(work, request):
        raise Refused("requests.recipients_untold")
    case = records.case_of(work, request)
    if case.callback_due_at is not None:
        raise Refused("cases.callback_open")
    if has_open_task(work, case.id):
        raise Refused("tasks.still_open")


def resolve_case(
    actor: Actor, work: UnitOfWork, request: PrivacyRequest, *, withdrawn: bool
) -> None:
    """Resolve the case as the request ended; then it is closed as its type says: by its handler,
    or by those whose approval is asked for at once."""
    case = records.case_of(work, request)
    case.workflow_since = None
    resolution = Resolution.WITHDRAWN if withdrawn else _resolution(request)
    ends.settle(actor, work, case, resolution, request.reasons)
    approving.ask_at_once(actor, work, case)
    changed(actor, work, case, CaseAct.RESOLVE, resolution=resolution.value)


def _resolution(request: PrivacyRequest) -> Resolution:
    if request.outcome is not None and Outcome(request.outcome) in EXECUTED_OUTCOMES:
        return Resolution.ANSWERED
    return Resolution.NO_ACTION
