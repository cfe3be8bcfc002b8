"""Brings the settings page together with what is kept."""

from dataclasses import asdict

from PySide6.QtCore import QObject

from desk_app.settings import Inputs, Sound
from ui.session import Session
from ui.settings.page import SettingsPage, SettingsView, SoundChoice


class SettingsConductor(QObject):
    """A child of its page, and gone with it."""

    def __init__(self, session: Session) -> None:
        self.page = SettingsPage(session.look)
        super().__init__(self.page)
        self._session = session
        self._keeper = session.settings
        self._devices: tuple[str, ...] = ()
        page, keeper = self.page, self._keeper
        page.language_chosen.connect(lambda chosen: keeper.change(language=chosen))
        page.scheme_chosen.connect(lambda chosen: keeper.change(theme=chosen))
        page.idle_minutes_chosen.connect(lambda minutes: keeper.change(idle_minutes=minutes))
        page.sound_chosen.connect(self._on_sound_chosen)
        keeper.changed.connect(self._show)
        self._show()

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
            )
        )

    def _on_sound_chosen(self, chosen: SoundChoice) -> None:
        self._keeper.change(
            sound=Sound(
                inputs=Inputs(chosen.inputs),
                operator=chosen.operator,
                caller=chosen.caller,
                stereo=chosen.stereo,
            )
        )
