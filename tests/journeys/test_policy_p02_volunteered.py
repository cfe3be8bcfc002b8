"""P2: what a customer volunteers is sealed apart: absent for the others, read by the appointed."""

import csv
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtWidgets import QLabel

from desk_app.audit import views as audit
from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.rules import Disposition
from desk_app.cases import service as cases
from desk_app.cases.sealed import service as sealed
from desk_app.clock import FixedClock
from desk_app.errors import NotPermitted
from desk_app.office import Desk
from desk_app.purposes.rules import Purpose
from desk_app.reports import case_lists, case_summary
from desk_app.reports import service as reports
from desk_app.sealed import views as sealed_views
from desk_app.search import service as search
from desk_app.search import views as search_views
from desk_app.search.pages import Query
from desk_app.words import Words
from tests.journeys.readable import of_texts, readable_in
from tests.journeys.seat import Seat
from tests.offices import DPO, OPERATOR, SUPERVISOR

TOLD = "dialysis"
NOTE = "Is on dialysis, send it on Friday"
EN = Words("en")
SHOWN = EN("sensitive.placeholder")


def open_case_with_a_note(seat: Seat, clock: FixedClock) -> None:
    """By hand: an operator writes what the customer volunteered, and marks it so."""
    desk = seat.desk
    contact_id = desk.perform(calls.start_call, uid="0" * 32, rang_at=clock.now(), late_entry=True)
    form = ContactForm(
        inquiries=(InquiryForm(text="The blade is chipped"),), disposition=Disposition.FOLLOW_UP
    )
    desk.perform(cases.save_contact, contact_id, form, NewCase())
    seat.open_only_case()
    seat.hands.click("case_act_note")
    seat.hands.type("case_act_text", NOTE)
    seat.hands.click("case_act_save")
    seat.hands.choose("sensitive_verdict_0", "seal")
    seat.hands.click("sensitive_save")
    seat.hands.wait("the note", lambda: SHOWN in shown_texts(seat))


def shown_texts(seat: Seat) -> str:
    labels = seat.app.window.findChildren(QLabel)
    return "\n".join(one.text() for one in labels if one.isVisible())


def taken_out(desk: Desk, folder: Path) -> str:
    """The summary and the list of cases, as they leave the house."""
    summary = desk.perform(reports.open_case_summary, 1, purpose=Purpose.INQUIRIES)
    case_summary.write_pdf(summary, folder / "summary.pdf", EN)
    listed = desk.perform(reports.open_case_list, Query(""), purpose=Purpose.INQUIRIES)
    case_lists.write_csv(
        listed, folder / "list.csv", EN, lambda ids: desk.read(search_views.rows, ids)
    )
    pages = [page.extract_text() for page in PdfReader(folder / "summary.pdf").pages]
    with (folder / "list.csv").open(encoding="utf-8-sig") as read:
        cells = [cell for row in csv.reader(read) for cell in row]
    return " ".join([*pages, *cells])


def test_what_is_volunteered_is_absent_for_others_and_read_by_the_appointed(
    seat: Seat, folder: Path, clock: FixedClock, tmp_path: Path
) -> None:
    seat.sign_in(OPERATOR)
    open_case_with_a_note(seat, clock)
    assert TOLD not in shown_texts(seat), "who wrote it has only the placeholder now"
    desk = seat.desk
    assert len(desk.perform(search.find, Query("Friday")).ids) == 1
    assert len(desk.perform(search.find, Query(TOLD)).ids) == 0
    (row,) = desk.read(sealed_views.records_of, case_id=1)
    assert row.kind == "medical"
    with pytest.raises(NotPermitted):
        desk.perform(
            sealed.open_records,
            1,
            [row.record_id],
            purpose=Purpose.INQUIRIES,
            identities=desk.sealed_identities(),
        )
    assert desk.sealed_identities() == {}
    page = seat.cases
    page.case.book.open_key("sealed")
    seat.hands.find(QLabel, f"sealed_{row.record_id}")
    assert not seat.shows("sealed_open")

    seat.sign_in(SUPERVISOR)
    out = taken_out(seat.desk, tmp_path)
    assert TOLD not in out
    assert "Friday" in out
    seat.open_only_case()
    assert TOLD not in shown_texts(seat)
    page = seat.cases
    page.case.book.open_key("sealed")
    seat.hands.click("sealed_open")
    seat.hands.wait("what is sealed", lambda: TOLD in shown_texts(seat))
    seat.hands.click("sealed_close")
    assert TOLD not in shown_texts(seat)

    seat.sign_in(DPO)
    told = [one for one in seat.read(audit.entries) if one.action.startswith("sealed.")]
    assert {(one.action, one.purpose) for one in told} == {
        ("sealed.sealed", None),
        ("sealed.opened", "G"),
    }
    assert readable_in([folder], of_texts(TOLD)) == set()
