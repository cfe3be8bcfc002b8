"""Numbers of saved contacts (受付番号): by day, without gaps or doubles.

The finisher `number_contacts` runs as one of the last things before the commit: the counter's
row is locked for that short while only, and a save that fails gives no number away.
"""

from sqlalchemy import select

from desk_app.calls.model import Contact, ContactCounter
from desk_app.calls.rules import ContactState
from desk_app.hours.calendar import open_calendar
from desk_app.storage.counters import take_numbers
from desk_app.storage.unit_of_work import UnitOfWork


def contact_number(period: str, position: int) -> str:
    """``period`` is the office's day, e.g. "20261124"."""
    return f"{period}-{position:04d}"


def number_contacts(work: UnitOfWork) -> None:
    """Number the contacts that were saved in this unit of work, in the order of the saves."""
    ids = [change.id for change in work.changes if change.kind == "contact"]
    if not ids:
        return
    saved = list(
        work.session.scalars(
            select(Contact)
            .where(
                Contact.id.in_(ids),
                Contact.state == ContactState.SAVED.value,
                Contact.number.is_(None),
            )
            .order_by(Contact.id)
        )
    )
    if not saved:
        return
    period = open_calendar(work).local(work.now).strftime("%Y%m%d")
    positions = take_numbers(work, ContactCounter, period, len(saved))
    for position, contact in zip(positions, saved, strict=True):
        contact.number = contact_number(period, position)
    work.session.flush()
