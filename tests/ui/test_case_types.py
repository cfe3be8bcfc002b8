"""Editing case types, and filling in what they ask, on a real office."""

import uuid
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases
from desk_app.cases.details import views as details
from desk_app.cases.rules import ClosingLevel
from desk_app.cases.types import views
from desk_app.cases.types.rules import CaseType
from desk_app.office import Office
from tests.day import COMPLAINT
from tests.offices import ADMINISTRATOR, OPERATOR, sign_in
from tests.ui.conftest import SitDown
from ui.calls.matter import MatterColumn
from ui.case_types.page import NEW, CaseTypesPage
from ui.cases.details import DetailsTab
from ui.cases.page import CasesPage
from ui.cases.tabs import TABS
from ui.look import Look
from ui.session import Session

PATIENCE_MS = 30_000


@pytest.fixture
def session(office: Office, sit_down: SitDown) -> Session:
    return sit_down(ADMINISTRATOR)


@pytest.fixture
def page(session: Session, window: QWidget, qtbot: QtBot) -> CaseTypesPage:
    made = CaseTypesPage(session)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(made)
    window.show()
    made.enter()
    qtbot.waitUntil(lambda: made.types.list.count() > 0, timeout=PATIENCE_MS)
    return made


def in_force(session: Session) -> dict[str, CaseType]:
    return {one.key: one for one in session.desk.read(views.types_in_force)}


def choose(page: CaseTypesPage, session: Session, key: str) -> None:
    page.types.list.setCurrentRow(list(in_force(session)).index(key))
    assert page.types.key == key


def save(page: CaseTypesPage, reason: str, qtbot: QtBot) -> None:
    editor = page.types.editor
    editor.reason.setText(reason)
    assert editor.save.isEnabled()
    editor.save.click()
    qtbot.waitUntil(lambda: editor.isEnabled() and not editor.reason.text(), timeout=PATIENCE_MS)


def test_an_edit_is_kept_while_looking_elsewhere_and_then_saved(
    page: CaseTypesPage, session: Session, qtbot: QtBot
) -> None:
    choose(page, session, "order")
    general, editor = page.types.editor.general, page.types.editor
    assert not editor.save.isEnabled(), "nothing differs yet"
    name = general.names.edits["en"]
    name.setFocus()
    name.selectAll()
    qtbot.keyClicks(name, "Orders")
    editor.fields.list.setCurrentRow(0)
    editor.fields.remove.click()
    choose(page, session, "praise")
    choose(page, session, "order")
    assert name.text() == "Orders"
    assert page.types.list.currentItem().text().startswith("•")
    editor.save.click()
    qtbot.waitUntil(lambda: bool(session.notices.shown), timeout=PATIENCE_MS)
    assert in_force(session)["order"].name.en == "Order and delivery", "the reason is missing"
    qtbot.waitUntil(editor.isEnabled, timeout=PATIENCE_MS)
    assert name.text() == "Orders"
    save(page, "短い名称", qtbot)
    saved = in_force(session)["order"]
    assert saved.name.en == "Orders"
    assert [one.key for one in saved.fields] == ["concern", "ordered_on"]
    qtbot.waitUntil(editor.back.isVisible, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "短い名称" in editor.revisions.told.text(), timeout=PATIENCE_MS)


def test_a_new_type_is_made_by_keyboard_and_offered_at_the_intake(
    page: CaseTypesPage, session: Session, look: Look, qtbot: QtBot
) -> None:
    page.types.add.click()
    assert page.types.key == NEW
    editor = page.types.editor
    for language, text in (("ja", "Gift"), ("en", "Gift wrapping"), ("de", "Geschenk")):
        qtbot.keyClicks(editor.general.names.edits[language], text)
    editor.stages.add.click()
    for edit in editor.stages.names.edits.values():
        qtbot.keyClicks(edit, "Wrap")
    editor.stages.add.click()
    for edit in editor.stages.names.edits.values():
        qtbot.keyClicks(edit, "Done")
    editor.stages.up.click()
    save(page, "年末の包装", qtbot)
    made = in_force(session)["gift_wrapping"]
    assert made.closing_level is ClosingLevel.HANDLER
    assert [(one.key, one.name.en) for one in made.stages] == [("done", "Done"), ("wrap", "Wrap")]
    qtbot.waitUntil(lambda: page.types.key == "gift_wrapping", timeout=PATIENCE_MS)
    number = len(in_force(session))
    qtbot.waitUntil(lambda: page.types.list.count() == number, timeout=PATIENCE_MS)

    page.types.add.click()
    assert page.types.key == NEW
    editor.discard.click()
    assert page.types.key != NEW
    qtbot.waitUntil(lambda: page.types.list.count() == number, timeout=PATIENCE_MS)

    column = MatterColumn(look)
    qtbot.addWidget(column)
    column.text.setPlainText("typed before the types were read")
    assert column.inquiries()[0].category == "question"
    retired = replace(in_force(session)["opinion"], is_active=False)
    column.show_types((retired, made))
    assert [column.category.itemData(at) for at in range(column.category.count())] == [
        "gift_wrapping"
    ]
    column.add_matter()
    assert column.inquiries()[1].category == "gift_wrapping"
    assert column.category.currentText() == "Gift wrapping"


def test_details_are_filled_in_on_the_case(
    office: Office, sit_down: SitDown, window: QWidget, qtbot: QtBot
) -> None:
    with sign_in(office, OPERATOR) as desk:
        now = office.clock.now()
        contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
        desk.perform(calls.hang_up, contact_id, ended_at=now)
        case_id = desk.perform(cases.save_contact, contact_id, COMPLAINT, NewCase()).case_id
    assert case_id is not None
    session = sit_down(OPERATOR)
    page = CasesPage(session)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(page)
    page.open_case(case_id)
    qtbot.waitUntil(page.case.number.isVisible, timeout=PATIENCE_MS)
    page.case.book.open([tab.key for tab in TABS].index("details") + 1)
    tab = page.case.book.panel("details")
    assert isinstance(tab, DetailsTab)
    form = tab.form
    qtbot.waitUntil(lambda: "cause" in form.edits, timeout=PATIENCE_MS)

    qtbot.keyClicks(form.edits["cause"], "ばね".encode().hex())
    form.stage.setCurrentIndex(form.stage.findData("assess"))
    form.move_button.click()
    qtbot.waitUntil(lambda: "● Assess" in form.path.text(), timeout=PATIENCE_MS)
    assert form.changes() == {"cause": "ばね".encode().hex()}, "what was typed is still there"
    form.save.click()
    qtbot.waitUntil(lambda: form.isEnabled() and not form.changes(), timeout=PATIENCE_MS)
    kept = session.desk.read(details.case_details, case_id)
    assert (kept.values, kept.stage) == ({"cause": "ばね".encode().hex()}, "assess")
