"""What is entered and shown of the policy: frozen rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from desk_app.purposes.rules import Purpose, RecipientKind, RecordingUse, Scope, Uncovered

Said = Mapping[str, str]
"""A text in each of the office's languages."""


@dataclass(frozen=True, slots=True)
class AnnouncementForm:
    """What callers hear from this version on."""

    outbound: bool
    scripts: Said
    uses: frozenset[RecordingUse]


@dataclass(frozen=True, slots=True)
class VersionForm:
    """A version to be entered. An announcement that isn't given goes on as it is, under the new
    version; so do the texts of the purposes."""

    label: str
    effective_on: date
    texts: Said
    changes: Said
    purposes: frozenset[Purpose] = frozenset(Purpose)
    recipients: frozenset[RecipientKind] = frozenset()
    widened_purposes: frozenset[Purpose] = frozenset()
    widened_recipients: frozenset[RecipientKind] = frozenset()
    announcements: tuple[AnnouncementForm, ...] = ()


class VersionState(StrEnum):
    AWAITS_APPROVAL = "awaits_approval"
    DECLINED = "declined"
    TO_COME = "to_come"
    IN_FORCE = "in_force"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class AnnouncementRow:
    """An announcement of a version."""

    id: int
    label: str
    outbound: bool
    scripts: Said
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as it was entered, and where it stands."""

    id: int
    label: str
    effective_on: date
    state: VersionState
    texts: Said
    changes: Said
    purposes: Mapping[str, Said]
    recipients: frozenset[RecipientKind]
    widened_purposes: frozenset[Purpose]
    widened_recipients: frozenset[RecipientKind]
    entered_at: datetime
    entered_by: str | None
    decided_at: datetime | None
    decided_by: str | None
    may_approve: bool
    """By this reader: the second person."""
    announcements: tuple[AnnouncementRow, ...] = ()


@dataclass(frozen=True, slots=True)
class UncoveredConsent:
    """A consent that no longer covers what it was given for."""

    consent_id: int
    customer_id: int
    customer: str | None  # None: the customer's data may not be looked at
    scope: Scope
    lost: Uncovered
    given_at: datetime


@dataclass(frozen=True, slots=True)
class UncoveredList:
    """Whose consent a version no longer lets count, and how many by what is lost."""

    rows: tuple[UncoveredConsent, ...]
    by_purpose: Mapping[Purpose, int] = field(default_factory=dict)
    by_recipient: Mapping[RecipientKind, int] = field(default_factory=dict)
