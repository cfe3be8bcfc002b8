"""The fields and the stages of a case: what can be written, in which order it goes on."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from desk_app.calls.endings import JoinCase
from desk_app.cases import service as cases
from desk_app.cases.details import service, views
from desk_app.cases.details.model import CaseFieldValue
from desk_app.cases.details.pages import CaseDetails
from desk_app.cases.details.records import check_ready
from desk_app.cases.details.rules import DECLINED, VALUE_LIMIT, written
from desk_app.cases.model import Case
from desk_app.cases.rules import CaseAct, CaseState, EntryKind, Resolution
from desk_app.cases.types.rules import CaseType, Choice, FieldKind, Labels, Stage, TypeField
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Role
from desk_app.search import service as search
from desk_app.search.pages import Query
from desk_app.words import LANGUAGES
from tests.day import COMPLAINT, QUESTION, OfficeDay
from tests.engines import FILE

ENGINES = FILE

NAME = Labels("名", "Name", "Name")


def field(kind: FieldKind) -> TypeField:
    choices = (Choice("a", NAME), Choice("b", NAME)) if kind is FieldKind.CHOICE else ()
    return TypeField("one", NAME, kind, choices=choices)


@given(st.sampled_from(FieldKind), st.text(max_size=30) | st.from_regex(r"[-+0-9./,０-９ ]+"))
def test_what_is_kept_is_kept_as_it_is(kind: FieldKind, typed: str) -> None:
    """Whatever is typed: refused, or kept in a form that is written again to the same."""
    try:
        kept = written(field(kind), typed)
    except Refused:
        return
    assert written(field(kind), kept) == kept
    if kept and kind is FieldKind.DATE:
        assert date.fromisoformat(kept).isoformat() == kept
    if kept and kind is FieldKind.NUMBER:
        assert format(Decimal(kept), "f") == kept


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (FieldKind.NUMBER, "１２，３４５", "12345"),
        (FieldKind.NUMBER, "-0012.50", "-12.5"),
        (FieldKind.NUMBER, "-0", "0"),
        (FieldKind.DATE, "2026/6/1", "2026-06-01"),
        (FieldKind.DATE, "２０２６．１２．３１", "2026-12-31"),
        (FieldKind.TEXT, "  山田\n太郎\x00 ", "山田 太郎"),
        (FieldKind.CHOICE, "a", "a"),
        (FieldKind.YES_NO, "no", "no"),
    ],
)
def test_values_are_kept_in_one_form(kind: FieldKind, typed: str, kept: str) -> None:
    assert written(field(kind), typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        (FieldKind.NUMBER, "三", "cases.field_no_number"),
        (FieldKind.NUMBER, "1" * 16, "cases.field_no_number"),
        (FieldKind.NUMBER, "1e5", "cases.field_no_number"),
        (FieldKind.DATE, "2026-02-30", "cases.field_no_date"),
        (FieldKind.DATE, "0001-01-01", "cases.field_no_date"),
        (FieldKind.TEXT, "長" * (VALUE_LIMIT + 1), "cases.field_too_long"),
        (FieldKind.TEXT, "長" * 1_000_000, "text.too_long"),
        (FieldKind.CHOICE, "c", "cases.field_no_such_choice"),
        (FieldKind.YES_NO, "maybe", "cases.field_no_such_choice"),
    ],
)
def test_what_a_field_can_not_hold_is_refused(kind: FieldKind, typed: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        written(field(kind), typed)
    assert refused.value.code == code


@given(st.lists(st.booleans(), min_size=2, max_size=8), st.data())
def test_no_way_leads_past_a_stage_that_may_not_be_skipped(
    skips: list[bool], data: st.DataObject
) -> None:
    stages = tuple(Stage(f"s{at}", NAME, may) for at, may in enumerate(skips))
    kind, at, visited = CaseType("own", NAME, stages=stages), None, {0}
    for _ in range(6):
        at = data.draw(st.sampled_from([one.key for one in kind.reachable(at)]))
        visited.add(kind.stage_at(at))
        needed = {n for n in range(kind.stage_at(at)) if not skips[n]}
        assert needed <= visited
        ahead = kind.stages_ahead(at)
        assert all(kind.stage_at(one.key) > kind.stage_at(at) for one in ahead)
        assert stages[-1] not in ahead, "a case comes to the last by being closed"


def details(day: OfficeDay, case_id: int) -> CaseDetails:
    shown: CaseDetails = day.read(day.operator, views.case_details, case_id)
    return shown


def refusal(day: OfficeDay, use_case, case_id: int, **named) -> str:
    before = day.page(case_id)
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, use_case, case_id, before.version, **named)
    assert day.page(case_id) == before
    return refused.value.code


def test_fields_are_filled_in_told_and_found(day: OfficeDay) -> None:
    case_id = day.new_case()
    version = day.page(case_id).version
    after = day.perform(
        day.operator,
        service.fill_in,
        case_id,
        version,
        values={"cause": "ばねの金属疲労", "safety": "yes", "prevention": ""},
    )
    assert after == day.page(case_id).version == version + 1
    shown = details(day, case_id)
    assert shown.values == {"cause": "ばねの金属疲労", "safety": "yes"}
    entry = day.page(case_id).timeline[-1]
    assert entry.kind is EntryKind.DETAILED
    told = {one["de"] for one in entry.particulars["names"]}
    assert told == {"Betrifft die Sicherheit", "Ursache"}
    found = day.perform(day.operator, search.find, Query(text="金属疲労"))
    assert list(found.ids) == [case_id]

    day.perform(day.operator, service.fill_in, case_id, after, values={"cause": ""})
    assert details(day, case_id).values == {"safety": "yes"}
    assert not list(day.perform(day.operator, search.find, Query(text="金属疲労")).ids)


def test_a_choice_is_found_by_its_words_in_every_language(day: OfficeDay) -> None:
    case_id = day.new_case()
    (asked,) = (one for one in details(day, case_id).fields if one.key == "severity")
    version = day.page(case_id).version
    for choice, other in (asked.choices[:2], asked.choices[1::-1]):
        values = {"severity": choice.key}
        version = day.perform(day.operator, service.fill_in, case_id, version, values=values)
        for language in LANGUAGES:
            for one, ids in ((choice, [case_id]), (other, [])):
                typed = Query(text=f'"{one.name.in_language(language)}"')
                assert list(day.perform(day.operator, search.find, typed).ids) == ids


def test_of_two_who_fill_in_the_same_version_one_is_told(day: OfficeDay) -> None:
    case_id = day.new_case()
    version = day.page(case_id).version
    day.perform(day.operator, service.fill_in, case_id, version, values={"cause": "一"})
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, service.fill_in, case_id, version, values={"cause": "二"})
    assert refused.value.code == "storage.conflict"
    page = day.page(case_id)
    same = day.perform(day.operator, service.fill_in, case_id, page.version, values={"cause": "一"})
    assert same == page.version, "what is there already is no change"
    assert day.page(case_id).timeline == page.timeline


def test_what_can_not_be_filled_in_writes_nothing(day: OfficeDay) -> None:
    case_id = day.new_case()
    code = refusal(day, service.fill_in, case_id, values={"cause": "可", "severity": "huge"})
    assert code == "cases.field_no_such_choice"
    assert details(day, case_id).values == {}
    assert refusal(day, service.fill_in, case_id, values={"state": "x"}) == "cases.no_such_field"


def test_a_complaint_goes_through_its_stages(day: OfficeDay) -> None:
    case_id = day.new_case()
    assert (details(day, case_id).stage, details(day, case_id).may_move) == ("receive", True)
    for stage in ("acknowledge", "investigate"):
        version = day.page(case_id).version
        day.perform(day.operator, service.go_to_stage, case_id, version, stage=stage)
    assert refusal(day, service.go_to_stage, case_id, stage="track") == "cases.needs_text"
    assert refusal(day, service.go_to_stage, case_id, stage="elsewhere") == "cases.no_such_stage"
    code = refusal(day, service.go_to_stage, case_id, stage="investigate")
    assert code == "cases.stage_already"
    version = day.page(case_id).version
    day.perform(
        day.operator, service.go_to_stage, case_id, version, stage="assess", reason="再評価"
    )
    entry = day.page(case_id).timeline[-1]
    assert (entry.kind, entry.text, entry.particulars["stage"]) == (
        EntryKind.STAGE,
        "再評価",
        "assess",
    )
    supervisor = day.person(Role.SUPERVISOR)
    version = day.page(case_id).version
    version = day.perform(
        day.operator, cases.resolve, case_id, version, resolution=Resolution.REPLACED, text="交換"
    )
    assert refusal(day, service.go_to_stage, case_id, stage="respond") == "cases.not_in_this_state"
    version = day.perform(supervisor, cases.close, case_id, version)
    assert details(day, case_id).stage == "close"
    assert not details(day, case_id).may_fill_in
    day.perform(day.operator, cases.reopen, case_id, version, reason="再度")
    assert details(day, case_id).stage == "receive"


def test_an_accident_is_assessed_before_it_is_resolved(day: OfficeDay) -> None:
    form = replace(COMPLAINT, inquiries=(replace(COMPLAINT.inquiries[0], category="accident"),))
    case_id = day.new_case(form)
    solved = {"resolution": Resolution.REFERRED, "text": "報告した"}
    assert refusal(day, cases.resolve, case_id, **solved) == "cases.stage_ahead"
    assert refusal(day, service.go_to_stage, case_id, stage="report") == "cases.stage_ahead"
    version = day.page(case_id).version
    version = day.perform(day.operator, service.go_to_stage, case_id, version, stage="assess")
    day.perform(day.operator, cases.resolve, case_id, version, **solved)
    assert day.page(case_id).state is CaseState.RESOLVED


def test_a_case_that_became_graver_keeps_what_was_filled_in_before(day: OfficeDay) -> None:
    form = replace(QUESTION, disposition=COMPLAINT.disposition)
    case_id = day.new_case(form)
    version = day.page(case_id).version
    day.perform(day.operator, service.fill_in, case_id, version, values={"topic": "care"})
    day.called(COMPLAINT, JoinCase(case_id))
    shown = details(day, case_id)
    assert shown.stage == "receive"
    assert [(one.name.en if one.name else "", one.value) for one in shown.earlier] == [
        ("Topic", "care")
    ]


def test_the_page_offers_details_to_those_who_work_on_cases(day: OfficeDay) -> None:
    case_id = day.new_case()
    assert {CaseAct.DETAIL, CaseAct.STAGE} <= day.page(case_id).acts
    officer = day.person(Role.DPO)
    shown = day.read(officer, views.case_details, case_id)
    assert not shown.may_fill_in
    with pytest.raises(NotPermitted):
        day.perform(officer, service.fill_in, case_id, shown.version, values={"cause": "?"})
    with pytest.raises(Refused):
        day.read(day.operator, views.case_details, 999)


@pytest.mark.parametrize("kind", FieldKind)
def test_any_field_may_be_declined(kind: FieldKind) -> None:
    assert written(field(kind), DECLINED) == DECLINED


def test_a_declined_field_is_kept_as_that_and_keeps_nothing_from_being_closed(
    day: OfficeDay,
) -> None:
    form = replace(COMPLAINT, inquiries=(replace(COMPLAINT.inquiries[0], category="accident"),))
    case_id = day.new_case(form)
    page = day.page(case_id)
    details: CaseDetails = day.read(day.operator, views.case_details, case_id)
    needed = [one.key for one in details.fields if one.is_needed(closing=True)]
    values = dict.fromkeys((one.key for one in details.fields), DECLINED)
    version = day.perform(day.operator, service.fill_in, case_id, page.version, values=values)
    details = day.read(day.operator, views.case_details, case_id)
    assert details.values == values
    with day.work(reading=True) as w:
        case = w.session.get_one(Case, case_id)
        assert needed
        check_ready(w, case, closing=True)
        kept = w.session.scalars(select(CaseFieldValue.value)).all()
        assert set(kept) == {""}, "nothing was said, and nothing is kept"
    taken_back = dict.fromkeys(values, "")
    day.perform(day.operator, service.fill_in, case_id, version, values=taken_back)
    assert not day.read(day.operator, views.case_details, case_id).values
