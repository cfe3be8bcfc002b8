"""Two voices in one file, apart, and readable wherever the file is cut."""

import numpy as np
import pytest

from desk_app.recordings.encoder import CHANNELS, PAGE_MS, RATE, Encoder, Samples
from desk_app.recordings.ogg import whole_pages
from tests.recordings.conftest import LINE_RATE, babble, decode

PAGE_SAMPLES = LINE_RATE * PAGE_MS // 1000


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


def test_a_cut_file_decodes_to_its_last_whole_page() -> None:
    pages = encode(np.stack([voice(3, 1), voice(3, 2)], axis=1))
    whole = decode(b"".join(pages))
    ogg = b"".join(pages)
    for count in range(3, len(pages)):
        end = sum(len(page) for page in pages[:count])
        for cut in (end, end + 1, end + len(pages[count]) - 1):
            heard = decode(ogg[:cut])
            assert np.array_equal(heard, whole[:, : heard.shape[1]])
            assert heard.shape[1] >= (count - 2) * PAGE_SAMPLES - 312


def test_neither_party_leaks_into_the_other_when_both_talk() -> None:
    """Each channel decodes as if the other party had said nothing."""
    operator, caller = voice(5, 1), voice(5, 2)
    silence = np.zeros_like(operator)
    both = decode(b"".join(encode(np.stack([operator, caller], axis=1))))
    alone = decode(b"".join(encode(np.stack([operator, silence], axis=1))))
    leaked = np.sqrt(np.mean(np.square(alone[1]))) / np.sqrt(np.mean(np.square(alone[0])))
    assert 20 * np.log10(leaked + 1e-12) < -55
    # The encoder shares its bits out between the two, so the sound differs; the voice doesn't.
    assert np.corrcoef(both[0], alone[0])[0, 1] > 0.9
    assert abs(np.corrcoef(both[0], both[1])[0, 1]) < 0.05


def test_players_are_told_left_and_right() -> None:
    """Mapping family 1 with two uncoupled streams: family 255 is refused by general players."""
    head = encode(np.zeros((320, CHANNELS), np.int16))[0]
    start = head.index(b"OpusHead")
    channels, family, streams, coupled = (head[start + at] for at in (9, 18, 19, 20))
    assert (channels, family, streams, coupled) == (2, 1, 2, 0)
    assert head[start + 21 : start + 23] == b"\x00\x01"


def test_an_error_of_the_sink_comes_out_as_it_is() -> None:
    taken: list[bytes] = []

    def full(page: bytes) -> None:
        if len(taken) == 5:
            raise OSError(28, "No space left on device")
        taken.append(page)

    encoder = Encoder(full)
    with pytest.raises(OSError, match="No space left") as error:
        encoder.feed(np.zeros((RATE * 3, CHANNELS), np.int16))
    assert error.value.errno == 28
