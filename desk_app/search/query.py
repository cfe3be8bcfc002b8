"""The query language: terms that must all occur, "quoted phrases", -excluded ones, and filters.

A filter is a name, a sign and a value: ``state:new``, ``期限<明日``, ``-assignee:me``. Names and
values are understood in every language of the program; the table of filters is `filters.FILTERS`.
"""

import re
from dataclasses import dataclass, replace

from desk_app.errors import Refused
from desk_app.search.filters import Filter, field_named
from desk_app.search.grams import key_grams
from desk_app.search.normalise import alternatives
from desk_app.text import line

MOST_TERMS = 12
"""More terms or filters than these are refused: nobody types them, and each costs a condition."""

_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_FILTER = re.compile(
    r'(?P<minus>-?)(?P<name>[^\s":<>=]+)(?P<sign><=|>=|[:<>=])'
    r'(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]*))'
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』｢｣", '"'))
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_SIGNS = str.maketrans({"≤": "<=", "≥": ">="})
_BEGUN = ' "-'
"""Of these alone a query is not yet one."""

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

    def least(self) -> "Terms":
        """The same, without the forms in which another form of the term stands."""
        return replace(
            self,
            wanted=tuple(map(_least, self.wanted)),
            unwanted=tuple(map(_least, self.unwanted)),
        )


NO_TERMS = Terms()


def _least(term: Term) -> Term:
    return tuple(form for form in term if not any(o in form for o in term if o != form))


def parse(text: str) -> Terms:
    """The terms and filters of what the user typed.

    An unclosed quote reaches to the end; punctuation of ASCII beside terms is passed over; what
    looks like a filter of no known name is a term. Whether a filter's value is understood is
    found out by `filters.understand`. `Refused` if the text is longer than a line may be, has
    more than `MOST_TERMS`, or has nothing that can be looked for.
    """
    typed = line(text, field="search").translate(_WIDE).translate(_QUOTES).translate(_SIGNS)
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
    if max(len(wanted), len(unwanted), len(filters)) > MOST_TERMS:
        raise Refused("search.too_many_terms", limit=MOST_TERMS)
    if not (wanted or unwanted or filters) and typed.strip(_BEGUN):
        raise Refused("search.only_punctuation")
    return Terms(tuple(wanted), tuple(unwanted), tuple(filters))
