"""The first version of the key that recordings are sealed for."""

from desk_app.recordings.model import RecordingKey
from desk_app.storage.unit_of_work import UnitOfWork

FIRST_VERSION = 1


def enter_first_key(work: UnitOfWork, *, recipient: str, recovery_recipient: str) -> None:
    """Enter the public recipients; the identity itself is in the keyring's grants only."""
    work.session.add(
        RecordingKey(
            id=FIRST_VERSION,
            recipient=recipient,
            recovery_recipient=recovery_recipient,
            made_at=work.now,
        )
    )
