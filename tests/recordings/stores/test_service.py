"""Who enters a store, what is queued for it, and what is never shown."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from desk_app.errors import NotPermitted
from desk_app.people.access import Actor, Role
from desk_app.recordings.model import RecordingStore
from desk_app.recordings.stores import entering, service, views
from desk_app.recordings.stores.base import StoreKind, StoreTerms
from desk_app.recordings.stores.folder_store import MARKER, mark
from desk_app.recordings.stores.rules import CopyState
from tests.day import OfficeDay
from tests.recordings.stores.desk import UploadingDesk, acts, copies, enter, open_office
from tests.recordings.stores.servers import S3Server


@pytest.fixture
def administrator(day: OfficeDay) -> Actor:
    return open_office(day)


@pytest.fixture
def desk(day: OfficeDay, administrator: Actor, tmp_path: Path) -> UploadingDesk:
    return UploadingDesk(day, tmp_path / "recordings")


@pytest.fixture
def other_terms(tmp_path: Path) -> StoreTerms:
    folder = tmp_path / "other_share"
    folder.mkdir()
    return StoreTerms(StoreKind.FOLDER, folder=str(folder), marker=mark(folder))


def page(day: OfficeDay, actor: Actor) -> views.StoragePage:
    found: views.StoragePage = day.read(actor, views.storage)
    return found


def test_entering_a_store_queues_what_was_recorded_before(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms
) -> None:
    older = [desk.record() for _ in range(2)]
    enter(desk.day, administrator, folder_terms)
    newer = desk.record()
    seen = page(desk.day, administrator)
    assert seen.waiting == 3
    assert seen.waiting_bytes == sum(one.sealed.stat().st_size for one in (*older, newer))
    assert seen.oldest_at == desk.day.clock.now()
    assert seen.trouble is None
    enter(desk.day, administrator, folder_terms)
    assert page(desk.day, administrator).waiting == 3, "entered again, queued once"


def test_a_new_store_takes_over_what_waits_and_keeps_what_has_arrived(
    desk: UploadingDesk,
    administrator: Actor,
    folder_terms: StoreTerms,
    other_terms: StoreTerms,
    share: Path,
) -> None:
    enter(desk.day, administrator, folder_terms)
    desk.record()
    desk.upload()
    tried, untried = desk.record(), desk.record()
    marker = (share / MARKER).read_text()
    (share / MARKER).unlink()
    assert [one.trouble for one in desk.upload()] == ["recordings.store_away"]
    enter(desk.day, administrator, other_terms)
    seen = page(desk.day, administrator)
    assert (seen.waiting, seen.stored, seen.stored_elsewhere) == (2, 1, 1)
    assert seen.trouble is None
    assert seen.store is not None
    assert seen.store.folder == other_terms.folder
    assert [one.trouble for one in desk.upload()] == [None] * 4
    assert desk.files() == []
    by_state = sorted(one.state for one in copies(desk.day))
    assert by_state == [CopyState.ARRIVED] * 3 + [CopyState.LEFT]
    desk.discard(tried)
    desk.discard(untried)
    done = desk.upload()
    assert sorted(one.trouble or "" for one in done) == ["", "", "recordings.store_away"]
    assert desk.is_known_to_be_gone(untried)
    assert not desk.is_known_to_be_gone(tried), "half of it may lie where it was tried"
    (share / MARKER).write_text(marker)
    desk.day.later(minutes=15)
    assert [one.trouble for one in desk.upload()] == [None]
    assert desk.is_known_to_be_gone(tried)


def test_recordings_may_stay_at_the_desk_again(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms
) -> None:
    enter(desk.day, administrator, folder_terms)
    desk.record()
    desk.upload()
    waiting = desk.record()
    desk.day.perform(administrator, service.keep_here)
    desk.day.perform(administrator, service.keep_here)
    assert desk.upload() == []
    assert waiting.sealed.exists()
    seen = page(desk.day, administrator)
    assert (seen.store, seen.waiting, seen.stored) == (None, 0, 1)
    assert len(acts(desk.day, "recording_store.retired")) == 1
    enter(desk.day, administrator, folder_terms)
    assert page(desk.day, administrator).waiting == 1
    assert page(desk.day, administrator).stored_elsewhere == 0


def test_the_secret_is_kept_and_never_shown(
    desk: UploadingDesk, administrator: Actor, s3_terms: StoreTerms
) -> None:
    enter(desk.day, administrator, s3_terms)
    desk.record()
    with desk.day.work(reading=True) as w:
        assert w.session.scalars(select(RecordingStore.secret_key)).one() == s3_terms.secret_key
    told = [
        page(desk.day, administrator),
        desk.read(views.next_errand),
        *(one.particulars for one in acts(desk.day, "recording_store.entered")),
    ]
    assert s3_terms.secret_key not in repr(told)
    assert not hasattr(page(desk.day, administrator).store, "secret_key")


def test_who_may_not_enter_stores_reaches_none(
    desk: UploadingDesk, share: Path, folder_terms: StoreTerms
) -> None:
    """Not even to try one out: nothing is written there."""
    supervisor = desk.day.person(Role.SUPERVISOR)
    (share / MARKER).unlink()
    with pytest.raises(NotPermitted):
        entering.try_terms(
            lambda view, *given: desk.day.read(supervisor, view, *given), folder_terms
        )
    assert list(share.iterdir()) == []
    with pytest.raises(NotPermitted):
        enter(desk.day, supervisor, folder_terms)
    page(desk.day, supervisor)
    with pytest.raises(NotPermitted):
        page(desk.day, desk.day.operator)


def test_a_store_is_tried_out_before_it_is_entered(
    desk: UploadingDesk, administrator: Actor, share: Path, tmp_path: Path
) -> None:
    day = desk.day
    perform = lambda use_case, *given: day.perform(administrator, use_case, *given)  # noqa: E731
    read = lambda view, *given: day.read(administrator, view, *given)  # noqa: E731
    missing = StoreTerms(StoreKind.FOLDER, folder=str(tmp_path / "none"))
    with pytest.raises(Exception, match=r"recordings\.store_away"):
        entering.enter(perform, read, missing)
    assert page(day, administrator).store is None
    entering.enter(perform, read, replace(missing, folder=str(share)))
    seen = page(day, administrator).store
    assert seen is not None
    assert seen.folder == str(share)
    assert [path.name for path in share.rglob("*") if path.is_file()] == [MARKER]


def test_the_secret_in_use_is_taken_for_the_same_server_only(
    desk: UploadingDesk, administrator: Actor, s3: S3Server, s3_terms: StoreTerms
) -> None:
    read = lambda view, *given: desk.day.read(administrator, view, *given)  # noqa: E731
    enter(desk.day, administrator, s3_terms)
    unsaid = replace(s3_terms, secret_key="")
    assert entering.try_terms(read, unsaid).secret_key == s3_terms.secret_key
    for change in ({"endpoint": "https://elsewhere.example"}, {"access_key": "another"}):
        with pytest.raises(Exception, match=r"recordings\.store_incomplete"):
            entering.try_terms(read, replace(unsaid, **change))


def test_trying_now_waits_no_longer(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms, share: Path
) -> None:
    enter(desk.day, administrator, folder_terms)
    desk.record()
    marker = (share / MARKER).read_text()
    (share / MARKER).unlink()
    desk.upload()
    (share / MARKER).write_text(marker)
    assert desk.upload() == []
    desk.day.perform(desk.day.person(Role.SUPERVISOR), service.try_now)
    assert [one.trouble for one in desk.upload()] == [None, None]


def test_only_what_should_have_arrived_is_spoken_of(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms, share: Path
) -> None:
    enter(desk.day, administrator, folder_terms)
    desk.record()
    assert desk.read(views.late) == 0
    marker = (share / MARKER).read_text()
    (share / MARKER).unlink()
    desk.upload()
    assert desk.read(views.late) == 1, "it met trouble"
    (share / MARKER).write_text(marker)
    desk.day.later(minutes=15)
    desk.upload()
    assert desk.read(views.late) == 0
    desk.record()
    desk.day.later(hours=25)
    assert desk.read(views.late) == 1, "it has waited for a day"
