"""The sidecar: both versions byte for byte, and nothing else taken for one."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.errors import Fault
from desk_app.recordings.encoder import RATE
from desk_app.recordings.peaks import (
    WINDOW_MS,
    Meter,
    Sidecar,
    read_sidecar,
    sidecar_of,
    write_sidecar,
)
from desk_app.recordings.voice import VoiceActivity

HEAD_1 = bytes.fromhex("49445250 01 02 0064")
HEAD_2 = bytes.fromhex("49445250 02 02 0064")
PEAKS_2 = bytes.fromhex("ff01 fe02 80 7f 00 00")
"""Two windows: the operator −1…1 and −128…127, the caller −2…2 and silent."""
PEAKS = [[[-1, 1], [-2, 2]], [[-128, 127], [0, 0]]]
MEASURED_2 = bytes.fromhex("00000002 01")
VOICES_2 = bytes.fromhex(
    "00000002  00 01  0a bd01"  # the operator from 0 to 1 and from 11 to 200 ms
    "00000001  8001 48"  # the caller from 128 to 200 ms
)
VOICES = (((0, 1), (11, 200)), ((128, 200),))


def test_version_2_is_read_and_written_as_specified() -> None:
    content = HEAD_2 + MEASURED_2 + PEAKS_2 + VOICES_2
    sidecar = read_sidecar(content)
    assert sidecar.peaks.tolist() == PEAKS
    assert sidecar.voices == VOICES
    assert write_sidecar(sidecar) == content


def test_version_2_without_voices_says_that_they_were_not_measured() -> None:
    content = HEAD_2 + bytes.fromhex("00000002 00") + PEAKS_2
    sidecar = read_sidecar(content)
    assert sidecar.peaks.tolist() == PEAKS
    assert sidecar.voices is None
    assert write_sidecar(sidecar) == content


def test_version_1_is_still_read() -> None:
    sidecar = read_sidecar(HEAD_1 + PEAKS_2)
    assert sidecar.peaks.tolist() == PEAKS
    assert sidecar.voices is None
    assert len(read_sidecar(HEAD_1).peaks) == 0


WHOLE = HEAD_2 + MEASURED_2 + PEAKS_2 + VOICES_2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no waveform",
        HEAD_1[:-1],
        HEAD_1 + PEAKS_2[:-1],
        bytes.fromhex("49445250 03 02 0064") + MEASURED_2 + PEAKS_2 + VOICES_2,
        bytes.fromhex("49445250 02 01 0064") + MEASURED_2 + PEAKS_2 + VOICES_2,
        bytes.fromhex("49445250 02 02 0032") + MEASURED_2 + PEAKS_2 + VOICES_2,
        WHOLE + b"\0",
        HEAD_2 + bytes.fromhex("ffffffff 01") + PEAKS_2 + VOICES_2,  # more windows than bytes
        HEAD_2 + bytes.fromhex("00000002 02") + PEAKS_2 + VOICES_2,  # neither yes nor no
        HEAD_2 + MEASURED_2 + PEAKS_2 + bytes.fromhex("ffffffff 0001 00000000"),
        HEAD_2 + MEASURED_2 + PEAKS_2 + bytes.fromhex("00000001 0000 00000000"),  # empty
        HEAD_2 + MEASURED_2 + PEAKS_2 + bytes.fromhex("00000002 0001 0001 00000000"),  # touching
        HEAD_2 + MEASURED_2 + PEAKS_2 + bytes.fromhex("00000001 00c901 00000000"),  # 201 ms of 200
        HEAD_2 + MEASURED_2 + PEAKS_2 + bytes.fromhex("00000001 008100 00000000"),  # padded
        HEAD_2 + MEASURED_2 + PEAKS_2 + bytes.fromhex("00000001 00ffffffffff01 00000000"),
    ],
)
def test_what_is_no_sidecar_is_a_fault(content: bytes) -> None:
    with pytest.raises(Fault, match=r"recordings\.peaks"):
        read_sidecar(content)


def test_a_sidecar_cut_anywhere_is_a_fault() -> None:
    for end in range(len(WHOLE)):
        with pytest.raises(Fault, match=r"recordings\.peaks"):
            read_sidecar(WHOLE[:end])


@given(st.binary(max_size=200), st.sampled_from([b"", HEAD_1, HEAD_2, HEAD_2 + MEASURED_2]))
@settings(max_examples=300, deadline=None)
def test_garbage_is_read_back_the_same_or_a_fault(garbage: bytes, head: bytes) -> None:
    try:
        sidecar = read_sidecar(head + garbage)
    except Fault:
        return  # said as what it is; any other error would fail the test
    assert head + garbage in (write_sidecar(sidecar), HEAD_1 + sidecar.peaks.tobytes())


def intervals(end_ms: int) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    bounds = st.lists(st.integers(0, end_ms), unique=True, max_size=40).map(sorted)
    return bounds.map(lambda ends: tuple(zip(ends[::2], ends[1::2], strict=False)))


@given(windows=st.integers(0, 50), data=st.data())
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read(windows: int, data: st.DataObject) -> None:
    peaks = np.random.default_rng(windows).integers(-128, 128, (windows, 2, 2)).astype(np.int8)
    voices = data.draw(st.none() | st.tuples(*[intervals(windows * WINDOW_MS)] * 2))
    read = read_sidecar(write_sidecar(Sidecar(peaks, voices)))
    assert np.array_equal(read.peaks, peaks)
    assert read.voices == voices


@pytest.mark.parametrize("samples", [0, 1, RATE // 10, RATE + 7])
def test_what_was_measured_fits_a_sidecar(samples: int) -> None:
    sound = (np.random.default_rng(3).standard_normal((samples, 2)) * 3000).astype(np.int16)
    meter, activity = Meter(), VoiceActivity()
    meter.feed(sound)
    activity.feed(sound)
    activity.close()
    sidecar = read_sidecar(sidecar_of(meter, activity))
    assert len(sidecar.peaks) == -(-samples // (RATE // 10))
    assert sidecar.voices == ((), ())


def test_a_waveform_that_grows_takes_little_memory() -> None:
    meter = Meter()
    block = np.zeros((RATE * WINDOW_MS // 1000, 2), np.int16)
    tracemalloc.start()
    try:
        for _ in range(6000):
            meter.feed(block)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 60_000
    assert meter.peaks.shape == (6000, 2, 2)
