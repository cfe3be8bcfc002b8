"""Findings in the database: entered once, closed when their cause is gone.

Not a use case: who compares has been checked by the caller, and the caller holds `alone`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from desk_app.people.settings import set_setting, setting_or_made
from desk_app.recordings.model import RecordingFinding
from desk_app.recordings.reconciliation.kinds import EXPLAINED, Reason
from desk_app.recordings.reconciliation.rules import Found
from desk_app.storage.unit_of_work import UnitOfWork

COMPARED_AT = "recordings_compared_at"
"""When something was last compared, by any desk."""

COMPARED_UNTIL = "recordings_compared_until"
"""The last whole day whose contacts were compared."""

_Subject = tuple[str, int | None, int | None, str]


@dataclass(slots=True)
class Kept:
    """How many findings were entered open, and how many closed because their cause is gone."""

    opened: int = 0
    closed: int = 0


def alone(work: UnitOfWork) -> None:
    """Let nobody else enter findings until this commits: the row that says when is written."""
    setting_or_made(work, COMPARED_AT, lambda: "")
    set_setting(work, COMPARED_AT, work.now.isoformat())
    work.session.flush()


def keep(
    work: UnitOfWork,
    found: Iterable[tuple[date, Found]],
    known: Sequence[RecordingFinding],
    *,
    why_over: Callable[[RecordingFinding], str],
) -> Kept:
    """Bring ``known``, every finding that this comparison could have found, up to date.

    A finding that somebody settled comes back only with other facts; one that was closed because
    its cause was gone comes back with its cause.
    """
    kept = Kept()
    newest = {_subject_of(one): one for one in sorted(known, key=lambda one: one.id)}
    seen: set[_Subject] = set()
    for day, one in found:
        subject = _subject(one)
        seen.add(subject)
        _keep_one(work, day, one, newest.get(subject), kept)
    for row in known:
        if row.settled_at is None and _subject_of(row) not in seen:
            _close(work, row, why_over(row))
            kept.closed += 1
    return kept


def _keep_one(
    work: UnitOfWork, day: date, one: Found, known: RecordingFinding | None, kept: Kept
) -> None:
    if known is not None and known.settled_at is not None:
        facts = {name: value for name, value in known.particulars.items() if name != "over"}
        over = known.particulars.get("over")
        is_answered = known.settled_by is not None or over in EXPLAINED
        if is_answered and facts == one.facts:
            return
        known = None
    if known is None:
        known = RecordingFinding(
            day=day,
            kind=one.kind.value,
            contact_id=one.contact_id,
            recording_id=one.recording_id,
            particulars=one.facts,
            found_at=work.now,
        )
        work.session.add(known)
        work.session.flush()
        kept.opened += one.reason not in EXPLAINED
        work.changed("recording_finding", known.id)
    elif known.particulars != one.facts:
        known.particulars = one.facts
        work.changed("recording_finding", known.id)
    if one.reason in EXPLAINED:
        _close(work, known, one.reason.value)


def _close(work: UnitOfWork, row: RecordingFinding, over: str) -> None:
    row.settled_at = work.now
    row.particulars = {**row.particulars, "over": over}
    work.changed("recording_finding", row.id)


def reason_of(row: RecordingFinding) -> Reason:
    """Why, as it was entered; of a later version's reasons nothing is known here."""
    try:
        return Reason(row.particulars.get("reason", ""))
    except ValueError:
        return Reason.UNEXPLAINED


def _subject(one: Found) -> _Subject:
    return one.kind.value, one.contact_id, one.recording_id, _which(one.particulars)


def _subject_of(row: RecordingFinding) -> _Subject:
    return row.kind, row.contact_id, row.recording_id, _which(row.particulars)


def _which(particulars: Mapping[str, Any]) -> str:
    """The file in a folder, or the store, that a finding is about."""
    return str(particulars.get("uid") or particulars.get("store", ""))
