"""The short tables: what is stored is read as text, never as markup."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument

from ui.rows_table import RowsTable

STORED = '<img src="file:///etc/hostname"><b>山田</b> & Söhne\n2F'


def test_a_tool_tip_shows_what_is_stored_as_it_is_written() -> None:
    table = RowsTable[str](("name",), lambda row, _column, role: row, lambda column: column)
    table.show_rows([STORED])
    tip = QTextDocument()
    tip.setHtml(table.index(0, 0).data(Qt.ItemDataRole.ToolTipRole))
    assert tip.toPlainText() == STORED
    assert table.index(0, 0).data() == STORED


def test_a_cell_that_is_too_narrow_is_read_whole_in_its_tool_tip() -> None:
    shown = Qt.ItemDataRole.DisplayRole
    table = RowsTable[str](
        ("name",), lambda row, _column, role: row if role == shown else None, lambda column: column
    )
    table.show_rows(["長い名前の会社"])
    assert "長い名前の会社" in table.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
