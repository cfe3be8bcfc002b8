"""The tab of a case's attachments: takes files in, shows, saves and withdraws them.

A file is read once and looked at on a worker, then kept in one change; several are taken one after
another, and what isn't accepted says why beside its name. An opened attachment is in memory only,
until another case or tab is shown.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QHideEvent, QImage
from PySide6.QtWidgets import QFileDialog, QVBoxLayout

from desk_app.cases.attachments import intake, opening, service, views
from desk_app.cases.attachments.names import clean_name
from desk_app.cases.attachments.pages import AttachmentRow
from desk_app.cases.attachments.rules import SHOWN, FileKind, Remark
from desk_app.cases.pages import CasePage
from desk_app.errors import DeskError
from desk_app.people.access import Permission
from desk_app.purposes.rules import Use, use_of
from ui.cases.attachments_view import AttachmentsView
from ui.cases.tabs import CaseTabPanel
from ui.purposes.choosing import read_named
from ui.save_dialog import ask_where
from ui.session import Session
from ui.tasks import Job, Report

if TYPE_CHECKING:
    from desk_app.cases.attachments.intake import Taken
    from desk_app.cases.attachments.viewing import Seen

Take = Callable[[Callable[[], bool]], "Taken"]
"""Takes one file in, asking whether it is given up."""


def _take_file(path: Path, given_up: Callable[[], bool]) -> "Taken":
    return intake.take_file(path, is_stopped=given_up)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is shown. ``content`` is a customer's: it goes as soon as it isn't."""

    row: AttachmentRow
    content: bytes


