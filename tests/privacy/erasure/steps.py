"""An erasure's steps without a desk: what lies outside the database is as good as done."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from desk_app.people.access import Actor
from desk_app.privacy.erasure import service
from desk_app.privacy.erasure.certificate import Certificate
from desk_app.privacy.erasure.model import Erasure
from desk_app.privacy.erasure.rules import STEPS, Step
from desk_app.recordings.model import RecordingCopy
from desk_app.recordings.stores import service as stores
from tests.day import OfficeDay

PROVEN = {"values": 1, "looked_for": 1, "search": 0, "pages": 0}
"""As `desk.erasing` says that it looked."""


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
        case Step.PROOF:
            day.perform(officer, service.step_done, erasure, step, **PROVEN)
        case _:
            day.perform(officer, service.step_done, erasure, step)


def do_all(day: OfficeDay, officer: Actor, erasure: int, *, begun: bool = False) -> None:
    for step in STEPS[1 if begun else 0 :]:
        do(day, officer, erasure, step)
    certify(day, officer, erasure)


def certify(day: OfficeDay, officer: Actor, erasure: int) -> Certificate:
    text = day.perform(officer, service.certify, erasure, **signing())
    return Certificate.from_text(text)


def signing() -> dict[str, Any]:
    """What an officer's keys give."""
    return {"verify_key": _KEY.public_key().public_bytes_raw().hex(), "sign": _KEY.sign}


_KEY = Ed25519PrivateKey.generate()
