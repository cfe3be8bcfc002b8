"""One signed-in person's desk: `Desk`, made of what it does.

`holder` is what all of it works with: the office, its open database, the person's keys. `others`
hears what other desks do, `copies` makes and removes copies of the office, `recordings` looks
after those that lie here, `handing_on` passes keys on and renews them, `log` writes what the desk
itself enters in the log.
"""

from desk_app.desk.desk import FINISHERS, Desk

__all__ = ["FINISHERS", "Desk"]
