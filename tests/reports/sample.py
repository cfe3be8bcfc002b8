"""A case as pages read it, for files that are made from it."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from desk_app.calls.pages import ContactRow, InquiryRow
from desk_app.calls.rules import Channel, Disposition, NextStep, Party
from desk_app.cases.pages import CasePage, TimelineRow
from desk_app.cases.rules import CaseState, EntryKind, Resolution
from desk_app.cases.types.catalogue import defaults
from desk_app.customers.pages import CustomerCard
from desk_app.customers.rules import UNASKED, NumberState, PersonalField
from desk_app.purposes.rules import Purpose
from desk_app.reports.case_summary import CaseSummary
from desk_app.reports.stamp import Stamp

MADE_AT = datetime(2026, 6, 12, 14, 5, tzinfo=ZoneInfo("Asia/Tokyo"))
STAMP = Stamp("貝印お客様相談室", "監督 花子", MADE_AT, Purpose.INQUIRIES)
RANG_AT = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
MATTER = (
    "先月購入した包丁（関孫六 AE-2905）の刃が、3回目の使用で欠けてしまった。"
    "「食洗機は使っていない」とのこと。交換をご希望。Bestellnummer 2026-0512 も確認済み。"
)

INQUIRY = InquiryRow(
    text=MATTER,
    answer="お品物をお預かりし、状態を確認のうえ、ご連絡する旨をご案内した。",
    category="complaint",
    product="関孫六 三徳包丁 165mm",
    lot="2404B",
    symptom="刃欠け",
)
CALL = ContactRow(
    id=1,
    number="20260610-0001",
    channel=Channel.TELEPHONE,
    outbound=False,
    received_at=RANG_AT,
    ended_at=RANG_AT.replace(minute=38),
    operator="受付 一郎",
    party=Party.CUSTOMER,
    caller_name="髙﨑 美咲",
    number_shown="090-1234-5678",
    number_state=NumberState.SHOWN,
    callback_number="",
    disposition=Disposition.FOLLOW_UP,
    purpose=Purpose.INQUIRIES,
    next_step=NextStep.ITEM_IN,
    announcement_id=1,
    objected=False,
    inquiries=(INQUIRY,),
)
CASE = CasePage(
    id=1,
    version=3,
    number="2026-000123",
    case_type="complaint",
    type_name=defaults()["complaint"].name,
    type_names={one.key: one.name for one in defaults().values()},
    state=CaseState.RESOLVED,
    subject="刃が欠けた",
    customer=CustomerCard(
        id=1,
        version=1,
        name=PersonalField.of("髙﨑 美咲"),
        reading=PersonalField.of("タカサキ ミサキ"),
        telephones=("090-1234-5678",),
        email=PersonalField.of("", declined=True),
        postcode=UNASKED,
        address=UNASKED,
        building=UNASKED,
    ),
    assignee_id=1,
    assignee="受付 一郎",
    opened_at=RANG_AT,
    opened_by="受付 一郎",
    due_at=RANG_AT.replace(day=11),
    deadlines=(),
    target_source="",
    callback_due_at=RANG_AT.replace(day=11, hour=6),
    resolution=Resolution.REPLACED,
    resolution_text="代替品を発送し、お客様にお電話でご了承をいただいた。",
    resolved_at=RANG_AT.replace(day=12),
    closed_at=None,
    closed_by=None,
    spot_check=False,
    contacts=(CALL,),
    timeline=(
        TimelineRow(RANG_AT, "受付 一郎", EntryKind.OPENED, "", {}),
        TimelineRow(RANG_AT, "受付 一郎", EntryKind.NOTE, "Die Klinge ist eingetroffen.", {}),
    ),
    acts=frozenset(),
)
SUMMARY = CaseSummary(STAMP, CASE)


def summary_of(text: str) -> CaseSummary:
    """The sample with another matter."""
    call = replace(CALL, inquiries=(replace(INQUIRY, text=text),))
    return CaseSummary(STAMP, replace(CASE, contacts=(call,)))
