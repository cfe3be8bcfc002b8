"""The people page's panels."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desk_app.people.access import Permission, Role, UserId
from desk_app.people.rules import StepId, StepKind
from desk_app.people.views import StepRow, UserRow
from tests.ui.scenes import Scene
from ui.look import Look
from ui.panel import Panel
from ui.people.appointing import Appointing
from ui.people.new_person import NewPerson
from ui.people.recovery_prompt import RecoveryPrompt
from ui.people.second_person import SecondPerson
from ui.people.steps import Steps
from ui.people.users import Users

TOKYO = ZoneInfo("Asia/Tokyo")
AT = datetime(2026, 9, 24, 1, 5, tzinfo=UTC)


def _user(at: int, name: str, login: str, *roles: Role, gone: bool = False) -> UserRow:
    return UserRow(
        user_id=UserId(at),
        person_id=at,
        name=name,
        login=login,
        language="ja",
        roles=roles,
        appointed=Role.ADMINISTRATOR not in roles and not gone,
        may_listen=Role.SUPERVISOR in roles,
        may_see_sealed=Role.DPO in roles,
        created_at=AT,
        last_signed_in_at=AT if at % 2 else None,
        removed_at=AT if gone else None,
    )


USERS = (
    _user(1, "佐藤 花子", "sato", Role.OPERATOR),
    _user(2, "Anna Schmidt", "schmidt", Role.SUPERVISOR),
    _user(3, "田中 一郎", "tanaka", Role.DPO),
    _user(4, "Emma Clarke", "clarke", Role.ADMINISTRATOR, Role.SUPERVISOR),
    _user(5, "鈴木 次郎", "suzuki", gone=True),
)
STEPS = (
    StepRow(StepId(1), StepKind.ADD_USER, "Emma Clarke", AT, "山田 太郎", (Role.OPERATOR,), True),
    StepRow(StepId(2), StepKind.RESET_PASSWORD, "田中 一郎", AT, "佐藤 花子", (), False),
)


def _page(look: Look, *, steps: tuple[StepRow, ...] = STEPS) -> QWidget:
    page = Panel(look, "people_scene")
    layout = QVBoxLayout(page)
    waiting = Steps(look, zone=TOKYO, may_approve=True)
    users = Users(look, frozenset(Permission), zone=TOKYO)
    waiting.present(steps)
    users.present(USERS)
    users.table.selectRow(1)
    for panel in (waiting, users, NewPerson(look)):
        layout.addWidget(panel)
    layout.addStretch(1)
    page.enter = users.keep_focus  # type: ignore[method-assign]  # the scene stands for the page
    return page


def appointing(look: Look) -> QWidget:
    page = Appointing(look, zone=TOKYO)
    page.present(1, "佐藤 花子")
    return page


SCENES: dict[str, Scene] = {
    "people": _page,
    "no_steps": lambda look: _page(look, steps=()),
    "appointing": appointing,
    "second_person": SecondPerson,
    "recovery": RecoveryPrompt,
}
