"""The query language: terms that must all occur, "quoted phrases", -excluded ones, and filters.

A filter is a name, a sign and a value: ``state:new``, ``期限<明日``, ``-assignee:me``. Names and
values are understood in every language of the program; the table of filters is `filters.FILTERS`.
"""

import re
import unicodedata
from dataclasses import dataclass

from desk_app.search.filters import Filter, field_named
from desk_app.search.grams import key_grams
from desk_app.search.normalise import alternatives
from desk_app.text import line

MOST_TERMS = 12
"""Terms and filters beyond these are not looked at: nobody types them, and each costs a
condition."""

_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_FILTER = re.compile(
    r'(?P<minus>-?)(?P<name>[^\s":<>=]+)(?P<sign><=|>=|[:<>=])'
    r'(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]*))'
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』", '"'))
_SIGNS = str.maketrans({"≤": "<=", "≥": ">="})

Term = tuple[str, ...]
"""The folded forms of one term; a text with any of them has the term."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a text must hold, what it must not, and what must be true of the case."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()

    def match(self, body: str) -> bool:
        """Whether a folded text holds all that is wanted and nothing that is not."""
        return all(any(form in body for form in term) for term in self.wanted) and not any(
            form in body for term in self.unwanted for form in term
        )


NO_TERMS = Terms()


def parse(text: str) -> Terms:
    """The terms and filters of what the user typed.

    An unclosed quote reaches to the end; whatever holds no letter, digit or sign is passed over;
    what looks like a filter of no known name is a term. Whether a filter's value is understood
    is found out by `filters.understand`. `Refused` if the text is longer than a line may be.
    """
    typed = unicodedata.normalize("NFKC", line(text, field="search"))
    typed = typed.translate(_QUOTES).translate(_SIGNS)
    wanted: dict[Term, None] = {}
    unwanted: dict[Term, None] = {}
    filters: dict[Filter, None] = {}
    at = 0
    while at < len(typed):
        if typed[at].isspace():
            at += 1
            continue
        found = _FILTER.match(typed, at)
        field = field_named(found["name"]) if found else None
        if found and field:
            value = found["word"] if found["phrase"] is None else found["phrase"]
            filters[Filter(field, found["sign"], value.strip(), bool(found["minus"]), at + 1)] = (
                None
            )
            at = found.end()
            continue
        found = _TERM.match(typed, at)
        if found is None:  # a lone minus before a space
            at += 1
            continue
        forms = alternatives(found["word"] if found["phrase"] is None else found["phrase"])
        term = tuple(form for form in forms if key_grams(form, {}))
        if term:
            (unwanted if found["minus"] else wanted)[term] = None
        at = found.end()
    return Terms(
        tuple(wanted)[:MOST_TERMS], tuple(unwanted)[:MOST_TERMS], tuple(filters)[:MOST_TERMS]
    )
