"""Reads of calls for help: who, when, how; nothing of what was said."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import func, select

from desk_app.calls.reading import numbers_of, staff_names
from desk_app.errors import NotPermitted
from desk_app.help_calls import finding
from desk_app.help_calls.duties import duty_on
from desk_app.help_calls.model import HelpCall, HelpListening, HelpRecord, HelpRing
from desk_app.help_calls.pages import (
    HelpFigures,
    HelpRow,
    HelpStanding,
    ListeningRow,
)
from desk_app.help_calls.rules import HelpEnd, HelpKind, ListeningEnd, Outcome
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission, Role, authority, needs
from desk_app.storage.unit_of_work import UnitOfWork

LATEST = timedelta(hours=12)
"""A call for help that nobody has ended rings no longer than this."""


@needs(Permission.FINISH_CALL)
def standing(actor: Actor, work: UnitOfWork, /, help_call_id: int) -> HelpStanding:
    """How a call for help stands: for who takes the call, and for who may answer it."""
    call = finding.looked_up(work, help_call_id)
    _check_taking_part(actor, work, call)
    return _standing(work, call, staff_names(actor, work))


@needs(Permission.FINISH_CALL)
def running_in(actor: Actor, work: UnitOfWork, /, contact_id: int) -> HelpStanding | None:
    """The call for help that goes on in a call of one's own; None if there is none."""
    call = finding.running(work, contact_id)
    if call is None:
        return None
    _check_taking_part(actor, work, call)
    return _standing(work, call, staff_names(actor, work))


@needs(Permission.LISTEN_IN)
def ringing(actor: Actor, work: UnitOfWork, /) -> tuple[HelpStanding, ...]:
    """Calls for help of others that wait for an answer, or that the actor has answered; the
    oldest first."""
    calls = work.session.scalars(
        select(HelpCall)
        .where(
            HelpCall.ended_at.is_(None),
            HelpCall.called_by != actor.user_id,
            HelpCall.called_at > work.now - LATEST,
            HelpCall.answered_by.is_(None) | (HelpCall.answered_by == actor.user_id),
        )
        .order_by(HelpCall.called_at, HelpCall.id)
    ).all()
    if not calls:
        return ()
    names = staff_names(actor, work)
    return tuple(_standing(work, call, names) for call in calls)


@needs(Permission.LISTEN_IN)
def listening(actor: Actor, work: UnitOfWork, /, listening_id: int) -> ListeningRow:
    """Where the line is, for its listener; `NotPermitted` once they may not listen any more."""
    row = finding.listening(work, listening_id)
    if row.listener_id != actor.user_id:
        raise NotPermitted("calls.not_yours")
    finding.require_may_listen(work, actor.user_id)
    return _listening(work, row, staff_names(actor, work))


@needs(Permission.READ_HELP_CALLS)
def help_calls(
    actor: Actor, work: UnitOfWork, /, *, first: date, last: date
) -> tuple[HelpRow, ...]:
    """Calls for help of these days, those that are owed a follow-up first, then the newest."""
    names = staff_names(actor, work)
    calls = _of_days(work, first, last)
    ids = [call.id for call in calls]
    written = set(
        work.session.scalars(
            select(HelpRecord.help_call_id).where(HelpRecord.help_call_id.in_(ids))
        )
    )
    heard = _listened(work, ids)
    numbers = numbers_of(work, [call.contact_id for call in calls])
    rows = [
        HelpRow(
            id=call.id,
            contact_id=call.contact_id,
            contact_number=numbers.get(call.contact_id, ""),
            kind=HelpKind(call.kind),
            called_at=call.called_at,
            caller_id=call.called_by,
            caller=names[call.called_by],
            answerer=_name(names, call.answered_by),
            seconds_to_answer=_seconds(call.called_at, call.answered_at),
            listened_seconds=heard.get(call.id),
            handed_over_to=_name(names, call.handed_over_to),
            state=finding.state_of(call),
            end=HelpEnd(call.ended_how) if call.ended_how else None,
            is_recorded=call.id in written,
            due_at=call.follow_up_due_at if call.followed_up_at is None else None,
            is_late=_is_late(work, call),
            outcome=Outcome(call.outcome) if call.outcome else None,
            followed_up_by=_name(names, call.followed_up_by),
        )
        for call in calls
    ]
    return tuple(sorted(rows, key=lambda row: (row.due_at is None, -row.called_at.timestamp())))


