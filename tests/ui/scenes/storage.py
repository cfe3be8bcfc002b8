"""The storage tab: at the desk, on a share that is away, on a server, for those who only look."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from desk_app.errors import Refused
from desk_app.recordings.stores.base import StoreKind
from desk_app.recordings.stores.uploading import Progress
from desk_app.recordings.stores.views import StoragePage, StoreShown
from tests.ui.scenes import Scene
from ui.look import Look
from ui.recordings.storage import StoragePanel

ZONE = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 9, 24, 12, 30, tzinfo=ZONE)
SHARE = StoreShown(
    kind=StoreKind.FOLDER,
    folder="/mnt/sodanshitsu/recordings",
    endpoint="",
    region="",
    bucket="",
    prefix="",
    authority="",
    access_key="",
    entered_at=NOW - timedelta(days=40),
)
SERVER = StoreShown(
    kind=StoreKind.S3,
    folder="",
    endpoint="https://objects.example.jp:9000",
    region="ap-northeast-1",
    bucket="sodanshitsu-recordings",
    prefix="desk/",
    authority="-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----",
    access_key="AKIADESK0000EXAMPLE",
    entered_at=NOW - timedelta(days=2),
)


def _panel(look: Look, page: StoragePage, *, may_enter: bool = True) -> StoragePanel:
    panel = StoragePanel(look, zone=ZONE, may_enter=may_enter)
    panel.present(page)
    return panel


def at_desk(look: Look) -> StoragePanel:
    return _panel(look, StoragePage(now=NOW, store=None))


def _away(look: Look) -> StoragePanel:
    return _panel(
        look,
        StoragePage(
            now=NOW,
            store=SHARE,
            waiting=37,
            waiting_bytes=171_300_000,
            oldest_at=NOW - timedelta(days=1, hours=3),
            trouble="recordings.store_away",
            next_try_at=NOW + timedelta(minutes=9),
            stored=12_480,
            stored_bytes=58_300_000_000,
            stored_elsewhere=310,
            to_forget=1,
        ),
    )


def _server(look: Look) -> StoragePanel:
    panel = _panel(
        look,
        StoragePage(
            now=NOW,
            store=SERVER,
            waiting=1,
            waiting_bytes=4_700_000,
            oldest_at=NOW,
            next_try_at=NOW,
            stored=214,
            stored_bytes=1_010_000_000,
        ),
    )
    panel.show_progress(Progress(2_900_000, 4_700_000))
    return panel


def _refused(look: Look) -> StoragePanel:
    panel = _server(look)
    panel.show_progress(None)
    panel.say("ui_storage.failed", Refused("recordings.store_unknown"))
    return panel


def _looking_on(look: Look) -> StoragePanel:
    page = StoragePage(
        now=NOW,
        store=SHARE,
        waiting=2,
        waiting_bytes=9_100_000,
        oldest_at=NOW,
        stored=118,
        stored_bytes=512_000_000,
    )
    return _panel(look, page, may_enter=False)


SCENES: dict[str, Scene] = {
    "at_desk": at_desk,
    "away": _away,
    "server": _server,
    "refused": _refused,
    "looking_on": _looking_on,
}
