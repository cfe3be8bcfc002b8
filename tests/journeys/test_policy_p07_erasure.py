"""Policy section 7, erasure: looked up, asked for, approved by a second person, kept by a hold,
erased, proven, certified; the certificate checked by the command."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from desk_app import cli, cli_privacy
from desk_app.clock import FixedClock
from desk_app.office import Office
from desk_app.people.access import Role
from desk_app.privacy.erasure import views
from desk_app.recordings.model import RecordingCopy
from desk_app.storage.unit_of_work import open_work
from tests.journeys.seat import Seat
from tests.offices import DPO, OPERATOR, SUPERVISOR, sign_in
from tests.privacy.erasure.at_desk import scene_in
from tests.privacy.erasure.scene import HERS, HIS, Scene, mentions
from ui.people.second_person import SecondPerson
from ui.privacy.erasures.holds_tab import HoldsTab
from ui.privacy.erasures.tab import ErasuresTab


@pytest.fixture
def scene(folder: Path, clock: FixedClock) -> Scene:
    """Two customers; before anybody opens the window."""
    with (
        Office.at(folder, clock=clock) as office,
        sign_in(office, OPERATOR) as operator,
        sign_in(office, SUPERVISOR) as supervisor,
        sign_in(office, DPO) as officer,
    ):
        people = {Role.OPERATOR: operator, Role.SUPERVISOR: supervisor, Role.DPO: officer}
        made = scene_in(office, people, clock, filled=False)
        with officer.holder.store.engine() as engine, open_work(engine, clock) as work:
            work.session.add(  # a recording of hers that is on its way to its store
                RecordingCopy(
                    recording_id=1, store_id=1, state="waiting", attempts=1, key_version=1,
                    next_try_at=work.now + timedelta(minutes=15),
                )
            )  # fmt: skip
            work.commit()
        return made


def verified(
    patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path, file: Path
) -> tuple[int, str]:
    patch.setattr("sys.stdin", io.StringIO(DPO.password + "\n"))
    line = ("erasure", "verify", str(file), "--login", DPO.login, "--data", str(folder))
    code = cli.main([*line, "--language", "en"], cli_privacy.COMMANDS)
    said = capsys.readouterr()
    return code, said.out + said.err


def show(page: Any, key: str) -> None:
    """By hand: the tab's place is that of its maker."""
    page.book.open(list(page.book._makers).index(key))


def test_a_customer_is_erased_unless_a_hold_says_no(
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
    number = "2026-000001"
    # a hold keeps her case
    show(page, "holds")
    holds = page.panel("holds")
    assert isinstance(holds, HoldsTab)
    holds.panel.number.setText(number)
    holds.panel.reason.setText("製造物責任の訴訟")
    holds.panel.place.click()
    seat.hands.wait("the hold", lambda: len(holds.panel.table.rows) == 1)
    show(page, "erasures")
    tab = page.panel("erasures")
    assert isinstance(tab, ErasuresTab)
    panel = tab.panel
    panel.number.setText(number)
    panel.look_up.click()
    seat.hands.wait("the verdict", lambda: not panel.details.isHidden())
    assert seat.look.words("erasure.blocked.hold", count=1) in panel.details.text()
    assert not panel.ask.isEnabled()
    # one key leads there; released, with a reason, it may go
    panel.lead.click()
    seat.hands.wait("the holds", holds.isVisible)
    holds.panel.why.setText("和解が成立した")
    holds.panel.release.click()
    seat.hands.wait("no hold", lambda: not holds.panel.table.rows)
    show(page, "erasures")
    panel.look_up.click()
    seat.hands.wait("leave to ask", panel.ask.isEnabled)
    assert not panel.lead.isVisible()
    panel.ask.click()
    seat.hands.wait("the erasure", lambda: len(panel.table.rows) == 1)
    assert not panel.run.isEnabled()
    assert not panel.approve.isEnabled(), "not by who asked"
    panel.second.click()
    seat.hands.wait("the second person", lambda: tab.findChild(SecondPerson) is not None)
    second = tab.findChild(SecondPerson)
    assert second is not None
    second.login.setText(SUPERVISOR.login)
    second.password.setText(SUPERVISOR.password)
    second.approve.click()
    seat.hands.wait("the approval", panel.run.isEnabled)
    # its store can't be reached; once it can, the next run doesn't wait for a time to try again
    store = folder.parent / "store"
    away = store.rename(store.with_name("away"))
    panel.run.click()
    waits = "errors.privacy.erasure_waits_stores"
    seat.wait_for_notice(waits)
    seat.hands.wait("the end of the run", panel.run.isEnabled)
    away.rename(store)
    panel.run.click()
    seat.wait_for_notice("ui_erasures.certified")
    assert waits not in seat.notices(), "it is true no more"
    seat.hands.wait("the certificate", panel.save.isEnabled)
    assert seat.read(lambda _actor, work: mentions(work, HERS)) == {}
    assert seat.read(lambda _actor, work: mentions(work, HIS))
    # saved as a file and on paper; the command checks it
    row = panel.row
    assert row is not None
    file, paper = tmp_path / "certificate.json", tmp_path / "certificate.pdf"
    tab.save_to(row.id, file, paper=False)
    tab.save_to(row.id, paper, paper=True)
    seat.hands.wait("both files", lambda: file.exists() and paper.exists())
    assert paper.read_bytes().startswith(b"%PDF")
    assert seat.read(views.erasures)[0].certificate == file.read_text("utf-8")
    seat.leave()
    code, said = verified(monkeypatch, capsys, folder, file)
    assert (code, "is genuine" in said) == (cli.DONE, True), said
    assert "full-disk encryption is required" in said
    changed = json.loads(file.read_text("utf-8")) | {"not_proven": []}
    file.write_text(json.dumps(changed), "utf-8")
    code, said = verified(monkeypatch, capsys, folder, file)
    assert code == cli.FAILED
    assert "changed afterwards" in said
