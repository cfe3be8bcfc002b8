"""Brings the player together with a recording: asked, audited, opened, played, closed.

That it was opened is committed before its first byte is decrypted. Opening runs on a worker and
playing on the player's own thread; the position is read from here.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QBoxLayout, QWidget

from desk_app.errors import DeskError, Fault, Refused
from desk_app.people import views as people
from desk_app.people.access import Permission
from desk_app.purposes.rules import RecordingUse, use_of
from desk_app.recordings import service, views
from desk_app.recordings.bookmarks import service as bookmark_service
from desk_app.recordings.bookmarks import views as bookmark_views
from desk_app.recordings.bookmarks.pages import Bookmark
from desk_app.recordings.peaks import Sidecar
from desk_app.recordings.playback import Playback, PlaybackTicket
from desk_app.recordings.player import Player, PlayerState, Playing
from desk_app.recordings.stores.base import Interrupted
from desk_app.recordings.stores.fetching import Place, fetch
from ui.keys_overview import Keys
from ui.purposes.choosing import read_named
from ui.recordings.acts import PLAYER_KEYS, Act
from ui.recordings.happenings import happenings
from ui.recordings.player import PlayerPanel
from ui.recordings.steering import Steering
from ui.session import Session

if TYPE_CHECKING:  # the window is shown before the database is loaded
    from desk_app.office import Desk

_POSITION_EVERY_MS = 50
_PERMISSION_EVERY_MS = 30_000
_MAY_NOT_GO_ON = frozenset({"people.appointment_ended", "people.unconfirmed"})


class _Sound:
    """A recording that is open, or being opened on a worker.

    Closing returns at once and wins over an opening that still goes on, so that nothing stays
    decrypted behind somebody who has left. What had to be fetched from a store goes with it.
    """

    def __init__(self) -> None:
        self.player: Player | None = None
        self.sidecar: Sidecar | None = None
        self.sidecar_failure: DeskError | None = None
        self._is_closed = False
        self._place: Place | None = None
        self._lock = threading.Lock()

    def open(self, desk: "Desk", ticket: PlaybackTicket, output: str) -> None:
        """On a worker; takes as long as the store does if the recording isn't at this desk."""
        with suppress(Interrupted):
            self._place = fetch(
                desk.perform,
                desk.read,
                ticket,
                folder=desk.office.recordings,
                cache=desk.office.fetched,
                identities=desk.recordings.identities(),
                watch=self._go_on,
            )
            try:
                self._open(desk, self._place, output)
            except BaseException:
                self._place.leave()
                raise

    def _go_on(self, moved: int) -> None:
        if self._is_closed:
            raise Interrupted

    def _open(self, desk: "Desk", place: Place, output: str) -> None:
        may_go_on = desk.authority.require
        playback = Playback(place.ticket, place.folder, may_go_on=may_go_on)
        try:
            self.sidecar = playback.sidecar()
        except Fault as error:  # a waveform is a convenience: the sound is played without it
            self.sidecar_failure = error
        player = Player(playback, lambda _state: None, output=output)
        with self._lock:
            if not self._is_closed:
                self.player = player
                return
        player.close(wait=False)
        place.leave()

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            player, self.player = self.player, None
        if player is not None:
            player.close(wait=False)
            if self._place is not None:
                self._place.leave()


