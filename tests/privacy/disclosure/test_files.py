"""What goes out beside the text: recordings cut to what concerns the customer, and attachments."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from desk_app.audit.model import AuditEntry
from desk_app.calls.model import Inquiry
from desk_app.cases.attachments import service as attachments
from desk_app.cases.attachments.intake import take
from desk_app.cases.attachments.model import AttachmentKey
from desk_app.errors import NotPermitted, Refused
from desk_app.keys import age
from desk_app.people.access import Role
from desk_app.privacy.disclosure.reviewing import Keys
from desk_app.privacy.disclosure.rules import Medium, Voice, in_samples
from desk_app.privacy.disclosure.service import Wanted
from desk_app.privacy.disclosure.sound import silenced
from desk_app.recordings.decoder import decode_blocks
from desk_app.recordings.encoder import CALLER_CHANNEL, OPERATOR_CHANNEL, RATE
from desk_app.recordings.model import Recording, RecordingKey
from desk_app.sealed.records import seal as seal_record
from tests.engines import on_file
from tests.privacy.disclosure.answering import (
    Answering,
    called_in,
    listening_officer,
    new_call,
)
from tests.privacy.requests.desk import RequestsDesk
from tests.recordings.test_playback import IDENTITY as RECORDED_FOR
from tests.recordings.test_playback import seal
from tests.sealing import IDENTITIES

SECONDS = 4
"""What the engine makes no difference to."""
HELD = {1: age.generate_identity()}


def tones(seconds: float) -> np.ndarray:
    """A voice's worth of sound: the operator at 700 Hz, the caller at 1100."""
    at = np.arange(int(seconds * RATE)) / RATE
    voices = [np.sin(2 * np.pi * hertz * at) * 8_000 for hertz in (700, 1_100)]
    return np.stack(voices, axis=1).astype(np.int16)


@pytest.fixture
def recorded(requests: RequestsDesk, tmp_path: Path) -> Answering:
    """A customer's call that was recorded, in a case with a letter attached."""
    day = requests.day
    saved = new_call(
        day,
        called_in("佐藤", "刃が欠けた。", customer=requests.customer_id, number="090-1111-2222"),
    )
    assert saved.case_id is not None
    with day.work() as w:
        w.session.add(
            AttachmentKey(
                id=1,
                recovery_recipient=age.recipient_of(age.generate_identity()),
                made_at=w.now,
                retired_at=None,
            )
        )
        w.session.add(
            RecordingKey(id=1, recipient="", recovery_recipient="", made_at=w.now, retired_at=None)
        )
        ticket = seal(tmp_path, tones(SECONDS))
        w.session.flush()
        w.session.add(
            Recording(
                uid=ticket.uid,
                contact_id=saved.contact_id,
                part=1,
                state="sealed",
                key_version=1,
                started_at=w.now,
                sealed_at=w.now,
                duration_ms=ticket.duration_ms,
                digest=ticket.digest,
                desk_id="desk-1",
                timeline=[],
            )
        )
        w.commit()
    # somebody else, whose number stands in the letter
    new_call(day, called_in("鈴木", number="090-8765-4321"))
    letter = take("拝啓\r\n\r\n鈴木さん 090 8765 4321 も困っています。".encode(), "手紙.txt")
    day.perform(day.operator, attachments.attach, saved.case_id, letter, keys=HELD)
    keys = Keys(recordings={1: RECORDED_FOR}, attachments=HELD)
    return Answering(requests, tmp_path, requests.approved(), keys, listening_officer(day))


def settle(answering: Answering, *more: Wanted) -> None:
    """Give out all files."""
    files = [one.key for one in answering.items() if one.has_file]
    answering.choose(*(Wanted(key, "file", False, "own_data") for key in files), *more)
    answering.finish()


def sound_of(part: bytes) -> np.ndarray:
    return np.concatenate(list(decode_blocks(io.BytesIO(part))))


def loudness(sound: np.ndarray, start: float, end: float, channel: int) -> float:
    piece = sound[int(start * RATE) : int(end * RATE), channel].astype(float)
    return float(np.sqrt(np.mean(piece**2)))


