"""An office restored from a backup with the recovery key: whole or not at all.

It is built beside its place and compared with the backup's sums; what was erased since is erased
again, by a list of tombstones that has to be current; then it takes its place in one rename. An
office that is there already is replaced only if the backup is as new, or on an explicit word, and
stays beside it for 28 days. What comes out is an office in a file, wherever it was before.
"""

import re
import shutil
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sqlalchemy import text

from desk_app import settings as desk_settings
from desk_app.audit.heads import end_of_log, hash_at, remembered
from desk_app.audit.log import record
from desk_app.audit.verify import keys_given
from desk_app.backup.destinations import Destination
from desk_app.backup.format import FOLDERS, Header, Reader
from desk_app.backup.making import Watching
from desk_app.backup.rebuilding import Rebuilt, rebuild
from desk_app.backup.registry import (
    OFFICE_ID,
    keep_copy,
    keep_found,
    keep_left,
    office_and_destinations,
)
from desk_app.backup.rules import BACKUP_PREFIX, BackupName, CopyKind
from desk_app.backup.tombstones import (
    LIST_FILE,
    Tombstone,
    TombstoneList,
    check_current,
    newest_known,
    newest_of,
    ours,
    read_list,
    stones_of,
    take_over,
    united,
)
from desk_app.clock import Clock
from desk_app.errors import DeskError, Fault, Refused
from desk_app.files import fault_of, sync_folder, whole_file
from desk_app.folder import FolderLock, open_folder
from desk_app.keys.document import Document
from desk_app.keys.grants import GrantKind
from desk_app.keys.held import HeldKeys, new_database_key
from desk_app.keys.recovery import RecoveryKey, open_escrow
from desk_app.moving.erasing import count_behind_erased, erase_again
from desk_app.moving.keyrings import Recipients, for_file
from desk_app.people.access import Permission
from desk_app.people.custody import recovered
from desk_app.people.settings import RECOVERY_RECIPIENT, setting
from desk_app.people.standing import Term, accounts_in_use, terms_of
from desk_app.places import (
    DATABASE_FILE,
    KEYRING_FILE,
    OFFICE_FOLDER,
    RESTORED_FOLDER,
    RESTORING_FOLDER,
    FilePlace,
)
from desk_app.schema import metadata
from desk_app.search.index import rebuild as rebuild_index
from desk_app.shares import refuse_share
from desk_app.storage.engines import encrypted_file
from desk_app.storage.loading import settle_file
from desk_app.storage.schema import prepare
from desk_app.storage.unit_of_work import UnitOfWork, open_work

