"""An erasure on a real PostgreSQL server, by people under their own roles there: what its files and
its log hold, and two desks, the runs at one of which are killed."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from desk_app.clock import FixedClock
from desk_app.office import Desk, Office
from desk_app.people.access import Actor, Role
from desk_app.privacy.erasure import views
from desk_app.privacy.erasure.certificate import Certificate
from desk_app.storage.unit_of_work import UnitOfWork
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.postgres import Hosting
from tests.privacy.erasure.at_desk import approved, leave_files, scene_in
from tests.privacy.erasure.killing import killed
from tests.privacy.erasure.scene import HERS, HIS, figures, mentions


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


def files_with(hosting: Hosting, word: str, *, settled: bool = True) -> list[str]:
    """The server's files, its log among them, that hold the word; ``settled``: once all that was
    written is in the tables, and the log begins anew, which is the administrator's to do."""
    with hosting.running.connect(hosting.where.database) as superuser:
        for order in ("CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT") if settled else ():
            superuser.execute(order)
    data = hosting.running.log.parent / "data"
    found = []
    for path in sorted(data.rglob("*")):
        if path.is_file() and word.encode() in path.read_bytes():
            found.append(str(path.relative_to(data)))
    return found


def test_the_servers_files_and_log_hold_nothing_and_both_desks_did_theirs(
    office: Office, hosting: Hosting, tmp_path: Path, clock: FixedClock
) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        sealed, passphrase = desk.desk_file()
    (tmp_path / "further.txt").write_bytes(sealed)
    with Office.join(tmp_path / "further", tmp_path / "further.txt", passphrase, clock=clock) as o:
        sign_in(o, OPERATOR).sign_out()
    with (
        sign_in(office, OPERATOR) as operator,
        sign_in(office, SUPERVISOR) as supervisor,
        sign_in(office, DPO) as officer,
    ):
        people = {Role.OPERATOR: operator, Role.SUPERVISOR: supervisor, Role.DPO: officer}
        scene = scene_in(office, people, clock)
        hers = leave_files(office, scene)
        before = officer.read(lambda _actor, work: figures(work))
        his = officer.read(lambda _actor, work: mentions(work, HIS))
        assert any(name.startswith("pg_wal/") for name in files_with(hosting, HERS, settled=False))
        control = files_with(hosting, HERS)
        assert len([name for name in control if name.startswith("base/")]) > 10
        roles = [desk.read(role_of) for desk in (officer, supervisor)]
        assert len({name for name, *_ in roles}) == 2
        assert {rights for _, *rights_of in roles for rights in rights_of} == {True}
        erasure = approved(officer, supervisor, scene)
        for act in ("found 1", "rows 1", "pages 2"):  # the last: when the tables are rewritten
            assert killed(tmp_path / "further", clock, erasure, act.__eq__) == act
            assert (mentions_of(officer, HERS) == {}) == (act != "found 1")
        (row,) = officer.read(views.erasures)
        assert len(row.waiting_desks) == 2
        with Office.at(tmp_path / "further", clock=clock) as o, sign_in(o, OPERATOR) as beside:
            assert beside.erasing.do_local() == 0
        ran = officer.erasing.run(erasure)
        assert ran.certificate is not None
        assert not [path for path in hers if path.exists()]
        assert files_with(hosting, HERS) == []
        assert files_with(hosting, HIS)
        assert mentions_of(officer, HIS) == his
        assert officer.read(lambda _actor, work: figures(work)) == before
        assert officer.read(views.is_genuine, Certificate.from_text(ran.certificate))
        said = json.loads(ran.certificate)
        assert said["proven"] == ["desks", "lists", "rewritten", "rows", "search", "stores"]
        assert {"server_files", "server_log"} <= set(said["not_proven"])
        assert len(said["desks"]) == 2
        assert said["proof"]["values"] >= said["proof"]["looked_for"] > 0
        assert ("shared_values" in said["not_proven"]) == (said["proof"]["elsewhere"] > 0)
        assert said["proof"]["elsewhere"] > 0, "both have the same telephone"


def role_of(_actor: Actor, work: UnitOfWork) -> tuple[str, bool, bool, bool]:
    """A person's own role at the server, no superuser and no owner, whose rows are filtered."""
    asked = work.session.execute(
        text(
            "SELECT current_user, NOT (rolsuper OR rolbypassrls), row_security_active('desk_case'),"
            " row_security_active('customer') FROM pg_roles WHERE rolname = current_user"
        )
    ).one()
    return tuple(asked)  # type: ignore[return-value]  # of one row


def mentions_of(desk: Desk, word: str) -> dict[str, int]:
    found: dict[str, int] = desk.read(lambda _actor, work: mentions(work, word))
    return found
