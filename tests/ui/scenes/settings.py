"""The settings page, with and without sound."""

from PySide6.QtWidgets import QWidget

from tests.ui.scenes import Scene
from tests.ui.scenes.backup import well
from ui.look import Look
from ui.settings.page import SettingsPage, SettingsView, SoundChoice


def two_inputs(look: Look) -> QWidget:
    page = SettingsPage(look)
    page.present(
        SettingsView(
            language=look.language.language,
            scheme="system",
            idle_minutes=10,
            sound=SoundChoice("two", "USB Headset Analog Mono", "Line In", "", "USB Headset"),
            devices=("USB Headset Analog Mono", "Line In"),
            outputs=("USB Headset", "Speakers"),
            pause_seconds=90,
            exchange_announces=True,
            is_testing=True,
        )
    )
    page.show_levels(-18, -32)
    return page


def with_backups(look: Look) -> QWidget:
    page = two_inputs(look)
    assert isinstance(page, SettingsPage)
    page.add_card(well(look))
    return page


def no_devices(look: Look) -> QWidget:
    page = SettingsPage(look)
    page.present(
        SettingsView(
            language=look.language.language,
            scheme="dark",
            idle_minutes=5,
            sound=SoundChoice("stereo", "", "", ""),
            devices=(),
        )
    )
    return page


SCENES: dict[str, Scene] = {
    "two_inputs": two_inputs,
    "with_backups": with_backups,
    "no_devices": no_devices,
}
