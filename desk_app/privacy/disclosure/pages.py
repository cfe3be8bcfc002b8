"""What a disclosure shows: frozen rows. Items hold a customer's data as it stands; `rendering` and
nothing else hands it out, with the removed pieces left out."""

from dataclasses import dataclass, field
from datetime import datetime

from desk_app.cases.types.rules import Labels
from desk_app.privacy.data_map.rules import Section
from desk_app.privacy.disclosure.places import As
from desk_app.privacy.disclosure.rules import Cut, Label, Medium, PackState, Voice


@dataclass(frozen=True, slots=True)
class Field:
    """One value of an item. ``value`` is text, a token, an ISO instant or day, or a number."""

    key: str
    kind: As
    value: str = field(repr=False)
    words: str = ""
    """The words of a token, with ``{token}`` in its place."""
    name: Labels | None = None
    """What the field is called, if its case's type says so."""
    says: Labels | None = None
    """What the value is called in each language."""
    cuts: tuple[Cut, ...] = ()
    whole: Label | None = None
    """All of it is removed."""
    by_reviewer: bool = False

    @property
    def is_searched(self) -> bool:
        """Whether pieces of it can be removed or put back."""
        return self.kind in (As.TEXT, As.DETAIL, As.SEALED, As.INTERNAL)


@dataclass(frozen=True, slots=True)
class SoundCut:
    """A piece of a recording that concerns somebody else."""

    choice_id: int
    start_ms: int
    end_ms: int
    voice: Voice
    ground: str


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the office about the customer."""

    key: str
    section: Section
    table: str
    id: int
    """The row's, where it has one of its own; else 0."""
    parent: str | None
    at: datetime | None
    fields: tuple[Field, ...]
    whole: Label | None = None
    """All of it is removed: only that there is something is shown."""
    has_file: bool = False
    file_settled: bool = False
    """The reviewer has said whether the file is given out."""
    file_removed: Label | None = None
    sound_cuts: tuple[SoundCut, ...] = ()
    is_new: bool = False
    """It wasn't there, or wasn't so, when the reviewer last finished."""

    @property
    def is_undecided(self) -> bool:
        return self.has_file and self.whole is None and not self.file_settled

    @property
    def is_unopened(self) -> bool:
        """A sealed record that whoever collected this may not open."""
        return any(one.kind is As.SEALED and not one.value for one in self.fields)

    @property
    def removed_count(self) -> int:
        if self.whole is not None:
            return 1
        pieces = sum(1 if one.whole else len(one.cuts) for one in self.fields)
        return pieces + len(self.sound_cuts) + (1 if self.file_removed else 0)


@dataclass(frozen=True, slots=True)
class PackRow:
    """A file that was made."""

    id: int
    made_at: datetime
    made_by: str
    media: tuple[Medium, ...]
    digest: str
    size_bytes: int
    with_passphrase: bool
    printed: bool


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """How one went to the customer."""

    at: datetime
    by: str
    pack_id: int
    way: str
    key_way: str | None
    confirmed: str
    to_whom: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the answer to a request stands."""

    request_id: int
    disclosure_id: int | None
    state: PackState
    reviewed_at: datetime | None
    reviewed_by: str | None
    packs: tuple[PackRow, ...]
    deliveries: tuple[DeliveryRow, ...]


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """A request that is answered with a disclosure; nobody's name."""

    request_id: int
    case_number: str
    kind: str
    received_at: datetime
    request_state: str
    state: PackState | None
    """None: nobody has looked yet."""
