"""Stopping uses of a customer's data, and resuming them. Not a use case: the request that is
executed, or the officer's decision, has been checked, and who decides is on record there.

A block works at once, everywhere, through `uses.require_use`.
"""

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.purposes.model import UseBlock
from desk_app.purposes.rules import BlockReason, ResumeReason, Stops
from desk_app.storage.unit_of_work import UnitOfWork


def stop_use(
    actor: Actor,
    work: UnitOfWork,
    customer_id: int,
    *,
    stops: Stops,
    reason: BlockReason,
    case_id: int | None = None,
) -> int:
    """Stop these uses of this customer's data from now on; the block's id.

    ``case_id`` is the request's case: what answers it goes on.
    """
    block = UseBlock(
        customer_id=customer_id,
        acts=sorted(stops.acts),
        purposes=sorted(stops.purposes),
        reason=reason.value,
        case_id=case_id,
        started_at=work.now,
        started_by=actor.user_id,
    )
    work.session.add(block)
    work.session.flush()
    record(
        actor,
        work,
        "customer.use_stopped",
        subject=("customer", customer_id),
        block_id=block.id,
        acts=sorted(stops.acts),
        purposes=sorted(stops.purposes),
        reason=reason.value,
        case_id=case_id,
    )
    work.changed("customer", customer_id)
    return block.id


def standing_block(work: UnitOfWork, block_id: int) -> UseBlock:
    """A block that hasn't ended, locked where the engine locks rows."""
    block = work.session.get(UseBlock, block_id, with_for_update=True)
    if block is None:
        raise Refused("purposes.no_such_block")
    if block.ended_at is not None:
        raise Refused("purposes.block_ended")
    return block


def resume_use(actor: Actor, work: UnitOfWork, block_id: int, *, why: ResumeReason) -> None:
    """End a block: what else stops a use goes on stopping it."""
    block = standing_block(work, block_id)
    block.ended_at, block.ended_by = work.now, actor.user_id
    work.session.flush()
    record(
        actor,
        work,
        "customer.use_resumed",
        subject=("customer", block.customer_id),
        block_id=block.id,
        why=why.value,
        case_id=block.case_id,
    )
    work.changed("customer", block.customer_id)
