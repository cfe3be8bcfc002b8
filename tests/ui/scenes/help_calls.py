"""A call for help: at the operator's, at the supervisor's, its list, and its forms."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.help_calls.pages import HelpFigures, HelpRow, RecordRow
from desk_app.help_calls.rules import HelpEnd, HelpKind, HelpState, Outcome
from tests.ui.scenes import Scene
from tests.ui.scenes.intake import _recorded
from tests.ui.scenes.window import call
from ui.calls.attention import Attention
from ui.help_calls.banner import BannerView
from ui.help_calls.line import HelpView
from ui.help_calls.list_tab import HelpCallsPanel
from ui.help_calls.record_form import RecordForm
from ui.look import Look
from ui.people.second_person import SecondPerson

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 10, 14, 11, 42, tzinfo=TOKYO)
LONG_NAME = "佐々木・フォン・グレーフェンベルク 真理子"

LINES = {
    "rings": HelpView("rings", HelpKind.UNSAID, desks_ringing=3),
    "nobody_rings": HelpView("nobody_rings", HelpKind.THREAT),
    "nobody_answers": HelpView("nobody_answers", HelpKind.EMERGENCY, desks_ringing=12),
    "alone": HelpView("alone", HelpKind.HARASSMENT),
    "left": HelpView(
        "left",
        HelpKind.OTHER,
        answerer=LONG_NAME,
        listener=LONG_NAME,
        listening_since=NOW,
        listened_until=NOW + timedelta(minutes=7),
    ),
    "unreachable": HelpView("unreachable", HelpKind.OTHER, answerer=LONG_NAME),
    "listened": HelpView(
        "answered",
        HelpKind.HARASSMENT,
        answerer=LONG_NAME,
        listener=LONG_NAME,
        listening_since=NOW,
    ),
    "handed_over": HelpView(
        "handed_over",
        HelpKind.THREAT,
        answerer=LONG_NAME,
        handed_over_to=LONG_NAME,
        handed_over_at=NOW,
        listener=LONG_NAME,
        listening_since=NOW,
        listened_until=NOW + timedelta(minutes=7),
    ),
    "ended": HelpView("ended", HelpKind.THREAT),
}

BANNERS = {
    "ringing": BannerView(LONG_NAME, HelpKind.UNSAID, NOW, further=2),
    "connecting": BannerView(
        LONG_NAME, HelpKind.HARASSMENT, NOW, is_answered=True, hearing="connecting"
    ),
    "listening": BannerView(
        LONG_NAME, HelpKind.HARASSMENT, NOW, is_answered=True, hearing="listening"
    ),
    "withheld": BannerView(
        "山田 一郎", HelpKind.EMERGENCY, NOW, is_answered=True, hearing="withheld"
    ),
    "not_listening": BannerView("山田 一郎", HelpKind.OTHER, NOW, is_answered=True),
}


def _in_call(view: HelpView, look: Look) -> QWidget:
    return _recorded(look, Attention(), help_view=view, is_running=view.hint != "ended")


def help_called(look: Look) -> QWidget:
    """A call for help that nobody has answered yet."""
    return _in_call(LINES["nobody_answers"], look)


def _ringing(view: BannerView, look: Look) -> QWidget:
    window = call(look)
    window.help.present(view)
    window.help.show_levels(-18.0, -9.0)
    return window


def _locked(look: Look) -> QWidget:
    window = call(look)
    window.help.present_locked(NOW)
    return window


def _row(number: int, **changes: object) -> HelpRow:
    values: dict[str, object] = {
        "id": number,
        "contact_id": number,
        "contact_number": f"20261014-{number:04}",
        "kind": HelpKind.HARASSMENT,
        "called_at": NOW,
        "caller_id": 2,
        "caller": LONG_NAME if number == 1 else "山田 一郎",
        "answerer": "佐藤 美咲",
        "seconds_to_answer": 6,
        "listened_seconds": 425,
        "handed_over_to": "佐藤 美咲",
        "state": HelpState.ENDED,
        "end": HelpEnd.CALL_OVER,
        "is_recorded": True,
        "due_at": None,
        "is_late": False,
        "outcome": Outcome.CARE_FOR_STAFF,
        "followed_up_by": "佐藤 美咲",
    }
    return HelpRow(**(values | changes))


FIGURES = HelpFigures(
    first=NOW.date().replace(month=1, day=1),
    last=NOW.date(),
    by_kind=tuple((kind, at) for at, kind in enumerate(HelpKind)),
    mistaken=1,
    unanswered=2,
    listened=5,
    handed_over=3,
    owed=2,
    late=1,
    median_seconds_to_answer=7,
    under_duty=4,
)


def listed(look: Look) -> QWidget:
    panel = HelpCallsPanel(look, zone=TOKYO, own_id=1, may_follow_up=True)
    due = NOW + timedelta(days=3)
    open_row = {"due_at": due, "outcome": None, "followed_up_by": ""}
    panel.present(
        (
            _row(1, **open_row),
            _row(2, **(open_row | {"is_late": True, "kind": HelpKind.EMERGENCY})),
            _row(3, answerer="", seconds_to_answer=None, listened_seconds=None, handed_over_to=""),
            _row(4, end=HelpEnd.MISTAKEN, outcome=None, kind=HelpKind.UNSAID),
        ),
        FIGURES,
    )
    return panel


def empty(look: Look) -> QWidget:
    panel = HelpCallsPanel(look, zone=TOKYO, own_id=1, may_follow_up=False)
    panel.present((), FIGURES)
    return panel


def record(look: Look) -> QWidget:
    form = RecordForm(look)
    form.load(
        RecordRow(
            1, 1, "三十分以上、大声で怒鳴られた。", "「お前では話にならない」", "", "山田", NOW
        )
    )
    return form


def beside(look: Look) -> QWidget:
    return SecondPerson(
        look,
        title="ui_help.beside_title",
        hint="ui_help.beside_hint",
        act="ui_help.take_over",
    )


SCENES: dict[str, Scene] = {
    **{f"line_{name}": partial(_in_call, view) for name, view in LINES.items()},
    **{f"banner_{name}": partial(_ringing, view) for name, view in BANNERS.items()},
    "banner_locked": _locked,
    "listed": listed,
    "empty": empty,
    "record": record,
    "beside": beside,
}
