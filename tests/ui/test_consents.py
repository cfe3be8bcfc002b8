"""The form of a consent: nothing that was typed is dropped unsaid."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pytestqt.qtbot import QtBot

from desk_app.purposes.consents.pages import ConsentForm, CustomerUses
from desk_app.purposes.rules import Act, Block, BlockReason, ResumeReason, Stops
from ui.cases.consents.sheet import ConsentSheet
from ui.look import Look


def test_a_stop_is_lifted_for_a_reason_that_was_chosen(qtbot: QtBot, look: Look) -> None:
    stops = Stops(frozenset({Act.VIEW}))
    blocks = [
        Block(at, stops, BlockReason.CONTESTED, datetime(2026, 9, at, tzinfo=UTC)) for at in (3, 4)
    ]
    uses = CustomerUses(7, blocks=tuple(blocks))
    for may_lift in (False, True):
        sheet = ConsentSheet(look, zone=ZoneInfo("Asia/Tokyo"), may_record=True, may_lift=may_lift)
        qtbot.addWidget(sheet)
        sheet.present(uses)
        assert sheet.lift.isVisibleTo(sheet) is may_lift
    lifted: list[tuple[int, object]] = []
    sheet.lift_wanted.connect(lambda *given: lifted.append(given))
    sheet.lift.click()
    sheet.block.setCurrentIndex(1)
    sheet.why.setCurrentIndex(sheet.why.findData("found_right"))
    sheet.lift_now.click()
    assert lifted == [(4, ResumeReason.FOUND_RIGHT)]


@pytest.mark.parametrize(
    ("typed", "second"), [("", None), ("12:34", 754), ("9:99", None), ("abc", None)]
)
def test_a_mistyped_position_is_said_and_nothing_recorded(
    qtbot: QtBot, look: Look, typed: str, second: int | None
) -> None:
    sheet = ConsentSheet(look, zone=ZoneInfo("Asia/Tokyo"), may_record=True)
    qtbot.addWidget(sheet)
    forms: list[ConsentForm] = []
    mistakes: list[str] = []
    sheet.consent_wanted.connect(forms.append)
    sheet.position_mistyped.connect(lambda: mistakes.append(typed))
    sheet.second.setText(typed)
    sheet.save.click()
    if typed and second is None:
        assert (forms, mistakes) == ([], [typed])
    else:
        assert [form.evidence.second for form in forms] == [second]
