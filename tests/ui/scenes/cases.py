"""The case list and a case, filled and empty."""

from array import array
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.calls.pages import ContactRow, EventRow, InquiryRow
from desk_app.calls.rules import Channel, Disposition, EventKind, NextStep, Party
from desk_app.cases.approval.pages import NOT_ASKED, Closing, Refusal
from desk_app.cases.deadlines.pages import DeadlineRow
from desk_app.cases.deadlines.rules import earliest
from desk_app.cases.pages import CasePage, TimelineRow
from desk_app.cases.rules import CaseAct, CaseState, ClosingLevel, EntryKind, Resolution
from desk_app.cases.types.catalogue import defaults
from desk_app.customers.pages import CustomerCard
from desk_app.customers.rules import UNASKED, NumberState, PersonalField
from desk_app.errors import Refused
from desk_app.purposes.rules import Purpose
from desk_app.recordings.pages import RecordingRow
from desk_app.recordings.rules import RecordingState
from desk_app.search.filters import Field, FilterName, Values
from desk_app.search.highlight import hits
from desk_app.search.pages import CaseListRow, Found
from desk_app.search.query import parse
from tests.ui.scenes import Scene
from ui.cases.case_list import CaseList
from ui.cases.case_page import CaseView
from ui.look import Look

TOKYO = ZoneInfo("Asia/Tokyo")
CLOSING_ACTS = {CaseAct.ASK_CLOSING, CaseAct.APPROVE, CaseAct.REFUSE, CaseAct.REOPEN}
NOW = datetime(2026, 9, 24, 5, 30, tzinfo=UTC)
TYPES = tuple(defaults().values())
SUBJECTS = (
    ("包丁の刃が欠けてしまい、研ぎ直しができるか知りたい", "佐藤 美咲"),
    ("Nagelknipser schneidet nicht mehr sauber", "Jürgen Großmann"),
    ("The razor arrived without its blade", "Emma Clarke"),
    ("爪切りのばねが外れた。購入から三か月", "髙橋 邊子"),
    ("キッチンばさみの食洗機対応について", "山﨑 齋"),
)


def rows(count: int) -> list[CaseListRow]:
    return [
        CaseListRow(
            id=at + 1,
            number=f"26-{count - at:06d}",
            state=list(CaseState)[at % len(CaseState)],
            case_type=TYPES[at % 4].key,
            type_name=TYPES[at % 4].name,
            subject=SUBJECTS[at % len(SUBJECTS)][0],
            customer=SUBJECTS[at % len(SUBJECTS)][1],
            assignee=("佐藤 花子", None, "Anna Schmidt")[at % 3],
            opened_at=NOW - timedelta(hours=3 * at + 1, days=270 * (at % 4 == 3)),
            due_at=NOW + timedelta(hours=20 - 3 * at, days=100 * (at % 4 == 1)),
            callback_due_at=None,
        )
        for at in range(count)
    ]


def _empty_list(look: Look) -> CaseList:
    page = CaseList(
        look,
        own_user_id=1,
        zone=TOKYO,
        now=lambda: NOW,
    )
    page.show_types(TYPES)
    return page


def shown_list(look: Look, rows: list[CaseListRow], *, capped: bool = False) -> QWidget:
    page = _empty_list(look)
    _show(page, rows, Found(array("q", [row.id for row in rows]), capped=capped))
    return page


def _show(page: CaseList, rows: list[CaseListRow], found: Found) -> None:
    by_id = {row.id: row for row in rows}

    def fill(number: int, ids: "array[int]") -> None:
        page.table.fill(number, ids, [by_id[one] for one in ids], lambda row: row.id)

    page.table.page_wanted.connect(fill)
    page.present(found)


