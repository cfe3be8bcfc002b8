"""The opening of a recording that bookmarks are read and set under. Not a use case.

A text may tell what was said, so it is given like the sound: for an announced use and purpose, with
a reason, all of which are in the audit entry of the opening.
"""

from datetime import timedelta

from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor
from desk_app.people.standing import require_listener
from desk_app.recordings import views as recordings
from desk_app.recordings.model import Recording, RecordingPlayed
from desk_app.recordings.rules import PLAYABLE
from desk_app.storage.unit_of_work import UnitOfWork

OPENED_FOR = timedelta(hours=12)
"""An opening counts for so long; who listens on opens the recording anew."""


def opened(actor: Actor, work: UnitOfWork, played_id: int) -> Recording:
    """The recording that the actor has opened, and may still listen to for that use.

    Refused once there is nothing to listen to any more, and when the opening is over.
    """
    require_listener(work, actor.user_id)
    opening = work.session.get(RecordingPlayed, played_id)
    if opening is None:
        raise Refused("recordings.not_found")
    if opening.user_id != actor.user_id:
        raise NotPermitted("recordings.opened_by_another")
    if not opening.at <= work.now < opening.at + OPENED_FOR:
        raise Refused("recordings.opening_over")
    found = work.session.get_one(Recording, opening.recording_id)
    if found.state not in PLAYABLE or found.surplus:
        raise Refused("recordings.not_playable")
    if opening.use not in recordings.announced_uses(actor, work, found.id):
        raise Refused("recordings.use_not_announced")
    return found
