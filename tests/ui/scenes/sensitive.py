"""Sensitive words: underlined while they are typed, asked about at saving, sealed on a case."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desk_app.calls.form import InquiryForm
from desk_app.sealed.pages import OpenedRecord, SealedRow
from desk_app.sensitive.decisions import found_in
from tests.ui.scenes import Scene
from tests.ui.scenes.help_calls import help_called
from tests.ui.scenes.intake import recognised
from tests.ui.scenes.window import at_desk
from ui.calls.page import IntakePage
from ui.cases.sealed import SealedSheet
from ui.controls import line
from ui.look import Look
from ui.panel import Panel
from ui.sensitive.asking import Asking
from ui.sensitive.question import SensitiveQuestion
from ui.sensitive.underlining import Underlining

TOLD = (
    "クレジットカード 4111 1111 1111 1111、セキュリティコードは123とのこと。\n"
    "糖尿病で通院中のため、着払いで返送したい。伝票番号は1234-5678-9012。\n"
    "Passport TK1234567; my son is autistic."
)
ASKED = TOLD.replace("通院中", "通うため").replace("TK1234567", "")
AT = datetime(2026, 9, 24, 1, 5, tzinfo=UTC)
ROWS = (
    SealedRow(1, "0123456789abcdef", "medical", "matter", AT, 1),
    SealedRow(2, "0123456789abcde0", "passport", "note", AT, 2),
)
NAMES = {1: "佐藤 花子", 2: "Anna Schmidt"}


def _nothing(_given: object = None) -> None:
    pass


class _Page(Panel):
    """Begins at what it shows."""

    def enter(self) -> None:
        self.setFocus()
        self.focusNextChild()


def question(look: Look) -> QWidget:
    """Above the intake, as at its saving."""
    page = _Page(look, "sensitive_scene")
    asked = SensitiveQuestion(look)
    whole = QVBoxLayout(page)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.addWidget(asked)
    whole.addStretch(1)
    asked.ask(Asking(found_in(InquiryForm(text=ASKED)), _nothing, _nothing))
    return page


def question_in_help(look: Look) -> QWidget:
    """In the whole window, while a call for help has its line: the narrowest it gets."""
    window = at_desk(look, help_called(look))
    window.question.ask(Asking(found_in(InquiryForm(text=ASKED)), _nothing, _nothing))
    return window


def typed(look: Look) -> QWidget:
    """The intake with underlined words."""
    page = recognised(look)
    assert isinstance(page, IntakePage)
    contact = page.contact
    contact.matter.text.setPlainText(TOLD)
    contact.caller.name.setText("山田 (HIV) 太郎")
    for field in (contact.matter.text, contact.caller.name):
        Underlining(look, field, says=False)
    return page


def one_line(look: Look) -> QWidget:
    page = _Page(look, "sensitive_line_scene")
    field = line("case_reason")
    page.bind(field.setAccessibleName, "ui_sealed.purpose")
    field.setText("カード番号 4111-1111-1111-1111 糖尿病")
    Underlining(look, field, says=False)
    whole = QVBoxLayout(page)
    whole.addWidget(field)
    whole.addStretch(1)
    return page


def _sheet(look: Look, *, may_open: bool) -> SealedSheet:
    return SealedSheet(look, zone=ZoneInfo("Asia/Tokyo"), may_open=may_open)


def sealed_none(look: Look) -> QWidget:
    return _sheet(look, may_open=True)


def sealed_closed(look: Look) -> QWidget:
    sheet = _sheet(look, may_open=False)
    sheet.present(ROWS, NAMES)
    return sheet


def sealed_offered(look: Look) -> QWidget:
    sheet = _sheet(look, may_open=True)
    sheet.present(ROWS, NAMES)
    return sheet


def sealed_open(look: Look) -> QWidget:
    sheet = _sheet(look, may_open=True)
    sheet.present(ROWS, NAMES)
    sheet.unfold((OpenedRecord(ROWS[0], "糖尿病"), OpenedRecord(ROWS[1], "TK1234567")))
    return sheet


SCENES: dict[str, Scene] = {
    "question": question,
    "typed": typed,
    "one_line": one_line,
    "sealed_none": sealed_none,
    "sealed_closed": sealed_closed,
    "sealed_offered": sealed_offered,
    "sealed_open": sealed_open,
}
