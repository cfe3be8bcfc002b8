"""What is removed from a disclosure, and why: the labels that lie over a text. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from desk_app.privacy.disclosure.folding import (
    Folded,
    Known,
    Span,
    ValueKind,
    folded_ways,
    keys_of,
    spans_of,
    uncovered,
)


class Removed(StrEnum):
    """Why something isn't shown to the customer."""

    OTHER_PERSON = "other_person"
    STAFF = "staff"
    INTERNAL = "internal"  # the office's assessment, written for itself
    DECIDED = "decided"  # by the reviewer, on a ground of the law
    APART = "apart"  # the customer's own: it stands with what is sealed, under the same reference


@dataclass(frozen=True, slots=True)
class Label:
    """Why a piece is removed. ``detail`` is a role of `Removed.STAFF`, a ground of `DECIDED`, the
    sealed record's uid of `APART`."""

    why: Removed
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """A removed piece of a text."""

    start: int
    end: int
    label: Label


class PackState(StrEnum):
    """Where the answer to one request stands."""

    REVIEWING = "reviewing"
    REVIEWED = "reviewed"
    DELIVERED = "delivered"


class Medium(StrEnum):
    """What the customer asked for; a pack can hold several."""

    PDF = "pdf"
    DATA = "data"
    AUDIO = "audio"
    FILES = "files"  # copies of what was attached


class Voice(StrEnum):
    """Whose sound is silenced in a piece of a recording."""

    BOTH = "both"
    CALLER = "caller"
    OPERATOR = "operator"


class Way(StrEnum):
    """How a pack went to the customer."""

    HANDED_OVER = "handed_over"
    REGISTERED_POST = "registered_post"
    EMAIL = "email"
    DOWNLOAD = "download"
    PRINTED_POST = "printed_post"  # paper: nothing is encrypted
    PRINTED_HANDED_OVER = "printed_handed_over"


PRINTED = frozenset({Way.PRINTED_POST, Way.PRINTED_HANDED_OVER})


class KeyWay(StrEnum):
    """How the passphrase went: never with the file."""

    TELEPHONE = "telephone"
    POST = "post"
    HANDED_OVER = "handed_over"
    OWN_KEY = "own_key"  # sealed for the customer's own age recipient


NOT_TOGETHER = frozenset(
    {
        (Way.HANDED_OVER, KeyWay.HANDED_OVER),
        (Way.REGISTERED_POST, KeyWay.POST),
    }
)
"""File and passphrase on the same way protect nothing."""


class Confirmed(StrEnum):
    """How it was made sure who received it."""

    DOCUMENT_SEEN = "document_seen"
    ADDRESSEE_ONLY = "addressee_only"  # restricted delivery to the addressee in person
    CALLED_BACK = "called_back"  # at the number on record
    REQUEST_CHANNEL = "request_channel"  # the channel over which identity was verified


class Finder:
    """Finds in a text what is somebody else's, sparing what is the customer's own.

    A value that is also the customer's (a family's number, a shared family name) isn't looked
    for, and what is found wholly inside one of the customer's own values stays.
    """

    def __init__(self, own: Iterable[Known], others: Iterable[tuple[Known, Label]]) -> None:
        self._own: set[tuple[ValueKind, str]] = {
            (one.kind, key) for one in own for key in keys_of(one)
        }
        own_keys = {key for _, key in self._own}
        self._others: dict[tuple[ValueKind, str], Label] = {}
        for one, label in others:
            for key in keys_of(one):
                if key not in own_keys:
                    self._others.setdefault((one.kind, key), label)

    def cuts(self, text: str) -> tuple[Cut, ...]:
        """What of the text is somebody else's, in order; pieces that overlap are one."""
        if not text or not self._others:
            return ()
        ways: Sequence[Folded] = folded_ways(text)
        found: dict[Span, Label] = {}
        for (kind, key), label in self._others.items():
            for span in spans_of(ways, kind, key):
                found.setdefault(span, label)
        if not found:
            return ()
        covers = {span for kind, key in self._own for span in spans_of(ways, kind, key)}
        return joined(Cut(*span, found[span]) for span in uncovered(sorted(found), covers))


def joined(cuts: Iterable[Cut]) -> tuple[Cut, ...]:
    """The cuts in order, each character in one of them; where they overlap the first one's label
    stands for all."""
    made: list[Cut] = []
    for cut in sorted(cuts, key=lambda one: (one.start, -one.end)):
        if made and cut.start < made[-1].end:
            before = made[-1]
            made[-1] = Cut(before.start, max(before.end, cut.end), before.label)
        else:
            made.append(cut)
    return tuple(made)


def painted(
    length: int, cuts: Iterable[Cut], over: Iterable[tuple[Span, Label | None]]
) -> tuple[Cut, ...]:
    """The cuts with what was decided laid over them in order; None puts a piece back."""
    labels: list[Label | None] = [None] * length
    for cut in cuts:
        labels[cut.start : cut.end] = [cut.label] * (min(cut.end, length) - cut.start)
    for (start, end), label in over:
        start, end = max(0, start), min(end, length)
        if start < end:
            labels[start:end] = [label] * (end - start)
    made: list[Cut] = []
    start = 0
    for at in range(1, length + 1):
        if at == length or labels[at] != labels[start]:
            label = labels[start]
            if label is not None:
                made.append(Cut(start, at, label))
            start = at
    return tuple(made)


def in_samples(
    cuts_ms: Iterable[tuple[int, int, Voice]], rate: int
) -> tuple[tuple[int, int, Voice], ...]:
    """Pieces of sound by their samples, widened to whole ones."""
    return tuple(
        (start * rate // 1000, -(-end * rate // 1000), voice) for start, end, voice in cuts_ms
    )