class AttachmentsTab(CaseTabPanel):
    """Reads the list itself; `case_changed` after a file was added or withdrawn."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "attachments_tab")
        self._session = session
        permissions = session.account.permissions
        self._page: CasePage | None = None
        self._waiting: list[tuple[str, Take]] = []
        self._failures: list[tuple[str, str, dict[str, object]]] = []
        self._job: Job | None = None
        self._given_up = threading.Event()
        self._opened: _Opened | None = None
        self.view = AttachmentsView(
            session.look,
            zone=session.zone,
            may_work=Permission.WORK_CASES in permissions,
            may_export=Permission.EXPORT in permissions,
        )
        read_named(session, self, self.view.purpose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.view.choosing.connect(self._choose_files)
        self.view.files_given.connect(self.add_files)
        self.view.picture_given.connect(self.add_picture)
        self.view.show_wanted.connect(self.show_attachment)
        self.view.page_wanted.connect(self._turn_to)
        self.view.withdrawal_wanted.connect(self._withdraw)
        self.view.saving_wanted.connect(self._choose_place)
        self.view.stopped.connect(self._stop)

    def show_case(self, page: CasePage) -> None:
        if self._page is None or page.id != self._page.id:
            self._stop()
            self._failures.clear()
            self._forget()
            self.view.done()
            self.view.show_failures([])
            self.view.present(())
        self._page = page
        self._session.read(
            self, views.attachments_of, page.id, done=partial(self._present, page.id)
        )

    def enter(self) -> None:
        self.view.enter()

    def retire(self) -> None:
        self._stop()
        self._forget()

    def hideEvent(self, event: QHideEvent) -> None:
        """Another tab, another page, or the lock: nothing decrypted is kept behind it."""
        self._forget()
        super().hideEvent(event)

    def add_files(self, paths: Sequence[Path]) -> None:
        """Take files in, one after another."""
        self._add([(path.name, partial(_take_file, path)) for path in paths])

    def add_picture(self, image: QImage) -> None:
        """Take in a picture that was pasted."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs know a QByteArray only
        content = bytes(buffer.data().data())
        self._add([("", lambda given_up: intake.take(content, "", is_stopped=given_up))])

    def show_attachment(self, attachment_id: int) -> None:
        """Open an attachment and show its beginning; in the log before it is decrypted."""
        row = self.view.chosen
        if row is None or row.id != attachment_id:
            return
        self._forget()
        if row.kind not in SHOWN or Remark.LOCKED in row.remarks:
            locked = Remark.LOCKED in row.remarks
            key = "ui_attachments.locked" if locked else "ui_attachments.no_preview"
            self.view.preview.say(key, row.remarks)
            return
        self.view.preview.say("ui_attachments.opening")
        desk = self._session.desk

        def look() -> "tuple[_Opened, Seen | str]":
            ticket = desk.perform(
                service.open_attachment,
                row.id,
                purpose=self._session.viewing,
                keys=desk.attachment_identities(),
            )
            content = opening.content_of(ticket, desk.read)
            return _Opened(row, content), opening.preview(row.kind, content)

        self._session.tasks.start(self, look, done=self._on_opened, failed=self._on_not_shown)

    def _present(self, case_id: int, rows: tuple[AttachmentRow, ...]) -> None:
        if self._page is not None and self._page.id == case_id:
            self.view.present(rows)

    def _forget(self) -> None:
        self._opened = None
        self.view.preview.say("ui_attachments.choose")

    def _choose_files(self) -> None:
        dialog = QFileDialog(self, self.look.words("ui_attachments.choose_files"))
        dialog.setObjectName("attachment_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda chosen: self.add_files([Path(one) for one in chosen]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _add(self, files: list[tuple[str, Take]]) -> None:
        if self._page is None or not files:
            return
        if self._job is None:
            self._failures.clear()
            self.view.show_failures([])
        self._waiting += files
        if self._job is None:
            self._take_next(self._page.id)

    def _take_next(self, case_id: int) -> None:
        self._job = None
        if not self._waiting:
            self.view.set_busy(None)
            self.view.show_failures(self._failures)
            return
        name, take = self._waiting.pop(0)
        self.view.set_busy(-1)
        desk, given_up = self._session.desk, threading.Event()

        self._given_up = given_up

        def start(attach: Callable[..., int]) -> None:
            def take_in(report: Report) -> None:
                taken = take(given_up.is_set)
                desk.perform(
                    attach,
                    case_id,
                    taken,
                    keys=desk.attachment_identities(),
                    tell=report,
                    is_stopped=given_up.is_set,
                )

            job = self._job = self._session.tasks.start_reporting(
                self,
                take_in,
                lane="upload",
                done=lambda _none: self._on_added(case_id),
                failed=self._session.unless_asked(
                    self,
                    service.attach,
                    ({"name": clean_name(name)},),
                    again=start,
                    failed=partial(self._on_refused, case_id, name),
                ),
            )
            job.progress.connect(self.view.set_busy)
            job.cancelled.connect(lambda: self._take_next(case_id))

        start(service.attach)

    def _stop(self) -> None:
        self._waiting.clear()
        self._given_up.set()
        if self._job is not None:
            self._job.cancel()

    def _on_added(self, case_id: int) -> None:
        self._take_next(case_id)
        self.case_changed.emit()

    def _on_refused(self, case_id: int, name: str, error: Exception) -> None:
        if isinstance(error, DeskError):
            self._failures.append((clean_name(name), error.code, error.params))
        else:
            self._session.notices.error(error)
        self._take_next(case_id)

    def _on_opened(self, found: "tuple[_Opened, Seen | str]") -> None:
        opened, seen = found
        chosen = self.view.chosen
        if not self.isVisible() or chosen is None or chosen.id != opened.row.id:
            return  # somebody looks at something else by now
        self._opened = opened
        self._show(opened, 0, seen)

    def _show(self, opened: _Opened, page: int, seen: "Seen | str") -> None:
        if self._opened is not opened:
            return
        if isinstance(seen, str):
            self.view.preview.show_text(seen, remarks=opened.row.remarks)
        else:
            self.view.preview.show_seen(seen, page=page, remarks=opened.row.remarks)

    def _turn_to(self, page: int) -> None:
        opened = self._opened
        if opened is None:
            return
        kind: FileKind = opened.row.kind
        self._session.tasks.start(
            self,
            lambda: opening.preview(kind, opened.content, page=page),
            done=partial(self._show, opened, page),
            failed=self._session.notices.error,
        )

    def _on_not_shown(self, error: Exception) -> None:
        self.view.preview.say("ui_attachments.not_shown")
        self._session.notices.error(error)

    def _withdraw(self, attachment_id: int, reason: str) -> None:
        self._session.change(
            self,
            service.withdraw,
            attachment_id,
            reason=reason,
            done=lambda _none: self._on_withdrawn(),
        )

    def _on_withdrawn(self) -> None:
        self.view.done()
        self._forget()
        self.case_changed.emit()

    def _choose_place(self, attachment_id: int, purpose: str) -> None:
        """Ask where a copy goes. Its proposed name says which attachment of which case, never
        what the customer called it."""
        row, page = self.view.chosen, self._page
        if row is None or page is None or row.id != attachment_id:
            return
        ask_where(
            self,
            what=f"{page.number or page.id}-{row.number}",
            kind=row.kind.upper(),
            suffix=row.kind.value,
            done=lambda path: self.save_copy(row, use_of(purpose), path),
            failed=self._session.notices.error,
        )

    def save_copy(self, row: AttachmentRow, purpose: Use, path: Path) -> None:
        """Save a copy."""
        desk = self._session.desk

        def save() -> None:
            ticket = desk.perform(
                service.export_attachment,
                row.id,
                purpose=purpose,
                keys=desk.attachment_identities(),
            )
            opening.save_copy(opening.content_of(ticket, desk.read), path)

        self._session.tasks.start(self, save, done=lambda _none: self._on_saved(path))

    def _on_saved(self, path: Path) -> None:
        self.view.done()
        with suppress(ValueError):
            self._session.notices.say("ui_reports.written", file=path)
