"""What a type may say, and what the administrator's edits do to cases."""

import json
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.calls.endings import Answered, NewCase
from desk_app.calls.form import InquiryForm
from desk_app.cases import service as cases
from desk_app.cases.deadlines.rules import DeadlineKind
from desk_app.cases.details import service as details
from desk_app.cases.details import views as detail_views
from desk_app.cases.linking import service as linking
from desk_app.cases.rules import CaseState, ClosingLevel, Resolution, TargetKind
from desk_app.cases.types import service, views
from desk_app.cases.types.catalogue import defaults
from desk_app.cases.types.rules import (
    LABEL_LIMIT,
    MOST_FIELDS,
    RESERVED_FIELDS,
    CaseType,
    Choice,
    FieldKind,
    Labels,
    Required,
    Stage,
    TypeField,
    key_for,
)
from desk_app.cases.types.writing import choices_of, lines_of
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Role
from tests.day import COMPLAINT, QUESTION, OfficeDay
from tests.engines import FILE

ENGINES = FILE

NAME = Labels("名", "Name", "Name")
PLAIN = CaseType("own", NAME)

keys = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
labels = st.builds(
    Labels,
    *[st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=LABEL_LIMIT)] * 3,
)


def distinct(made: st.SearchStrategy[Any], **sizes: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(made, unique_by=lambda one: one.key, **sizes).map(tuple)


fields = st.one_of(
    st.builds(
        TypeField,
        keys.filter(lambda key: key not in RESERVED_FIELDS),
        labels,
        st.sampled_from([kind for kind in FieldKind if kind is not FieldKind.CHOICE]),
        st.sampled_from(Required),
    ),
    st.builds(
        TypeField,
        keys.filter(lambda key: key not in RESERVED_FIELDS),
        labels,
        st.just(FieldKind.CHOICE),
        st.sampled_from(Required),
        distinct(st.builds(Choice, keys, labels), min_size=2, max_size=4),
    ),
)
stages = distinct(st.builds(Stage, keys, labels, st.booleans()), max_size=5).filter(
    lambda found: len(found) != 1
)
types = st.builds(
    CaseType,
    keys,
    labels,
    st.sampled_from(ClosingLevel),
    st.integers(0, 999),
    targets=st.just(MappingProxyType({TargetKind.FIRST_RESPONSE: 60, TargetKind.RESOLUTION: 90})),
    statutory=st.sampled_from([None, "product_accident"]),
    fields=distinct(fields, max_size=4),
    stages=stages,
    is_active=st.booleans(),
)


@given(types)
@settings(max_examples=60)
def test_a_good_type_passes_and_survives_being_written_down(kind: CaseType) -> None:
    checked = kind.checked()
    again = CaseType.of_json(json.loads(json.dumps(checked.to_json())), source=checked.source)
    assert again == checked
    assert again.checked() == checked


def one_field(**changed: Any) -> CaseType:
    return replace(PLAIN, fields=(replace(TypeField("size", NAME), **changed),))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (replace(PLAIN, name=Labels("名", "", "Name")), "cases.type_label_missing"),
        (replace(PLAIN, name=Labels("名", "\x00\u202e \n", "Name")), "cases.type_label_missing"),
        (replace(PLAIN, name=Labels("名" * 61, "Name", "Name")), "cases.type_label_too_long"),
        (replace(PLAIN, name=Labels("名" * 1_000_000, "N", "N")), "cases.type_label_too_long"),
        (replace(PLAIN, key="Own"), "cases.type_key_wrong"),
        (replace(PLAIN, key=""), "cases.type_key_wrong"),
        (replace(PLAIN, closing_level=4), "cases.type_level_wrong"),
        (replace(PLAIN, closing_level=-1), "cases.type_level_wrong"),
        (replace(PLAIN, gravity=-1), "cases.type_gravity_wrong"),
        (replace(PLAIN, targets={TargetKind.RESOLUTION: -5}), "cases.type_target_wrong"),
        (replace(PLAIN, targets={TargetKind.RESOLUTION: 0}), "cases.type_target_wrong"),
        (replace(PLAIN, targets={TargetKind.NEXT_UPDATE: 10**9}), "cases.type_target_wrong"),
        (
            replace(PLAIN, targets={TargetKind.FIRST_RESPONSE: 9, TargetKind.RESOLUTION: 8}),
            "cases.type_targets_order",
        ),
        (replace(PLAIN, statutory="whenever"), "cases.type_statutory_unknown"),
        (one_field(key="state"), "cases.type_field_reserved"),
        (one_field(key="1st"), "cases.type_key_wrong"),
        (one_field(name=Labels()), "cases.type_label_missing"),
        (one_field(kind=FieldKind.CHOICE), "cases.type_choices_wrong"),
        (one_field(choices=(Choice("a", NAME), Choice("b", NAME))), "cases.type_choices_wrong"),
        (
            one_field(kind=FieldKind.CHOICE, choices=(Choice("a", NAME), Choice("a", NAME))),
            "cases.type_key_twice",
        ),
        (
            replace(PLAIN, fields=(TypeField("a", NAME), TypeField("a", NAME))),
            "cases.type_key_twice",
        ),
        (
            replace(PLAIN, fields=tuple(TypeField(f"f{n}", NAME) for n in range(MOST_FIELDS + 1))),
            "cases.type_too_many",
        ),
        (replace(PLAIN, stages=(Stage("a", NAME),)), "cases.type_one_stage"),
        (replace(PLAIN, stages=(Stage("a", NAME), Stage("a", NAME))), "cases.type_key_twice"),
        (
            replace(PLAIN, stages=(Stage("a", NAME), Stage("b", Labels()))),
            "cases.type_label_missing",
        ),
    ],
)
def test_what_a_type_may_not_say_is_refused_by_name(wrong: CaseType, code: str) -> None:
    with pytest.raises(Refused) as refused:
        wrong.checked()
    assert refused.value.code == code


