"""A recording that has gone to a store is fetched to be listened to, and leaves no trace."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from desk_app.errors import Fault, NotPermitted
from desk_app.keys import age
from desk_app.people.access import Actor, Role
from desk_app.purposes.rules import Purpose
from desk_app.recordings import service
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.model import RecordingCopy, RecordingStore
from desk_app.recordings.playback import PlaybackTicket
from desk_app.recordings.stores import service as stores
from desk_app.recordings.stores import views
from desk_app.recordings.stores.base import Interrupted, StoreTerms, content_of
from desk_app.recordings.stores.fetching import Place, clear, fetch
from desk_app.recordings.stores.folder_store import mark
from desk_app.recordings.stores.opening import open_store
from tests.conftest import MakeActor
from tests.day import OfficeDay
from tests.engines import on_file
from tests.recordings.stores.desk import IDENTITY, UploadingDesk, acts, enter, open_office

pytestmark = on_file
KEYS = {1: IDENTITY}


@pytest.fixture
def administrator(day: OfficeDay) -> Actor:
    return open_office(day)


@pytest.fixture
def desk(day: OfficeDay, administrator: Actor, tmp_path: Path) -> UploadingDesk:
    return UploadingDesk(day, tmp_path / "recordings")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "fetched"
    folder.mkdir()
    return folder


class Listening:
    """A supervisor who listens at the same desk."""

    def __init__(self, desk: UploadingDesk, listener: Actor, cache: Path) -> None:
        self.desk, self.listener, self.cache = desk, listener, cache

    def ticket(self, files: RecordingFiles) -> PlaybackTicket:
        ticket: PlaybackTicket = self.desk.day.perform(
            self.listener,
            service.open_playback,
            self.desk.id_of(files),
            purpose=Purpose.INQUIRIES,
            reason="お申し出内容の確認",
            keys=KEYS,
        )
        return ticket

    def fetch(
        self, files: RecordingFiles, keys: Mapping[int, str] = KEYS, **named: object
    ) -> Place:
        day = self.desk.day
        return fetch(
            lambda use_case, *given, **also: day.perform(self.listener, use_case, *given, **also),
            lambda view, *given, **also: day.read(self.listener, view, *given, **also),
            self.ticket(files),
            folder=self.desk.folder,
            cache=self.cache,
            identities=keys,
            **named,
        )


@pytest.fixture
def listening(desk: UploadingDesk, make_actor: MakeActor, cache: Path) -> Listening:
    return Listening(desk, make_actor([Role.SUPERVISOR], may_listen=True), cache)


def opened(place: Place) -> int:
    files = RecordingFiles(place.folder, place.ticket.uid)
    with files.sealed.open("rb") as source:
        return len(age.decrypt(source, [place.ticket.identity]).read())


def test_only_who_may_listen_learns_where_a_recording_is(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms, make_actor: MakeActor
) -> None:
    enter(desk.day, administrator, folder_terms)
    one = desk.record()
    desk.upload()
    recording_id = desk.id_of(one)
    deaf = make_actor([Role.SUPERVISOR])
    with pytest.raises(NotPermitted):
        desk.day.read(deaf, views.where_stored, recording_id)
    with pytest.raises(NotPermitted):
        desk.day.perform(deaf, stores.fetched, recording_id, store_id=1)
    assert acts(desk.day, "recording.fetched") == []


def test_it_is_fetched_sealed_and_gone_after_playing(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms, listening: Listening
) -> None:
    enter(desk.day, administrator, terms)
    one = desk.record(40_000)
    sent = content_of(one.sealed)
    desk.upload()
    place = listening.fetch(one)
    fetched = RecordingFiles(place.folder, one.uid)
    assert place.is_fetched
    assert content_of(fetched.sealed) == sent
    assert fetched.peaks.exists()
    assert place.folder.stat().st_mode & 0o777 == 0o700
    assert opened(place) == 40_000
    assert len(acts(desk.day, "recording.fetched")) == 1
    place.leave()
    place.leave()
    assert list(listening.cache.iterdir()) == []
    assert desk.files() == []


def test_what_lies_at_the_desk_is_played_from_there(
    desk: UploadingDesk, listening: Listening
) -> None:
    one = desk.record()
    place = listening.fetch(one)
    assert (place.folder, place.is_fetched) == (desk.folder, False)
    place.leave()
    assert one.sealed.exists()


def test_a_waveform_that_never_was_is_not_missed(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms, listening: Listening
) -> None:
    enter(desk.day, administrator, terms)
    one = desk.record(40_000, waveform=False)
    desk.upload()
    assert opened(listening.fetch(one)) == 40_000


def test_a_store_that_is_away_is_said_and_nothing_is_left(
    desk: UploadingDesk,
    administrator: Actor,
    folder_terms: StoreTerms,
    share: Path,
    listening: Listening,
    tmp_path: Path,
) -> None:
    enter(desk.day, administrator, folder_terms)
    one = desk.record()
    desk.upload()
    share.rename(tmp_path / "unmounted")
    with pytest.raises(Fault, match=r"recordings\.store_away"):
        listening.fetch(one)
    assert list(listening.cache.iterdir()) == []
    assert acts(desk.day, "recording.fetched") == []


def test_a_recording_that_vanished_from_its_store_is_said(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms, listening: Listening
) -> None:
    enter(desk.day, administrator, terms)
    one = desk.record()
    desk.upload()
    with open_store(terms) as store:
        store.delete(one.sealed.name)
    with pytest.raises(Fault, match=r"recordings\.store_missing"):
        listening.fetch(one)


def test_of_two_copies_the_sound_one_is_played(
    desk: UploadingDesk,
    administrator: Actor,
    folder_terms: StoreTerms,
    listening: Listening,
    tmp_path: Path,
) -> None:
    enter(desk.day, administrator, folder_terms)
    one = desk.record(40_000)
    kept = one.sealed.read_bytes()
    desk.upload()
    second = tmp_path / "second"
    second.mkdir()
    terms = replace(folder_terms, folder=str(second), marker=mark(second))
    enter(desk.day, administrator, terms)
    one.sealed.write_bytes(kept)
    with desk.day.work() as w:  # it was moved there by hand, and rots
        store = w.session.query(RecordingStore).filter_by(folder=str(second)).one()
        w.session.add(
            RecordingCopy(
                recording_id=desk.id_of(one),
                store_id=store.id,
                state="arrived",
                next_try_at=w.now,
                local_removed_at=w.now,
            )
        )
        w.commit()
    with open_store(terms) as rotting:
        changed = tmp_path / "changed"
        changed.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
        rotting.put(one.sealed.name, changed, content_of(changed))
    one.sealed.unlink()
    place = listening.fetch(one)
    assert RecordingFiles(place.folder, one.uid).sealed.read_bytes() == kept
    assert len(list(listening.cache.iterdir())) == 1, "the other is not kept"
    assert len(acts(desk.day, "recording.fetched")) == 2


def test_a_damaged_copy_is_handed_on_to_be_played_as_far_as_it_is_sound(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms, listening: Listening, cache: Path
) -> None:
    enter(desk.day, administrator, terms)
    one = desk.record(200_000)
    changed = cache.parent / "changed"
    held = one.sealed.read_bytes()
    changed.write_bytes(held[:-1] + bytes([held[-1] ^ 1]))
    desk.upload()
    with open_store(terms) as store:
        store.put(one.sealed.name, changed, content_of(changed), replace=True)
    place = listening.fetch(one)
    files = RecordingFiles(place.folder, one.uid)
    assert files.sealed.read_bytes() == changed.read_bytes()


def test_the_key_is_that_of_the_stored_header(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms, listening: Listening
) -> None:
    """The copy may be behind the recording's own key version until it is re-wrapped."""
    enter(desk.day, administrator, folder_terms)
    one = desk.record(40_000)
    desk.upload()
    place = listening.fetch(one, {1: "the old one", 2: "the new one"})
    assert place.ticket.identity == "the old one"
    with pytest.raises(NotPermitted, match=r"recordings\.no_key"):
        listening.fetch(one, {2: "the new one"})


def test_leaving_while_it_is_fetched_leaves_nothing(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms, listening: Listening
) -> None:
    def left(moved: int) -> None:
        raise Interrupted

    enter(desk.day, administrator, terms)
    one = desk.record()
    desk.upload()
    with pytest.raises(Interrupted):
        listening.fetch(one, watch=left)
    assert list(listening.cache.iterdir()) == []


def test_what_a_crash_left_is_cleared_away_and_nothing_else(
    desk: UploadingDesk, cache: Path
) -> None:
    one = desk.record()
    (cache / "0a0b").mkdir()
    (cache / "0a0b" / "left.age").write_bytes(b"sealed")
    clear(cache)
    assert list(cache.iterdir()) == []
    assert one.sealed.exists()
