"""Inputs that are busy, refuse a rate or have one channel; and how they are opened again."""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from desk_app.errors import Fault
from desk_app.recordings import devices, reopening
from desk_app.recordings.devices import BLOCKS_A_SECOND, Inputs
from desk_app.recordings.inbox import Away, Block, Inbox, Item, Returned
from desk_app.recordings.parties import InputChoice, InputDevice, Party
from desk_app.recordings.reopening import ASK_EVERY, KeptOpen
from tests.recordings.fake_sound import FakeDevice, FakeSound

TWO = InputChoice("ALSA: headset", "ALSA: line")
PATIENCE = 30.0


@dataclass
class Ear:
    """Notes what comes."""

    blocks: "queue.SimpleQueue[tuple[int, int, int]]" = field(default_factory=queue.SimpleQueue)

    def heard(
        self,
        source: int,
        block: Any,
        *,
        frames: int,
        began_at: float,
        ended_at: float,
        overflowed: bool,
    ) -> None:
        assert began_at < ended_at
        self.blocks.put((source, frames, len(block)))

    def fell_silent(self, source: int, stream: int) -> None:
        self.blocks.put((source, 0, stream))


Plug = Callable[..., FakeSound]


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Puts these devices into the machine."""

    def put(*there: FakeDevice) -> FakeSound:
        fake = FakeSound(list(there))
        monkeypatch.setattr(devices, "sounddevice", fake)
        monkeypatch.setattr(devices, "_missing", None)
        return fake

    return put


# What `test_devices` holds of the real PortAudio holds of the fake


def test_a_refused_rate_is_followed_by_the_next_best(plug: Plug) -> None:
    plug(FakeDevice("headset", rates=(44_100,)))
    ear = Ear()
    inputs = Inputs(InputChoice("ALSA: headset", "ALSA: line"), ear)
    opened = inputs.open(0)
    assert (opened.source.parties, opened.source.rate) == ((Party.OPERATOR,), 44_100)
    inputs.start(0)
    block = 44_100 // BLOCKS_A_SECOND
    assert ear.blocks.get(timeout=PATIENCE) == (0, block, block * 2)


def test_without_any_wanted_rate_the_devices_own_is_taken(plug: Plug) -> None:
    plug(FakeDevice("headset", rates=(96_000,)))
    assert Inputs(TWO, Ear()).open(0).source.rate == 96_000


def test_a_missing_input_is_said(plug: Plug) -> None:
    plug(FakeDevice("headset"))
    with pytest.raises(Fault, match=r"recordings\.device_missing"):
        Inputs(TWO, Ear()).open(1)


# What only the fake can do


def test_an_input_that_takes_no_rate_is_refused(plug: Plug) -> None:
    plug(FakeDevice("headset", rates=()))
    with pytest.raises(Fault, match=r"recordings\.device_refused"):
        Inputs(TWO, Ear()).open(0)


def test_an_input_of_another_program_is_busy(plug: Plug) -> None:
    plug(FakeDevice("headset", is_busy=True))
    with pytest.raises(Fault, match=r"recordings\.device_busy"):
        Inputs(TWO, Ear()).open(0)


def test_an_input_that_is_taken_between_question_and_opening_is_busy(
    plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = plug(FakeDevice("headset"))

    def taken(**_: Any) -> None:
        raise fake.PortAudioError("Device unavailable", -9985)

    monkeypatch.setattr(fake, "RawInputStream", taken, raising=False)
    with pytest.raises(Fault, match=r"recordings\.device_busy"):
        Inputs(TWO, Ear()).open(0)


def test_a_mono_input_lacks_the_caller(plug: Plug) -> None:
    plug(FakeDevice("both", channels=1))
    opened = Inputs(InputChoice("ALSA: both"), Ear()).open(0)
    assert opened.source.parties == (Party.OPERATOR,)
    assert opened.lacks == (Party.CALLER,)


def test_without_any_input_there_is_no_device(plug: Plug) -> None:
    plug()
    with pytest.raises(Fault, match=r"recordings\.no_device"):
        Inputs(TWO, Ear()).open(0)


def test_the_systems_default_is_followed_when_it_changes(plug: Plug) -> None:
    fake = plug(FakeDevice("old"))
    inputs = Inputs(InputChoice(""), Ear())
    inputs.open(0)
    fake.devices[:] = [FakeDevice("new", channels=2, rates=(44_100,))]
    inputs.renew()
    assert inputs.open(0).source.rate == 44_100


# Opened again


@dataclass
class Opening:
    """Inputs that are kept open, and what was said of them."""

    kept: KeptOpen
    inbox: Inbox

    def until(self, kind: type[Item], such: Callable[[Any], bool] = lambda _: True) -> Any:
        while True:
            item = self.inbox.next(timeout=PATIENCE)
            if isinstance(item, kind) and such(item):
                return item


Keep = Callable[[InputChoice], Opening]


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keep]:
    """Keeps inputs open, trying again at once."""
    monkeypatch.setattr(reopening, "AGAIN_SECONDS", 0.01)
    kept: list[KeptOpen] = []

    def begin(choice: InputChoice) -> Opening:
        inbox = Inbox()
        kept.append(KeptOpen(Inputs(choice, inbox), inbox))
        return Opening(kept[-1], inbox)

    yield begin
    assert all(one.close() for one in kept)


def test_a_busy_input_is_opened_as_soon_as_it_is_free(plug: Plug, keep: Keep) -> None:
    fake = plug(FakeDevice("headset"), FakeDevice("line", is_busy=True))
    opening = keep(TWO)
    assert opening.until(Returned).source == 0
    assert opening.until(Away) == Away(1, "recordings.device_busy")
    opening.until(Away)  # and again
    fake.devices[1].is_busy = False
    back = opening.until(Returned)
    assert back.source == 1
    assert opening.until(Block, lambda block: block.source == 1).frames


def test_an_input_is_opened_again_on_request(plug: Plug, keep: Keep) -> None:
    fake = plug(FakeDevice("headset"), FakeDevice("line"))
    opening = keep(TWO)
    streams = {opening.until(Returned).opened.stream for _ in range(2)}
    opening.kept.reopen(0)
    again = opening.until(Returned)
    assert again.source == 0
    assert again.opened.stream not in streams
    assert [stream.is_open for stream in fake.streams] == [False, True, True]


def test_what_is_asked_for_again_while_opening_hangs_is_opened_once_more(
    plug: Plug, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session asks every few seconds while an input is frozen, and that may take hours."""
    fake = plug(FakeDevice("headset"), FakeDevice("line"))
    opening = keep(TWO)
    for _ in range(2):
        opening.until(Returned)
    is_stuck, goes_on = threading.Event(), threading.Event()
    asked = fake.query_devices

    def query_devices(index: int | None = None) -> Any:
        is_stuck.set()
        goes_on.wait(PATIENCE)
        return asked(index)

    monkeypatch.setattr(fake, "query_devices", query_devices, raising=False)
    opening.kept.reopen(0)
    assert is_stuck.wait(PATIENCE)
    for _ in range(100):
        opening.kept.reopen(0)
    opening.kept.reopen(1)
    goes_on.set()
    back = []
    while 1 not in back:
        back.append(opening.until(Returned).source)
    assert back == [0, 0, 1]


