"""The language on screen: the words in force and the signal to set every text again."""

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import QDate, QDateTime, QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtWidgets import QApplication

from desk_app.words import Language, Words

_LOCALES = {
    "ja": QLocale(QLocale.Language.Japanese, QLocale.Country.Japan),
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom),
    "de": QLocale(QLocale.Language.German, QLocale.Country.Germany),
}


class ScreenLanguage(QObject):
    """Holds the current `Words`. ``make`` is replaced in tests to bracket every text."""

    changed = Signal()

    def __init__(self, language: Language, *, make: Callable[[Language], Words] = Words) -> None:
        super().__init__()
        self._make = make
        self._translator: QTranslator | None = None
        self.words = make(language)
        self._translate_qt()

    @property
    def language(self) -> Language:
        return self.words.language

    def switch_to(self, language: Language) -> None:
        """Use ``language`` from now on; every panel sets its texts again."""
        if language == self.language:
            return
        self.words = self._make(language)
        self._translate_qt()
        self.changed.emit()

    @property
    def locale(self) -> QLocale:
        """Names of months and days of the current language."""
        return _LOCALES[self.language]

    def day(self, day: date, key: str = "date_entry") -> str:
        """A calendar day by a pattern of ``ui_times``."""
        return self.locale.toString(
            QDate(day.year, day.month, day.day), Words(self.language)(f"ui_times.{key}")
        )

    def when(self, at: datetime, key: str) -> str:
        """A local time by a pattern of ``ui_times``, e.g. ``day_and_time``.

        ``at`` is shown in the zone it carries: the caller brings it to the office's zone.
        """
        naive = QDateTime(at.year, at.month, at.day, at.hour, at.minute, at.second)
        return self.locale.toString(naive, Words(self.language)(f"ui_times.{key}"))

    def _translate_qt(self) -> None:
        """Qt's own texts (dialog buttons, context menus) come from the wheel's catalogue."""
        application = QApplication.instance()
        QLocale.setDefault(_LOCALES[self.language])
        if application is None:
            return
        if self._translator is not None:
            application.removeTranslator(self._translator)
        self._translator = QTranslator(self)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._translator.load(_LOCALES[self.language], "qtbase", "_", folder):
            application.installTranslator(self._translator)
