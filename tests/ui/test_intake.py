"""Taking calls through the real window on a real office: keys in, rows and files out."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desk_app.calls import views as calls
from desk_app.calls.endings import usual_end
from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.rules import Disposition
from desk_app.cases import views as cases
from desk_app.cases.service import open_case
from desk_app.clock import FixedClock
from desk_app.customers.rules import Answer, PersonalField
from desk_app.hours import service as hours
from desk_app.office import Office
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.recordings import views as recordings
from desk_app.recordings.rules import RecordingState
from desk_app.recordings.virtual_sound import VirtualSound
from desk_app.settings import Inputs, Sound
from tests.offices import OPERATOR, SUPERVISOR, FoundedOffice
from tests.ui.desks import PATIENCE_MS, open_window, sign_in
from ui.application import Application
from ui.calls.fields import PersonalLine
from ui.calls.page import IntakePage
from ui.look import Look
from ui.panel import Panel

Until = Callable[[Callable[[], bool]], None]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
KEY = Qt.Key


@pytest.fixture
def until(qtbot: QtBot) -> Until:
    return lambda condition: qtbot.waitUntil(condition, timeout=PATIENCE_MS)


@pytest.fixture
def folder(template_office: FoundedOffice, tmp_path: Path) -> Path:
    return shutil.copytree(template_office.folder, tmp_path / "desk")


@pytest.fixture
def desks(
    qtbot: QtBot, look: Look, folder: Path, clock: FixedClock
) -> Iterator[Callable[[], Application]]:
    """Opens a window and signs the operator in; every one is shut at the end."""
    running: list[Application] = []

    def begin() -> Application:
        desk = open_window(qtbot, look, folder, clock)
        running.append(desk)
        sign_in(qtbot, desk, OPERATOR)
        return desk

    yield begin
    for desk in running:
        desk.shut()


@pytest.fixture
def desk(desks: Callable[[], Application], until: Until) -> Application:
    desk = desks()
    until(lambda: intake(desk).start.call.isEnabled())
    return desk


def intake(desk: Application) -> IntakePage:
    page = desk.window.pages()["intake"]
    assert isinstance(page, IntakePage)
    return page


def press(
    qtbot: QtBot, desk: Application, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE
) -> None:
    """A key to whatever has the focus."""
    qtbot.keyClick(desk.window.focusWidget() or desk.window, key, modifier)


def read(desk: Application, view: Callable[..., object], *args: object) -> object:
    assert desk.desk is not None
    return desk.desk.read(view, *args)


def take_call(qtbot: QtBot, desk: Application, until: Until) -> IntakePage:
    press(qtbot, desk, KEY.Key_F2)
    page = intake(desk)
    until(lambda: page.is_writing)
    until(lambda: page.contact.known.announcement.isVisible())
    return page


def write(qtbot: QtBot, field: QWidget, text: str) -> None:
    field.setFocus()
    qtbot.keyClicks(field, text)


def test_a_wrong_number_is_three_keys(qtbot: QtBot, desk: Application, until: Until) -> None:
    page = take_call(qtbot, desk, until)
    assert page.contact.matter.text.hasFocus()
    press(qtbot, desk, KEY.Key_F2, SHIFT)
    press(qtbot, desk, KEY.Key_5)
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)
    until(lambda: bool(desk.window.notices.shown))
    said = desk.window.notices.shown[0]
    assert (said.key, said.params["contact"]) == ("ui_intake.saved_contact", "20260610-0001")
    assert read(desk, calls.my_open_contacts) == ()
    desk.tasks.finish()
    assert drafts(desk) == []


def test_a_question_becomes_a_case_by_keyboard_alone(
    qtbot: QtBot, desk: Application, until: Until
) -> None:
    page = take_call(qtbot, desk, until)
    qtbot.keyClicks(desk.window.focusWidget(), "Which stone for this knife?")
    for expected in ("product", "lot", "category", "symptom", "answer", "party", "caller_name"):
        press(qtbot, desk, KEY.Key_Tab)
        assert desk.window.focusWidget().objectName() == expected
    qtbot.keyClicks(desk.window.focusWidget(), "Erika Mustermann")
    press(qtbot, desk, KEY.Key_Tab)
    press(qtbot, desk, KEY.Key_D, CTRL)  # the reading is declined
    press(qtbot, desk, KEY.Key_Tab)
    qtbot.keyClicks(desk.window.focusWidget(), "090-1234-5678")
    press(qtbot, desk, KEY.Key_F2, SHIFT)
    press(qtbot, desk, KEY.Key_2)
    assert "new case" in page.contact.ending.save.text()
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: bool(desk.window.notices.shown))
    assert desk.window.notices.shown[0].params["case"] == "2026-000001"

    # She calls again, and is offered with her case.
    page = take_call(qtbot, desk, until)
    write(qtbot, page.contact.caller.callback, "09012345678")
    press(qtbot, desk, KEY.Key_Tab)
    until(lambda: page.contact.bar.matches[0].isVisible())
    assert "Erika Mustermann" in page.contact.bar.matches[0].text()
    press(qtbot, desk, KEY.Key_1, CTRL)
    until(lambda: page.contact.known.cases.count() == 1)
    assert page.contact.caller.name.text() == "Erika Mustermann"
    assert page.contact.known.contacts.count() == 1
    press(qtbot, desk, KEY.Key_J, CTRL)
    press(qtbot, desk, KEY.Key_F2, SHIFT)
    press(qtbot, desk, KEY.Key_1)
    assert "join the case" in page.contact.ending.save.text()
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)
    customer = page.contact.form().customer
    assert customer is None, "nothing of the last caller stays"
    until(lambda: desk.window.notices.shown[0].params.get("case") == "2026-000001")


def test_a_call_at_lunch_is_refused_and_says_when_the_office_opens(
    qtbot: QtBot, desk: Application, until: Until, clock: FixedClock, look: Look
) -> None:
    clock.move_to(datetime.fromisoformat("2026-06-10T12:30+09:00"))
    press(qtbot, desk, KEY.Key_F2)
    page = intake(desk)
    until(lambda: not page.start.call.isEnabled())
    assert not page.is_writing
    assert "13:00" in page.start.refused.text()
    look.language.switch_to("ja")
    assert "13:00" in page.start.refused.text()
    look.language.switch_to("en")

    # A letter is entered at any hour.
    page.start.written.click()
    until(lambda: page.is_writing)
    assert not page.contact.known.announcement.isVisible()
    assert not page.contact.bar.hang_up.isVisible()


def test_a_supervisors_permit_reaches_the_page(
    qtbot: QtBot, desk: Application, until: Until, clock: FixedClock
) -> None:
    clock.move_to(datetime.fromisoformat("2026-06-10T12:30+09:00"))
    press(qtbot, desk, KEY.Key_F2)
    until(lambda: not intake(desk).start.call.isEnabled())
    assert desk.desk is not None
    with desk.desk.second_person(SUPERVISOR.login, SUPERVISOR.password) as supervisor:
        supervisor.perform(hours.permit_call, reason="recall")
    until(lambda: intake(desk).start.call.isEnabled())
    take_call(qtbot, desk, until)


def test_digits_are_text_in_text_and_the_input_method_keeps_its_keys(
    qtbot: QtBot, desk: Application, until: Until
) -> None:
    page = take_call(qtbot, desk, until)
    qtbot.keyClicks(page.contact.matter.text, "5 knives")
    assert page.contact.ending.dispositions.value is None
    press(qtbot, desk, KEY.Key_F2, SHIFT)
    press(qtbot, desk, KEY.Key_5)
    assert page.contact.ending.dispositions.value is Disposition.WRONG_NUMBER
    page.contact.matter.text.setFocus()
    QApplication.sendEvent(page.contact.matter.text, QInputMethodEvent("へんか", []))
    press(qtbot, desk, KEY.Key_Return, CTRL)
    assert not page.contact.matter.text.toPlainText().endswith("\n")
    done = QInputMethodEvent("", [])
    done.setCommitString("変化")
    QApplication.sendEvent(page.contact.matter.text, done)
    assert page.is_writing
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)


def test_what_was_typed_comes_back_after_a_crash(
    qtbot: QtBot, desks: Callable[[], Application], until: Until, clock: FixedClock
) -> None:
    first = desks()
    until(lambda: intake(first).start.call.isEnabled())
    page = take_call(qtbot, first, until)
    write(qtbot, page.contact.matter.text, "Die Klinge ist gesprungen")
    page.contact.matter.add_matter()
    write(qtbot, page.contact.matter.text, "Second matter")
    until(lambda: len(drafts(first)) == 1)
    assert b"Klinge" not in drafts(first)[0].read_bytes()
    first.shut()  # everything the window holds is gone; the call is still open in the office

    clock.move_to(clock.now() + timedelta(minutes=2))
    again = desks()
    page = intake(again)
    until(lambda: page.start.unfinished[0].isVisible())
    page.start.unfinished[0].click()
    until(lambda: page.is_writing)
    texts = [one.text for one in page.contact.matter.inquiries()]
    assert texts == ["Die Klinge ist gesprungen", "Second matter"]
    assert page.contact.bar.hang_up.isVisible(), "somebody may still be on the line"
    page.contact.bar.hang_up.click()
    press(qtbot, again, KEY.Key_2)
    press(qtbot, again, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)


def test_f2_leads_back_to_the_call_and_in_front_of_it_asks_if_it_is_over(
    qtbot: QtBot, desk: Application, until: Until
) -> None:
    page = take_call(qtbot, desk, until)
    desk.window.open_page("cases")
    press(qtbot, desk, KEY.Key_F2)
    assert desk.window.pages()["intake"].isVisible()
    lines = page.contact.bar.attention
    assert not lines.ending.isVisible()
    press(qtbot, desk, KEY.Key_F2)
    until(lines.ending.isVisible)
    lines.goes_on.click()
    assert not lines.ending.isVisible()
    press(qtbot, desk, KEY.Key_F2, SHIFT)
    press(qtbot, desk, KEY.Key_5)
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)


def test_the_desk_is_not_locked_over_a_call(
    qtbot: QtBot, desk: Application, until: Until, clock: FixedClock
) -> None:
    page = take_call(qtbot, desk, until)
    clock.move_to(clock.now() + timedelta(hours=1))
    assert desk.desk is not None
    assert desk.desk.idle.left is None
    desk.window.lock_wanted.emit()
    assert desk.window.is_at_desk
    press(qtbot, desk, KEY.Key_F2, SHIFT)
    press(qtbot, desk, KEY.Key_6)
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)
    assert desk.desk.idle.left == timedelta(minutes=10)


def test_a_failed_save_loses_nothing(qtbot: QtBot, desk: Application, until: Until) -> None:
    page = take_call(qtbot, desk, until)
    write(qtbot, page.contact.matter.text, "x")
    press(qtbot, desk, KEY.Key_F2, SHIFT)
    press(qtbot, desk, KEY.Key_2)
    page.contact.matter.product.setMaxLength(5_000)
    page.contact.matter.product.setText("9" * 4_000)
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: bool(desk.window.notices.shown))
    assert desk.window.notices.shown[0].key == "errors.text.too_long"
    assert page.is_writing
    assert page.contact.matter.text.toPlainText() == "x"
    page.contact.matter.product.setText("9")
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)


def test_a_call_is_recorded_from_the_announcement_to_the_hang_up(
    qtbot: QtBot,
    desk: Application,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with VirtualSound() as sound:
        for name, value in sound.environment.items():
            monkeypatch.setenv(name, value)
        desk.settings.change(sound=Sound(Inputs.TWO, "ALSA: operator", "ALSA: caller"))
        page = take_call(qtbot, desk, until)
        bar = page.contact.bar
        assert "Waiting" in bar.recording.text()
        page.contact.known.announcement.read.click()
        until(lambda: "● Recording" in bar.recording.text())
        assert "● Recording" in desk.window.status.recording.text()
        assert not page.contact.known.announcement.isVisible()
        press(qtbot, desk, KEY.Key_F4)
        until(lambda: "paused" in bar.recording.text())
        assert "paused" in desk.window.status.recording.text()
        press(qtbot, desk, KEY.Key_F4)
        until(lambda: "● Recording" in bar.recording.text())
        press(qtbot, desk, KEY.Key_F2, SHIFT)
        until(lambda: len(sealed(desk)) == 1)
        press(qtbot, desk, KEY.Key_6)
        press(qtbot, desk, KEY.Key_Return, CTRL)
        until(lambda: not page.is_writing)
        until(lambda: (desk.tasks.finish(), desk.session and not desk.session.sure.count)[1])
    rows = read(desk, recordings.of_contacts, [1])
    assert isinstance(rows, dict)
    assert [(row.part, row.state) for row in rows[1]] == [(1, RecordingState.SEALED)]


def office_of(desk: Application) -> Office:
    assert desk.office is not None
    return desk.office


def drafts(desk: Application) -> list[Path]:
    return list(office_of(desk).drafts.glob("*.draft.age"))


def sealed(desk: Application) -> list[Path]:
    return [
        path
        for path in office_of(desk).recordings.glob("*.age")
        if not path.name.endswith(".peaks.age")
    ]


def test_an_objection_ends_the_recording_and_the_call_goes_on(
    qtbot: QtBot, desk: Application, until: Until
) -> None:
    page = take_call(qtbot, desk, until)
    page.contact.known.announcement.object.click()
    assert "objection" in page.contact.bar.recording.text()
    assert desk.desk is not None
    until(lambda: read(desk, calls.recording_terms, 1).objected)
    assert page.contact.bar.hang_up.isVisible()


def test_without_a_sound_device_the_call_goes_on_being_logged(
    qtbot: QtBot, desk: Application, until: Until, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nothing = tmp_path / "alsa.conf"
    nothing.write_text("")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(nothing))
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    page = take_call(qtbot, desk, until)
    page.contact.known.announcement.read.click()
    until(lambda: "Not recording" in page.contact.bar.recording.text())
    assert any(one.key.startswith("errors.recordings.") for one in desk.window.notices.shown)
    write(qtbot, page.contact.matter.text, "still written down")
    press(qtbot, desk, KEY.Key_F2, SHIFT)
    press(qtbot, desk, KEY.Key_2)
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)
    assert read(desk, cases.case_number, 1) == "2026-000001"


def test_the_usual_end_follows_from_what_was_written() -> None:
    asked = (InquiryForm(text="?"),)
    for disposition, inquiries, joined, kind in (
        (None, asked, None, None),
        (Disposition.ANSWERED, asked, None, "answered"),
        (Disposition.ANSWERED, asked, 7, "join_case"),
        (Disposition.FOLLOW_UP, asked, None, "new_case"),
        (Disposition.HUNG_UP, (), None, "call_only"),
        (Disposition.HUNG_UP, asked, None, "new_case"),
        (Disposition.WRONG_NUMBER, asked, 7, "call_only"),
        (Disposition.BUSY, (), None, "call_only"),
        (Disposition.BUSY, (), 7, "join_case"),
    ):
        end = usual_end(
            ContactForm(disposition=disposition, inquiries=inquiries), join_case_id=joined
        )
        assert (end.kind if end else None) == kind


def test_tab_goes_in_the_order_of_the_page(qtbot: QtBot, desk: Application, until: Until) -> None:
    page = take_call(qtbot, desk, until)
    page.contact.caller.unfold()
    page.contact.matter.text.setFocus()
    visited = []
    for _ in range(17):
        visited.append(desk.window.focusWidget().objectName())
        press(qtbot, desk, KEY.Key_Tab)
    assert visited == [
        "matter",
        "product",
        "lot",
        "category",
        "symptom",
        "answer",
        "party",
        "caller_name",
        "caller_reading",
        "callback_number",
        "postcode",
        "address",
        "building",
        "email",
        "dispositions",
        "purpose",
        "next_step",
    ]


def test_a_letter_and_a_late_entry_are_saved_like_calls(
    qtbot: QtBot, desk: Application, until: Until
) -> None:
    page = intake(desk)
    page.start.channel.setCurrentIndex(page.start.channel.findData("letter"))
    page.start.written.click()
    until(lambda: page.is_writing)
    write(qtbot, page.contact.matter.text, "Praise in a letter")
    desk.window.setFocus()
    page.contact.ending.enter()
    press(qtbot, desk, KEY.Key_1)
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)

    page.start.late.click()
    until(lambda: page.is_writing)
    assert not page.contact.bar.hang_up.isVisible()
    page.contact.ending.enter()
    press(qtbot, desk, KEY.Key_8)
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)
    assert read(desk, calls.contact_number, 2) == "20260610-0002"


def test_a_promised_call_back_is_made_from_the_desk(
    qtbot: QtBot, desk: Application, until: Until
) -> None:
    page = take_call(qtbot, desk, until)
    write(qtbot, page.contact.matter.text, "Please call me back")
    write(qtbot, page.contact.caller.name, "Rita Ruf")
    write(qtbot, page.contact.caller.callback, "03-1234-5678")
    page.contact.ending.next_step.setCurrentIndex(page.contact.ending.next_step.findData("promise"))
    press(qtbot, desk, KEY.Key_F2, SHIFT)
    press(qtbot, desk, KEY.Key_2)
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)

    page.start.number.setText("0312345678")
    page.start.outbound.click()
    until(lambda: page.contact.bar.matches[0].isVisible())
    assert page.contact.bar.number.text() == "03-1234-5678"
    press(qtbot, desk, KEY.Key_1, CTRL)
    until(lambda: page.contact.bar.promise.isVisible())
    assert "10 Jun" in page.contact.bar.promise.text()


def test_control_characters_and_emoji_in_every_field_are_saved_as_what_can_be_shown(
    qtbot: QtBot, desk: Application, until: Until
) -> None:
    page = take_call(qtbot, desk, until)
    odd = "\x00刃\x07が\x1b[31m欠けた\u202e👩🏽‍🔧🔪"
    matter, caller = page.contact.matter, page.contact.caller
    caller.unfold()
    matter.text.setPlainText(odd)
    matter.answer.setPlainText(odd)
    for field in (
        *(matter.product, matter.lot, matter.symptom),
        *(caller.name, caller.reading, caller.callback),
        *(caller.postcode, caller.address, caller.building, caller.email),
    ):
        field.setText(odd)
    press(qtbot, desk, KEY.Key_F2, SHIFT)
    press(qtbot, desk, KEY.Key_2)
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: bool(desk.window.notices.shown))
    assert desk.window.notices.shown[0].params["case"] == "2026-000001"
    assert desk.desk is not None
    saved = desk.desk.perform(open_case, 1, purpose=USUAL_PURPOSE)
    inquiry = saved.contacts[0].inquiries[0]
    for text in (inquiry.text, inquiry.answer, inquiry.symptom, saved.contacts[0].caller_name):
        assert "👩🏽‍🔧🔪" in text
        assert not {"\x00", "\x07", "\x1b"} & set(text)


def test_a_megabyte_is_refused_with_nothing_lost(
    qtbot: QtBot, desk: Application, until: Until
) -> None:
    page = take_call(qtbot, desk, until)
    page.contact.matter.text.setPlainText("刃" * 1_000_000)
    press(qtbot, desk, KEY.Key_F2, SHIFT)
    press(qtbot, desk, KEY.Key_2)
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: bool(desk.window.notices.shown))
    assert desk.window.notices.shown[0].key == "errors.text.too_long"
    assert page.is_writing
    assert len(page.contact.matter.text.toPlainText()) == 1_000_000
    assert len(drafts(desk)) == 1
    page.contact.matter.text.setPlainText("刃が欠けた")
    until(page.contact.ending.save.isEnabled)
    press(qtbot, desk, KEY.Key_Return, CTRL)
    until(lambda: not page.is_writing)


def test_what_was_filled_in_is_covered_and_what_was_typed_is_not(qtbot: QtBot, look: Look) -> None:
    panel = Panel(look, "panel")
    qtbot.addWidget(panel)
    line = PersonalLine(panel, "caller_name")
    line.setParent(panel)
    record = PersonalField.of("佐藤 花子")
    line.fill_in(record)
    line.cover(covered=True)
    line.cover(covered=True)
    assert (line.text(), line.value()) == ("", record)
    line.undo()
    assert line.text() == ""
    line.cover(covered=False)
    assert line.text() == "佐藤 花子"
    line.cover(covered=True)
    qtbot.keyClicks(line, "Suzuki")
    line.cover(covered=False)
    assert (line.text(), line.value().text) == ("Suzuki", "Suzuki"), "what was typed counts"
    line.cover(covered=True)
    assert line.text() == "Suzuki", "one's own"
    line.fill_in(record)
    line.cover(covered=True)
    qtbot.keyClick(line, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert line.value().answer is Answer.DECLINED
