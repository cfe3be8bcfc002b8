"""What happened to the sound of a call, by time: pauses, troubles, gaps; spans that may go on.

Everything is in ms since sound was first taken; a recording gets the part that falls into it.
While it is made, all of it lies beside its part (`keep`, `kept`), for whoever salvages it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from desk_app.files import whole_file
from desk_app.recordings.files import RecordingFiles


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

    def keep(
        self, files: RecordingFiles, *, began_ms: int, gaps: Iterable[Mapping[str, Any]]
    ) -> None:
        """Put it beside the part of a recording that began at ``began_ms``. `Fault` if the disk
        takes no more."""
        spans = [*self._spans, *map(_gap, gaps)]
        content = {"began_ms": began_ms, "spans": [astuple(span) for span in spans]}
        with whole_file(files.timeline) as file:
            file.write(json.dumps(content).encode("ascii"))

    def within(
        self,
        first_ms: int,
        last_ms: int,
        gaps: Iterable[Mapping[str, Any]],
        *,
        is_last: bool = False,
    ) -> list[dict[str, Any]]:
        """The part between two moments, in ms since the first, gaps among it, in order.

        What began before begins with it; what goes on ends with it. At its very end a moment
        belongs to it, and a span doesn't. Where the part ``is_last``, what has no end stands there,
        however late it began: it is what the recording broke off with.
        """
        entries = []
        for span in (*self._spans, *map(_gap, gaps)):
            until = last_ms if span.until_ms is None else min(span.until_ms, last_ms)
            at = max(span.at_ms, first_ms)
            if is_last and span.until_ms is None and at >= last_ms:
                entries.append(_entry(span, last_ms - first_ms, 0))
            elif span.is_moment and first_ms <= span.at_ms <= last_ms:
                entries.append(_entry(span, at - first_ms, None))
            elif (
                not span.is_moment
                and at < last_ms
                and (until > at or span.until_ms == span.at_ms >= at)
            ):
                entries.append(_entry(span, at - first_ms, until - at))
        return sorted(entries, key=lambda entry: int(entry["at_ms"]))


def kept(files: RecordingFiles, duration_ms: int) -> list[dict[str, Any]]:
    """What was kept beside a recording that was salvaged with that length; what went on goes on
    to its end. Empty if there is nothing, or nothing that can be read."""
    timeline = Timeline()
    try:
        content = json.loads(files.timeline.read_text("ascii"))
        began_ms = int(content["began_ms"])
        for kind, parties, at_ms, until_ms, is_moment in content["spans"]:
            until = None if until_ms is None else int(until_ms)
            span = _Span(str(kind), tuple(map(str, parties)), int(at_ms), until, bool(is_moment))
            timeline._spans.append(span)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return []
    return timeline.within(began_ms, began_ms + duration_ms, (), is_last=True)


def _gap(gap: Mapping[str, Any]) -> _Span:
    return _Span(gap["kind"], tuple(gap["parties"]), gap["at_ms"], gap["at_ms"] + gap["ms"])


def _entry(span: _Span, at_ms: int, ms: int | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": span.kind, "at_ms": at_ms}
    if ms is not None:
        entry["ms"] = ms
    if span.parties:
        entry["parties"] = list(span.parties)
    return entry
