"""Use cases of bookmarks: set and taken away by those who may listen, each their own."""

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.errors import NotPermitted
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.standing import require_listener
from desk_app.recordings.bookmarks.opened import opened
from desk_app.recordings.model import RecordingBookmark
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line


@needs(Permission.PLAY_RECORDINGS)
def add(
    actor: Actor, work: UnitOfWork, /, played_id: int, *, position_ms: int, text: str = ""
) -> int:
    """Mark a place of the recording that the actor has opened; within it, whatever was asked for.

    Returns the bookmark's id. Refused as `opened` says; not permitted without an appointment to
    listen.
    """
    found = opened(actor, work, played_id)
    made = RecordingBookmark(
        recording_id=found.id,
        user_id=actor.user_id,
        at=work.now,
        position_ms=min(max(position_ms, 0), found.duration_ms or 0),
        text=line(text, field="bookmark"),
    )
    work.session.add(made)
    work.session.flush()
    record(
        actor,
        work,
        "recording.bookmarked",
        subject=("recording", found.id),
        bookmark_id=made.id,
        position_ms=made.position_ms,
    )
    work.changed("recording", found.id)
    return made.id


@needs(Permission.PLAY_RECORDINGS)
def remove(actor: Actor, work: UnitOfWork, /, bookmark_id: int) -> None:
    """Take one's own bookmark away. Doing it again changes nothing."""
    require_listener(work, actor.user_id)
    found = work.session.scalar(
        select(RecordingBookmark).where(RecordingBookmark.id == bookmark_id).with_for_update()
    )
    if found is None:
        return
    if found.user_id != actor.user_id:
        raise NotPermitted("recordings.bookmark_of_another")
    work.session.delete(found)
    record(
        actor,
        work,
        "recording.bookmark_removed",
        subject=("recording", found.recording_id),
        bookmark_id=found.id,
    )
    work.changed("recording", found.recording_id)
