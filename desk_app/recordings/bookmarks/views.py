"""What the player reads about bookmarks. A text may tell what was said: it is for listeners."""

from sqlalchemy import select

from desk_app.people import views as people
from desk_app.people.access import Actor, Permission, UserId, needs
from desk_app.recordings.bookmarks.opened import opened
from desk_app.recordings.bookmarks.pages import Bookmark
from desk_app.recordings.model import RecordingBookmark
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.PLAY_RECORDINGS)
def of_opened(actor: Actor, work: UnitOfWork, /, played_id: int) -> tuple[Bookmark, ...]:
    """Everybody's bookmarks in the recording that the actor has opened, by position.

    ``played_id`` is `PlaybackTicket.played_id`: the entry of that opening covers this, however
    often it is read meanwhile. Refused as `opened` says.
    """
    recording = opened(actor, work, played_id)
    found = work.session.scalars(
        select(RecordingBookmark)
        .where(RecordingBookmark.recording_id == recording.id)
        .order_by(RecordingBookmark.position_ms, RecordingBookmark.id)
    ).all()
    names = {one.user_id: one.name for one in people.colleagues(actor, work)} if found else {}
    return tuple(
        Bookmark(
            id=one.id,
            position_ms=one.position_ms,
            text=one.text,
            by=names[UserId(one.user_id)],
            at=one.at,
            is_own=one.user_id == actor.user_id,
        )
        for one in found
    )
