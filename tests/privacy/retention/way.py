"""Runs of retention without a desk, and two customers whose time is over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from desk_app.cases.model import Case
from desk_app.desk.retaining import Ran, Retaining
from desk_app.people.access import Actor
from desk_app.privacy.erasure import service as erasures
from desk_app.privacy.erasure.model import Erasure
from desk_app.privacy.erasure.progress import steps_done
from desk_app.privacy.erasure.rules import STEPS, ErasureState
from desk_app.privacy.retention import service
from desk_app.privacy.retention.rules import Kind
from desk_app.purposes.model import Consent
from tests.day import OfficeDay
from tests.privacy.erasure.scene import Scene, make
from tests.privacy.erasure.steps import do, signing

REMOVED_HERE = tuple(kind for kind in Kind if kind not in (Kind.AUDIT, Kind.ORIGINALS))


class Cut(Exception):
    """The process is gone."""


def ended(day: OfficeDay, *, filled: bool = True) -> Scene:
    """The scene of erasures; cases closed, consents withdrawn now, so that clocks run."""
    scene = make(day, filled=filled)
    with day.work() as work:
        work.session.execute(update(Case).values(closed_at=work.now))
        work.session.execute(update(Consent).values(withdrawn_at=work.now))
        work.commit()
    return scene


def years_later(day: OfficeDay, years: float) -> datetime:
    return day.later(days=round(years * 365.25))


def approved(day: OfficeDay, scene: Scene, *kinds: Kind) -> int:
    run: int = day.perform(scene.officer, service.draw_up, kinds or REMOVED_HERE)
    day.perform(scene.second, service.approve_run, run)
    return run


class Walk:
    """A desk's run: what lies outside the database is as good as done. ``between`` is called
    before each act with its name, and may cut the run off."""

    def __init__(
        self, day: OfficeDay, actor: Actor, between: Callable[[str], None] = lambda _name: None
    ) -> None:
        self._day, self._actor, self._between = day, actor, between
        self.key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
        keys = SimpleNamespace(
            sign=self.key.sign, verify_key=self.key.public_key().public_bytes_raw().hex()
        )
        holder: Any = SimpleNamespace(keys=keys, actor=actor)
        erasing: Any = SimpleNamespace(run=self._erase)
        self.retaining = Retaining(holder, erasing, self._perform, self._read)

    def run(self, run_id: int) -> Ran:
        return self.retaining.run(run_id)

    def _perform(self, use_case: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self._between(use_case.__name__)
        return self._day.perform(self._actor, use_case, *args, **named)

    def _read(self, view: Callable[..., Any], *args: Any) -> Any:
        return self._day.read(self._actor, view, *args)

    def _erase(self, erasure_id: int, **_progress: Any) -> Any:
        with self._day.work(reading=True) as work:
            erasure = work.session.get_one(Erasure, erasure_id)
            done, state = steps_done(work, erasure), ErasureState(erasure.state)
        for step in STEPS:
            if step not in done:
                self._between(step.value)
                do(self._day, self._actor, erasure_id, step)
        if state is not ErasureState.DONE:
            self._between("certify")
            self._day.perform(self._actor, erasures.certify, erasure_id, **signing())
        return SimpleNamespace(certificate="{}", waits=None)


def cut_off_once_everywhere(day: OfficeDay, actor: Actor, run: int) -> tuple[Ran, set[str]]:
    """Run until it ends, cut off before each act once; the time goes on meanwhile."""
    cut: set[str] = set()

    def between(name: str) -> None:
        if name not in cut:
            cut.add(name)
            day.clock.move_to(day.clock.now() + timedelta(seconds=1))
            raise Cut

    while True:
        try:
            return Walk(day, actor, between).run(run), cut
        except Cut:
            continue
