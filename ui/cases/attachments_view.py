"""The attachments of a case: a list, what is asked for withdrawing and saving, and a preview."""

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QLocale, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QIcon,
    QImage,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from desk_app.cases.attachments.pages import AttachmentRow
from desk_app.cases.attachments.rules import PICTURES
from desk_app.purposes.rules import USUAL_PURPOSE, Purpose
from ui.cases.attachment_preview import AttachmentPreview
from ui.controls import (
    Card,
    DataLabel,
    TextArea,
    button,
    choice,
    choose,
    label,
    labelled,
    tint,
)
from ui.look import Look
from ui.panel import Panel
from ui.placeholders import shown

_LIST_WIDTH = 300
_MEGABYTES = QLocale.DataSizeFormat.DataSizeSIFormat


class _List(QListWidget):
    """Enter shows, Delete withdraws."""

    shown = Signal()
    removed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.shown.emit()
            case Qt.Key.Key_Delete:
                self.removed.emit()
            case _:
                super().keyPressEvent(event)


class AttachmentsView(Panel):
    """Emits what the user wants; whoever shows it does it.

    Files come as paths, a pasted picture as a `QImage`: nothing here opens either.
    """

    choosing = Signal()
    files_given = Signal(list)  # of Path
    picture_given = Signal(QImage)
    show_wanted = Signal(int)
    page_wanted = Signal(int)
    withdrawal_wanted = Signal(int, str)
    saving_wanted = Signal(int, str)  # a `Purpose`
    stopped = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo, may_work: bool, may_export: bool) -> None:
        super().__init__(look, "attachments")
        self._zone, self._may_work, self._may_export = zone, may_work, may_export
        self._rows: dict[int, AttachmentRow] = {}
        self._failures: list[tuple[str, str, dict[str, object]]] = []
        self.setAcceptDrops(may_work)
        self.add = button(self, "attachment_add", "ui_attachments.add", icon="plus")
        self.show_button = button(self, "attachment_show", "ui_attachments.show", icon="eye")
        self.save = button(self, "attachment_save", "ui_attachments.save", icon="save")
        self.remove = button(self, "attachment_remove", "ui_attachments.withdraw", icon="trash-2")
        self.add.clicked.connect(self.choosing)
        self.show_button.clicked.connect(self._on_show)
        self.save.clicked.connect(self._ask_saving)
        self.remove.clicked.connect(self._ask_withdrawal)
        self.list = _List()
        self.list.setObjectName("attachment_list")
        self.list.setWordWrap(True)
        self.list.setMinimumWidth(_LIST_WIDTH)
        self.list.setMaximumWidth(_LIST_WIDTH)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.bind(self.list.setAccessibleName, "ui_attachments.list")
        self.list.shown.connect(self._on_show)
        self.list.itemDoubleClicked.connect(lambda _item: self._on_show())
        self.list.removed.connect(self._ask_withdrawal)
        self.list.currentItemChanged.connect(lambda *_: self._on_chosen())
        self.empty = label(self, "ui_attachments.empty", name="attachments_empty", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bind_colour(lambda shade: tint(self.empty, shade), "muted")
        self.preview = AttachmentPreview(look)
        self.preview.back.clicked.connect(lambda: self.page_wanted.emit(self.preview.page - 1))
        self.preview.on.clicked.connect(lambda: self.page_wanted.emit(self.preview.page + 1))
        self.failed = DataLabel("attachments_failed")
        self.failed.setWordWrap(True)
        self.bind_colour(lambda shade: tint(self.failed, shade), "warning")
        self._make_asking()
        self._make_progress()
        self._lay_out()
        self._add_keys()
        self.set_busy(None)
        self.done()
        self.show_failures([])
        self.present(())

    def present(self, rows: Sequence[AttachmentRow]) -> None:
        """Show these attachments; the one that was chosen stays so."""
        is_first = not self._rows and bool(rows)
        self._rows = {row.id: row for row in rows}
        with self.keeping_keyboard():
            self._redraw()
        if is_first and self.add.hasFocus():
            self.enter()

    @property
    def chosen(self) -> AttachmentRow | None:
        item = self.list.currentItem()
        return None if item is None else self._rows.get(item.data(Qt.ItemDataRole.UserRole))

    def choose(self, attachment_id: int) -> None:
        for at in range(self.list.count()):
            if self.list.item(at).data(Qt.ItemDataRole.UserRole) == attachment_id:
                self.list.setCurrentRow(at)

    def set_busy(self, share: float | None) -> None:
        """While files are taken in: the share that is done, below 0 if unknown; None if not."""
        with self.keeping_keyboard():
            self.progress_row.setVisible(share is not None)
            self.add.setEnabled(share is None)
        if share is not None:
            self.progress.setRange(0, 0 if share < 0 else 100)
            self.progress.setValue(round(max(share, 0) * 100))

    def show_failures(self, failures: list[tuple[str, str, dict[str, object]]]) -> None:
        """Files that weren't added: what each is called, and the code and details of its error."""
        self._failures = failures
        self._tell_failures()

    def done(self) -> None:
        """What was asked for is done or given up."""
        self.reason.clear()
        with self.keeping_keyboard():
            self.withdrawing.hide()
            self.saving.hide()

    def enter(self) -> None:
        first = self.add if self.add.isEnabled() else self.stop
        (self.list if self._rows else first).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()
        self._tell_failures()

    def recolour(self) -> None:
        super().recolour()
        self._redraw()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _files_in(event.mimeData()) or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.take(event.mimeData())
        event.acceptProposedAction()

    def take(self, data: QMimeData) -> None:
        """Files that were dropped or pasted, or a picture."""
        files = _files_in(data)
        image = data.imageData() if data.hasImage() and not files else None
        if files:
            self.files_given.emit(files)
        elif isinstance(image, QImage):
            self.picture_given.emit(image)

    def _make_asking(self) -> None:
        self.withdrawing = Card(self.look, "attachment_withdrawing")
        self.reason = TextArea("attachment_reason", lines=2)
        caption, _control = labelled(self, "ui_attachments.reason", self.reason)
        explained = label(self, "ui_attachments.withdraw_explained", muted=True, wrap=True)
        self.confirm = button(
            self, "attachment_confirm", "ui_attachments.confirm_withdrawal", kind="danger"
        )
        self.confirm.clicked.connect(self._on_confirm)
        body = self.withdrawing.body
        for widget in (explained, caption, self.reason):
            body.addWidget(widget)
        body.addLayout(self._foot("attachment_keep", self.confirm))
        self.saving = Card(self.look, "attachment_saving")
        self.purpose = choice(
            self,
            "attachment_purpose",
            [(one.value, f"purposes.purpose.{one.value}") for one in Purpose],
            shorten=True,
        )
        choose(self.purpose, USUAL_PURPOSE.value)
        what_for, _purpose = labelled(self, "ui_reports.purpose", self.purpose)
        self.save_to = button(self, "attachment_save_to", "ui_attachments.save_to", kind="primary")
        self.save_to.clicked.connect(self._on_save_to)
        explained = label(self, "ui_attachments.save_explained", muted=True, wrap=True)
        for part in (explained, what_for, self.purpose):
            self.saving.body.addWidget(part)
        self.saving.body.addLayout(self._foot("attachment_save_not", self.save_to))

    def _foot(self, name: str, act: QWidget) -> QHBoxLayout:
        cancel = button(self, name, "ui_cases.act_cancel")
        cancel.clicked.connect(self.done)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(act)
        return foot

    def _make_progress(self) -> None:
        self.progress_row = QWidget()
        self.progress = QProgressBar()
        self.progress.setObjectName("attachment_progress")
        self.progress.setTextVisible(False)
        self.bind(self.progress.setAccessibleName, "ui_attachments.adding")
        self.stop = button(self, "attachment_stop", "ui_attachments.stop")
        self.stop.clicked.connect(self.stopped)
        line = QHBoxLayout(self.progress_row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(label(self, "ui_attachments.adding"))
        line.addWidget(self.progress, stretch=1)
        line.addWidget(self.stop)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for widget in (self.add, self.show_button, self.save, self.remove):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(self.list)
        both.addWidget(self.preview, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(buttons)
        for part in (self.progress_row, self.failed, self.withdrawing, self.saving, self.empty):
            layout.addWidget(part)
        layout.addLayout(both, stretch=1)

    def _add_keys(self) -> None:
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys in ("Ins", "Ctrl+O"):
            shortcut = QShortcut(QKeySequence(keys), self, self.add.click)
            shortcut.setContext(within)
        paste = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self, self._paste)
        paste.setContext(within)

    def _paste(self) -> None:
        if self._may_work and self.add.isEnabled():
            self.take(QGuiApplication.clipboard().mimeData())

    def _redraw(self) -> None:
        chosen = self.chosen
        self.list.blockSignals(True)
        self.list.clear()
        for row in self._rows.values():
            item = QListWidgetItem(self._icon(row), self._said(row))
            item.setData(Qt.ItemDataRole.UserRole, row.id)
            self.list.addItem(item)
        if chosen is not None:
            self.choose(chosen.id)
        elif self._rows:
            self.list.setCurrentRow(0)
        self.list.blockSignals(False)
        self.empty.setVisible(not self._rows)
        self.list.setVisible(bool(self._rows))
        self.preview.setVisible(bool(self._rows))
        self._offer()

    def _icon(self, row: AttachmentRow) -> QIcon:
        name = "image" if row.kind in PICTURES else "file-text"
        return self.look.theme.icon("x" if row.withdrawn_at is not None else name)

    def _said(self, row: AttachmentRow) -> str:
        words, language = self.look.words, self.look.language
        size = language.locale.formattedDataSize(row.size_bytes, 1, _MEGABYTES)
        facts = [row.kind.upper(), size]
        if row.width_px and row.height_px:
            facts.append(f"{row.width_px}×{row.height_px}")
        elif row.pages > 1:
            facts.append(words.count("ui_attachments.pages", row.pages))
        when, who = row.added_at, row.added_by
        name = shown(row.name) or words("ui_attachments.unnamed")
        lines = [f"{row.number}  {name}", " · ".join(facts)]
        if row.withdrawn_at is not None:
            when, who = row.withdrawn_at, row.withdrawn_by or ""
            gone = words("ui_attachments.withdrawn")
            lines[0] = f"{row.number}  {gone}"
            lines.append(shown(row.reason))
        at = language.when(when.astimezone(self._zone), "day_and_time")
        lines.append(words("ui_cases.timeline_who", when=at, who=who))
        return "\n".join(line for line in lines if line)

    def _tell_failures(self) -> None:
        words = self.look.words
        self.failed.setVisible(bool(self._failures))
        self.failed.setText(
            "\n".join(
                f"{name or words('ui_attachments.unnamed')}: {words(f'errors.{code}', **params)}"
                for name, code, params in self._failures
            )
        )

    def _offer(self) -> None:
        chosen = self.chosen
        there = chosen is not None and chosen.withdrawn_at is None
        self.add.setVisible(self._may_work)
        self.show_button.setEnabled(there)
        self.save.setVisible(self._may_export)
        self.save.setEnabled(there)
        self.remove.setVisible(self._may_work)
        self.remove.setEnabled(there)

    def _on_chosen(self) -> None:
        self.done()
        self._offer()
        self.preview.say("ui_attachments.choose")

    def _on_show(self) -> None:
        chosen = self.chosen
        if chosen is not None and chosen.withdrawn_at is None:
            self.show_wanted.emit(chosen.id)

    def _ask_withdrawal(self) -> None:
        if self.remove.isEnabled() and self._may_work:
            self.done()
            self.withdrawing.show()
            self.reason.setFocus()

    def _ask_saving(self) -> None:
        self.done()
        self.saving.show()
        self.purpose.setFocus()

    def _on_confirm(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            self.withdrawal_wanted.emit(chosen.id, self.reason.toPlainText())

    def _on_save_to(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            self.saving_wanted.emit(chosen.id, self.purpose.currentData())


def _files_in(data: QMimeData) -> list[Path]:
    """The files of this machine among what is dragged or pasted."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
