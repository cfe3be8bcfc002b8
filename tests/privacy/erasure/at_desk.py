"""An office with the scene in it, as people who are signed in work there."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from desk_app.clock import FixedClock
from desk_app.office import Desk, Office
from desk_app.people.access import Actor, Role
from desk_app.places import ServerPlace
from desk_app.privacy.erasure import service
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.model import RecordingStore
from desk_app.recordings.stores.folder_store import mark
from desk_app.storage.unit_of_work import UnitOfWork, open_work
from tests.day import OfficeDay
from tests.privacy.erasure.scene import Scene, make


def scene_in(
    office: Office, people: dict[Role, Desk], clock: FixedClock, *, filled: bool = True
) -> Scene:
    """The scene, written past the services where it has to be: on a server by the owner."""
    officer = people[Role.DPO]
    place = office.place
    own = place.as_owner(officer.keys) if isinstance(place, ServerPlace) else None
    with officer.holder.store.engine() as engine:
        writing = own or engine

        def work(*, finishers: Iterable[Any] = (), reading: bool = False) -> UnitOfWork:
            return open_work(writing, clock, finishers=tuple(finishers), reading=reading)

        def actor(roles: Iterable[Role], *, appointed: bool = True) -> Actor:
            (role,) = roles
            return people[role].actor

        with work() as w:
            folder = office.folder.parent / "store"
            folder.mkdir()
            entered = {"entered_by": officer.actor.user_id, "entered_at": w.now}
            w.session.add(
                RecordingStore(kind="folder", folder=str(folder), marker=mark(folder), **entered)
            )
            w.commit()
        made = make(OfficeDay(work, actor, clock), filled=filled)
    if own is not None:
        own.dispose()
    return made


def leave_files(office: Office, scene: Scene) -> list[Path]:
    """What lies at a desk of each of the two: a recording with all that may lie beside it, what was
    fetched, and drafts. Hers."""
    made: list[list[Path]] = []
    store = office.folder.parent / "store"
    for one in (scene.hers, scene.his):
        uid = f"{one.customer_id:032x}"
        files = RecordingFiles(office.recordings, uid)
        fetched = office.fetched / f"f{one.customer_id}"
        fetched.mkdir()
        (office.drafts / "cases").mkdir(exist_ok=True)
        (store / uid[:2]).mkdir(exist_ok=True)
        paths = [
            store / uid[:2] / f"{uid}.age",
            store / uid[:2] / f"{uid}.peaks.age",
            files.sealed,
            files.peaks,
            files.timeline,
            files.damaged,
            fetched / f"{uid}.age",
            office.drafts / "cases" / f"case-{one.case_id}-0123456789abcdef.draft.age",
            office.drafts / "cases" / f"case-{one.case_id}-0123456789abcdef.draft.damaged",
        ]
        for path in paths:
            path.write_bytes(one.word.encode() * 9)
        made.append(paths)
    return made[0]


def approved(officer: Desk, second: Desk, scene: Scene) -> int:
    erasure: int = officer.perform(service.ask_for_erasure, customer_id=scene.hers.customer_id)
    second.perform(service.approve_erasure, erasure)
    return erasure
