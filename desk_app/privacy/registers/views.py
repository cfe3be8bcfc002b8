"""The registers as pages read them."""

from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.registers.pages import Registers
from desk_app.privacy.registers.reading import recipient_rows
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_REGISTERS)
def registers(actor: Actor, work: UnitOfWork, /) -> Registers:
    """Every recipient that was ever entered, with what makes or made it one."""
    return Registers(recipient_rows(work), office_day(work))
