"""What is due leads to where it is dealt with."""

import json
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from desk_app.privacy.controls.rules import ControlKind
from desk_app.privacy.oversight.due import Due
from desk_app.privacy.requests.rules import Kind, State, acts
from desk_app.words import resource_path
from tests.ui.scenes.requests import TOKYO
from tests.ui.scenes.requests import _page as request_page
from ui.cases.request.answer import ExecutionForm
from ui.cases.request.view import RequestView
from ui.look import Look
from ui.pages import OVERSIGHT_TABS, PAGES, PRIVACY_TABS
from ui.places import place_of

TABS = {
    "oversight": {one.key for one in OVERSIGHT_TABS},
    "privacy": {one.key for one in PRIVACY_TABS},
    "people": {"handlers", "steps"},
}


def test_everything_that_can_be_due_has_its_place() -> None:
    words = json.loads(resource_path("words", "oversight.json").read_text("utf-8"))
    kinds = [key.removeprefix("due.") for key in words if key.startswith("due.")]
    assert len(kinds) > 20
    dues = [Due(kind, "", None, row_id=7) for kind in kinds if kind != "action"]
    dues += [Due("action", "", None, row_id=7, of=kind.value) for kind in ControlKind]
    for due in dues:
        place = place_of(due)
        assert place.page in {one.key for one in PAGES}
        assert place.tab in TABS.get(place.page, {""}), due
        assert place.what == 7


@pytest.mark.parametrize("kind", [Kind.DISCLOSURE, Kind.DELETION, Kind.PURPOSES])
def test_what_is_carried_out_elsewhere_leads_there(qtbot: QtBot, look: Look, kind: Kind) -> None:
    view = RequestView(look, zone=TOKYO, may_open=(Kind.DISCLOSURE,))
    qtbot.addWidget(view)
    state = State.APPROVED
    view.present(replace(request_page(kind), state=state, acts=acts(state)))
    emitted: list[str] = []
    view.wanted.connect(lambda act, _given: emitted.append(act))
    form = view.forms["execution"]
    assert isinstance(form, ExecutionForm)
    assert form.open.isVisibleTo(form) is (kind is Kind.DISCLOSURE)
    assert form.carry_out.isVisibleTo(form) is (kind is Kind.PURPOSES)
    form.open.click()
    assert emitted == ["open"]
