"""The versions of the recordings' key: which one is in use, and which never came into use."""

from sqlalchemy import ColumnElement, func, select

from desk_app.audit.log import record
from desk_app.keys import accounts
from desk_app.keys.grants import GrantKind
from desk_app.keys.keyring import Keyring
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
