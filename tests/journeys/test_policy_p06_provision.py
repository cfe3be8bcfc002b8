"""P6: nothing goes to others without consent or a legal ground, and whatever goes or comes is
recorded as articles 29 and 30 ask, and told to the customer who asks."""

import csv
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QPushButton
from sqlalchemy import select

from desk_app.clock import FixedClock
from desk_app.keys import age
from desk_app.office import Office
from desk_app.people.access import Actor
from desk_app.privacy.provisions import views
from desk_app.privacy.provisions.rules import LegalForm
from desk_app.privacy.registers import service as registers
from desk_app.privacy.registers.rules import Item, RecipientForm, RecipientKind
from desk_app.purposes.model import Consent, PolicyVersion
from desk_app.storage.unit_of_work import UnitOfWork
from tests.journeys.called import with_case
from tests.journeys.seat import Seat
from tests.offices import DPO, OPERATOR, sign_in

__all__ = ["with_case"]
SHOP, POLICE = "刃物店", "関警察署"
IDENTITY = age.generate_identity()


@pytest.fixture
def with_registers(folder: Path, clock: FixedClock, with_case: int) -> None:
    """The officer has entered a retailer, with a key for files, and an authority."""
    with Office.at(folder, clock=clock) as office, sign_in(office, DPO) as desk:
        for kind, name, key in (
            (RecipientKind.RETAILER, SHOP, age.recipient_of(IDENTITY)),
            (RecipientKind.AUTHORITY, POLICE, ""),
        ):
            form = RecipientForm(kind, name, "東京都台東区1-1", "店主 三郎", public_key=key)
            desk.perform(registers.enter_recipient, form)


def agree(seat: Seat) -> None:
    """The customer agrees on the telephone that the retailer is told."""

    def enter(actor: Actor, work: UnitOfWork) -> None:
        work.session.add(
            Consent(
                customer_id=1,
                purposes=["G"],
                recipients=["retailer"],
                topics=[],
                policy_version_id=work.session.scalars(select(PolicyVersion.id)).first(),
                channel="telephone",
                given_at=work.now,
                entered_at=work.now,
                entered_by=actor.user_id,
            )
        )
        work.session.flush()
        work.changed("customer", 1)

    seat.desk.perform(enter)


def begin(seat: Seat, recipient: str, *items: Item) -> QPushButton:
    seat.open_only_case()
    seat.hands.click("case_hand_over")
    start = seat.find(QPushButton, "hand_over_start")
    combo = seat.find(QComboBox, "hand_over_recipient")
    combo.setCurrentIndex(combo.findText(recipient))
    for item in items:
        seat.find(QCheckBox, f"hand_over_item_{item}").setChecked(True)
    return start


def wait_for_verdict(seat: Seat, key: str) -> None:
    said = seat.look.words(key)
    verdict = seat.find(QLabel, "hand_over_verdict")
    seat.hands.wait(key, lambda: said in verdict.text())


def test_a_third_party_is_given_what_the_customer_or_the_law_lets_it_have(
    with_registers: None, seat: Seat, tmp_path: Path
) -> None:
    hands, file = seat.hands, tmp_path / "out.csv.age"
    seat.sign_in(OPERATOR)
    start = begin(seat, SHOP, Item.NAME, Item.PRODUCT)
    wait_for_verdict(seat, "ui_provisions.may_not")
    assert not start.isEnabled()
    agree(seat)
    wait_for_verdict(seat, "ui_provisions.may")
    hands.wait("the permission", start.isEnabled)
    hands.choose("hand_over_form", "csv")
    start.click()
    proposed = seat.choose_file(file)
    assert "佐藤" not in proposed
    assert SHOP not in proposed
    hands.wait("the file", lambda: seat.shows("provisions_table"))
    with file.open("rb") as sealed:
        said = age.decrypt(sealed, [IDENTITY]).read().decode("utf-8-sig")
    assert [row[1] for row in list(csv.reader(StringIO(said)))[3:]] == ["佐藤 花子", "関孫六 三徳"]

    start = begin(seat, POLICE, Item.NAME)
    wait_for_verdict(seat, "ui_provisions.may_not")
    hands.choose("hand_over_ground", "law")
    hands.type("hand_over_reference", "関刑12号")
    seat.find(QComboBox, "hand_over_means").setFocus()  # the field is left
    hands.choose("hand_over_means", "post")
    hands.wait("the permission", start.isEnabled)
    start.click()
    hands.wait("the record", lambda: seat.shows("provisions_table"))

    hands.type("provisions_case", str(seat.read(views.provisions)[0].case_number))
    hands.click("provisions_receive")
    seat.find(QComboBox, "receipt_provider").setCurrentIndex(2)
    hands.type("receipt_obtained", "店頭でご本人から")
    seat.find(QCheckBox, "receipt_item_telephone").setChecked(True)
    hands.click("receipt_save")
    seat.wait_for_notice("ui_provisions.receipt_saved")

    records = seat.read(views.records_of, 1)
    by_law, by_consent = records.provisions
    assert by_consent.row.form is LegalForm.CONSENT
    assert by_consent.consent_id == 1
    assert (by_law.row.form, by_law.reference) == (LegalForm.LEGAL_GROUND, "関刑12号")
    assert by_law.ground is not None
    for record in records.provisions:
        assert (record.person, record.recipient_address) == ("佐藤 花子", "東京都台東区1-1")
        assert record.row.keep_until == date(2029, 6, 10)
    (receipt,) = records.receipts
    assert receipt.row.items == (Item.TELEPHONE,)
    assert receipt.obtained == "店頭でご本人から"
    assert receipt.row.keep_until == date(2029, 6, 10)
