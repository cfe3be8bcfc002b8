"""Attachments for the erasure of a customer, and for whoever counts what a case has.

Not a use case: the caller has checked who acts, asked for approval, and keeps the certificate.
"""

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from desk_app.audit.log import record
from desk_app.cases.attachments.model import Attachment, AttachmentPart
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork


def empty(work: UnitOfWork, attachment: Attachment) -> None:
    """Remove what an attachment holds of the customer: parts, header, name, mark."""
    work.session.execute(
        delete(AttachmentPart).where(AttachmentPart.attachment_id == attachment.id)
    )
    attachment.header, attachment.name, attachment.mark = None, "", None


def find(work: UnitOfWork, case_ids: Sequence[int]) -> tuple[int, ...]:
    """The ids of the cases' attachments that still hold anything of the customer."""
    return tuple(
        work.session.scalars(
            select(Attachment.id)
            .where(
                Attachment.case_id.in_(case_ids),
                (Attachment.header.is_not(None))
                | (Attachment.name != "")
                | (Attachment.reason != ""),
            )
            .order_by(Attachment.id)
        )
    )


def erase(actor: Actor, work: UnitOfWork, case_ids: Sequence[int]) -> int:
    """Erase them, names and reasons included; how many. Doing it again finds none.

    Their rows stay with number, kind, size and digest. On a file the pages are overwritten
    (``secure_delete``) once the journal is truncated; on a server the rows' old versions go with
    its next VACUUM, and open to nobody without the header meanwhile.
    """
    ids = find(work, case_ids)
    for one in work.session.scalars(
        select(Attachment).where(Attachment.id.in_(ids)).order_by(Attachment.id).with_for_update()
    ):
        empty(work, one)
        one.reason = ""
        if one.withdrawn_at is None:
            one.withdrawn_at, one.withdrawn_by = work.now, actor.user_id
        record(
            actor,
            work,
            "attachment.erased",
            subject=("attachment", one.id),
            case_id=one.case_id,
            digest=one.digest,
        )
        work.changed("case", one.case_id)
    work.session.flush()
    return len(ids)


def verify(work: UnitOfWork, case_ids: Sequence[int]) -> bool:
    """Whether nothing is left of the cases' attachments."""
    parts = work.session.scalar(
        select(func.count())
        .select_from(AttachmentPart)
        .join(Attachment, Attachment.id == AttachmentPart.attachment_id)
        .where(Attachment.case_id.in_(case_ids))
    )
    return not parts and not find(work, case_ids)
