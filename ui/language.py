"""The language on screen: the words in force and the signal to set every text again."""

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import QDate, QDateTime, QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtWidgets import QApplication

from desk_app.words import Language, Words
from ui.placeholders import say_as

_LOCALES = {
    "ja": QLocale(QLocale.Language.Japanese, QLocale.Country.Japan),
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom),
    "de": QLocale(QLocale.Language.German, QLocale.Country.Germany),
}
_WITH_YEAR = {"day": "day_and_year", "day_and_time": "minute"}
"""Patterns without the year, and those that take their place in another year."""


class ScreenLanguage(QObject):
    """Holds the current `Words`. ``make`` is replaced in tests to bracket every text.

    ``today`` is the day by the machine until somebody signs in, then by the office's clock: a
    day of its year is shown without the year, any other with it.
    """

    changed = Signal()

    def __init__(self, language: Language, *, make: Callable[[Language], Words] = Words) -> None:
        super().__init__()
        self._make = make
        self._translator: QTranslator | None = None
        self.today: Callable[[], date] = lambda: datetime.now().astimezone().date()
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
        """A calendar day by a pattern of ``ui_times``, with the year if it isn't this one."""
        return self.locale.toString(QDate(day.year, day.month, day.day), self._pattern(key, day))

    def when(self, at: datetime, key: str) -> str:
        """A local time by a pattern of ``ui_times``, e.g. ``day_and_time``; as with `day`, with
        the year if it isn't this one.

        ``at`` is shown in the zone it carries: the caller brings it to the office's zone.
        """
        naive = QDateTime(at.year, at.month, at.day, at.hour, at.minute, at.second)
        return self.locale.toString(naive, self._pattern(key, at))

    def _pattern(self, key: str, day: date) -> str:
        if day.year != self.today().year:
            key = _WITH_YEAR.get(key, key)
        return Words(self.language)(f"ui_times.{key}")

    def _translate_qt(self) -> None:
        """Qt's own texts (dialog buttons, context menus) come from the wheel's catalogue."""
        application = QApplication.instance()
        QLocale.setDefault(_LOCALES[self.language])
        if application is None:
            return
        say_as(self.words("sensitive.placeholder"))
        if self._translator is not None:
            application.removeTranslator(self._translator)
        self._translator = QTranslator(self)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._translator.load(_LOCALES[self.language], "qtbase", "_", folder):
            application.installTranslator(self._translator)
