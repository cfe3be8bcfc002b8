"""Has something approved by a second person, who signs in beside the first and out again."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QDialog

from ui.frames import dialog_with
from ui.panel import Panel
from ui.people.second_person import SecondPerson
from ui.session import Session


def ask_second(
    session: Session,
    owner: Panel,
    use_case: Callable[..., Any],
    *args: Any,
    title: str = "ui_people.second_person",
    act: str = "ui_people.approve",
    done: Callable[[], object] | None = None,
    **named: Any,
) -> QDialog:
    """A dialog over ``owner``; who signs in does ``use_case`` with ``args``, and it closes, then
    ``done`` is called. If that is refused it stays open, for somebody else or another password.
    ``act`` is what the button says."""
    panel = SecondPerson(owner.look, act=act)
    dialog = dialog_with(panel, owner, title)
    desk = session.desk

    def given(login: str, password: str) -> None:
        def perform() -> None:
            with desk.second_person(login, password) as second:
                second.perform(use_case, *args, **named)

        def performed(_none: object) -> None:
            dialog.accept()
            if done is not None:
                done()

        session.tasks.start(owner, perform, lane="change", done=performed)

    panel.given.connect(given)
    panel.cancelled.connect(dialog.reject)
    dialog.open()
    panel.enter()
    return dialog
