"""The register of originals, as far as its rows name nobody or an opening covers them."""

from sqlalchemy import func, select

from desk_app.calls.reading import staff_names
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.originals.model import DisposalBatch, PaperOriginal
from desk_app.privacy.originals.pages import BatchRow, OriginalRow
from desk_app.privacy.originals.reading import batch_row, rows
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.KEEP_ORIGINALS)
def of_case(actor: Actor, work: UnitOfWork, /, case_id: int) -> tuple[OriginalRow, ...]:
    """The originals of a case, which its opening covers."""
    query = select(PaperOriginal).where(PaperOriginal.case_id == case_id)
    return rows(work, work.session.scalars(query.order_by(PaperOriginal.id)))


@needs(Permission.KEEP_ORIGINALS)
def batches(actor: Actor, work: UnitOfWork, /) -> tuple[BatchRow, ...]:
    """Every batch for disposal, the latest first."""
    counts = dict(
        work.session.execute(
            select(PaperOriginal.batch_id, func.count()).group_by(PaperOriginal.batch_id)
        ).all()
    )
    names = staff_names(actor, work)
    found = work.session.scalars(select(DisposalBatch).order_by(DisposalBatch.id.desc()))
    return tuple(batch_row(actor, work, one, counts.get(one.id, 0), names) for one in found)
