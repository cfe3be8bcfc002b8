"""An office moved from its file to a server, or back: one command, to be given again if cut off.

1. The office stands still: nobody signs in any more, and on a server no desk that is signed in
   changes anything (`moving.quiet`).
2. Every table is copied, compared, and indexed (`moving.copying`); the audit log's chain goes along
   link by link and is followed to its end.
3. The keyring is made for the other kind of place: what opens the database is granted anew to
   everybody, by their public recipients.
4. The desk's settings are switched last. The old store stays where it was, registered as a copy
   that is deleted after 28 days, and says to whoever comes that the office has moved.

Each step sees whether this move has done it before; what another move left in its place is never
taken for it. `give_up` goes back to the beginning until step 4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desk_app.backup.making import Watching
from desk_app.backup.registry import keep_copy
from desk_app.backup.rules import CopyKind
from desk_app.clock import Clock
from desk_app.keys.grants import ServerCredential
from desk_app.moving import in_file, on_server, quiet, service
from desk_app.moving.source import copy_over, counted, has_arrived, opened
from desk_app.places import CREDENTIAL_FILE, OFFICE_FOLDER
from desk_app.places.checking import address_of
from desk_app.places.left import Target, name_left
from desk_app.places.moved import MOVED_TO_FILE
from desk_app.settings import Server
from desk_app.shares import refuse_share
from desk_app.storage.engines import server
from desk_app.storage.unit_of_work import UnitOfWork, open_work


@dataclass(frozen=True, slots=True)
class Moved:
    """An office that is somewhere else now."""

    tables: int
    rows: int


def to_server(
    folder: Path,
    login: str,
    password: str,
    where: Server,
    owner: ServerCredential,
    *,
    clock: Clock,
    watching: Watching | None = None,
) -> Moved:
    """Move the office of a data folder into an empty database of ``owner``'s on a server.

    `Refused`: a wrong password, no administrator, ``moving.on_server``, ``moving.elsewhere``,
    ``moving.not_empty``, and what is wrong with the server as its check says it
    (`places.checking`), before anything has begun. Whatever stops it, the same command goes on.
    """
    to = Target(where, owner.role)

    def check(work: UnitOfWork) -> None:
        on_server.check(work, to, owner)

    with opened(folder, login, password, "server", clock, to=to, check=check) as source:
        target = server(address_of(where), role=owner.role, password=owner.password)
        try:
            if not has_arrived(target, source):
                on_server.prepare_target(target, source, to)
                copied = copy_over(source, target, watching)
                on_server.enter(source, target, where, owner)
            else:
                copied = counted(target)
        finally:
            target.dispose()
        on_server.switch(source, where)
        return Moved(copied.tables, copied.rows)


def to_file(
    folder: Path,
    login: str,
    password: str,
    *,
    clock: Clock,
    watching: Watching | None = None,
    leave_behind: bool = False,
) -> Moved:
    """Move the office from its server into a file in this desk's data folder.

    `Refused`: a wrong password, no administrator, ``moving.in_file``, ``folder.on_share``, and
    ``moving.left_behind`` while other desks, where nobody will sign in any more, hold the only
    copy of a recording or of what was written down; unless ``leave_behind``. Whatever stops it,
    the same command goes on.
    """

    def check(work: UnitOfWork) -> None:
        refuse_share(folder)
        if not leave_behind:
            in_file.check_nothing_elsewhere(work, folder)

    with opened(folder, login, password, "file", clock, check=check) as source:
        copied = in_file.ready(source)
        if copied is None:
            copied = in_file.fill(source, watching)
        in_file.switch(source)
        return Moved(copied.tables, copied.rows)


def give_up(
    folder: Path,
    login: str,
    password: str,
    *,
    clock: Clock,
    owner_password: Callable[[], str] = str,
) -> Server | None:
    """Let the office stay where it is: everybody may sign in again. What was copied is removed.

    On a server that takes the password of the role that owns the database there, which
    ``owner_password`` asks for. Without it what was copied stays there, registered as a copy: where
    that is, or None. `Refused` ``moving.none`` if the office isn't being moved; what keeps the
    server from being emptied is raised, and the move isn't given up.
    """
    with opened(folder, login, password, None, clock) as source:
        left = on_server.empty(source, owner_password)
        if source.where is not None:
            in_file.clear(source)
            with source.engine.begin() as connection:
                quiet.go_on(connection)
        with open_work(source.engine, clock) as work:
            service.give_up_move(source.actor, work)
            if left is not None:
                keep_copy(
                    work,
                    name_left(left, source.id),
                    CopyKind.MOVED_SERVER,
                    desk_id=source.actor.desk_id,
                    made_at=work.now,
                )
            work.commit()
        if source.where is None:
            (source.folder / OFFICE_FOLDER / MOVED_TO_FILE).unlink(missing_ok=True)
            (source.folder / CREDENTIAL_FILE).unlink(missing_ok=True)
        return left
