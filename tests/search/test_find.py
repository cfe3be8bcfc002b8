"""Finding cases as the office writes them, on both engines."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from desk_app.audit.model import AuditEntry
from desk_app.calls.endings import NewCase
from desk_app.calls.form import InquiryForm, NewCustomer
from desk_app.cases import service as cases
from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.customers.rules import PersonalField
from desk_app.errors import NotPermitted
from desk_app.people.access import Role
from desk_app.search import index, service, views
from desk_app.search.duplicates import service as duplicates
from desk_app.search.model import CaseText
from desk_app.search.pages import Found, Query, Sort
from desk_app.search.work_lists import views as lists
from desk_app.search.work_lists.rules import WorkList
from tests.day import COMPLAINT, OfficeDay


def case_about(day: OfficeDay, text: str, *, name: str = "", reading: str = "", **call: str) -> int:
    form = replace(
        COMPLAINT,
        inquiries=(InquiryForm(text=text),),
        customer=NewCustomer(PersonalField.of(name), PersonalField.of(reading)) if name else None,
    )
    case_id = day.called(form, NewCase(), **call).case_id
    assert case_id is not None
    return case_id


def find(day: OfficeDay, text: str = "", **rest: object) -> list[int]:
    return list(day.perform(day.operator, service.find, Query(text, **rest)).ids)


FOUND_BY = {
    "商品の返品をしたい": ["返品", "返", "商品 返品", "商品の返品をしたい"],
    "ガラスのキャップ": ["ｶﾞﾗｽ", "がらす", "キヤツプ"],
    "コンピューターの不調": ["コンピュータ", "ｺﾝﾋﾟｭｰﾀｰ"],
    "ビールの栓抜き": ["ビール", "ﾋﾞｰﾙ"],
    "髙島屋で購入": ["高島屋", "髙島屋"],
    "山崎店で購入": ["山﨑店"],
    "佐々木様より": ["佐佐木", "佐々木"],
    "Beschwerde von Frau Müller": ["mueller", "Muller", "müll", '"frau müller"', "FRAU mü"],
    "Hauptstraße 3": ["STRASSE", "straße"],
    "電話は 03-1234-5678": ["12345678", "3-1234", "４-５６"],
    "型番 KX-100 の件": ["kx-1", "KX 100"],
    "q": ["q"],
    "😀 うれしい": ["😀"],
    "100%純正": ["0%純"],
    "a_b c\\d": ["b c\\", "a_b"],
}
NOT_FOUND = ["ビイル", "0_円", "商品 交換", '"品の商"', "商品 -返品", "a%b", "muellar", "zz", "・"]


def test_a_case_is_found_however_its_words_are_written(day: OfficeDay) -> None:
    ids = {text: case_about(day, text) for text in FOUND_BY}
    for text, asked in FOUND_BY.items():
        for wanted in asked:
            assert ids[text] in find(day, wanted), (text, wanted)
    for wanted in NOT_FOUND:
        assert find(day, wanted) == [], wanted


def test_what_is_written_alike_and_means_another_thing_stays_apart(day: OfficeDay) -> None:
    beer, building = case_about(day, "ビールの栓抜き"), case_about(day, "ビルの鍵")
    umlaut, two_letters = case_about(day, "Frau Müller"), case_about(day, "Herr Mueller")
    assert find(day, "ビール") == [beer]
    assert find(day, "ビル") == [building]
    assert find(day, "muller") == [umlaut]
    assert find(day, "mueller") == [two_letters, umlaut]


def test_terms_may_stand_in_different_fields(day: OfficeDay) -> None:
    case_id = case_about(day, "刃が欠けた", name="佐藤 花子", reading="サトウ ハナコ")
    case_about(day, "刃が欠けた", name="鈴木 一郎")
    assert find(day, "欠け 佐藤") == [case_id]
    assert find(day, "佐藤花子") == [case_id]
    assert find(day, "さとう はな") == [case_id]


def test_the_number_of_the_call_and_of_the_case_are_found(day: OfficeDay) -> None:
    case_id = case_about(day, "刃が欠けた", number_shown="09012345678")
    case_about(day, "刃が欠けた", number_shown="09087654321")
    for fragment in ("090-1234-5678", "09012345678", "5678", "1234", "0901", "+819012345678"):
        assert find(day, fragment) == [case_id], fragment
    number = day.page(case_id).number
    assert number is not None
    assert find(day, number) == [case_id]
    assert find(day, number[-6:]) == [case_id]


def test_what_changes_is_found_anew_and_no_longer_by_the_old(day: OfficeDay) -> None:
    case_id = case_about(day, "刃が欠けた", name="佐藤 花子")
    day.perform(
        day.operator, cases.add_note, case_id, day.page(case_id).version, text="交換品を手配"
    )
    assert find(day, "手配") == [case_id]
    with day.work(finishers=(index.refresh,)) as w:
        case = w.session.get_one(Case, case_id)
        case.subject = "柄が割れた"
        w.changed("case", case_id)
        w.commit()
    assert find(day, "柄が割れた") == [case_id]


def test_a_case_that_is_gone_leaves_the_index(day: OfficeDay) -> None:
    kept, gone = case_about(day, "柄が割れた"), 987_654
    with day.work() as w:
        w.session.add(
            Case(
                id=gone,
                case_type="question",
                state="new",
                subject="柄が割れた",
                opened_at=w.now,
                opened_by=day.operator.user_id,
            )
        )
        index.index_cases(w, [gone])
        w.commit()
    assert find(day, "柄が割れた") == [gone, kept]
    with day.work() as w:
        w.session.delete(w.session.get_one(CaseText, gone))
        w.session.flush()
        w.session.delete(w.session.get_one(Case, gone))
        index.index_cases(w, [gone])
        w.commit()
    assert find(day, "柄が割れた") == [kept]


def test_filters_join_the_terms(day: OfficeDay) -> None:
    other = day.person(Role.OPERATOR)
    one, two, three = (case_about(day, "刃が欠けた") for _ in range(3))
    day.perform(day.operator, cases.assign, two, day.page(two).version, assignee_id=other.user_id)
    assert find(day, "欠け") == [three, two, one]
    assert find(day, "欠け", states=frozenset({CaseState.IN_PROGRESS})) == [two]
    assert find(day, "欠け", assignee_id=other.user_id) == [two]
    assert find(day, "欠け", unassigned=True) == [three, one]
    assert find(day, "欠け", case_type="complaint") == []
    assert find(day, case_type="question", states=frozenset({CaseState.NEW})) == [three, one]


def test_every_sort_puts_what_has_no_value_last(day: OfficeDay) -> None:
    ka = case_about(day, "刃が欠けた", name="加藤", reading="かとう")
    nobody = case_about(day, "刃が欠けた")
    a = case_about(day, "刃が欠けた", name="安藤", reading="あんどう")
    with day.work() as w:
        w.session.get_one(Case, nobody).due_at = None
        w.commit()
    for text in ("", "欠け", "-交換"):
        assert find(day, text, sort=Sort.CUSTOMER, descending=False) == [a, ka, nobody]
        assert find(day, text, sort=Sort.CUSTOMER) == [ka, a, nobody]
        assert find(day, text, sort=Sort.DUE, descending=False)[-1] == nobody
        assert find(day, text, sort=Sort.DUE)[-1] == nobody
        assert find(day, text, sort=Sort.NUMBER, descending=False) == [ka, nobody, a]
        assert find(day, text, sort=Sort.STATE, descending=False) == [a, nobody, ka]
        assert find(day, text, descending=False) == [ka, nobody, a]
        assert find(day, text) == [a, nobody, ka]


def test_a_search_is_capped_and_says_so_and_a_list_is_whole(day: OfficeDay) -> None:
    ids = [case_about(day, "刃が欠けた") for _ in range(4)]
    for text, capped in (("欠け", True), ("-交換", True), ("", False)):
        found: Found = day.perform(day.operator, service.find, Query(text), most=3)
        assert found.capped is capped
        assert list(found.ids) == (ids[:0:-1] if capped else ids[::-1])
    found = day.perform(day.operator, service.find, Query("欠け"), most=4)
    assert not found.capped
    found = day.perform(day.operator, service.find, Query("欠け"), most=None)
    assert len(found.ids) == 4


def test_a_text_of_a_megabyte_is_found_by_its_middle(day: OfficeDay) -> None:
    case_id = case_about(day, "刃が欠けた")
    other = case_about(day, "柄が割れた")
    huge = "".join(chr(0x4E00 + n * 7 % 20_000) + chr(0x4E00 + n % 19_997) for n in range(170_000))
    with day.work(finishers=(index.refresh,)) as w:
        # past what looks at texts: characters at random make words of any kind
        w.session.execute(update(Case).where(Case.id == case_id).values(resolution_text=huge))
        w.changed("case", case_id)
        w.commit()
    middle = huge[200_000:200_010]
    assert find(day, middle) == [case_id]
    assert find(day, middle[:2]) == [case_id]
    assert find(day, "欠け") == [case_id]
    assert find(day, "柄が割れた") == [other]


def test_each_settled_result_is_one_audit_entry_without_its_words(day: OfficeDay) -> None:
    case_id = case_about(day, "刃が欠けた", name="佐藤 花子")
    states = [CaseState.NEW, CaseState.CLOSED, CaseState.WAITING, CaseState.REOPENED]
    find(day, "佐藤", states=frozenset(states))
    find(day, "佐藤", states=frozenset(reversed(states)))
    find(day, "鈴木", states=frozenset(states))
    with day.work(reading=True) as w:
        same, again, other = w.session.scalars(
            select(AuditEntry.particulars)
            .where(AuditEntry.action == "search.found")
            .order_by(AuditEntry.id)
        )
    assert same == again
    assert same["query"] != other["query"]
    assert (same["count"], same["first_page"]) == (1, [case_id])
    assert (other["count"], other["first_page"]) == (0, [])
    assert "佐藤" not in str([same, again, other])


def test_nobody_without_an_appointment_finds_anything(day: OfficeDay) -> None:
    unappointed = day.person(Role.OPERATOR, appointed=False)
    administrator = day.person(Role.ADMINISTRATOR)
    for actor in (unappointed, administrator):
        with pytest.raises(NotPermitted):
            day.perform(actor, service.find, Query("佐藤"))
        with pytest.raises(NotPermitted):
            day.read(actor, views.rows, [1])


def test_a_page_of_rows_keeps_the_order_of_its_ids(day: OfficeDay) -> None:
    one = case_about(day, "刃が欠けた", name="佐藤 花子")
    two = case_about(day, "柄が割れた")
    day.perform(
        day.operator, cases.assign, two, day.page(two).version, assignee_id=day.operator.user_id
    )
    second, first = day.read(day.operator, views.rows, [two, 999_999, one])
    assert (first.id, second.id) == (one, two)
    assert first.customer == "佐藤 花子"
    assert first.subject == "刃が欠けた"
    assert first.assignee is None
    assert first.number == day.page(one).number
    assert second.assignee is not None
    assert second.state is CaseState.IN_PROGRESS
    assert second.customer == ""
    assert second.due_at == day.page(two).due_at


def test_whatever_shows_a_case_is_bound_by_what_is_permitted(
    day: OfficeDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "三徳包丁の刃が、かぼちゃを切っていて大きく欠けた"
    shown, hidden = (case_about(day, text, number_shown="09012345678") for _ in range(2))
    for room in (service, views, lists, duplicates):
        monkeypatch.setattr(room, "permitted", lambda *_: (Case.id != hidden,))
    assert find(day) == find(day, "かぼちゃ") == [shown]
    assert [row.id for row in day.read(day.operator, views.rows, [shown, hidden])] == [shown]
    counted = {one.which: one.count for one in day.read(day.operator, lists.counts)}
    assert counted[WorkList.UNASSIGNED] == 1
    offered = day.perform(day.operator, duplicates.for_contact, number="09012345678", text=text)
    assert [one.case_id for one in offered] == [shown]
