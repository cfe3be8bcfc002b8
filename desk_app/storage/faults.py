"""Errors of the two drivers, turned into the desk's own in one place.

By code, never by text. What is not named here is a bug and stays what it is: a broken
constraint, a statement that the schema does not know, a write in a reading transaction.
The driver's message is kept as the cause only: it may hold values.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlcipher3
from sqlalchemy import Engine, ExceptionContext, event

from desk_app.errors import DeskError, Fault, Refused

_FILE_FAULTS = {
    5: "storage.busy",
    6: "storage.busy",
    8: "storage.read_only",
    10: "storage.disk_failed",
    11: "storage.corrupt",
    13: "storage.disk_full",
    14: "storage.cannot_open",
    26: "storage.corrupt",
}
"""SQLite's primary result codes."""

_FILE_INTERRUPTED = 9

_SERVER_FAULTS = {
    "53100": "storage.disk_full",
    "53300": "storage.busy",  # too many connections
    "42501": "storage.server_denied",
    "55P03": "storage.busy",  # lock not available
    "58030": "storage.disk_failed",
    "XX001": "storage.corrupt",
    "XX002": "storage.corrupt",
    "57P01": "storage.server_lost",  # the server is being stopped
    "57P02": "storage.server_lost",
    "57P03": "storage.server_unreachable",
}
"""PostgreSQL's SQLSTATE codes."""

_SERVER_CONFLICTS = frozenset({"40001", "40P01"})
_SERVER_INTERRUPTED = "57014"

MOVING_STATE = "DK001"
"""What the server says where an office that is being moved stands still (`moving.quiet`)."""


def fault_of(error: BaseException | None, *, connected: bool = True) -> DeskError | None:
    """The desk's error for a driver's error, or None if there is none."""
    if isinstance(error, sqlcipher3.Error):
        code: int | None = getattr(error, "sqlite_errorcode", None)
        primary = None if code is None else code & 0xFF  # the rest says more about the same
        if primary == _FILE_INTERRUPTED:
            return Refused("storage.interrupted")
        return Fault(_FILE_FAULTS[primary]) if primary in _FILE_FAULTS else None
    if isinstance(error, psycopg.Error):
        state = error.sqlstate
        if state in _SERVER_CONFLICTS:
            return Refused("storage.conflict")
        if state == MOVING_STATE:
            return Refused("office.moving")
        if state == _SERVER_INTERRUPTED:
            return Refused("storage.interrupted")
        if state in _SERVER_FAULTS:
            return Fault(_SERVER_FAULTS[state])
        if isinstance(error, psycopg.OperationalError):
            if not connected:
                return Fault("storage.server_unreachable")
            if state is None or state.startswith("08"):
                return Fault("storage.server_lost")
    return None


def translate_errors(engine: Engine) -> None:
    """Let everything that goes through the engine raise the desk's errors."""

    @event.listens_for(engine, "handle_error")
    def handle_error(context: ExceptionContext) -> None:
        if context.is_pre_ping:
            return  # the pool connects anew, and that may fail: a server that is back is there
        options = context.connection.get_execution_options() if context.connection else {}
        found = fault_of(
            context.original_exception,
            connected=context.connection is not None,
        )
        _leave_out_values(context)
        if found is None or (found.code == "storage.read_only" and options.get("reading")):
            return
        raise found


def _leave_out_values(context: ExceptionContext) -> None:
    """A bug is shown and logged, and the server quotes values of the row in its DETAIL."""
    error = context.original_exception
    if isinstance(error, psycopg.Error) and error.diag.message_primary is not None:
        error.args = (error.diag.message_primary,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"({type(error).__name__}) {error.args[0]}",)


@contextmanager
def translated() -> Iterator[None]:
    """The same for work on a raw connection to the file."""
    try:
        yield
    except sqlcipher3.Error as error:
        found = fault_of(error)
        if found is None:
            raise
        raise found from error
