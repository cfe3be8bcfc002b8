"""Controls for the officer's pages."""

from collections.abc import Collection

from sqlalchemy import select

from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.controls import reading
from desk_app.privacy.controls.model import Control
from desk_app.privacy.controls.pages import ControlPage, ControlRow
from desk_app.privacy.controls.rules import ControlKind
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.OVERSEE)
def controls(
    actor: Actor, work: UnitOfWork, /, kinds: Collection[ControlKind]
) -> tuple[ControlRow, ...]:
    """All controls of these kinds, the latest first."""
    found = work.session.scalars(
        select(Control)
        .where(Control.kind.in_([kind.value for kind in kinds]))
        .order_by(Control.planned_on.desc(), Control.id.desc())
    ).all()
    return reading.rows(work, found, office_day(work))


@needs(Permission.OVERSEE)
def control(actor: Actor, work: UnitOfWork, /, control_id: int) -> ControlPage:
    """All of one control."""
    found = work.session.get(Control, control_id)
    if found is None:
        raise Refused("controls.not_found")
    return reading.page_of(work, found, office_day(work))
