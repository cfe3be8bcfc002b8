"""Brings the pages of a disclosure together with its services: read, chosen, released, made.

Everything that reads, opens or writes runs on workers; what was collected lives in the page and
goes with it. A pack that is given up or fails leaves nothing behind.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desk_app.errors import DeskError
from desk_app.privacy.disclosure import service, views
from desk_app.privacy.disclosure.choices import Choice, Review
from desk_app.privacy.disclosure.handing import service as handing
from desk_app.privacy.disclosure.pages import Standing
from desk_app.privacy.disclosure.reviewing import Keys
from desk_app.privacy.disclosure.rules import Medium
from ui.privacy.disclosure.handing_out import DeliveryWanted, PackWanted
from ui.privacy.disclosure.page import DisclosurePage
from ui.privacy.disclosure.printing import Printed, pages_of, print_pages
from ui.save_dialog import ask_where
from ui.session import Session
from ui.tasks import Report

if TYPE_CHECKING:
    from desk_app.office import Desk
    from desk_app.privacy.disclosure.making import MadePack


@dataclass(frozen=True, slots=True)
class _Made:
    """A pack that was made and entered."""

    pack: "MadePack"
    path: Path


class DisclosureConductor(QObject):
    """``page`` is put where the opener wants it; it is empty until `open`."""

    closed = Signal()
    delivered = Signal(int)  # the request's id: it was carried out

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._request_id = 0
        self._review: Review | None = None
        self._stop = threading.Event()
        self.page = DisclosurePage(session.look, zone=session.zone)
        review, handing = self.page.review, self.page.handing
        review.chosen.connect(self._on_chosen)
        review.released.connect(self._on_released)
        review.handing_wanted.connect(self._show_handing)
        review.closed.connect(self._on_closed)
        handing.back.connect(lambda: self.page.show_side(review))
        handing.pack_wanted.connect(self._choose_place)
        handing.print_wanted.connect(self._on_print)
        handing.cancelled.connect(self._stop.set)
        handing.delivered.connect(self._on_delivered)

    def open(self, request_id: int) -> None:
        """Collect what is held about the customer of a request, and show it."""
        self.give_up()
        self._request_id = request_id
        self.page.show_side(self.page.review)
        self.page.review.set_busy(True)
        self._work(
            lambda: self._desk.perform(service.open_review, request_id, keys=_keys_of(self._desk)),
            self._show_review,
        )

    @property
    def is_making(self) -> bool:
        """A file is being made."""
        return self.page.handing.progress.isVisibleTo(self.page.handing)

    def give_up(self) -> None:
        """Stop what is being made, and show nothing any more."""
        self._stop.set()
        self._review = None
        self.page.handing.show_passphrase(None)
        self.page.review.present_nothing()

    @property
    def _desk(self) -> "Desk":
        return self._session.desk

    def _work(self, work: Callable[[], Any], done: Callable[[Any], object]) -> None:
        self._session.tasks.start(self.page, work, lane="change", done=done, failed=self._on_failed)

    def _show_review(self, review: Review) -> None:
        self._review = review
        now = self._desk.office.clock.now().astimezone(self._session.zone)
        self.page.review.present(review, on=now.date())
        self.page.review.set_busy(False)
        if self.page.stack.currentWidget() is self.page.review:
            self.page.review.view.setFocus()

    def _on_chosen(self, wanted: tuple[service.Wanted, ...]) -> None:
        review = self._review
        if review is None:
            return

        def chosen(choices: tuple[Choice, ...]) -> None:
            if self._review is review:
                self._show_review(review.after(choices))

        self._work(lambda: self._desk.perform(service.choose, review.disclosure_id, wanted), chosen)

    def _on_released(self) -> None:
        review = self._review
        if review is None:
            return
        self.page.review.set_busy(True)

        def released(again: Review) -> None:
            self._show_review(again)
            self._session.notices.say("ui_disclosure.released")
            self._show_handing()

        def release() -> Review:
            keys = _keys_of(self._desk)
            self._desk.perform(
                service.finish_review, review.disclosure_id, seen=review.seen(), keys=keys
            )
            again: Review = self._desk.perform(service.open_review, review.request_id, keys=keys)
            return again

        self._work(release, released)

    def _show_handing(self) -> None:
        self._refresh_standing()
        self.page.show_side(self.page.handing)

    def _refresh_standing(self) -> None:
        review = self._review
        if review is None:
            return

        def show(standing: Standing) -> None:
            now = self._desk.office.clock.now()
            self.page.handing.present(standing, language=review.language, now=now)

        self._session.read(self.page, views.standing, review.request_id, done=show)

    def _choose_place(self, wanted: PackWanted) -> None:
        words = self._session.look.words
        ask_where(
            self.page,
            what=words("ui_disclosure.file_name"),
            kind=words("ui_disclosure.file_kind"),
            suffix="age",
            done=lambda path: self.make_pack(path, wanted),
            failed=self._session.notices.error,
        )

    def make_pack(self, path: Path, wanted: PackWanted) -> None:
        """Make the pack; show what opens it, once."""
        review = self._review
        if review is None:
            return
        self._stop.clear()
        handing = self.page.handing
        handing.show_passphrase(None)
        handing.show_progress((0, 1))

        def made(done: _Made) -> None:
            handing.show_progress(None)
            handing.show_passphrase(done.pack.passphrase)
            self._session.notices.say("ui_disclosure.made", file=done.path)
            self._refresh_standing()

        job = self._session.tasks.start_reporting(
            self.page,
            lambda report: make_and_enter(self._desk, review, wanted, path, report, self._stop),
            done=made,
            failed=self._on_failed,
        )
        job.progress.connect(handing.show_progress)

    def _on_print(self, wanted: PackWanted) -> None:
        review = self._review
        if review is None:
            return
        self._stop.clear()
        self.page.handing.show_progress((0, 0))

        def prepared(printed: Printed) -> None:
            self.page.handing.show_progress(None)
            print_pages(
                self.page,
                printed,
                lambda: self._session.may_read,
                partial(self._on_printed, review, wanted, printed),
            )

        self._session.tasks.start(
            self.page,
            lambda: pages_of(self._desk, review, wanted.language, self._stop),
            done=prepared,
            failed=self._on_failed,
        )

    def _on_printed(self, review: Review, wanted: PackWanted, printed: Printed) -> None:
        """Paper was handed to the printer: enter it."""
        self._work(
            lambda: self._desk.perform(
                handing.pack_made,
                review.disclosure_id,
                media=(Medium.PDF,),
                language=wanted.language,
                parts=len(printed.pages),
                digest=printed.digest,
                content_digest=printed.digest,
                size_bytes=printed.size_bytes,
                with_passphrase=False,
                printed=True,
            ),
            lambda _pack_id: self._refresh_standing(),
        )

    def _on_delivered(self, wanted: DeliveryWanted) -> None:
        def done(_none: object) -> None:
            self.page.handing.show_passphrase(None)
            self._session.notices.say("ui_disclosure.delivery_entered")
            self._refresh_standing()
            self.delivered.emit(self._request_id)

        self._work(
            lambda: self._desk.perform(
                handing.deliver,
                wanted.pack_id,
                way=wanted.way,
                key_way=wanted.key_way,
                confirmed=wanted.confirmed,
                to_whom=wanted.to_whom,
                delivered_at=wanted.at,
            ),
            done,
        )

    def _on_failed(self, error: Exception) -> None:
        self.page.handing.show_progress(None)
        self.page.review.set_busy(False)
        if isinstance(error, DeskError) and error.code == "disclosure.given_up":
            self._session.notices.say("ui_disclosure.given_up", tone="info")
        else:
            self._session.unless_locked(error)

    def _on_closed(self) -> None:
        self.give_up()
        self.closed.emit()


def _keys_of(desk: "Desk") -> Keys:
    """What the reviewer's keys open now. On a worker: it reads the keyring."""
    return Keys(
        recordings=desk.recordings.identities(),
        attachments=desk.attachment_identities(),
        sealed=desk.sealed_identities(),
    )


