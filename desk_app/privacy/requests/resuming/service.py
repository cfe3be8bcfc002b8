"""Use cases: a stop of use is lifted, with a second person's look where a request had asked for it.

A stop that somebody asked for is the customer's right: one person alone doesn't take it away.
"""

from sqlalchemy import select

from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.standing import person_id
from desk_app.privacy.requests import records
from desk_app.privacy.requests.model import PrivacyRequest, PrivacyRequestStep
from desk_app.purposes import blocks
from desk_app.purposes.rules import ResumeReason
from desk_app.storage.unit_of_work import UnitOfWork

AGREE, RESUME = "agree_to_resume", "resume"
"""How the steps on the request are called."""


@needs(Permission.APPROVE_REQUESTS)
def agree_to_resume(actor: Actor, work: UnitOfWork, /, block_id: int, *, why: ResumeReason) -> None:
    """Agree that uses which a request had stopped go on, for this reason; another person lifts the
    stop. `Refused` for one that has ended, or that no request had brought about."""
    block = blocks.standing_block(work, block_id)
    request = _request_of(work, block.case_id)
    if request is None:
        raise Refused("requests.not_found")
    particulars = {"block_id": block_id, "why": why.value}
    records.step(actor, work, request, AGREE, particulars=particulars)


@needs(Permission.DECIDE_REQUESTS)
def resume_use(actor: Actor, work: UnitOfWork, /, block_id: int, *, why: ResumeReason) -> None:
    """Lift a stop of use, at once. ``Refused("requests.resume_alone")`` for one that a request had
    brought about, unless another person has agreed, for the same reason."""
    block = blocks.standing_block(work, block_id)
    request = _request_of(work, block.case_id)
    if request is not None and not _is_agreed(actor, work, request, block_id, why):
        raise Refused("requests.resume_alone")
    blocks.resume_use(actor, work, block_id, why=why)
    if request is not None:
        particulars = {"block_id": block_id, "why": why.value}
        records.step(actor, work, request, RESUME, particulars=particulars)


def _request_of(work: UnitOfWork, case_id: int | None) -> PrivacyRequest | None:
    return None if case_id is None else records.of_case(work, case_id)


def _is_agreed(
    actor: Actor, work: UnitOfWork, request: PrivacyRequest, block_id: int, why: ResumeReason
) -> bool:
    own = person_id(work, actor.user_id)
    agreed = select(PrivacyRequestStep).where(
        PrivacyRequestStep.request_id == request.id, PrivacyRequestStep.act == AGREE
    )
    wanted = (block_id, why.value)
    return any(
        (step.particulars.get("block_id"), step.particulars.get("why")) == wanted
        and person_id(work, step.user_id) != own
        for step in work.session.scalars(agreed)
    )
