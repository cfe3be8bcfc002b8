"""What moves of an office leave in a data folder: its files, when it moved to a server, and those
that a move to a file had begun."""

import shutil
from pathlib import Path

from desk_app.errors import Fault
from desk_app.files import fault_of, sync_folder
from desk_app.places.files import RESTORED_FOLDER

MOVED_TO_FILE = "moved"
"""In the office's folder: the name that the folder has from then on, as it is registered."""

MOVING_FOLDER = "office.moving"
"""Where a move fills the office's file."""


def drop_begun(folder: Path) -> None:
    """At a desk of an office on a server that isn't being moved: remove what a move to a file has
    copied here that was given up, perhaps at another desk."""
    for name in (MOVING_FOLDER, RESTORED_FOLDER):
        shutil.rmtree(folder / name, ignore_errors=True)


def put_aside(inside: Path) -> None:
    """Give the folder that name, if it was left; a desk that was cut off does so the next time."""
    try:
        name = (inside / MOVED_TO_FILE).read_text("ascii")
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise Fault("files.cannot_write") from error
    try:
        inside.rename(inside.with_name(Path(name).name))
        sync_folder(inside.parent)
    except OSError as error:
        raise fault_of(error) from error
