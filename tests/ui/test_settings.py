"""The settings page at a real desk: what is chosen is kept, and the sound test hears."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desk_app.desk import Desk
from desk_app.people import views as people
from desk_app.recordings.virtual_sound import VirtualSound
from desk_app.settings import Calls, Inputs, load
from tests.ui.desks import PATIENCE_MS
from tests.ui.test_intake import desk, desks, folder, until
from ui.application import Application
from ui.settings.conductor import SettingsConductor
from ui.settings.page import SettingsPage, SoundChoice

__all__ = ["desk", "desks", "folder", "until"]
Until = Callable[[Callable[[], bool]], None]


def settings_of(desk: Application) -> SettingsPage:
    page = desk.window.open_page("settings")
    assert isinstance(page, SettingsPage)
    return page


def test_choices_are_kept_for_the_desk_and_the_person(
    qtbot: QtBot, desk: Application, until: Until, folder: Path
) -> None:
    page = settings_of(desk)
    page.language.setCurrentIndex(page.language.findData("de"))
    page.scheme.setCurrentIndex(page.scheme.findData("dark"))
    page.idle.setValue(25)
    page.pause.setValue(90)
    page.announces.setCurrentIndex(page.announces.findData("exchange"))
    assert desk.look.words("ui_main.lock") == "Sperren"
    assert desk.look.theme.colours.dark
    desk.tasks.finish()
    kept = load(folder)
    assert (kept.language, kept.theme, kept.idle_minutes) == ("de", "dark", 25)
    assert kept.calls == Calls(pause_seconds=90, exchange_announces=True)
    assert isinstance(desk.desk, Desk)
    assert desk.desk.read(people.own_account).language == "de"


def test_settings_that_can_not_be_read_are_not_written_over(
    qtbot: QtBot, desk: Application, until: Until, folder: Path
) -> None:
    """Damaged while the window is open: what is left of them is kept for whoever mends them."""
    (folder / "settings.toml").write_text("[server\nhost = 'db'")
    page = settings_of(desk)
    page.scheme.setCurrentIndex(page.scheme.findData("dark"))
    until(lambda: desk.window.notices.shown != [])
    assert desk.window.notices.shown[0].key == "errors.settings.unreadable"
    (kept,) = folder.glob("settings-broken-*.toml")
    assert kept.read_text() == "[server\nhost = 'db'"


def test_the_sound_test_hears_both_lines(
    qtbot: QtBot, desk: Application, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    with VirtualSound() as sound:
        for name, value in sound.environment.items():
            monkeypatch.setenv(name, value)
        page = settings_of(desk)
        until(lambda: page.operator.findData("ALSA: operator") >= 0)
        for combo, name in ((page.operator, "ALSA: operator"), (page.caller, "ALSA: caller")):
            combo.setCurrentIndex(combo.findData(name))
        page.output.setCurrentIndex(page.output.findData("ALSA: earphone"))
        assert desk.settings.settings.sound.output == "ALSA: earphone"
        assert desk.settings.settings.sound.inputs is Inputs.TWO
        levels: list[tuple[float, float]] = []
        page.test.click()
        conductor = page.findChild(SettingsConductor)
        assert conductor is not None
        conductor.sound.levels.connect(lambda own, other: levels.append((own, other)))
        until(lambda: len(levels) > 2)
        page.test.click()
        assert not page.test.isChecked()
        desk.tasks.finish(PATIENCE_MS)


def test_a_device_that_is_gone_stays_visible(qtbot: QtBot, desk: Application) -> None:
    page = settings_of(desk)
    page.sound_chosen.emit(SoundChoice("two", "A headset at home", "", ""))
    assert page.operator.currentText() == "A headset at home"
