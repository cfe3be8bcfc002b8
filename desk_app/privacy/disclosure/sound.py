"""A recording cut to what concerns the customer: decoded, silenced, encoded again, in memory.

What is silenced is zero before it is encoded, so that nothing of it is in the file; the encoder
knows no more than what it is fed. A short tone marks where a silence begins.
"""

from collections.abc import Callable, Iterator, Sequence

import av
import numpy as np

from desk_app.errors import Refused
from desk_app.privacy.disclosure.rules import Voice, in_samples
from desk_app.recordings.decoder import PLAY_RATE
from desk_app.recordings.encoder import (
    CALLER_CHANNEL,
    OPERATOR_CHANNEL,
    RATE,
    Encoder,
    Samples,
)
from desk_app.recordings.playback import Playback

_TONE_HZ = 440
_TONE_MS = 200
_LOUDNESS = 1_500
_EDGE_MS = 20
"""Silenced on each side as well: places are heard, not measured, and resampling shifts a little."""
_CHANNELS = {
    Voice.BOTH: (OPERATOR_CHANNEL, CALLER_CHANNEL),
    Voice.CALLER: (CALLER_CHANNEL,),
    Voice.OPERATOR: (OPERATOR_CHANNEL,),
}


def write_sound(
    playback: Playback,
    take: Callable[[bytes], None],
    cuts_ms: Sequence[tuple[int, int, Voice]],
    *,
    is_stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Hand the recording's Opus in Ogg to ``take``, page by page, without what is cut.

    `Fault` of the recordings where it can't be read; ``Refused("disclosure.given_up")``.
    """

    encoder = Encoder(take, repeatable=True)
    cuts = in_samples([(max(a - _EDGE_MS, 0), b + _EDGE_MS, v) for a, b, v in cuts_ms], RATE)
    position = 0
    for block in _resampled(playback):
        if is_stopped():
            raise Refused("disclosure.given_up")
        encoder.feed(silenced(block, position, cuts))
        position += len(block)
    encoder.close()


def silenced(block: Samples, position: int, cuts: Sequence[tuple[int, int, Voice]]) -> Samples:
    """A block that begins at sample ``position``, with what is cut replaced by tone and silence."""
    end = position + len(block)
    touching = [cut for cut in cuts if cut[0] < end and cut[1] > position]
    if not touching:
        return block
    made = block.copy()
    for start, stop, voice in touching:
        inside = slice(max(start - position, 0), min(stop, end) - position)
        at = np.arange(position + inside.start, position + inside.stop) - start
        tone = np.where(
            at < _TONE_MS * RATE // 1000,
            np.sin(2 * np.pi * _TONE_HZ * at / RATE) * _LOUDNESS,
            0,
        ).astype(np.int16)
        for channel in _CHANNELS[voice]:
            made[inside, channel] = tone
    return made


def _resampled(playback: Playback) -> Iterator[Samples]:
    """The sound at `RATE`, as it was fed to the encoder."""
    resampler = av.AudioResampler("s16", "stereo", RATE)
    while (block := playback.read()) is not None:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(block).reshape(1, -1), format="s16", layout="stereo"
        )
        frame.sample_rate = PLAY_RATE
        for made in resampler.resample(frame):
            yield _samples(made)
    for made in resampler.resample(None):
        yield _samples(made)


def _samples(frame: av.AudioFrame) -> Samples:
    return frame.to_ndarray().astype(np.int16, copy=False).reshape(-1, 2)
