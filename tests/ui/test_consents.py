"""The form of a consent: nothing that was typed is dropped unsaid."""

from zoneinfo import ZoneInfo

import pytest
from pytestqt.qtbot import QtBot

from desk_app.purposes.consents.pages import ConsentForm
from ui.cases.consents.sheet import ConsentSheet
from ui.look import Look


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
