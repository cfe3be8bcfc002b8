"""A case after its call: a supervisor listens to the recording, and hands out what was done."""

import csv
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sounddevice
from openpyxl import load_workbook
from pypdf import PdfReader
from PySide6.QtWidgets import QAbstractButton, QWidget

from desk_app.audit import views as audit
from desk_app.keys import age
from desk_app.office import Desk
from desk_app.recordings import views as recordings
from desk_app.recordings.rules import RecordingState
from desk_app.recordings.virtual_sound import CALLER, VirtualSound
from desk_app.words import Words
from tests.journeys.seat import FOLLOW_UP, Seat
from tests.offices import DPO, OPERATOR, SUPERVISOR
from tests.recordings.conftest import babble, write_wave
from ui.recordings.waveform import Waveform

NAME, NUMBER = "長谷川 美穂", "090-1234-5678"
MATTER, ANSWER = "=1+1 爪切りのばねが外れた", "着払いでお預かりします"
REASON = "Was the lot number heard right?"
EN = Words("en")


def write_down(seat: Seat) -> None:
    seat.hands.type("caller_name", NAME)
    seat.hands.type("callback_number", NUMBER)
    seat.hands.type("matter", MATTER)
    seat.hands.type("answer", ANSWER)
    seat.look_around()


@pytest.fixture
def recorded(seat: Seat, lines: VirtualSound, tmp_path: Path) -> Iterator[Seat]:
    """The operator's seat after a recorded call; PortAudio of this process sees the card."""
    _look_again()
    seat.sign_in(OPERATOR)
    seat.take_call()
    seat.record()
    speaker = lines.speak(CALLER, write_wave(tmp_path / "caller.wav", babble(3, seed=5)))
    write_down(seat)
    assert speaker.wait() == 0
    seat.save_call(FOLLOW_UP)
    seat.hands.wait("the sealed recording", lambda: recording_states(seat) == ["sealed"])
    yield seat
    seat.leave()
    for thread in threading.enumerate():  # the output is closed before the card goes
        if thread.name == "player":
            thread.join()


def _look_again() -> None:
    """PortAudio looks for devices when it is initialised."""
    sounddevice._terminate()
    sounddevice._initialize()


def recording_states(seat: Seat) -> list[RecordingState]:
    rows = seat.read(recordings.of_contacts, [1])
    return [row.state for row in rows.get(1, [])]


def entries(officer: Desk, action: str) -> list[audit.EntryRow]:
    return [row for row in officer.read(audit.entries) if row.action == action]


def test_an_operator_has_no_way_to_listen_or_to_export(recorded: Seat) -> None:
    recorded.open_only_case()
    recorded.find(QWidget, "recording_state")
    assert not recorded.shows("play_")
    assert not recorded.shows("case_summary")
    recorded.hands.click("case_back")
    recorded.hands.wait("the list", lambda: recorded.shows("case_table"))
    assert not recorded.shows("case_export")


