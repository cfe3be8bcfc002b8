"""The player's panel: everything by keyboard, and everything said in words."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.purposes.rules import RecordingUse
from desk_app.recordings.peaks import Sidecar
from desk_app.recordings.player import Audible, Manner
from desk_app.recordings.tempo import SPEEDS
from tests.ui.scenes.recordings import BOOKMARKS, DURATION_MS, TIMELINE, sidecar
from ui.colours import DARK, LIGHT, contrast
from ui.look import Look
from ui.recordings.acts import PLAYER_KEYS, Act
from ui.recordings.happenings import Happening, clock, happenings
from ui.recordings.player import PlayerPanel
from ui.recordings.steering import LEAST_LOOP_MS, Steering

MakeLook = Callable[..., Look]
VOICES = (((1_000, 4_000), (10_000, 12_000)), ((5_000, 9_000),))
KNOWN = Sidecar(np.zeros((200, 2, 2), np.int8), VOICES)


@pytest.fixture
def panel(qtbot: QtBot, make_look: MakeLook) -> PlayerPanel:
    made = PlayerPanel(make_look("en"), (RecordingUse.ACCURATE_RECEIPT,))
    qtbot.addWidget(made)
    known = sidecar()
    happened = happenings(TIMELINE, DURATION_MS)
    made.present(known, DURATION_MS, happened, Steering(known, DURATION_MS))
    made.show_bookmarks(BOOKMARKS)
    made.resize(900, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


def acts(panel: PlayerPanel) -> list[Act]:
    heard: list[Act] = []
    panel.acted.connect(heard.append)
    return heard


@pytest.mark.parametrize("focus", ["bar.toggle", "waveform", "places.list", "bar.skip"])
def test_every_act_has_its_key_wherever_the_focus_is(
    qtbot: QtBot, panel: PlayerPanel, focus: str
) -> None:
    heard = acts(panel)
    target: QWidget = panel
    for name in focus.split("."):
        target = getattr(target, name)
    for typed in "kjlJLsmabxoOcC+-":
        shift = Qt.KeyboardModifier.ShiftModifier
        none = Qt.KeyboardModifier.NoModifier
        qtbot.keyClick(target, typed, shift if typed.isupper() else none)
    assert heard == [
        Act.TOGGLE,
        Act.BACK,
        Act.FORWARD,
        Act.FAR_BACK,
        Act.FAR_FORWARD,
        Act.SKIP,
        Act.MUTE,
        Act.LOOP_FROM,
        Act.LOOP_TO,
        Act.LOOP_OFF,
        Act.NEXT_OPERATOR,
        Act.PREVIOUS_OPERATOR,
        Act.NEXT_CALLER,
        Act.PREVIOUS_CALLER,
        Act.FASTER,
        Act.SLOWER,
    ]


def test_digits_go_to_tenths(qtbot: QtBot, panel: PlayerPanel) -> None:
    tenths: list[int] = []
    panel.tenth_wanted.connect(tenths.append)
    qtbot.keyClicks(panel.waveform, "0123456789")
    assert tenths == list(range(10))


def test_other_keys_are_left_to_the_window(qtbot: QtBot, panel: PlayerPanel) -> None:
    heard = acts(panel)
    for key in (Qt.Key.Key_F6, Qt.Key.Key_F10, Qt.Key.Key_Q):
        qtbot.keyClick(panel.waveform, key)
    for modifier in (Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier):
        qtbot.keyClick(panel.waveform, Qt.Key.Key_K, modifier)
    assert heard == []


def test_arrows_move_along_the_waveform(qtbot: QtBot, panel: PlayerPanel) -> None:
    sought: list[int] = []
    panel.seek_wanted.connect(sought.append)
    panel.show_position(100_000, playing=False)
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(panel.waveform, Qt.Key.Key_Right)
    qtbot.keyClick(panel.waveform, Qt.Key.Key_Left, shift)
    qtbot.keyClick(panel.waveform, Qt.Key.Key_PageUp)
    qtbot.keyClick(panel.waveform, Qt.Key.Key_End)
    qtbot.keyClick(panel.waveform, Qt.Key.Key_Home)
    assert sought == [105_000, 75_000, 105_000, DURATION_MS, 0]


def test_a_click_seeks_and_a_drag_loops(qtbot: QtBot, panel: PlayerPanel) -> None:
    sought: list[int] = []
    loops: list[tuple[int, int]] = []
    panel.seek_wanted.connect(sought.append)
    panel.loop_wanted.connect(lambda start, end: loops.append((start, end)))
    wave = panel.waveform
    left, right, y = wave.width() // 4, wave.width() // 2, wave.height() // 2
    qtbot.mouseClick(wave, Qt.MouseButton.LeftButton, pos=QPoint(right, y))
    assert sought == [pytest.approx(DURATION_MS / 2, rel=0.01)]
    qtbot.mousePress(wave, Qt.MouseButton.LeftButton, pos=QPoint(right, y))
    qtbot.mouseMove(wave, QPoint(left, y))
    qtbot.mouseRelease(wave, Qt.MouseButton.LeftButton, pos=QPoint(left, y))
    assert loops == [
        (pytest.approx(DURATION_MS / 4, rel=0.01), pytest.approx(DURATION_MS / 2, rel=0.01))
    ]
    assert len(sought) == 1


def test_a_bookmark_is_written_and_given_up_by_keyboard(qtbot: QtBot, panel: PlayerPanel) -> None:
    written: list[str] = []
    closed: list[bool] = []
    panel.bookmark_wanted.connect(written.append)
    panel.closed.connect(lambda: closed.append(True))
    qtbot.keyClick(panel.waveform, Qt.Key.Key_N)
    assert panel.places.text.hasFocus()
    qtbot.keyClicks(panel.places.text, "k 5")  # typed, not obeyed
    qtbot.keyClick(panel.places.text, Qt.Key.Key_Return)
    assert written == ["k 5"]
    assert panel.waveform.hasFocus(), "letters are keys again"
    qtbot.keyClick(panel.waveform, Qt.Key.Key_N)
    qtbot.keyClicks(panel.places.text, "x")
    qtbot.keyClick(panel.places.text, Qt.Key.Key_Escape)
    assert panel.places.text.text() == ""
    assert panel.waveform.hasFocus()
    assert closed == []
    qtbot.keyClick(panel.waveform, Qt.Key.Key_Escape)
    assert closed == [True]


def test_places_are_gone_to_and_only_ones_own_are_removed(qtbot: QtBot, panel: PlayerPanel) -> None:
    sought: list[int] = []
    removed: list[int] = []
    panel.seek_wanted.connect(sought.append)
    panel.removal_wanted.connect(removed.append)
    places = panel.places.list
    shown = [places.item(at).text() for at in range(places.count())]
    assert shown == [
        "0:52  !  Caller’s side: Device lost (0:09)",
        "1:36  賞味期限のお申し出 (佐藤 花子)",
        "5:01  折り返しのお約束 (鈴木 一郎)",
    ]
    may_remove = []
    for row in range(3):
        places.setCurrentRow(row)
        may_remove.append(panel.places.remove.isEnabled())
        qtbot.keyClick(places, Qt.Key.Key_Delete)
        qtbot.keyClick(places, Qt.Key.Key_Return)
    assert may_remove == [False, True, False]
    assert removed == [1]
    assert sought == [52_000, 96_000, 301_000]


def test_lanes_say_in_words_what_they_show(panel: PlayerPanel) -> None:
    lanes = panel.lanes
    assert lanes.operator.accessibleName() == "Operator talks"
    assert "turns" in lanes.operator.accessibleDescription()
    assert "Caller’s side: Device lost" in lanes.others.accessibleDescription()
    assert "silences" in lanes.others.accessibleDescription()
    scale = lanes.operator.width() / DURATION_MS
    assert lanes.operator.said_at(7_000 * scale) == "0:00–0:15 the operator talks"
    assert lanes.operator.said_at(20_000 * scale) == ""
    assert lanes.others.said_at(55_000 * scale) == "0:52 Caller’s side: Device lost (0:09)"
    assert lanes.others.said_at(185_000 * scale).endswith("silence")
    assert lanes.legend.text() == "Hatched: silence   ! Trouble with the sound"


def test_without_voices_the_switch_is_off_and_says_why(qtbot: QtBot, panel: PlayerPanel) -> None:
    unmeasured = sidecar(measured=False)
    panel.present(unmeasured, DURATION_MS, (), Steering(unmeasured, DURATION_MS))
    assert not panel.bar.skip.isEnabled()
    assert "not measured" in panel.bar.skip.toolTip()
    assert "not measured" in panel.lanes.legend.text()
    assert not panel.lanes.operator.isVisible()
    panel.present(None, DURATION_MS, (), Steering(None, DURATION_MS))
    assert not panel.bar.skip.isEnabled()


def test_a_switch_shows_what_is_in_force_not_what_was_pressed(
    qtbot: QtBot, panel: PlayerPanel
) -> None:
    heard = acts(panel)
    qtbot.mouseClick(panel.bar.skip, Qt.MouseButton.LeftButton)
    assert heard == [Act.SKIP]
    assert not panel.bar.skip.isChecked()
    steering = Steering(sidecar(), DURATION_MS)
    steering.change(Act.SKIP, 0)
    steering.change(Act.MUTE_CALLER, 0)
    panel.show_steering(steering)
    assert panel.bar.skip.isChecked()
    assert panel.bar.mute_caller.isChecked()
    assert panel.bar.mute_caller.accessibleName() == "Unmute (M)"
    assert panel.bar.mute_operator.accessibleName() == "Mute the operator"


def test_each_key_stands_in_the_overview_once() -> None:
    pressed = [key for key, _words in PLAYER_KEYS]
    assert len(pressed) == len(set(pressed)) == 13
    assert not [key for key in pressed if key.startswith("F") or key == "Space"]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("tone", ["info", "warning", "danger"])
def test_signs_can_be_read_on_their_ground(colours: object, tone: str) -> None:
    assert contrast(getattr(colours, tone), getattr(colours, f"{tone}_wash")) >= 4.5
    assert contrast(getattr(colours, tone), colours.surface) >= 3
    assert contrast(colours.accent, colours.surface) >= 3


def test_happenings_are_put_in_order_and_within_the_recording() -> None:
    found = happenings(
        [
            {"kind": "hold", "at_ms": 9_000, "ms": 5_000},
            {"kind": "recordings.unheard_of", "at_ms": 3_000, "parties": ["operator", "caller"]},
            {"kind": "gap", "at_ms": 99_000, "ms": 5, "parties": ["nobody"]},
        ],
        10_000,
    )
    assert found == (
        Happening("trouble", "recordings.unheard_of", 3_000, 0, ("operator", "caller")),
        Happening("hold", "hold", 9_000, 1_000, ()),
        Happening("gap", "gap", 10_000, 0, ()),
    )


def test_the_clock_has_hours_only_where_there_are_any() -> None:
    assert [clock(ms) for ms in (-1, 59_999, 3_599_000, 3_600_000)] == [
        "0:00",
        "0:59",
        "59:59",
        "1:00:00",
    ]


def test_speed_goes_step_by_step_within_bounds() -> None:
    steering = Steering(KNOWN, 20_000)
    for _ in range(10):
        steering.change(Act.FASTER, 0)
    assert steering.speed == SPEEDS[-1]
    for _ in range(10):
        steering.change(Act.SLOWER, 0)
    assert steering.speed == SPEEDS[0]


def test_muting_goes_round_and_each_button_takes_itself_back() -> None:
    steering = Steering(KNOWN, 20_000)
    heard = []
    for _ in range(3):
        steering.change(Act.MUTE, 0)
        heard.append(steering.audible)
    assert heard == [Audible.OPERATOR, Audible.CALLER, Audible.BOTH]
    steering.change(Act.MUTE_OPERATOR, 0)
    assert steering.audible is Audible.CALLER
    steering.change(Act.MUTE_CALLER, 0)
    assert steering.audible is Audible.OPERATOR
    steering.change(Act.MUTE_CALLER, 0)
    assert steering.audible is Audible.BOTH


def test_a_loop_is_from_a_to_b_whichever_way_round() -> None:
    steering = Steering(KNOWN, 20_000)
    steering.change(Act.LOOP_FROM, 9_000)
    assert (steering.loop, steering.loop_from_ms) == (None, 9_000)
    steering.change(Act.LOOP_TO, 9_000 + LEAST_LOOP_MS - 1)
    assert steering.loop is None
    steering.change(Act.LOOP_TO, 4_000)
    assert steering.manner.loop == (4_000, 9_000)
    assert steering.target(Act.LOOP_TO, 4_000) == 4_000
    steering.change(Act.LOOP_OFF, 0)
    assert steering.manner == Manner()
    steering.set_loop(-5, 99_999)
    assert steering.loop == (0, 20_000)


def test_pauses_are_skipped_only_where_voices_were_measured() -> None:
    steering = Steering(KNOWN, 20_000)
    steering.change(Act.SKIP, 0)
    assert steering.manner.skipped == ((400, 700), (4_400, 4_700), (9_400, 9_700), (12_400, 20_000))
    unmeasured = Steering(Sidecar(KNOWN.peaks), 20_000)
    unmeasured.change(Act.SKIP, 0)
    assert not unmeasured.can_skip
    assert unmeasured.manner == Manner()


def test_where_each_act_goes_to() -> None:
    steering = Steering(KNOWN, 20_000)
    wanted = {
        Act.BACK: 1_000,
        Act.FORWARD: 11_000,
        Act.FAR_BACK: 0,
        Act.FAR_FORWARD: 20_000,
        Act.NEXT_OPERATOR: 10_000,
        Act.PREVIOUS_OPERATOR: 1_000,
        Act.NEXT_CALLER: None,
        Act.PREVIOUS_CALLER: None,
        Act.SKIP: None,
    }
    assert {act: steering.target(act, 6_000) for act in wanted} == wanted
    assert steering.tenth(3) == 6_000
    assert Steering(None, 20_000).target(Act.NEXT_OPERATOR, 0) is None
