"""Nothing that is held about a customer is left out of a disclosure in silence."""

from collections import Counter

from desk_app.privacy.data_map.columns import mapped_columns
from desk_app.privacy.data_map.owned import is_owned
from desk_app.privacy.data_map.rules import Section, Whose, Why
from desk_app.privacy.disclosure.places import EACH, NOT_SHOWN, PLACES, As
from desk_app.schema import metadata
from desk_app.words import keys

BY_TABLE = {place.table: place for place in PLACES}


def test_every_table_that_can_be_a_customers_has_a_place_or_a_reason() -> None:
    owned = {name for name, table in metadata().tables.items() if is_owned(table)}
    assert set(BY_TABLE) | set(NOT_SHOWN) == owned, "a place in privacy/disclosure/places.py"
    assert not set(BY_TABLE) & set(NOT_SHOWN)
    assert all(NOT_SHOWN.values())
    assert Counter(place.table for place in PLACES).most_common(1)[0][1] == 1


def test_every_personal_column_is_where_the_data_map_says() -> None:
    """A column that is disclosed stands in its section; an internal one is shown as removed; and
    what is made from others isn't repeated."""
    wrong = []
    for one in mapped_columns():
        if one.handled.whose is not Whose.CUSTOMER:
            continue
        place = BY_TABLE.get(one.table)
        shown = [] if place is None else [c for c in place.columns if c.column == one.column]
        if one.handled.disclosed is not None:
            is_right = (
                place is not None
                and place.section is one.handled.disclosed
                and len(shown) == 1
                and shown[0].kind in (As.TEXT, As.DETAIL, As.SEALED)
            )
        elif one.handled.why is Why.INTERNAL:
            is_right = [c.kind for c in shown] == [As.INTERNAL]
        else:
            is_right = not shown
        if not is_right:
            wrong.append(f"{one.table}.{one.column}")
    assert wrong == [], "as desk_app/privacy/data_map/handling.py says"


def test_every_section_that_holds_something_has_a_place() -> None:
    held = {one.handled.disclosed for one in mapped_columns()} - {None}
    assert held <= {place.section for place in PLACES} <= set(Section)


def test_places_name_columns_that_there_are_and_that_have_words() -> None:
    for place in PLACES:
        columns = metadata().tables[place.table].columns
        assert f"disclosure.item.{place.table}" in keys()
        named = place.names | {one.answer for one in place.columns if one.answer}
        named |= {place.at} if place.at else set()
        named |= {place.under[0]} if place.under else set()
        assert named <= set(columns.keys()), place.table
        for one in place.columns:
            assert f"disclosure.field.{one.column}" in keys(), one.column
            if one.kind in (As.TOKEN, As.TOKENS):
                assert any(key.startswith(one.words.removesuffix(EACH)) for key in keys()), one
