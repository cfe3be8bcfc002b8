"""A run of many steps at this desk, of an erasure or of retention: how far it is, and its end."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar

from ui.controls import button
from ui.look import Look
from ui.panel import Panel
from ui.session import Session

if TYPE_CHECKING:
    from desk_app.desk.erasing import Progress


class Ran(Protocol):
    """How a run ended; ``waits`` is the code of what it waits for."""

    @property
    def waits(self) -> str | None: ...


R = TypeVar("R", bound=Ran)


class RunBar(Panel):
    """The step that is being done, its place among all, and a button to stop after it. ``spoken``
    and ``stop`` are words. Hidden while nothing runs."""

    stop_wanted = Signal()

    def __init__(self, look: Look, name: str, *, spoken: str, stop: str) -> None:
        super().__init__(look, f"{name}_running")
        self._progress: Progress | None = None
        self.step = QLabel()
        self.step.setObjectName(f"{name}_step")
        self.bar = QProgressBar()
        self.bar.setObjectName(f"{name}_progress")
        self.bar.setTextVisible(False)
        self.bind(self.bar.setAccessibleName, spoken)
        self.stop = button(self, f"{name}_stop", stop, kind="quiet")
        self.stop.clicked.connect(self.stop_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.step)
        layout.addWidget(self.bar, stretch=1)
        layout.addWidget(self.stop)
        self.hide()

    @property
    def is_running(self) -> bool:
        """Whether a run is being carried out here."""
        return self._progress is not None

    def show_progress(self, progress: "Progress | None") -> None:
        """How far the run is; None: none is."""
        self._progress = progress
        self.setVisible(progress is not None)
        if progress is not None:
            self.bar.setRange(0, progress.of)
            self.bar.setValue(progress.number)
            step = progress.step.value if progress.step is not None else "certificate"
            self.step.setText(self.look.words(f"erasure.step.{step}"))

    def retranslate(self) -> None:
        super().retranslate()
        self.show_progress(self._progress)


class Runner:
    """One run at a time; it goes on when the page is left, and ends with the session.

    ``show`` is told how far it is, None at its end; ``read`` is called once it has ended.
    """

    def __init__(
        self,
        session: Session,
        owner: Panel,
        *,
        show: Callable[["Progress | None"], object],
        read: Callable[[], object],
    ) -> None:
        self._session, self._owner, self._show, self._read = session, owner, show, read
        self._stopped = False
        self._waited = ""

    def start(self, run: Callable[..., R], id: int, *, finished: Callable[[R], str | None]) -> None:
        """Have it done, with ``tell`` and ``is_stopped``. ``finished`` gives the words that say so,
        None if it was stopped."""
        self._stopped = False
        self._session.notices.withdraw(self._waited)

        def ended(ran: R) -> None:
            self._show(None)
            if ran.waits is not None:
                self._waited = f"errors.{ran.waits}"
                self._session.notices.say(self._waited, tone="warning")
            elif (key := finished(ran)) is not None:
                self._session.notices.say(key)
            self._read()

        def failed(error: Exception) -> None:
            self._show(None)
            self._session.unless_locked(error)
            self._read()

        job = self._session.tasks.start_reporting(
            self._owner,
            lambda report: run(id, tell=report, is_stopped=lambda: self._stopped),
            done=ended,
            failed=failed,
        )
        job.progress.connect(self._show)

    def stop(self) -> None:
        """After the step that is being done."""
        self._stopped = True
