"""Steps that one person asks for and another decides: kept, found, closed, recorded."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.people.model import PendingStep
from desk_app.people.rules import Decision, PersonId, StepId, StepKind
from desk_app.people.standing import person_id
from desk_app.storage.unit_of_work import UnitOfWork


def ask(actor: Actor, work: UnitOfWork, kind: StepKind, **particulars: Any) -> StepId:
    """Keep a step for another person to decide; `Refused` if the same one waits already."""
    if is_asked(work, kind, **particulars):
        raise Refused("people.already_asked")
    step = PendingStep(
        kind=kind, particulars=particulars, requested_by=actor.user_id, requested_at=work.now
    )
    work.session.add(step)
    work.session.flush()
    record(
        actor,
        work,
        "people.step_requested",
        subject=("step", step.id),
        kind=kind.value,
        user_id=particulars.get("user_id"),
        roles=particulars.get("roles", []),
    )
    work.changed("step", step.id)
    return StepId(step.id)


def is_asked(work: UnitOfWork, kind: StepKind, **particulars: Any) -> bool:
    """Whether the same step waits already."""
    known = work.session.scalars(
        select(PendingStep).where(PendingStep.kind == kind, PendingStep.decided_at.is_(None))
    )
    return any(step.particulars == particulars for step in known)


def waiting(work: UnitOfWork, kinds: Collection[StepKind]) -> list[PendingStep]:
    """The steps of these kinds that nobody has decided yet, oldest first."""
    return list(
        work.session.scalars(
            select(PendingStep)
            .where(PendingStep.decided_at.is_(None), PendingStep.kind.in_(kinds))
            .order_by(PendingStep.id)
        )
    )


def open_step(work: UnitOfWork, step_id: StepId) -> PendingStep:
    """The step, if it still waits; nobody else decides it meanwhile."""
    step = work.session.get(PendingStep, step_id, with_for_update=True)
    if step is None or step.decided_at is not None:
        raise Refused("people.step_decided")
    return step


def subject_person(work: UnitOfWork, step: PendingStep) -> PersonId | None:
    """The person whom the step is about; None for one who is not on the staff yet."""
    about = step.particulars.get("user_id")
    if about is not None:
        return person_id(work, int(about))
    known = step.particulars.get("person_id")
    return None if known is None else PersonId(int(known))


def decide(actor: Actor, work: UnitOfWork, step: PendingStep, decision: Decision) -> None:
    """Close the step."""
    step.decided_by, step.decided_at, step.decision = actor.user_id, work.now, decision
    record(
        actor,
        work,
        f"people.step_{decision}",
        subject=("step", step.id),
        kind=step.kind,
        requested_by=step.requested_by,
    )
    work.changed("step", step.id)
