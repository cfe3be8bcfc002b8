"""A small office at work on one server; `./desk bench desks` is the great one."""

from desk_app.storage.engines import server
from tests.many_desks import check_books, hire, simulate
from tests.offices import FoundedOffice
from tests.postgres import Hosting

DESKS, CALLS = 6, 4


def test_desks_at_work_at_once_keep_numbers_acts_and_log_whole(
    founded_on_server: FoundedOffice, hosting: Hosting
) -> None:
    address = hosting.running.address(hosting.where.database)
    owner = server(address, role=hosting.owner.role, password=hosting.owner.password)
    try:
        members = hire(owner, DESKS)
        timings, _ = simulate(address, members, calls_taken=CALLS, processes=1, settle_seconds=0.3)
        books = check_books(owner, calls_taken=DESKS * CALLS, timings=timings)
    finally:
        owner.dispose()
    assert books.problems == ()
    assert (books.contacts, len(timings.saves)) == (DESKS * CALLS, DESKS * CALLS)
    assert books.entries > 5 * DESKS * CALLS
    assert timings.heard  # some desk has heard of another's case