def make_and_enter(
    desk: "Desk",
    review: Review,
    wanted: PackWanted,
    path: Path,
    report: Report,
    stop: threading.Event,
) -> _Made:
    """Make a pack and enter it; on a worker. Where it can't be entered there is no file either,
    and it is given up once the person may read no more."""
    from desk_app.privacy.disclosure.making import Sources, Watching, make_pack

    keys = _keys_of(desk)
    order = desk.perform(
        handing.begin_pack,
        review.disclosure_id,
        media=wanted.media,
        language=wanted.language,
        keys=keys,
        recipient=wanted.recipient,
    )
    office = desk.office
    sources = Sources(desk.perform, desk.read, office.recordings, office.fetched, keys.recordings)

    def is_stopped() -> bool:
        desk.authority.require()
        return stop.is_set()

    made = make_pack(order, path, sources, Watching(report, is_stopped))
    try:
        desk.perform(
            handing.pack_made,
            review.disclosure_id,
            media=wanted.media,
            language=wanted.language,
            parts=made.parts,
            digest=made.digest,
            content_digest=made.content_digest,
            size_bytes=made.size_bytes,
            with_passphrase=made.passphrase is not None,
        )
    except BaseException:
        path.unlink(missing_ok=True)  # nobody has its passphrase
        raise
    return _Made(made, path)
