"""What an erasure takes from the rows, what stays for the figures, and what keeps it from going."""

import pytest

from desk_app.privacy.erasure.emptying import all_values, erase_rows, is_anything_left
from desk_app.privacy.erasure.verdict import of_customer
from tests.day import FINISHERS, OfficeDay
from tests.privacy.erasure.scene import HERS, HIS, figures, make, mentions


# of a file: test_at_the_desk.py
@pytest.mark.parametrize("office_db", ["server"], indirect=True)
def test_nothing_of_hers_is_left_all_of_his_is_and_the_figures_are_the_same(
    day: OfficeDay,
) -> None:
    scene = make(day)
    with day.work() as work:
        before, hers, his = figures(work), mentions(work, HERS), mentions(work, HIS)
        roots = of_customer(work, scene.hers.customer_id)
        assert set(hers) == set(his)
        assert len(hers) >= 18
        assert any(HERS in value for value in all_values(work, roots))
    with day.work(finishers=FINISHERS) as work:
        erase_rows(work, roots, scene.officer)
        work.commit()
    with day.work() as work:
        assert mentions(work, HERS) == {}
        assert mentions(work, HIS) == his
        assert figures(work) == before
        assert is_anything_left(work, roots) == {}
    with day.work(finishers=FINISHERS) as work:
        again = erase_rows(work, roots, scene.officer)
        work.commit()
    assert (again.emptied, again.deleted) == ({}, {})