def test_a_supervisor_listens_and_that_stands_in_the_log_first(
    recorded: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat, hands = recorded, recorded.hands
    seat.sign_in(SUPERVISOR)
    seat.open_only_case()
    with seat.desk.second_person(DPO.login, DPO.password) as officer:
        known_at_decryption: list[int] = []
        decrypt = age.decrypt

        def watched(source: Any, *args: Any, **named: Any) -> Any:
            if str(getattr(source, "name", "")).startswith(str(seat.office.recordings)):
                known_at_decryption.append(len(entries(officer, "recording.played")))
            return decrypt(source, *args, **named)

        monkeypatch.setattr(age, "decrypt", watched)
        hands.find(QWidget, "recording_state")
        (play,) = [
            one
            for one in seat.app.window.findChildren(QAbstractButton)
            if one.objectName().startswith("play_") and one.isVisible()
        ]
        play.click()
        hands.click("play_start")
        seat.wait_for_notice("errors.recordings.reason_missing")
        assert known_at_decryption == []
        assert entries(officer, "recording.played") == []

        hands.type("play_reason", REASON)
        hands.choose("play_purpose", "H")
        seat.look_around()
        hands.click("play_start")
        waveform = hands.find(Waveform, "player_waveform")
        hands.wait("the first sound", lambda: waveform.value() > 100)
        assert known_at_decryption
        assert set(known_at_decryption) == {1}
        assert waveform.maximum() >= 3_000

        hands.press("K")
        hands.wait("the pause", lambda: not playing(seat))
        hands.click_at(waveform, waveform.width() * 3 // 4, waveform.height() // 2)
        hands.wait("the place", lambda: waveform.value() > waveform.maximum() * 7 // 10)
        hands.click("player_toggle")
        hands.wait("the end", lambda: waveform.value() > waveform.maximum() * 8 // 10)
        hands.click("player_close")
        assert not seat.shows("player_")

        (entry,) = entries(officer, "recording.played")
        assert (entry.subject, entry.purpose) == (("recording", 1), "H")
        assert REASON not in str(entry)  # the reason is the database's, the log has ids
    check_titles(seat)


def playing(seat: Seat) -> bool:
    return seat.find(QAbstractButton, "player_toggle").toolTip() == EN("ui_player.pause")


@pytest.fixture
def with_case(seat: Seat) -> Seat:
    """The supervisor's seat, with one case of the operator's."""
    seat.sign_in(OPERATOR)
    seat.take_call()
    write_down(seat)
    seat.save_call(FOLLOW_UP)
    seat.sign_in(SUPERVISOR)
    return seat


def read_pdf(file: Path) -> str:
    text = "".join(page.extract_text() for page in PdfReader(file).pages)
    return "".join(text.split())


def test_a_case_is_handed_out_as_a_summary(with_case: Seat, tmp_path: Path) -> None:
    seat, hands, out = with_case, with_case.hands, tmp_path / "out"
    out.mkdir()
    seat.open_only_case()
    with seat.desk.second_person(DPO.login, DPO.password) as officer:
        hands.click("case_summary")
        hands.choose("export_purpose", "E")
        hands.choose("export_language", "de")
        hands.click("export_start")
        proposed = seat.choose_file(out / "case.pdf")
        assert not any(secret in proposed for secret in (NAME, NAME[:3], NUMBER, MATTER[-5:]))
        seat.wait_for_notice("ui_reports.written")
        (entry,) = entries(officer, "case.exported")
        assert (entry.subject, entry.purpose) == (("case", 1), "E")
    text, words = read_pdf(out / "case.pdf"), Words("de")
    for said in (
        "2026-000001",
        "爪切りのばねが外れた",
        ANSWER,
        NAME,
        SUPERVISOR.name,
        words("reports.case_title", number="2026-000001"),
        words("purposes.purpose.E"),
    ):
        assert "".join(said.split()) in text
    assert [one.name for one in out.iterdir()] == ["case.pdf"]
    check_titles(seat)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_list_is_handed_out_as_a_table(with_case: Seat, tmp_path: Path, form: str) -> None:
    seat, hands, out = with_case, with_case.hands, tmp_path / "out"
    out.mkdir()
    assert seat.cases.list.isVisible()
    hands.click("case_export")
    hands.choose("export_purpose", "H")
    hands.choose("export_form", form)
    hands.click("export_start")
    seat.choose_file(out / f"list.{form}")
    seat.wait_for_notice("ui_reports.written")
    rows = read_table(out / f"list.{form}")
    assert SUPERVISOR.name in rows[0][0]
    assert EN("purposes.purpose.H") in rows[0][0]
    (row,) = [row for row in rows if row[0] == "2026-000001"]
    assert NAME in row
    (subject,) = [text for text in row if "爪切りのばね" in text]
    assert subject.startswith("'=")  # text, and no formula
    with seat.desk.second_person(DPO.login, DPO.password) as officer:
        (entry,) = entries(officer, "case.list_exported")
        assert (entry.purpose, entry.particulars["count"]) == ("H", 1)
    assert [one.name for one in out.iterdir()] == [f"list.{form}"]


def read_table(file: Path) -> list[list[str]]:
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as source:
            return [row for row in csv.reader(source) if row]
    book = load_workbook(file)
    assert all(cell.data_type != "f" for row in book.active.rows for cell in row)
    rows = [[str(value or "") for value in row] for row in book.active.values]
    book.close()
    return [row for row in rows if any(row)]


@pytest.mark.parametrize(
    ("place", "key"),
    [("gone", "errors.files.no_folder"), ("/sys/kernel", "errors.files.read_only")],
    ids=["gone", "not_writable"],
)
def test_where_nothing_can_be_written_nothing_is_half_done(
    with_case: Seat, tmp_path: Path, place: str, key: str
) -> None:
    seat, hands = with_case, with_case.hands
    folder = tmp_path / place  # an absolute place stays as it is
    for name, begin in (("case.pdf", "case_summary"), ("list.xlsx", "case_export")):
        if begin == "case_summary":
            seat.open_only_case()
        hands.click(begin)
        hands.click("export_start")
        seat.choose_file(folder / name)
        said = seat.wait_for_notice(key)
        assert said == EN(key)
        assert not (folder / name).exists()
        assert not list(tmp_path.rglob(f"*{name}*"))

        # What was asked for stays on screen: it is written to another folder.
        hands.click("export_start")
        seat.choose_file(tmp_path / name)
        seat.wait_for_notice("ui_reports.written")
        assert (tmp_path / name).stat().st_size > 1_000
        seat.app.window.notices.clear()
        if begin == "case_summary":
            hands.click("case_back")
            hands.wait("the list", lambda: seat.shows("case_table"))


def check_titles(seat: Seat) -> None:
    """A title is seen by whoever passes, in the task list and in pictures of the screen."""
    assert EN("ui_main.product") in seat.titles
    secrets = (NAME, NAME[:3], NUMBER, NUMBER.replace("-", ""), "爪切り", "2026-000001")
    assert not [title for title in seat.titles for secret in secrets if secret in title]
