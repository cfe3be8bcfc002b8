"""Text as a cell of a spreadsheet: one line, nothing hidden, and never a formula.

A caller's text is a stranger's text. A cell that begins like a formula is computed when the
file is opened, and can fetch and send; so such a text gets an apostrophe in front. The
full-width forms count as well, and so does what stands behind spaces or invisible characters:
spreadsheets in Japanese read those as the same.
"""

import re
import unicodedata

LONGEST = 32_767
"""Characters that a cell of a spreadsheet can hold."""

_CUT = "…"
_FORMULA = re.compile("[=+\\-@\t\r\u2212]|<r>")
"""What begins a formula, and what XlsxWriter takes for markup of its own."""


def cell(text: str) -> str:
    """The text for a cell; longer than `LONGEST` it ends with an ellipsis."""
    shown = "".join(_shown(character) for character in text)
    seen = "".join(c for c in shown if unicodedata.category(c) != "Cf").lstrip()
    if _FORMULA.match(unicodedata.normalize("NFKC", seen)) or _FORMULA.match(text):
        shown = "'" + shown
    return shown if len(shown) <= LONGEST else shown[: LONGEST - len(_CUT)] + _CUT


def _shown(character: str) -> str:
    """Breaks and tabs become spaces; other control characters and halves of pairs go."""
    if character in "\t\n\r\x0b\x0c\x85\u2028\u2029":
        return " "
    return "" if unicodedata.category(character) in {"Cc", "Cs"} else character
