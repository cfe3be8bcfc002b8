"""An office's files that were left in the data folder when the office moved to a server."""

from pathlib import Path

from desk_app.errors import Fault
from desk_app.files import fault_of, sync_folder

MOVED_TO_FILE = "moved"
"""In the office's folder: the name that the folder has from then on, as it is registered."""


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
