"""Use cases of the administrator: what a type of cases asks, promises, and who closes it.

Each edit is a revision of its own, in force from when it is made. Nothing is deleted: a type is
taken out of use. What open cases hold stays true: a stage at which one stands, a choice that one
has made and the kind of a field that one has filled in can't be changed under it; what was filled
into a field that is taken out is kept and shown as before.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError

from desk_app.audit.log import record
from desk_app.cases.details.model import CaseFieldValue
from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.cases.types import catalogue
from desk_app.cases.types.model import CaseTypeRevision
from desk_app.cases.types.rules import MOST_TYPES, CaseType, FieldKind, Part
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line


@dataclass(frozen=True, slots=True)
class Revised:
    """What an edit means for the cases that are open: how many there are of the type, and how
    many of them now have to be completed before they are resolved or closed."""

    revision: int
    open_cases: int
    incomplete: int


@needs(Permission.EDIT_CASE_TYPES)
def add_type(actor: Actor, work: UnitOfWork, /, wanted: CaseType, *, reason: str) -> Revised:
    """A type of the office's own, offered from now on."""
    known = catalogue.in_force(work)
    if wanted.key in known:
        raise Refused("cases.type_exists")
    if len(known) >= MOST_TYPES:
        raise Refused("cases.type_too_many", where=Part("name"), most=MOST_TYPES)
    checked = replace(wanted, workflow=None, is_active=True).checked()
    return _revise(actor, work, "case_type.added", checked.key, checked, reason)


@needs(Permission.EDIT_CASE_TYPES)
def revise_type(actor: Actor, work: UnitOfWork, /, wanted: CaseType, *, reason: str) -> Revised:
    """Put an edited type in force. ``wanted.revision`` is the one that was edited:
    `Refused("storage.conflict")` if somebody else revised the type since."""
    before = _unrevised_since(work, wanted.key, wanted.revision)
    checked = replace(wanted, workflow=before.workflow).checked()
    if checked.to_json() == before.to_json():
        raise Refused("cases.type_unchanged")
    _check_open_cases(work, before, checked)
    return _revise(actor, work, "case_type.revised", checked.key, checked, reason)


@needs(Permission.EDIT_CASE_TYPES)
def back_to_defaults(
    actor: Actor, work: UnitOfWork, /, key: str, *, revision: int | None, reason: str
) -> Revised:
    """Put a type in force again as the product brings it."""
    before, brought = _unrevised_since(work, key, revision), catalogue.defaults().get(key)
    if brought is None:
        raise Refused("cases.type_has_no_defaults")
    if brought.to_json() == before.to_json():
        raise Refused("cases.type_unchanged")
    _check_open_cases(work, before, brought)
    return _revise(actor, work, "case_type.reset", key, None, reason)


def _unrevised_since(work: UnitOfWork, key: str, revision: int | None) -> CaseType:
    before = catalogue.case_type(work, key)
    if before.revision != revision:
        raise Refused("storage.conflict")
    return before


def _revise(
    actor: Actor,
    work: UnitOfWork,
    action: str,
    key: str,
    content: CaseType | None,
    reason: str,
) -> Revised:
    said = line(reason, field="reason")
    if not said:
        raise Refused("cases.needs_text", field="reason")
    number = work.session.scalar(
        select(func.max(CaseTypeRevision.number)).where(CaseTypeRevision.key == key)
    )
    revision = CaseTypeRevision(
        key=key,
        number=(number or 0) + 1,
        content=None
        if content is None
        else json.dumps(content.to_json(), ensure_ascii=False, sort_keys=True),
        made_at=work.now,
        made_by=actor.user_id,
        reason=said,
    )
    work.session.add(revision)
    try:
        work.session.flush()
    except IntegrityError as error:  # another desk was first by a moment
        raise Refused("storage.conflict") from error
    catalogue.forget(work)
    if not any(one.is_active for one in catalogue.in_force(work).values()):
        raise Refused("cases.type_last_active")
    after = catalogue.case_type(work, key)
    record(
        actor,
        work,
        action,
        subject=("case_type", revision.id),
        key=key,
        closing_level=int(after.closing_level),
        is_active=after.is_active,
    )
    work.changed("case_type", revision.id)
    return Revised(revision.id, *_weighed(work, after))


def _open(key: str) -> Select[int]:
    """What was merged goes on in another case, whose type counts. Where that is undone after a
    stage was taken out, the case is at the first again."""
    over = (CaseState.CLOSED.value, CaseState.MERGED.value)
    return select(Case.id).where(Case.case_type == key, Case.state.not_in(over))


def _weighed(work: UnitOfWork, kind: CaseType) -> tuple[int, int]:
    """How many cases of the type aren't closed, and how many of them miss something."""
    cases = work.session.scalar(select(func.count()).select_from(_open(kind.key).subquery())) or 0
    wanted = [one for one in kind.fields if one.is_needed(closing=True)]
    if not wanted or not cases:
        return cases, 0
    filled = (
        select(CaseFieldValue.case_id)
        .where(
            CaseFieldValue.case_id.in_(_open(kind.key)),
            CaseFieldValue.case_type == kind.key,
            CaseFieldValue.field.in_([one.key for one in wanted]),
        )
        .group_by(CaseFieldValue.case_id)
        .having(func.count() == len(wanted))
    )
    complete = work.session.scalar(select(func.count()).select_from(filled.subquery())) or 0
    return cases, cases - complete


def _check_open_cases(work: UnitOfWork, before: CaseType, after: CaseType) -> None:
    """`Refused` for what would be taken away from under cases that aren't closed."""
    kept = {one.key for one in after.stages}
    for stage in before.stages:
        if stage.key not in kept:
            standing = _open(before.key).where(Case.stage == stage.key)
            if number := _count(work, standing):
                raise Refused("cases.type_stage_in_use", name=stage.name, number=number)
    for field in before.fields:
        now = after.field(field.key)
        if now is None:
            continue
        if now.kind is not field.kind:
            if number := _count(work, _filled_in(before.key, field.key)):
                raise Refused("cases.type_field_in_use", name=field.name, number=number)
        elif field.kind is FieldKind.CHOICE:
            left = {choice.key for choice in now.choices}
            for choice in field.choices:
                if choice.key in left:
                    continue
                if number := _count(work, _filled_in(before.key, field.key, [choice.key])):
                    raise Refused("cases.type_choice_in_use", name=choice.name, number=number)


def _filled_in(key: str, field: str, values: Iterable[str] = ()) -> Select[int]:
    found = select(CaseFieldValue.case_id).where(
        CaseFieldValue.case_id.in_(_open(key)),
        CaseFieldValue.case_type == key,
        CaseFieldValue.field == field,
    )
    chosen = list(values)
    return found.where(CaseFieldValue.value.in_(chosen)) if chosen else found


def _count(work: UnitOfWork, query: Select[int]) -> int:
    return work.session.scalar(select(func.count()).select_from(query.subquery())) or 0
