"""P3: purposes A–H. Every look names one; any other use needs a consent that covers it; who wants
no newsletters and no direct mail says so once, and that is that."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLabel

from desk_app.audit import views as audit
from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.calls.form import ContactForm, InquiryForm, NewCustomer
from desk_app.calls.rules import Channel, Disposition
from desk_app.cases import service as cases
from desk_app.clock import FixedClock
from desk_app.customers.rules import PersonalField
from desk_app.errors import Refused
from desk_app.office import Desk, Office
from desk_app.purposes.consents import service as consents
from desk_app.purposes.consents import views as consent_views
from desk_app.purposes.consents.pages import (
    ConsentChannel,
    ConsentForm,
    ConsentState,
    Evidence,
)
from desk_app.purposes.policy import service as policies
from desk_app.purposes.rules import Act, OtherUse, Purpose, RecipientKind, Scope
from desk_app.purposes.uses import consents_for, require_use
from desk_app.reports import service as reports
from desk_app.reports.case_lists import write_csv
from desk_app.search import views as search_views
from desk_app.search.pages import Query
from desk_app.words import Words
from tests.journeys.seat import FOLLOW_UP, Seat
from tests.offices import DPO, OPERATOR, SUPERVISOR, sign_in

NAMES = {"ja": "社内報での紹介", "en": "A story in the staff magazine", "de": "Mitarbeitermagazin"}


def write_up(desk: Desk, clock: FixedClock, name: str) -> tuple[int, int, int]:
    """A postcard of a new customer: contact, case, customer."""
    contact_id = desk.perform(
        calls.enter_contact, uid=name, channel=Channel.POSTCARD, received_at=clock.now()
    )
    form = ContactForm(
        customer=NewCustomer(PersonalField.of(name)),
        inquiries=(InquiryForm(text="包丁の案内がほしい"),),
        disposition=Disposition.FOLLOW_UP,
    )
    saved = desk.perform(cases.save_contact, contact_id, form, NewCase())
    assert saved.case_id is not None
    page = desk.perform(cases.open_case, saved.case_id, purpose=Purpose.INQUIRIES)
    assert page.customer is not None
    return contact_id, saved.case_id, page.customer.id


def test_a_use_outside_the_purposes_waits_for_a_consent_and_ends_with_it(
    office: Office, clock: FixedClock, tmp_path: Path
) -> None:
    with sign_in(office, DPO) as officer:
        feature = OtherUse(officer.perform(policies.name_use, NAMES))
    with sign_in(office, OPERATOR) as operator:
        _, first, sato = write_up(operator, clock, "佐藤 花子")
        contact_id, second, suzuki = write_up(operator, clock, "鈴木 一郎")
        form = ConsentForm(
            Scope(
                frozenset({Purpose.PARTNERS}),
                feature.id,
                frozenset({RecipientKind.RETAILER}),
            ),
            ConsentChannel.POSTCARD,
            Evidence(contact_id),
        )
        with pytest.raises(Refused, match="consent_other_contact"):
            operator.perform(consents.record_consent, sato, form)
        consent_id = operator.perform(consents.record_consent, suzuki, form)
        with pytest.raises(Refused, match="use_needs_consent"):
            operator.perform(cases.open_case, first, purpose=feature)
        operator.perform(cases.open_case, second, purpose=feature)
        assert operator.read(
            lambda _actor, work: consents_for(
                work,
                customer_id=suzuki,
                purpose=Purpose.PARTNERS,
                act=Act.PROVIDE,
                recipient=RecipientKind.RETAILER,
            )
        ) == (consent_id,)
        with pytest.raises(Refused, match="use_needs_consent"):
            operator.read(
                lambda _actor, work: require_use(
                    work,
                    customer_id=suzuki,
                    purpose=Purpose.PARTNERS,
                    act=Act.PROVIDE,
                    recipient=RecipientKind.ABROAD,
                )
            )
    with sign_in(office, SUPERVISOR) as supervisor:
        listed = supervisor.perform(reports.open_case_list, Query(), purpose=feature)
        assert list(listed.ids) == [second]
        write_csv(
            listed,
            tmp_path / "list.csv",
            Words("ja"),
            lambda ids: supervisor.read(search_views.rows, ids),
        )
        text = (tmp_path / "list.csv").read_text("utf-8-sig")
        assert NAMES["ja"] in text
        assert "同意がないため1件を除きました" in text
        supervisor.perform(consents.withdraw_consent, consent_id)
        with pytest.raises(Refused, match="use_needs_consent"):
            supervisor.perform(cases.open_case, second, purpose=feature)
        (row,) = supervisor.read(consent_views.uses_of, suzuki).consents
        assert (row.state, row.withdrawn_by) == (ConsentState.WITHDRAWN, SUPERVISOR.name)
        supervisor.perform(consents.opt_out, sato)
        mailing = supervisor.perform(reports.open_case_list, Query(), purpose=Purpose.NOTICES)
        assert list(mailing.ids) == [second]
    with sign_in(office, DPO) as officer:
        entries = officer.read(audit.entries)
        purposes = [one.purpose for one in entries if one.action == "case.opened"]
        assert purposes.count(feature.value) == 1, "what was refused was not opened"
        exported = next(one for one in entries if one.purpose == "B")
        assert exported.action == "case.list_exported"


def test_one_key_in_a_call_stops_the_newsletter_and_another_takes_it_back(
    seat: Seat, clock: FixedClock
) -> None:
    """Said before anybody knows who calls: it waits for its customer, and then it works at once."""
    seat.sign_in(OPERATOR)
    seat.take_call()
    seat.hands.type("matter", "メールマガジンを止めてほしい")
    seat.hands.press("Ctrl+Shift+O")
    assert "as soon as" in seat.find(QLabel, "known_uses").text()
    seat.hands.type("caller_name", "佐藤 花子")
    seat.save_call(FOLLOW_UP)
    uses = seat.read(consent_views.uses_of, 1)
    assert uses.is_opted_out

    seat.take_call()
    seat.hands.type("caller_name", "佐藤 花子")
    seat.hands.press("Alt+1")
    seat.hands.wait("the offer", lambda: seat.shows("match_1"))
    seat.hands.press("Ctrl+1")
    seat.hands.wait("what is known", lambda: seat.shows("known_uses"))
    assert "newsletters (since" in seat.find(QLabel, "known_uses").text()
    seat.hands.press("Ctrl+Shift+U")
    seat.wait_for_notice("ui_intake.opted_in")
    seat.hands.wait("the consent", lambda: "Consents" in seat.find(QLabel, "known_uses").text())
    uses = seat.read(consent_views.uses_of, 1)
    assert not uses.opt_outs
    assert uses.consents[0].evidence == Evidence(2, 0)
    seat.hands.press("Ctrl+Shift+O")
    seat.wait_for_notice("ui_intake.opted_out")
    assert seat.read(consent_views.uses_of, 1).is_opted_out
    seat.save_call("4")

    seat.open_only_case()
    purpose = seat.find(QComboBox, "case_viewing_purpose")
    assert purpose.currentData() == "G"
    seat.hands.choose("case_viewing_purpose", "H")
    purpose.activated.emit(purpose.currentIndex())
    with seat.desk.second_person(DPO.login, DPO.password) as officer:
        seat.hands.wait(
            "the entry",
            lambda: (
                officer.read(audit.entries)[0].purpose == "H"
                or any(
                    one.action == "case.opened" and one.purpose == "H"
                    for one in officer.read(audit.entries)
                )
            ),
        )


def test_what_is_not_whose_cannot_be_kept(office: Office, clock: FixedClock) -> None:
    with sign_in(office, OPERATOR) as desk:
        contact_id = desk.perform(
            calls.enter_contact, uid="1", channel=Channel.FAX, received_at=clock.now()
        )
        form = ContactForm(
            inquiries=(InquiryForm(text="DM不要"),),
            disposition=Disposition.FOLLOW_UP,
            opts_out=True,
        )
        with pytest.raises(Refused, match="opt_out_needs_customer"):
            desk.perform(cases.save_contact, contact_id, form, NewCase())
        named = replace(form, customer=NewCustomer(PersonalField.of("佐藤")))
        desk.perform(cases.save_contact, contact_id, named, NewCase())
        assert desk.read(consent_views.uses_of, 1).is_opted_out
