"""Stored copies follow the key: the header is new, the sealed sound is the same."""

from pathlib import Path

import pytest
from sqlalchemy import select

from desk_app.errors import NotPermitted
from desk_app.keys import age
from desk_app.people.access import Actor, Role
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.model import Recording
from desk_app.recordings.stores.base import StoreTerms, content_of
from desk_app.recordings.stores.opening import open_store
from desk_app.recordings.stores.rewrapping import rewrap_stored
from tests.conftest import MakeActor
from tests.day import OfficeDay
from tests.recordings.stores.desk import IDENTITY, UploadingDesk, acts, copies, enter, open_office

pytestmark = pytest.mark.parametrize("office_db", ["file"], indirect=True)
NEWER = age.generate_identity()


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


def hand_on(desk: UploadingDesk, actor: Actor, cache: Path) -> list[str]:
    return rewrap_stored(
        lambda use_case, *given, **named: desk.day.perform(actor, use_case, *given, **named),
        lambda view, *given, **named: desk.day.read(actor, view, *given, **named),
        version=2,
        recipients=[age.recipient_of(NEWER)],
        identities={1: IDENTITY, 2: NEWER},
        cache=cache,
    )


@pytest.fixture
def keeper(make_actor: MakeActor) -> Actor:
    """Manages keys and may listen."""
    return make_actor([Role.SUPERVISOR, Role.DPO], may_listen=True)


def version_of(desk: UploadingDesk, files: RecordingFiles) -> int:
    with desk.day.work(reading=True) as w:
        found: int = w.session.scalars(
            select(Recording.key_version).where(Recording.uid == files.uid)
        ).one()
        return found


def test_stored_copies_open_with_the_new_key_alone(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms, keeper: Actor, cache: Path
) -> None:
    enter(desk.day, administrator, terms)
    made = [desk.record(40_000), desk.record(40_000, waveform=False)]
    digests = []
    for one in made:
        with one.sealed.open("rb") as source:
            digests.append(age.payload_digest(source))
    desk.upload()
    assert hand_on(desk, keeper, cache) == []
    assert hand_on(desk, keeper, cache) == []
    assert len(acts(desk.day, "recording.copy_rewrapped")) == 2, "once each"
    assert [one.key_version for one in copies(desk.day)] == [2, 2]
    assert list(cache.iterdir()) == []
    back = cache.parent / "back"
    with open_store(terms) as store:
        for one, digest in zip(made, digests, strict=True):
            assert version_of(desk, one) == 2
            store.fetch(one.sealed.name, back)
            with back.open("rb") as source:
                assert age.payload_digest(source) == digest
                source.seek(0)
                assert len(age.decrypt(source, [NEWER]).read()) == 40_000
                source.seek(0)
                with pytest.raises(age.NoMatch):
                    age.decrypt(source, [IDENTITY])
        store.fetch(made[0].peaks.name, back)
        with back.open("rb") as source:
            assert age.decrypt(source, [NEWER]).read() == b"peaks"


def test_a_rotten_copy_is_left_as_it_is_and_holds_up_no_other(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms, keeper: Actor, cache: Path
) -> None:
    enter(desk.day, administrator, terms)
    rotten, sound = desk.record(waveform=False), desk.record()
    changed = cache.parent / "changed"
    held = rotten.sealed.read_bytes()
    changed.write_bytes(held[:-1] + bytes([held[-1] ^ 1]))
    desk.upload()
    with open_store(terms) as store:
        store.put(rotten.sealed.name, changed, content_of(changed), replace=True)
        assert hand_on(desk, keeper, cache) == ["recordings.store_rotten"]
        assert store.content(rotten.sealed.name) == content_of(changed)
    assert (version_of(desk, rotten), version_of(desk, sound)) == (1, 2)


def test_a_store_that_is_away_ends_the_run(
    desk: UploadingDesk,
    administrator: Actor,
    folder_terms: StoreTerms,
    share: Path,
    keeper: Actor,
    cache: Path,
) -> None:
    enter(desk.day, administrator, folder_terms)
    for _ in range(2):
        desk.record()
    desk.upload()
    share.rename(cache.parent / "unmounted")
    assert hand_on(desk, keeper, cache) == ["recordings.store_away"]
    assert [one.key_version for one in copies(desk.day)] == [1, 1]
    assert list(cache.iterdir()) == []


def test_who_may_not_listen_hands_nothing_on(
    desk: UploadingDesk, administrator: Actor, cache: Path
) -> None:
    with pytest.raises(NotPermitted):
        hand_on(desk, desk.day.person(Role.DPO), cache)
