"""What the tab reads. The list is covered by the entry of the case's opening, as its other tabs."""

from sqlalchemy import select

from desk_app.calls.reading import staff_names
from desk_app.cases.attachments.model import Attachment, AttachmentPart
from desk_app.cases.attachments.pages import AttachmentRow, AttachmentTicket
from desk_app.cases.attachments.rules import FileKind, Remark
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_CASES)
def attachments_of(actor: Actor, work: UnitOfWork, /, case_id: int) -> tuple[AttachmentRow, ...]:
    """What was attached to a case, the withdrawn as well, by number."""
    found = work.session.scalars(
        select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.number)
    ).all()
    names = staff_names(actor, work) if found else {}
    return tuple(
        AttachmentRow(
            id=one.id,
            number=one.number,
            kind=FileKind(one.kind),
            name=one.name,
            size_bytes=one.size_bytes,
            pages=one.pages,
            width_px=one.width_px,
            height_px=one.height_px,
            remarks=tuple(Remark(remark) for remark in one.remarks),
            added_at=one.added_at,
            added_by=names[one.added_by],
            withdrawn_at=one.withdrawn_at,
            withdrawn_by=names[one.withdrawn_by] if one.withdrawn_by else None,
            reason=one.reason,
        )
        for one in found
    )


@needs(Permission.READ_CASES)
def sealed_parts(actor: Actor, work: UnitOfWork, /, ticket: AttachmentTicket) -> tuple[bytes, ...]:
    """The parts of an attachment as they are kept: sealed, and covered by the ticket's entry."""
    return tuple(
        work.session.scalars(
            select(AttachmentPart.sealed)
            .where(AttachmentPart.attachment_id == ticket.id)
            .order_by(AttachmentPart.position)
        )
    )
