"""Registers, hand-overs and receipts: judged well and badly, empty, and a record unfolded."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.customers.rules import Answer
from desk_app.errors import Refused
from desk_app.privacy.provisions.law import ground_on, grounds_on, keeping_rule
from desk_app.privacy.provisions.pages import (
    HandOverPage,
    Judged,
    Line,
    ProvisionRecord,
    ProvisionRow,
    ReceiptRecord,
    ReceiptRow,
)
from desk_app.privacy.provisions.rules import (
    AbroadBasis,
    Confirmation,
    Lack,
    LegalForm,
    Means,
    RecordKind,
    Verdict,
)
from desk_app.privacy.registers.pages import (
    ContractRow,
    ListingRow,
    RecipientRow,
    Registers,
    SystemRow,
)
from desk_app.privacy.registers.published import in_force, joint_uses
from desk_app.privacy.registers.rules import Item, RecipientKind, Span
from desk_app.purposes.rules import USUAL_PURPOSE, BlockReason, OtherUse, Purpose
from desk_app.purposes.uses import SaidDay, SaidReason, SaidUse
from tests.ui.scenes import Scene
from ui.look import Look
from ui.oversight.registers.view import RegistersView
from ui.privacy.provisions.hand_over import HandOverView
from ui.privacy.provisions.overview import ProvisionsOverview
from ui.privacy.provisions.receipt import ReceiptView

TODAY = date(2026, 6, 10)
AT = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Tokyo")
COMPANY = RecipientRow(
    1,
    RecipientKind.GROUP,
    "カイ インダストリーズ",
    "岐阜県関市小屋名1110",
    "代表 一郎",
    "VN",
    "",
    False,
    (ListingRow(1, Span(date(2022, 4, 1))),),
    (),
    (SystemRow(1, Span(date(2026, 4, 1), date(2027, 3, 31)), "グループ規程"),),
)
CONTRACT = ContractRow(
    1,
    "C-2026-014",
    "修理品の発送",
    Span(date(2026, 4, 1), date(2027, 3, 31)),
    frozenset({Item.NAME, Item.TELEPHONE, Item.POSTCODE, Item.ADDRESS, Item.BUILDING}),
    frozenset({Purpose.SERVICE, Purpose.INQUIRIES}),
)
FIRM = RecipientRow(
    2,
    RecipientKind.SUBCONTRACTOR,
    "関運送",
    "岐阜県関市平和通1",
    "運送 次郎",
    "JP",
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    False,
    (),
    (CONTRACT,),
    (),
)
POLICE = RecipientRow(3, RecipientKind.AUTHORITY, "関警察署", "", "", "JP", "", False, (), (), ())
LINES = (
    Line(Item.NAME, "佐藤 花子", Answer.ANSWERED),
    Line(Item.READING, "さとう はなこ", Answer.ANSWERED),
    Line(Item.TELEPHONE, "090-1234-5678", Answer.ANSWERED),
    Line(Item.EMAIL, "", Answer.NOT_ASKED),
    Line(Item.POSTCODE, "501-3992", Answer.ANSWERED),
    Line(Item.ADDRESS, "", Answer.DECLINED),
    Line(Item.BUILDING, "", Answer.NOT_ASKED),
    Line(Item.PRODUCT, "関孫六 三徳 L-1204", Answer.ANSWERED),
    Line(Item.INQUIRY, "届いた包丁の刃が欠けていた。交換してほしい。", Answer.ANSWERED),
    Line(Item.ANSWER, "着払いでお送りいただくようご案内した。", Answer.ANSWERED),
)
PAGE = HandOverPage(
    1,
    1,
    "2026-000123",
    "佐藤 花子",
    LINES,
    (COMPANY, FIRM, POLICE),
    grounds_on(TODAY),
    tuple(keeping_rule(kind, TODAY) for kind in RecordKind),
    "KAI Corporation",
    (OtherUse(1, ("展示会のご案内", "Invitations to fairs", "Einladungen zu Messen")),),
    TODAY,
)
GIVEN = ProvisionRow(
    12,
    1,
    1,
    "2026-000123",
    1,
    "カイ インダストリーズ",
    RecipientKind.GROUP,
    "VN",
    (Item.NAME, Item.TELEPHONE),
    Purpose.INQUIRIES,
    LegalForm.JOINT_USE,
    Means.FILE,
    AT,
    date(2029, 6, 10),
    True,
)
RECEIVED = ReceiptRow(
    3, 1, 1, "2026-000123", "刃物店", (Item.NAME, Item.PRODUCT), TODAY, date(2029, 6, 10)
)


def _source(form: LegalForm) -> object:
    joint = in_force(joint_uses(), TODAY)
    assert joint is not None
    ground = ground_on("law", TODAY)
    assert ground is not None
    return joint.source if form is LegalForm.JOINT_USE else ground.source


def _hand_over(
    look: Look, recipient: int, items: tuple[Item, ...], judged: Judged | None
) -> HandOverView:
    view = HandOverView(look)
    view.present(PAGE)
    view.recipient.setCurrentIndex(recipient)
    for item in items:
        view.boxes[item].setChecked(True)
    view.judge(judged)
    return view


def may(look: Look) -> QWidget:
    verdict = Verdict(LegalForm.JOINT_USE, abroad=AbroadBasis.EQUIVALENT, system_id=1)
    keep = keeping_rule(RecordKind.SINGLE, TODAY)
    judged = Judged(verdict, _source(verdict.form), None, None, False, keep)
    return _hand_over(look, 0, (Item.NAME, Item.TELEPHONE), judged)


def may_not(look: Look) -> QWidget:
    verdict = Verdict(
        LegalForm.ENTRUSTMENT,
        (Lack.ITEMS_NOT_ENTRUSTED, Lack.PURPOSE_NOT_ENTRUSTED),
        (Item.INQUIRY, Item.ANSWER),
        contract_id=1,
    )
    keep = keeping_rule(RecordKind.SINGLE, TODAY)
    judged = Judged(verdict, None, "C-2026-014", Refused("provisions.no_customer"), False, keep)
    return _hand_over(look, 1, (Item.NAME, Item.INQUIRY, Item.ANSWER), judged)


def by_law(look: Look) -> QWidget:
    verdict = Verdict(LegalForm.LEGAL_GROUND, ground="law")
    keep = keeping_rule(RecordKind.BATCH, TODAY)
    judged = Judged(verdict, _source(verdict.form), None, None, False, keep)
    view = _hand_over(look, 2, (Item.NAME,), None)
    view.ground.setCurrentIndex(1)
    view.reference.setText("照会書 関刑12号")
    view.record.setCurrentIndex(1)
    view.judge(judged)
    return view


def withheld(look: Look) -> QWidget:
    """Looking at the customer was stopped; a legal ground is named."""
    stopped = Refused(
        "purposes.use_stopped",
        use=SaidUse(USUAL_PURPOSE),
        since=SaidDay(TODAY),
        reason=SaidReason(BlockReason.CUSTOMER_ASKED),
    )
    lines = tuple(replace(one, text="") for one in LINES)
    view = by_law(look)
    assert isinstance(view, HandOverView)
    judged = view._judged
    view.present(replace(PAGE, person="", lines=lines, withheld=stopped))
    view.recipient.setCurrentIndex(2)
    view.ground.setCurrentIndex(1)
    view.reference.setText("照会書 関刑12号")
    view.boxes[Item.NAME].setChecked(True)
    view.judge(judged)
    return view


def receipt(look: Look) -> QWidget:
    view = ReceiptView(look)
    view.present(PAGE)
    return view


def given(look: Look) -> QWidget:
    view = ProvisionsOverview(look, zone=ZONE)
    view.present((GIVEN,), (RECEIVED,))
    view.show_record(
        ProvisionRecord(
            GIVEN,
            "佐藤 花子",
            "岐阜県関市小屋名1110",
            "代表 一郎",
            None,
            "",
            None,
            None,
            AbroadBasis.EQUIVALENT,
            None,
            "山田",
            RecordKind.SINGLE,
            "",
            keeping_rule(RecordKind.SINGLE, TODAY),
        )
    )
    return view


def received(look: Look) -> QWidget:
    view = ProvisionsOverview(look, zone=ZONE)
    view.present((GIVEN,), (RECEIVED,))
    view.shown.setCurrentIndex(1)
    view.show_record(
        ReceiptRecord(
            RECEIVED,
            "佐藤 花子",
            "東京都台東区1-1",
            "",
            "店頭でご本人から",
            Confirmation.STATEMENT,
            True,
            "山田",
            AT,
            keeping_rule(RecordKind.SINGLE, TODAY),
        )
    )
    return view


def nothing(look: Look) -> QWidget:
    view = ProvisionsOverview(look, zone=ZONE)
    view.present((), ())
    return view


def _registers(look: Look, at: int) -> RegistersView:
    view = RegistersView(look, may_edit=True)
    view.present(Registers((COMPANY, FIRM, POLICE), TODAY))
    view.view.selectRow(at)
    return view


def new_recipient(look: Look) -> QWidget:
    view = _registers(look, 0)
    view.begin(FIRM)
    return view


def no_recipient(look: Look) -> QWidget:
    view = RegistersView(look, may_edit=True)
    view.present(Registers((), TODAY))
    return view


SCENES: dict[str, Scene] = {
    "may": may,
    "may_not": may_not,
    "by_law": by_law,
    "withheld": withheld,
    "receipt": receipt,
    "given": given,
    "received": received,
    "nothing": nothing,
    "group_company": lambda look: _registers(look, 0),
    "subcontractor": lambda look: _registers(look, 1),
    "new_recipient": new_recipient,
    "no_recipient": no_recipient,
}
