"""One signed-in person at this window: the desk, and the way from a page to a use case.

Pages never call a service themselves. ``read`` and ``change`` run it on a worker, in one unit
of work, and hand the result back on the Qt thread; errors nobody asked for go to the notices.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Qt, Signal

from desk_app.errors import DeskError
from desk_app.purposes.rules import USUAL_PURPOSE, Use
from ui.copying import Copying
from ui.look import Look
from ui.notices import Notices
from ui.sensitive.asking import Asking, asking_about
from ui.surely import Surely, is_server_gone
from ui.tasks import Job, Tasks
from ui.unsettled import Unsettled

if TYPE_CHECKING:  # these bring the database along; the window is shown before they are loaded
    from desk_app.office import Desk
    from desk_app.people.views import OwnAccount
    from ui.settings.keeper import SettingsKeeper

R = TypeVar("R")


class Session(QObject):
    """Lives from sign-in to sign-out. ``changed`` carries what any use case changed."""

    changed = Signal(object)  # tuple[Change, ...]
    changed_elsewhere = Signal(object)  # of these, what other desks have changed
    away_changed = Signal(object)  # since when the server is away (datetime); None: it is there
    _heard = Signal(object)
    case_wanted = Signal(int)  # show this case on its page
    closing = Signal()  # the person is about to be signed out
    locking = Signal()  # the keys are about to be dropped
    reading_changed = Signal(bool)  # whether what was read may be shown on
    hand_over_wanted = Signal(int)  # hand over what belongs to this case
    place_wanted = Signal(object)  # a `ui.places.Place`: show it
    recording_changed = Signal(str)  # a `RecordingState`, for the status bar
    viewing_changed = Signal()  # what cases are looked at for, from now on
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
        self.viewing: Use = USUAL_PURPOSE
        clock = desk.office.clock
        look.language.today = lambda: clock.now().astimezone(zone).date()
        self.sure = Surely(self)
        self.copying = Copying(self)
        self._unsettled = Unsettled()
        self._tell = self.changed.emit  # called on workers, received on the Qt thread
        self._hear = self._heard.emit
        self._notice_server = lambda _away: self._heard.emit(None)
        self._heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)
        desk.on_changes.append(self._tell)
        desk.others.on_changes.append(self._hear)
        desk.others.on_server.append(self._notice_server)
        self.away_since: datetime | None = None
        self.may_read = True
        self.ask: Callable[[Asking], object] | None = None
        """Shows a question about sensitive words; None where no window can."""
        desk.others.hear()

    def view_for(self, use: Use) -> None:
        """Cases are opened for this use from now on, until another is chosen."""
        if use != self.viewing:
            self.viewing = use
            self.viewing_changed.emit()

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
        """Perform a use case, after those started before it. What is sensitive in it and not
        decided on is asked about, and sent again with the answer."""

        def start(carried_out: Callable[..., R]) -> Job:
            return self.tasks.start(
                owner,
                lambda: self.desk.perform(carried_out, *args, **kwargs),
                lane="change",
                done=done,
                failed=self.unless_asked(
                    owner, use_case, (args, kwargs), again=start, failed=failed
                ),
            )

        return start(use_case)

    def create(
        self,
        owner: QObject,
        use_case: Callable[..., "int | None"],
        *args: Any,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        **kwargs: Any,
    ) -> Job:
        """As `change`, for what makes something new: sent again as it was, because nobody knows
        whether it got through, it isn't made twice."""
        token = self._unsettled.token_of(use_case, args, kwargs)

        def start(decided: Callable[..., "int | None"]) -> Job:
            def carry_out() -> int | None:
                from desk_app.storage.once import once

                result = self.desk.perform(once(token, decided), *args, **kwargs)
                self._unsettled.settle(token)
                return result

            on_failed = self.unless_asked(
                owner, use_case, (args, kwargs), again=start, failed=failed
            )
            return self.tasks.start(owner, carry_out, lane="change", done=done, failed=on_failed)

        return start(use_case)

    def unless_asked(
        self,
        owner: QObject,
        use_case: Callable[..., R],
        given: tuple[Any, ...],
        *,
        again: Callable[[Callable[..., R]], object],
        failed: Callable[[Exception], object] | None = None,
    ) -> Callable[[Exception], object]:
        """What takes the error of a save: it asks about sensitive words in what was ``given``, and
        sends the use case ``again`` with the answer. Anything else has ``failed``."""
        otherwise = failed or self.tasks.failed.emit

        def on_failed(error: Exception) -> None:
            from desk_app.sealed.deciding import decided

            asking = None
            if self.ask is not None:
                asking = asking_about(
                    error,
                    given,
                    owner=owner,
                    again=lambda made: again(decided(use_case, made)),
                    failed=otherwise,
                )
            if asking is None or self.ask is None:
                otherwise(error)
            else:
                self.ask(asking)

        return on_failed

    def unless_locked(self, error: Exception) -> None:
        """Tell an error, unless the work was overtaken by the lock, which is nobody's mistake, or
        by the server's absence, which is said by itself."""
        code = error.code if isinstance(error, DeskError) else ""
        is_known = self.away_since is not None and (
            is_server_gone(error) or code == "people.unconfirmed"
        )
        if code != "office.locked" and not is_known:
            self.tasks.failed.emit(error)

    def surely(
        self,
        use_case: Callable[..., "int | None"],
        *args: Any,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        **kwargs: Any,
    ) -> None:
        """Perform a use case once, now or when the server is back, after those asked for before.

        It is not forgotten while the session lives; what only raises is told as by `change`.
        """
        from desk_app.storage.once import once

        carried_out = once(uuid.uuid4().hex, use_case)
        self.sure.start(
            lambda: self.desk.perform(carried_out, *args, **kwargs), done=done, failed=failed
        )

    def _on_heard(self, changes: object) -> None:
        """On the Qt thread: changes of others, or None when the server has come or gone."""
        if changes is None:
            self._on_server()
        else:
            self.changed.emit(changes)
            self.changed_elsewhere.emit(changes)

    def _on_server(self) -> None:
        away_since = self.desk.others.away_since
        if away_since == self.away_since:
            return
        self.away_since = away_since
        self.away_changed.emit(away_since)
        if away_since is None and not self.desk.is_locked:
            from desk_app.storage.announcing import ANYTHING

            self.changed.emit(ANYTHING)
            self.changed_elsewhere.emit(ANYTHING)

    def show_reading(self, may_read: bool) -> None:
        """Tell whoever shows what was read whether it may; nothing if they know."""
        if may_read is not self.may_read:
            self.may_read = may_read
            self.reading_changed.emit(may_read)

    def close(self) -> None:
        """Stop listening to the desk; called before it is signed out."""
        self.copying.release()
        self.closing.emit()
        self.sure.close()
        for told, tell in (
            (self.desk.on_changes, self._tell),
            (self.desk.others.on_changes, self._hear),
            (self.desk.others.on_server, self._notice_server),
        ):
            if tell in told:
                told.remove(tell)
