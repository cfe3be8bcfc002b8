"""The answer to a request on both engines: collected, reviewed, made, delivered."""

import io
import json
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from desk_app.audit.model import AuditEntry
from desk_app.calls.endings import JoinCase
from desk_app.calls.form import NewCustomer
from desk_app.calls.model import Inquiry
from desk_app.calls.rules import Party
from desk_app.cases import service as cases
from desk_app.cases.linking import service as linking
from desk_app.cases.linking.rules import LinkKind
from desk_app.customers.rules import PersonalField
from desk_app.errors import NotPermitted, Refused
from desk_app.keys.age import header
from desk_app.people.access import Role
from desk_app.privacy.data_map.owned import roots_of
from desk_app.privacy.disclosure import service, views
from desk_app.privacy.disclosure.handing import service as handing
from desk_app.privacy.disclosure.known import finder_of
from desk_app.privacy.disclosure.making import Watching
from desk_app.privacy.disclosure.rules import (
    Confirmed,
    KeyWay,
    Medium,
    PackState,
    Removed,
    Way,
)
from desk_app.privacy.disclosure.service import Wanted
from desk_app.privacy.provisions import service as provisions
from desk_app.privacy.provisions.contents import lines_of
from desk_app.privacy.provisions.pages import digest_of
from desk_app.privacy.provisions.rules import Means
from desk_app.privacy.provisions.rules import Wanted as Handed
from desk_app.privacy.registers import service as registers
from desk_app.privacy.registers.rules import Item as HandedItem
from desk_app.privacy.registers.rules import RecipientForm, RecipientKind
from desk_app.privacy.requests import service as asking
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import Kind, State
from desk_app.purposes.model import Consent, PolicyVersion
from desk_app.purposes.policy import service as policy
from desk_app.purposes.rules import OtherUse
from tests.engines import on_file
from tests.privacy.disclosure.answering import (
    IDENTITY,
    RECIPIENT,
    Answering,
    called_in,
    new_call,
    opened,
)
from tests.privacy.requests.desk import RequestsDesk, enter_customer
from ui.privacy.disclosure.conductor import make_and_enter
from ui.privacy.disclosure.handing_out import PackWanted

SUZUKI = "鈴木 一郎"
THEIRS = ("鈴木", "一郎", "090-8765-4321", "09087654321", "0908765")
PAPERLESS = (Medium.DATA,)
"""What the engine makes no difference to."""


def refused(code: str) -> Any:
    return pytest.raises(Refused, match=code)


@pytest.fixture
def answering(requests: RequestsDesk, tmp_path: Path) -> Answering:
    """Ms Sato's case, in which Mr Suzuki called as well, and her husband for her; her approved
    request."""
    day, sato = requests.day, requests.customer_id
    stranger = NewCustomer(PersonalField.of("髙橋 美咲"))
    new_call(day, called_in("髙橋", customer=stranger, number="06-7777-8888"))
    first = new_call(
        day,
        called_in(
            "佐藤",
            "鈴木一郎さん(０９０－８７６５－４３２１)の紹介で買った包丁の刃が欠けた。"
            "高橋美咲 様(06 7777 8888)も知っている。",
            customer=sato,
            answer="スズキ様にも、担当 1 からご連絡します。",
            number="090-1111-2222",
            product="鈴木様と同じ三徳",
        ),
    )
    new_call(
        day,
        called_in(
            SUZUKI,
            "私も同じ包丁です。鈴木の秘密。",
            customer=NewCustomer(PersonalField.of(SUZUKI)),
            number="090-8765-4321",
            reading="すずき いちろう",
        ),
        JoinCase(first.case_id),
    )
    new_call(
        day,
        called_in("佐藤 太郎", "妻の代わりに電話した。", customer=sato, party=Party.FAMILY),
        JoinCase(first.case_id),
    )
    day.perform(
        day.operator,
        cases.add_note,
        first.case_id,
        day.page(first.case_id).version,
        text="鈴木 一郎様は別の件。佐藤花子様へ回答。",
    )
    return Answering(requests, tmp_path, requests.approved())


@pytest.fixture
def brief(requests: RequestsDesk, tmp_path: Path) -> Answering:
    """Ms Sato called once, and her request is approved: where nobody else matters."""
    new_call(requests.day, called_in("佐藤", customer=requests.customer_id, number="090-1111-2222"))
    return Answering(requests, tmp_path, requests.approved())


