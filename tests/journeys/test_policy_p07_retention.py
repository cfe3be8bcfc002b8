"""Policy section 7, retention: what is over its time is shown with what keeps the rest, held with
a reason, drawn up, approved by a second person, removed, and receipted; figures stay."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QDate
from sqlalchemy import update

from desk_app import cli, cli_privacy
from desk_app.cases.model import Case
from desk_app.clock import FixedClock
from desk_app.office import Office
from desk_app.people.access import Role
from desk_app.privacy.retention import receipt, service, views
from desk_app.privacy.retention.rules import Kind, RuleState, Why
from tests.journeys.seat import Seat
from tests.offices import DPO, OPERATOR, SUPERVISOR, sign_in
from tests.privacy.erasure.at_desk import leave_files, scene_in
from tests.privacy.erasure.scene import HERS, HIS, Scene, figures, mentions
from ui.people.second_person import SecondPerson
from ui.privacy.retention.tab import RetentionTab


@pytest.fixture
def scene(folder: Path, clock: FixedClock) -> Scene:
    """Two customers whose cases were closed five years ago and more."""
    with (
        Office.at(folder, clock=clock) as office,
        sign_in(office, OPERATOR) as operator,
        sign_in(office, SUPERVISOR) as supervisor,
        sign_in(office, DPO) as officer,
    ):
        people = {Role.OPERATOR: operator, Role.SUPERVISOR: supervisor, Role.DPO: officer}
        made = scene_in(office, people, clock, filled=False)
        leave_files(office, made)
        with officer.holder.store.engine() as engine, engine.begin() as connection:
            connection.execute(update(Case).values(closed_at=clock.now()))
    clock.move_to(clock.now() + timedelta(days=5 * 365 + 10))
    return made


def second(seat: Seat, tab: RetentionTab) -> None:
    seat.hands.wait("the second person", lambda: tab.findChild(SecondPerson) is not None)
    panel = tab.findChild(SecondPerson)
    assert panel is not None
    panel.login.setText(SUPERVISOR.login)
    panel.password.setText(SUPERVISOR.password)
    panel.approve.click()


def verified(
    patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path, file: Path
) -> tuple[int, str]:
    patch.setattr("sys.stdin", io.StringIO(DPO.password + "\n"))
    line = ("retention", "verify", str(file), "--login", DPO.login, "--data", str(folder))
    code = cli.main([*line, "--language", "en"], cli_privacy.COMMANDS)
    said = capsys.readouterr()
    return code, said.out + said.err


def test_what_is_over_its_time_goes_and_what_is_held_stays(
    scene: Scene,
    seat: Seat,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seat.sign_in(DPO)
    page = seat.app.window.open_page("privacy")
    assert page is not None
    page.book.open(list(page.book._makers).index("retention"))
    tab = page.panel("retention")
    assert isinstance(tab, RetentionTab)
    preview, runs = tab.preview, tab.runs

    def due(kind: Kind) -> int:
        return next((row.counted.due for row in preview.kinds.rows if row.kind is kind), -1)

    seat.hands.wait("the preview", lambda: due(Kind.CASES) == 2)
    assert (due(Kind.CALLS), due(Kind.RECORDINGS)) == (4, 2)
    # his case is held, with a reason, from here
    at = [row.kind for row in preview.kinds.rows].index(Kind.CASES)
    preview.kinds_view.setCurrentIndex(preview.kinds.index(at, 0))
    seat.hands.wait(
        "the cases", lambda: [one.subject.value for one in preview.things.rows] == ["case"] * 2
    )
    at = [one.id for one in preview.things.rows].index(scene.his.case_id)
    preview.things_view.setCurrentIndex(preview.things.index(at, 0))
    assert HIS not in preview.name.text()
    preview.open.click()
    seat.hands.wait("his name", lambda: HIS in preview.name.text())
    preview.reason.setText("製造物責任の訴訟")
    preview.hold.click()
    seat.hands.wait("the hold", lambda: due(Kind.CASES) == 1)
    preview.show_choice.setCurrentIndex(1)
    seat.hands.wait("why", lambda: [one.why for one in preview.things.rows] == [Why.HOLD])
    # a rule is revised by two; one of the past is refused
    rules = tab.open_rules()
    seat.hands.wait("the rules", lambda: bool(rules.table.rows))
    rules.source.setText("文書管理規程 第12条")
    rules.since.setMinimumDate(QDate(2026, 1, 1))
    rules.since.setDate(QDate(2026, 1, 1))
    rules.enter_it.click()
    seat.wait_for_notice("errors.retention.rule_past")
    rules.since.setDate(rules.until.date())
    rules.enter_it.click()
    seat.wait_for_notice("ui_retention.entered")
    seat.hands.wait(
        "the rule", lambda: rules.row is not None and rules.row.state is RuleState.WAITING
    )
    assert not rules.approve.isEnabled(), "not by who entered it"
    rules.close_it.click()
    # drawn up, approved by a second person at this desk, removed
    before = seat.read(lambda _actor, work: figures(work))
    preview.draw_up_all.click()
    seat.hands.wait("the run", lambda: len(runs.table.rows) == 1)
    assert not runs.approve.isEnabled()
    runs.second.click()
    second(seat, tab)
    seat.hands.wait("the approval", runs.run.isEnabled)
    runs.run.click()
    seat.wait_for_notice("ui_retention.finished")
    seat.hands.wait("the receipt", runs.receipt.isEnabled)
    assert set(seat.read(lambda _actor, work: mentions(work, HERS))) <= {"customer"}
    assert seat.read(lambda _actor, work: mentions(work, HIS))["desk_case"]
    assert seat.read(lambda _actor, work: figures(work)) == before
    left = {path.read_bytes()[:9] for path in (folder / "recordings").iterdir()}
    assert {HIS.encode()[:9]} == left
    assert runs.row is not None
    assert runs.row.has_receipt
    said = receipt.read(seat.desk.perform(service.open_receipt, runs.row.id))
    assert said["removed"] == {"case": 1, "contact": 2, "recording": 1}
    assert said["certificate"] is not None
    # the officer's own signature under something else is no receipt of this run
    assert seat.read(views.is_genuine, said)
    keys, facts = seat.desk.keys, {name: said[name] for name in said if name != receipt.MAGIC}
    for other in ({"spared": {"hold": 1}}, {"run": 1 << 70}):
        text = receipt.signed(
            facts | other, by=said["by"], verify_key=keys.verify_key, sign=keys.sign
        )
        assert not seat.read(views.is_genuine, receipt.read(text))
    file = tmp_path / "receipt.json"
    receipt.save(seat.desk.perform(service.open_receipt, runs.row.id), file)
    seat.leave()
    # with a command anybody who may read the log checks it
    code, text = verified(monkeypatch, capsys, folder, file)
    assert code == 0
    assert "is genuine" in text
    assert "Removed: Case 1" in text
    file.write_text(file.read_text("utf-8").replace('"run": ', '"run": 1'), "utf-8")
    code, text = verified(monkeypatch, capsys, folder, file)
    assert code != 0
