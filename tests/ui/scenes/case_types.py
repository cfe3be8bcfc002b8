"""The case types as the administrator edits them, and the details of a case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from desk_app.cases.details.pages import CaseDetails, EarlierField
from desk_app.cases.types.catalogue import defaults
from desk_app.cases.types.views import RevisionRow, TypeRow
from tests.ui.scenes import Scene
from ui.case_types.page import CaseTypes
from ui.cases.details import DetailsForm
from ui.look import Look

NOW = datetime(2026, 9, 24, 5, 30, tzinfo=UTC)
TYPES = tuple(defaults().values())


def _types(look: Look, key: str, *, tab: int = 0, part: int = 0) -> CaseTypes:
    page = CaseTypes(look, zone=ZoneInfo("Asia/Tokyo"))
    page.key = key
    page.present(
        [
            TypeRow(
                type=replace(one, is_active=one.key != "survey"),
                open_cases=at * 7 + 1,
                is_own=False,
                is_changed=one.key == "complaint",
            )
            for at, one in enumerate(TYPES)
        ]
    )
    page.editor.revisions.present(
        [
            RevisionRow(2, NOW, "佐々木 真理子", "四半期の見直し", defaults()["complaint"]),
            RevisionRow(1, NOW - timedelta(days=40), "佐々木 真理子", "元に戻す", None),
        ]
        if key == "complaint"
        else []
    )
    page.editor.book.open(tab)
    for panel in (page.editor.fields, page.editor.stages):
        panel.list.setCurrentRow(part)
    return page


def _new(look: Look) -> CaseTypes:
    page = _types(look, "complaint")
    page.add.click()
    return page


def _details(look: Look, key: str, **changed: object) -> QWidget:
    kind = defaults()[key]
    form = DetailsForm(look)
    details = CaseDetails(
        case_id=1,
        version=1,
        fields=kind.fields,
        values={"harm": "minor", "cause": "ばねの金属疲労"},
        earlier=(),
        stages=kind.stages,
        stage="secure" if kind.field("harm") else "acknowledge",
        reachable=kind.reachable("secure" if kind.field("harm") else "acknowledge"),
        may_fill_in=True,
        may_move=bool(kind.stages),
    )
    form.present(replace(details, **changed))
    return form


_EARLIER = defaults()["question"].fields[0]

SCENES: dict[str, Scene] = {
    "general": lambda look: _types(look, "complaint"),
    "fields": lambda look: _types(look, "accident", tab=1, part=1),
    "stages_none": lambda look: _types(look, "question", tab=2),
    "stages": lambda look: _types(look, "complaint", tab=2, part=3),
    "revisions": lambda look: _types(look, "complaint", tab=3),
    "new": _new,
    "details": lambda look: _details(look, "accident"),
    "details_earlier": lambda look: _details(
        look,
        "complaint",
        earlier=(EarlierField(_EARLIER.name, _EARLIER.key, _EARLIER, "care"),),
    ),
    "details_none": lambda look: _details(
        look, "complaint", fields=(), stages=(), reachable=(), may_move=False, may_fill_in=False
    ),
}
