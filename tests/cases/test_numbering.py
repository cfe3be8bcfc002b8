"""Numbers of cases and contacts: no gap and no double, whoever saves when, and whatever fails."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select

from desk_app.calls.endings import CallOnly, NewCase
from desk_app.calls.form import ContactForm
from desk_app.calls.model import Contact
from desk_app.calls.rules import Disposition
from desk_app.cases import service
from desk_app.cases.model import Case
from desk_app.people.access import Role
from tests.day import COMPLAINT, FINISHERS, OfficeDay

WRITERS, EACH = 8, 4


def numbers(day: OfficeDay) -> tuple[list[str | None], list[str | None]]:
    with day.work(reading=True) as w:
        return (
            list(w.session.scalars(select(Case.number).order_by(Case.number))),
            list(w.session.scalars(select(Contact.number).order_by(Contact.number))),
        )


def test_eight_desks_at_once_leave_no_gap_and_no_double(day: OfficeDay) -> None:
    together = threading.Barrier(WRITERS)
    operators = [day.person(Role.OPERATOR) for _ in range(WRITERS)]

    def take_calls(desk: int) -> None:
        together.wait()
        for call in range(EACH):
            contact_id = day.ring(actor=operators[desk])
            day.hang_up(contact_id, actor=operators[desk])
            ending, form = (
                (NewCase(), COMPLAINT)
                if call % 2
                else (CallOnly(), ContactForm(disposition=Disposition.SILENT))
            )
            day.save(contact_id, form, ending, actor=operators[desk])

    with ThreadPoolExecutor(WRITERS) as desks:
        for done in [desks.submit(take_calls, desk) for desk in range(WRITERS)]:
            done.result()
    cases, contacts = numbers(day)
    assert cases == [f"2026-{n:06d}" for n in range(1, WRITERS * EACH // 2 + 1)]
    assert contacts == [f"20260610-{n:04d}" for n in range(1, WRITERS * EACH + 1)]


def test_a_save_that_fails_at_the_last_moment_gives_its_numbers_back(day: OfficeDay) -> None:
    day.new_case()
    contact_id = day.ring()
    day.hang_up(contact_id)

    class PowerCut(Exception):
        pass

    def cut(_: object) -> None:
        raise PowerCut

    with day.work(finishers=(*FINISHERS, cut)) as w:
        service.save_contact(day.operator, w, contact_id, COMPLAINT, NewCase())
        with pytest.raises(PowerCut):
            w.commit()
    day.new_case()
    assert numbers(day)[0] == ["2026-000001", "2026-000002"]
    assert day.save(contact_id, COMPLAINT, NewCase()).contact_id == contact_id
    cases, contacts = numbers(day)
    assert cases == ["2026-000001", "2026-000002", "2026-000003"]
    assert contacts == ["20260610-0001", "20260610-0002", "20260610-0003"]


def test_days_and_years_are_the_offices_own(day: OfficeDay) -> None:
    # The afternoon of New Year's Eve in London is next year in Tokyo.
    day.clock.move_to(datetime(2026, 12, 31, 14, 59, tzinfo=UTC))
    _late(day)
    day.clock.move_to(datetime(2026, 12, 31, 15, 1, tzinfo=UTC))
    _late(day)
    assert numbers(day) == (
        ["2026-000001", "2027-000001"],
        ["20261231-0001", "20270101-0001"],
    )


def _late(day: OfficeDay) -> None:
    contact_id = day.ring(late_entry=True)
    day.save(contact_id, COMPLAINT, NewCase())


def test_a_number_is_given_once_and_stays(day: OfficeDay) -> None:
    case_id = day.new_case()
    day.later(days=400)
    day.perform(
        day.operator, service.add_note, case_id, day.page(case_id).version, text="年をまたいだ"
    )
    assert day.page(case_id).number == "2026-000001"


def test_little_is_done_while_the_counters_are_locked(day: OfficeDay) -> None:
    contact_id = day.ring()
    day.hang_up(contact_id)
    done: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        done.append(" ".join(statement.split()[:3]))

    with day.work(finishers=FINISHERS) as w:
        service.save_contact(day.operator, w, contact_id, COMPLAINT, NewCase())
        engine = w.session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        try:
            w.commit()
        finally:
            event.remove(engine, "before_cursor_execute", note)
    locked = done[done.index("INSERT INTO contact_counter") + 1 :]
    locked = [one for one in locked if "lock" not in one]  # the server's queue for a counter
    assert locked[:5] == [
        "UPDATE contact SET",
        "SELECT desk_case.id FROM",  # which cases are new
        "INSERT INTO case_counter",
        "UPDATE desk_case SET",
        "INSERT INTO case_text",
    ]
    assert locked[5:] in ([], ["INSERT INTO case_grams"])  # the second on the file only
