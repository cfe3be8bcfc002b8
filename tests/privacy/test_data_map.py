"""The data map: every personal column is in it, and each row is whose it is."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from desk_app.calls.endings import CallOnly, JoinCase, NewCase
from desk_app.calls.form import ContactForm, InquiryForm, NewCustomer
from desk_app.calls.model import Contact
from desk_app.calls.rules import Disposition
from desk_app.cases.model import Case
from desk_app.customers.rules import PersonalField
from desk_app.people.access import Role
from desk_app.privacy.data_map import views
from desk_app.privacy.data_map.columns import mapped_columns
from desk_app.privacy.data_map.handling import GOES_WITH_CUSTOMER, HANDLED, KEPT_TABLES
from desk_app.privacy.data_map.owned import count_of, is_owned, owners, roots_of, rows_of
from desk_app.privacy.data_map.rules import Erased, Handled, Section, Whose, Why
from desk_app.schema import metadata
from desk_app.words import keys
from tests.cases.linking.test_merging import merge
from tests.day import OfficeDay

SATO = NewCustomer(PersonalField.of("佐藤 花子"))
SUZUKI = NewCustomer(PersonalField.of("鈴木 一郎"))


def form(customer: NewCustomer | int | None, text: str = "刃が欠けた。") -> ContactForm:
    return ContactForm(
        customer=customer,
        caller_name=PersonalField.of("佐藤"),
        callback_number=PersonalField.of("090-1234-5678"),
        inquiries=(InquiryForm(text=text),),
        disposition=Disposition.FOLLOW_UP,
    )


def test_every_personal_column_says_what_the_rights_do_with_it() -> None:
    marked = {
        f"{table.name}.{column.name}"
        for table in metadata().tables.values()
        for column in table.columns
        if "data" in column.info
    }
    assert marked == set(HANDLED), "a line in privacy/data_map/handling.py for each"
    assert list(HANDLED) == sorted(HANDLED)


def test_what_is_a_customers_can_be_found_by_the_customer() -> None:
    unfound = {
        one.table
        for one in mapped_columns()
        if one.handled.whose is Whose.CUSTOMER and not is_owned(metadata().tables[one.table])
    }
    assert not unfound


def test_a_reason_is_given_exactly_where_something_is_withheld() -> None:
    with pytest.raises(ValueError, match="why"):
        Handled(Whose.CUSTOMER, None, Erased.ROW)
    with pytest.raises(ValueError, match="why"):
        Handled(Whose.CUSTOMER, Section.CASES, Erased.ROW, Why.LAW)


def test_the_nearest_reference_to_the_person_counts() -> None:
    inquiry = metadata().tables["inquiry"]
    assert [[column.name for column in near] for near in owners(inquiry)] == [
        ["contact_id"],
        ["case_id"],
    ]
    assert not is_owned(metadata().tables["tag"])


def test_a_customers_contacts_and_cases_are_theirs_and_nobody_elses(day: OfficeDay) -> None:
    first = day.called(form(SATO), NewCase())
    sato = _customer_of(day, first.contact_id)
    other = day.called(form(SUZUKI), NewCase())
    # somebody else's call about her case, one that names nobody, and a wrong number
    joined = day.called(form(_customer_of(day, other.contact_id)), JoinCase(first.case_id))
    unnamed = day.called(form(None), JoinCase(first.case_id))
    nobody = day.called(replace(form(None), disposition=Disposition.WRONG_NUMBER), CallOnly())
    with day.work() as work:
        roots = roots_of(work, sato)
        inquiry = metadata().tables["inquiry"]
        contacts = set(
            work.session.scalars(select(inquiry.c.contact_id).where(rows_of(inquiry, roots)))
        )
        counted = count_of(work, roots)
    assert roots.contacts == (first.contact_id, unnamed.contact_id)
    assert roots.cases == (first.case_id,)
    assert contacts == {first.contact_id, unnamed.contact_id}
    assert not contacts & {joined.contact_id, nobody.contact_id}
    assert counted["customer"] == 1
    assert counted["timeline_entry"] >= 3
    assert "tag" not in counted


def test_a_case_that_was_merged_goes_with_the_one_that_goes_on(day: OfficeDay) -> None:
    first = day.called(form(SATO), NewCase())
    sato = _customer_of(day, first.contact_id)
    second = day.called(form(sato, "研ぎ直し。"), NewCase())
    merge(day, second.case_id, first.case_id)
    with day.work() as work:
        assert roots_of(work, sato).cases == tuple(sorted((first.case_id, second.case_id)))


def test_a_case_without_a_name_is_of_whom_all_its_contacts_are(day: OfficeDay) -> None:
    first = day.called(form(SATO), NewCase())
    with day.work() as work:
        work.session.get_one(Case, first.case_id).customer_id = None
        work.commit()
    sato = _customer_of(day, first.contact_id)
    with day.work() as work:
        assert roots_of(work, sato).cases == (first.case_id,)
    day.called(form(SUZUKI), JoinCase(first.case_id))
    with day.work() as work:
        assert roots_of(work, sato).cases == ()


def test_of_each_table_that_needs_its_customer_it_is_said_whether_it_stays() -> None:
    marked = {one.table for one in mapped_columns()}
    needing = {
        table.name
        for table in metadata().tables.values()
        for column in table.columns
        if not column.nullable
        and any(key.column.table.name == "customer" for key in column.foreign_keys)
    }
    said = KEPT_TABLES.keys() | GOES_WITH_CUSTOMER
    assert needing - marked == said, "KEPT_TABLES or GOES_WITH_CUSTOMER in data_map/handling.py"


def test_no_table_is_deleted_and_emptied_or_kept() -> None:
    """A row goes, or it stays: with or without its words."""
    fates: dict[str, set[Erased]] = {}
    for one in mapped_columns():
        if one.handled.whose is Whose.CUSTOMER:
            fates.setdefault(one.table, set()).add(one.handled.erased)
    mixed = {name for name, fate in fates.items() if len(fate) > 1}
    assert not mixed


def test_the_officer_reads_the_map(day: OfficeDay) -> None:
    officer = day.person(Role.DPO)
    columns = {f"{one.table}.{one.column}" for one in day.read(officer, views.data_map)}
    assert columns == set(HANDLED)


def _customer_of(day: OfficeDay, contact_id: int) -> int:
    with day.work() as work:
        customer_id = work.session.get_one(Contact, contact_id).customer_id
    assert customer_id is not None
    return customer_id


def test_every_mapped_table_and_column_has_a_name_for_the_officer() -> None:
    named = {f"privacy.table.{one.table}" for one in mapped_columns()}
    named |= {f"privacy.column.{one.column}" for one in mapped_columns()}
    assert named == {key for key in keys() if key.startswith(("privacy.table.", "privacy.column."))}
