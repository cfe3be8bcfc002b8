"""What signing in, locking and signing out leave behind, and what a person is told then."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from desk_app.audit.log import latest_at, record
from desk_app.errors import Refused
from desk_app.hours.calendar import open_calendar
from desk_app.hours.phrases import OfficeTime
from desk_app.people.access import Actor, UserId
from desk_app.people.model import PendingStep, User
from desk_app.people.rules import Decision
from desk_app.people.standing import person_of
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import Language


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the person at sign-in: a key of the words and what to fill in."""

    key: str
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignedIn:
    actor: Actor
    language: Language
    must_change_password: bool
    notices: tuple[Notice, ...]


def enter_sign_in(work: UnitOfWork, keyring_id: str, *, desk_id: str, failures: int) -> SignedIn:
    """Record that the holder of ``keyring_id`` signed in; `Refused` if they were removed.

    ``failures`` are the wrong passwords since they last signed in. A clock that went back is
    told and recorded, and does not keep anybody out.
    """
    user = work.session.scalar(
        select(User).where(User.keyring_id == keyring_id, User.removed_at.is_(None))
    )
    if user is None:
        raise Refused("people.no_such_user")
    actor = Actor(UserId(user.id), desk_id)
    notices = []
    newest = latest_at(work)
    if newest is not None and work.now < newest:
        record(actor, work, "people.clock_went_back", newest=newest)
        notices.append(Notice("people.notice.clock_went_back", {"newest": _said(work, newest)}))
    if failures:
        notices.append(Notice("people.notice.failed_attempts", {"count": failures}))
    notices += _recoveries(work, user)
    if user.must_change_password:
        notices.append(Notice("people.notice.must_change_password"))
    record(actor, work, "people.signed_in", failures=failures)
    user.last_signed_in_at = work.now
    return SignedIn(actor, _language(user), user.must_change_password, tuple(notices))


def _recoveries(work: UnitOfWork, user: User) -> list[Notice]:
    """Uses of the recovery key that this person hasn't been told of yet."""
    used = work.session.scalars(
        select(PendingStep)
        .where(
            PendingStep.used_recovery_key,
            PendingStep.decision == Decision.APPROVED,
            PendingStep.id > user.told_until,
        )
        .order_by(PendingStep.id)
    ).all()
    if used:
        user.told_until = used[-1].id
    return [
        Notice(
            "people.notice.recovery_key_used",
            {
                "at": _said(work, step.decided_at or step.requested_at),
                "requested_by": person_of(work, step.requested_by).name,
                "approved_by": person_of(work, step.decided_by or step.requested_by).name,
            },
        )
        for step in used
    ]


def _said(work: UnitOfWork, at: datetime) -> OfficeTime:
    return OfficeTime(open_calendar(work).local(at), work.now)


def _language(user: User) -> Language:
    match user.language:
        case "en" | "de" as known:
            return known
        case _:
            return "ja"