@given(st.text(max_size=60), st.sets(keys, max_size=3))
@settings(max_examples=60)
def test_a_key_is_made_of_any_label(label: str, taken: set[str]) -> None:
    key = key_for(label, taken)
    assert key not in taken
    replace(PLAIN, fields=(TypeField(key, NAME),)).checked()


@given(distinct(st.builds(Choice, keys, labels), min_size=2, max_size=5), st.data())
@settings(max_examples=60)
def test_choices_keep_their_keys_through_the_text_that_is_edited(
    choices: tuple[Choice, ...], data: st.DataObject
) -> None:
    """Whatever lines are taken out or moved: who has answered X has not answered Y."""
    plain = [
        Choice(one.key, Labels(f"日{n}", f"en {n}", f"de {n}")) for n, one in enumerate(choices)
    ]
    assert choices_of(lines_of(plain), plain) == tuple(plain)
    kept = data.draw(st.permutations(plain)).copy()
    del kept[len(kept) // 2 :]
    assert choices_of(lines_of(kept) + "\n新 | new one | neu", plain)[:-1] == tuple(kept)
    renamed = [replace(plain[0], name=Labels("別", "else", "anders")), *plain[1:]]
    assert choices_of(lines_of(renamed), plain) == tuple(renamed)


def test_the_product_brings_the_types_of_an_office() -> None:
    brought = defaults()
    assert {"question", "praise", "complaint", "accident", "order", "newsletter"} <= brought.keys()
    assert {"survey", "opinion", "fraud", "privacy", "repair", "recall"} <= brought.keys()
    assert [one.key for one in brought["complaint"].stages] == [
        "receive",
        "track",
        "acknowledge",
        "assess",
        "investigate",
        "respond",
        "close",
    ]
    assert brought["accident"].statutory == "product_accident"
    assert brought["privacy"].workflow == "privacy"


@pytest.fixture
def administrator(day: OfficeDay) -> Actor:
    return day.person(Role.ADMINISTRATOR, appointed=False)


@pytest.fixture
def revise(day: OfficeDay, administrator: Actor) -> Callable[..., service.Revised]:
    """Edit the type as it is in force."""

    def edit(key: str, **changed: Any) -> service.Revised:
        wanted = replace(now(day, key), **changed)
        revised: service.Revised = day.perform(
            administrator, service.revise_type, wanted, reason="見直し"
        )
        return revised

    return edit


Revise = Callable[..., service.Revised]


def now(day: OfficeDay, key: str) -> CaseType:
    found: tuple[CaseType, ...] = day.read(day.operator, views.types_in_force)
    return next(one for one in found if one.key == key)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def test_an_edit_is_in_force_from_now_on_and_the_earlier_target_stays(
    day: OfficeDay, revise: Revise
) -> None:
    before = day.page(day.new_case())
    revised = revise("complaint", targets={TargetKind.RESOLUTION: 60})
    assert revised.open_cases == 1
    assert day.page(before.id).due_at == before.due_at
    later = day.page(day.new_case())
    targets = [
        next(row.minutes for row in page.deadlines if row.kind is DeadlineKind.RESOLUTION)
        for page in (later, before)
    ]
    assert targets == [60, 360]
    with day.work(reading=True) as w:
        entry = w.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "case_type.revised")
        ).one()
        assert entry.particulars["key"] == "complaint"


