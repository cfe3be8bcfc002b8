"""Below the search field: what can be typed there, what was mistyped, and the order of hits."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy

from desk_app.errors import DeskError
from desk_app.search.pages import Found
from ui.controls import button, tint
from ui.look import Look
from ui.panel import Panel
from ui.purposes.choosing import ViewingPurpose


class SearchRow(Panel):
    """Emits `order_changed` when hits are to be ordered by relevance, or no longer."""

    order_changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "search_row")
        self._mistake: DeskError | None = None
        self._found: Found | None = None
        self.said = QLabel()
        self.said.setObjectName("search_said")
        self.said.setWordWrap(True)
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.relevant = button(self, "most_relevant", "ui_cases.most_relevant", kind="quiet")
        self.relevant.setCheckable(True)
        self.relevant.setEnabled(False)
        self.relevant.clicked.connect(self.order_changed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.said, stretch=1)
        layout.addWidget(self.relevant)
        self.viewing = ViewingPurpose(look)
        layout.addWidget(self.viewing)
        self._show()

    @property
    def by_relevance(self) -> bool:
        return self.relevant.isEnabled() and self.relevant.isChecked()

    def present(self, found: Found, *, searched: bool) -> None:
        """Say what the hits were chosen among; only hits of words can be more or less relevant."""
        self._found, self._mistake = found, None
        self.relevant.setEnabled(searched)
        self._show()

    def tell(self, mistake: DeskError) -> None:
        """Say what is wrong with what was typed; what was found before stays on screen."""
        self._mistake = mistake
        self._show()

    def retranslate(self) -> None:
        super().retranslate()
        self._show()

    def recolour(self) -> None:
        super().recolour()
        self._show()

    def _show(self) -> None:
        words, colours = self.look.words, self.look.theme.colours
        if self._mistake is not None:
            self.said.setText(words.error(self._mistake))
            tint(self.said, colours.danger)
        elif self._found is not None and self._found.among is not None:
            key = "relevant_among" if self.by_relevance else "looked_at"
            self.said.setText(words(f"ui_cases.{key}", n=words.number(self._found.among)))
            tint(self.said, colours.text)
        else:
            self.said.setText(words("ui_cases.search_help"))
            tint(self.said, colours.muted)
