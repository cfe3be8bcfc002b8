"""How the words of a case are toned on screen."""

from desk_app.cases.rules import CaseState
from ui.colours import Tone

STATE_TONES: dict[CaseState, Tone] = {
    CaseState.NEW: "info",
    CaseState.IN_PROGRESS: "info",
    CaseState.WAITING: "warning",
    CaseState.RESOLVED: "success",
    CaseState.CLOSED: "neutral",
    CaseState.REOPENED: "danger",
    CaseState.MERGED: "neutral",
}