def test_a_type_of_ones_own_is_offered_worked_and_taken_out_of_use(
    day: OfficeDay, administrator: Actor, revise: Revise
) -> None:
    own = CaseType("gift", Labels("ギフト包装", "Gift wrapping", "Geschenkverpackung"), gravity=1)
    day.perform(administrator, service.add_type, own, reason="年末")
    code = refusal(lambda: day.perform(administrator, service.add_type, own, reason="年末"))
    assert code == "cases.type_exists"
    form = replace(COMPLAINT, inquiries=(InquiryForm(text="包装について", category="gift"),))
    page = day.page(day.new_case(form))
    assert page.type_name.de == "Geschenkverpackung"
    revise("gift", is_active=False)
    assert refusal(lambda: day.called(form, NewCase())) == "cases.type_not_active"
    assert day.page(page.id).type_name == own.name
    code = refusal(
        lambda: day.perform(
            administrator,
            service.back_to_defaults,
            "gift",
            revision=now(day, "gift").revision,
            reason="?",
        )
    )
    assert code == "cases.type_has_no_defaults"


def test_back_to_the_defaults_and_the_history_of_it(
    day: OfficeDay, administrator: Actor, revise: Revise
) -> None:
    revise("complaint", closing_level=ClosingLevel.HANDLER)
    stale = now(day, "complaint")
    revise("complaint", gravity=7)
    code = refusal(
        lambda: day.perform(administrator, service.revise_type, stale, reason="同時の編集")
    )
    assert code == "storage.conflict"
    day.perform(
        administrator,
        service.back_to_defaults,
        "complaint",
        revision=now(day, "complaint").revision,
        reason="元に戻す",
    )
    assert now(day, "complaint") == defaults()["complaint"]
    history = day.read(administrator, views.revisions_of, "complaint")
    assert [row.type and row.type.gravity for row in history] == [None, 7, 20]
    rows = {row.type.key: row for row in day.read(administrator, views.types_to_edit)}
    assert not rows["complaint"].is_changed
    assert len(rows) == len(defaults())


