"""One window for a data folder: a second start brings the first window to the front instead."""

from pathlib import Path

from PySide6.QtCore import QCryptographicHash, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_ANSWER_WITHIN_MS = 1_000


def _name(folder: Path) -> str:
    """The address of a folder's window; a hash, because socket paths are short."""
    sha256 = QCryptographicHash.Algorithm.Sha256
    digest = QCryptographicHash.hash(str(folder).encode(), sha256).toHex().toStdString()
    return f"inquiry-desk-{digest[:24]}"


def bring_to_front(folder: Path) -> bool:
    """Ask the window that has this folder to come forward; False if none answers."""
    socket = QLocalSocket()
    socket.connectToServer(_name(folder))
    answered = socket.waitForConnected(_ANSWER_WITHIN_MS)
    socket.abort()
    return answered


class SingleWindow(QObject):
    """Answers later starts; ``called`` asks this window to come forward."""

    called = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_called)
        name = _name(folder)
        if not self._server.listen(name):
            QLocalServer.removeServer(name)  # left by a window that was killed
            self._server.listen(name)

    def _on_called(self) -> None:
        connection = self._server.nextPendingConnection()
        if connection is not None:
            connection.abort()
            connection.deleteLater()
        self.called.emit()
