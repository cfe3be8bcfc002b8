"""Use cases of the daily comparison: a day compared, files checked, a finding settled.

Each is one transaction and may be repeated: what was found before is not entered again. Rows are
compared for the whole office by the supervisor who comes first; files at the desk in whose folder
they lie by whoever works there, because no supervisor may ever sign in at that desk.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from desk_app.audit.log import record
from desk_app.calls import views as calls
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.settings import set_setting, setting
from desk_app.people.views import colleagues
from desk_app.recordings.model import Recording, RecordingFinding
from desk_app.recordings.reconciliation import reading, stored
from desk_app.recordings.reconciliation.checking import known_as
from desk_app.recordings.reconciliation.keeping import (
    COMPARED_UNTIL,
    Kept,
    alone,
    keep,
    reason_of,
)
from desk_app.recordings.reconciliation.kinds import (
    FILE_KINDS,
    FOLDER_KINDS,
    ROW_KINDS,
    FindingKind,
    Reason,
)
from desk_app.recordings.reconciliation.pages import (
    CheckedCopy,
    CheckedFile,
    DayCompared,
    FindingRow,
    FindingsPage,
)
from desk_app.recordings.reconciliation.rules import Found, is_running, judge
from desk_app.recordings.rules import PLAYABLE, RecordingState
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose

MOST_LISTED = 1_000


@needs(Permission.RECONCILE_RECORDINGS)
def reconcile_day(actor: Actor, work: UnitOfWork, /, day: date) -> DayCompared:
    """Compare every contact of a day with its recordings, at whichever desk they were made.

    Of today only what is over is compared, and today is compared again tomorrow. A day that has
    not begun is refused.
    """
    today = reading.local_day(work, work.now)
    if day > today:
        raise Refused("recordings.day_not_over")
    alone(work)
    contacts = calls.received_between(actor, work, *reading.bounds(work, day))
    if day == today:
        contacts = tuple(one for one in contacts if not is_running(one))
    facts = reading.facts_of_contacts(work, [one.contact_id for one in contacts])
    states: dict[int | None, set[RecordingState]] = {}
    for row in facts:
        states.setdefault(row.contact_id, set()).add(row.state)

    def why_over(finding: RecordingFinding) -> str:
        now = states.get(finding.contact_id, set())
        if RecordingState.SALVAGED in now:
            return "salvaged"
        return "discarded" if RecordingState.DISCARDED in now else "set_right"

    kept = keep(
        work,
        [(day, one) for one in judge(contacts, facts)],
        _known(work, ROW_KINDS, RecordingFinding.day == day),
        why_over=why_over,
    )
    until = date.fromisoformat(setting(work, COMPARED_UNTIL) or date.min.isoformat())
    if day < today and not day <= until < today:  # a later one was told by a clock that was ahead
        set_setting(work, COMPARED_UNTIL, day.isoformat())
    _record(actor, work, "recording.day_compared", kept, day=day, contacts=len(contacts))
    return DayCompared(day, len(contacts), kept.opened, kept.closed)


@needs(Permission.FINISH_CALL)
def enter_checks(actor: Actor, work: UnitOfWork, /, checks: Sequence[CheckedFile]) -> int:
    """Keep what was found of these files of this desk; how many findings that opened.

    The next comparison goes on after them.
    """
    alone(work)
    ids = [one.expected.recording_id for one in checks]
    rows = {
        row.id: row for row in work.session.scalars(select(Recording).where(Recording.id.in_(ids)))
    }
    stored = reading.in_store(work, ids)
    place = reading.Place.of(actor, work)
    found: list[tuple[date, Found]] = []
    for one in checks:
        place.move_past(one.expected)
        row = rows[one.expected.recording_id]
        is_sealed = row.state in PLAYABLE and row.digest == one.expected.digest
        damage = _damage(one, is_stored=row.id in stored)
        if is_sealed and damage is not None:
            kind, reason = damage
            particulars = {"desk": actor.desk_id}
            day = reading.local_day(work, row.started_at)
            found.append((day, Found(kind, reason, row.contact_id, row.id, particulars)))
    place.keep(actor, work)

    def why_over(finding: RecordingFinding) -> str:
        if finding.recording_id in stored:
            return "stored"
        row = rows.get(finding.recording_id or 0)
        is_gone = row is not None and row.state == RecordingState.DISCARDED
        return "discarded" if is_gone else "set_right"

    known = _known(work, FILE_KINDS, RecordingFinding.recording_id.in_(ids))
    kept = keep(work, found, known, why_over=why_over)
    _record(actor, work, "recording.files_checked", kept, files=len(checks))
    return kept.opened


@needs(Permission.FINISH_CALL)
def enter_folder(actor: Actor, work: UnitOfWork, /, uids: Collection[str]) -> int:
    """Keep which of the sealed files in this desk's folder nothing accounts for.

    With it the checking of this desk's files is done for today; how many findings it opened.
    """
    alone(work)
    rows = reading.rows_named(work, uids)
    today = reading.local_day(work, work.now)
    yesterday = work.now - timedelta(days=1)
    found: list[tuple[date, Found]] = []
    for uid in uids:
        row = rows.get(uid)
        kind = FindingKind.STRAY
        if row is None:
            reason = Reason.UNKNOWN_FILE
        elif row.state == RecordingState.FAILED:
            reason = Reason.FAILED_ROW
        elif row.state == RecordingState.DISCARDED and (
            row.discarded_at is not None or row.started_at < yesterday
        ):
            kind, reason = FindingKind.NOT_DESTROYED, Reason.UNEXPLAINED
        else:
            continue
        particulars = {"desk": actor.desk_id, "uid": known_as(uid)}
        contact_id, recording_id = (row.contact_id, row.id) if row else (None, None)
        found.append((today, Found(kind, reason, contact_id, recording_id, particulars)))
    mine = [
        one for one in _known(work, FOLDER_KINDS) if one.particulars.get("desk") == actor.desk_id
    ]
    kept = keep(work, found, mine, why_over=lambda _finding: "set_right")
    place = reading.Place.of(actor, work)
    place.done_on = today.isoformat()
    place.keep(actor, work)
    _record(actor, work, "recording.folder_checked", kept, files=len(uids))
    return kept.opened


@needs(Permission.FINISH_CALL)
def enter_copies(
    actor: Actor, work: UnitOfWork, /, store_id: int, checks: Sequence[CheckedCopy]
) -> int:
    """Keep what was found of these copies in a store; how many findings that opened.

    The next check of that store, by any desk, goes on after them.
    """
    kept = stored.keep_checked(work, store_id, checks)
    stored.move_past(work, store_id, [one.expected for one in checks])
    _record(actor, work, "recording.copies_checked", kept, copies=len(checks), store_id=store_id)
    return kept.opened


@needs(Permission.RECONCILE_RECORDINGS)
def settle(actor: Actor, work: UnitOfWork, /, finding_id: int, *, note: str) -> None:
    """Keep that somebody has seen to a finding, and what was done."""
    said = prose(note, field="note")
    if not said:
        raise Refused("recordings.note_missing")
    found = work.session.scalar(
        select(RecordingFinding).where(RecordingFinding.id == finding_id).with_for_update()
    )
    if found is None or found.settled_at is not None:
        raise Refused("recordings.finding_settled")
    found.settled_at, found.settled_by, found.note = work.now, actor.user_id, said
    record(
        actor,
        work,
        "recording.finding_settled",
        subject=("recording_finding", found.id),
        kind=found.kind,
        reason=reason_of(found).value,
    )
    work.changed("recording_finding", found.id)


@needs(Permission.RECONCILE_RECORDINGS)
def list_findings(actor: Actor, work: UnitOfWork, /, *, settled: bool = False) -> FindingsPage:
    """The findings that are open, or those that are settled, the latest day first.

    At most `MOST_LISTED`; that the list was read is recorded.
    """
    is_settled = RecordingFinding.settled_at.is_not(None)
    such = is_settled if settled else ~is_settled
    total = work.session.scalar(select(func.count()).where(such)) or 0
    found = work.session.scalars(
        select(RecordingFinding)
        .where(such)
        .order_by(RecordingFinding.day.desc(), RecordingFinding.id.desc())
        .limit(MOST_LISTED)
    ).all()
    heads = calls.contact_heads(actor, work, {one.contact_id for one in found if one.contact_id})
    names = {int(one.user_id): one.name for one in colleagues(actor, work)}
    rows = []
    for one in found:
        head = heads.get(one.contact_id or 0)
        rows.append(
            FindingRow(
                id=one.id,
                day=one.day,
                kind=FindingKind(one.kind),
                reason=reason_of(one),
                contact_id=one.contact_id,
                contact_number=head.number if head else None,
                received_at=head.received_at if head else None,
                recording_id=one.recording_id,
                found_at=one.found_at,
                particulars=one.particulars,
                settled_at=one.settled_at,
                settled_by=names.get(one.settled_by or 0, ""),
                note=one.note,
                over=str(one.particulars.get("over", "")),
            )
        )
    record(actor, work, "recording.findings_listed", settled=settled, found=len(rows))
    return FindingsPage(tuple(rows), total)


def _damage(one: CheckedFile, *, is_stored: bool) -> tuple[FindingKind, Reason] | None:
    if not one.is_there:
        return None if is_stored else (FindingKind.MISSING, Reason.UNEXPLAINED)
    if one.damage is not None:
        return FindingKind.DAMAGED, one.damage
    return None if one.has_waveform else (FindingKind.NO_WAVEFORM, Reason.UNEXPLAINED)


def _known(
    work: UnitOfWork, kinds: Collection[FindingKind], *such: ColumnElement[bool]
) -> list[RecordingFinding]:
    return list(
        work.session.scalars(
            select(RecordingFinding).where(
                RecordingFinding.kind.in_(sorted(kind.value for kind in kinds)), *such
            )
        )
    )


def _record(actor: Actor, work: UnitOfWork, action: str, kept: Kept, **counts: Any) -> None:
    record(actor, work, action, opened=kept.opened, closed=kept.closed, **counts)
