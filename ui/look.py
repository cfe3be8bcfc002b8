"""What every widget is given: the words and the colours in force."""

from dataclasses import dataclass

from desk_app.words import Words
from ui.language import ScreenLanguage
from ui.theme import Theme


@dataclass(frozen=True, slots=True)
class Look:
    """Language and theme of the window; handed to every panel's constructor."""

    language: ScreenLanguage
    theme: Theme

    @property
    def words(self) -> Words:
        return self.language.words
