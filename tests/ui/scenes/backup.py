"""The card about backups: well, in trouble and at work, and before anything was entered."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.backup.views import BackupPage, CopyRow, DestinationRow
from desk_app.recordings.stores.base import StoreKind
from tests.ui.scenes import Scene
from ui.backup.panel import BackupPanel
from ui.look import Look

NOW = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Tokyo")
NOTHING = BackupPage((), (), None, "", False, NOW, None)


def copy(id: int, *, days: int, trouble: str | None = None) -> CopyRow:
    made = NOW - timedelta(days=days)
    name = f"backup-{made:%Y%m%dT%H%M%SZ}-0123abcd-0.age"
    return CopyRow(
        id, "backup", name, "/mnt/nas/backup", made, made + timedelta(days=28), 9, True, trouble
    )


def well(look: Look) -> QWidget:
    panel = BackupPanel(look, zone=ZONE)
    places = (
        DestinationRow(1, StoreKind.FOLDER, "/mnt/nas/backup", None, True),
        DestinationRow(2, StoreKind.S3, "s3.example.jp · backup/office", None, True),
    )
    panel.present(
        BackupPage(places, (copy(1, days=0), copy(2, days=1)), NOW, "21:00", False, NOW, None)
    )
    return panel


def in_trouble(look: Look) -> QWidget:
    panel = BackupPanel(look, zone=ZONE)
    places = (DestinationRow(1, StoreKind.FOLDER, "/mnt/nas/backup", "backup.place_away", False),)
    late = copy(1, days=36, trouble="backup.not_removed")
    panel.present(BackupPage(places, (late,), NOW - timedelta(days=12), "", True, NOW, 12))
    panel.show_progress(0.4)
    return panel


def nothing(look: Look) -> QWidget:
    panel = BackupPanel(look, zone=ZONE)
    panel.present(NOTHING)
    return panel


SCENES: dict[str, Scene] = {"well": well, "in_trouble": in_trouble, "nothing": nothing}
