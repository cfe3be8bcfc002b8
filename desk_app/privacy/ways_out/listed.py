"""The ways out. A new one is a `WayOut` here; what only looks like one stands in `INSIDE`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a way leads through."""

    FILE = "file"
    PRINT = "print"
    CLIPBOARD = "clipboard"
    DRAG = "drag"
    NOTIFICATION = "notification"
    MAIL = "mail"
    PROGRAM = "program"
    NETWORK = "network"


class Holds(StrEnum):
    """What can leave on it."""

    PERSONAL = "personal"
    STAFF = "staff"  # of those who work here, no customer's
    SEALED = "sealed"  # personal data that nobody there can read
    KEY = "key"  # for whom it is meant
    NOTHING = "nothing"  # no personal data


@dataclass(frozen=True, slots=True)
class WayOut:
    """One way.

    ``use_cases`` are those without which nothing leaves on it, below ``desk_app``: the permission
    each needs is its gate, and each records one of ``actions``. ``sites`` are the places in the
    source where it leaves, as the test writes them. ``tls``: over TLS with a verified certificate
    or not at all. A way that is ``closed`` doesn't exist: ``why`` says so.
    """

    key: str
    kind: Kind
    holds: Holds
    use_cases: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    tls: bool = False
    closed: bool = False
    why: str = ""


