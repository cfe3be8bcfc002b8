"""The review of a disclosure, and its handing out."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.privacy.data_map.rules import Section
from desk_app.privacy.disclosure.choices import FILE, SOUND, Choice, Review
from desk_app.privacy.disclosure.pages import (
    DeliveryRow,
    Field,
    Item,
    PackRow,
    Standing,
    ToAnswer,
)
from desk_app.privacy.disclosure.places import As
from desk_app.privacy.disclosure.rules import Cut, Label, Medium, PackState, Removed, Voice
from tests.ui.scenes import Scene
from ui.look import Look
from ui.privacy.disclosure.handing_out import HandingOutPanel
from ui.privacy.disclosure.review import ReviewPanel
from ui.privacy.disclosure.tab import ToAnswerPanel

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 9, 24, 1, 30, tzinfo=UTC)
OTHER = Label(Removed.OTHER_PERSON)
STAFF = Label(Removed.STAFF, "operator")
MATTER = (
    "紹介してくれた鈴木一郎さんと同じ包丁を買ったところ、二週間で刃が欠けました。"
    "保証の期間なので、鈴木さん(090-8765-4321)と同じように交換してほしいです。"
)


def _cuts(text: str, *others: str) -> tuple[Cut, ...]:
    return tuple(Cut(text.index(one), text.index(one) + len(one), OTHER) for one in others)


def _item(
    key: str, section: Section, *fields: Field, parent: str | None = None, file: bool = False
) -> Item:
    table, _, number = key.partition(":")
    return Item(key, section, table, int(number), parent, NOW, fields, has_file=file)


ITEMS = (
    _item("customer:1", Section.PERSON, Field("name", As.TEXT, "佐藤 花子")),
    _item(
        "contact_point:1",
        Section.PERSON,
        Field("kind", As.TOKEN, "telephone", words="customers.field.{token}"),
        Field("value", As.TEXT, "03-1234-5678"),
        parent="customer:1",
    ),
    _item(
        "contact:1",
        Section.CONTACTS,
        Field("number", As.PLAIN, "20260923-0012"),
        Field("channel", As.TOKEN, "telephone", words="calls.channel.{token}"),
        Field("operator_id", As.STAFF, "operator", whole=STAFF),
        Field("caller_name", As.TEXT, "佐藤"),
    ),
    _item(
        "inquiry:1",
        Section.CONTACTS,
        Field("text", As.TEXT, MATTER, cuts=_cuts(MATTER, "鈴木一郎", "090-8765-4321")),
        Field("answer", As.TEXT, "着払いでお送りいただくようご案内した。"),
        parent="contact:1",
    ),
    _item(
        "desk_case:1",
        Section.CASES,
        Field("number", As.PLAIN, "2026-000123"),
        Field("subject", As.TEXT, "二週間で刃が欠けた"),
    ),
    _item(
        "case_approval:1",
        Section.CASES,
        Field("reason", As.INTERNAL, "強い口調。慎重に。", whole=Label(Removed.INTERNAL)),
        parent="desk_case:1",
    ),
    _item(
        "recording:5",
        Section.RECORDINGS,
        Field("part", As.NUMBER, "1"),
        Field("duration_ms", As.DURATION, "361000"),
        file=True,
    ),
    _item(
        "attachment:2",
        Section.ATTACHMENTS,
        Field("name", As.TEXT, "刃の写真.jpg"),
        Field("kind", As.PLAIN, "jpg"),
        Field("size_bytes", As.NUMBER, "1204112"),
        file=True,
    ),
)
LETTER = (
    "拝啓 先日は着払いの箱をお送りいただき、ありがとうございました。\n\n"
    "包丁は隣の鈴木一郎さんに預けてあります。留守の折は鈴木さん(090-8765-4321)へ"
    "お電話ください。\n修理の見積もりは六千円まででお願いいたします。\n\n敬具\n佐藤 花子"
)
WITH_LETTER = (
    *ITEMS,
    _item(
        "attachment:3",
        Section.ATTACHMENTS,
        Field("name", As.TEXT, "手紙.txt"),
        Field("kind", As.PLAIN, "txt"),
        Field("size_bytes", As.NUMBER, "612"),
        Field("content", As.TEXT, LETTER, cuts=_cuts(LETTER, "鈴木一郎", "090-8765-4321")),
        file=True,
    ),
)
REVIEW = Review(
    disclosure_id=1,
    request_id=1,
    case_id=9,
    customer_id=1,
    state=PackState.REVIEWING,
    language="ja",
    medium="pdf",
    is_executable=True,
    collected=ITEMS,
    choices=(),
    salt="00" * 16,
)
CHOICES = (
    Choice(1, "recording:5", FILE, None, None, False, "own_data", None, ""),
    Choice(2, "recording:5", SOUND, 61_000, 74_000, True, "other_person", Voice.CALLER, ""),
    Choice(3, "attachment:2", FILE, None, None, True, "impediment", None, ""),
)
PACK = PackRow(1, NOW, "保護 太郎", (Medium.PDF, Medium.DATA), "5f0c" * 16, 4_812_345, True, False)
STANDING = Standing(1, 1, PackState.REVIEWED, NOW, "保護 太郎", (), ())


def _review(look: Look, review: Review, *, at: int) -> QWidget:
    panel = ReviewPanel(look, zone=TOKYO)
    panel.present(review, on=date(2026, 9, 24))
    panel.view.setCurrentIndex(panel.table.index(at, 0))
    return panel


def _handing(look: Look, standing: Standing, *, passphrase: str | None = None) -> HandingOutPanel:
    panel = HandingOutPanel(look, zone=TOKYO)
    panel.present(standing, language="ja", now=NOW)
    panel.show_passphrase(passphrase)
    return panel


def _making(look: Look) -> QWidget:
    panel = _handing(look, STANDING)
    panel.show_progress((3, 7))
    return panel


def _delivered(look: Look) -> QWidget:
    delivery = DeliveryRow(
        NOW, "保護 太郎", 1, "registered_post", "telephone", "addressee_only", "佐藤 花子"
    )
    panel = _handing(
        look,
        replace(STANDING, state=PackState.DELIVERED, packs=(PACK,), deliveries=(delivery,)),
    )
    return panel


def _to_answer(look: Look, rows: tuple[ToAnswer, ...]) -> QWidget:
    panel = ToAnswerPanel(look, zone=TOKYO)
    panel.present(rows)
    return panel


TO_ANSWER = (
    ToAnswer(1, "2026-000123", "disclosure", NOW, "approved", PackState.REVIEWED),
    ToAnswer(2, "2026-000131", "provision_records", NOW, "verified", None),
    ToAnswer(3, "2026-000099", "disclosure", NOW, "notified", PackState.DELIVERED),
)


SCENES: dict[str, Scene] = {
    "inquiry": lambda look: _review(look, REVIEW, at=3),
    "recording": lambda look: _review(look, REVIEW.after(CHOICES), at=6),
    "internal": lambda look: _review(look, replace(REVIEW, is_executable=False), at=5),
    "picture": lambda look: _review(look, REVIEW, at=7),
    "letter": lambda look: _review(look, replace(REVIEW, collected=WITH_LETTER), at=8),
    "none": lambda look: _review(look, replace(REVIEW, collected=()), at=0),
    "to_answer": lambda look: _to_answer(look, TO_ANSWER),
    "none_to_answer": lambda look: _to_answer(look, ()),
    "handing": lambda look: _handing(look, STANDING),
    "making": _making,
    "made": lambda look: _handing(
        look, replace(STANDING, packs=(PACK,)), passphrase="k7wpz-m3nqr-x8tvd-h2jyb"
    ),
    "delivered": _delivered,
}
