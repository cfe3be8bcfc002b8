"""The question about sensitive words has its room in every window, however full it is."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from desk_app.words import LANGUAGES, Language
from tests.ui.scenes import WINDOW
from tests.ui.scenes.sensitive import question_in_help
from ui.look import Look


@pytest.mark.parametrize("language", LANGUAGES)
def test_four_words_beside_a_call_for_help_leave_the_window_its_size(
    qtbot: QtBot, make_look: Callable[..., Look], language: Language
) -> None:
    window = question_in_help(make_look(language))
    qtbot.addWidget(window)
    window.resize(*WINDOW)
    window.show()
    assert (window.width(), window.height()) == WINDOW
    assert window.minimumSizeHint().height() <= WINDOW[1]
