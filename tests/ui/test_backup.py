"""Backups at a real window: a folder entered, one made from the menu, what is said of it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pytestqt.qtbot import QtBot

from desk_app.clock import FixedClock
from tests.offices import ADMINISTRATOR, FoundedOffice
from tests.ui.desks import PATIENCE_MS, open_window, sign_in
from ui.backup.card import BackupCard
from ui.look import Look


def test_a_backup_is_set_up_and_made_from_the_menu(
    qtbot: QtBot, look: Look, founded_in_files: FoundedOffice, clock: FixedClock, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    app = open_window(qtbot, look, founded_in_files.folder, clock)
    sign_in(qtbot, app, ADMINISTRATOR)
    window, words = app.window, look.words

    def shown() -> list[str]:
        return [notice.text.text() for notice in window.notices.shown]

    qtbot.waitUntil(lambda: words("ui_backup.none_entered") in shown(), timeout=PATIENCE_MS)
    page = window.open_page("settings")
    assert page is not None
    card = page.findChild(BackupCard)
    assert card is not None
    assert not card.make.isEnabled()
    card.folder_chosen.emit(str(kept))
    qtbot.waitUntil(card.make.isEnabled, timeout=PATIENCE_MS)
    menu = window.make_menu()
    (entry,) = [one for one in menu.actions() if one.text() == words("ui_backup.make")]
    entry.trigger()
    qtbot.waitUntil(lambda: words("ui_backup.made", n=1) in shown(), timeout=PATIENCE_MS)
    assert [path.name for path in kept.glob("backup-*.age")]
    qtbot.waitUntil(lambda: card.last.tone == "success", timeout=PATIENCE_MS)
    card.hour.setCurrentIndex(card.hour.findData("21:00"))
    qtbot.waitUntil(lambda: card.hour.currentData() == "21:00", timeout=PATIENCE_MS)
    run, page = card._run, replace(card._page, is_due=True)  # and it fails, or is given up
    kept.rename(tmp_path / "gone")
    with qtbot.waitSignal(run.ended, timeout=PATIENCE_MS):
        run._on_looked(page)
    run._on_looked(page)
    assert run.share is None  # not every ten minutes
    with qtbot.waitSignal(run.ended, timeout=PATIENCE_MS):
        run._on_looked(replace(page, due_at=page.due_at + timedelta(days=1)))
        assert run.share is not None
    app.shut()
