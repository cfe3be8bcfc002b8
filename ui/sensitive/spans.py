"""What is found in a text that is being typed, paragraph by paragraph: only a changed one costs."""

from dataclasses import replace
from functools import lru_cache

from desk_app.sensitive.rules import Finding, detect

_REMEMBERED = 2_000  # paragraphs


def spans(text: str) -> tuple[Finding, ...]:
    """The findings, as places in the text as Qt counts them (UTF-16)."""
    found: list[Finding] = []
    before, at = "", 0
    for paragraph in text.split("\n"):
        for one in _in_paragraph(before, paragraph):
            start, end = at + one.start, at + one.end
            found.append(replace(one, start=start, end=end))
        before, at = paragraph, at + len(paragraph) + 1
    if text.isascii() or max(text) <= "\uffff":
        return tuple(found)
    return tuple(
        replace(one, start=_units(text[: one.start]), end=_units(text[: one.end])) for one in found
    )


@lru_cache(maxsize=_REMEMBERED)
def _in_paragraph(before: str, paragraph: str) -> tuple[Finding, ...]:
    """What is found in a paragraph; the one before may say what a number is called."""
    shift = len(before) + 1
    return tuple(
        replace(one, start=one.start - shift, end=one.end - shift)
        for one in detect(f"{before}\n{paragraph}")
        if one.start >= shift
    )


def forget() -> None:
    """Nothing of what was typed stays, for instance when somebody signs out."""
    _in_paragraph.cache_clear()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
