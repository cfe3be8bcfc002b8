"""What happened to the sound of a call, by time: pauses, troubles, gaps; spans that may go on.

Everything is in ms since sound was first taken; a recording gets the part that falls into it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class _Span:
    kind: str
    parties: tuple[str, ...]
    at_ms: int
    until_ms: int | None = None
    is_moment: bool = False


class Timeline:
    """One thread at a time."""

    def __init__(self) -> None:
        self._spans: list[_Span] = []

    def note(self, kind: str, parties: Iterable[str], at_ms: int) -> None:
        """Something that has no length."""
        self._spans.append(_Span(kind, tuple(parties), at_ms, at_ms, is_moment=True))

    def begin(self, kind: str, parties: Iterable[str], at_ms: int) -> None:
        self._spans.append(_Span(kind, tuple(parties), at_ms))

    def end(self, kind: str, parties: Iterable[str], at_ms: int) -> None:
        """End the newest span of that kind that still goes on, if there is one."""
        of = tuple(parties)
        for span in reversed(self._spans):
            if (span.kind, span.parties, span.until_ms) == (kind, of, None):
                span.until_ms = max(at_ms, span.at_ms)
                return

    def within(
        self, first_ms: int, last_ms: int, gaps: Iterable[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """The part between two moments, in ms since the first, gaps among it, in order.

        What began before begins with it; what goes on ends with it. At its very end a moment
        belongs to it, and a span doesn't.
        """
        spans = [*self._spans]
        spans += [
            _Span(gap["kind"], tuple(gap["parties"]), gap["at_ms"], gap["at_ms"] + gap["ms"])
            for gap in gaps
        ]
        entries = []
        for span in spans:
            until = last_ms if span.until_ms is None else min(span.until_ms, last_ms)
            at = max(span.at_ms, first_ms)
            if span.is_moment and first_ms <= span.at_ms <= last_ms:
                entries.append(_entry(span, at - first_ms, None))
            elif (
                not span.is_moment
                and at < last_ms
                and (until > at or span.until_ms == span.at_ms >= at)
            ):
                entries.append(_entry(span, at - first_ms, until - at))
        return sorted(entries, key=lambda entry: int(entry["at_ms"]))


def _entry(span: _Span, at_ms: int, ms: int | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": span.kind, "at_ms": at_ms}
    if ms is not None:
        entry["ms"] = ms
    if span.parties:
        entry["parties"] = list(span.parties)
    return entry
