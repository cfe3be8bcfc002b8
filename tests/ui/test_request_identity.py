"""What was entered for an identity while somebody is asked again, and who does the next step."""

from dataclasses import replace

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desk_app.privacy.requests.rules import Party
from tests.ui.scenes.requests import AGENT, TOKYO
from ui.cases.request.view import RequestView
from ui.controls import choose
from ui.look import Look


def test_an_agents_papers_stay_ticked_when_the_check_was_refused(qtbot: QtBot, look: Look) -> None:
    view = RequestView(look, zone=TOKYO)
    qtbot.addWidget(view)
    page = replace(AGENT, missing=frozenset(Party))
    view.present(page)
    form = view.identity
    choose(form.party, Party.AGENT.value)
    form.papers.item(0).setCheckState(Qt.CheckState.Checked)
    view.present(replace(page, version=page.version + 1))  # it was refused, and is read again
    assert form.party.currentData() == Party.AGENT
    assert form.papers.ticked() == [page.papers[0].key]
    view.clear()  # it was carried out
    view.present(page)
    assert form.party.currentData() == Party.CUSTOMER
    assert form.papers.ticked() == []
