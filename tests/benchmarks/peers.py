"""The same cases in django-helpdesk of PyPI, listed and searched through its own views.

Installed into a scratch environment by pip's ordinary way; where there is no PyPI this says so
and measures nothing. Both are whole answers without a network: theirs through Django's test
client, ours the use case with permission, audit entry and the first page of rows. CPU times.
"""

import json
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from desk_app.search import service, views
from desk_app.search.pages import Query
from tests.benchmarks.measuring import Row
from tests.synthetic import SyntheticOffice, office_of

CASES = 100_000
PACKAGES = ("django-helpdesk==2.6.1", "setuptools")
ASKED = {"list": "", "frequent": "返品", "rare": "鮫鰐", "no_hit": "この言葉はありません"}
ROUNDS = 3
_PEER = Path(__file__).with_name("peer_helpdesk.txt")


def measure(cases: int = CASES) -> Iterator[Row]:
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        python = _installed(folder)
        if python is None:
            print("peers: PyPI can't be reached, nothing to compare with", file=sys.stderr)
            return
        office = office_of(cases)
        with office.work() as work, (folder / "cases.jsonl").open("w") as sink:
            rows = work.session.execute(
                text(
                    "select c.subject, i.text, c.opened_at from desk_case c"
                    " join inquiry i on i.case_id = c.id order by c.id"
                )
            )
            sink.writelines(json.dumps([*row]) + "\n" for row in rows)
        said = subprocess.run(
            [python, "-c", _PEER.read_text("utf-8"), folder, str(ROUNDS), json.dumps(ASKED)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if said.returncode:
            print(f"peers: django-helpdesk failed: {said.stderr[-500:]}", file=sys.stderr)
            return
        theirs: dict[str, float] = json.loads(said.stdout.splitlines()[-1])
    for name, typed in ASKED.items():
        ours = statistics.median(_ours(office, typed) for _ in range(ROUNDS + 1))
        yield Row(f"peers.{name}", ours, "ms CPU", theirs[name], goal=1.0)


def _installed(folder: Path) -> Path | None:
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *PACKAGES], capture_output=True, check=False
    )
    return python if done.returncode == 0 else None


def _ours(office: SyntheticOffice, typed: str) -> float:
    began = time.process_time()
    with office.work(reading=False) as work:
        found = service.find(office.actor, work, Query(typed))
        work.commit()
    with office.work() as work:
        views.rows(office.actor, work, found.ids[: service.PAGE])
    return (time.process_time() - began) * 1000
