"""Texts with placeholders: mistakes are found when they are written; articles belong to cases."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.cases.texts import service, views
from desk_app.cases.texts.rules import (
    LONGEST_TITLE,
    Placeholder,
    TextKind,
    check_body,
    filled,
    placeholders,
)
from desk_app.errors import Refused
from desk_app.people.access import Actor, Role
from tests.day import OfficeDay
from tests.engines import FILE

ENGINES = FILE

NAMES = {one: one.value for one in Placeholder}
parts = st.lists(
    st.text(st.characters(exclude_characters="{}", exclude_categories=("C",)), max_size=8)
    | st.sampled_from(Placeholder).map(lambda one: f"{{{{ {one} }}}}"),
    min_size=1,
    max_size=6,
)


def write(day: OfficeDay, actor: Actor, **changed: object) -> int:
    wanted = {"kind": TextKind.ANSWER, "language": "ja", "title": "お礼", "body": "{{customer}}様"}
    made: int = day.perform(actor, service.write_text, **(wanted | changed))
    return made


@given(parts=parts, values=st.dictionaries(st.sampled_from(Placeholder), st.text(max_size=6)))
@settings(max_examples=60)
def test_what_is_known_is_filled_in_and_the_rest_is_named(
    parts: list[str], values: dict[Placeholder, str]
) -> None:
    body = "".join(parts).strip()
    if not body:
        return
    assert check_body(body) == body
    expected = body
    for one in Placeholder:
        expected = expected.replace(f"{{{{ {one} }}}}", f"\0{one}\0")
    for one in Placeholder:
        expected = expected.replace(f"\0{one}\0", values.get(one) or f"[{one.value}]")
    assert filled(body, values, NAMES) == expected


def test_a_value_with_brackets_is_not_looked_into() -> None:
    assert filled("{{customer}}", {Placeholder.CUSTOMER: "{{case}}"}, NAMES) == "{{case}}"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "texts.empty"),
        (" \n\x00", "texts.empty"),
        ("{{kunde}}様", "texts.no_such_placeholder"),
        ("{{}}", "texts.no_such_placeholder"),
        ("{{ customer }", "texts.open_placeholder"),
        ("customer}} 様", "texts.open_placeholder"),
        ("{{customer}}{{", "texts.open_placeholder"),
        ("x" * 100_001, "text.too_long"),
    ],
)
def test_a_mistake_is_found_when_the_text_is_written(day: OfficeDay, body: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        write(day, day.person(Role.SUPERVISOR), body=body)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("title", "code"),
    [(" ", "texts.untitled"), ("x" * (LONGEST_TITLE + 1), "texts.title_too_long")],
)
def test_a_bad_title_is_refused(day: OfficeDay, title: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        write(day, day.person(Role.SUPERVISOR), title=title)
    assert refused.value.code == code


def test_the_newest_revision_is_in_force_and_nobody_overwrites_another(day: OfficeDay) -> None:
    author = day.person(Role.SUPERVISOR)
    first = write(day, author)
    second = write(day, author, body="{{customer}}様、ありがとうございます。", replaces=first)
    (row,) = day.read(author, views.texts)
    assert (row.id, row.open) == (second, placeholders("{{customer}}"))
    for replaces, code in ((first, "storage.conflict"), (None, "texts.title_taken")):
        with pytest.raises(Refused) as refused:
            write(day, author, replaces=replaces)
        assert refused.value.code == code
    day.perform(author, service.retire_text, second)
    assert day.read(author, views.texts) == ()
    again = write(day, author)
    assert [row.id for row in day.read(author, views.texts, language="ja")] == [again]
    assert day.read(author, views.texts, language="de") == ()


def test_a_text_is_filled_with_what_the_case_knows(day: OfficeDay) -> None:
    author = day.person(Role.SUPERVISOR)
    body = "{{customer}}様 {{case}} {{subject}} {{today}} {{office}}"
    text_id, case_id = write(day, author, body=body), day.new_case()
    number = day.page(case_id).number
    said = day.read(day.operator, views.filled_text, text_id, case_id=case_id)
    assert said == f"[お客様のお名前]様 {number} 刃が欠けていた 2026年6月10日 [窓口名]"
    said = day.read(day.operator, views.filled_text, text_id, customer_name="佐藤 美咲")
    assert said.startswith("佐藤 美咲様 [案件番号] ")


def test_an_article_belongs_to_a_case_as_it_was_read(day: OfficeDay) -> None:
    author = day.person(Role.SUPERVISOR)
    article = write(day, author, kind=TextKind.ARTICLE, title="砥石", body="番手は1000番。")
    case_id = day.new_case()
    assert day.perform(day.operator, service.link_article, case_id, article)
    assert not day.perform(day.operator, service.link_article, case_id, article)
    write(day, author, kind=TextKind.ARTICLE, title="砥石", body="番手は800番。", replaces=article)
    (shown,) = day.read(day.operator, views.articles_of, case_id)
    assert shown.body == "番手は1000番。"
    assert day.perform(day.operator, service.unlink_article, case_id, article)
    assert not day.perform(day.operator, service.unlink_article, case_id, article)
    for case, text in ((99, article), (case_id, 99), (case_id, write(day, author))):
        with pytest.raises(Refused):
            day.perform(day.operator, service.link_article, case, text)
