"""One signed-in person at this window: the desk, and the way from a page to a use case.

Pages never call a service themselves. ``read`` and ``change`` run it on a worker, in one unit
of work, and hand the result back on the Qt thread; errors nobody asked for go to the notices.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal

from desk_app.errors import DeskError
from ui.look import Look
from ui.notices import Notices
from ui.tasks import Job, Tasks

if TYPE_CHECKING:  # these bring the database along; the window is shown before they are loaded
    from desk_app.office import Desk
    from desk_app.people.views import OwnAccount
    from ui.settings.keeper import SettingsKeeper

R = TypeVar("R")


class Session(QObject):
    """Lives from sign-in to sign-out. ``changed`` carries what any use case changed."""

    changed = Signal(object)  # tuple[Change, ...]
    case_wanted = Signal(int)  # show this case on its page
    recording_changed = Signal(str)  # a `RecordingState`, for the status bar
    uploading = Signal(object)  # a `Progress` while a recording is on its way, then None

    def __init__(
        self,
        desk: "Desk",
        account: "OwnAccount",
        *,
        look: Look,
        tasks: Tasks,
        notices: Notices,
        settings: "SettingsKeeper",
        zone: ZoneInfo,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.desk = desk
        self.account = account
        self.look = look
        self.tasks = tasks
        self.notices = notices
        self.settings = settings
        self.zone = zone
        self._tell = self.changed.emit  # called on workers, received on the Qt thread
        desk.on_changes.append(self._tell)

    def read(
        self,
        owner: QObject,
        view: Callable[..., R],
        *args: Any,
        done: Callable[[R], object],
        failed: Callable[[Exception], object] | None = None,
        **kwargs: Any,
    ) -> Job:
        """Read a view; the callbacks come on the Qt thread while ``owner`` lives."""
        return self.tasks.start(
            owner,
            lambda: self.desk.read(view, *args, **kwargs),
            done=done,
            failed=failed or self.unless_locked,
        )

    def change(
        self,
        owner: QObject,
        use_case: Callable[..., R],
        *args: Any,
        done: Callable[[R], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        **kwargs: Any,
    ) -> Job:
        """Perform a use case, after those started before it."""
        return self.tasks.start(
            owner,
            lambda: self.desk.perform(use_case, *args, **kwargs),
            lane="change",
            done=done,
            failed=failed,
        )

    def unless_locked(self, error: Exception) -> None:
        """Tell an error, unless the work was overtaken by the lock, which is nobody's mistake."""
        if not (isinstance(error, DeskError) and error.code == "office.locked"):
            self.tasks.failed.emit(error)

    def close(self) -> None:
        """Stop listening to the desk; called before it is signed out."""
        if self._tell in self.desk.on_changes:
            self.desk.on_changes.remove(self._tell)