class PlaybackConductor(QObject):
    """Places the player at the top of a layout while a recording is listened to.

    ``output`` is a device by name; the system's own if empty. ``case_id`` is the case that is
    worked on.
    """

    def __init__(
        self,
        session: Session,
        place: QBoxLayout,
        parent: QObject,
        *,
        output: str = "",
        case_id: Callable[[], int | None] = lambda: None,
    ) -> None:
        super().__init__(parent)
        self._session, self._place, self._output = session, place, output
        self._case_id = case_id
        self.panel: PlayerPanel | None = None
        self._sound: _Sound | None = None
        self._steering: Steering | None = None
        self._recording_id = self._played_id = 0
        self._shown: PlayerState | None = None
        self._position_timer = QTimer(self)
        self._position_timer.setInterval(_POSITION_EVERY_MS)
        self._position_timer.timeout.connect(self._show_state)
        self._permission_timer = QTimer(self)
        self._permission_timer.setInterval(_PERMISSION_EVERY_MS)
        self._permission_timer.timeout.connect(self._check_permission)
        self._permission_timer.timeout.connect(self._read_bookmarks)
        session.changed.connect(self._on_changed)
        session.reading_changed.connect(self._on_reading_changed)

    @property
    def keys(self) -> Keys:
        """The player's keys, for the overview, while a recording is open."""
        return PLAYER_KEYS if self._steering is not None else ()

    def ask(self, recording_id: int) -> None:
        """Ask for use, purpose and reason; nothing is opened before they are on record."""
        self.close()
        self._session.read(
            self, views.announced_uses, recording_id, done=partial(self._ask, recording_id)
        )

    def close(self) -> None:
        """Stop at once, forget the sound and take the player away."""
        self._position_timer.stop()
        self._permission_timer.stop()
        sound, self._sound, self._shown, self._steering = self._sound, None, None, None
        if sound is not None:
            sound.close()
        panel, self.panel = self.panel, None
        if panel is not None:
            self._place.removeWidget(panel)
            panel.hide()
            panel.deleteLater()

    def _on_closed(self) -> None:
        """By hand: the keyboard goes back to where the recording was asked for."""
        window = None if self.panel is None else self.panel.window()
        self.close()
        origin = window and window.findChild(QWidget, f"play_{self._recording_id}")
        if origin:
            origin.setFocus()

    def _ask(self, recording_id: int, uses: tuple[RecordingUse, ...]) -> None:
        self.close()
        if not uses:
            self._session.notices.error(Refused("recordings.use_not_announced"))
            return
        self.panel = PlayerPanel(self._session.look, uses)
        self.panel.listen_wanted.connect(partial(self._on_listen_wanted, recording_id))
        self._recording_id = recording_id
        self.panel.acted.connect(self._on_acted)
        self.panel.seek_wanted.connect(self._on_seek_wanted)
        self.panel.tenth_wanted.connect(self._on_tenth_wanted)
        self.panel.loop_wanted.connect(self._on_loop_wanted)
        self.panel.bookmark_wanted.connect(self._on_bookmark_wanted)
        self.panel.removal_wanted.connect(self._on_removal_wanted)
        self.panel.closed.connect(self._on_closed)
        read_named(self._session, self.panel, self.panel.purpose)
        self._place.insertWidget(0, self.panel)
        self.panel.show()
        self.panel.ask()

    def _on_listen_wanted(self, recording_id: int, use: str, purpose: str, reason: str) -> None:
        desk, panel = self._session.desk, self.panel
        if panel is None:
            return
        panel.set_busy(True)
        case_id = self._case_id()

        def start(open_playback: Callable[..., PlaybackTicket]) -> None:
            self._session.tasks.start(
                self,
                lambda: desk.perform(
                    open_playback,
                    recording_id,
                    use=RecordingUse(use),
                    purpose=use_of(purpose),
                    reason=reason,
                    keys=desk.recordings.identities(),
                    case_id=case_id,
                ),
                lane="change",
                done=partial(self._open, panel),
                failed=self._session.unless_asked(
                    self,
                    service.open_playback,
                    ({"reason": reason},),
                    again=start,
                    failed=partial(self._on_not_opened, panel),
                ),
            )

        start(service.open_playback)

    def _open(self, panel: PlayerPanel, ticket: PlaybackTicket) -> None:
        if panel is not self.panel:
            return
        session, sound, output = self._session, _Sound(), self._output
        self._sound = sound
        self.destroyed.connect(lambda: sound.close())  # with the page, at sign-out
        session.tasks.start(
            self,
            lambda: sound.open(session.desk, ticket, output),
            done=lambda _none: self._play(sound, ticket),
            failed=partial(self._on_not_opened, panel),
        )

    def _on_not_opened(self, panel: PlayerPanel, error: Exception) -> None:
        self._session.notices.error(error)
        if panel is self.panel:
            self._sound = None
            panel.set_busy(False)

    def _play(self, sound: _Sound, ticket: PlaybackTicket) -> None:
        if sound is not self._sound or self.panel is None or sound.player is None:
            return
        if sound.sidecar_failure is not None:
            self._session.notices.error(sound.sidecar_failure)
        self._played_id = ticket.played_id
        self._steering = Steering(sound.sidecar, ticket.duration_ms)
        happened = happenings(ticket.timeline, ticket.duration_ms)
        self.panel.present(sound.sidecar, ticket.duration_ms, happened, self._steering)
        self._read_bookmarks()
        sound.player.play()
        self._position_timer.start()
        self._permission_timer.start()

    @property
    def _player(self) -> Player | None:
        return None if self._sound is None else self._sound.player

    def _on_acted(self, act: Act) -> None:
        player, steering = self._player, self._steering
        if player is None or steering is None:
            return
        if act is Act.TOGGLE:
            self._toggle(player)
            return
        position_ms = player.state.position_ms
        steering.change(act, position_ms)
        self._steer()
        target = steering.target(act, position_ms)
        if target is not None:
            self._on_seek_wanted(target)

    def _toggle(self, player: Player) -> None:
        if player.state.playing is Playing.PLAYING:
            player.pause()
        else:
            player.play()

    def _steer(self) -> None:
        """Play as the steering says, and show it."""
        if self._player is not None and self._steering is not None and self.panel is not None:
            self._player.play_in(self._steering.manner)
            self.panel.show_steering(self._steering)

    def _on_tenth_wanted(self, number: int) -> None:
        if self._steering is not None:
            self._on_seek_wanted(self._steering.tenth(number))

    def _on_loop_wanted(self, from_ms: int, to_ms: int) -> None:
        if self._steering is None:
            return
        self._steering.set_loop(from_ms, to_ms)
        self._steer()
        if self._steering.loop is not None:
            self._on_seek_wanted(self._steering.loop[0])

    def _on_bookmark_wanted(self, text: str) -> None:
        if self._player is None:
            return
        self._session.create(
            self,
            bookmark_service.add,
            self._played_id,
            position_ms=self._player.state.position_ms,
            text=text,
        )

    def _on_removal_wanted(self, bookmark_id: int) -> None:
        self._session.change(self, bookmark_service.remove, bookmark_id)

    def _read_bookmarks(self) -> None:
        """Read them again; a recording that may not be heard any more is closed by that."""
        panel = self.panel
        if panel is None or self._steering is None:
            return

        def show(bookmarks: tuple[Bookmark, ...]) -> None:
            if panel is self.panel:
                panel.show_bookmarks(bookmarks)

        self._session.read(
            self,
            bookmark_views.of_opened,
            self._played_id,
            done=show,
            failed=partial(self._on_not_playable, panel),
        )

    def _on_not_playable(self, panel: PlayerPanel, error: Exception) -> None:
        if panel is self.panel:
            self.close()
            if not self._session.desk.is_locked:
                self._session.notices.error(error)

    def _on_seek_wanted(self, position_ms: int) -> None:
        if self._player is not None:
            self._player.seek(position_ms)
            self._shown = self._player.state  # where it was is not shown any more

    def _show_state(self) -> None:
        """What the player does now; and whether the desk was locked meanwhile."""
        player, panel = self._player, self.panel
        if player is None or panel is None or self._session.desk.is_locked:
            self.close()
            return
        state = player.state
        if state is self._shown:
            return
        self._shown = state
        panel.show_position(state.position_ms, playing=state.playing is Playing.PLAYING)
        if state.playing is Playing.CLOSED:  # its thread ended over a bug, which was reported
            self.close()
        elif state.failure is not None:
            self._say(panel, state.failure)
        elif state.playing is Playing.PLAYING:
            panel.show_error(None)

    def _say(self, panel: PlayerPanel, failure: DeskError) -> None:
        """Damage belongs to the sound and stands beside it; trouble with a device is a notice."""
        if failure.code in _MAY_NOT_GO_ON:
            self._stop()
        elif failure.code == "recordings.damaged":
            panel.show_error(failure)
        else:
            self._session.notices.error(failure)

    def _on_changed(self, changes: tuple[object, ...]) -> None:
        kinds = {(getattr(one, "kind", ""), getattr(one, "id", None)) for one in changes}
        if any(kind == "user" for kind, _id in kinds):
            self._check_permission()
        if ("recording", self._recording_id) in kinds:
            self._read_bookmarks()

    def _check_permission(self) -> None:
        """An appointment that ends, ends listening too."""
        if self._sound is not None:
            self._session.read(
                self,
                people.own_account,
                done=self._on_own_account,
                failed=lambda _error: self.close(),
            )

    def _on_own_account(self, own: people.OwnAccount) -> None:
        may_listen = own.may_listen and Permission.PLAY_RECORDINGS in own.permissions
        if not may_listen:
            self._stop()

    def _on_reading_changed(self, may_read: bool) -> None:
        if not may_read:
            self._stop()

    def _stop(self) -> None:
        """What is heard isn't to be heard any more; nothing if nothing is open."""
        was_open = self._sound is not None
        self.close()
        if was_open:
            self._session.notices.say("ui_player.stopped", tone="warning")
