"""An opened attachment: decrypted in memory for the holder of a ticket, shown or saved.

Nothing readable touches the disk but a copy that is exported, and no other program is ever
started with an attachment.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from desk_app.cases.attachments import views
from desk_app.cases.attachments.pages import AttachmentTicket
from desk_app.cases.attachments.rules import FileKind, text_of
from desk_app.cases.attachments.sealed import unseal
from desk_app.cases.attachments.viewing import Seen, look
from desk_app.errors import Fault
from desk_app.files import whole_file
from desk_app.text import PROSE_LIMIT, showable

Read = Callable[..., Any]
"""`Desk.read`."""


def content_of(ticket: AttachmentTicket, read: Read) -> bytes:
    """The attachment's bytes; ``Fault("attachments.changed")`` if they aren't what was sealed."""
    parts: tuple[bytes, ...] = read(views.sealed_parts, ticket)
    return unseal(ticket.header, parts, ticket.digest, [ticket.identity])


def preview(
    kind: FileKind,
    content: bytes,
    *,
    page: int = 0,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Seen | str:
    """A page of a picture or paper, or a text's beginning; as `viewing.look` raises."""
    if kind is not FileKind.TEXT:
        return look(kind, content, page=page, is_stopped=is_stopped)
    text = text_of(content)
    if text is None:
        raise Fault("attachments.changed")
    return showable(text[:PROSE_LIMIT])


def save_copy(content: bytes, path: Path) -> None:
    """Write a copy where the user chose, whole or not at all; `Fault` as `whole_file`."""
    with whole_file(path) as file:
        file.write(content)
