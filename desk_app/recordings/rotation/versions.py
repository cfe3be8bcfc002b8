"""The versions of the recordings' key: which one is in use, and which never came into use."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, func, select

from desk_app.audit.log import record
from desk_app.keys import accounts, age
from desk_app.keys.grants import GrantKind
from desk_app.keys.keyring import Keyring
from desk_app.people.access import Actor
from desk_app.people.custody import take_turn
from desk_app.recordings.model import Recording, RecordingCopy, RecordingKey
from desk_app.recordings.rules import PLAYABLE
from desk_app.recordings.stores.rules import CopyState
from desk_app.storage.unit_of_work import UnitOfWork


def key_in_use(work: UnitOfWork) -> RecordingKey:
    """The version that new recordings are sealed for."""
    return work.session.scalars(
        select(RecordingKey)
        .where(RecordingKey.retired_at.is_(None))
        .order_by(RecordingKey.id.desc())
        .limit(1)
    ).one()


def behind(version: int) -> tuple[ColumnElement[bool], ...]:
    """What a copy in a store, joined with its recording, is like if it is for another key."""
    copied_for = func.coalesce(RecordingCopy.key_version, 0)
    return (
        RecordingCopy.state == CopyState.ARRIVED,
        copied_for != version,
        Recording.state.in_(PLAYABLE),
    )


def drop_unborn(work: UnitOfWork, keyring: Keyring) -> None:
    """Take versions out of the keyring that a crash kept from coming into use; at sign-in.

    Waits for another desk that is rotating: its version isn't committed yet.
    """
    take_turn(work)
    known = set(work.session.scalars(select(RecordingKey.id)))
    document = keyring.read()
    kept = {*document.escrow, *(name for one in document.accounts.values() for name in one.grants)}
    for name in sorted(kept):
        if name.kind is GrantKind.RECORDINGS and name.version not in known:
            accounts.unstage(keyring, name)
            record(None, work, "recordings_key.unborn", version=name.version)


def enter_foreign(actor: Actor, work: UnitOfWork, held: Mapping[int, str]) -> bool:
    """Whether new recordings are sealed for somebody else, and nobody here can listen: for the
    sign-in of who holds ``held``, identities by version. Recorded if so.

    Whoever can write the database past the services might have put their own recipient there.
    """
    key = key_in_use(work)
    if key.id not in held or age.recipient_of(held[key.id]) == key.recipient:
        return False
    record(actor, work, "recordings_key.foreign", version=key.id)
    return True
