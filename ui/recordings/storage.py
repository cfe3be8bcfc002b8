"""Where recordings are kept, what waits to get there, and the form for another place."""

from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desk_app.errors import DeskError
from desk_app.recordings.stores.base import StoreKind, StoreTerms
from desk_app.recordings.stores.uploading import Progress
from desk_app.recordings.stores.views import StoragePage, StoreShown
from ui.controls import (
    Card,
    DataLabel,
    PasswordField,
    TextArea,
    Toned,
    add_all,
    button,
    choice,
    choose,
    label,
    labelled,
    line,
    stack_field,
)
from ui.look import Look
from ui.panel import Panel

HERE = "here"
_PEM_LINES = 3
_TRYING = ("ui_storage.trying", None)


class StoragePanel(Panel):
    """Emits `tried` and `entered` with `StoreTerms`, `kept_here` and `retried`.

    The secret goes out with the terms and never comes in again.
    """

    tried = Signal(object)
    entered = Signal(object)
    kept_here = Signal()
    retried = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo, may_enter: bool) -> None:
        super().__init__(look, "storage")
        self._zone, self._may_enter = zone, may_enter
        self._page: StoragePage | None = None
        self._said: tuple[str, DeskError | None] | None = None
        self._is_busy = False
        self._make_controls()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        add_all(layout, self._place_card(), self._queue_card())
        layout.addStretch(1)
        self.kind.currentIndexChanged.connect(self._show_form)
        self.browse.clicked.connect(self._on_browse)
        self.try_button.clicked.connect(lambda: self.tried.emit(self.terms()))
        self.enter_button.clicked.connect(self._on_enter)
        self.retry.clicked.connect(self.retried)
        self._show_form()
        self.retranslate()

    def enter(self) -> None:
        (self.kind if self._may_enter else self.retry).setFocus()

    def present(self, page: StoragePage) -> None:
        """Show where recordings go and what waits; the form is filled in the first time, and
        when another store was entered."""
        before, self._page = self._page, page
        if before is None or before.store != page.store:
            self._fill(page.store)
        self.retranslate()

    def show_progress(self, progress: Progress | None) -> None:
        """How far the file is that is on its way; None: nothing is."""
        self.progress.setVisible(progress is not None)
        if progress is not None and progress.size:
            self.progress.setValue(progress.moved * 100 // progress.size)

    def set_busy(self, busy: bool) -> None:
        """While a store is tried out nothing else is asked of it."""
        self._is_busy = busy
        if busy:
            self._said = _TRYING
        elif self._said == _TRYING:
            self._said = None
        self._show_form()
        self.retranslate()

    def say(self, key: str, error: DeskError | None = None) -> None:
        """What became of it, beside the form."""
        self._said = (key, error)
        self._is_busy = False
        self._show_form()
        self.retranslate()

    def terms(self) -> StoreTerms:
        """What is typed in."""
        if self.kind.currentData() == StoreKind.FOLDER:
            return StoreTerms(StoreKind.FOLDER, folder=self.folder.text().strip())
        return StoreTerms(
            StoreKind.S3,
            endpoint=self.endpoint.text(),
            region=self.region.text(),
            bucket=self.bucket.text(),
            prefix=self.prefix.text(),
            authority=self.authority.toPlainText(),
            access_key=self.access_key.text(),
            secret_key=self.secret_key.text(),
        )

    def retranslate(self) -> None:
        super().retranslate()
        words = self.look.words
        if self._said is not None:
            key, error = self._said
            self.said.setText(words.error(error) if error is not None else words(key))
            tone = "danger" if error else "info" if self._is_busy else "success"
            self.said.set_tone(tone)  # type: ignore[arg-type]  # mypy takes it for any text
        self.said.setVisible(self._said is not None)
        page = self._page
        if page is None:
            return
        self.place.setText(self._place(page.store))
        self.stored.setText(
            words(
                "ui_storage.stored",
                n=self.look.language.locale.toString(page.stored),
                size=self._size(page.stored_bytes),
            )
        )
        self.stored.setVisible(page.stored > 0)
        self.elsewhere.setText(words.count("ui_storage.elsewhere", page.stored_elsewhere))
        self.elsewhere.setVisible(page.stored_elsewhere > 0)
        self.to_forget.setText(words.count("ui_storage.to_forget", page.to_forget))
        self.to_forget.setVisible(page.to_forget > 0)
        self.waiting.setText(self._waiting(page))
        self.waiting.set_tone("warning" if page.trouble else "info" if page.waiting else "success")
        is_waiting = page.waiting > 0 and page.oldest_at is not None
        self.retry.setEnabled(page.waiting > 0 or page.to_forget > 0)
        if page.oldest_at is not None:
            self.oldest.setText(words("ui_storage.oldest", at=self._at(page.oldest_at)))
        self.oldest.setVisible(is_waiting)
        self.trouble.setVisible(page.trouble is not None)
        if page.trouble is not None:
            self.trouble.setText(words(f"errors.{page.trouble}"))
        waits_longer = page.next_try_at is not None and page.next_try_at > page.now
        self.next_try.setVisible(is_waiting and waits_longer)
        if page.next_try_at is not None:
            self.next_try.setText(words("ui_storage.next_try", at=self._at(page.next_try_at)))

    def _make_controls(self) -> None:
        self.place = DataLabel("storage_place")
        self.stored = label(self, "ui_storage.none_waits", name="storage_stored", muted=True)
        self.elsewhere = label(self, "ui_storage.none_waits", name="storage_elsewhere", muted=True)
        self.kind = choice(
            self,
            "storage_kind",
            [(HERE, "ui_storage.here")]
            + [(kind.value, f"ui_storage.kind_{kind.value}") for kind in StoreKind],
        )
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.folder = line("storage_folder")
        self.browse = button(self, "storage_browse", "ui_storage.browse", icon="folder-open")
        self.endpoint = line("storage_endpoint")
        self.endpoint.setPlaceholderText("https://")
        self.endpoint.setProperty("data", True)
        self.region = line("storage_region", limit=40)
        self.bucket = line("storage_bucket", limit=255)
        self.prefix = line("storage_prefix", limit=200)
        self.access_key = line("storage_access_key", limit=200)
        self.secret_key = PasswordField(self, "storage_secret_key", "ui_storage.secret_key")
        self.authority = TextArea("storage_authority", lines=_PEM_LINES)
        self.try_button = button(self, "storage_try", "ui_storage.try")
        self.enter_button = button(self, "storage_enter", "ui_storage.enter", kind="primary")
        self.said = Toned(self.look, "storage_said")
        self.said.setWordWrap(True)
        self.waiting = Toned(self.look, "storage_waiting")
        self.oldest = label(self, "ui_storage.none_waits", name="storage_oldest", muted=True)
        self.next_try = label(self, "ui_storage.none_waits", name="storage_next_try", muted=True)
        self.trouble = label(self, "ui_storage.none_waits", name="storage_trouble", wrap=True)
        self.to_forget = label(self, "ui_storage.none_waits", name="storage_to_forget", wrap=True)
        self.retry = button(self, "storage_retry", "ui_storage.retry", icon="refresh-cw")
        self.progress = QProgressBar()
        self.progress.setObjectName("storage_progress")
        self.progress.setRange(0, 100)
        self.progress.setTextVisible(False)
        self.progress.hide()
        self.bind(self.progress.setAccessibleName, "ui_storage.progress")
        for text in (self.stored, self.elsewhere, self.oldest, self.next_try, self.trouble):
            self.unbind(text.setText)
        self.unbind(self.to_forget.setText)

    def _place_card(self) -> Card:
        card = Card(self.look, "storage_place_card")
        add_all(
            card.body,
            label(self, "ui_storage.place", name="storage_place_title", bold=True),
            self.place,
            self.stored,
            self.elsewhere,
        )
        self._form = QWidget()
        form = QVBoxLayout(self._form)
        form.setContentsMargins(0, 6, 0, 0)
        self._folder_form, self._s3_form = QWidget(), QWidget()
        kinds, folders, servers = QGridLayout(), QGridLayout(self._folder_form), QGridLayout()
        stack_field(kinds, 0, 0, labelled(self, "ui_storage.kind", self.kind))
        kinds.setColumnStretch(1, 1)
        stack_field(folders, 0, 0, labelled(self, "ui_storage.folder", self.folder))
        folders.addWidget(self.browse, 1, 1)
        self._s3_form.setLayout(servers)
        for key, field, row, column, span in (
            ("endpoint", self.endpoint, 0, 0, 2),
            ("bucket", self.bucket, 0, 2, 1),
            ("prefix", self.prefix, 0, 3, 1),
            ("region", self.region, 1, 0, 1),
            ("access_key", self.access_key, 1, 1, 1),
            ("secret_key", self.secret_key, 1, 2, 2),
            ("authority", self.authority, 2, 0, 4),
        ):
            pair = labelled(self, f"ui_storage.{key}", field)
            stack_field(servers, row, column, pair, span=span)
        hint = label(self, "ui_storage.secret_hint", name="storage_hint", muted=True, wrap=True)
        servers.addWidget(hint, 6, 0, 1, 4)
        for column in range(4):
            servers.setColumnStretch(column, 1)
        for grid in (folders, servers):
            grid.setContentsMargins(0, 0, 0, 0)
        for one in (self.enter_button, self.try_button):
            one.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        buttons = QHBoxLayout()
        buttons.addWidget(self.enter_button)
        buttons.addWidget(self.try_button)
        buttons.addWidget(self.said, stretch=1)
        buttons.addStretch(0)
        form.addLayout(kinds)
        add_all(form, self._folder_form, self._s3_form)
        form.addLayout(buttons)
        if not self._may_enter:
            self._form.hide()
        card.body.addWidget(self._form)
        return card

    def _queue_card(self) -> Card:
        card = Card(self.look, "storage_queue_card")
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_storage.queue", name="storage_queue_title", bold=True))
        head.addWidget(self.waiting)
        head.addStretch(1)
        head.addWidget(self.retry)
        card.body.addLayout(head)
        add_all(card.body, self.progress, self.oldest, self.trouble, self.next_try, self.to_forget)
        return card

    def _fill(self, store: StoreShown | None) -> None:
        choose(self.kind, HERE if store is None else store.kind.value)
        if store is not None:
            self.folder.setText(store.folder)
            self.endpoint.setText(store.endpoint)
            self.region.setText(store.region)
            self.bucket.setText(store.bucket)
            self.prefix.setText(store.prefix)
            self.access_key.setText(store.access_key)
            self.authority.setPlainText(store.authority)
        self.secret_key.clear()
        self._show_form()

    def _show_form(self) -> None:
        kind = self.kind.currentData()
        self._folder_form.setVisible(kind == StoreKind.FOLDER)
        self._s3_form.setVisible(kind == StoreKind.S3)
        self.try_button.setVisible(kind != HERE)
        for one in (self.try_button, self.enter_button):
            one.setEnabled(not self._is_busy)

    def _on_browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, self.look.words("ui_storage.folder"), self.folder.text()
        )
        if chosen:
            self.folder.setText(chosen)

    def _on_enter(self) -> None:
        if self.kind.currentData() == HERE:
            self.kept_here.emit()
        else:
            self.entered.emit(self.terms())

    def _place(self, store: StoreShown | None) -> str:
        words = self.look.words
        if store is None:
            return words("ui_storage.at_desk")
        if store.kind is StoreKind.FOLDER:
            return words("ui_storage.in_folder", folder=store.folder)
        where = f"{store.bucket}/{store.prefix}".rstrip("/")
        return words("ui_storage.on_server", server=store.endpoint or store.region, where=where)

    def _waiting(self, page: StoragePage) -> str:
        if not page.waiting:
            return self.look.words("ui_storage.none_waits")
        return self.look.words.count(
            "ui_storage.waiting", page.waiting, size=self._size(page.waiting_bytes)
        )

    def _size(self, size_bytes: int) -> str:
        """In megabytes, with one decimal while that says something."""
        megabytes = size_bytes / 1_000_000
        return self.look.language.locale.toString(megabytes, "f", 1 if megabytes < 100 else 0)

    def _at(self, moment: datetime) -> str:
        return self.look.language.when(moment.astimezone(self._zone), "day_and_time")
