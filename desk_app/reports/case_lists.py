"""A list of cases as CSV or XLSX, for work that the desk itself doesn't do.

`service.open_case_list` hands out what is exported and has it audited and committed; only then
are the rows read, some hundred at a time, and written. Both formats begin with who made the
file, when and for what.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from desk_app.errors import Refused
from desk_app.files import fault_of, whole_file
from desk_app.purposes.rules import Why
from desk_app.reports.cells import cell
from desk_app.reports.stamp import Stamp
from desk_app.search.pages import CaseListRow
from desk_app.sensitive.placeholders import shown
from desk_app.words import Words

BATCH = 500
MOST_ROWS = 1_048_576 - 4
"""What a sheet can hold below the stamp and the headings."""

_COLUMNS = (
    "number",
    "state",
    "type",
    "subject",
    "customer",
    "assignee",
    "opened",
    "due",
    "callback_due",
)
"""The columns in order; each is headed by the words of its name."""

_WIDTHS = {"number": 14, "state": 16, "subject": 50, "customer": 20}
_USUAL_WIDTH = 18


@dataclass(frozen=True, slots=True)
class CaseList:
    """The cases of an export, in order, and who asked for it."""

    stamp: Stamp
    ids: Sequence[int]
    left_out: Mapping[Why, int] = field(default_factory=dict)
    """How many cases aren't in it because their customers' data may not be used for this."""

    def say(self, words: Words) -> str:
        """The one line at the head of the file."""
        return " ".join([self.stamp.say(words), *said_left_out(self.left_out, words)])


def said_left_out(left_out: Mapping[Why, int], words: Words) -> list[str]:
    """How many cases were left out, a sentence for each reason."""
    return [words.count(f"reports.left_out_{why}", n) for why, n in sorted(left_out.items()) if n]


Fetch = Callable[[Sequence[int]], Sequence[CaseListRow]]
"""Reads the rows of some ids, in their order: ``lambda ids: desk.read(rows, ids)``."""


def write_csv(listed: CaseList, path: Path, words: Words, fetch: Fetch) -> None:
    """Write UTF-8 with a byte order mark, as spreadsheets expect it.

    The file is there as a whole (0600) or, after `Fault`, not at all. Not on the Qt thread.
    """
    with whole_file(path) as sink:
        text = TextIOWrapper(sink, "utf-8-sig", newline="", write_through=True)
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        writer.writerow([cell(listed.say(words))])
        writer.writerow([words(f"reports.{name}") for name in _COLUMNS])
        for row in _rows(listed, fetch):
            writer.writerow(
                f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value
                for value in _values(listed, words, row)
            )
        text.detach()


def write_xlsx(listed: CaseList, path: Path, words: Words, fetch: Fetch) -> None:
    """Write a workbook of one sheet, every cell a text or a date, none a formula.

    The file is there as a whole (0600) or, after `Fault`, not at all; `Refused` for more rows
    than a sheet holds. Not on the Qt thread.
    """
    if len(listed.ids) > MOST_ROWS:
        raise Refused("reports.too_many_rows", most=f"{MOST_ROWS:,}")
    try:  # the rows wait in files beside the new one, not in the system's common folder
        with (
            TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as waiting,
            whole_file(path) as sink,
        ):
            _write_workbook(listed, words, fetch, sink, waiting)
    except OSError as error:
        raise fault_of(error) from error


def _write_workbook(
    listed: CaseList, words: Words, fetch: Fetch, sink: BinaryIO, waiting: str
) -> None:
    from xlsxwriter import Workbook  # 60 ms that nobody waits for who doesn't export
    from xlsxwriter.exceptions import FileCreateError

    book = Workbook(sink, {"constant_memory": True, "tmpdir": waiting})
    stamp = listed.say(words)
    book.set_properties(
        {
            "title": words("reports.case_list"),
            "author": listed.stamp.made_by,
            "comments": stamp,
            "created": listed.stamp.made_at.replace(tzinfo=None),
        }
    )
    sheet = book.add_worksheet(words("reports.case_list"))
    try:
        _fill(book, sheet, listed, words, fetch)
        book.close()
    except FileCreateError as error:
        raise error.args[0] from error  # the library wraps the error of the file system
    finally:
        if not book.fileclosed:
            sheet._opt_close()  # the library closes its waiting rows only where all went well


def _fill(book: Any, sheet: Any, listed: CaseList, words: Words, fetch: Fetch) -> None:
    strong = book.add_format({"bold": True, "bottom": 1})
    dated = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for column, name in enumerate(_COLUMNS):
        sheet.set_column(column, column, _WIDTHS.get(name, _USUAL_WIDTH))
    sheet.write_string(0, 0, cell(listed.say(words)))
    for column, name in enumerate(_COLUMNS):
        sheet.write_string(2, column, words(f"reports.{name}"), strong)
    for line, row in enumerate(_rows(listed, fetch), start=3):
        for column, value in enumerate(_values(listed, words, row)):
            if isinstance(value, datetime):
                sheet.write_datetime(line, column, value, dated)
            elif value:
                sheet.write_string(line, column, value)
    sheet.freeze_panes(3, 0)
    sheet.autofilter(2, 0, max(3, 2 + len(listed.ids)), len(_COLUMNS) - 1)
    sheet.repeat_rows(2)
    sheet.set_landscape()
    sheet.set_footer("&R&P / &N")


def _rows(listed: CaseList, fetch: Fetch) -> Iterator[CaseListRow]:
    for start in range(0, len(listed.ids), BATCH):
        yield from fetch(listed.ids[start : start + BATCH])


def _values(listed: CaseList, words: Words, row: CaseListRow) -> tuple[str | datetime, ...]:
    """The cells of a row, as `_COLUMNS` names them; instants as the office's clock shows them."""
    zone = listed.stamp.made_at.tzinfo

    def local(at: datetime | None) -> str | datetime:
        return "" if at is None else at.astimezone(zone).replace(tzinfo=None)

    return (
        cell(row.number or ""),
        words(f"cases.state.{row.state}"),
        row.type_name.say(words),
        cell(shown(row.subject, words)),
        cell(row.customer),
        cell(row.assignee or ""),
        local(row.opened_at),
        local(row.due_at),
        local(row.callback_due_at),
    )
