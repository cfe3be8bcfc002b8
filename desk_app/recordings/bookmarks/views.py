"""What the player reads about bookmarks. A text may tell what was said: it is for listeners."""

from sqlalchemy import select

from desk_app.errors import Refused
from desk_app.people import views as people
from desk_app.people.access import Actor, Permission, UserId, needs
from desk_app.people.standing import require_listener
from desk_app.recordings.bookmarks.pages import Bookmark
from desk_app.recordings.model import Recording, RecordingBookmark
from desk_app.recordings.rules import PLAYABLE
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.PLAY_RECORDINGS)
def of_recording(actor: Actor, work: UnitOfWork, /, recording_id: int) -> tuple[Bookmark, ...]:
    """Everybody's bookmarks in a recording, by position; for those who may listen to it.

    Refused once there is nothing to listen to any more.
    """
    require_listener(work, actor.user_id)
    recording = work.session.get(Recording, recording_id)
    if recording is None or recording.state not in PLAYABLE:
        raise Refused("recordings.not_playable")
    found = work.session.scalars(
        select(RecordingBookmark)
        .where(RecordingBookmark.recording_id == recording_id)
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
