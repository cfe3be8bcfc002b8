"""A disclosure as it is handed out: what was removed is gone, and a mark stands in its place.

The only way from `pages.Item`, which holds everything, to paper and files.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from desk_app.privacy.data_map.rules import Section
from desk_app.privacy.disclosure.grounds import Ground
from desk_app.privacy.disclosure.pages import Field, Item, SoundCut
from desk_app.privacy.disclosure.places import As
from desk_app.privacy.disclosure.rules import Cut, Label, Removed, Voice, joined
from desk_app.sensitive.placeholders import spans_in, uids_in
from desk_app.words import Words

SIGN = "■"
"""Stands around what was removed: in the shipped font, and on every screen."""


@dataclass(frozen=True, slots=True)
class RenderedField:
    """``value`` is for machines, ``said`` for people; both without what was removed."""

    key: str
    name: str
    value: str = field(repr=False)
    said: str = field(repr=False)
    removed: tuple[str, ...]
    """Why, for each mark in the text in order."""


@dataclass(frozen=True, slots=True)
class RenderedCut:
    """A piece of sound that was silenced."""

    start_ms: int
    end_ms: int
    voice: Voice
    why: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """One item."""

    key: str
    section: Section
    table: str
    parent: str | None
    depth: int
    title: str
    at: datetime | None
    fields: tuple[RenderedField, ...]
    removed: str = ""
    """Why all of it is removed."""
    file: str = ""
    """The name of its part in the pack."""
    file_removed: str = ""
    cuts: tuple[RenderedCut, ...] = ()


class Rendering:
    """Writes items in one language, on the office's clock."""

    def __init__(self, words: Words, zone: tzinfo | None, grounds: Mapping[str, Ground]) -> None:
        self.words = words
        self._zone, self._grounds = zone, grounds
        self.used: dict[str, str] = {}
        """Every mark that was set, with what it means, in the order of appearance."""

    def items(self, items: Iterable[Item], files: Mapping[str, str]) -> tuple[Rendered, ...]:
        """``files``: the names of the parts that go with items, by the items' keys."""
        depths: dict[str, int] = {}
        made = []
        for item in items:
            depth = depths.get(item.parent or "", -1) + 1
            depths[item.key] = depth
            made.append(self._item(item, files.get(item.key, ""), depth))
        return tuple(made)

    def mark(self, label: Label) -> str:
        """What stands in place of something removed."""
        said = f"{SIGN}{self._short(label)}{SIGN}"
        self.used.setdefault(said, self._meaning(label))
        return said

    def text(self, value: str, cuts: Iterable[Cut]) -> str:
        """A text with its marks, also where something was sealed apart."""
        return "".join(self._pieces(value, _with_sealed(value, cuts)))

    def time(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return self.words(
            "reports.time",
            year=local.year,
            month=self.words(f"hours.month.{local.month}"),
            day=local.day,
            clock=f"{local:%H:%M}",
        )

    def _item(self, item: Item, file: str, depth: int) -> Rendered:
        title = self.words(f"disclosure.item.{item.table}")
        if item.whole is not None:
            return Rendered(
                key=item.key,
                section=item.section,
                table=item.table,
                parent=item.parent,
                depth=depth,
                title=title,
                at=None,
                fields=(),
                removed=self.mark(item.whole),
            )
        return Rendered(
            key=item.key,
            section=item.section,
            table=item.table,
            parent=item.parent,
            depth=depth,
            title=title,
            at=item.at,
            fields=tuple(self.field(one) for one in item.fields),
            file=file if item.file_removed is None else "",
            file_removed=self.mark(item.file_removed) if item.file_removed else "",
            cuts=tuple(self._cut(one) for one in item.sound_cuts) if file else (),
        )

    def _cut(self, cut: SoundCut) -> RenderedCut:
        label = (
            Label(Removed.OTHER_PERSON)
            if cut.ground == Removed.OTHER_PERSON.value
            else Label(Removed.DECIDED, cut.ground)
        )
        return RenderedCut(cut.start_ms, cut.end_ms, cut.voice, self.mark(label))

    def field(self, one: Field) -> RenderedField:
        """One value, without what was removed of it."""
        name = one.name.say(self.words) if one.name else self.words(f"disclosure.field.{one.key}")
        if one.whole is not None:
            mark = self.mark(one.whole)
            return RenderedField(one.key, name, mark, mark, (one.whole.why.value,))
        if (one.is_searched or one.kind is As.PLAIN) and not one.says:
            text = self.text(one.value, one.cuts)
            removed = tuple(cut.label.why.value for cut in _with_sealed(one.value, one.cuts))
            return RenderedField(one.key, name, text, text, removed)
        return RenderedField(one.key, name, one.value, self._said(one), ())

    def _said(self, one: Field) -> str:
        words = self.words
        if one.says is not None:
            return one.says.say(words)
        match one.kind:
            case As.TOKEN:
                return words(one.words.format(token=one.value))
            case As.TOKENS:
                said = [words(one.words.format(token=token)) for token in one.value.split()]
                return words("reports.list_comma").join(said)
            case As.MOMENT:
                return self.time(datetime.fromisoformat(one.value))
            case As.FLAG:
                return words(f"disclosure.flag.{one.value}")
            case As.NUMBER:
                return words.number(int(one.value))
            case As.DURATION:
                return clock_of(int(one.value))
            case _:
                return one.value

    def _pieces(self, value: str, cuts: Iterable[Cut]) -> Iterator[str]:
        at = 0
        for cut in cuts:
            yield value[at : cut.start]
            yield self.mark(cut.label)
            at = cut.end
        yield value[at:]

    def _short(self, label: Label) -> str:
        words = self.words
        if label.why is Removed.STAFF and label.detail:
            return words(f"people.role.{label.detail}")
        if label.why is Removed.DECIDED and label.detail in self._grounds:
            return self._grounds[label.detail].short.say(words)
        if label.why is Removed.APART:
            return f"{words('disclosure.mark.apart')} {label.detail}"
        return words(f"disclosure.mark.{label.why}")

    def _meaning(self, label: Label) -> str:
        words = self.words
        if label.why is Removed.DECIDED and label.detail in self._grounds:
            ground = self._grounds[label.detail]
            return f"{ground.name.say(words)} ({ground.source.say(words)})"
        return words(f"disclosure.legend.{label.why}")


def _with_sealed(value: str, cuts: Iterable[Cut]) -> tuple[Cut, ...]:
    """The cuts, and a mark for each piece that was sealed apart and isn't in one of them."""
    sealed = (
        Cut(start, end, Label(Removed.APART, uid))
        for (start, end), uid in zip(spans_in(value), uids_in(value), strict=True)
    )
    return joined([*cuts, *sealed])


def clock_of(ms: int) -> str:
    """A length or a place in sound: 1:02:03, 2:03."""
    seconds = ms // 1000
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours}:{minutes % 60:02}:{seconds % 60:02}"
    return f"{minutes}:{seconds % 60:02}"
