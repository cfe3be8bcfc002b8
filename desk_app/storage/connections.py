"""The open connections of an engine, so that waiting for a server that is frozen can be ended.

A server whose process stands still, or a network that swallows everything, keeps a connection
open and silent for ever: the machine's own keepalives are answered, or come too late. Whoever
finds out closes the sockets, and everything that waits on them fails at once as a lost server.
"""

import socket
import threading
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Engine, event


class _Open:
    """The open connections of one engine. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connections: dict[int, Any] = {}

    def add(self, connection: Any, _: object) -> None:
        with self._lock:
            self._connections[id(connection)] = connection

    def remove(self, connection: Any, *_: object) -> None:
        with self._lock:  # before it is closed: its socket's number isn't another's yet
            self._connections.pop(id(connection), None)

    def sever(self) -> int:
        severed = 0
        with self._lock:
            for connection in self._connections.values():
                with suppress(OSError, psycopg.Error):
                    line = socket.socket(fileno=connection.fileno())
                    try:
                        line.shutdown(socket.SHUT_RDWR)
                    finally:
                        line.detach()
                    severed += 1
        return severed


_open: WeakKeyDictionary[Engine, _Open] = WeakKeyDictionary()


def track(engine: Engine) -> None:
    """Keep account of the connections that the engine opens."""
    known = _open[engine] = _Open()
    event.listen(engine, "connect", known.add)
    event.listen(engine, "close", known.remove)
    event.listen(engine, "detach", known.remove)


def sever(engine: Engine) -> int:
    """Cut every open connection of the engine; how many there were.

    Statements that run on them fail as `Fault` ``storage.server_lost``; new ones connect anew.
    """
    return _open[engine].sever() if engine in _open else 0