WAYS: tuple[WayOut, ...] = (
    WayOut(
        "case_summary",
        Kind.FILE,
        Holds.PERSONAL,
        use_cases=("reports.service.open_case_summary",),
        actions=("case.exported",),
        sites=("desk_app/reports/case_summary.py:whole_file", "ui/save_dialog.py:AcceptSave"),
    ),
    WayOut(
        "case_list",
        Kind.FILE,
        Holds.PERSONAL,
        use_cases=("reports.service.open_case_list",),
        actions=("case.list_exported",),
        sites=("desk_app/reports/case_lists.py:whole_file", "ui/save_dialog.py:AcceptSave"),
    ),
    WayOut(
        "attachment",
        Kind.FILE,
        Holds.PERSONAL,
        use_cases=("cases.attachments.service.export_attachment",),
        actions=("attachment.exported",),
        sites=(
            "desk_app/cases/attachments/opening.py:whole_file",
            "ui/save_dialog.py:AcceptSave",
        ),
    ),
    WayOut(
        "hand_over",
        Kind.FILE,
        Holds.SEALED,
        use_cases=("privacy.provisions.service.hand_over",),
        actions=("provision.made",),
        sites=(
            "desk_app/privacy/provisions/writing.py:whole_file",
            "ui/save_dialog.py:AcceptSave",
        ),
    ),
    WayOut(
        "control_report",
        Kind.FILE,
        Holds.STAFF,
        use_cases=(
            "privacy.controls.service.open_report",
            "privacy.controls.service.open_committee_report",
        ),
        actions=("control.report_written", "control.committee_report_written"),
        sites=(
            "desk_app/privacy/controls/paper.py:whole_file",
            "ui/save_dialog.py:AcceptSave",
        ),
    ),
    WayOut(
        "disposal_certificate",
        Kind.FILE,
        Holds.STAFF,
        use_cases=("privacy.originals.disposal.service.open_certificate",),
        actions=("original.certificate_opened",),
        sites=(
            "desk_app/privacy/originals/certificate.py:whole_file",
            "ui/save_dialog.py:AcceptSave",
        ),
    ),
    WayOut(
        "request_letter",
        Kind.FILE,
        Holds.PERSONAL,
        use_cases=("privacy.requests.letters.service.open_letter",),
        actions=("request.letter_made",),
        sites=(
            "desk_app/privacy/requests/letters/paper.py:whole_file",
            "ui/save_dialog.py:AcceptSave",
        ),
    ),
    WayOut(
        "leak_draft",
        Kind.FILE,
        Holds.PERSONAL,
        use_cases=("privacy.leaks.service.open_draft",),
        actions=("leak.draft_made",),
        sites=(
            "desk_app/privacy/leaks/drafts.py:whole_file",
            "ui/save_dialog.py:AcceptSave",
        ),
    ),
    WayOut(
        "disclosure",
        Kind.FILE,
        Holds.SEALED,
        use_cases=(
            "privacy.disclosure.handing.service.begin_pack",
            "privacy.disclosure.handing.service.pack_made",
        ),
        actions=("disclosure.opened", "disclosure.made"),
        sites=(
            "desk_app/privacy/disclosure/making.py:whole_file",
            "desk_app/privacy/disclosure/making.py:write_bytes",
            "ui/save_dialog.py:AcceptSave",
        ),
    ),
    WayOut(
        "disclosure_paper",
        Kind.PRINT,
        Holds.PERSONAL,
        use_cases=(
            "privacy.disclosure.handing.service.begin_pack",
            "privacy.disclosure.handing.service.pack_made",
        ),
        actions=("disclosure.printed", "disclosure.made"),
        sites=("ui/privacy/disclosure/printing.py:QPrinter",),
    ),
    WayOut(
        "labels",
        Kind.FILE,
        Holds.NOTHING,
        use_cases=("privacy.originals.service.labels",),
        actions=("original.labels_printed",),
        sites=(
            "desk_app/privacy/originals/labels.py:whole_file",
            "ui/save_dialog.py:AcceptSave",
        ),
    ),
    WayOut(
        "erasure_certificate",
        Kind.FILE,
        Holds.NOTHING,
        use_cases=("privacy.erasure.service.open_certificate",),
        actions=("erasure.certificate_opened",),
        sites=(
            "desk_app/privacy/erasure/paper.py:whole_file",
            "ui/save_dialog.py:AcceptSave",
        ),
    ),
    WayOut(
        "retention_receipt",
        Kind.FILE,
        Holds.NOTHING,
        use_cases=("privacy.retention.service.open_receipt",),
        actions=("retention.receipt_opened",),
        sites=(
            "desk_app/privacy/retention/receipt.py:whole_file",
            "ui/save_dialog.py:AcceptSave",
        ),
    ),
    WayOut(
        "calendar",
        Kind.FILE,
        Holds.NOTHING,
        use_cases=("hours.exchange.views.export_calendar",),
        sites=("ui/hours/edit_conductor.py:whole_file", "ui/save_dialog.py:AcceptSave"),
    ),
    WayOut(
        "recovery_sheet",
        Kind.PRINT,
        Holds.KEY,
        use_cases=("recordings.rotation.service.rotate_recovery_key",),
        actions=("recovery_key.rotated",),
        sites=(
            "ui/entrance/recovery_sheet.py:QPrinter",
            "ui/entrance/recovery_sheet.py:AcceptSave",
            "ui/application.py:whole_file",
            "ui/recordings/keys.py:whole_file",
        ),
        why="shown, printed or saved by whoever founds the office or renews the key, once",
    ),
    WayOut(
        "desk_file",
        Kind.FILE,
        Holds.KEY,
        use_cases=("people.service.enter_desk_file",),
        actions=("office.desk_file_made",),
        sites=("desk_app/cli.py:whole_file",),
    ),
    WayOut(
        "recordings_folder",
        Kind.FILE,
        Holds.SEALED,
        use_cases=("recordings.stores.service.enter_store",),
        actions=("recording_store.entered",),
        sites=(
            "desk_app/recordings/stores/folder_store.py:whole_file",
            "desk_app/recordings/stores/folder_store.py:write_bytes",
            "desk_app/recordings/stores/folder_store.py:write_text",
            "desk_app/recordings/stores/opening.py:write_bytes",
            "ui/recordings/storage.py:getExistingDirectory",
        ),
    ),
    WayOut(
        "object_store",
        Kind.NETWORK,
        Holds.SEALED,
        use_cases=("recordings.stores.service.enter_store",),
        actions=("recording_store.entered",),
        sites=(
            "desk_app/recordings/stores/s3_store.py:boto3",
            "desk_app/recordings/stores/opening.py:ssl",
        ),
        tls=True,
    ),
    WayOut(
        "backup_folder",
        Kind.FILE,
        Holds.SEALED,
        use_cases=("backup.service.enter_destination", "backup.service.arrived"),
        actions=("backup.destination_entered", "backup.made"),
        sites=(
            "desk_app/backup/making.py:whole_file",
            "desk_app/backup/destinations.py:write_bytes",
            "desk_app/audit/heads.py:whole_file",
            "ui/backup/panel.py:getExistingDirectory",
        ),
    ),
    WayOut(
        "backup_server",
        Kind.NETWORK,
        Holds.SEALED,
        use_cases=("backup.service.enter_destination", "backup.service.arrived"),
        actions=("backup.destination_entered", "backup.made"),
        sites=("desk_app/recordings/stores/s3_store.py:boto3",),
        tls=True,
    ),
    WayOut(
        "database",
        Kind.NETWORK,
        Holds.PERSONAL,
        use_cases=("moving.service.begin_move", "people.service.enter_desk_file"),
        actions=("office.move_begun", "office.desk_file_made"),
        sites=(
            "desk_app/storage/engines.py:create_engine",
            "desk_app/storage/listening.py:psycopg",
            "desk_app/storage/connections.py:psycopg",
            "desk_app/storage/connections.py:socket",
            "desk_app/places/checking.py:socket",
            "desk_app/places/checking.py:ssl",
        ),
        tls=True,
        why="an office lies on a server from its founding on, or is moved there; reading and"
        " writing there is what every service is",
    ),
    WayOut(
        "listening_in",
        Kind.NETWORK,
        Holds.PERSONAL,
        use_cases=("help_calls.service.listen", "help_calls.service.open_line"),
        actions=("help.listening_wanted", "help.line_opened"),
        sites=(
            "desk_app/recordings/listening_in/certificates.py:ssl",
            "desk_app/recordings/listening_in/ear.py:socket",
            "desk_app/recordings/listening_in/ear.py:ssl",
            "desk_app/recordings/listening_in/line.py:socket",
            "desk_app/recordings/listening_in/line.py:ssl",
        ),
        tls=True,
        why="to another desk of the office, whose certificate is in its books; sound only, and"
        " nothing is kept",
    ),
    WayOut(
        "clipboard",
        Kind.CLIPBOARD,
        Holds.PERSONAL,
        use_cases=("privacy.ways_out.service.copy_out",),
        actions=("ways_out.copied",),
        sites=("ui/copying.py:clipboard", "ui/copying.py:QClipboard"),
    ),
    WayOut(
        "drag",
        Kind.DRAG,
        Holds.NOTHING,
        closed=True,
        why="nothing is dragged out: a press begins a new selection, and lists drag nothing",
    ),
    WayOut(
        "notification",
        Kind.NOTIFICATION,
        Holds.NOTHING,
        closed=True,
        why="what happens is said inside the window, never by the desktop",
    ),
    WayOut(
        "mail",
        Kind.MAIL,
        Holds.NOTHING,
        closed=True,
        why="no mail program is started and no message drafted outside the desk",
    ),
    WayOut(
        "program",
        Kind.PROGRAM,
        Holds.NOTHING,
        closed=True,
        why="no other program is started with anything of the office",
    ),
)
"""Every way out, closed ones included."""

