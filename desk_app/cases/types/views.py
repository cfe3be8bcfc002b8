"""The types of cases as pages read them: to choose from, and to edit. No personal data."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from desk_app.calls.reading import staff_names
from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.cases.types.catalogue import defaults, in_force, of_revision
from desk_app.cases.types.model import CaseTypeRevision
from desk_app.cases.types.rules import CaseType
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A type for whoever edits it."""

    type: CaseType
    open_cases: int  # all that aren't closed
    is_own: bool  # of the office, not brought by the product
    is_changed: bool  # not as the product brings it


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """An edit of a type. ``type`` is None where it went back to the defaults."""

    revision: int
    made_at: datetime
    made_by: str
    reason: str
    type: CaseType | None


@needs(Permission.OWN_ACCOUNT)
def types_in_force(actor: Actor, work: UnitOfWork, /) -> tuple[CaseType, ...]:
    """All types, the gravest last; those with ``is_active`` are offered for new cases."""
    return tuple(in_force(work).values())


@needs(Permission.EDIT_CASE_TYPES)
def types_to_edit(actor: Actor, work: UnitOfWork, /) -> tuple[TypeRow, ...]:
    """All types with the number of their open cases."""
    counts = dict(
        work.session.execute(
            select(Case.case_type, func.count())
            .where(Case.state != CaseState.CLOSED.value)
            .group_by(Case.case_type)
        ).all()
    )
    brought = defaults()
    return tuple(
        TypeRow(
            type=one,
            open_cases=counts.get(one.key, 0),
            is_own=one.key not in brought,
            is_changed=one.key in brought and one.to_json() != brought[one.key].to_json(),
        )
        for one in in_force(work).values()
    )


@needs(Permission.EDIT_CASE_TYPES)
def revisions_of(actor: Actor, work: UnitOfWork, /, key: str) -> tuple[RevisionRow, ...]:
    """What was edited about a type, the latest first."""
    names = staff_names(actor, work)
    found = work.session.scalars(
        select(CaseTypeRevision)
        .where(CaseTypeRevision.key == key)
        .order_by(CaseTypeRevision.id.desc())
    )
    return tuple(
        RevisionRow(
            row.id,
            row.made_at,
            names[row.made_by],
            row.reason,
            None if row.content is None else of_revision(row),
        )
        for row in found
    )
