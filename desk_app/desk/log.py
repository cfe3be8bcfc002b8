"""What a desk itself enters in the log, beside what use cases enter: comings, goings, refusals,
and the signed head by which it is seen later whether the log was cut."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from desk_app.audit.heads import not_in_log, remember, remembered
from desk_app.audit.heads import sign_head as sign
from desk_app.audit.log import record
from desk_app.cases.presence.here import leave as leave_cases
from desk_app.desk.holder import Holder
from desk_app.errors import Fault, NotPermitted
from desk_app.people.sessions import Notice
from desk_app.storage.announcing import Announcer
from desk_app.storage.unit_of_work import open_work


def enter(holder: Holder, action: str, *, origin: str) -> None:
    """Enter that the person locks, comes back or goes, and that they have no case open any more,
    which other desks are told."""
    finishers = (Announcer(origin),)
    with (
        holder.store.engine() as engine,
        open_work(engine, holder.office.clock, finishers=finishers) as work,
    ):
        record(holder.actor, work, action)
        leave_cases(holder.actor, work)
        work.commit()


def enter_refusal(
    holder: Holder, engine: Engine, use_case: Callable[..., Any], error: NotPermitted
) -> None:
    """Enter what somebody tried and may not, on the engine on which they tried."""
    name = f"{use_case.__module__}.{use_case.__name__}".removeprefix("desk_app.")
    with open_work(engine, holder.office.clock) as work:
        record(
            holder.actor,
            work,
            "people.refused",
            use_case=name.replace(".", "_"),
            reason=error.code.rpartition(".")[2],
        )
        work.commit()


def sign_head(holder: Holder) -> tuple[Notice, ...]:
    """Sign the log's head and remember it here and at the backup's place, after comparing the log
    with what was remembered; what the person is to know of it.

    In a unit of work of its own: on a server entries are linked when they are committed.
    """
    folder = holder.office.folder
    try:
        kept = remembered(folder)
    except Fault:  # left as it is for whoever looks into it
        return (Notice("audit.notice.memory_unreadable"),)
    notices: list[Notice] = []
    with holder.work() as work:
        missing = not_in_log(work, kept)
        if missing:
            record(holder.actor, work, "audit.head_missing", seq=min(each.seq for each in missing))
            notices.append(Notice("audit.notice.log_damaged"))
        head = sign(holder.actor, work, holder.keys.sign)
        work.commit()
    if head is not None:
        remember(folder, head, evidence=missing)
        backup = holder.office.settings.backup
        try:
            if backup:
                remember(Path(backup), head, evidence=missing)
        except Fault:  # not connected today: nobody is kept from working
            notices.append(Notice("audit.notice.not_copied"))
    return tuple(notices)
