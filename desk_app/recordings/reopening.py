"""Opens the inputs of a call, and opens them again until each is back; on a thread of its own.

Opening waits for the sound system, and a sound system that is frozen lets it wait for ever, so
nothing of it is done where sound is taken. PortAudio knows the devices of the moment it was
initialised: while no other input would be disturbed it is initialised anew for each attempt,
else a fresh process is asked now and then whether the input is back, and only then is the
other one interrupted for a moment.

Where a sound server moves an input onto another source, it is said and opened anew by its name.
"""

import json
import subprocess
import threading
import time
from collections.abc import Sequence

from desk_app.errors import Fault
from desk_app.recordings.devices import Inputs, Opened
from desk_app.recordings.inbox import Away, Inbox, Returned
from desk_app.recordings.parties import InputDevice, Party
from desk_app.recordings.recorder import command
from desk_app.recordings.sound_server import LOOK_SECONDS, Moved, SoundServer
from desk_app.recordings.watching import LOST, MOVED

AGAIN_SECONDS = 1.0
ASK_EVERY = 5
"""At each so manieth attempt a fresh process is asked, while another input is open."""
CLOSE_SECONDS = 2.0
"""How long closing is waited for: a frozen sound system may never answer."""
_PROBE_SECONDS = 10.0


class KeptOpen:
    """Keeps the inputs of one call open; says so by `Returned`, `Away` and `Muted`.

    Begins to open at once. Methods may be called from any thread.
    """

    def __init__(self, inputs: Inputs, inbox: Inbox) -> None:
        self._inputs = inputs
        self._inbox = inbox
        self._server = SoundServer()
        self._wished: dict[int, None] = dict.fromkeys(inputs.places)
        """What is to be opened, in order: once, however often it is asked while opening hangs."""
        self._changed = threading.Condition()
        self._is_closing = threading.Event()
        self._attempts = 0
        self._thread = threading.Thread(target=self._run, name="inputs", daemon=True)
        self._thread.start()

    @property
    def parties(self) -> list[tuple[Party, ...]]:
        """Who is to be heard at each place."""
        return self._inputs.parties

    @property
    def latency(self) -> float:
        """Seconds from a sound to the block that holds it, the slowest input's."""
        return self._inputs.latency

    def reopen(self, place: int) -> None:
        """Close an input, if it is open, and open it again until that succeeds."""
        with self._changed:
            self._wished[place] = None
            self._changed.notify()

    def close(self) -> bool:
        """Listen no more; whether everything is closed. What the inputs have delivered stays."""
        with self._changed:
            self._is_closing.set()
            self._changed.notify()
        self._thread.join(CLOSE_SECONDS)
        return not self._thread.is_alive()

    def _run(self) -> None:
        away: dict[int, None] = {}  # in the order in which they went
        again_at = 0.0
        while True:
            place = self._next_wish()
            if self._is_closing.is_set():
                break
            if place is None:
                self._look(away)
                if away and time.monotonic() >= again_at:
                    self._try_again(away)
                    again_at = time.monotonic() + AGAIN_SECONDS
            elif not self._open(place):
                away[place] = None
                again_at = time.monotonic() + AGAIN_SECONDS
        for place in self._inputs.places:
            self._inputs.close(place)
        self._server.close()

    def _next_wish(self) -> int | None:
        """What is to be opened next; None if there is nothing for `LOOK_SECONDS`, or it ends."""
        with self._changed:
            self._changed.wait_for(lambda: self._wished or self._is_closing.is_set(), LOOK_SECONDS)
            place = next(iter(self._wished), None)
            if place is not None:
                del self._wished[place]
            return place

    def _look(self, away: dict[int, None]) -> None:
        for change in self._server.look():
            if not isinstance(change, Moved):
                self._inbox.put(change)
                continue
            self._inbox.put(Away(change.place, LOST if change.is_gone else MOVED))
            if not self._open(change.place):
                away[change.place] = None

    def _try_again(self, away: dict[int, None]) -> None:
        self._attempts += 1
        open_ones = [place for place in self._inputs.places if self._inputs.is_open(place)]
        if not open_ones:
            self._inputs.renew()
        for place in tuple(away):
            if self._open(place):
                del away[place]
        if open_ones and away and self._attempts % ASK_EVERY == 0:
            listed = ask_anew()
            if (
                any(self._inputs.is_offered(place, listed) for place in away)
                and self._inputs.renew()
            ):
                for place in self._inputs.places:
                    if self._open(place):
                        away.pop(place, None)
                    else:
                        away[place] = None

    def _open(self, place: int) -> bool:
        if self._is_closing.is_set():
            return False
        try:
            opened: Opened = self._inputs.open(place)
        except Fault as error:
            self._inbox.put(Away(place, error.code))
            return False
        self._inbox.put(Returned(place, opened))
        self._inputs.start(place)
        self._server.started(place)
        return True


def ask_anew() -> Sequence[InputDevice]:
    """The inputs as a fresh process sees them; none if it doesn't answer."""
    try:
        asked = subprocess.run(  # noqa: S603 -- our own program
            [*command(), "inputs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=True,
        )
        answer = json.loads(asked.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
    return [InputDevice(**device) for device in answer["inputs"]]
