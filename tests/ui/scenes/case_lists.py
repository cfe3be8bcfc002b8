"""The case list at work: counted work lists, an act on many cases, a filter that gets a name."""

from PySide6.QtWidgets import QWidget

from desk_app.cases.bulk.rules import Left, Preview
from desk_app.search.work_lists.rules import WorkList
from desk_app.search.work_lists.views import WorkListCount
from tests.ui.scenes import Scene
from tests.ui.scenes.cases import rows, shown_list
from ui.cases.bulk_panel import Asked
from ui.cases.case_list import CaseList
from ui.look import Look


def _working(look: Look, act: str | None = None, *, preview: bool = False) -> CaseList:
    page = shown_list(look, rows(40))
    page.work_lists.present(
        [
            WorkListCount(which, 1000 if n == 1 else 3 * n, n == 1)
            for n, which in enumerate(WorkList)
        ]
    )
    page.view.selectAll()
    page.bulk.offer([(1, "佐藤 花子"), (2, "Anna Schmidt")], ["展示会", "recall"], 1)
    page.bulk.show_selected(page.view.selected_ids(), page.view.selected_count())
    if act:
        page.bulk.open(act)
    if preview:
        left = tuple(
            Left(n, f"2026-{n:06d}", code)
            for n, code in enumerate(["cases.needs_supervisor"] * 7 + ["storage.conflict"])
        )
        asked: list[Asked] = []
        page.bulk.preview_wanted.connect(asked.append)
        page.bulk.save.click()
        page.bulk.present(asked[0], Preview(dict.fromkeys(range(32), 1), left))
    return page


def _naming(look: Look) -> QWidget:
    page = shown_list(look, rows(12))
    page.work_lists.choose(WorkList.CALLBACKS)
    page.saved.ask_name()
    return page


SCENES: dict[str, Scene] = {
    "assigning": lambda look: _working(look, "assign"),
    "closing": lambda look: _working(look, "close", preview=True),
    "tagging": lambda look: _working(look, "tag"),
    "naming": _naming,
}
