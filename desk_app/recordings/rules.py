"""What may happen to a recording: the one table of its states."""

from collections.abc import Mapping
from enum import StrEnum

from desk_app.errors import Refused


class RecordingState(StrEnum):
    RECORDING = "recording"  # the recorder runs, or died and nobody has looked yet
    SEALED = "sealed"
    TO_SALVAGE = "to_salvage"  # its remains wait for somebody who may listen
    SALVAGED = "salvaged"  # sealed from the remains; the end may be missing
    FAILED = "failed"  # nothing could be kept
    DISCARDED = "discarded"  # to be destroyed, or destroyed; see `DiscardReason`


class RecordingAct(StrEnum):
    SEAL = "seal"
    LEAVE_TO_SALVAGE = "leave_to_salvage"
    SALVAGE = "salvage"
    FAIL = "fail"
    DISCARD = "discard"


class DiscardReason(StrEnum):
    """Why a recording is destroyed."""

    OBJECTION = "objection"  # the caller doesn't want to have been recorded
    SURPLUS = "surplus"  # heard after the desk had asked whether the call was over
    ERASURE = "erasure"  # with everything of its customer, or because its time is over


_STATE, _ACT = RecordingState, RecordingAct
TRANSITIONS: Mapping[tuple[RecordingState, RecordingAct], RecordingState] = {
    (_STATE.RECORDING, _ACT.SEAL): _STATE.SEALED,
    (_STATE.RECORDING, _ACT.LEAVE_TO_SALVAGE): _STATE.TO_SALVAGE,
    (_STATE.RECORDING, _ACT.SALVAGE): _STATE.SALVAGED,
    (_STATE.RECORDING, _ACT.FAIL): _STATE.FAILED,
    (_STATE.TO_SALVAGE, _ACT.SEAL): _STATE.SEALED,  # whole after all: only the window had died
    (_STATE.TO_SALVAGE, _ACT.SALVAGE): _STATE.SALVAGED,
    (_STATE.TO_SALVAGE, _ACT.FAIL): _STATE.FAILED,
    (_STATE.FAILED, _ACT.SALVAGE): _STATE.SALVAGED,  # there was something left after all
    (_STATE.RECORDING, _ACT.DISCARD): _STATE.DISCARDED,
    (_STATE.SEALED, _ACT.DISCARD): _STATE.DISCARDED,
    (_STATE.TO_SALVAGE, _ACT.DISCARD): _STATE.DISCARDED,
    (_STATE.SALVAGED, _ACT.DISCARD): _STATE.DISCARDED,
    (_STATE.FAILED, _ACT.DISCARD): _STATE.DISCARDED,  # what is left of it goes as well
}

PLAYABLE = frozenset({RecordingState.SEALED, RecordingState.SALVAGED})
UNSETTLED = frozenset({RecordingState.RECORDING, RecordingState.TO_SALVAGE})
"""States in which the desk looks for what is left on its disk."""


def after(state: RecordingState, act: RecordingAct) -> RecordingState:
    """The state that follows; ``Refused("recordings.state")`` where the table has no row."""
    following = TRANSITIONS.get((state, act))
    if following is None:
        raise Refused("recordings.state")
    return following
