"""What the details of a case show."""

from dataclasses import dataclass

from desk_app.cases.types.rules import Labels, Stage, TypeField


@dataclass(frozen=True, slots=True)
class EarlierField:
    """What was filled in under another type, or before the type stopped asking for it."""

    name: Labels | None  # None: nothing remembers what it was called
    key: str
    field: TypeField | None
    value: str


@dataclass(frozen=True, slots=True)
class CaseDetails:
    """The fields of a case with what was filled in, and its stages. Covered by `case.opened`."""

    case_id: int
    version: int
    fields: tuple[TypeField, ...]
    values: dict[str, str]
    earlier: tuple[EarlierField, ...]
    stages: tuple[Stage, ...]
    stage: str | None  # where it stands; None if the type has no stages
    reachable: tuple[Stage, ...]
    may_fill_in: bool
    may_move: bool
