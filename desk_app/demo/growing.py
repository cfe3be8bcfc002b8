"""A demo office of any size in a folder of its own, made step by step, gone on with when stopped.

Founded beside the folder and moved into it, so that a folder holds a whole office or none; then
older cases in batches, each one transaction, and last those of the months that a demo begins
with. `growing.json` says what is still to come and goes when everything is there.
"""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from desk_app import settings
from desk_app.audit.log import record
from desk_app.clock import Clock
from desk_app.demo.bulk import BATCH, write_batch
from desk_app.demo.cases import SPAN, fill
from desk_app.demo.office import ACCOUNTS_FILE, SOME_CASES, demo_accounts, found_demo
from desk_app.errors import Fault, Refused
from desk_app.files import fault_of, whole_file
from desk_app.office import Office
from desk_app.people.access import Actor, Role
from desk_app.people.views import users
from desk_app.schema import metadata
from desk_app.search.index import index_cases
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import Language

GROWING_FILE = "growing.json"
YEARS = 10

Progress = Callable[[int, int], None]
"""Told how many cases there are, and how many there will be."""


def grow_demo(
    folder: Path, *, clock: Clock, language: Language, cases: int | None, tell: Progress
) -> None:
    """Make a demo office in ``folder``, or go on with the one whose making was interrupted.

    ``cases`` counts for a new one only. `Refused` for a folder that holds anything else. Takes a
    minute for 50,000 cases; whatever interrupts it loses one batch at most.
    """
    if not (folder / ACCOUNTS_FILE).exists():
        _found(folder, clock, language, SOME_CASES if cases is None else cases)
    try:
        plan = json.loads((folder / GROWING_FILE).read_text("utf-8"))
        wanted = int(plan["cases"])
    except FileNotFoundError:
        return  # all there
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Fault("office.demo_damaged") from error
    dpo = next(one for one in demo_accounts(folder) if one.role is Role.DPO)
    with (
        Office.at(folder, clock=clock) as office,
        office.sign_in(dpo.login, dpo.password) as desk,
    ):
        older = max(wanted - SOME_CASES, 0)
        there = desk.perform(_count)
        while there < older:
            tell(there, wanted)
            there = desk.perform(_add_older, until=older)
        if there < wanted:
            tell(there, wanted)
            desk.perform(fill, cases=wanted - there, seed=1)
        from desk_app.demo.recordings import record_calls  # sound: needed here only

        if not desk.perform(_has_recordings):
            desk.perform(record_calls, folder=office.recordings, seed=1)
        tell(wanted, wanted)
    (folder / GROWING_FILE).unlink()


def _found(folder: Path, clock: Clock, language: Language, cases: int) -> None:
    making = folder.with_name(folder.name + ".making")
    try:
        if folder.exists() and any(folder.iterdir()):
            raise Refused("office.demo_folder_taken", folder=folder)
        shutil.rmtree(making, ignore_errors=True)  # of an attempt that was interrupted
        making.mkdir(mode=0o700, parents=True)
        found_demo(making, clock=clock, language=language, cases=0).close()
        settings.save(making, settings.Settings(language=language))
        with whole_file(making / GROWING_FILE) as sink:
            sink.write(json.dumps({"cases": cases}).encode())
        if folder.exists():
            folder.rmdir()
        making.replace(folder)
    except OSError as error:
        raise fault_of(error) from error


def _count(actor: Actor, work: UnitOfWork, /) -> int:
    return work.session.scalar(select(func.max(metadata().tables["desk_case"].c.id))) or 0


def _has_recordings(actor: Actor, work: UnitOfWork, /) -> bool:
    return work.session.scalar(select(metadata().tables["recording"].c.id).limit(1)) is not None


def _add_older(actor: Actor, work: UnitOfWork, /, *, until: int) -> int:
    """One batch more of cases that are older than a usual demo's; how many there are then."""
    there = _count(actor, work)
    count = min(BATCH, until - there)
    end = work.now - SPAN - timedelta(days=30)
    if there:  # the years stay where they were when it began
        end = work.session.scalar(
            select(func.min(metadata().tables["desk_case"].c.opened_at))
        ) + timedelta(days=365 * YEARS)
    begin, each = end - timedelta(days=365 * YEARS), timedelta(days=365 * YEARS) / until
    staff = [row.user_id for row in users(actor, work) if Role.OPERATOR in row.roles]
    write_batch(
        work,
        first=there + 1,
        count=count,
        at=lambda n: (begin + each * (n - 1)).replace(microsecond=0),
        staff=staff,
        desk_id=actor.desk_id,
    )
    index_cases(work, range(there + 1, there + count + 1))
    record(actor, work, "demo.cases_made", first=there + 1, count=count)
    return there + count
