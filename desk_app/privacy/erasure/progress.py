"""How far an erasure is, and what it waits for."""

from collections.abc import Collection

from sqlalchemy import select

from desk_app.backup.model import BackupDestination
from desk_app.privacy.erasure.model import Erasure, ErasureDesk, ErasureStep
from desk_app.privacy.erasure.rules import Step
from desk_app.storage.unit_of_work import UnitOfWork


def steps_done(work: UnitOfWork, erasure: Erasure) -> Collection[Step]:
    work.session.flush()
    return {
        Step(step)
        for step in work.session.scalars(
            select(ErasureStep.step).where(ErasureStep.erasure_id == erasure.id)
        )
    }


def waiting_desks(work: UnitOfWork, erasure_id: int) -> tuple[str, ...]:
    """The desks that haven't done their part, and weren't given up."""
    work.session.flush()
    return tuple(
        work.session.scalars(
            select(ErasureDesk.desk_id)
            .where(
                ErasureDesk.erasure_id == erasure_id,
                ErasureDesk.done_at.is_(None),
                ErasureDesk.given_up_at.is_(None),
            )
            .order_by(ErasureDesk.desk_id)
        )
    )


def late_destinations(work: UnitOfWork, erasure: Erasure) -> tuple[int, ...]:
    """The destinations of backups where an older list of tombstones lies."""
    return tuple(
        work.session.scalars(
            select(BackupDestination.id)
            .where(
                BackupDestination.retired_at.is_(None),
                BackupDestination.tombstones < (erasure.tombstones or 0),
            )
            .order_by(BackupDestination.id)
        )
    )