def test_what_is_others_is_nowhere_in_the_pack_and_shown_as_removed(answering: Answering) -> None:
    with answering.day.work(reading=True) as w:
        case_id = w.session.get_one(PrivacyRequest, answering.request_id).case_id
    answering.finish()
    parts = answering.parts()
    data = json.loads(parts["data.json"])
    said = "".join(
        parts[name].decode("utf-8-sig") for name in ("data.json", "data.csv", "readme.txt")
    )
    pages = PdfReader(io.BytesIO(parts["disclosure.pdf"])).pages
    paper = "".join("".join(page.extract_text() for page in pages).split())
    for text in (said, paper, "".join(parts)):
        for value in (
            *THEIRS,
            "高橋",
            "美咲",
            "7777",
            "ｽｽﾞｷ",
            "スズキ",
            "０９０－８７６５",
            "太郎",
            "秘密",
            "担当 1",
        ):
            assert value not in text, value
    for text in (said, paper):
        for value in ("佐藤", "花子", "刃が欠けた", "妻の代わりに", "■他の方■", "■相談員■"):
            assert value in text, value
    inquiries = [one for one in data["items"] if one["table"] == "inquiry"]
    assert len(inquiries) == 3  # hers, her husband's for her, and that of the request
    text = inquiries[0]["fields"][0]
    assert text["value"] == (
        "■他の方■さん(■他の方■)の紹介で買った包丁の刃が欠けた。■他の方■ 様(■他の方■)も知っている。"
    )
    assert text["removed"] == ["other_person"] * 4
    others = [one for one in data["items"] if one["table"] == "case_contact"]
    assert [one["fields"][0]["value"] for one in others] == ["■他の方■"]
    husband = [one for one in data["items"] if one["table"] == "contact"][1]
    assert husband["parent"] is None
    caller = next(one for one in husband["fields"] if one["key"] == "caller_name")
    assert caller["removed"] == ["other_person"]
    assert data["marks"]["■他の方■"]
    # the request itself is left out, but not the call in which it came
    tables = {one["table"] for one in data["items"]}
    assert not {one for one in tables if one.startswith("privacy_request")}
    hanging = {f"desk_case:{case_id}"}
    assert not [one for one in data["items"] if hanging & {one["key"], one["parent"]}]


@on_file
def test_an_earlier_request_is_part_of_what_is_held(brief: Answering) -> None:
    brief.finish()
    made, _ = brief.make(media=PAPERLESS)
    _deliver(brief, brief.enter(made, media=PAPERLESS))
    later = Answering(brief.requests, brief.folder, brief.requests.approved())
    tables = {one.table for one in later.items()}
    assert {"privacy_request", "privacy_identity_check", "disclosure_delivery"} <= tables


@on_file
def test_the_reviewer_removes_more_and_puts_back_and_it_stays_so(answering: Answering) -> None:
    review = answering.review()
    inquiry = next(one for one in review.items() if one.table == "inquiry")
    note = next(
        one for one in review.items() if one.table == "timeline_entry" and one.removed_count > 1
    )
    text = inquiry.fields[0]
    at = text.value.index("包丁")
    cut = text.cuts[0]
    answering.choose(
        Wanted(
            inquiry.key,
            "text",
            True,
            "impediment",
            at,
            at + 2,
            mark=review.mark(inquiry.key, "text"),
        ),
        Wanted(
            inquiry.key,
            "text",
            False,
            "agreed",
            cut.start,
            cut.end,
            mark=review.mark(inquiry.key, "text"),
        ),
        Wanted(note.key, "", True, "harm"),
    )
    answering.finish()
    parts = answering.parts(media=PAPERLESS)
    items = {one["key"]: one for one in json.loads(parts["data.json"])["items"]}
    said = items[inquiry.key]["fields"][0]
    assert said["value"].startswith("鈴木一郎さん(■他の方■)の紹介で買った■業務上の支障■の刃")
    assert said["removed"][:2] == ["other_person", "decided"]
    assert items[note.key]["removed"] == "■権利利益の保護■"
    assert items[note.key]["fields"] == []
    assert parts == answering.parts(media=PAPERLESS), "the same when it is made again"


