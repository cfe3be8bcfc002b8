"""The query language: terms that must all occur, "quoted phrases", and -excluded ones."""

import re
import unicodedata
from dataclasses import dataclass

from desk_app.search.grams import key_grams
from desk_app.search.normalise import alternatives
from desk_app.text import line

MOST_TERMS = 12
"""Terms beyond these are not looked at: nobody types them, and each costs a condition."""

_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』", '"'))

Term = tuple[str, ...]
"""The folded forms of one term; a text with any of them has the term."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a text must hold, and what it must not."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    def match(self, body: str) -> bool:
        """Whether a folded text holds all that is wanted and nothing that is not."""
        return all(any(form in body for form in term) for term in self.wanted) and not any(
            form in body for term in self.unwanted for form in term
        )


def parse(text: str) -> Terms:
    """The terms of what the user typed. An unclosed quote reaches to the end; whatever holds
    no letter, digit or sign is passed over. `Refused` if the text is longer than a line may be.
    """
    typed = unicodedata.normalize("NFKC", line(text, field="search")).translate(_QUOTES)
    wanted: dict[Term, None] = {}
    unwanted: dict[Term, None] = {}
    for found in _TERM.finditer(typed):
        phrase = found["phrase"]
        forms = alternatives(phrase if phrase is not None else found["word"])
        term = tuple(form for form in forms if key_grams(form, {}))
        if term:
            (unwanted if found["minus"] else wanted)[term] = None
    return Terms(tuple(wanted)[:MOST_TERMS], tuple(unwanted)[:MOST_TERMS])