def case_of(
    look: Look,
    *,
    resolved: bool = False,
    events: bool = True,
    closing: Closing = NOT_ASKED,
    deadlines: tuple[DeadlineRow, ...] = (),
) -> CaseView:
    """A complaint, being worked on. Without ``events`` it leaves room for what is placed above."""
    page = CaseView(look, zone=TOKYO, now=lambda: NOW)
    contact = ContactRow(
        id=7,
        number="R26-0924-0012",
        channel=Channel.TELEPHONE,
        outbound=False,
        received_at=NOW - timedelta(hours=4),
        ended_at=NOW - timedelta(hours=4) + timedelta(minutes=6),
        operator="佐藤 花子",
        party=Party.CUSTOMER,
        caller_name="髙橋 邊子",
        number_shown="090-1234-5678",
        number_state=NumberState.SHOWN,
        callback_number="",
        disposition=Disposition.FOLLOW_UP,
        purpose=Purpose.INQUIRIES,
        next_step=NextStep.PROMISE,
        announcement_id=1,
        objected=False,
        events=(EventRow(NOW, EventKind.INJURY_REPORTED), EventRow(NOW, EventKind.DEVICE_LOST))
        if events
        else (),
        inquiries=(
            InquiryRow(
                text="爪切りのばねが外れた。購入から三か月で、使い方は普通。修理か交換をしてほしい。",
                answer="お預かりして確認する旨をご案内。着払い伝票をお送りする。",
                category="complaint",
                product="爪切り S 4901601284447",
                lot="L2309",
                symptom="ばね外れ",
            ),
        ),
    )
    timeline = (
        TimelineRow(NOW - timedelta(days=302), "佐藤 花子", EntryKind.OPENED, "", {}),
        TimelineRow(NOW - timedelta(hours=3), "Anna Schmidt", EntryKind.ASSIGNED, "", {}),
        TimelineRow(
            NOW - timedelta(hours=2),
            "Anna Schmidt",
            EntryKind.NOTE,
            "品質保証部に同様の申し出がないか確認中。",
            {},
        ),
    )
    page.present(
        CasePage(
            id=1,
            version=3,
            number="26-001204",
            case_type="complaint",
            type_name=defaults()["complaint"].name,
            type_names={one.key: one.name for one in defaults().values()},
            state=CaseState.RESOLVED if resolved else CaseState.IN_PROGRESS,
            subject="爪切りのばねが外れた。購入から三か月",
            customer=CustomerCard(
                id=1,
                version=1,
                name=PersonalField.of("髙橋 邊子"),
                reading=PersonalField.of("タカハシ ホトリコ"),
                telephones=("090-1234-5678",),
                email=UNASKED,
                postcode=UNASKED,
                address=PersonalField.of("", declined=True),
                building=UNASKED,
            ),
            assignee_id=2,
            assignee="Anna Schmidt",
            opened_at=NOW - timedelta(hours=4),
            opened_by="佐藤 花子",
            due_at=earliest(row.due_at for row in deadlines if row.is_open),
            deadlines=deadlines,
            target_source="",
            callback_due_at=NOW + timedelta(hours=18),
            resolution=Resolution.REPLACED if resolved else None,
            resolution_text="代替品を発送した。" if resolved else "",
            resolved_at=NOW if resolved else None,
            closed_at=None,
            closed_by=None,
            spot_check=False,
            contacts=(contact,),
            timeline=timeline,
            acts=frozenset(
                {CaseAct.NOTE, *CLOSING_ACTS}
                if resolved
                else {*CaseAct} - {*CLOSING_ACTS, CaseAct.CLOSE, CaseAct.RESUME}
            ),
            closing=closing,
            tags=("ばね", "代替品発送済み"),
        ),
        {
            7: [
                RecordingRow(3, 7, 1, RecordingState.SEALED, NOW, 361_000, 0),
                RecordingRow(4, 7, 2, RecordingState.SALVAGED, NOW, 83_000, 450),
                RecordingRow(5, 7, 3, RecordingState.TO_SALVAGE, NOW, None, 0),
            ][: 3 if events else 1]
        },
        may_play=True,
        may_export=True,
    )
    return page


def _acting(look: Look, act: CaseAct) -> QWidget:
    page = case_of(look, resolved=act is CaseAct.APPROVE, events=act is not CaseAct.APPROVE)
    page.act_bar.show_colleagues([(1, "佐藤 花子"), (2, "Anna Schmidt")], 1)
    page.act_bar.suggest_callback(NOW)
    page.act_bar.open(act)
    return page


def _searched(look: Look, typed: str, *, mistake: bool = False) -> QWidget:
    page = _empty_list(look)
    page.search.setText(typed)
    found = [row for row in rows(30) if hits(row.subject + row.customer, parse(typed).wanted)]
    _show(page, found, Found(array("q", [row.id for row in found]), capped=True, among=10_000))
    if mistake:
        values = Values(("search.value.open", *(f"cases.state.{state}" for state in CaseState)))
        name = FilterName(Field.STATE)
        page.tell_mistake(Refused("search.no_such_state", filter=name, at=4, values=values))
    return page


def _marked(look: Look) -> QWidget:
    page = case_of(look, resolved=True)
    page.mark(parse("ばね 090-1234 代替").wanted)
    return page


SCENES: dict[str, Scene] = {
    "list": lambda look: shown_list(look, rows(400)),
    "list_searched": lambda look: _searched(look, "爪切り 高橋"),
    "list_mistyped": lambda look: _searched(look, "爪切り 状態:空", mistake=True),
    "case_marked": _marked,
    "list_capped": lambda look: shown_list(look, rows(40), capped=True),
    "list_empty": lambda look: shown_list(look, []),
    "case": case_of,
    "case_resolved": lambda look: case_of(look, resolved=True),
    "case_to_approve": lambda look: case_of(
        look,
        resolved=True,
        closing=Closing(
            ClosingLevel.TWO, asked_by="Anna Schmidt", asked_at=NOW, approved_by=("佐藤 花子",)
        ),
    ),
    "case_refused": lambda look: case_of(
        look,
        closing=Closing(
            ClosingLevel.SUPERVISOR,
            refusal=Refusal("山田 太郎", NOW, "原因の調査結果を追記してください。"),
        ),
    ),
    "case_approving": lambda look: _acting(look, CaseAct.APPROVE),
    "case_resolving": lambda look: _acting(look, CaseAct.RESOLVE),
    "case_promising": lambda look: _acting(look, CaseAct.PROMISE),
}
