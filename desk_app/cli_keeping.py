"""The commands that keep an office and move it: ``backup``, ``restore``, ``move``."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desk_app.cli import DONE, FAILED, NOT_UNDERSTOOD, Call, Command, ask_secret, failed
from desk_app.errors import Refused
from desk_app.folder import default_folder
from desk_app.words import Words

if TYPE_CHECKING:  # heavy
    from desk_app.recordings.stores.base import StoreTerms

POSTGRESQL_PORT = 5432
_BUCKET = "s3://"


def _backup(call: Call) -> int:
    from desk_app.backup.making import Watching, enter_destination
    from desk_app.clock import SystemClock
    from desk_app.office import Office

    folder, to = call.folder or default_folder(), call.options.to
    with Office.at(folder, clock=SystemClock()) as office:
        password = ask_secret(call.words("cli.password"))
        with office.sign_in(call.options.login, password) as desk:
            if to is not None:
                enter_destination(desk.perform, _terms(call), own=office.folder)
            desk.copies.remove_expired()
            made = desk.copies.back_up(
                recordings=call.options.recordings, watching=Watching(tell=_progress(call.words))
            )
    print(call.words("cli.backed_up", name=made.name, rows=made.rows, places=made.arrived))
    for one in made.failed:
        said = call.words.error(one.error)
        failed(call.words(f"cli.not_backed_up_{one.kind}", place=one.place, said=said), FAILED)
    return FAILED if made.failed else DONE


def _terms(call: Call) -> "StoreTerms":
    """What ``--to`` names: a folder, or a bucket whose secret key is asked for."""
    from desk_app.recordings.stores.base import StoreKind, StoreTerms

    options = call.options
    if not options.to.startswith(_BUCKET):
        return StoreTerms(StoreKind.FOLDER, folder=str(Path(options.to).absolute()))
    bucket, _, prefix = options.to.removeprefix(_BUCKET).partition("/")
    try:
        authority = "" if options.authority is None else options.authority.read_text("ascii")
    except (OSError, ValueError):
        raise Refused("backup.place_untrusted") from None
    return StoreTerms(
        StoreKind.S3,
        endpoint=options.endpoint,
        region=options.region,
        bucket=bucket,
        prefix=prefix,
        authority=authority,
        access_key=options.access_key,
        secret_key=ask_secret(call.words("cli.secret_key")),
    )


def _backup_options(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--login", required=True, help=words("cli.login"))
    parser.add_argument("--to", metavar="FOLDER", help=words("cli.backup_to"))
    for name in ("endpoint", "region", "access-key"):
        parser.add_argument(f"--{name}", default="", metavar="TEXT", help=words("cli.backup_s3"))
    parser.add_argument("--authority", type=Path, metavar="FILE", help=words("cli.move_authority"))
    parser.add_argument("--recordings", action="store_true", help=words("cli.backup_recordings"))


def _restore(call: Call) -> int:
    from desk_app.backup.making import Watching
    from desk_app.clock import SystemClock
    from desk_app.keys.recovery import RecoveryKey
    from desk_app.moving.restoring import restore

    words, discard = call.words, bool(call.options.discard_newer)
    key = RecoveryKey.parse(ask_secret(words("cli.recovery_key")))
    if discard:
        word = words("cli.discard_word")
        if ask_secret(words("cli.discard_prompt", word=word)).strip().casefold() != word.casefold():
            return failed(words("cli.discard_not_typed"), NOT_UNDERSTOOD)
    done = restore(
        call.folder or default_folder(),
        call.options.source,
        key,
        clock=SystemClock(),
        lists=call.options.tombstones,
        discard_newer=discard,
        watching=Watching(tell=_progress(words)),
    )
    print(
        words(
            "cli.restored",
            at=f"{done.header.made_at:%Y-%m-%d %H:%M} UTC",
            rows=done.rows,
            erased=done.erased_again,
        )
    )
    if not done.header.recordings:
        print(words("cli.restored_without_recordings"))
    if done.replaced is not None:
        print(words("cli.restored_over", folder=done.replaced))
    return DONE


def _restore_options(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("source", metavar="FILE", type=Path, help=words("cli.restore_source"))
    parser.add_argument(
        "--tombstones",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help=words("cli.restore_tombstones"),
    )
    parser.add_argument("--discard-newer", action="store_true", help=words("cli.discard_newer"))


def _move(call: Call) -> int:
    from desk_app.backup.making import Watching
    from desk_app.clock import SystemClock
    from desk_app.keys.grants import ServerCredential
    from desk_app.moving.move import give_up, to_file, to_server
    from desk_app.settings import Server

    options, words = call.options, call.words
    folder, clock = call.folder or default_folder(), SystemClock()
    if options.to_server is not None and not (options.database and options.owner):
        return failed(words("cli.move_incomplete"), NOT_UNDERSTOOD)
    password = ask_secret(words("cli.password"))
    if options.give_up:
        left = give_up(
            folder,
            options.login,
            password,
            clock=clock,
            owner_password=lambda: ask_secret(words("cli.owner_password_or_leave")),
        )
        print(words("cli.move_given_up"))
        if left is not None:
            print(words("cli.move_left", host=left.host, database=left.database))
        return DONE
    watching = Watching(tell=_progress(words))
    if options.to_file:
        moved = to_file(
            folder,
            options.login,
            password,
            clock=clock,
            watching=watching,
            leave_behind=options.leave_behind,
        )
    else:
        authority = "" if options.authority is None else str(options.authority.absolute())
        where = Server(options.to_server, options.database, authority, options.port)
        owner = ServerCredential(options.owner, ask_secret(words("cli.owner_password")))
        moved = to_server(
            folder, options.login, password, where, owner, clock=clock, watching=watching
        )
    print(words("cli.moved", tables=moved.tables, rows=moved.rows))
    return DONE


def _move_options(parser: argparse.ArgumentParser, words: Words) -> None:
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--to-server", metavar="HOST", help=words("cli.move_to_server"))
    target.add_argument("--to-file", action="store_true", help=words("cli.move_to_file"))
    target.add_argument("--give-up", action="store_true", help=words("cli.move_give_up"))
    parser.add_argument("--login", required=True, help=words("cli.login"))
    parser.add_argument("--leave-behind", action="store_true", help=words("cli.move_leave_behind"))
    parser.add_argument("--database", metavar="NAME", help=words("cli.move_database"))
    parser.add_argument("--owner", metavar="ROLE", help=words("cli.move_owner"))
    parser.add_argument("--port", type=int, default=POSTGRESQL_PORT, help=words("cli.move_port"))
    parser.add_argument("--authority", metavar="FILE", type=Path, help=words("cli.move_authority"))


def _progress(words: Words) -> Callable[[float], object]:
    """Says each whole per cent once, on a terminal only."""
    said = -1

    def tell(share: float) -> None:
        nonlocal said
        percent = int(share * 100)
        if percent != said and sys.stderr.isatty():
            said = percent
            end = "\n" if percent >= 100 else ""
            print("\r" + words("cli.percent", percent=percent), end=end, file=sys.stderr)

    return tell


COMMANDS: tuple[Command, ...] = (
    Command("backup", _backup, _backup_options),
    Command("restore", _restore, _restore_options),
    Command("move", _move, _move_options),
)
