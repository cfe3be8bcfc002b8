"""What the reviewer decided, laid over what was collected. Pure.

A choice holds for a field as it was then: its mark says so. Where the text has changed since, a
removal covers the whole field, and what was put back is removed again, until somebody has looked.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from desk_app.privacy.disclosure.folding import Span
from desk_app.privacy.disclosure.pages import Field, Item, SoundCut
from desk_app.privacy.disclosure.rules import Label, PackState, Removed, Voice, painted
from desk_app.words import Language

WHOLE_ITEM, FILE, SOUND = "", "file", "sound"
"""Names of what isn't a column of an item."""

CONTENT = "content"
"""The field of an attachment's item that holds its text."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A removal or a putting back; ``id`` tells the order."""

    id: int
    item: str
    field: str
    begins: int | None
    ends: int | None
    removed: bool
    ground: str
    voice: Voice | None
    mark: str


@dataclass(frozen=True, slots=True)
class Review:
    """What the reviewer looks at: what was collected, and the choices that lie over it."""

    disclosure_id: int
    request_id: int
    case_id: int
    customer_id: int
    state: PackState
    language: Language
    medium: str
    is_executable: bool
    """Approved by a second person, so that a pack can be made."""
    collected: tuple[Item, ...] = field(repr=False)
    choices: tuple[Choice, ...]
    salt: str = field(repr=False)
    marks: Mapping[str, str] | None = field(default=None, repr=False)
    """Those of the last finished review."""

    def items(self) -> tuple[Item, ...]:
        """What the pack shows as it is chosen now."""
        return with_choices(self.collected, self.choices, self.salt, self.marks)

    def seen(self) -> dict[str, str]:
        """What the reviewer has before them, by its marks, for `service.finish_review`."""
        return marks_of(self.salt, self.collected)

    def mark(self, item: str, field_key: str) -> str:
        """The mark of a field, for a choice; empty for what isn't a column."""
        found = next((one for one in self.collected if one.key == item), None)
        fields = found.fields if found is not None else ()
        named = next((one for one in fields if one.key == field_key), None)
        return field_mark(self.salt, item, named) if named is not None else ""

    def after(self, choices: Sequence[Choice]) -> "Review":
        """With more choices, which `service.choose` gave."""
        made = replace(self, choices=(*self.choices, *choices))
        return replace(made, state=PackState.REVIEWING) if choices else made


def mark_of(salt: str, *parts: str) -> str:
    """A salted digest that tells whether something is as it was; it tells nothing else."""
    said = json.dumps(parts, ensure_ascii=True).encode("ascii")
    return hmac.digest(bytes.fromhex(salt), said, hashlib.sha256).hex()[:32]


def field_mark(salt: str, item: str, one: Field) -> str:
    return mark_of(salt, item, one.key, one.value)


def marks_of(salt: str, items: Iterable[Item]) -> dict[str, str]:
    """Of everything that items say and of what was found in them to be others'. What an attached
    text says has a mark of its own: without its key nobody knows it, and the item is as it was."""
    return {key: mark for item in items for key, mark in _item_marks(salt, item).items()}


def as_reviewed(items: Sequence[Item], marks: Mapping[str, str]) -> bool:
    """Whether ``items``, chosen from with these ``marks``, are those that were released, and all
    of them."""
    reviewed = {key.removesuffix(f"/{CONTENT}") for key in marks}
    return {item.key for item in items} == reviewed and not any(item.is_new for item in items)


def _item_marks(salt: str, item: Item) -> dict[str, str]:
    said: dict[str, list[str]] = {item.key: []}
    for one in item.fields:
        key = f"{item.key}/{CONTENT}" if one.key == CONTENT and item.has_file else item.key
        whole = (one.key, one.kind.value, one.value, one.cuts, one.whole)
        said.setdefault(key, []).append(repr(whole))
    return {key: mark_of(salt, key, str(item.has_file), *one) for key, one in said.items()}


def with_choices(
    items: Iterable[Item], choices: Sequence[Choice], salt: str, marks: Mapping[str, str] | None
) -> tuple[Item, ...]:
    """The items as the pack shows them. ``marks`` are those of the finished review, if there was
    one: what isn't among them is new."""
    by_item: dict[str, list[Choice]] = {}
    for choice in sorted(choices, key=lambda one: one.id):
        by_item.setdefault(choice.item, []).append(choice)
    return tuple(
        replace(
            _decided(item, by_item.get(item.key, []), salt),
            is_new=marks is not None and not _item_marks(salt, item).items() <= marks.items(),
        )
        for item in items
    )


def _decided(item: Item, choices: Sequence[Choice], salt: str) -> Item:
    by_field: dict[str, list[Choice]] = {}
    for choice in choices:
        by_field.setdefault(choice.field, []).append(choice)
    whole = by_field.get(WHOLE_ITEM)
    file = by_field.get(FILE)
    return replace(
        item,
        whole=_label(whole[-1]) if whole else item.whole,
        file_settled=bool(file),
        file_removed=_label(file[-1]) if file else None,
        sound_cuts=_sound(by_field.get(SOUND, ())),
        fields=tuple(
            _field(one, by_field[one.key], field_mark(salt, item.key, one))
            if one.key in by_field and one.is_searched
            else one
            for one in item.fields
        ),
    )


def _label(choice: Choice) -> Label | None:
    if not choice.removed:
        return None
    if choice.ground == Removed.OTHER_PERSON.value:
        return Label(Removed.OTHER_PERSON)
    return Label(Removed.DECIDED, choice.ground)


def _field(one: Field, choices: Sequence[Choice], mark: str) -> Field:
    whole = one.whole
    over: list[tuple[Span, Label | None]] = []
    for choice in choices:
        label = _label(choice)
        is_stale = choice.mark != mark
        if is_stale and label is None:
            continue
        if is_stale or choice.begins is None or choice.ends is None:
            whole = label
        else:
            over.append(((choice.begins, choice.ends), label))
    cuts = painted(len(one.value), one.cuts, over)
    return replace(one, whole=whole, cuts=cuts, by_reviewer=True)


def _sound(choices: Sequence[Choice]) -> tuple[SoundCut, ...]:
    """Pieces of sound that were marked and not given back: a later choice with the same bounds
    takes an earlier one back."""
    marked: dict[tuple[int, int, Voice], SoundCut] = {}
    for choice in choices:
        bounds = (choice.begins or 0, choice.ends or 0, choice.voice or Voice.BOTH)
        if choice.removed:
            marked[bounds] = SoundCut(choice.id, *bounds, choice.ground)
        else:
            marked.pop(bounds, None)
    return tuple(sorted(marked.values(), key=lambda one: (one.start_ms, one.end_ms)))
