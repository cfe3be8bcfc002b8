"""Legal holds: placed and released with reasons, and what each of them covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from desk_app.backup.rules import ErasedKind
from desk_app.backup.tombstones import bury
from desk_app.calls.endings import Ending, JoinCase, NewCase
from desk_app.calls.form import NewCustomer
from desk_app.calls.model import Contact
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Role
from desk_app.purposes.holds import HeldKind, HoldGround, holds_on, service, views
from desk_app.purposes.holds.model import LegalHold
from tests.cases.linking.test_merging import merge
from tests.day import OfficeDay
from tests.privacy.test_data_map import SATO, SUZUKI, _customer_of, form


@dataclass(frozen=True)
class Of:
    """What is to be removed."""

    customer: Sequence[int] = ()
    contact: Sequence[int] = ()
    recording: Sequence[int] = ()
    desk_case: Sequence[int] = ()

    def ids(self, table: str) -> Sequence[int]:
        found: Sequence[int] = getattr(self, table)
        return found


@pytest.fixture
def officer(day: OfficeDay) -> Actor:
    return day.person(Role.DPO)


def place(
    day: OfficeDay, officer: Actor, kind: HeldKind, subject: int, ground: str = "lawsuit"
) -> int:
    hold: int = day.perform(
        officer,
        service.place_hold,
        kind=kind,
        subject_id=subject,
        ground=HoldGround(ground),
        reason="訴訟の見込み",
    )
    return hold


def called(day: OfficeDay, customer: NewCustomer | int, ending: Ending) -> tuple[int, int]:
    """The contact and its case."""
    saved = day.called(form(customer), ending)
    assert saved.case_id is not None
    return saved.contact_id, saved.case_id


def held(day: OfficeDay, roots: Of) -> list[int]:
    with day.work(reading=True) as work:
        return [one.id for one in holds_on(work, roots)]


def test_a_hold_covers_what_belongs_to_it_and_nothing_else(day: OfficeDay, officer: Actor) -> None:
    first = called(day, SATO, NewCase())
    sato = _customer_of(day, first[0])
    second = called(day, SUZUKI, JoinCase(first[1]))  # another's call about her case
    suzuki = _customer_of(day, second[0])
    elsewhere = called(day, suzuki, NewCase())
    on_case = place(day, officer, HeldKind.CASE, first[1])
    assert held(day, Of(customer=[sato], desk_case=[first[1]])) == [on_case]
    assert held(day, Of(contact=[first[0]])) == [on_case]
    assert held(day, Of(contact=[second[0]])) == [on_case]
    assert held(day, Of(contact=[elsewhere[0]], desk_case=[elsewhere[1]])) == []
    assert held(day, Of(customer=[suzuki])) == []
    day.perform(officer, service.release_hold, on_case, reason="和解した")
    assert held(day, Of(desk_case=[first[1]], contact=[second[0]])) == []
    on_her = place(day, officer, HeldKind.CUSTOMER, sato)
    assert held(day, Of(desk_case=[first[1]])) == [on_her]
    assert held(day, Of(contact=[second[0]])) == [on_her], "it belongs to her case"
    assert held(day, Of(contact=[elsewhere[0]])) == []
    on_contact = place(day, officer, HeldKind.CONTACT, elsewhere[0])
    assert held(day, Of(customer=[suzuki], contact=[elsewhere[0]])) == [on_contact]
    assert held(day, Of(desk_case=[elsewhere[1]])) == [on_contact]


def test_a_case_is_held_with_all_that_were_merged_with_it(day: OfficeDay, officer: Actor) -> None:
    first = called(day, SATO, NewCase())
    sato = _customer_of(day, first[0])
    second = called(day, sato, NewCase())
    hold = place(day, officer, HeldKind.CASE, second[1])
    merge(day, second[1], first[1])
    assert held(day, Of(desk_case=[first[1]])) == [hold]
    assert held(day, Of(contact=[first[0]])) == [hold]


def test_placing_and_releasing_take_a_reason_and_are_audited(
    day: OfficeDay, officer: Actor
) -> None:
    case_id = day.new_case()
    named: dict[str, Any] = {"kind": HeldKind.CASE, "ground": HoldGround.CLAIM}
    with pytest.raises(Refused, match=r"purposes\.hold_reason_missing"):
        day.perform(officer, service.place_hold, subject_id=case_id, reason=" ", **named)
    with pytest.raises(Refused, match=r"purposes\.hold_on_nothing"):
        day.perform(officer, service.place_hold, subject_id=case_id + 1, reason="x", **named)
    with pytest.raises(NotPermitted):
        day.perform(day.operator, service.place_hold, subject_id=case_id, reason="x", **named)
    hold = day.perform(officer, service.place_hold, subject_id=case_id, reason="請求", **named)
    with pytest.raises(Refused, match=r"purposes\.hold_stands"):
        day.perform(officer, service.place_hold, subject_id=case_id, reason="請求", **named)
    with pytest.raises(Refused, match=r"purposes\.hold_reason_missing"):
        day.perform(officer, service.release_hold, hold, reason="")
    day.perform(officer, service.release_hold, hold, reason="取り下げ")
    with pytest.raises(Refused, match=r"purposes\.hold_released"):
        day.perform(officer, service.release_hold, hold, reason="取り下げ")
    assert day.perform(officer, views.holds) == ()
    (row,) = day.perform(officer, views.holds, released=True)
    assert (row.reason, row.release_reason, row.stands) == ("請求", "取り下げ", False)
    assert row.name == day.page(case_id).number


def test_what_is_erased_takes_no_hold(day: OfficeDay, officer: Actor) -> None:
    saved = day.called(form(SATO), NewCase())
    with day.work() as work:
        bury(work, ErasedKind.CONTACT, saved.contact_id)
        work.commit()
    with pytest.raises(Refused, match=r"purposes\.hold_too_late"):
        place(day, officer, HeldKind.CONTACT, saved.contact_id)
    with day.work() as work:
        assert work.session.scalars(select(LegalHold)).all() == []
        assert work.session.get_one(Contact, saved.contact_id).customer_id is not None