@needs(Permission.READ_HELP_CALLS)
def figures(actor: Actor, work: UnitOfWork, /, *, first: date, last: date) -> HelpFigures:
    """What these days amount to, by kind: numbers only."""
    all_calls = _of_days(work, first, last)
    calls = [call for call in all_calls if call.ended_how != HelpEnd.MISTAKEN.value]
    calendar = open_calendar(work)
    kinds = [HelpKind(call.kind) for call in calls]
    waited = [
        seconds
        for call in calls
        if (seconds := _seconds(call.called_at, call.answered_at)) is not None
    ]
    under_duty = 0
    for call, kind in zip(calls, kinds, strict=True):
        duty = duty_on(calendar.local(call.called_at).date())
        under_duty += duty.is_law and kind in duty.counted
    return HelpFigures(
        first=first,
        last=last,
        by_kind=tuple((kind, kinds.count(kind)) for kind in HelpKind),
        mistaken=len(all_calls) - len(calls),
        unanswered=sum(call.answered_at is None for call in calls),
        listened=len(_listened(work, [call.id for call in calls])),
        handed_over=sum(call.handed_over_at is not None for call in calls),
        owed=sum(
            call.follow_up_due_at is not None and call.followed_up_at is None for call in calls
        ),
        late=sum(_is_late(work, call) for call in calls),
        median_seconds_to_answer=round(median(waited)) if waited else None,
        under_duty=under_duty,
    )


def _check_taking_part(actor: Actor, work: UnitOfWork, call: HelpCall) -> None:
    if call.called_by != actor.user_id and Role.SUPERVISOR not in authority(actor, work).roles:
        raise NotPermitted("calls.not_yours")


def _of_days(work: UnitOfWork, first: date, last: date) -> Sequence[HelpCall]:
    calendar = open_calendar(work)
    return work.session.scalars(
        select(HelpCall)
        .where(
            HelpCall.called_at >= calendar.midnight(first),
            HelpCall.called_at < calendar.midnight(last + timedelta(days=1)),
        )
        .order_by(HelpCall.called_at, HelpCall.id)
    ).all()


def _standing(work: UnitOfWork, call: HelpCall, names: Mapping[int, str]) -> HelpStanding:
    rings = work.session.scalar(
        select(func.count()).select_from(HelpRing).where(HelpRing.help_call_id == call.id)
    )
    latest = work.session.scalar(
        select(HelpListening)
        .where(HelpListening.help_call_id == call.id)
        .order_by(HelpListening.id.desc())
        .limit(1)
    )
    return HelpStanding(
        id=call.id,
        contact_id=call.contact_id,
        kind=HelpKind(call.kind),
        state=finding.state_of(call),
        called_at=call.called_at,
        caller_id=call.called_by,
        caller=names[call.called_by],
        desks_ringing=rings or 0,
        answered_by=call.answered_by,
        answerer=_name(names, call.answered_by),
        answered_at=call.answered_at,
        handed_over_to=_name(names, call.handed_over_to),
        handed_over_at=call.handed_over_at,
        listening=None if latest is None else _listening(work, latest, names),
        end=HelpEnd(call.ended_how) if call.ended_how else None,
    )


def _listening(work: UnitOfWork, row: HelpListening, names: Mapping[int, str]) -> ListeningRow:
    return ListeningRow(
        id=row.id,
        help_call_id=row.help_call_id,
        listener=names[row.listener_id],
        listener_certificate=row.listener_certificate,
        host=row.host,
        port=row.port,
        line_certificate=row.line_certificate,
        wanted_at=row.wanted_at,
        began_at=row.began_at,
        ended_at=row.ended_at,
        end=ListeningEnd(row.ended_how) if row.ended_how else None,
        listener_may=row.ended_at is None and finding.may_listen(work, row.listener_id),
    )


def _listened(work: UnitOfWork, ids: Sequence[int]) -> dict[int, int]:
    """How long each call for help was listened in to, in seconds; those that were."""
    heard: dict[int, int] = {}
    for row in work.session.scalars(
        select(HelpListening).where(
            HelpListening.help_call_id.in_(ids), HelpListening.began_at.is_not(None)
        )
    ):
        seconds = _seconds(row.began_at, row.ended_at or work.now) or 0
        heard[row.help_call_id] = heard.get(row.help_call_id, 0) + seconds
    return heard


def _is_late(work: UnitOfWork, call: HelpCall) -> bool:
    due = call.follow_up_due_at
    return due is not None and call.followed_up_at is None and due < work.now


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    if start is None or end is None:
        return None
    return max(round((end - start).total_seconds()), 0)


def _name(names: Mapping[int, str], user_id: int | None) -> str:
    return names[user_id] if user_id is not None else ""
