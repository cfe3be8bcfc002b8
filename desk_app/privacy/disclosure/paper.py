"""The disclosure on paper: everything by section, what was removed marked, and what marks mean."""

from collections.abc import Iterator, Mapping, Sequence

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from desk_app.privacy.data_map.rules import Section
from desk_app.privacy.disclosure.rendering import Rendered, Rendering, clock_of
from desk_app.reports.typesetting import Prose, heading, paper

_LABELS = 45 * mm
_STEP = 6 * mm


def paper_of(
    rendering: Rendering,
    items: Sequence[Rendered],
    *,
    facts: Mapping[str, str],
    foot: str,
    author: str,
) -> bytes:
    """The PDF. ``facts`` are said at its head, by their names; ``foot`` on every page.

    Takes seconds for thousands of items: not on the Qt thread.
    """
    return paper(
        list(_flowables(rendering, items, facts)),
        title=rendering.words("disclosure.title"),
        author=author,
        foot=foot,
        words=rendering.words,
        repeatable=True,
    )


def _flowables(
    rendering: Rendering, items: Sequence[Rendered], facts: Mapping[str, str]
) -> Iterator[Flowable]:
    words = rendering.words
    yield heading(words("disclosure.title"), size=16)
    for name, said in facts.items():
        yield _fact(name, said)
    yield Prose(words("disclosure.opening"), before=3 * mm)
    yield heading(words("disclosure.legend_title"))
    if not rendering.used:
        yield Prose(words("disclosure.nothing_removed"))
    for mark, meaning in rendering.used.items():
        yield _fact(mark, meaning)
    for section in Section:
        there = [item for item in items if item.section is section]
        yield heading(words(f"privacy.section.{section}"))
        if not there:
            yield Prose(words("disclosure.nothing_held"))
        for item in there:
            yield from _item(rendering, item)


def _item(rendering: Rendering, item: Rendered) -> Iterator[Flowable]:
    words = rendering.words
    head = Prose(
        item.title if item.at is None else f"{item.title}  {rendering.time(item.at)}",
        label="",
        before=3 * mm,
        ruled=not item.depth,
    )
    head.keepWithNext = True
    yield head
    if item.removed:
        yield Prose(item.removed, before=1 * mm)
    for one in item.fields:
        yield _fact(one.name, one.said)
    if item.file:
        yield _fact(words("disclosure.field.file"), item.file)
    if item.file_removed:
        yield _fact(words("disclosure.field.file"), item.file_removed)
    for cut in item.cuts:
        said = words(
            "disclosure.silenced",
            start=clock_of(cut.start_ms),
            end=clock_of(cut.end_ms),
            voice=words(f"disclosure.voice.{cut.voice}"),
            why=cut.why,
        )
        yield _fact(words("disclosure.field.sound"), said)


def _fact(label: str, text: str) -> Prose:
    return Prose(text, label=label, indent=_LABELS, before=1 * mm)