@on_file
def test_a_text_that_changed_since_is_removed_as_a_whole_and_the_pack_refused(
    brief: Answering,
) -> None:
    review = brief.review()
    inquiry = next(one for one in review.items() if one.table == "inquiry")
    mark = review.mark(inquiry.key, "text")
    brief.choose(Wanted(inquiry.key, "text", True, "harm", 0, 2, mark=mark))
    brief.finish()
    with brief.day.work() as w:
        w.session.execute(
            update(Inquiry).where(Inquiry.id == inquiry.id).values(text="秘密は後から書かれた。")
        )
        w.commit()
    with refused("disclosure.changed"):
        brief.make(media=PAPERLESS)
    changed = next(one for one in brief.items() if one.key == inquiry.key)
    assert changed.is_new
    assert changed.fields[0].whole is not None
    assert changed.fields[0].whole.detail == "harm"


@on_file
def test_what_came_since_has_to_be_looked_at_before_it_goes_out(brief: Answering) -> None:
    review = brief.review()
    new_call(brief.day, called_in("佐藤", "もう一つ。", customer=review.customer_id))
    with refused("disclosure.changed"):
        brief.perform(service.finish_review, review.disclosure_id, seen=review.seen())
    brief.finish()
    new_call(brief.day, called_in("佐藤", "さらに。", customer=review.customer_id))
    with refused("disclosure.changed"):
        brief.make()
    assert {one.table for one in brief.items() if one.is_new} >= {"contact", "inquiry"}


@on_file
def test_nothing_goes_out_before_it_was_reviewed_and_approved(
    requests: RequestsDesk, tmp_path: Path
) -> None:
    unverified = Answering(requests, tmp_path, requests.receive())
    with refused("disclosure.not_verified"):
        unverified.review()
    requests.verify(unverified.request_id)
    assert not unverified.review().is_executable
    with refused("disclosure.not_reviewed"):
        unverified.make()
    unverified.finish()
    with refused("requests.not_approved"):
        unverified.make()
    other = Answering(requests, tmp_path, requests.approved(Kind.CEASE_USE))
    with refused("disclosure.other_kind"):
        other.review()
    # article 33(5) asks for records of provision alone
    records = Answering(requests, tmp_path, requests.approved(Kind.PROVISION_RECORDS))
    assert records.items() == []


@on_file
def test_a_record_of_provision_names_a_use_outside_the_policy(
    requests: RequestsDesk, tmp_path: Path
) -> None:
    day, customer_id = requests.day, requests.customer_id
    names = {"ja": "展示会", "en": "Fairs", "de": "Messen"}
    use = OtherUse(day.perform(requests.officer, policy.name_use, names))
    shop = RecipientForm(RecipientKind.RETAILER, "刃物店", "関市1-1", "店主 三郎")
    wanted = Handed(
        day.perform(requests.officer, registers.enter_recipient, shop),
        frozenset({HandedItem.NAME}),
        use,
    )
    with day.work() as w:
        w.session.add(
            Consent(
                customer_id=customer_id,
                purposes=[],
                named_use_id=use.id,
                recipients=["retailer"],
                topics=[],
                policy_version_id=w.session.scalars(select(PolicyVersion.id)).one(),
                channel="telephone",
                given_at=w.now,
                entered_at=w.now,
                entered_by=requests.operator.user_id,
            )
        )
        shown = digest_of(lines_of(w, customer_id, None), wanted.items)
        w.commit()
    day.perform(
        requests.operator,
        provisions.hand_over,
        customer_id=customer_id,
        case_id=None,
        wanted=wanted,
        shown=shown,
        means=Means.POST,
    )
    day.perform(requests.officer, policy.end_named_use, use.id)
    records = Answering(requests, tmp_path, requests.approved(Kind.PROVISION_RECORDS))
    records.finish()
    (item,) = json.loads(records.parts(media=PAPERLESS)["data.json"])["items"]
    said = {one["key"]: one["said"] for one in item["fields"]}
    assert (said["purpose"], said["recipient_name"]) == ("展示会", "刃物店")


