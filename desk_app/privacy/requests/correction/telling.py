"""Who was given an old value, and was told of the correction. Not a use case."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from desk_app.cases.tasks import making
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission
from desk_app.people.standing import permitted_handlers
from desk_app.privacy.provisions.views import recipients_of
from desk_app.privacy.requests import records
from desk_app.privacy.requests.correction.rules import Field, item_of
from desk_app.privacy.requests.model import PrivacyRequest, PrivacyTold
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import Words

TELL_WITHIN_MINUTES = 960
"""Of business time: two days of eight hours. "Without delay" has no number of days."""


def recipients(work: UnitOfWork, request: PrivacyRequest) -> list[PrivacyTold]:
    """Those who have to be told, in the order in which they were listed."""
    rows = select(PrivacyTold).where(PrivacyTold.request_id == request.id)
    return list(work.session.scalars(rows.order_by(PrivacyTold.id)))


def somebody_is_untold(work: UnitOfWork, request: PrivacyRequest) -> bool:
    return any(row.told_at is None for row in recipients(work, request))


def list_recipients(
    actor: Actor, work: UnitOfWork, request: PrivacyRequest, fields: Collection[Field], words: Words
) -> int:
    """List those who were given what was corrected, with a task for each, in the words of whoever
    executes it; how many there are."""
    if request.customer_id is None:
        return 0
    corrected = {item_of(field) for field in fields}
    given: dict[int, tuple[str, set[str], datetime]] = {}
    for one in recipients_of(actor, work, request.customer_id):
        items = {item.value for item in one.items} & corrected
        if items:
            _, known, at = given.get(one.recipient_id, ("", set(), one.provided_at))
            last = max(at, one.provided_at)
            given[one.recipient_id] = (one.recipient_name, known | items, last)
    who = _assignee(actor, work, request)
    due_at = open_calendar(work).hours.add(work.now, TELL_WITHIN_MINUTES)
    for name, items, at in given.values():
        task_id = making.make(
            actor,
            work,
            request.case_id,
            words("requests.tell_recipient", name=name),
            due_at,
            assignee_id=who,
        )
        work.session.add(
            PrivacyTold(
                request_id=request.id,
                recipient=name,
                items=sorted(items),
                given_at=at,
                task_id=task_id,
            )
        )
    work.session.flush()
    return len(given)


def _assignee(actor: Actor, work: UnitOfWork, request: PrivacyRequest) -> int:
    """Whoever works on the case, or executes the correction, or the first who can be given it."""
    able = [user.id for user in permitted_handlers(work, Permission.WORK_CASES)]
    case = records.case_of(work, request)
    wanted = [one for one in (case.assignee_id, actor.user_id) if one in able]
    return next(iter([*wanted, *able]), actor.user_id)