@on_file
def test_a_recording_goes_out_without_what_concerns_others(recorded: Answering) -> None:
    recording, attachment = [one for one in recorded.items() if one.is_undecided]
    assert (recording.table, attachment.table) == ("recording", "attachment")
    with pytest.raises(Refused, match=r"disclosure\.undecided \(count=2\)"):
        recorded.finish()
    settle(
        recorded,
        Wanted(recording.key, "sound", True, "other_person", 1_000, 2_000, Voice.BOTH),
        Wanted(recording.key, "sound", True, "harm", 2_500, 3_000, Voice.CALLER),
        Wanted(recording.key, "sound", True, "harm", 3_400, 3_600, Voice.BOTH),
        Wanted(recording.key, "sound", False, "own_data", 3_400, 3_600, Voice.BOTH),
    )
    parts = recorded.parts()
    (name,) = [one for one in parts if one.endswith(".ogg")]
    sound = sound_of(parts[name])
    assert abs(len(sound) - SECONDS * RATE) < RATE // 10
    for channel in (OPERATOR_CHANNEL, CALLER_CHANNEL):
        assert loudness(sound, 0.1, 0.9, channel) > 3_000
        assert loudness(sound, 1.3, 1.95, channel) < 30  # silence behind the tone
        assert loudness(sound, 1.99, 2.01, channel) < 300  # up to its very end, and beyond
        assert 100 < loudness(sound, 1.03, 1.15, channel) < 2_000  # the tone
        assert loudness(sound, 3.4, 3.6, channel) > 3_000  # given back
    assert loudness(sound, 2.75, 2.95, CALLER_CHANNEL) < 60
    assert loudness(sound, 2.75, 2.95, OPERATOR_CHANNEL) > 3_000
    said = json.loads(parts["data.json"])
    item = next(one for one in said["items"] if one["table"] == "recording")
    assert item["file"] == name
    assert [(one["from_ms"], one["voice"]) for one in item["silenced"]] == [
        (1_000, "both"),
        (2_500, "caller"),
    ]
    with recorded.day.work(reading=True) as w:
        opened = select(func.count()).where(AuditEntry.action == "recording.disclosed")
        assert w.session.scalar(opened) == 1


@on_file
def test_a_letter_goes_out_without_what_is_others_and_a_held_back_file_not_at_all(
    recorded: Answering,
) -> None:
    """What the letter says is reviewed like any text: what is found and what the reviewer removes
    and puts back."""
    recording, letter = recorded.items("recording")[0], recorded.items("attachment")[0]
    (said,) = [one for one in letter.fields if one.key == "content"]
    assert said.value == "拝啓\n\n鈴木さん 090 8765 4321 も困っています。"
    assert [said.value[cut.start : cut.end] for cut in said.cuts] == ["090 8765 4321"]
    mark = recorded.review().mark(letter.key, "content")
    recorded.choose(
        Wanted(letter.key, "content", True, "other_person", 4, 6, mark=mark),
        Wanted(letter.key, "content", True, "harm", 22, 24, mark=mark),
        Wanted(letter.key, "content", False, "own_data", 22, 24, mark=mark),
    )
    settle(recorded, Wanted(recording.key, "file", True, "impediment"))
    parts = recorded.parts()
    (name,) = [one for one in parts if one.startswith("files/")]
    assert parts[name].decode() == "拝啓\n\n■他の方■さん ■他の方■ も困っています。"
    assert "困って" not in parts["data.json"].decode()  # it stands in its own file
    assert not [one for one in parts if one.endswith(".ogg")]
    item = next(
        one for one in json.loads(parts["data.json"])["items"] if one["table"] == "recording"
    )
    assert (item["file"], item["file_removed"]) == (None, "■業務上の支障■")


@on_file
def test_the_pack_is_the_same_when_it_is_made_again_and_nothing_of_it_lies_about(
    recorded: Answering,
) -> None:
    settle(recorded)
    before = set(recorded.folder.iterdir())
    first, path = recorded.make()
    once = path.read_bytes()
    second, _ = recorded.make()
    only = recorded.parts(path=recorded.folder / "pack.age", media=[Medium.PDF])
    assert list(only) == ["readme.txt", "disclosure.pdf", "manifest.json"]
    assert first.content_digest == second.content_digest
    assert first.digest != second.digest
    assert set(recorded.folder.iterdir()) - before == {path}
    assert path.stat().st_mode & 0o777 == 0o600
    for value in ("刃が欠けた", "佐藤", "OggS", "%PDF"):
        assert value.encode() not in once


@on_file
def test_who_may_not_listen_or_holds_no_key_makes_no_pack(recorded: Answering) -> None:
    settle(recorded)
    with pytest.raises(NotPermitted, match=r"recordings\.no_key"):
        replace(recorded, keys=Keys()).make()
    deaf = replace(recorded, officer=recorded.day.person(Role.DPO))
    with pytest.raises(NotPermitted, match=r"people\.not_appointed_to_listen"):
        deaf.make()
    with pytest.raises(NotPermitted, match=r"attachments\.no_key"):
        replace(recorded, keys=Keys(recordings=recorded.keys.recordings)).make()