@on_file
def test_of_who_was_never_verified_nothing_is_collected_later_either(
    requests: RequestsDesk, tmp_path: Path
) -> None:
    withdrawn, turned_away = requests.receive(), requests.receive()
    requests.do(asking.withdraw, withdrawn, reason="電話で取り下げ")
    requests.do(asking.close, withdrawn)
    requests.do(
        deciding.turn_away,
        turned_away,
        requests.officer,
        ground="identity_not_proven",
        reasons="確認できませんでした。",
    )
    requests.approve(turned_away)
    for request_id in (withdrawn, turned_away):
        with refused("disclosure.not_verified"):
            Answering(requests, tmp_path, request_id).review()
    listed = requests.day.read(requests.officer, views.to_answer)
    assert not {withdrawn, turned_away} & {one.request_id for one in listed}


@on_file
def test_a_pack_goes_no_more_once_more_of_it_was_removed(brief: Answering) -> None:
    brief.finish()
    made, _ = brief.make(media=PAPERLESS)
    pack_id = brief.enter(made, media=PAPERLESS)
    went = brief.day.clock.now()
    brief.day.later(minutes=1)
    brief.choose(Wanted(brief.items("inquiry")[0].key, "", True, "harm"))
    brief.finish()
    with refused("disclosure.pack_overtaken"):
        _deliver(brief, pack_id, delivered_at=brief.day.clock.now())
    _deliver(brief, pack_id, delivered_at=went)  # what had gone before had gone


@on_file
@pytest.mark.parametrize(
    "written",
    [
        "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ",
        "TARO＠Example.JP",
        "0081-6-1111-2222",
        "+81 6 1111 2222",
        "０６１１１１２２２２",
    ],
)
def test_a_stranger_is_found_however_they_are_written(requests: RequestsDesk, written: str) -> None:
    enter_customer(requests.day, "鈴木 一郎", "06-1111-2222", email="taro@example.jp")
    with requests.day.work(reading=True) as w:
        text = f"連絡は {written} へ"
        (cut,) = finder_of(w, roots_of(w, requests.customer_id), [text]).cuts(text)
    assert not set("taro1111") & set(text[: cut.start] + text[cut.end :])


@on_file
@pytest.mark.parametrize(
    ("meanwhile", "code"),
    [("another choice", "disclosure.not_reviewed"), ("the end", "people.appointment_ended")],
)
def test_a_pack_that_cannot_be_entered_or_may_not_be_read_is_not_there(
    brief: Answering, meanwhile: str, code: str
) -> None:
    brief.finish()
    review = brief.review()
    item = brief.items("inquiry")[0].key
    begun: list[object] = []

    def require() -> None:
        if meanwhile == "the end" and begun:
            raise NotPermitted("people.appointment_ended")

    def report(done: object) -> None:
        if meanwhile == "another choice" and not begun:
            brief.choose(Wanted(item, "", True, "harm"))
        begun.append(done)

    nowhere = SimpleNamespace(recordings=brief.folder, fetched=brief.folder)
    desk: Any = SimpleNamespace(
        perform=brief.perform,
        read=brief.read,
        authority=SimpleNamespace(require=require),
        office=nowhere,
        recordings=SimpleNamespace(identities=dict),
        attachment_identities=dict,
        sealed_identities=dict,
    )
    folder = brief.folder / "out"
    folder.mkdir()
    wanted = PackWanted(PAPERLESS, "ja", RECIPIENT)
    with pytest.raises((Refused, NotPermitted), match=code):
        make_and_enter(desk, review, wanted, folder / "pack.age", report, threading.Event())
    assert begun
    assert list(folder.iterdir()) == []