def test_while_another_input_is_open_a_fresh_process_is_asked_first(
    plug: Plug, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PortAudio's own list is of the past, and making a new one interrupts the other party."""
    fake = plug(FakeDevice("headset"))
    asked, renewed = [], []
    there = [InputDevice("ALSA: line", "line", 1, is_default=False)]

    def ask() -> list[InputDevice]:
        asked.append(len(asked))
        return there if len(asked) > 2 else []

    def initialize() -> None:
        renewed.append(len(asked))
        fake.devices[:] = [FakeDevice("headset"), FakeDevice("line")]

    monkeypatch.setattr(reopening, "ask_anew", ask)
    monkeypatch.setattr(fake, "_initialize", initialize, raising=False)
    opening = keep(TWO)
    missed = 0
    while True:
        item = opening.inbox.next(timeout=PATIENCE)
        if isinstance(item, Away):
            missed += 1
        elif isinstance(item, Returned) and item.source == 1:
            break
    assert renewed == [3]
    assert missed >= 2 * ASK_EVERY
    assert [stream.is_open for stream in fake.streams][-2:] == [True, True]


def test_a_sound_system_that_never_answers_does_not_keep_the_end_waiting(
    plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:

    fake = plug(FakeDevice("headset"), FakeDevice("line"))
    frozen = threading.Event()
    asked = fake.query_devices

    def query_devices(index: int | None = None) -> Any:
        frozen.wait(PATIENCE)
        return asked(index)

    monkeypatch.setattr(fake, "query_devices", query_devices, raising=False)
    monkeypatch.setattr(reopening, "CLOSE_SECONDS", 0.05)
    inbox = Inbox()
    kept = KeptOpen(Inputs(TWO, inbox), inbox)
    assert not kept.close()
    frozen.set()
    kept._thread.join(PATIENCE)
    assert not any(isinstance(item, Returned) for item in inbox.take_all()[1:])
