"""Policy section 7: a customer asks what is held about them, and is given it, and only theirs.

The request is verified, decided and approved by different persons; the officer looks through what
was collected, removes, releases, makes the sealed file and enters how it went.
"""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.audit import views as audit
from desk_app.calls import service as calls
from desk_app.calls.endings import Ending, JoinCase, NewCase
from desk_app.calls.form import ContactForm, InquiryForm, NewCustomer
from desk_app.calls.rules import Disposition
from desk_app.cases import service as cases
from desk_app.clock import FixedClock
from desk_app.customers.rules import PersonalField
from desk_app.keys import age
from desk_app.keys.age import header
from desk_app.office import Desk, Office
from desk_app.privacy.disclosure import views
from desk_app.privacy.disclosure.rules import Medium, PackState
from desk_app.privacy.requests import service as requests
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.rules import Kind, Outcome, Party
from desk_app.privacy.requests.service import Received
from desk_app.purposes.rules import Purpose
from tests.offices import DPO, OPERATOR, SUPERVISOR, sign_in
from tests.ui.conftest import SitDown, sit_down, window
from ui.privacy.disclosure.handing_out import PackWanted
from ui.privacy.disclosure.tab import DisclosureTab

__all__ = ["sit_down", "window"]

PATIENCE_MS = 30_000
ASKED = "私について持っている情報をすべて見せてほしい"
MATTER = "鈴木一郎さんの紹介で買った爪切りのばねが外れた"


def call(desk: Desk, form: ContactForm, ending: Ending, at: FixedClock) -> tuple[int, int]:
    contact = desk.perform(
        calls.start_call, uid=f"{len(form.inquiries[0].text)}-{at.now()}", rang_at=at.now()
    )
    desk.perform(calls.hang_up, contact, ended_at=at.now())
    saved = desk.perform(cases.save_contact, contact, form, ending)
    assert saved.case_id is not None
    return contact, saved.case_id


def form(name: str, text: str, customer: NewCustomer | int | None) -> ContactForm:
    return ContactForm(
        customer=customer,
        caller_name=PersonalField.of(name),
        inquiries=(InquiryForm(text=text),),
        disposition=Disposition.FOLLOW_UP,
    )


def test_a_customer_is_given_what_is_theirs_and_nothing_else(
    qtbot: QtBot,
    office: Office,
    clock: FixedClock,
    sit_down: SitDown,
    window: QWidget,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(header, "SCRYPT_LOG", 10)  # what it costs is tried elsewhere
    # the calls: hers, one of somebody else in her case, and the one in which she asks
    operator = sign_in(office, OPERATOR)
    her = NewCustomer(PersonalField.of("佐藤 花子"))
    _, case_id = call(operator, form("佐藤", MATTER, her), NewCase(), clock)
    clock.move_to(clock.now() + timedelta(minutes=1))
    other = NewCustomer(PersonalField.of("鈴木 一郎"))
    call(operator, form("鈴木", "私の秘密の話です", other), JoinCase(case_id), clock)
    clock.move_to(clock.now() + timedelta(minutes=1))
    shown = operator.perform(cases.open_case, case_id, purpose=Purpose.INQUIRIES).customer
    assert shown is not None
    customer_id = shown.id
    _, asked = call(
        operator,
        ContactForm(
            customer=customer_id,
            inquiries=(InquiryForm(text=ASKED, category="privacy"),),
            disposition=Disposition.FOLLOW_UP,
        ),
        NewCase(),
        clock,
    )
    request = operator.perform(
        requests.receive,
        asked,
        Received(kind=Kind.DISCLOSURE, received_at=clock.now(), customer_id=customer_id),
    )
    version = operator.perform(
        requests.check_identity,
        request,
        1,
        party=Party.CUSTOMER,
        method="photo_document",
        proven=True,
    )
    session = sit_down(DPO)
    version = session.desk.perform(deciding.decide, request, version, outcome=Outcome.GRANTED)
    supervisor = sign_in(office, SUPERVISOR)
    supervisor.perform(deciding.approve, request, version)

    # the officer looks through it, at the window
    tab = DisclosureTab(session)
    window.layout().addWidget(tab)
    qtbot.waitUntil(lambda: tab.list.table.rowCount() == 1, timeout=PATIENCE_MS)
    tab.list.open_button.click()
    conductor, page = tab.conductor, tab.conductor.page
    review = page.review
    qtbot.waitUntil(lambda: review.table.rowCount() > 0, timeout=PATIENCE_MS)
    rows = [review.table.index(at, 0) for at in range(review.table.rowCount())]
    at = next(i for i, _ in enumerate(rows) if review._items[i].table == "inquiry")
    review.view.setCurrentIndex(rows[at])
    said = review.card.fields.rows[0].said
    assert said == "■another person■さんの紹介で買った爪切りのばねが外れた"

    # removes a word more, and releases
    text = review.card.text
    cursor = text.textCursor()
    cursor.setPosition(MATTER.index("爪切り"))
    cursor.setPosition(MATTER.index("爪切り") + 3, cursor.MoveMode.KeepAnchor)
    text.setTextCursor(cursor)
    assert review.card.remove_piece.isEnabled()
    review.card.remove_piece.click()
    qtbot.waitUntil(
        lambda: "■rights of others■" in review.card.fields.rows[0].said, timeout=PATIENCE_MS
    )
    qtbot.waitUntil(review.release.isEnabled, timeout=PATIENCE_MS)
    review.release.click()
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.handing, timeout=PATIENCE_MS)

    # makes the file; the passphrase is shown once
    path = tmp_path / "out" / "kaiji.zip.age"
    path.parent.mkdir()
    conductor.make_pack(path, PackWanted((Medium.PDF, Medium.DATA), "ja", None))
    qtbot.waitUntil(lambda: bool(page.handing.passphrase.text()), timeout=PATIENCE_MS)
    passphrase = page.handing.passphrase.text()
    sealed = path.read_bytes()
    assert list(path.parent.iterdir()) == [path]
    with zipfile.ZipFile(age.decrypt(io.BytesIO(sealed), [], passphrase)) as packed:
        data = packed.read("data.json").decode()
        assert "disclosure.pdf" in packed.namelist()
    inquiry = next(one for one in json.loads(data)["items"] if one["table"] == "inquiry")
    assert (
        inquiry["fields"][0]["value"] == "■他の方■さんの紹介で買った■権利利益の保護■のばねが外れた"
    )
    for value in ("鈴木", "一郎", "秘密"):
        assert value not in data
    for value in ("佐藤 花子", ASKED):
        assert value in data

    # enters how it went: the request is carried out
    qtbot.waitUntil(lambda: page.handing._last() is not None, timeout=PATIENCE_MS)
    page.handing.way.setCurrentIndex(page.handing.way.findData("registered_post"))
    page.handing.to_whom.setText("佐藤 花子")
    page.handing.deliver.click()
    qtbot.waitUntil(lambda: not page.handing.passphrase.text(), timeout=PATIENCE_MS)
    standing = session.desk.read(views.standing, request)
    assert standing.state is PackState.DELIVERED
    assert standing.deliveries[0].to_whom == "佐藤 花子"
    page.handing.back_button.click()
    review.close_button.click()
    assert review.table.rowCount() == 0, "nothing of her stays on the page"
    actions = {one.action for one in session.desk.read(audit.entries, limit=40)}
    assert {"disclosure.collected", "disclosure.made", "disclosure.delivered"} <= actions
    for found in office.folder.rglob("*"):
        if found.is_file():
            assert passphrase.encode() not in found.read_bytes()
    session.close()
