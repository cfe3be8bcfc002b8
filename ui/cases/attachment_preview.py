"""What an attachment looks like: points that came from the viewer's process, or plain text."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desk_app.cases.attachments.rules import Remark
from ui.controls import TextArea, Toned, icon_button, label
from ui.look import Look
from ui.panel import Panel

if TYPE_CHECKING:
    from desk_app.cases.attachments.viewing import Seen

ZOOMS = (1.0, 1.5, 2.0, 3.0, 4.0)
"""Of the size at which the whole page is seen."""

_GAP = 8


class _Sheet(QWidget):
    """Draws an image as large as the widget allows, never larger than its points."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("attachment_sheet")
        self.image = QImage()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect((self.width() - size.width()) // 2, 0, size.width(), size.height())
        painter.drawImage(place, self.image)


class _Area(QScrollArea):
    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class AttachmentPreview(Panel):
    """Shows one page; ``back`` and ``on`` turn, ``larger`` and ``smaller`` zoom."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "attachment_preview")
        self._seen: Seen | None = None
        self._number = 0
        self._zoom = 0
        self._hint = ""
        self._remarks: tuple[Remark, ...] = ()
        self.sheet = _Sheet()
        self.area = _Area()
        self.area.setObjectName("attachment_area")
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.area.setWidget(self.sheet)
        self.area.resized.connect(self._fit)
        self.bind(self.area.setAccessibleName, "ui_attachments.preview")
        self.text = TextArea("attachment_text", lines=4)
        self.text.set_lines(4, may_grow=True)
        self.text.setReadOnly(True)
        self.bind(self.text.setAccessibleName, "ui_attachments.preview")
        self.said = label(self, "ui_attachments.choose", name="attachment_hint", muted=True)
        self.unbind(self.said.setText)
        self.said.setWordWrap(True)
        self.said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.back = icon_button(self, "attachment_back", "ui_attachments.page_back", "chevron-left")
        self.on = icon_button(self, "attachment_on", "ui_attachments.page_on", "chevron-right")
        self.smaller = icon_button(self, "attachment_smaller", "ui_attachments.smaller", "zoom-out")
        self.larger = icon_button(self, "attachment_larger", "ui_attachments.larger", "zoom-in")
        self.smaller.clicked.connect(lambda: self._magnify(self._zoom - 1))
        self.larger.clicked.connect(lambda: self._magnify(self._zoom + 1))
        self.place = QLabel()
        self.place.setObjectName("attachment_place")
        self._warnings = QVBoxLayout()
        self._warnings.setSpacing(2)
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(0, 0, 0, 0)
        for widget in (self.back, self.place, self.on, self.smaller, self.larger):
            bar.addWidget(widget)
        bar.addStretch(1)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        for page in (self.said, self.area, self.text):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_GAP)
        layout.addWidget(self._bar)
        layout.addLayout(self._warnings)
        layout.addWidget(pages, stretch=1)
        self.say("ui_attachments.choose")

    def say(self, key: str, remarks: tuple[Remark, ...] = ()) -> None:
        """Show words in the place of a preview; what was shown is forgotten."""
        self._seen, self.sheet.image = None, QImage()
        self.text.clear()
        self._hint, self._remarks = key, remarks
        self._bar.hide()
        self._pages.setCurrentWidget(self.said)
        self._redraw()

    def show_seen(self, seen: "Seen", *, page: int, remarks: tuple[Remark, ...]) -> None:
        """Show a page of a picture or paper."""
        row = 3 * seen.width_px
        image = QImage(seen.points, seen.width_px, seen.height_px, row, QImage.Format.Format_RGB888)
        self._seen, self._number, self._remarks = seen, page, remarks
        self.sheet.image = image.copy()  # the points belong to Python
        self._bar.show()
        self._pages.setCurrentWidget(self.area)
        self._magnify(0)
        self._redraw()

    def show_text(self, text: str, *, remarks: tuple[Remark, ...]) -> None:
        """Show a text as it is."""
        self.say("ui_attachments.choose", remarks)
        self.text.setPlainText(text)
        self._pages.setCurrentWidget(self.text)

    @property
    def page(self) -> int:
        return self._number

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def _magnify(self, zoom: int) -> None:
        self._zoom = min(max(zoom, 0), len(ZOOMS) - 1)
        self.smaller.setEnabled(self._zoom > 0)
        self.larger.setEnabled(self._zoom < len(ZOOMS) - 1)
        self._fit()

    def _fit(self) -> None:
        room = self.area.maximumViewportSize()
        if self._zoom:
            size = self.sheet.image.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
            room = size * ZOOMS[self._zoom]
        self.sheet.resize(room.expandedTo(QSize(1, 1)))
        self.sheet.update()

    def _redraw(self) -> None:
        words = self.look.words
        self.said.setText(words(self._hint))
        pages = 0 if self._seen is None else self._seen.pages
        self.back.setEnabled(self._number > 0)
        self.on.setEnabled(self._number + 1 < pages)
        for widget in (self.back, self.place, self.on):
            widget.setVisible(pages > 1)
        self.place.setText(words("ui_attachments.page", page=self._number + 1, pages=pages))
        while (item := self._warnings.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.setParent(None)
                gone.deleteLater()
        for remark in self._remarks:
            warned = Toned(self.look, f"attachment_remark_{remark}", "warning")
            warned.setText(words(f"ui_attachments.remark_{remark}"))
            self._warnings.addWidget(warned)
            warned.show()
