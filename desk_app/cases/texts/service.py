"""Writing the office's texts. Earlier revisions stay: what was said to a customer can be read
again as it stood."""

from sqlalchemy import func, select

from desk_app.audit.log import record
from desk_app.cases.history import find
from desk_app.cases.texts.model import CaseArticle, TextModule
from desk_app.cases.texts.rules import TextKind, check_body, check_title
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.inserting import insert_if_missing
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import LANGUAGES, Language


@needs(Permission.EDIT_TEXTS)
def write_text(
    actor: Actor,
    work: UnitOfWork,
    /,
    *,
    kind: TextKind,
    language: Language,
    title: str,
    body: str,
    replaces: int | None = None,
) -> int:
    """A new text, or with ``replaces`` the next revision of the one that is in force. Its id.

    `Refused` for a mistake in it; for a title that is taken; with ``storage.conflict`` if the
    text that is replaced isn't the newest any more.
    """
    if language not in LANGUAGES:
        raise Refused("texts.no_such_language")
    title, body = check_title(title), check_body(body)
    newest = _newest(work, kind, language, title)
    if replaces is None:
        if newest is not None and not newest.retired:
            raise Refused("texts.title_taken")
    elif newest is None or newest.id != replaces:
        raise Refused("storage.conflict")
    return _add(actor, work, kind, language, title, body, newest, retired=False)


@needs(Permission.EDIT_TEXTS)
def retire_text(actor: Actor, work: UnitOfWork, /, text_id: int) -> None:
    """Offer a text no more. It can be written anew under the same title."""
    row = work.session.get(TextModule, text_id)
    if row is None:
        raise Refused("texts.not_found")
    newest = _newest(work, TextKind(row.kind), row.language, row.title)
    if newest is None or newest.id != text_id:
        raise Refused("storage.conflict")
    if not newest.retired:
        _add(
            actor, work, TextKind(row.kind), row.language, row.title, row.body, newest, retired=True
        )


@needs(Permission.WORK_CASES)
def link_article(actor: Actor, work: UnitOfWork, /, case_id: int, text_id: int) -> bool:
    """Let an article belong to a case; False if it does already. Links of two people at once are
    both kept, so no version is asked for."""
    find(work, case_id)
    row = work.session.get(TextModule, text_id)
    if row is None or row.kind != TextKind.ARTICLE.value:
        raise Refused("texts.not_found")
    if work.session.get(CaseArticle, (case_id, text_id)) is not None:
        return False
    insert_if_missing(
        work,
        CaseArticle,
        case_id=case_id,
        text_id=text_id,
        linked_at=work.now,
        linked_by=actor.user_id,
    )
    record(actor, work, "case.article_linked", subject=("case", case_id), text_id=text_id)
    work.changed("case", case_id)
    return True


@needs(Permission.WORK_CASES)
def unlink_article(actor: Actor, work: UnitOfWork, /, case_id: int, text_id: int) -> bool:
    """Take an article off a case; False if it doesn't belong to it."""
    find(work, case_id)
    link = work.session.get(CaseArticle, (case_id, text_id))
    if link is None:
        return False
    work.session.delete(link)
    work.session.flush()
    record(actor, work, "case.article_unlinked", subject=("case", case_id), text_id=text_id)
    work.changed("case", case_id)
    return True


def _newest(work: UnitOfWork, kind: TextKind, language: str, title: str) -> TextModule | None:
    return work.session.scalar(
        select(TextModule)
        .where(
            TextModule.kind == kind.value,
            TextModule.language == language,
            func.lower(TextModule.title) == title.lower(),
        )
        .order_by(TextModule.revision.desc())
        .limit(1)
    )


def _add(
    actor: Actor,
    work: UnitOfWork,
    kind: TextKind,
    language: str,
    title: str,
    body: str,
    newest: TextModule | None,
    *,
    retired: bool,
) -> int:
    row = TextModule(
        kind=kind.value,
        language=language,
        title=newest.title if newest else title,
        revision=newest.revision + 1 if newest else 1,
        body=body,
        retired=retired,
        written_at=work.now,
        written_by=actor.user_id,
    )
    work.session.add(row)
    work.session.flush()
    record(actor, work, "texts.written", subject=("text", row.id), retired=retired)
    work.changed("text", row.id)
    return row.id
