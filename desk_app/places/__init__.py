"""Where an office is kept: two files in its folder, or a database on a server."""

from pathlib import Path

from desk_app.clock import Clock
from desk_app.errors import Fault
from desk_app.places.files import (
    DATABASE_FILE,
    FOUNDING_FOLDER,
    KEYRING_FILE,
    OFFICE_FOLDER,
    RESTORED_FOLDER,
    RESTORING_FOLDER,
    FilePlace,
    clear_restoring,
)
from desk_app.places.joining import DeskFile
from desk_app.places.moved import put_aside
from desk_app.places.place import Place
from desk_app.places.server import CREDENTIAL_FILE, ServerFounding, ServerPlace, join
from desk_app.settings import Settings

__all__ = [
    "CREDENTIAL_FILE",
    "DATABASE_FILE",
    "FOUNDING_FOLDER",
    "KEYRING_FILE",
    "OFFICE_FOLDER",
    "RESTORED_FOLDER",
    "RESTORING_FOLDER",
    "DeskFile",
    "FilePlace",
    "Place",
    "ServerFounding",
    "ServerPlace",
    "clear_restoring",
    "join",
    "place_of",
]


def place_of(folder: Path, settings: Settings, clock: Clock) -> Place:
    """Where the office of a data folder is.

    `Fault` for a desk of a server whose settings were lost: it is no place for a new office.
    """
    if settings.server is None:
        there = [(folder / name).exists() for name in (OFFICE_FOLDER, RESTORED_FOLDER)]
        if (folder / CREDENTIAL_FILE).exists() and not any(there):
            raise Fault("office.server_forgotten")
        return FilePlace(folder, clock)
    put_aside(folder / OFFICE_FOLDER)
    return ServerPlace.of(folder, settings.server, clock)
