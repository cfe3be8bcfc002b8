"""An erasure's steps without a desk: what lies outside the database is as good as done."""

from typing import Any

from sqlalchemy import select

from desk_app.people.access import Actor
from desk_app.privacy.erasure import service
from desk_app.privacy.erasure.model import Erasure
from desk_app.privacy.erasure.rules import STEPS, Step
from desk_app.recordings.model import RecordingCopy
from desk_app.recordings.stores import service as stores
from tests.day import OfficeDay


def ask(day: OfficeDay, officer: Actor, customer_id: int, **more: Any) -> int:
    erasure: int = day.perform(officer, service.ask_for_erasure, customer_id=customer_id, **more)
    return erasure


def do(day: OfficeDay, officer: Actor, erasure: int, step: Step) -> None:
    """One step, as `desk.erasing` has it done."""
    match step:
        case Step.FOUND:
            day.perform(officer, service.begin_erasure, erasure, probes=b"x", found={"values": 1})
        case Step.ROWS:
            day.perform(officer, service.erase_all_rows, erasure)
        case Step.PAGES:
            day.perform(officer, service.purge_index, erasure)
            day.perform(officer, service.step_done, erasure, step, engine="file")
        case Step.DESKS:
            day.perform(officer, service.desk_done, erasure, removed=0)
            day.perform(officer, service.step_done, erasure, step)
        case Step.COPIES:
            with day.work() as work:
                recordings = work.session.get_one(Erasure, erasure).roots["recordings"]
                copies = work.session.scalars(
                    select(RecordingCopy.id).where(RecordingCopy.recording_id.in_(recordings))
                ).all()
            for copy in copies:
                day.perform(officer, stores.forgotten, copy)
            day.perform(officer, service.step_done, erasure, step)
        case _:
            day.perform(officer, service.step_done, erasure, step)


def do_all(day: OfficeDay, officer: Actor, erasure: int, *, begun: bool = False) -> None:
    for step in STEPS[1 if begun else 0 :]:
        do(day, officer, erasure, step)
    day.perform(officer, service.certify, erasure, certificate="{}")
