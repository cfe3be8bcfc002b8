"""The recordings' keys: everything done, a rotation due and asked for, the new recovery key."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.keys.recovery import NewRecoveryKey, RecoveryKey, TypedBack
from desk_app.people.rules import StepId, StepKind
from desk_app.recordings.rotation.views import (
    DeskProgress,
    KeysPage,
    RotationDue,
    VersionRow,
    WaitingRotation,
)
from tests.ui.scenes import Scene
from ui.look import Look
from ui.recordings.ceremony import Ceremony
from ui.recordings.keys_view import KeysView

TOKYO = ZoneInfo("Asia/Tokyo")
FIRST = datetime(2026, 4, 1, 1, 5, tzinfo=UTC)
SECOND = datetime(2026, 9, 24, 1, 5, tzinfo=UTC)
LEFT = datetime(2026, 11, 20, 8, 40, tzinfo=UTC)
KEY = "AGE-SECRET-KEY-1D9G8NGV32VCRWMGNKTLRYUVW528HQDPWPUNLVA5U4HEYCTRMU6HQADFCSL"

DONE = KeysPage(
    versions=(VersionRow(1, FIRST, None, 1_204),),
    recovery_since=FIRST,
    holders=("保護 太郎", "Sofia Lang"),
    desks=(DeskProgress("desk-41ce02f7", 1_204, 1_204, 0),),
    copies_behind=0,
    due=None,
    waiting=(),
    may_carry_out=True,
)
DUE = KeysPage(
    versions=(
        VersionRow(3, SECOND, None, 312),
        VersionRow(2, datetime(2026, 7, 3, 5, 0, tzinfo=UTC), SECOND, 41),
        VersionRow(1, FIRST, datetime(2026, 7, 3, 5, 0, tzinfo=UTC), 851),
    ),
    recovery_since=SECOND,
    holders=("保護 太郎", "Sofia Lang"),
    desks=(
        DeskProgress("desk-41ce02f7", 300, 700, 2),
        DeskProgress("desk-9b01aa3c", 12, 504, 0),
    ),
    copies_behind=38,
    due=RotationDue(LEFT, "Anna Schmidt"),
    waiting=(
        WaitingRotation(StepId(4), StepKind.ROTATE_RECORDINGS, "管理 花子", LEFT, False),
        WaitingRotation(StepId(5), StepKind.ROTATE_RECOVERY, "保護 太郎", LEFT, True),
    ),
    may_carry_out=True,
)


def _shown(look: Look, page: KeysPage) -> KeysView:
    view = KeysView(look, zone=TOKYO)
    view.present(page)
    return view


def _ceremony(look: Look) -> QWidget:
    new = NewRecoveryKey()
    new.key = RecoveryKey(KEY)
    new.typed_back = TypedBack(new.key)
    new.typed_back.asked = (2, 5, 8)
    return Ceremony(look, new, office="お客様相談室")


SCENES: dict[str, Scene] = {
    "done": lambda look: _shown(look, DONE),
    "due": lambda look: _shown(look, DUE),
    "ceremony": _ceremony,
}