@on_file
def test_what_holds_no_files_is_made_without_the_attachments_key_and_opens_none(
    recorded: Answering,
) -> None:
    settle(recorded)
    opened = select(func.count()).where(AuditEntry.action == "attachment.disclosed")
    with recorded.day.work(reading=True) as w:
        before = w.session.scalar(opened)
    for keys in (recorded.keys, replace(recorded.keys, attachments={})):
        parts = replace(recorded, keys=keys).parts(media=[Medium.DATA])
        assert "files/" not in parts["readme.txt"].decode("utf-8-sig")
    with recorded.day.work(reading=True) as w:
        assert w.session.scalar(opened) == before
    # what was released without the key is looked at before the text goes out, and only then
    without = replace(recorded, keys=replace(recorded.keys, attachments={}))
    without.finish()
    assert recorded.parts(media=[Medium.DATA])
    with pytest.raises(Refused, match=r"disclosure\.changed"):
        recorded.make()
    (new,) = [one.table for one in recorded.items() if one.is_new]
    assert new == "attachment"


@on_file
def test_a_recording_that_is_gone_leaves_no_pack_and_can_be_left_out(recorded: Answering) -> None:
    settle(recorded)
    (recorded.folder / "rec.age").unlink()
    with pytest.raises(Exception, match=r"recordings\.file_missing"):
        recorded.make()
    assert not (recorded.folder / "pack.age").exists()
    recorded.choose(Wanted(recorded.items("recording")[0].key, "file", True, "unreadable"))
    recorded.finish()
    assert "manifest.json" in recorded.parts()


@settings(max_examples=40)
@given(
    pieces=st.lists(
        st.tuples(st.integers(0, 1_000), st.integers(1, 500), st.sampled_from(Voice)), max_size=4
    ),
    blocks=st.lists(st.integers(1, 5_000), min_size=1, max_size=6),
)
def test_no_sample_of_what_is_cut_is_left(
    pieces: list[tuple[int, int, Voice]], blocks: list[int]
) -> None:
    cuts = [(start, start + length, voice) for start, length, voice in pieces]
    original = np.full((sum(blocks), 2), 12_345, np.int16)
    made, position = [], 0
    for length in blocks:
        block = original[position : position + length]
        made.append(silenced(block, position, in_samples(cuts, RATE)))
        position += length
    sound = np.concatenate(made)
    gone = np.zeros(sound.shape, bool)
    channels = {Voice.BOTH: [0, 1], Voice.OPERATOR: [0], Voice.CALLER: [1]}
    for start, end, voice in cuts:
        for channel in channels[voice]:
            gone[start * RATE // 1000 : -(-end * RATE // 1000), channel] = True
    assert not (sound[gone] == 12_345).any()
    assert (sound[~gone] == 12_345).all()


@on_file
def test_a_sealed_record_goes_out_only_by_whoever_may_open_it(recorded: Answering) -> None:
    inquiry_id = recorded.items("inquiry")[0].id
    with recorded.day.work() as w:
        seal_record(
            w,
            kind="medical",
            field="inquiry",
            text="糖尿病で、鈴木さん(090-8765-4321)に頼んだ。",
            made_by=recorded.requests.operator,
            customer_id=recorded.requests.customer_id,
            uid="0123456789abcdef",
        )
        w.session.execute(
            update(Inquiry)
            .where(Inquiry.id == inquiry_id)
            .values(text="持病は⟦0123456789abcdef⟧です。", product="包丁⟦0123456789abcdef⟧")
        )
        w.commit()
    recorded.choose(
        *(Wanted(one.key, "file", True, "harm") for one in recorded.items() if one.has_file)
    )
    with pytest.raises(NotPermitted, match=r"disclosure\.sealed_unopened"):
        recorded.finish()
    unappointed = replace(
        recorded, keys=Keys(sealed=IDENTITIES), officer=recorded.day.person(Role.DPO)
    )
    with pytest.raises(NotPermitted, match=r"sealed\.not_appointed"):
        unappointed.review()
    may = replace(recorded, keys=Keys(sealed=IDENTITIES))
    may.finish()
    parts = may.parts(media=[Medium.DATA])
    data = json.loads(parts["data.json"])
    items, mark = data["items"], "■別に封緘 0123456789abcdef■"
    sealed = next(one for one in items if one["section"] == "sensitive")
    content = next(one for one in sealed["fields"] if one["key"] == "content")
    assert content["value"] == "糖尿病で、鈴木さん(■他の方■)に頼んだ。"
    assert next(one for one in sealed["fields"] if one["key"] == "uid")["value"] in mark
    (inquiry,) = (one for one in items if "持病" in str(one))
    said = {one["key"]: (one["value"], one["removed"]) for one in inquiry["fields"]}
    assert said["text"] == (f"持病は{mark}です。", ["apart"])
    assert said["product"] == (f"包丁{mark}", ["apart"])
    assert "要配慮個人情報" in data["marks"][mark]
    assert "⟦" not in "".join(part.decode("utf-8-sig") for part in parts.values())
