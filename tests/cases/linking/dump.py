"""Every row of every table, to be compared before and after."""

from typing import Any

from sqlalchemy import select

from desk_app.cases.rules import EntryKind
from desk_app.schema import metadata
from desk_app.storage.unit_of_work import UnitOfWork

_LOGS = ("audit_entry", "audit_link", "audit_head", "office_setting")
_TELLING = {EntryKind.MERGED_FROM, EntryKind.MERGED_INTO, EntryKind.UNMERGED}
_COUNTED_UP = (
    "timeline_entry",
    "case_link",
    "inquiry",
    "case_deadline",
    "case_pause",
)  # acts are done twice in the comparison
_ALSO_WORDS = "case_text"  # has the words of entries that tell of the merge; compared by searching


def dump(work: UnitOfWork) -> dict[str, list[tuple[Any, ...]]]:
    """All but the logs, what tells of a merge, and the versions and ids that acts count up."""
    work.session.flush()
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for table in metadata().sorted_tables:
        if table.name in _LOGS or table.name == _ALSO_WORDS:
            continue
        skipped = {"version"} | ({"id"} if table.name in _COUNTED_UP else set())
        columns = [column for column in table.columns if column.name not in skipped]
        found = [tuple(map(_plain, row)) for row in work.session.execute(select(*columns))]
        if table.name == "timeline_entry":
            at = [column.name for column in columns].index("kind")
            found = [row for row in found if row[at] not in _TELLING]
        rows[table.name] = sorted(found, key=repr)
    return rows


def _plain(value: Any) -> Any:
    return tuple(sorted(value.items())) if isinstance(value, dict) else value
