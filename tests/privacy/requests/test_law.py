"""The dated data of requests: whole, in three languages, and of its time."""

import json
from datetime import date
from typing import Any

import pytest

from desk_app.errors import Refused
from desk_app.privacy.requests import law
from desk_app.privacy.requests.rules import (
    MAIN_ACTS,
    OPEN,
    TRANSITIONS,
    Act,
    Agency,
    Kind,
    Outcome,
    State,
    acts,
    after,
)
from desk_app.words import LANGUAGES, resource_path

TODAY = date(2026, 6, 10)
DATA: dict[str, list[dict[str, Any]]] = json.loads(
    resource_path("privacy_requests.json").read_text("utf-8")
)


def test_every_entry_has_a_date_and_a_source_in_each_language() -> None:
    for part, entries in DATA.items():
        for one in entries:
            date.fromisoformat(one["effective_from"])
            for name in ("source", "text", "fee_source"):
                if name in one:
                    assert set(one[name]) == set(LANGUAGES)
                    assert all(one[name].values())
            assert "source" in one
            assert part == "kinds" or "text" in one


def test_every_kind_has_its_provision_and_its_grounds_and_a_fee_where_article_38_has_it() -> None:
    charged = {kind for kind in Kind if law.law_of(kind, TODAY).fee_source}
    assert charged == {Kind.PURPOSES, Kind.DISCLOSURE, Kind.PROVISION_RECORDS}
    for kind in Kind:
        assert law.grounds(kind, TODAY)
        with pytest.raises(Refused, match="no_law_then"):
            law.law_of(kind, date(2022, 3, 31))
    assert len(law.grounds(Outcome.TURNED_AWAY, TODAY)) == 2
    assert law.ground_kept("impedes_business", "2022-04-01") is not None
    assert law.ground_kept("impedes_business", "2021-04-01") is None
    assert {one.key for one in law.papers(Agency.SELF, TODAY)} == set()


def test_the_way_ends_from_everywhere_and_what_comes_next_is_told() -> None:
    reached, seen = {State.RECEIVED}, set[State]()
    while reached - seen:
        state = (reached - seen).pop()
        seen.add(state)
        reached |= {after(state, act) for act in acts(state)}
    assert seen == set(State)
    for state in OPEN:
        assert any(act in MAIN_ACTS for act in acts(state))
    assert acts(State.CLOSED) == frozenset()
    assert {act for _, act in TRANSITIONS} == set(Act)
