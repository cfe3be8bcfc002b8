"""Use cases of cases that belong together: linked, merged, taken apart again, split.

A link changes neither case, so it conflicts with nobody's work on them. Whatever changes a case
expects the version that the page showed. Each act is told on the timelines of both.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.calls import belonging
from desk_app.cases.deadlines import clocks, keeping, recomputing
from desk_app.cases.history import find, tell, touch
from desk_app.cases.linking import merging
from desk_app.cases.linking.model import CaseLink, CasesApart
from desk_app.cases.linking.rules import LinkKind
from desk_app.cases.model import Case, CaseContact
from desk_app.cases.rules import CaseState, EntryKind
from desk_app.cases.types import case_type, gravest
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.sensitive.placeholders import cut
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose

SUBJECT_CHARACTERS = 120


@needs(Permission.WORK_CASES)
def link(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    *,
    other_id: int,
    kind: LinkKind,
    reason: str,
) -> int:
    """Link two cases; the id of the link. `Refused` for a case with itself, and if the two are
    linked like this already, from whichever side."""
    case, other = merging.find_both(work, (case_id, None), (other_id, None))
    for one in (case, other):
        if one.state == CaseState.MERGED:
            raise Refused("cases.is_merged")
    between = (CaseLink.from_id == case_id) & (CaseLink.to_id == other_id) | (
        CaseLink.from_id == other_id
    ) & (CaseLink.to_id == case_id)
    known = select(CaseLink.id).where(between, CaseLink.kind == kind.value)
    if work.session.scalar(known.limit(1)) is not None:
        raise Refused("cases.already_linked")
    made = _link(actor, work, case, other, kind, _required(reason))
    _tell_both(actor, work, case, other, EntryKind.LINKED, text=made.reason, link=kind.value)
    _record(actor, work, "case.linked", case, other, link=kind.value)
    return made.id


@needs(Permission.WORK_CASES)
def unlink(
    actor: Actor, work: UnitOfWork, /, case_id: int, link_id: int, *, reason: str = ""
) -> None:
    """Remove a link of this case; both timelines keep that there was one."""
    gone = work.session.get(CaseLink, link_id, with_for_update=True)
    if gone is None or case_id not in (gone.from_id, gone.to_id):
        raise Refused("cases.no_such_link")
    case, other = merging.find_both(work, (gone.from_id, None), (gone.to_id, None))
    work.session.delete(gone)
    text = prose(reason, field="reason")
    _tell_both(actor, work, case, other, EntryKind.UNLINKED, text=text, link=gone.kind)
    _record(actor, work, "case.unlinked", case, other, link=gone.kind)


@needs(Permission.WORK_CASES)
def merge(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    version: int,
    *,
    into_id: int,
    into_version: int,
    reason: str,
) -> None:
    """Merge a case into another, which goes on with the contacts and inquiries of both.

    What it changes is told by `views.preview_merge`; `undo_merge` takes all of it back.
    """
    merged, into = merging.find_both(work, (case_id, version), (into_id, into_version))
    text = _required(reason)
    merging.carry_out(actor, work, merged, into)
    tell(actor, work, into, EntryKind.MERGED_FROM, text=text, other_id=merged.id)
    tell(actor, work, merged, EntryKind.MERGED_INTO, text=text, other_id=into.id)
    _record(actor, work, "case.merged", merged, into)


@needs(Permission.WORK_CASES)
def undo_merge(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, merged_id: int, reason: str
) -> None:
    """Take a case out of the one it was merged into, as both were before.

    What was done since then stays with the case it was done to. `Refused` after an erasure; while
    a later merge stands in the way, or something of the case was split off; and of a case whose
    closing others approve, while it is resolved.
    """
    kept = merging.standing_merge(work, merged_id)
    if kept.into_id != case_id:
        raise Refused("cases.not_merged")
    merged, into = merging.find_both(work, (merged_id, None), (case_id, version))
    text = _required(reason)
    merging.undo(work, kept, merged, into)
    for one in (into, merged):
        recomputing.catch_up(actor, work, one)
    _tell_both(actor, work, into, merged, EntryKind.UNMERGED, text=text)
    _record(actor, work, "case.unmerged", merged, into)


@needs(Permission.WORK_CASES)
def split(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    version: int,
    *,
    inquiry_ids: Collection[int],
    reason: str,
) -> int:
    """Make another case of some inquiries of this one; its id.

    A contact belongs to both cases if it has inquiries in both, and goes along if it has not.
    The new case is due from when its first contact came in, its statutory clocks go along as they
    are; merging it back undoes the split. `Refused` while the closing waits for an approval: it
    would be given to another matter than was shown.
    """
    case = find(work, case_id, version)
    if case.approval_asked_at is not None:
        raise Refused("cases.split_awaits_approval")
    text = _required(reason)
    owned = belonging.inquiries_of(work, case_id)
    chosen = [one for one in owned if one.id in set(inquiry_ids)]
    if not chosen or len(chosen) != len(set(inquiry_ids)):
        raise Refused("cases.split_nothing")
    if len(chosen) == len(owned):
        raise Refused("cases.split_everything")
    touch(case)
    new = _open_part(actor, work, case, chosen, [one for one in owned if one not in chosen])
    belonging.give_inquiries(work, [one.id for one in chosen], new.id)
    staying = {one.contact_id for one in owned if one not in chosen}
    for contact_id in dict.fromkeys(one.contact_id for one in chosen):
        _bring(work, contact_id, case, new, stays=contact_id in staying)
    _link(actor, work, new, case, LinkKind.RELATED, text)
    tell(actor, work, case, EntryKind.SPLIT_OFF, text=text, other_id=new.id, count=len(chosen))
    tell(actor, work, new, EntryKind.SPLIT_FROM, text=text, other_id=case.id)
    _record(actor, work, "case.split", case, new, count=len(chosen))
    return new.id


@needs(Permission.WORK_CASES)
def tell_apart(actor: Actor, work: UnitOfWork, /, case_id: int, *, other_id: int) -> None:
    """Keep that two cases are different matters: they aren't suggested to each other again."""
    case, other = merging.find_both(work, (case_id, None), (other_id, None))
    first, second = sorted((case.id, other.id))
    if work.session.get(CasesApart, (first, second)) is None:
        work.session.add(
            CasesApart(first_id=first, second_id=second, told_at=work.now, told_by=actor.user_id)
        )
    _record(actor, work, "case.told_apart", case, other)


