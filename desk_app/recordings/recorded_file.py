"""One recording while it is made: encoded, sealed, measured, and what is told of it at the end."""

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from desk_app.errors import Fault
from desk_app.recordings.encoder import Encoder, Samples
from desk_app.recordings.files import RecordingFiles, Sealed, destroy
from desk_app.recordings.parties import Level
from desk_app.recordings.peaks import Meter, sidecar_of
from desk_app.recordings.sealing import SealedWriter
from desk_app.recordings.timeline import Timeline
from desk_app.recordings.voice import VoiceActivity

_SPOKEN_DB = -45.0
"""Louder is speech, where nobody can tell a voice from noise."""


class RecordedFile:
    """One thread. Opening and `feed` raise `OSError` where the disk takes no more.

    ``began_ms`` is where it begins in the sound of the session. It ends with one of `seal`,
    `leave` and `destroy`.
    """

    def __init__(self, files: RecordingFiles, recipients: list[str], *, began_ms: int) -> None:
        self.uid = files.uid
        self.began_ms = began_ms
        self.fed = 0
        """Samples so far."""
        self._files = files
        self._meter = Meter()
        self._activity = VoiceActivity()
        try:
            self._sink = SealedWriter(files, recipients)
            self._encoder = Encoder(self._sink.write)
        except BaseException:
            self._activity.close()
            raise

    @property
    def is_full(self) -> bool:
        """Whether the disk is full: what was fed is safe, and it is time to `seal`."""
        return self._sink.is_full

    def feed(self, samples: Samples) -> list[Level]:
        """Record the next samples; the levels of the windows that are complete."""
        self._encoder.feed(samples)
        self._activity.feed(samples)
        self.fed += len(samples)
        return self._meter.feed(samples)

    def keep_timeline(self, timeline: Timeline, gaps: Iterable[Mapping[str, Any]]) -> None:
        """Have what has happened so far survive this process; on a full disk the sound comes
        first."""
        with contextlib.suppress(Fault):
            timeline.keep(self._files, began_ms=self.began_ms, gaps=gaps)

    def somebody_speaks(self, levels: list[Level]) -> bool:
        """Whether a party speaks now; ``levels`` are the newest."""
        if self._activity.is_measured:
            return any(self._activity.speaks)
        return any(max(one.operator_db, one.caller_db) > _SPOKEN_DB for one in levels)

    def seal(self, *, duration_ms: int, timeline: list[dict[str, Any]]) -> Sealed:
        """Seal it. A disk that fails here (`OSError`) leaves the rest to salvage: call `leave`."""
        self._encoder.close()
        sealed = self._sink.finish(
            duration_ms=duration_ms,
            peaks=sidecar_of(self._meter, self._activity),
            voice_ms=self._activity.voice_ms,
            timeline=timeline,
        )
        self._activity.close()
        return sealed

    def leave(self) -> None:
        """Leave the files as they are, for `recovery`."""
        self._activity.close()
        self._sink.abandon()

    def destroy(self) -> None:
        """Leave nothing of it on the disk. `Fault` if something can't be removed."""
        self.leave()
        destroy(self._files)
