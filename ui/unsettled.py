"""Acts that were sent and not answered: sent again as they were, they are the same act."""

import threading
import time
import uuid
from typing import Any

_FOR_SECONDS = 600.0
"""Whoever does the same thing again later means a second one."""


class Unsettled:
    """The acts of one session whose outcome is open, each with the token it was sent under.

    Whether an act got through can't be known when its answer is lost. What was refused has left
    nothing, so that its token is as good as a new one. For any thread.
    """

    def __init__(self) -> None:
        self._acts: dict[str, tuple[Any, float]] = {}
        self._turn = threading.Lock()

    def token_of(self, *act: Any) -> str:
        """The token of this act: the one it was sent under before, or a new one."""
        now = time.monotonic()
        with self._turn:
            for token, (known, since) in list(self._acts.items()):
                if now - since > _FOR_SECONDS:
                    del self._acts[token]
                elif known == act:
                    return token
            token = uuid.uuid4().hex
            self._acts[token] = act, now
            return token

    def settle(self, token: str) -> None:
        """It was carried out: the same again is another act."""
        with self._turn:
            self._acts.pop(token, None)