def _open_part(
    actor: Actor,
    work: UnitOfWork,
    case: Case,
    chosen: list[belonging.OwnedInquiry],
    staying: list[belonging.OwnedInquiry],
) -> Case:
    kind = gravest(work, [one.category for one in chosen])
    received_at = min(one.received_at for one in chosen)
    lines = [one.text.splitlines() for one in chosen if one.text.strip()]
    new = Case(
        case_type=kind.key,
        state=CaseState.NEW.value,
        subject=cut(lines[0][0], SUBJECT_CHARACTERS) if lines else case.subject,
        customer_id=case.customer_id,
        opened_at=work.now,
        opened_by=actor.user_id,
    )
    keeping.begin_first(work, new, kind.targets, received_at)
    learnt, still = (_learnt(work, inquiries) for inquiries in (chosen, staying))
    for rule in clocks.part_clocks(work, case, new, learnt, staying=still):
        keeping.begin_statutory(actor, work, new, [rule], learnt[rule])
    for one in (case, new):
        keeping.refresh(work, one)
    tell(actor, work, new, EntryKind.OPENED, due_at=new.due_at)
    return new


def _learnt(work: UnitOfWork, inquiries: list[belonging.OwnedInquiry]) -> dict[str, datetime]:
    """The statutory rules that these inquiries concern, and when the first of each came in."""
    learnt: dict[str, datetime] = {}
    for one in inquiries:
        rule = case_type(work, one.category).statutory
        if rule:
            learnt[rule] = min(one.received_at, learnt.get(rule, one.received_at))
    return learnt


def _bring(work: UnitOfWork, contact_id: int, case: Case, new: Case, *, stays: bool) -> None:
    joined = work.session.get(CaseContact, (case.id, contact_id))
    at = joined.joined_at if joined is not None else work.now
    work.session.add(CaseContact(case_id=new.id, contact_id=contact_id, joined_at=at))
    if joined is not None and not stays:
        work.session.delete(joined)
    work.session.flush()


def _link(
    actor: Actor, work: UnitOfWork, case: Case, other: Case, kind: LinkKind, reason: str
) -> CaseLink:
    made = CaseLink(
        from_id=case.id,
        to_id=other.id,
        kind=kind.value,
        reason=reason,
        linked_at=work.now,
        linked_by=actor.user_id,
    )
    work.session.add(made)
    work.session.flush()
    return made


def _tell_both(
    actor: Actor,
    work: UnitOfWork,
    case: Case,
    other: Case,
    kind: EntryKind,
    *,
    text: str,
    **particulars: str,
) -> None:
    tell(actor, work, case, kind, text=text, other_id=other.id, **particulars)
    tell(actor, work, other, kind, text=text, other_id=case.id, **particulars)


def _record(
    actor: Actor, work: UnitOfWork, action: str, case: Case, other: Case, **particulars: Any
) -> None:
    work.session.flush()
    for one in (case, other):
        work.changed("case", one.id)
    record(actor, work, action, subject=("case", case.id), other_id=other.id, **particulars)


def _required(reason: str) -> str:
    written = prose(reason, field="reason")
    if not written:
        raise Refused("cases.needs_text", field="reason")
    return written
