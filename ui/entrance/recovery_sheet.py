"""The sheet with the recovery key: printed, or saved to be printed elsewhere."""

from collections.abc import Callable

from PySide6.QtCore import QMarginsF, Qt
from PySide6.QtGui import QPageLayout, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog

from ui.panel import Panel
from ui.theme import font


def sheet_text(panel: Panel, office: str, printable: str) -> str:
    """What is locked away: whose key it is, the key, what it is for."""
    words = panel.look.words
    return "\n\n".join(
        (
            words("ui_wizard.sheet_title", office=office),
            printable,
            words("ui_wizard.sheet_text"),
        )
    )


def print_sheet(panel: Panel, text: str) -> None:
    """Ask for a printer, and print."""
    printer = QPrinter()
    printer.setPageMargins(QMarginsF(20, 20, 20, 20), QPageLayout.Unit.Millimeter)
    dialog = QPrintDialog(printer, panel)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.accepted.connect(lambda: _sheet(panel, text).print_(printer))
    dialog.show()


def ask_where(panel: Panel, chosen: Callable[[str], object]) -> None:
    """Ask for a file to save the sheet in."""
    dialog = QFileDialog(panel, panel.look.words("ui_wizard.save"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("txt")
    dialog.fileSelected.connect(chosen)
    dialog.open()


def _sheet(panel: Panel, text: str) -> QTextDocument:
    sheet = QTextDocument(panel)
    sheet.setDefaultFont(font(scale=1.2))
    sheet.setPlainText(text)
    return sheet
