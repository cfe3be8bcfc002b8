"""The demo office: real through and through, but for its people, customers and passwords."""

from contextlib import closing
from pathlib import Path

import pytest

from desk_app.audit import views as audit_views
from desk_app.cases.rules import OPEN_STATES, CaseState
from desk_app.clock import FixedClock
from desk_app.demo.office import ACCOUNTS_FILE, demo_accounts, found_demo
from desk_app.errors import Fault
from desk_app.office import Office
from desk_app.people import views
from desk_app.people.access import Role
from desk_app.purposes.rules import Purpose
from desk_app.recordings import service as recordings_service
from desk_app.recordings.playback import Playback
from desk_app.recordings.reconciliation import service as reconciling
from desk_app.recordings.reconciliation.kinds import FindingKind
from desk_app.search import service as search
from desk_app.search import views as search_views
from desk_app.search.pages import CaseListRow, Query

CASES = 120


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.conftest import IN_HOURS

    folder = tmp_path_factory.mktemp("demo")
    found_demo(folder, clock=FixedClock(IN_HOURS), cases=CASES, seed=7).close()
    return folder


def listed(folder: Path, clock: FixedClock, query: Query) -> list[CaseListRow]:
    account = next(one for one in demo_accounts(folder) if one.role is Role.SUPERVISOR)
    with (
        Office.at(folder, clock=clock) as office,
        office.sign_in(account.login, account.password) as desk,
    ):
        found = desk.perform(search.find, query)
        return desk.read(search_views.rows, found.ids)


def test_everybody_signs_in_with_the_password_that_is_shown(demo: Path, clock: FixedClock) -> None:
    accounts = demo_accounts(demo)
    assert [one.role for one in accounts] == [
        Role.ADMINISTRATOR,
        Role.DPO,
        Role.SUPERVISOR,
        Role.OPERATOR,
    ]
    with Office.at(demo, clock=clock) as office:
        for account in accounts:
            with office.sign_in(account.login, account.password) as desk:
                own = desk.read(views.own_account)
                assert (own.roles, own.name) == ({account.role}, account.name)


def test_the_cases_are_listed_found_and_numbered_without_gaps(
    demo: Path, clock: FixedClock
) -> None:
    rows = listed(demo, clock, Query())
    assert len(rows) == CASES
    numbers = sorted(row.number or "" for row in rows)
    for year in {number[:4] for number in numbers}:
        of_year = [number for number in numbers if number.startswith(year)]
        assert of_year == [f"{year}-{position:06d}" for position in range(1, len(of_year) + 1)]
    assert {CaseState.CLOSED, CaseState.WAITING} <= {row.state for row in rows}
    working = OPEN_STATES - {CaseState.WAITING}
    assert {bool(row.due_at) for row in rows if row.state in working} == {True}
    assert {row.due_at for row in rows if row.state not in OPEN_STATES} == {None}
    knives = listed(demo, clock, Query(text="包丁"))
    assert knives
    assert {row.id for row in knives} < {row.id for row in rows}
    assert all(row.opened_at <= clock.now() for row in rows)
    assert len({row.subject for row in rows if row.state in OPEN_STATES}) > 1


def test_the_same_seed_makes_the_same_cases(demo: Path, clock: FixedClock, tmp_path: Path) -> None:
    found_demo(tmp_path, clock=FixedClock(clock.now()), cases=CASES, seed=7).close()
    assert listed(tmp_path, clock, Query()) == listed(demo, clock, Query())


def test_the_last_calls_were_recorded_and_the_supervisor_finds_what_is_wrong(
    clock: FixedClock, tmp_path: Path
) -> None:
    """As many cases as leave a week full of calls; what is found is one of each kind."""
    found_demo(tmp_path, clock=clock, cases=1_500, seed=3).close()
    account = next(one for one in demo_accounts(tmp_path) if one.role is Role.SUPERVISOR)
    with (
        Office.at(tmp_path, clock=clock) as office,
        office.sign_in(account.login, account.password) as desk,
    ):
        desk.recordings.compare()
        found = desk.perform(reconciling.list_findings).rows
        assert sorted((row.kind.value, row.reason.value) for row in found) == [
            ("damaged", "changed"),
            ("no_recording", "no_device"),
            ("no_recording", "unexplained"),
            ("one_sided", "trouble"),
        ]
        explained = desk.perform(reconciling.list_findings, settled=True).rows
        assert [row.reason.value for row in explained] == ["objected"]
        (muted,) = (row.recording_id for row in found if row.kind is FindingKind.ONE_SIDED)
        ticket = desk.perform(
            recordings_service.open_playback,
            muted,
            purpose=Purpose.INQUIRIES,
            reason="checking the line",
            keys=desk.keys.recordings,
        )
        with closing(Playback(ticket, office.recordings)) as playback:
            sidecar = playback.sidecar()
            assert sidecar is not None
            assert sidecar.voices is not None
            assert [bool(one) for one in sidecar.voices] == [True, False]


def test_the_log_of_a_demo_verifies(demo: Path, clock: FixedClock) -> None:
    account = next(one for one in demo_accounts(demo) if one.role is Role.DPO)
    with (
        Office.at(demo, clock=clock) as office,
        office.sign_in(account.login, account.password) as officer,
    ):
        assert officer.read(audit_views.verdict, ()).first_bad is None


def test_a_real_office_shows_no_passwords(office: Office) -> None:
    assert demo_accounts(office.folder) == ()


def test_a_damaged_list_of_accounts_is_named(tmp_path: Path) -> None:
    (tmp_path / ACCOUNTS_FILE).write_text("[{}]")
    with pytest.raises(Fault, match="demo_damaged"):
        demo_accounts(tmp_path)
