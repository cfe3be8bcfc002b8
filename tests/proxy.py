"""A way to a server that can be cut, silenced and mended, in the middle of a conversation."""

import selectors
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

_CHUNK = 1 << 16


class Proxy:
    """Passes everything between ``localhost:port`` and a server's port, until told otherwise.

    - `cut`: every conversation ends, and new ones are refused;
    - `swallow`: nothing gets through either way, and nobody is told;
    - `cut_at_answer`: what is asked still arrives, and instead of the answer comes the end;
    - `mend`: new conversations pass again.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listening = self._bound(0)
        self.port = int(self._listening.getsockname()[1])
        self._lock = threading.Lock()
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._servers: set[socket.socket] = set()
        self._swallows = self._cuts_at_answer = self._ended = self._refuses = False
        self.cuts_made = 0
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def cut(self) -> None:
        with self._lock:
            self._refuses = True
            self._end_all()

    def swallow(self) -> None:
        self._swallows = True

    def cut_at_answer(self) -> None:
        self._cuts_at_answer = True

    def mend(self) -> None:
        """What was open before and has been swallowed ends now."""
        with self._lock:
            if self._swallows:
                self._end_all()
            self._swallows = self._cuts_at_answer = self._refuses = False

    def close(self) -> None:
        self._ended = True
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join()
        with self._lock:
            self._end_all()
        self._selector.close()
        self._listening.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @staticmethod
    def _bound(port: int) -> socket.socket:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
        return listening

    def _run(self) -> None:
        while not self._ended:
            for key, _ in self._selector.select():
                with self._lock:
                    if key.fileobj is self._listening:
                        self._welcome()
                    elif key.fileobj in self._pairs:
                        self._pass_on(key.fileobj)

    def _welcome(self) -> None:
        client, _ = self._listening.accept()
        if self._refuses or self._ended:
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self._server_port))
        except OSError:
            client.close()
            return
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(one, selectors.EVENT_READ)
        self._servers.add(server)
        self._pairs |= {client: server, server: client}

    def _pass_on(self, source: socket.socket) -> None:
        try:
            data = source.recv(_CHUNK)
            if self._swallows and data:
                return
            if self._cuts_at_answer and source in self._servers and data:
                self._cuts_at_answer = False
                self._refuses = True
                self.cuts_made += 1
                self._end_all()
                return
            if data:
                self._pairs[source].sendall(data)
                return
        except OSError:
            pass
        self._end(source)

    def _end_all(self) -> None:
        for one in list(self._pairs):
            self._end(one)

    def _end(self, one: socket.socket) -> None:
        other = self._pairs.pop(one, None)
        if other is None:
            return
        self._pairs.pop(other, None)
        for each in (one, other):
            self._servers.discard(each)
            self._selector.unregister(each)
            each.close()
