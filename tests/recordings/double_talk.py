"""Two people who talk at once, and how much of one is heard where only the other should be."""

from collections.abc import Callable
from io import BytesIO

import av
import numpy as np
import numpy.typing as npt

from desk_app.recordings.decoder import decode_blocks
from desk_app.recordings.encoder import RATE, Encoder, Samples

Floats = npt.NDArray[np.float64]
SECONDS = 20
_TAPS = 2  # samples to either side in which the leak is looked for


def voice(seed: int, *, pitch_hz: float, seconds: float = SECONDS) -> Floats:
    """Something like speech, RMS 1 where it speaks: a pitch that moves and its overtones under
    moving formants, hissing consonants, syllables and pauses."""
    generator = np.random.default_rng(seed)
    count = int(seconds * RATE)
    times = np.arange(count) / RATE

    def slowly(low: float, high: float, a_second: float) -> Floats:
        points = generator.uniform(low, high, int(seconds * a_second) + 2)
        return np.interp(times * a_second, np.arange(len(points)), points)

    pitch = pitch_hz * slowly(0.8, 1.25, 3)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    formants = [slowly(300, 900, 5), slowly(900, 2200, 5), slowly(2300, 3300, 5)]
    sound = np.zeros(count)
    for overtone in range(1, int(3800 / (pitch_hz * 1.25)) + 1):
        at = overtone * pitch
        loud = sum(1 / (1 + ((at - formant) / 120) ** 2) for formant in formants)
        sound += loud * np.sin(overtone * phase)
    hiss = np.diff(generator.standard_normal(count + 1))
    is_consonant = slowly(0, 1, 6) > 0.75
    sound = np.where(is_consonant, hiss * 0.4, sound)
    sound *= np.clip(slowly(-0.4, 1, 5), 0, None)
    return sound / np.sqrt(np.mean(np.square(sound)))


def at_level(sound: Floats, dbfs: float) -> Floats:
    """With its peak (but for one sample in a thousand) so far below full scale."""
    peak = float(np.quantile(np.abs(sound), 0.999))
    return np.clip(sound / peak * 10 ** (dbfs / 20), -1, 1) * 32767


def through_the_recorder(samples: Samples) -> Samples:
    """Encoded as a recording is, and decoded."""
    pages: list[bytes] = []
    encoder = Encoder(pages.append)
    encoder.feed(samples)
    encoder.close()
    return decoded(b"".join(pages))


def decoded(ogg: bytes) -> Samples:
    return np.concatenate(list(decode_blocks(BytesIO(ogg))))


def through_joint_stereo(samples: Samples) -> Samples:
    """The same codec at the same rate as everybody uses it: two coupled channels."""
    sink = BytesIO()
    with av.open(sink, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE)
        codec = stream.codec_context
        codec.layout, codec.format, codec.bit_rate = "stereo", "s16", 32_000
        codec.options = {"application": "voip"}
        for start in range(0, len(samples), RATE // 50):
            part = np.ascontiguousarray(samples[start : start + RATE // 50])
            frame = av.AudioFrame.from_ndarray(part.reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return decoded(sink.getvalue())


Through = Callable[[Samples], Samples]
"""What a sound goes through: an encoder and back."""


def turned_leak_db(through: Through, operator: Floats, caller: Floats) -> tuple[float, float]:
    """How far the caller's voice lies, in the operator's channel, below its level in its own, and
    the other way round.

    What changes in a channel when the other's voice is turned upside down: it is exactly nothing
    where the other is not in it, however loud one's own voice and its coding noise are.
    """
    heard = through(_as_samples(operator, caller)).astype(float)
    turned = through(_as_samples(operator, -caller)).astype(float)
    into_operator = _level_db((heard - turned)[:, 0] / 2) - _level_db(caller)
    turned = through(_as_samples(-operator, caller)).astype(float)
    into_caller = _level_db((heard - turned)[:, 1] / 2) - _level_db(operator)
    return into_operator, into_caller


def fitted_leak_db(through: Through, operator: Floats, caller: Floats) -> tuple[float, float]:
    """The same by what of a channel follows the other's voice, once what follows one's own is
    taken out: a least-squares fit of both. Coding noise limits it, to some -65 dB where both
    are equally loud."""
    heard = through(_as_samples(operator, caller)).astype(float)
    return _fit(heard[:, 0], operator, caller), _fit(heard[:, 1], caller, operator)


def silent_leak_db(through: Through, operator: Floats) -> float:
    """The same where the caller says nothing: all that is heard in the caller's channel."""
    heard = through(_as_samples(operator, np.zeros_like(operator)))
    return _level_db(heard[:, 1].astype(float)) - _level_db(operator)


def _fit(heard: Floats, own: Floats, other: Floats) -> float:
    length = min(len(heard), len(own)) - 2 * _TAPS

    def shifted(sound: Floats) -> Floats:
        return np.stack([sound[at : at + length] for at in range(2 * _TAPS + 1)], axis=1)

    voices = np.concatenate([shifted(own), shifted(other)], axis=1)
    fitted = np.linalg.lstsq(voices, heard[_TAPS : _TAPS + length], rcond=None)[0]
    return _level_db(shifted(other) @ fitted[2 * _TAPS + 1 :]) - _level_db(other)


def _as_samples(operator: Floats, caller: Floats) -> Samples:
    return np.rint(np.stack([operator, caller], axis=1)).astype(np.int16)


def _level_db(sound: Floats) -> float:
    return float(10 * np.log10(np.mean(np.square(sound)) + 1e-4))