INSIDE: Mapping[str, str] = {
    "desk_app/backup/rebuilding.py:whole_file": "the database of a restored office",
    "desk_app/calls/drafts.py:whole_file": "a draft in the data folder, sealed",
    "desk_app/cases/attachments/viewing.py:subprocess": "our own program, confined, over a pipe",
    "desk_app/cli.py:write_bytes": "a note of a crash: kinds and places of errors only",
    "desk_app/demo/growing.py:whole_file": "an office of invented people",
    "desk_app/demo/office.py:whole_file": "an office of invented people",
    "desk_app/demo/recordings.py:write_bytes": "an office of invented people",
    "desk_app/desk/erasing.py:write_bytes": "zeros over a draft, before it is removed",
    "desk_app/folder.py:write_bytes": "the lock file of the data folder, empty",
    "desk_app/keys/keyring.py:whole_file": "the keyring, its identities wrapped",
    "desk_app/keys/keyring.py:write_bytes": "the lock file of the keyring, empty",
    "desk_app/moving/in_file.py:whole_file": "the keyring of a moved office",
    "desk_app/moving/on_server.py:whole_file": "the note that an office has moved",
    "desk_app/moving/restoring.py:whole_file": "the keyring of a restored office",
    "desk_app/places/server.py:whole_file": "where the server is, in the data folder",
    "desk_app/places/server.py:write_bytes": "the server's authority, in the data folder",
    "desk_app/recordings/encoder.py:write_bytes": "memory: what is encoded goes on to be sealed",
    "desk_app/recordings/files.py:whole_file": "a note beside a recording: ids and times",
    "desk_app/recordings/files.py:write_bytes": "a recording in the data folder, sealed",
    "desk_app/recordings/listening_in/certificates.py:write_bytes": "a key for an instant, sealed",
    "desk_app/recordings/listening_in/order.py:socket": "finds this desk's address, sends nothing",
    "desk_app/recordings/listening_in/wire.py:socket": "ends a connection",
    "desk_app/recordings/recorder.py:subprocess": "our own program, over a pipe",
    "desk_app/recordings/recovery.py:write_bytes": "a recording in the data folder, sealed",
    "desk_app/recordings/reopening.py:subprocess": "our own program, which lists sound devices",
    "desk_app/recordings/rotation/rewrapping.py:write_bytes": "a lock file, empty",
    "desk_app/recordings/sealing.py:whole_file": "a sidecar in the data folder, sealed",
    "desk_app/recordings/stores/s3_answers.py:ssl": "names the errors of certificates",
    "desk_app/recordings/stores/s3_store.py:whole_file": "a sealed copy that comes back",
    "desk_app/recordings/stores/s3_store.py:write_text": "the authority's certificate, for boto3",
    "desk_app/recordings/timeline.py:whole_file": "a timeline in the data folder: times only",
    "desk_app/recordings/virtual_sound.py:subprocess": "a sound card for tests and the demo",
    "desk_app/recordings/virtual_sound.py:write_text": "a sound card for tests and the demo",
    "desk_app/settings.py:whole_file": "the desk's settings",
    "desk_app/storage/faults.py:psycopg": "names the errors of the server",
    "desk_app/storage/listening.py:socket": "a pair of sockets within the process",
    "desk_app/storage/schema.py:write_bytes": "the copy before an upgrade, encrypted as it is",
    "ui/cases/attachments_view.py:QMimeData": "what is dropped or pasted comes in",
    "ui/cases/attachments_view.py:clipboard": "what is pasted comes in",
    "ui/controls.py:QMimeData": "what is pasted comes in",
    "ui/scripted_day.py:subprocess": "speaks the lines of the scripted day",
    "ui/scripted_day.py:write_bytes": "the files of the scripted day, of invented people",
    "ui/single_window.py:QLocalServer": "a second start asks this window to come forward",
    "ui/single_window.py:QLocalSocket": "a second start asks this window to come forward",
}
"""Calls that look like a way out and let nothing out of the office, each with what it does."""
