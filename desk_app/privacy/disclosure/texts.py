"""Texts among a customer's attachments, opened so that the reviewer sees them as they would go out.

Not a use case: who reads has been checked. Each opening is in the log.
"""

from collections.abc import Mapping

from sqlalchemy import select

from desk_app.cases.attachments import service as attachments
from desk_app.cases.attachments.model import Attachment
from desk_app.cases.attachments.pages import AttachmentTicket
from desk_app.cases.attachments.rules import FileKind, text_of
from desk_app.cases.attachments.sealed import unseal
from desk_app.cases.attachments.views import sealed_parts
from desk_app.errors import Fault
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork

SHOWN_BYTES = 200_000
"""A text of more is not shown in the review: it is given out or held back like a picture."""


def texts_among(
    actor: Actor, work: UnitOfWork, ids: list[int], *, request_id: int, keys: Mapping[int, str]
) -> dict[int, str]:
    """What those of these attachments say that are texts, as far as ``keys`` open them."""
    found = work.session.scalars(
        select(Attachment.id).where(
            Attachment.id.in_(ids),
            Attachment.kind == FileKind.TEXT.value,
            Attachment.withdrawn_at.is_(None),
            Attachment.size_bytes <= SHOWN_BYTES,
            Attachment.key_version.in_(list(keys)),
        )
    ).all()
    return {
        id: text_in(
            actor,
            work,
            attachments.open_for_disclosure(actor, work, id, request_id=request_id, keys=keys),
        )
        for id in found
    }


def text_in(actor: Actor, work: UnitOfWork, ticket: AttachmentTicket) -> str:
    """The text of one that was opened, its lines ended as the review counts them; `Fault` if what
    is kept isn't what was taken in."""
    parts = sealed_parts(actor, work, ticket)
    content = text_of(unseal(ticket.header, parts, ticket.digest, [ticket.identity]))
    if content is None:
        raise Fault("attachments.changed")
    return content.replace("\r\n", "\n").replace("\r", "\n")
