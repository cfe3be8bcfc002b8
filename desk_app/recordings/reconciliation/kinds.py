"""What the comparison can find, why, and what to do about it: names and tables only."""

from collections.abc import Mapping
from enum import StrEnum


class FindingKind(StrEnum):
    NO_RECORDING = "no_recording"
    NO_CALL = "no_call"  # a recording of something that is no call
    SILENT = "silent"
    ONE_SIDED = "one_sided"
    LENGTH = "length"
    MISSING = "missing"  # sealed, but its file is not there
    DAMAGED = "damaged"  # its file isn't what was sealed
    NO_WAVEFORM = "no_waveform"
    STRAY = "stray"  # a file that no recording accounts for
    NOT_DESTROYED = "not_destroyed"  # the file of a discarded recording is there again
    COPY_MISSING = "copy_missing"  # arrived in a store, which doesn't have it any more
    COPY_DAMAGED = "copy_damaged"  # what the store gives back isn't what was sealed


ROW_KINDS = frozenset(
    {
        FindingKind.NO_RECORDING,
        FindingKind.NO_CALL,
        FindingKind.SILENT,
        FindingKind.ONE_SIDED,
        FindingKind.LENGTH,
    }
)
"""Seen in the database, by any desk."""
FILE_KINDS = frozenset({FindingKind.MISSING, FindingKind.DAMAGED, FindingKind.NO_WAVEFORM})
"""Seen where the recording's file lies."""
FOLDER_KINDS = frozenset({FindingKind.STRAY, FindingKind.NOT_DESTROYED})
"""Seen when a desk lists its folder."""
COPY_KINDS = frozenset({FindingKind.COPY_MISSING, FindingKind.COPY_DAMAGED})
"""Seen in a store, by any desk that reaches it."""


class Reason(StrEnum):
    """Why, as far as calls, rows, timelines and files say it."""

    UNEXPLAINED = "unexplained"
    OBJECTED = "objected"
    DISCARDED_ERASURE = "discarded_erasure"
    DISCARDED_OBJECTION = "discarded_objection"
    DISCARDED_SURPLUS = "discarded_surplus"
    DISCARDED = "discarded"
    ENDED_AT_ONCE = "ended_at_once"
    NOT_ANNOUNCED = "not_announced"
    STILL_OPEN = "still_open"
    TO_SALVAGE = "to_salvage"
    NOTHING_LEFT = "nothing_left"
    NO_DEVICE = "no_device"
    RECORDER_FAILED = "recorder_failed"
    TROUBLE = "trouble"  # of the sound; ``code`` says which
    LOST = "lost"
    LATE_START = "late_start"
    RESTARTED = "restarted"
    LONGER = "longer"
    NOT_A_CALL = "not_a_call"
    CUT = "cut"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    UNKNOWN_FILE = "unknown_file"
    FAILED_ROW = "failed_row"


EXPLAINED = frozenset(
    {
        Reason.OBJECTED,
        Reason.DISCARDED_ERASURE,
        Reason.DISCARDED_OBJECTION,
        Reason.ENDED_AT_ONCE,
    }
)
"""Nothing is wrong and nothing to be done: listed, but settled from the beginning."""


class Advice(StrEnum):
    """What to do."""

    NOTHING = "nothing"
    ASK_OPERATOR = "ask_operator"
    REMIND_OF_ANNOUNCEMENT = "remind_of_announcement"
    SIGN_IN_THERE = "sign_in_there"
    SALVAGE = "salvage"
    CHECK_DEVICES = "check_devices"
    CHECK_MACHINE = "check_machine"
    LISTEN = "listen"
    CORRECT_END = "correct_end"
    RESTORE = "restore"
    RESTORE_COPY = "restore_copy"
    KEEP_AND_REPORT = "keep_and_report"
    DESTROY = "destroy"
    NO_WAVEFORM = "no_waveform"


_BY_REASON: Mapping[Reason, Advice] = {
    **dict.fromkeys(EXPLAINED, Advice.NOTHING),
    Reason.NOT_ANNOUNCED: Advice.REMIND_OF_ANNOUNCEMENT,
    Reason.STILL_OPEN: Advice.SIGN_IN_THERE,
    Reason.TO_SALVAGE: Advice.SALVAGE,
    Reason.NO_DEVICE: Advice.CHECK_DEVICES,
    Reason.TROUBLE: Advice.CHECK_DEVICES,
    Reason.RECORDER_FAILED: Advice.CHECK_MACHINE,
    Reason.NOTHING_LEFT: Advice.CHECK_MACHINE,
    Reason.LOST: Advice.CHECK_MACHINE,
    Reason.LONGER: Advice.CORRECT_END,
}
_BY_KIND: Mapping[FindingKind, Advice] = {
    FindingKind.NO_RECORDING: Advice.ASK_OPERATOR,
    FindingKind.NO_CALL: Advice.KEEP_AND_REPORT,
    FindingKind.SILENT: Advice.LISTEN,
    FindingKind.ONE_SIDED: Advice.LISTEN,
    FindingKind.LENGTH: Advice.ASK_OPERATOR,
    FindingKind.MISSING: Advice.RESTORE,
    FindingKind.DAMAGED: Advice.RESTORE,
    FindingKind.NO_WAVEFORM: Advice.NO_WAVEFORM,
    FindingKind.STRAY: Advice.KEEP_AND_REPORT,
    FindingKind.NOT_DESTROYED: Advice.DESTROY,
    FindingKind.COPY_MISSING: Advice.RESTORE_COPY,
    FindingKind.COPY_DAMAGED: Advice.RESTORE_COPY,
}


def advice(kind: FindingKind, reason: Reason) -> Advice:
    return _BY_REASON.get(reason, _BY_KIND[kind])