def test_what_would_be_taken_from_under_an_open_case_is_refused(
    day: OfficeDay, revise: Revise
) -> None:
    case_id = day.new_case()
    kind = now(day, "complaint")
    version = day.page(case_id).version
    version = day.perform(day.operator, details.go_to_stage, case_id, version, stage="assess")
    values = {"severity": "high", "cause": "ばねの破損"}
    day.perform(day.operator, details.fill_in, case_id, version, values=values)

    without = tuple(one for one in kind.stages if one.key != "assess")
    assert refusal(lambda: revise("complaint", stages=without)) == "cases.type_stage_in_use"
    as_text = tuple(
        replace(one, kind=FieldKind.TEXT, choices=()) if one.key == "severity" else one
        for one in kind.fields
    )
    assert refusal(lambda: revise("complaint", fields=as_text)) == "cases.type_field_in_use"
    no_high = tuple(
        replace(one, choices=one.choices[:2]) if one.key == "severity" else one
        for one in kind.fields
    )
    assert refusal(lambda: revise("complaint", fields=no_high)) == "cases.type_choice_in_use"

    others = tuple(one for one in kind.fields if one.key not in values)
    revise("complaint", fields=others)
    shown = day.read(day.operator, detail_views.case_details, case_id)
    assert shown.values == {}
    kept = {one.key: (one.name.ja if one.name else "", one.value) for one in shown.earlier}
    assert kept == {"severity": ("重大さ", "high"), "cause": ("原因", "ばねの破損")}


def test_a_case_that_was_merged_is_in_nobodys_way(day: OfficeDay, revise: Revise) -> None:
    case_id, into = day.new_case(), day.new_case()
    without = tuple(one for one in now(day, "complaint").stages if one.key != "assess")
    version = day.page(case_id).version
    version = day.perform(day.operator, details.go_to_stage, case_id, version, stage="assess")
    whole = {"into_version": day.page(into).version, "into_id": into, "reason": "同じ件"}
    day.perform(day.operator, linking.merge, case_id, version, **whole)
    assert revise("complaint", stages=without).open_cases == 1
    version = day.page(into).version
    day.perform(day.operator, linking.undo_merge, into, version, merged_id=case_id, reason="別件")
    shown = day.read(day.operator, detail_views.case_details, case_id)
    assert shown.stage == "receive", "the stage is no more: it is at the first"


def test_a_field_that_is_required_from_now_on_is_asked_of_open_cases(
    day: OfficeDay, revise: Revise
) -> None:
    case_id = day.new_case()
    kind = now(day, "complaint")
    needed = tuple(replace(one, required=Required.TO_RESOLVE) for one in kind.fields[:1])
    assert revise("complaint", fields=needed).incomplete == 1
    version = day.page(case_id).version
    solve = {"resolution": Resolution.APOLOGISED, "text": "お詫び"}
    code = refusal(lambda: day.perform(day.operator, cases.resolve, case_id, version, **solve))
    assert code == "cases.field_needed_to_resolve"
    version = day.perform(
        day.operator, details.fill_in, case_id, version, values={"severity": "low"}
    )
    day.perform(day.operator, cases.resolve, case_id, version, **solve)
    assert day.page(case_id).state is CaseState.RESOLVED
    assert refusal(
        lambda: day.called(replace(QUESTION, inquiries=COMPLAINT.inquiries), Answered())
    ) == ("cases.not_at_once")


def test_an_edit_needs_a_reason_a_difference_and_leaves_one_type_in_use(
    day: OfficeDay, administrator: Actor, revise: Revise
) -> None:
    kind = replace(now(day, "praise"), gravity=31)
    code = refusal(lambda: day.perform(administrator, service.revise_type, kind, reason=" \x00"))
    assert code == "cases.needs_text"
    assert refusal(lambda: revise("praise")) == "cases.type_unchanged"
    *most, last = defaults()
    for key in most:
        revise(key, is_active=False)
    assert refusal(lambda: revise(last, is_active=False)) == "cases.type_last_active"
    assert now(day, last).is_active


def test_the_workflow_of_a_type_is_nobodys_to_edit(day: OfficeDay, revise: Revise) -> None:
    revise("privacy", workflow=None, gravity=3)
    assert now(day, "privacy").workflow == "privacy"
    for actor in (day.operator, day.person(Role.SUPERVISOR), day.person(Role.DPO)):
        with pytest.raises(NotPermitted):
            day.perform(actor, service.revise_type, PLAIN, reason="?")
