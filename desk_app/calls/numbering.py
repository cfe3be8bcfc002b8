"""Numbers of saved contacts (受付番号): by day, without gaps or doubles.

The finisher `number_contacts` runs as one of the last things before the commit: the counter's
row is locked for that short while only, and a save that fails gives no number away.
"""

from typing import cast

from sqlalchemy import Table, bindparam, select, update

from desk_app.calls.model import Contact, ContactCounter
from desk_app.calls.rules import ContactState
from desk_app.hours.calendar import open_calendar
from desk_app.storage.counters import take_numbers
from desk_app.storage.unit_of_work import Change, UnitOfWork

_CONTACTS = cast(Table, Contact.__table__)
_UNNUMBERED = (
    select(Contact.id)
    .where(
        Contact.id.in_(bindparam("ids", expanding=True)),
        Contact.state == ContactState.SAVED.value,
        Contact.number.is_(None),
    )
    .order_by(Contact.id)
)
_NUMBER = (
    update(_CONTACTS)
    .where(_CONTACTS.c.id == bindparam("contact"))
    .values(number=bindparam("given"))
)
# Past the entity: whoever saved the contact is done with it, so that its version needn't tell.


def contact_number(period: str, position: int) -> str:
    """``period`` is the office's day, e.g. "20261124"."""
    return f"{period}-{position:04d}"


def number_contacts(work: UnitOfWork) -> None:
    """Number the contacts that were saved in this unit of work, in the order of the saves."""
    ids = [change.id for change in work.changes if change.kind == "contact"]
    if not ids:
        return
    saved = work.session.scalars(_UNNUMBERED, {"ids": ids}).all()
    if not saved:
        return
    period = open_calendar(work).local(work.now).strftime("%Y%m%d")
    positions = take_numbers(work, ContactCounter, period, len(saved))
    numbers = [contact_number(period, position) for position in positions]
    for contact_id, number in zip(saved, numbers, strict=True):
        work.session.connection().execute(_NUMBER, {"contact": contact_id, "given": number})
        work.numbered[Change("contact", contact_id)] = number
