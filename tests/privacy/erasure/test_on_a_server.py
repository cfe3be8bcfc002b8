"""An erasure on a real PostgreSQL server: what its files and its log hold, and two desks."""

import json
from pathlib import Path

import pytest

from desk_app.clock import FixedClock
from desk_app.office import Office
from desk_app.people.access import Role
from desk_app.privacy.erasure import views
from desk_app.privacy.erasure.certificate import Certificate
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.postgres import Hosting
from tests.privacy.erasure.at_desk import approved, cut_off_everywhere, leave_files, scene_in
from tests.privacy.erasure.scene import HERS, HIS, figures, mentions


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


def files_with(hosting: Hosting, word: str, *, settled: bool = True) -> list[str]:
    """The server's files, its log among them, that hold the word; ``settled``: once all that was
    written is in the tables, and the log begins anew."""
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
    with hosting.running.connect() as superuser:  # as the certificate says: the administrator's
        superuser.execute("ALTER SYSTEM SET wal_recycle = off")
        superuser.execute("SELECT pg_reload_conf()")
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
        erasure = approved(officer, supervisor, scene)
        waits, _ = cut_off_everywhere(officer, erasure)
        assert waits is None
        (row,) = officer.read(views.erasures)
        assert len(row.waiting_desks) == 1
        assert mentions_of(officer, HERS) == {}
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


def mentions_of(desk, word):  # type: ignore[no-untyped-def]
    return desk.read(lambda _actor, work: mentions(work, word))
