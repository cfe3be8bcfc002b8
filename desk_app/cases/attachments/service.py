"""What is done with the attachments of a case: added, opened, handed out, withdrawn.

A file is checked by `intake` before, and sealed here: its row, its parts, its place on the
timeline and its entry in the log are one transaction, so that a crash, a full disk or a change of
mind in the middle leaves nothing. The one who opens it is in the log before a byte is decrypted.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, func, select

from desk_app.audit.log import record
from desk_app.cases import history
from desk_app.cases.attachments.intake import Taken
from desk_app.cases.attachments.keys import sealing_terms
from desk_app.cases.attachments.model import Attachment, AttachmentPart
from desk_app.cases.attachments.pages import AttachmentTicket
from desk_app.cases.attachments.rules import CASE_LIMIT_BYTES, MEGABYTE, FileKind
from desk_app.cases.attachments.sealed import seal
from desk_app.cases.model import Case
from desk_app.cases.rules import EntryKind
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes.rules import USUAL_PURPOSE, Act, Use
from desk_app.purposes.uses import require_use
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose

_SALT_CHARACTERS = 32


@needs(Permission.WORK_CASES)
def attach(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    taken: Taken,
    *,
    keys: Mapping[int, str],
    tell: Callable[[float], object] = lambda _share: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Keep a file with a case, in whatever state that is; the attachment's id.

    ``keys`` are `Desk.attachment_identities`: it is sealed for a key that the actor knows, not
    for one that somebody has put into the database. ``tell`` hears of the share that is written.
    `Refused` if the case has the same file already (``attachments.duplicate``), or would have too
    much; ``attachments.given_up`` when ``is_stopped``.
    """
    case = history.find(work, case_id)
    inner = hashlib.sha256(taken.content).digest()
    for number, mark in work.session.execute(
        select(Attachment.number, Attachment.mark).where(
            Attachment.case_id == case.id, Attachment.mark.is_not(None)
        )
    ):
        if mark is not None and mark == _mark(mark[:_SALT_CHARACTERS], inner):
            raise Refused("attachments.duplicate", number=number)
    kept = work.session.scalar(
        select(func.sum(Attachment.size_bytes)).where(
            Attachment.case_id == case.id, Attachment.withdrawn_at.is_(None)
        )
    )
    if (kept or 0) + len(taken.content) > CASE_LIMIT_BYTES:
        raise Refused("attachments.case_full", limit=CASE_LIMIT_BYTES // MEGABYTE)
    terms = sealing_terms(work, keys)
    content = seal(taken.content, terms.recipients, is_stopped=is_stopped)
    last = work.session.scalar(
        select(func.max(Attachment.number)).where(Attachment.case_id == case.id)
    )
    made = Attachment(
        case_id=case.id,
        number=(last or 0) + 1,
        kind=taken.kind.value,
        name=taken.name,
        size_bytes=len(taken.content),
        pages=taken.pages,
        width_px=taken.width_px,
        height_px=taken.height_px,
        remarks=[remark.value for remark in taken.remarks],
        mark=_mark(secrets.token_hex(_SALT_CHARACTERS // 2), inner),
        header=content.header,
        digest=content.digest,
        key_version=terms.version,
        added_at=work.now,
        added_by=actor.user_id,
    )
    work.session.add(made)
    work.session.flush()
    for position, part in enumerate(content.parts):
        if is_stopped():
            raise Refused("attachments.given_up")
        one = AttachmentPart(attachment_id=made.id, position=position, sealed=part)
        work.session.add(one)
        work.session.flush()
        work.session.expunge(one)  # one part in memory at a time, beside the file itself
        tell((position + 1) / len(content.parts))
    _tell(actor, work, made, EntryKind.ATTACHED)
    _record(actor, work, "attachment.added", made, digest=made.digest)
    return made.id


@needs(Permission.READ_CASES)
def open_attachment(
    actor: Actor,
    work: UnitOfWork,
    /,
    attachment_id: int,
    *,
    purpose: Use,
    keys: Mapping[int, str],
) -> AttachmentTicket:
    """Leave to look at an attachment, audited; `opening.content_of` opens it after the commit.

    ``keys`` are `Desk.attachment_identities`. Not permitted without the key.
    """
    found = _find(work, attachment_id)
    _require_use(work, found, purpose, Act.VIEW)
    ticket = _ticket(found, keys)
    _record(actor, work, "attachment.opened", found, purpose=purpose.value)
    return ticket


@needs(Permission.EXPORT)
def export_attachment(
    actor: Actor,
    work: UnitOfWork,
    /,
    attachment_id: int,
    *,
    purpose: Use,
    keys: Mapping[int, str],
) -> AttachmentTicket:
    """Leave to save a copy of an attachment outside, audited; as `open_attachment`."""
    found = _find(work, attachment_id)
    _require_use(work, found, purpose, Act.EXPORT)
    ticket = _ticket(found, keys)
    _record(actor, work, "attachment.exported", found, purpose=purpose.value)
    return ticket


@needs(Permission.DECIDE_REQUESTS)
def open_for_disclosure(
    actor: Actor,
    work: UnitOfWork,
    /,
    attachment_id: int,
    *,
    request_id: int,
    keys: Mapping[int, str],
) -> AttachmentTicket:
    """Leave to give an attachment to the customer who asked for it (request ``request_id``);
    whether the request allows it has been checked by the caller. As `open_attachment`."""
    found = _find(work, attachment_id)
    ticket = _ticket(found, keys)
    _record(
        actor,
        work,
        "attachment.disclosed",
        found,
        purpose=USUAL_PURPOSE.value,
        request_id=request_id,
    )
    return ticket


@needs(Permission.WORK_CASES)
def withdraw(actor: Actor, work: UnitOfWork, /, attachment_id: int, *, reason: str) -> None:
    """Take an attachment away with a reason: its bytes and its name go, for good.

    That it was there stays: number, kind, size and digest, who added and who withdrew it.
    """
    why = prose(reason, field="reason")
    if not why:
        raise Refused("attachments.needs_reason")
    found = _find(work, attachment_id)
    _empty(work, found)
    found.withdrawn_at, found.withdrawn_by, found.reason = work.now, actor.user_id, why
    work.session.flush()
    _tell(actor, work, found, EntryKind.ATTACHMENT_WITHDRAWN, text=why)
    _record(actor, work, "attachment.withdrawn", found, digest=found.digest)


def _find(work: UnitOfWork, attachment_id: int) -> Attachment:
    found = work.session.scalar(
        select(Attachment).where(Attachment.id == attachment_id).with_for_update()
    )
    if found is None:
        raise Refused("attachments.not_found")
    if found.withdrawn_at is not None or found.header is None:
        raise Refused("attachments.withdrawn")
    return found


def _require_use(work: UnitOfWork, found: Attachment, purpose: Use, act: Act) -> None:
    case = work.session.get_one(Case, found.case_id)
    require_use(
        work,
        customer_id=case.customer_id,
        purpose=purpose,
        act=act,
        case_id=case.id,
        asked_at=case.opened_at,
    )


def _ticket(found: Attachment, keys: Mapping[int, str]) -> AttachmentTicket:
    if found.key_version not in keys:
        raise NotPermitted("attachments.no_key")
    return AttachmentTicket(
        id=found.id,
        number=found.number,
        kind=FileKind(found.kind),
        digest=found.digest,
        header=found.header or b"",
        identity=keys[found.key_version],
    )


def _mark(salt: str, content_digest: bytes) -> str:
    """A salted digest, which tells the same file within a case; it goes with the content."""
    return salt + hmac.digest(bytes.fromhex(salt), content_digest, "sha256").hex()


def _tell(
    actor: Actor, work: UnitOfWork, attachment: Attachment, kind: EntryKind, *, text: str = ""
) -> None:
    case = history.find(work, attachment.case_id)
    history.tell(
        actor,
        work,
        case,
        kind,
        text=text,
        attachment_id=attachment.id,
        number=f"{attachment.number} ({attachment.kind.upper()})",
    )
    work.changed("case", case.id)


def _record(
    actor: Actor, work: UnitOfWork, action: str, attachment: Attachment, **particulars: Any
) -> None:
    record(
        actor,
        work,
        action,
        subject=("attachment", attachment.id),
        case_id=attachment.case_id,
        file_kind=attachment.kind,
        size_bytes=attachment.size_bytes,
        **particulars,
    )


def _empty(work: UnitOfWork, attachment: Attachment) -> None:
    """Remove what an attachment holds: parts, header, name, mark."""
    work.session.execute(
        delete(AttachmentPart).where(AttachmentPart.attachment_id == attachment.id)
    )
    attachment.header, attachment.name, attachment.mark = None, "", None
