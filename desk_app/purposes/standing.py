"""What customers agreed to, opted out of and had stopped, as `rules.forbidden` wants it.

Not a use case: who asks has been checked, and the use case that asks is what is audited.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select

from desk_app.purposes.model import Consent, OptOut, UseBlock
from desk_app.purposes.rules import (
    NOTHING,
    Act,
    Block,
    BlockReason,
    Given,
    OptedOut,
    Purpose,
    RecipientKind,
    Scope,
    Standing,
    Stops,
    Topic,
)
from desk_app.purposes.versions import known
from desk_app.storage.unit_of_work import UnitOfWork


def standing_of(work: UnitOfWork, customer_id: int) -> Standing:
    """Of one customer, whatever was written in this unit of work included."""
    return _standings(work, [customer_id]).get(customer_id, NOTHING)


def standings(work: UnitOfWork) -> Mapping[int, Standing]:
    """Of every customer who has any; for acts on many."""
    return _standings(work, None)


def blocks_of(work: UnitOfWork, ids: Collection[int]) -> Mapping[int, list[Block]]:
    """What was stopped of those among these customers of whom anything was."""
    work.session.flush()
    found: dict[int, list[Block]] = defaultdict(list)
    stopped = select(UseBlock).where(UseBlock.ended_at.is_(None), UseBlock.customer_id.in_(ids))
    for block in work.session.scalars(stopped.order_by(UseBlock.id)):
        found[block.customer_id].append(block_of(block))
    return found


def _standings(work: UnitOfWork, ids: Collection[int] | None) -> dict[int, Standing]:
    work.session.flush()
    blocks: dict[int, list[Block]] = defaultdict(list)
    opt_outs: dict[int, list[OptedOut]] = defaultdict(list)
    consents: dict[int, list[Given]] = defaultdict(list)
    stopped = select(UseBlock).where(UseBlock.ended_at.is_(None)).order_by(UseBlock.id)
    out = select(OptOut).where(OptOut.ended_at.is_(None)).order_by(OptOut.id)
    agreed = select(Consent).where(Consent.withdrawn_at.is_(None)).order_by(Consent.id)
    if ids is not None:
        stopped = stopped.where(UseBlock.customer_id.in_(ids))
        out = out.where(OptOut.customer_id.in_(ids))
        agreed = agreed.where(Consent.customer_id.in_(ids))
    for block in work.session.scalars(stopped):
        blocks[block.customer_id].append(block_of(block))
    for one in work.session.scalars(out):
        for topic in known(Topic, [one.topic]):
            opt_outs[one.customer_id].append(OptedOut(topic, one.declared_at))
    for consent in work.session.scalars(agreed):
        consents[consent.customer_id].append(given_of(consent))
    return {
        customer_id: Standing(
            tuple(blocks[customer_id]), tuple(opt_outs[customer_id]), tuple(consents[customer_id])
        )
        for customer_id in {*blocks, *opt_outs, *consents}
    }


def block_of(row: UseBlock) -> Block:
    """A block as rules judge it. What this desk doesn't know of its acts stops every act."""
    acts, purposes = known(Act, row.acts), known(Purpose, row.purposes)
    reasons = known(BlockReason, [row.reason]) or {BlockReason.CUSTOMER_ASKED}
    return Block(
        id=row.id,
        stops=Stops(
            acts if len(acts) == len(row.acts) else frozenset(),
            purposes if len(purposes) == len(row.purposes) else frozenset(),
        ),
        reason=next(iter(reasons)),
        since=row.started_at,
        case_id=row.case_id,
    )


def scope_of(row: Consent) -> Scope:
    """What a consent is about; what this desk doesn't know covers nothing."""
    return Scope(
        purposes=known(Purpose, row.purposes),
        named_use=row.named_use_id,
        recipients=known(RecipientKind, row.recipients),
        topics=known(Topic, row.topics),
    )


def given_of(row: Consent) -> Given:
    """A consent as rules judge it."""
    return Given(row.id, scope_of(row), row.policy_version_id)
