"""P1: identification codes are seen while they are typed, and what must not be kept isn't kept."""

import logging
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QPushButton
from sqlalchemy import text

from desk_app.audit import views as audit
from desk_app.calls.service import open_contact
from desk_app.clock import FixedClock
from desk_app.purposes.rules import Purpose
from desk_app.schema import metadata
from tests.journeys.readable import of_texts, readable_in
from tests.journeys.seat import FOLLOW_UP, Seat
from tests.offices import DPO, OPERATOR
from ui.sensitive.underlining import Underlining, is_attached

CARD, MY_NUMBER, CODE, PASSPORT = "4111 1111 1111 1111", "123456789018", "737", "TK1234567"
TRACKING = "621498320257"  # passes My Number's check digit, and is none where it is called so
MATTER = f"card {CARD}, cvc {CODE}, my number {MY_NUMBER}, passport {PASSPORT}"
ANSWER = f"Tracking number {TRACKING}"


def write_down(seat: Seat) -> QPlainTextEdit:
    """A call that was taken on paper, as far as its saving."""
    seat.app.window.open_page("intake")
    seat.hands.click("late_entry")
    field = seat.find(QPlainTextEdit, "matter")
    field.setFocus()
    seat.hands.wait("the lists", lambda: is_attached(field))
    seat.hands.type("matter", MATTER)
    seat.hands.type("answer", ANSWER)
    return field


def want_saved(seat: Seat) -> None:
    seat.hands.click(f"disposition_{FOLLOW_UP}")
    seat.hands.press("Ctrl+Return")


def everything_stored(seat: Seat) -> str:
    """Every value of every row, as the database gives it to who has the key."""
    with seat.desk.holder.work(reading=True) as work:
        rows = [
            str(tuple(row))
            for table in metadata().sorted_tables
            for row in work.session.execute(text(f"SELECT * FROM {table.name}"))
        ]
    return "\n".join(rows)


def test_codes_are_underlined_only_removed_and_nowhere_kept(
    seat: Seat, folder: Path, caplog: pytest.LogCaptureFixture, clock: FixedClock
) -> None:
    caplog.set_level(logging.DEBUG)
    seat.sign_in(OPERATOR)
    field = write_down(seat)
    (underlining,) = (one for one in field.children() if isinstance(one, Underlining))
    found = [MATTER[one.start : one.end] for one in underlining.found]
    assert found == [CARD, CODE, MY_NUMBER, PASSPORT], "at once"
    assert field.toPlainText() == MATTER, "no key was lost"
    assert len(field.extraSelections()) == len(found)
    assert "never kept" not in field.accessibleDescription()  # a passport may be volunteered
    assert "Card number" in field.accessibleDescription()
    answer = seat.find(QPlainTextEdit, "answer")
    assert answer.extraSelections() == [], "a courier's number is none, whatever its check digit"

    want_saved(seat)
    save = seat.find(QPushButton, "sensitive_save")
    offered = [seat.find(QComboBox, f"sensitive_verdict_{at}") for at in range(4)]
    told = [[combo.itemData(at) for at in range(combo.count())] for combo in offered]
    assert told == [["remove"], ["remove"], ["remove"], ["", "remove", "seal"]]
    assert not save.isEnabled(), "the passport wants a decision"
    assert everything_stored(seat).count(PASSPORT) == 0, "nothing is saved before"
    seat.hands.choose("sensitive_verdict_3", "remove")
    seat.hands.click("sensitive_save")
    seat.hands.wait("the saved call", lambda: not seat.intake.is_writing)

    contact = seat.desk.perform(open_contact, 1, purpose=Purpose.INQUIRIES)
    (inquiry,) = contact.inquiries
    assert inquiry.text == "card , cvc , my number , passport"
    assert inquiry.answer == ANSWER, "left as it is"
    stored = everything_stored(seat)
    assert not [one for one in (CARD, PASSPORT, MY_NUMBER) if one in stored]
    readable = readable_in([folder], of_texts(CARD, PASSPORT))
    assert readable == set()
    assert not any(CARD in line or PASSPORT in line for line in caplog.messages)
    seat.look_around()
    assert not any(CARD in title for title in seat.titles)
    seat.sign_in(DPO)
    (entry,) = (one for one in seat.read(audit.entries) if one.action == "sensitive.decided")
    assert entry.particulars == {"removed": 4, "sealed": 0, "dismissed": 0}


def test_who_goes_back_to_the_text_has_lost_nothing(seat: Seat) -> None:
    seat.sign_in(OPERATOR)
    field = write_down(seat)
    want_saved(seat)
    seat.hands.click("sensitive_back")
    seat.wait_for_notice("errors.sensitive.removal_only")
    assert field.toPlainText() == MATTER
    assert seat.intake.is_writing
