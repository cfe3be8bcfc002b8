"""The window: notices above, the way in or the desk below, one status bar.

It holds no use case. Who may see what comes with the session; what the keys do goes out as
signals. There is no menu bar: F6 to F10 belong to the input method, and F10 would open it.
"""

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

import desk_app
from ui.away_banner import AwayBanner
from ui.help_calls.banner import ANSWER_KEY, HelpBanner
from ui.keys_overview import EVERYWHERE, Keys, KeysOverview
from ui.look import Look
from ui.notices import Notices
from ui.pages import PageEntry, offered
from ui.panel import Panel
from ui.rail import Rail
from ui.sensitive.question import SensitiveQuestion
from ui.sensitive.underlining import Watcher
from ui.session import Session
from ui.status_bar import StatusBar
from ui.stopped_page import StoppedPage

SIZE = (1280, 800)
INTAKE = "intake"


class MainWindow(QMainWindow):
    """One window for the whole day."""

    lock_wanted = Signal()
    sign_out_wanted = Signal()
    language_chosen = Signal(str)
    scheme_chosen = Signal(str)
    backup_wanted = Signal()
    closing = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.look = look
        self.session: Session | None = None
        self.notices = Notices(look)
        self.question = SensitiveQuestion(look)
        self._watcher: Watcher | None = None
        self.away = AwayBanner(look)
        self.help = HelpBanner(look)
        self.rail = Rail(look)
        self.status = StatusBar(look)
        self._entries: dict[str, PageEntry] = {}
        self._calls_go_on = False
        self._pages: dict[str, Panel] = {}
        self._book = QStackedWidget()
        self._cover = StoppedPage(look)
        self._book.addWidget(self._cover)
        self._covered = ""  # the key of the page that will be shown again
        self._stack = QStackedWidget()
        self._desk = self._desk_view()
        self._stack.addWidget(self._desk)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.help)
        column.addWidget(self.away)
        column.addWidget(self.notices)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(centre)
        self.resize(*SIZE)
        self.rail.chosen.connect(self.open_page)
        self.rail.menu_wanted.connect(self._on_menu_wanted)
        self._make_shortcuts()
        look.language.changed.connect(self._retitle)
        look.theme.changed.connect(self._show_icon)
        self._show_icon()
        self._retitle()

    @property
    def is_at_desk(self) -> bool:
        """Somebody is signed in and the screen is not locked."""
        return self.session is not None and self._stack.currentWidget() is self._desk

    def show_entrance(self, page: Panel) -> None:
        """Show a page without a desk around it: sign-in, wizard, lock."""
        if self._stack.indexOf(page) < 0:
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        page.enter()

    def open_desk(self, session: Session, *, office: str) -> None:
        """Show the desk of whoever has signed in, at their first page.

        It is made now and shown in a later turn of the event loop, so that neither stalls.
        """
        self.session = session
        session.ask = self.question.ask
        self._watcher = Watcher(self.look, session.tasks, self)
        entries = offered(session.account.permissions)
        self._entries = {entry.key: entry for entry in entries}
        self.rail.present(entries)
        self.status.present_people(office=office, person=session.account.name)
        self.open_page(entries[0].key)
        QTimer.singleShot(1, self, self.back_to_desk)  # 0 would still be this turn

    def back_to_desk(self) -> None:
        """Uncover the desk after unlocking; nothing if its person has left."""
        if self.session is None:
            return
        self._stack.setCurrentWidget(self._desk)
        page = self._book.currentWidget()
        if isinstance(page, Panel):
            page.enter()

    def leave_desk(self) -> None:
        """Forget every page of the person who has signed out."""
        for page in self._pages.values():
            page.retire()
            self._book.removeWidget(page)
            page.deleteLater()
        self._pages.clear()
        self._cover.present("")
        self._covered, self._calls_go_on = "", False
        self._entries.clear()
        self.rail.clear()
        self.notices.clear()
        self.question.clear()
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.deleteLater()
            self._watcher = None
        self.help.present(None)
        self.present_server(None, 0)
        self.session = None

    def open_page(self, key: str) -> Panel | None:
        """Show a page, made when it is first wanted; None if this person has no such page, or
        if what it shows is covered."""
        if self.session is None or key not in self._entries:
            return None
        if self._cover.is_stopped and not (key == INTAKE and self._may_show_intake()):
            self._covered = key
            self._book.setCurrentWidget(self._cover)
            self.rail.show_current(key)
            self._cover.enter()
            return None
        if key not in self._pages:
            self._pages[key] = self._entries[key].make(self.session)
            self._book.addWidget(self._pages[key])
        page = self._pages[key]
        self._book.setCurrentWidget(page)
        self.rail.show_current(key)
        page.enter()
        return page

    def cover_pages(self, key: str, *, calls_go_on: bool) -> None:
        """Blank every page, and say why by the words of ``key``; an empty one shows them anew.

        Pages are forgotten, not hidden: nothing of what they read stays in a widget. What was
        being written is handed over first, as when the person leaves. A call that is being taken
        stays; with ``calls_go_on`` the next can be taken as well.
        """
        if key == self._cover.key and calls_go_on == self._calls_go_on:
            return
        self._calls_go_on = calls_go_on
        was_stopped = self._cover.is_stopped
        self._cover.present(key)
        current = self._current_key()
        if not key:
            if was_stopped:
                self.open_page(current)
            return
        for name, page in tuple(self._pages.items()):
            if name == INTAKE and self._may_show_intake():
                continue
            page.retire()
            self._book.removeWidget(page)
            page.deleteLater()
            del self._pages[name]
        self.open_page(current)

    def _may_show_intake(self) -> bool:
        page = self._pages.get(INTAKE)
        return self._calls_go_on or (page is not None and getattr(page, "is_engaged", False))

    def _current_key(self) -> str:
        page = self._book.currentWidget()
        return next((key for key, made in self._pages.items() if made is page), self._covered)

    def present_server(self, away_since: str | None, waiting: int) -> None:
        """Since what time of day the server is away; None: it is there."""
        self.away.present(away_since, waiting)
        self.status.present_server(away_since)

    def pages(self) -> dict[str, Panel]:
        """The pages that have been opened, by key."""
        return dict(self._pages)

    def current_page(self) -> tuple[str, Panel] | None:
        """The page in front, with its key."""
        front = self._book.currentWidget()
        return next(((key, page) for key, page in self._pages.items() if page is front), None)

    def show_keys(self) -> None:
        """The overview of keys, with those of the page in front."""
        keys: Keys = EVERYWHERE
        if self.session is not None and "listen_in" in self.session.account.permissions:
            keys += ((ANSWER_KEY, "ui_help.key_answer"),)
        page = self._book.currentWidget() if self.is_at_desk else None
        KeysOverview(self.look, keys + getattr(page, "keys", ()), self).show()

    def come_forward(self) -> None:
        """A second start asked for this window."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    def _desk_view(self) -> QWidget:
        desk = QWidget()
        whole = QVBoxLayout(desk)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.rail)
        page = QVBoxLayout()
        page.setSpacing(0)
        page.addWidget(self.question)
        page.addWidget(self._book, 1)
        row.addLayout(page, 1)
        whole.addLayout(row, 1)
        whole.addWidget(self.status)
        return desk

    def _make_shortcuts(self) -> None:
        for keys, slot in (
            ("F1", self.show_keys),
            ("F2", self._on_intake_wanted),
            ("Ctrl+L", self._on_lock_wanted),
            ("Ctrl+PgDown", lambda: self._turn(+1)),
            ("Ctrl+PgUp", lambda: self._turn(-1)),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        self._help_key = QShortcut(QKeySequence("F12"), self, self._on_help_wanted)
        self._book.currentChanged.connect(self._on_page_turned)

    def _turn(self, step: int) -> None:
        keys = list(self._entries)
        current = self._current_key()
        if self.is_at_desk and current:
            self.open_page(keys[(keys.index(current) + step) % len(keys)])

    def _show_icon(self) -> None:
        self.setWindowIcon(self.look.theme.icon("phone-call"))

    def _retitle(self) -> None:
        self.setWindowTitle(self.look.words("ui_main.product"))

    def _on_intake_wanted(self) -> None:
        before = self._book.currentWidget()
        page = self.open_page(INTAKE) if self.is_at_desk else None
        begin = getattr(page, "begin", None)
        if begin is not None:
            begin(was_in_front=page is before)

    def _on_page_turned(self) -> None:
        """The intake has the key for help itself; twice in front, it would do nothing."""
        self._help_key.setEnabled(self._book.currentWidget() is not self._pages.get(INTAKE))

    def _on_help_wanted(self) -> None:
        """Help is called from any page, while a call is taken."""
        page = self._pages.get(INTAKE)
        if self.is_at_desk and page is not None and getattr(page, "is_engaged", False):
            self.open_page(INTAKE)
            getattr(page, "call_for_help", lambda: None)()

    def _on_lock_wanted(self) -> None:
        if self.is_at_desk:
            self.lock_wanted.emit()

    def _on_menu_wanted(self) -> None:
        menu = self.make_menu()
        corner = self.rail.menu_button.mapToGlobal(QPoint(self.rail.menu_button.width(), 0))
        menu.popup(corner - QPoint(0, menu.sizeHint().height() - 40))

    def make_menu(self) -> QMenu:
        """The menu of the rail, in the words in force."""
        words, menu = self.look.words, QMenu(self)
        menu.setObjectName("menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(words("ui_main.lock"), self._on_lock_wanted).setShortcut("Ctrl+L")
        menu.addAction(words("ui_main.sign_out"), self.sign_out_wanted.emit)
        menu.addSeparator()
        for title, current, signal, values in (
            ("language", self.look.language.language, self.language_chosen, ("ja", "en", "de")),
            ("theme", self.look.theme.scheme, self.scheme_chosen, ("system", "light", "dark")),
        ):
            part = menu.addMenu(words(f"ui_main.{title}"))
            group = QActionGroup(part)
            for value in values:
                action = QAction(words(f"ui_main.{title}_{value}"), part, checkable=True)
                action.setChecked(value == current)
                action.triggered.connect(lambda _on, v=value, s=signal: s.emit(v))
                group.addAction(action)
                part.addAction(action)
        if self.session is not None and "back_up" in self.session.account.permissions:
            menu.addSeparator()
            menu.addAction(words("ui_backup.make"), self._on_backup_wanted)
        menu.addSeparator()
        menu.addAction(words("ui_main.keys_title"), self.show_keys).setShortcut("F1")
        menu.addAction(words("ui_main.about"), self._on_about_wanted)
        menu.addAction(words("ui_main.quit"), self.close)
        return menu

    def _on_backup_wanted(self) -> None:
        self.open_page("settings")  # where its progress is
        self.backup_wanted.emit()

    def _on_about_wanted(self) -> None:
        words = self.look.words
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(words("ui_main.about"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(
            words("ui_main.about_text", name=words("ui_main.product"), version=desk_app.__version__)
        )
        box.open()
