"""What a desk does for a run of retention: its records, its erasure, its receipt.

Each step is one act and one commit, or may be repeated: a run that was cut off goes on from where
it was. What is held while it goes is spared, as long as its rows are there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desk_app.desk.erasing import Erasing, Progress
from desk_app.desk.holder import Holder
from desk_app.errors import Refused
from desk_app.privacy.erasure.rules import Blocked
from desk_app.privacy.retention import receipt, service, views

_SPARED = frozenset(f"privacy.erasure_{one}" for one in (*Blocked, "not_due"))
_AT_MOST = 3
"""How often something may be held in the middle of a run before it is said."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended: with its receipt, or with the code of what it waits for."""

    receipt: str | None
    waits: str | None = None


class Retaining:
    """Carries runs out as the person who is signed in; never on the Qt thread."""

    def __init__(
        self,
        holder: Holder,
        erasing: Erasing,
        perform: Callable[..., Any],
        read: Callable[..., Any],
    ) -> None:
        self._holder, self._erasing = holder, erasing
        self._perform, self._read = perform, read

    def run(
        self,
        run_id: int,
        *,
        tell: Callable[[Progress], object] = lambda _progress: None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> Ran:
        """Do what isn't done yet; the signed receipt at the end."""
        for attempt in range(_AT_MOST):
            erasure_id: int | None = self._perform(service.begin_run, run_id)
            if erasure_id is None:
                return self._finish(run_id)
            try:
                ran = self._erasing.run(erasure_id, tell=tell, is_stopped=is_stopped)
            except Refused as refused:
                if refused.code not in _SPARED or attempt + 1 == _AT_MOST:
                    raise
                continue
            if ran.certificate is None:
                return Ran(None, ran.waits)
            self._perform(service.begin_run, run_id)  # what was erased is noted as such
            return self._finish(run_id)
        raise AssertionError("unreachable")

    def _finish(self, run_id: int) -> Ran:
        keys = self._holder.keys
        facts: dict[str, Any] = self._read(views.receipt_facts, run_id)
        text = receipt.signed(
            facts, by=self._holder.actor.user_id, verify_key=keys.verify_key, sign=keys.sign
        )
        self._perform(service.finish_run, run_id, receipt=text)
        return Ran(text)
