"""What the recorder is told of a line; light, because the window imports it with the recorder."""

import socket
from dataclasses import dataclass

from desk_app.errors import Fault
from desk_app.settings import Settings

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class LineOrder:
    """Who may come (``peer`` is the listener's certificate), and where they are waited for."""

    peer: str
    host: str
    first_port: int
    last_port: int


def order_for(peer: str, settings: Settings) -> LineOrder:
    """A line at this desk for whoever holds the key of ``peer``. Looks names up: on a worker."""
    own = settings.listening
    host = own.host or _towards(settings)
    return LineOrder(peer, host, own.first_port, max(own.first_port, own.last_port))


def _towards(settings: Settings) -> str:
    """The address of the network card that leads to the office's server; nothing is sent."""
    where = settings.server
    if where is None:
        return LOOPBACK
    try:
        family, kind, _protocol, _name, address = socket.getaddrinfo(
            where.host, where.port, type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind) as leading:
            leading.connect(address)
            return str(leading.getsockname()[0])
    except OSError as error:
        raise Fault("recordings.line_address") from error
