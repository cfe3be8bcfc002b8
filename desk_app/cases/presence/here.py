"""Keeping account of who is where. Not a use case: who may has been checked by the caller."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from desk_app.calls.reading import staff_names
from desk_app.cases.presence.model import CasePresence
from desk_app.cases.presence.pages import Present
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork

BELIEVED = timedelta(seconds=45)
"""Who hasn't been heard of for so long is gone: their desk has crashed or lost the server."""


def arrive(actor: Actor, work: UnitOfWork, case_id: int, *, is_writing: bool) -> None:
    """The actor has the case open; tells the others if that is news."""
    now = _now(work)
    gone = work.session.execute(
        delete(CasePresence).where(
            CasePresence.case_id == case_id, CasePresence.seen_at < now - BELIEVED
        )
    )
    mine = (case_id, actor.user_id, actor.desk_id)
    known = work.session.get(CasePresence, mine)
    was_writing = None if known is None else known.is_writing
    if known is not None:
        work.session.expunge(known)
    on_server = work.session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if on_server else sqlite.insert
    work.session.execute(
        insert(CasePresence)
        .values(
            case_id=case_id,
            user_id=actor.user_id,
            desk_id=actor.desk_id,
            since=now,
            seen_at=now,
            is_writing=is_writing,
        )
        .on_conflict_do_update(
            index_elements=["case_id", "user_id", "desk_id"],
            set_={"seen_at": now, "is_writing": is_writing},
        )
    )
    if was_writing is not is_writing or gone.rowcount:  # type: ignore[attr-defined]  # a DELETE has it
        work.changed("presence", case_id)


def leave(actor: Actor, work: UnitOfWork, case_id: int | None = None) -> None:
    """The actor has closed the case, or every case at this desk."""
    mine = (CasePresence.user_id == actor.user_id, CasePresence.desk_id == actor.desk_id)
    one = () if case_id is None else (CasePresence.case_id == case_id,)
    for left in work.session.scalars(
        delete(CasePresence).where(*mine, *one).returning(CasePresence.case_id)
    ):
        work.changed("presence", left)


def others(actor: Actor, work: UnitOfWork, case_id: int) -> tuple[Present, ...]:
    """Who else has the case open, who came first first."""
    found = work.session.scalars(
        select(CasePresence)
        .where(
            CasePresence.case_id == case_id,
            CasePresence.user_id != actor.user_id,
            CasePresence.seen_at >= _now(work) - BELIEVED,
        )
        .order_by(CasePresence.since)
    ).all()
    if not found:
        return ()
    names = staff_names(actor, work)
    by_user: dict[int, Present] = {}
    for row in found:
        before = by_user.get(row.user_id)
        by_user[row.user_id] = Present(
            user_id=row.user_id,
            name=names[row.user_id],
            since=before.since if before else row.since,
            is_writing=row.is_writing or (before is not None and before.is_writing),
        )
    return tuple(by_user.values())


def _now(work: UnitOfWork) -> datetime:
    """By one clock for all desks: that of the server, if there is one."""
    if work.session.get_bind().dialect.name == "postgresql":
        server_time: datetime = work.session.execute(
            select(func.statement_timestamp())
        ).scalar_one()
        return server_time
    return work.now
