"""Two voices in one file, apart, and readable wherever the file is cut."""

from bisect import bisect_right
from contextlib import suppress
from functools import cache
from io import BytesIO
from itertools import accumulate

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.recordings.decoder import Decoder
from desk_app.recordings.encoder import CHANNELS, PAGE_MS, RATE, Encoder, Samples
from desk_app.recordings.ogg import whole_pages
from tests.recordings import double_talk
from tests.recordings.conftest import LINE_RATE, babble, decode
from tests.recordings.double_talk import (
    at_level,
    fitted_leak_db,
    silent_leak_db,
    through_joint_stereo,
    through_the_recorder,
    turned_leak_db,
)

PAGE_SAMPLES = LINE_RATE * PAGE_MS // 1000
PRE_SKIP = 312
GOAL_DB = -55


def voice(seconds: float, seed: int) -> np.ndarray:
    return babble(seconds, seed=seed)[:: LINE_RATE // RATE]


def encode(samples: Samples, *, block: int = 640) -> list[bytes]:
    pages: list[bytes] = []
    encoder = Encoder(pages.append)
    for start in range(0, len(samples), block):
        encoder.feed(samples[start : start + block])
    encoder.close()
    return pages


def test_what_is_handed_on_is_one_whole_page_at_a_time() -> None:
    pages = encode(np.zeros((RATE * 3, CHANNELS), np.int16))
    assert all(page.startswith(b"OggS") and page.count(b"OggS") == 1 for page in pages)
    assert len(pages) == 2 + 3000 // PAGE_MS + 1  # head, tags, what the decoder has to settle


def test_what_is_handed_on_lags_by_two_pages_and_a_frame_at_most() -> None:
    """So much is missing after a crash, whatever the disk does."""
    ogg = bytearray()
    encoder = Encoder(ogg.extend)
    for fed_ms in range(20, 5_000, 20):
        encoder.feed(np.zeros((RATE // 50, CHANNELS), np.int16))
        assert fed_ms - whole_pages(bytes(ogg)).duration_ms <= 2 * PAGE_MS + 20
    encoder.close()


@pytest.mark.parametrize("samples", [0, 1, 319, 320, 321, 16_000, 16_123])
def test_a_recording_decodes_to_as_much_as_was_fed(samples: int) -> None:
    pages = encode(np.zeros((samples, CHANNELS), np.int16), block=37)
    if samples:
        assert decode(b"".join(pages)).shape == (2, samples * LINE_RATE // RATE)


@cache
def talk() -> tuple[list[bytes], np.ndarray]:
    """The pages of four seconds of two voices, and what they decode to."""
    pages = encode(np.stack([voice(4, 1), voice(4, 2)], axis=1))
    return pages, heard_in(b"".join(pages))


def heard_in(ogg: bytes) -> np.ndarray:
    """What the player hears, up to where the file ends."""
    decoder = Decoder(BytesIO(ogg))
    blocks = [np.zeros((0, CHANNELS), np.int16)]
    while (block := decoder.read()) is not None:
        blocks.append(block)
    decoder.close()
    return np.concatenate(blocks)


@settings(deadline=None)
@given(st.data())
def test_a_cut_file_decodes_to_its_last_whole_page(data: st.DataObject) -> None:
    """Wherever it is cut: what comes out is the beginning of the whole, to the sample."""
    pages, whole = talk()
    ends = list(accumulate(len(page) for page in pages))
    cut = data.draw(
        st.one_of(
            st.integers(ends[2], ends[-1] - 1),
            st.sampled_from([end + by for end in ends[2:-1] for by in (0, 1, 30)]),
        )
    )
    heard = heard_in(b"".join(pages)[:cut])
    whole_pages = bisect_right(ends, cut) - 2  # but for head and tags
    assert len(heard) >= whole_pages * PAGE_SAMPLES - PRE_SKIP
    assert np.array_equal(heard, whole[: len(heard)])


@settings(deadline=None)
@given(st.data())
def test_a_file_that_is_cut_in_its_head_is_refused_and_nothing_worse(data: st.DataObject) -> None:
    pages, _ = talk()
    cut = data.draw(st.integers(0, len(pages[0]) + len(pages[1]) - 1))
    with suppress(av.FFmpegError):
        assert len(heard_in(b"".join(pages)[:cut])) == 0


@pytest.mark.parametrize(
    ("operator_dbfs", "caller_dbfs"), [(-6, -6), (-6, -30), (-30, -6), (-20, -20)]
)
def test_neither_party_is_heard_in_the_others_channel_when_both_talk(
    operator_dbfs: float, caller_dbfs: float
) -> None:
    operator = at_level(double_talk.voice(1, pitch_hz=110, seconds=5), operator_dbfs)
    caller = at_level(double_talk.voice(2, pitch_hz=200, seconds=5), caller_dbfs)
    assert max(turned_leak_db(through_the_recorder, operator, caller)) < GOAL_DB


def test_neither_party_leaks_by_another_measure() -> None:
    """Nor does anything of the one follow the other, or break a silence."""
    operator = at_level(double_talk.voice(1, pitch_hz=110), -6)
    caller = at_level(double_talk.voice(2, pitch_hz=200), -6)
    assert max(fitted_leak_db(through_the_recorder, operator, caller)) < GOAL_DB
    assert silent_leak_db(through_the_recorder, operator) < GOAL_DB
    # The measures see what is there: as the coupled channels everybody uses would have it.
    assert max(turned_leak_db(through_joint_stereo, operator, caller)) > GOAL_DB
    assert max(fitted_leak_db(through_joint_stereo, operator, caller)) > GOAL_DB


def test_the_measures_find_a_leak_that_was_put_in() -> None:
    operator = at_level(double_talk.voice(1, pitch_hz=110), -6)
    caller = at_level(double_talk.voice(2, pitch_hz=200), -6)

    def leaky(samples: Samples) -> Samples:
        mixed = samples + 10 ** (-40 / 20) * samples[:, ::-1]
        return through_the_recorder(np.rint(np.clip(mixed, -32768, 32767)).astype(np.int16))

    assert fitted_leak_db(leaky, operator, caller) == pytest.approx((-40, -40), abs=4)
    # This one counts what the leak does to the coding noise as well: too much, never too little.
    assert min(turned_leak_db(leaky, operator, caller)) > -40


def test_players_are_told_left_and_right() -> None:
    """Mapping family 1 with two uncoupled streams: family 255 is refused by general players."""
    head = encode(np.zeros((320, CHANNELS), np.int16))[0]
    start = head.index(b"OpusHead")
    channels, family, streams, coupled = (head[start + at] for at in (9, 18, 19, 20))
    assert (channels, family, streams, coupled) == (2, 1, 2, 0)
    assert head[start + 21 : start + 23] == b"\x00\x01"


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 32), st.sampled_from([OSError(28, "No space left"), KeyError("any")]))
def test_an_error_of_the_sink_comes_out_as_it_is(at: int, error: Exception) -> None:
    """At any page, the first and the last included; the same object, so nothing of it is lost."""
    taken: list[bytes] = []

    def full(page: bytes) -> None:
        if len(taken) == at:
            raise error
        taken.append(page)

    def record() -> None:
        encoder = Encoder(full)
        for _ in range(30):
            encoder.feed(np.zeros((RATE // 10, CHANNELS), np.int16))
        encoder.close()

    with pytest.raises(type(error)) as raised:
        record()
    assert raised.value is error
    assert len(taken) == at


def test_the_sink_above_fails_at_every_page_there_is() -> None:
    assert len(encode(np.zeros((RATE * 3, CHANNELS), np.int16))) == 33