_FILLING = 0.8  # of the whole, about
_OF_AN_OFFICE = re.compile(
    r"office|office\.(restored|replaced-.+)|audit-head-.+\.json|server\.credential"
)
_OF_A_DESK = re.compile(
    r"desk\.lock|settings(-broken-.+)?\.toml|tombstones\.json|backup\.part"
    r"|office\.(founding|restoring|moving)|attachments|recordings|fetched|drafts"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """An office that was restored."""

    header: Header
    rows: int
    files: int
    erased_again: int
    replaced: str | None
    """The folder of the office that was there before, inside the data folder."""


@dataclass(frozen=True, slots=True)
class Signers:
    """Whose signature under a list of tombstones counts: public keys by user, and when each user
    might make backups."""

    keys: dict[int, set[str]] = field(default_factory=dict)
    terms: dict[int, list[Term]] = field(default_factory=dict)

    @classmethod
    def of(cls, work: UnitOfWork) -> Self:
        return cls(keys_given(work), terms_of(work, Permission.BACK_UP))

    def signed(self, one: TombstoneList) -> bool:
        return one.is_signed(self.keys, self.terms)


@dataclass(frozen=True, slots=True)
class _Running:
    """What is known of the office that is there."""

    office: str | None
    seq: int
    hash: str
    hash_at_backup: str | None
    tombstones: tuple[Tombstone, ...]
    signers: Signers
    has_log: bool = True


@dataclass(frozen=True, slots=True)
class _Lists:
    """The lists of tombstones of the office that were found, and how new they have to be."""

    named: tuple[TombstoneList, ...]
    at_least: int


def newest_backup(folder: Path) -> Path:
    """The newest backup in a folder; `Refused` ``backup.none_there`` if there is none."""
    try:
        named = {BackupName.parse(path.name): path for path in folder.iterdir()}
    except OSError as error:
        raise Fault("backup.unreadable") from error
    found = sorted((name.made_at, path) for name, path in named.items() if name is not None)
    if not found:
        raise Refused("backup.none_there")
    return found[-1][1]


def restore(
    folder: Path,
    source: Path,
    recovery: RecoveryKey,
    *,
    clock: Clock,
    lists: Sequence[Path] = (),
    discard_newer: bool = False,
    watching: Watching | None = None,
) -> Restored:
    """Put the office of a backup into a data folder; ``source`` is the backup, or a folder of
    which the newest one is taken. Takes about as long as making it did.

    Lists of tombstones are looked for beside the backup, in the data folder and in ``lists``
    (files or folders). `Refused`: ``backup.wrong_key``, ``backup.not_a_backup``,
    ``backup.newer_format``, ``storage.newer_schema``, ``backup.other_office``, ``backup.older``
    unless ``discard_newer``, ``backup.no_tombstones``, ``backup.tombstones_old``,
    ``backup.tombstones_forged``, ``backup.tombstones_missing`` for one of ``lists``,
    ``backup.on_server``, ``backup.folder_taken`` for a folder with other things and no office,
    ``folder.on_share``. `Fault`: ``backup.damaged`` and what the disk says. Nothing was changed
    then.
    """
    watching = watching or Watching()
    folder = open_folder(folder)
    _refuse_foreign(folder)
    with ExitStack() as undo:
        undo.enter_context(FolderLock(folder))
        if desk_settings.load(folder).server is not None:
            raise Refused("backup.on_server")
        refuse_share(folder)
        if source.is_dir():
            source = newest_backup(source)
        try:
            file = undo.enter_context(source.open("rb"))
        except OSError as error:
            raise Fault("backup.unreadable") from error
        reader = Reader(file, recovery.identity)
        running = _running(folder, recovery, reader.header, clock, discard_newer=discard_newer)
        _check_newer(reader.header, running, discard_newer=discard_newer)
        erased_since = _lists(folder, source, lists, reader.header, running)
        building = folder / RESTORING_FOLDER
        shutil.rmtree(building, ignore_errors=True)
        undo.callback(shutil.rmtree, building, ignore_errors=True)
        size = max(1, source.stat().st_size)

        def check(_rows: int) -> None:
            watching.check()
            watching.tell(_FILLING * min(1.0, file.tell() / size))

        try:
            building.mkdir(mode=0o700)
            key, document = _keys(reader, recovery)
            path = building / DATABASE_FILE
            rebuilt = rebuild(
                reader, path, key, metadata(), clock=clock, check=check, files=building
            )
            replaced = f"office.replaced-{clock.now():%Y%m%dT%H%M%SZ}" if running else None
            erased = _finish(
                path, key, document, rebuilt, erased_since, running, replaced, clock=clock
            )
            watching.check()
            _bring_files(building, folder)
            _take_place(folder, replaced)
        except OSError as error:
            raise fault_of(error) from error
    return Restored(reader.header, rebuilt.rows, rebuilt.files, erased, replaced)


def _refuse_foreign(folder: Path) -> None:
    """``Refused("backup.folder_taken")`` if something lies here that isn't a desk's, and neither
    an office nor what is left of one. The desk's own folders alone may have been brought here to
    go on with."""
    try:
        names = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise fault_of(error) from error
    if any(_OF_AN_OFFICE.fullmatch(name) for name in names):
        return
    if any(not _OF_A_DESK.fullmatch(name) and BackupName.parse(name) is None for name in names):
        raise Refused("backup.folder_taken", folder=folder)


def _keys(reader: Reader, recovery: RecoveryKey) -> tuple[bytes, Document | None]:
    """The database's key that the keyring grants; for an office that was on a server a new one,
    and its keyring, which is still to be addressed."""
    document = Document.from_bytes(reader.keyring)
    try:
        escrow = open_escrow(document.escrow, recovery)
    except Fault:
        raise Fault("backup.damaged") from None
    versions = [name for name in escrow if name.kind is GrantKind.DATABASE]
    if versions:
        return bytes.fromhex(escrow[max(versions)]), None
    return bytes.fromhex(new_database_key()), document


def _running(
    folder: Path, recovery: RecoveryKey, header: Header, clock: Clock, *, discard_newer: bool
) -> _Running | None:
    """The office that is there, opened with the recovery key; None if there is none.

    One that can't be opened can't be compared either: it is replaced on the explicit word only.
    """
    place = FilePlace(folder, clock)
    if not (folder / OFFICE_FOLDER).exists():
        return _remembered(folder)
    try:
        place.check_there()
        keys = HeldKeys(
            account="", identity=recovery.identity, secrets=recovered(place.keyring, recovery)
        )
        engine = place.open(keys)
    except DeskError:
        if not discard_newer:
            raise Refused("backup.cannot_compare") from None
        return _Running(None, 0, "", None, (), Signers(), has_log=False)
    try:
        with open_work(engine, clock, reading=True) as work:
            seq, hash = end_of_log(work)
            return _Running(
                setting(work, OFFICE_ID),
                seq,
                hash,
                hash_at(work, header.seq),
                stones_of(work),
                Signers.of(work),
            )
    finally:
        engine.dispose()
        keys.forget()


def _remembered(folder: Path) -> _Running | None:
    """An office that is gone, as far as the desk remembers the end of its log."""
    heads = remembered(folder)
    if not heads:
        return None
    last = max(heads, key=lambda head: head.seq)
    return _Running(None, last.seq, last.hash, None, (), Signers(), has_log=False)


def _check_newer(header: Header, running: _Running | None, *, discard_newer: bool) -> None:
    if running is None or not running.seq:
        return
    if running.office is not None and running.office != header.office:
        raise Refused("backup.other_office")
    if running.has_log and running.hash_at_backup != header.hash and running.office is None:
        raise Refused("backup.other_office")  # one that never made a backup
    if (running.seq, running.hash) != (header.seq, header.hash) and not discard_newer:
        raise Refused(
            "backup.older",
            made_at=f"{header.made_at:%Y-%m-%d %H:%M} UTC",
            acts=max(0, running.seq - header.seq),
        )


def _lists(
    folder: Path, source: Path, lists: Sequence[Path], header: Header, running: _Running | None
) -> _Lists:
    """What was erased, as far as it can be said before the backup's log says who may sign."""
    beside = [source.parent, folder, *lists]
    for file in (one / LIST_FILE if one.is_dir() else one for one in lists):
        if not file.exists():
            raise Refused("backup.tombstones_missing", file=file)
    found, unreadable = [], []
    for one in beside:
        try:
            found.append(read_list(one / LIST_FILE if one.is_dir() else one))
        except Refused as refused:
            unreadable.append(refused)
    known = running.tombstones if running else ()
    at_least = max(
        header.tombstones,
        newest_of(known),
        *(newest_known(one) for one in beside if one.is_dir()),
    )
    try:
        named = ours(found, header.office)
        check_current(max(*(one.version for one in named), newest_of(known)), at_least=at_least)
    except Refused:
        if unreadable:  # perhaps it was in there
            raise unreadable[0] from None
        raise
    return _Lists(named, at_least)


def _new_stones(work: UnitOfWork, lists: _Lists, running: _Running | None) -> tuple[Tombstone, ...]:
    """What was erased since the backup was made. A list that nobody signed who might counts for
    nothing, but for saying that there is a newer one than those that count."""
    here = Signers.of(work)
    signers = (here, running.signers) if running else (here,)
    signed = [one for one in lists.named if any(by.signed(one) for by in signers)]
    own = stones_of(work)
    known = running.tombstones if running else ()
    stones = united(own, known, *(one.tombstones for one in signed))
    claimed = max((one.version for one in lists.named if one not in signed), default=0)
    if not signed or claimed > newest_of(stones):
        raise Refused("backup.tombstones_forged")
    check_current(newest_of(stones), at_least=lists.at_least)
    return tuple(one for one in stones if one not in own)


def _finish(
    path: Path,
    key: bytes,
    document: Document | None,
    rebuilt: Rebuilt,
    lists: _Lists,
    running: _Running | None,
    replaced: str | None,
    *,
    clock: Clock,
) -> int:
    """Upgrade what was rebuilt, erase again, register, index; write its keyring."""
    folder = path.parent.parent
    engine = encrypted_file(path, key)
    try:
        prepare(engine, metadata(), now=clock.now())
        with open_work(engine, clock, reading=True) as work:
            new = _new_stones(work, lists, running)
        with open_work(engine, clock) as work:
            erased = erase_again(work, new, [folder, path.parent])
            take_over(work, new)
            work.session.flush()
            count_behind_erased(work.session.connection())
            if document is not None:
                work.session.execute(text("UPDATE user_account SET server_role = NULL"))
                changed = for_file(document, recipients_of(work), key.hex())
                rebuilt_keyring = changed.to_bytes()
            else:
                rebuilt_keyring = rebuilt.keyring
            _enter(work, folder, rebuilt, running, replaced, erased)
            rebuild_index(work)
            work.commit()
        settle_file(engine, anew=erased > 0)
    finally:
        engine.dispose()
    with whole_file(path.with_name(KEYRING_FILE)) as sink:
        sink.write(rebuilt_keyring)
    return erased


def _enter(
    work: UnitOfWork,
    folder: Path,
    rebuilt: Rebuilt,
    running: _Running | None,
    replaced: str | None,
    erased: int,
) -> None:
    header = rebuilt.header
    desk = desk_settings.load(folder).desk_id
    if replaced is not None:
        keep_copy(work, replaced, CopyKind.REPLACED, desk_id=desk, made_at=work.now)
        work.session.flush()
    keep_left(work, folder, desk_id=desk)
    for id, terms in office_and_destinations(work)[1]:
        with suppress(DeskError), Destination(terms) as place:  # else the next backup looks
            place.check_ours(header.office)
            keep_found(work, id, place.names(BACKUP_PREFIX), desk_id=desk)
    record(
        None,
        work,
        "office.restored",
        backup_made_at=header.made_at,
        seq=header.seq,
        rows=rebuilt.rows,
        erased_again=erased,
        replaced_seq=running.seq if running else None,
        replaced_head=running.hash or None if running else None,
    )


def recipients_of(work: UnitOfWork) -> Recipients:
    """Everybody's public recipient as the encrypted store has it."""
    return Recipients(
        {user.keyring_id: user.recipient for user in accounts_in_use(work)},
        setting(work, RECOVERY_RECIPIENT) or "",
    )


def _bring_files(building: Path, folder: Path) -> None:
    """Sealed files to their folders; what lies there already stays as it is."""
    for name in FOLDERS:
        for path in sorted((building / name).glob("*.age")):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
            if not (folder / name / path.name).exists():
                path.rename(folder / name / path.name)
        shutil.rmtree(building / name, ignore_errors=True)


def _take_place(folder: Path, replaced: str | None) -> None:
    """From now on it is the office. Cut off in between, the next opening goes on
    (`FilePlace.check_there`)."""
    ready = folder / RESTORED_FOLDER
    shutil.rmtree(ready, ignore_errors=True)
    (folder / RESTORING_FOLDER).rename(ready)
    sync_folder(folder)
    if replaced is not None:
        if (folder / OFFICE_FOLDER).exists():
            (folder / OFFICE_FOLDER).rename(folder / replaced)
        (folder / replaced).mkdir(mode=0o700, exist_ok=True)
        for head in folder.glob("audit-head-*.json"):  # of acts that this office knows nothing of
            head.rename(folder / replaced / head.name)
    ready.rename(folder / OFFICE_FOLDER)
    sync_folder(folder)
