"""Copies whose time is over are deleted where they lie, looked for, and entered as gone.

The register isn't trusted with what is deleted: only what has a name that the product gives.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desk_app.backup import service
from desk_app.backup.destinations import Destination
from desk_app.backup.rules import CopyKind, is_copys_name
from desk_app.backup.service import Expired
from desk_app.errors import DeskError, Fault, Refused


def remove_expired(
    folder: Path,
    perform: Callable[..., Any],
    *,
    drop_server: Callable[[str], None],
    is_stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Delete what is due: backups at their destinations, offices that were left in the data
    folder, and through ``drop_server`` those that were left on a server.

    What can't be reached is noted, and tried again the next time. For any sign-in, on a worker.
    """
    for one in perform(service.expired):
        if is_stopped():
            return
        try:
            _remove(one, folder, drop_server)
        except DeskError as error:
            perform(service.not_removed, one.id, trouble=error.code)
        else:
            perform(service.removed, one.id)


def _remove(one: Expired, folder: Path, drop_server: Callable[[str], None]) -> None:
    is_backup = one.kind is CopyKind.BACKUP
    if not is_copys_name(one.kind, one.name) or is_backup != (one.terms is not None):
        raise Refused("backup.copy_misnamed")
    if one.terms is not None:
        with Destination(one.terms) as place:
            place.delete(one.name)
    elif one.kind is CopyKind.MOVED_SERVER:
        drop_server(one.name)
    else:
        left = folder / one.name
        shutil.rmtree(left, ignore_errors=True)
        if left.exists():
            raise Fault("backup.not_removed")
