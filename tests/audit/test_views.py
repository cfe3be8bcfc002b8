"""Reading the log: newest first, by page, by subject, by user."""

import pytest

from desk_app.audit import views
from desk_app.audit.log import record
from desk_app.errors import NotPermitted
from desk_app.people.access import Role


@pytest.fixture
def officer(make_actor):
    return make_actor([Role.DPO], appointed=False)


@pytest.fixture
def operator(work, make_actor):
    made = make_actor()
    with work() as w:
        for number in range(1, 8):
            record(made, w, "case.opened", subject=("case", number % 3), purpose="G", n=number)
        record(None, w, "desk.started")
        w.commit()
    return made


def test_entries_come_newest_first_in_pages(work, officer, operator):
    with work(reading=True) as w:
        first = views.entries(officer, w, limit=3)
        second = views.entries(officer, w, before=first[-1].id, limit=3)
    assert [row.particulars.get("n") for row in (*first, *second)] == [None, 7, 6, 5, 4, 3]
    assert first[0].subject is None
    assert first[1].subject == ("case", 1)
    assert first[1].user_id == operator.user_id
    assert first[1].at == w.now


def test_entries_of_one_subject_and_of_one_user(work, officer, operator):
    with work(reading=True) as w:
        of_case = views.entries(officer, w, subject=("case", 2))
        of_user = views.entries(officer, w, user_id=operator.user_id)
        of_nobody = views.entries(officer, w, user_id=officer.user_id)
    assert [row.particulars["n"] for row in of_case] == [5, 2]
    assert len(of_user) == 7
    assert of_nobody == ()


def test_a_list_holds_every_id_and_reads_the_rows_it_shows(work, officer, operator):
    with work(reading=True) as w:
        ids = views.entry_ids(officer, w)
        page = views.entry_rows(officer, w, ids[1:4])
        whole = views.entries(officer, w)
    assert list(ids) == [row.id for row in whole]
    assert page == whole[1:4]


def test_the_officer_verifies_the_log_and_the_operator_may_not(work, officer, operator):
    with work(reading=True) as w:
        found = views.verdict(officer, w, ())
        assert (found.entries, found.first_bad) == (8, None)
        with pytest.raises(NotPermitted):
            views.verdict(operator, w, ())
