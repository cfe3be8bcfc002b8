"""The intake in the states of a day: waiting, closed, ringing in, recognised, wrapping up; and
whatever may want attention in a call."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.rules import Channel, Disposition, NextStep
from desk_app.cases.types.catalogue import defaults
from desk_app.customers.rules import Answer, PersonalField
from desk_app.customers.steps import Field, Reason, Step
from desk_app.search.duplicates.pages import SameNumber, SimilarText
from desk_app.words import Words
from tests.ui.scenes import Scene
from tests.ui.scenes.purposes import USES
from ui.calls.attention import Attention, TroubleLine
from ui.calls.page import IntakePage
from ui.calls.view import (
    ContactView,
    Customer,
    KnownCase,
    KnownContact,
    LikelyCase,
    MatchLine,
    StartView,
    Unfinished,
)
from ui.help_calls.line import HelpView
from ui.look import Look
from ui.purposes.said import said_briefly
from ui.reasons import said_reasons

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 9, 18, 11, 42, tzinfo=TOKYO)
SCRIPT = (
    "お電話ありがとうございます。この通話は、お問い合わせの内容を正確に承るために"
    "録音させていただきます。録音は、この目的以外には使用いたしません。"
)
MATCHES = (
    MatchLine(1, "佐藤 花子", "090-1234-5678", ("customers.matched_by.number",)),
    MatchLine(2, "佐藤 太郎", "03-1234-5678", ("customers.matched_by.reading",)),
    MatchLine(
        3, "佐々木・フォン・グレーフェンベルク 真理子", "", ("customers.matched_by.reading",)
    ),
)
KNOWN = Customer(
    1,
    "佐藤 花子",
    cases=(
        KnownCase(
            7, "2026-000123", "cases.state.in_progress", "包丁の刃が欠けた", NOW.replace(hour=15)
        ),
        KnownCase(9, "2026-000140", "cases.state.waiting", "替刃の在庫について", None),
    ),
    contacts=(
        KnownContact(NOW.replace(day=15), "calls.channel.telephone", "包丁の刃が欠けた"),
        KnownContact(NOW.replace(day=2, month=6), "calls.channel.email", "替刃の注文"),
        KnownContact(NOW.replace(day=9, month=3), "calls.channel.letter", "お礼のお手紙"),
    ),
)
LIKELY = LikelyCase(
    KnownCase(
        11, "2026-000150", "cases.state.new", "三徳包丁の刃が、かぼちゃを切ったら欠けた", None
    ),
    lambda words: said_reasons(
        words, (SameNumber(3), SimilarText(("三徳包丁", "かぼちゃ", "欠けた")))
    ),
)
FORM = ContactForm(
    caller_name=PersonalField.of("佐藤 花子"),
    caller_reading=PersonalField.of("サトウ ハナコ"),
    callback_number=PersonalField.of("", declined=True),
    inquiries=(
        InquiryForm(
            text="先月買った三徳包丁の刃が、かぼちゃを切ったときに欠けた。\n"
            "保証の対象になるか知りたい。破片は見つかっている。",
            category="complaint",
            product="三徳包丁 165mm / 4901331234567",
            lot="24C11",
            symptom="刃こぼれ",
            answer="お預かりして調べる旨をご案内。着払い伝票を送る。",
        ),
        InquiryForm(text="砥石の使い方"),
    ),
    disposition=Disposition.FOLLOW_UP,
    next_step=NextStep.PROMISE,
)


def _intake(look: Look) -> IntakePage:
    page = IntakePage(look)
    page.contact.matter.show_types(tuple(defaults().values()))
    return page


def _contact(
    look: Look,
    form: ContactForm = FORM,
    *,
    attention: Attention = Attention(),  # noqa: B008 -- frozen
    help_view: HelpView | None = None,
    **changes: object,
) -> IntakePage:
    page = _intake(look)
    values: dict[str, object] = {
        "channel": Channel.TELEPHONE,
        "is_running": True,
        "outbound": False,
        "number": "090-1234-5678",
        "number_key": "customers.number_state.shown",
        "recording": "waiting",
        "script": SCRIPT,
        "announced_key": "",
        "objected": False,
        "may_discard": False,
        "hours": lambda words: words("hours.status.open", until="12:00"),
        "hours_briefly": lambda words: words("hours.status.open_briefly", until="12:00"),
        "is_open": True,
    }
    page.contact.bar.attention.present(attention)
    page.contact.bar.help_line.present(help_view)
    page.contact.load(form, now=NOW)
    page.present_contact(ContactView(**(values | changes)))
    page.contact.bar.show_time(42)
    return page


def _recorded(look: Look, attention: Attention, **changes: object) -> IntakePage:
    """A call of a known customer that is being recorded."""
    page = _contact(
        look,
        attention=attention,
        **{
            "recording": "recording",
            "announced_key": "calls.announced_by.operator",
            "matches": MATCHES,
            "customer": KNOWN,
            "join_case": KNOWN.cases[0],
            "may_discard": True,
        }
        | changes,
    )
    page.contact.bar.show_levels(-14, -31)
    return page


def _closed_until_one(words: Words) -> str:
    return words("hours.status.closed", reason=words("hours.reason.lunch"), until="13:00")


def waiting(look: Look) -> QWidget:
    page = _intake(look)
    page.present_start(
        StartView(
            is_open=True,
            takes_calls=True,
            hours=lambda words: words("hours.status.open", until="12:00"),
            now=NOW,
            unfinished=(Unfinished("u1", Channel.TELEPHONE, NOW.replace(hour=10)),),
        )
    )
    return page


def closed(look: Look) -> QWidget:
    page = _intake(look)
    page.present_start(
        StartView(
            is_open=False,
            takes_calls=False,
            hours=_closed_until_one,
            now=NOW.replace(hour=12, minute=30),
        )
    )
    return page


def ringing(look: Look) -> QWidget:
    return _contact(look, ContactForm(), matches=MATCHES)


def recognised(look: Look) -> QWidget:
    return _recorded(look, Attention())


def outbound(look: Look) -> QWidget:
    return _contact(look, ContactForm(), outbound=True, matches=MATCHES)


def announced_by_exchange(look: Look) -> QWidget:
    return _contact(
        look,
        ContactForm(),
        matches=MATCHES,
        recording="recording",
        announced_key="calls.announced_by.exchange",
        may_discard=True,
    )


def paused(look: Look) -> QWidget:
    lines = Attention(withheld="pause", withheld_seconds=42)
    return _recorded(look, lines, recording="paused")


def held(look: Look) -> QWidget:
    lines = Attention(withheld="hold", withheld_seconds=187)
    return _recorded(look, lines, recording="held")


def interrupted(look: Look) -> QWidget:
    return _recorded(look, Attention(), recording="interrupted")


def asked_if_over(look: Look) -> QWidget:
    return _recorded(look, Attention(answer_within=47))


def objecting(look: Look) -> QWidget:
    return _recorded(look, Attention(objection="first"), recording="held")


def objecting_again(look: Look) -> QWidget:
    return _recorded(look, Attention(objection="again"), recording="objected", objected=True)


def destroyed(look: Look) -> QWidget:
    lines = Attention(outcome="ui_intake.discard_done", outcome_tone="success", outcome_at="11:43")
    return _recorded(look, lines, recording="objected", objected=True, may_discard=False)


def not_all_destroyed(look: Look) -> QWidget:
    lines = Attention(outcome="ui_intake.discard_left", outcome_tone="danger", outcome_left=2)
    return _recorded(look, lines, recording="objected", objected=True)


def not_destroyed(look: Look) -> QWidget:
    lines = Attention(outcome="ui_intake.discard_failed", outcome_tone="danger")
    return _recorded(look, lines, recording="off", is_running=False)


def last_minute(look: Look) -> QWidget:
    return _recorded(look, Attention(listening=(12, 60)))


def device_lost(look: Look) -> QWidget:
    lost = TroubleLine("recordings.device_lost", ("caller",), kept=("operator",))
    silent = TroubleLine("recordings.one_sided", ("operator",), is_warning=True)
    return _recorded(look, Attention(troubles=(lost, silent)))


def device_back(look: Look) -> QWidget:
    back = TroubleLine("recordings.device_lost", ("caller",), is_over=True)
    moved = TroubleLine("recordings.device_moved", ("operator", "caller"))
    return _recorded(look, Attention(troubles=(moved, back)))


def everything_at_once(look: Look) -> QWidget:
    """Unlikely, but nothing may be pushed off the page."""
    lost = TroubleLine("recordings.device_lost", ("operator", "caller"), kept=())
    missing = TroubleLine("recordings.device_missing", ("caller",), kept=())
    lines = Attention(
        answer_within=9,
        withheld="pause",
        withheld_seconds=300,
        troubles=(lost, missing),
        listening=(59, 60),
    )
    return _recorded(look, lines, recording="paused")


def with_stops(look: Look) -> QWidget:
    """A customer who wants no mailings and had uses stopped; the number was declined."""
    return _recorded(
        look,
        Attention(),
        customer=replace(
            KNOWN,
            uses=lambda words: said_briefly(USES, words, ZoneInfo("Asia/Tokyo")),
            uses_tone="danger",
            has_opted_out=True,
            is_opted_out=True,
        ),
        impossible=Reason(Step.CALL_BACK, Field.TELEPHONE, Answer.DECLINED).say,
    )


def opting_out(look: Look) -> QWidget:
    """Nobody knows yet whose wish it is."""
    return _recorded(look, Attention(), customer=None, join_case=None, opts_out=True)


def wrapping_up(look: Look) -> QWidget:
    return _contact(
        look,
        ContactForm(
            caller_name=PersonalField("", Answer.DECLINED),
            postcode=PersonalField.of("101-8586"),
            inquiries=FORM.inquiries[:1],
            disposition=Disposition.FOLLOW_UP,
            next_step=NextStep.SHIP,
        ),
        is_running=False,
        recording="objected",
        objected=True,
        save_key="ui_intake.save_new_case",
        number="",
        number_key="customers.number_state.withheld",
        is_open=False,
        hours=_closed_until_one,
        hours_briefly=_closed_until_one,
    )


def letter(look: Look) -> QWidget:
    return _contact(
        look,
        ContactForm(),
        channel=Channel.LETTER,
        is_running=False,
        recording="off",
        script="",
        number="",
        number_key="",
    )


def likely(look: Look) -> QWidget:
    return _contact(look, matches=MATCHES, likely=LIKELY)


def likely_and_known(look: Look) -> QWidget:
    return _recorded(look, Attention(), likely=LIKELY, join_case=LIKELY.case)


SCENES: dict[str, Scene] = {
    "waiting": waiting,
    "closed": closed,
    "ringing": ringing,
    "recognised": recognised,
    "likely": likely,
    "likely_and_known": likely_and_known,
    "outbound": outbound,
    "announced_by_exchange": announced_by_exchange,
    "paused": paused,
    "held": held,
    "interrupted": interrupted,
    "asked_if_over": asked_if_over,
    "objecting": objecting,
    "objecting_again": objecting_again,
    "destroyed": destroyed,
    "not_all_destroyed": not_all_destroyed,
    "not_destroyed": not_destroyed,
    "last_minute": last_minute,
    "device_lost": device_lost,
    "device_back": device_back,
    "everything_at_once": everything_at_once,
    "wrapping_up": wrapping_up,
    "with_stops": with_stops,
    "opting_out": opting_out,
    "letter": letter,
}
