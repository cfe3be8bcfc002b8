"""Brings the settings page together with what is kept, and with the sound devices."""

from dataclasses import asdict, replace
from typing import Any

from PySide6.QtCore import QObject

from desk_app.people import service as people
from desk_app.recordings.parties import InputChoice
from desk_app.settings import Inputs, Sound
from desk_app.settings import Theme as Scheme
from desk_app.words import Language
from ui.backup.card import BackupCard
from ui.session import Session
from ui.settings.page import SettingsPage, SettingsView, SoundChoice
from ui.settings.sound_test import Devices, SoundTest


class SettingsConductor(QObject):
    """A child of its page, and gone with it."""

    def __init__(self, session: Session) -> None:
        self.page = SettingsPage(session.look)
        super().__init__(self.page)
        self._session = session
        self._keeper = session.settings
        self._devices: tuple[str, ...] = ()
        self._outputs: tuple[str, ...] = ()
        self._is_testing = False
        self.sound = SoundTest(session, self)
        page, keeper = self.page, self._keeper
        page.language_chosen.connect(self._on_language_chosen)
        page.scheme_chosen.connect(lambda chosen: keeper.change(theme=Scheme(chosen)))
        page.idle_minutes_chosen.connect(lambda minutes: keeper.change(idle_minutes=minutes))
        page.sound_chosen.connect(self._on_sound_chosen)
        page.pause_seconds_chosen.connect(lambda seconds: self._change_calls(pause_seconds=seconds))
        page.exchange_announces_chosen.connect(
            lambda does: self._change_calls(exchange_announces=does)
        )
        page.test_wanted.connect(self._on_test_wanted)
        page.devices_wanted.connect(lambda: self.sound.find(self._on_devices))
        page.leaving.connect(self.sound.end)
        self.sound.levels.connect(page.show_levels)
        self.sound.ended.connect(lambda: self._on_test_wanted(False))
        keeper.changed.connect(self._show)
        if "back_up" in session.account.permissions:
            page.add_card(BackupCard(session))
        self._show()
        self.sound.find(self._on_devices)

    @classmethod
    def page_for(cls, session: Session) -> SettingsPage:
        """The page, with its conductor attached."""
        return cls(session).page

    def _show(self) -> None:
        settings = self._keeper.settings
        self.page.present(
            SettingsView(
                language=settings.language,
                scheme=settings.theme,
                idle_minutes=settings.idle_minutes,
                sound=SoundChoice(**asdict(settings.sound)),
                devices=self._devices,
                outputs=self._outputs,
                pause_seconds=settings.calls.pause_seconds,
                exchange_announces=settings.calls.exchange_announces,
                is_testing=self._is_testing,
            )
        )

    def _on_language_chosen(self, language: Language) -> None:
        """For this desk, and for this person at any desk."""
        self._keeper.change(language=language)
        self._session.change(self, people.choose_language, language)

    def _on_devices(self, devices: Devices) -> None:
        inputs, outputs = devices
        self._devices, self._outputs = tuple(device.id for device in inputs), tuple(outputs)
        self._show()

    def _change_calls(self, **values: Any) -> None:
        self._keeper.change(calls=replace(self._keeper.settings.calls, **values))

    def _on_sound_chosen(self, chosen: SoundChoice) -> None:
        self._keeper.change(
            sound=Sound(
                inputs=Inputs(chosen.inputs),
                operator=chosen.operator,
                caller=chosen.caller,
                stereo=chosen.stereo,
                output=chosen.output,
            )
        )
        if self._is_testing:
            self._on_test_wanted(True)

    def _on_test_wanted(self, wanted: bool) -> None:
        self._is_testing = wanted
        if wanted:
            self.sound.listen(InputChoice.of(self._keeper.settings.sound))
        else:
            self.sound.end()
        self._show()
