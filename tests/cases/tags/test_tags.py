"""Tagging cases: one tag for every way of writing it, and bounds."""

import pytest

from desk_app.cases.linking import service as linking
from desk_app.cases.tags import service, views
from desk_app.cases.tags.rules import LONGEST_TAG, MOST_TAGS, folded, tag_name
from desk_app.cases.texts import service as texts
from desk_app.errors import Refused
from tests.day import OfficeDay


def test_a_tag_is_one_however_it_is_written(day: OfficeDay) -> None:
    one, other = day.new_case(), day.new_case()
    assert day.perform(day.operator, service.add_tag, one, name="#リコール Ａ")
    assert day.perform(day.operator, service.add_tag, other, name="リコールa")
    assert not day.perform(day.operator, service.add_tag, other, name="ﾘｺｰﾙ　A")
    assert day.read(day.operator, views.all_tags) == ("リコール Ａ",)
    assert day.read(day.operator, views.tags_of, other) == ("リコール Ａ",)
    assert day.perform(day.operator, service.remove_tag, one, name="リコールＡ")
    assert not day.perform(day.operator, service.remove_tag, one, name="リコールＡ")
    assert day.read(day.operator, views.tags_of, one) == ()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "cases.tag_empty"),
        (" #\u3000\u202e\x00", "cases.tag_empty"),
        ("x" * (LONGEST_TAG + 1), "cases.tag_too_long"),
        ("x" * 1_000_000, "text.too_long"),
    ],
)
def test_what_is_no_tag_is_refused(name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        tag_name(name)
    assert refused.value.code == code


def test_a_case_bears_so_many_tags_and_no_more(day: OfficeDay) -> None:
    case_id = day.new_case()
    for number in range(MOST_TAGS):
        day.perform(day.operator, service.add_tag, case_id, name=f"tag {number}")
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, service.add_tag, case_id, name="one more")
    assert refused.value.code == "cases.too_many_tags"
    assert "one more" not in day.read(day.operator, views.all_tags), "nothing half-done stays"


def test_a_case_that_is_not_there_bears_no_tag(day: OfficeDay) -> None:
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, service.add_tag, 99, name="tag")
    assert refused.value.code == "cases.not_found"


def test_a_merged_case_bears_no_new_tag_and_no_article(day: OfficeDay) -> None:
    merged, into = day.new_case(), day.new_case()
    versions = [day.page(one).version for one in (merged, into)]
    day.perform(
        day.operator,
        linking.merge,
        merged,
        versions[0],
        into_id=into,
        into_version=versions[1],
        reason="同じお申し出",
    )
    for use_case, named in (
        (service.add_tag, {"name": "tag"}),
        (service.remove_tag, {"name": "tag"}),
        (texts.link_article, {"text_id": 1}),
    ):
        with pytest.raises(Refused, match=r"cases\.is_merged"):
            day.perform(day.operator, use_case, merged, **named)


def test_folding_twice_changes_nothing() -> None:
    assert folded(folded("Ｇröße ẞ")) == folded("Ｇröße ẞ")
