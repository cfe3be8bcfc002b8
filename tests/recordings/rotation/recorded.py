"""Calls that an office has recorded: sealed as the recorder seals them, without a sound card."""

import uuid
from dataclasses import dataclass

import numpy as np

from desk_app.calls import service as calls
from desk_app.calls.rules import AnnouncedBy
from desk_app.office import Desk, Office
from desk_app.purposes import views as purposes
from desk_app.recordings import service
from desk_app.recordings.encoder import RATE, Encoder
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.peaks import Meter, sidecar_of
from desk_app.recordings.recorder import RecordingOrder
from desk_app.recordings.sealing import SealedWriter
from desk_app.recordings.voice import VoiceActivity
from tests.offices import OPERATOR, sign_in
from tests.recordings.conftest import babble


@dataclass(frozen=True)
class Recorded:
    id: int
    files: RecordingFiles


def begin(office: Office, desk: Desk) -> RecordingOrder:
    """A call that was announced and is being recorded."""
    contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=office.clock.now())
    script = desk.read(purposes.current_announcement)
    desk.perform(
        calls.confirm_announcement, contact_id, announcement_id=script.id, by=AnnouncedBy.OPERATOR
    )
    order = desk.perform(service.begin, contact_id)
    desk.perform(calls.hang_up, contact_id, ended_at=office.clock.now())
    return order


def seal(office: Office, desk: Desk, order: RecordingOrder, seconds: float = 1.0) -> Recorded:
    """The recording that was begun, sealed."""
    files = RecordingFiles(office.recordings, order.uid)
    writer = SealedWriter(files, order.recipients)
    voices = [babble(seconds, seed=seed)[:: 48_000 // RATE] for seed in (1, 2)]
    samples = np.stack(voices, axis=1)
    encoder, meter, activity = Encoder(writer.write), Meter(), VoiceActivity()
    meter.feed(samples)
    activity.feed(samples)
    activity.close()
    encoder.feed(samples)
    encoder.close()
    sealed = writer.finish(
        duration_ms=len(samples) * 1000 // RATE, peaks=sidecar_of(meter, activity), timeline=[]
    )
    desk.perform(service.seal, order.recording_id, sealed)
    files.note.unlink()
    return Recorded(order.recording_id, files)


def record(office: Office, seconds: float = 1.0) -> Recorded:
    with sign_in(office, OPERATOR) as desk:
        return seal(office, desk, begin(office, desk), seconds)