def test_the_delivery_is_on_record_and_carries_the_request_out(
    brief: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    for actor in (
        brief.requests.operator,
        brief.requests.supervisor,
        brief.day.person(Role.DPO, appointed=False),
    ):
        with pytest.raises(NotPermitted):
            brief.day.perform(actor, service.open_review, brief.request_id)
    monkeypatch.setattr(header, "SCRYPT_LOG", 10)  # what it costs is tried elsewhere
    brief.finish()
    made, path = brief.make(media=PAPERLESS, recipient=None)
    pack_id = brief.enter(made, media=PAPERLESS)
    with refused("disclosure.same_way"):
        _deliver(brief, pack_id, way=Way.HANDED_OVER, key_way=KeyWay.HANDED_OVER)
    with refused("disclosure.key_way_missing"):
        _deliver(brief, pack_id, key_way=None)
    with refused("disclosure.way_of_paper"):
        _deliver(brief, pack_id, way=Way.PRINTED_POST)
    with refused("disclosure.to_whom_missing"):
        _deliver(brief, pack_id, to_whom=" ")
    with refused("disclosure.delivered_when"):
        _deliver(brief, pack_id, delivered_at=brief.day.clock.now() + timedelta(days=1))
    with refused("disclosure.delivered_when"):  # before it was made
        _deliver(brief, pack_id, delivered_at=brief.day.clock.now() - timedelta(minutes=2))
    _deliver(brief, pack_id)
    standing = brief.day.read(brief.requests.operator, views.standing, brief.request_id)
    assert standing.state is PackState.DELIVERED
    (pack,), (delivery,) = standing.packs, standing.deliveries
    assert (pack.digest, pack.with_passphrase) == (made.digest, True)
    assert (delivery.to_whom, delivery.way, delivery.pack_id) == (
        "佐藤 花子",
        "registered_post",
        pack_id,
    )
    with brief.day.work(reading=True) as w:
        assert w.session.get_one(PrivacyRequest, brief.request_id).state == State.EXECUTED
        entries = {one.action: one.particulars for one in w.session.scalars(select(AuditEntry))}
    assert entries["disclosure.collected"]["in_contacts"] > 0
    assert entries["disclosure.opened"]["removed"] > 0
    delivered = entries["disclosure.delivered"]
    assert (delivered["digest"], delivered["way"]) == (made.digest, "registered_post")
    assert opened(path.read_bytes(), made.passphrase)["data.json"]


@on_file
def test_the_stock_tool_opens_a_pack_and_one_given_up_leaves_nothing(brief: Answering) -> None:
    brief.finish()
    _, path = brief.make(media=PAPERLESS)
    key = brief.folder / "key.txt"
    key.write_text(IDENTITY + "\n")
    done = subprocess.run(["age", "-d", "-i", key, path], capture_output=True, check=True)
    packed = brief.folder / "pack.zip"
    packed.write_bytes(done.stdout)
    listed = subprocess.run(
        ["python3", "-m", "zipfile", "-l", packed], capture_output=True, check=True
    )
    assert b"manifest.json" in listed.stdout
    with refused("disclosure.not_a_recipient"):
        brief.make(recipient="age1nobody")
    # one that is given up leaves nothing behind
    folder = brief.folder / "out"
    folder.mkdir()
    for after in range(3):
        done: list[tuple[int, int]] = []

        def is_stopped(done: list[tuple[int, int]] = done, after: int = after) -> bool:
            return len(done) >= after

        with refused("disclosure.given_up"):
            brief.make(
                folder / "pack.age", media=PAPERLESS, watching=Watching(done.append, is_stopped)
            )
        assert list(folder.iterdir()) == []
        assert len(done) == after


@on_file
def test_internal_assessments_are_shown_as_removed_and_may_be_put_back(
    answering: Answering,
) -> None:
    case = next(one for one in answering.items("desk_case"))
    other = new_call(
        answering.day, called_in("佐藤", "別件", customer=answering.review().customer_id)
    )
    answering.day.perform(
        answering.day.operator,
        linking.link,
        case.id,
        other_id=other.case_id,
        kind=LinkKind.RELATED,
        reason="クレーマー気味の鈴木一郎と同じ",
    )
    link = answering.items("case_link")[0]
    reason = next(one for one in link.fields if one.key == "reason")
    assert reason.whole is not None
    assert reason.whole.why is Removed.INTERNAL
    answering.choose(
        Wanted(
            link.key,
            "reason",
            False,
            "no_impediment",
            mark=answering.review().mark(link.key, "reason"),
        )
    )
    answering.finish()
    items = json.loads(answering.parts(media=PAPERLESS)["data.json"])["items"]
    said = next(one for one in items if one["key"] == link.key)["fields"]
    assert (
        next(one for one in said if one["key"] == "reason")["value"]
        == "クレーマー気味の■他の方■と同じ"
    )


def _deliver(answering: Answering, pack_id: int, **how: object) -> None:
    given: dict[str, object] = {
        "way": Way.REGISTERED_POST,
        "key_way": KeyWay.TELEPHONE,
        "confirmed": Confirmed.ADDRESSEE_ONLY,
        "to_whom": "佐藤 花子",
        "delivered_at": answering.day.clock.now(),
    }
    answering.perform(handing.deliver, pack_id, **(given | how))
