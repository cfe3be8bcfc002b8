"""The disclosure as data: ``data.json`` and ``data.csv``.

``data.json``, format ``inquiry-desk disclosure`` version 1, UTF-8::

    {"format": "inquiry-desk disclosure", "version": 1,
     "language": "ja", "as_of": "<instant>",
     "marks": {"<mark as it stands in texts>": "<what it means>"},
     "items": [
       {"key": "inquiry:17", "section": "contacts", "table": "inquiry",
        "parent": "contact:12" | null, "at": "<instant>" | null, "title": "<in the language>",
        "fields": [
          {"key": "text", "name": "<in the language>", "value": "…", "said": "…",
           "removed": ["other_person", …]}],      # one for each mark in "value", in order
        "removed": "<mark>" | null,                # the whole item was removed
        "file": "recordings/….ogg" | null,         # a part of the pack
        "file_removed": "<mark>" | null,
        "silenced": [{"from_ms": 1000, "to_ms": 2000,
                      "voice": "both" | "caller" | "operator", "why": "<mark>"}]}]}

Instants are ISO 8601 in UTC. ``value`` of a token is the token, ``said`` its words. Keys are stable
within an office and say nothing else. A reader ignores members it doesn't know; a change that
breaks a reader counts the version up.

``data.csv``: the same, a line for each field, UTF-8 with a byte order mark, every cell quoted, and
none of them a formula: item, section, parent, at, title, field, name, value, removed.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from desk_app.privacy.disclosure.rendering import Rendered
from desk_app.reports.cells import cell

FORMAT = "inquiry-desk disclosure"
VERSION = 1
COLUMNS = ("item", "section", "parent", "at", "title", "field", "name", "value", "removed")


def json_of(
    items: Sequence[Rendered], *, language: str, as_of: datetime, marks: Mapping[str, str]
) -> bytes:
    """``data.json``."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "language": language,
        "as_of": _instant(as_of),
        "marks": dict(marks),
        "items": [_item(one) for one in items],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def csv_of(items: Sequence[Rendered]) -> bytes:
    """``data.csv``."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for item in items:
        for field, name, value, removed in _lines(item):
            row = (
                item.key,
                item.section.value,
                item.parent or "",
                _instant(item.at) or "",
                item.title,
                field,
                name,
                value,
                removed,
            )
            writer.writerow([cell(one) for one in row])
    return text.getvalue().encode("utf-8-sig")


def _lines(item: Rendered) -> list[tuple[str, str, str, str]]:
    lines = [(one.key, one.name, one.said, " ".join(one.removed)) for one in item.fields]
    if item.removed:
        lines.append(("", "", item.removed, "item"))
    if item.file or item.file_removed:
        lines.append(
            ("file", "", item.file or item.file_removed, "file" if item.file_removed else "")
        )
    lines += [
        ("silenced", "", f"{one.start_ms}-{one.end_ms} {one.voice.value} {one.why}", "sound")
        for one in item.cuts
    ]
    return lines


def _item(item: Rendered) -> dict[str, Any]:
    return {
        "key": item.key,
        "section": item.section.value,
        "table": item.table,
        "parent": item.parent,
        "at": _instant(item.at),
        "title": item.title,
        "fields": [
            {
                "key": one.key,
                "name": one.name,
                "value": one.value,
                "said": one.said,
                "removed": list(one.removed),
            }
            for one in item.fields
        ],
        "removed": item.removed or None,
        "file": item.file or None,
        "file_removed": item.file_removed or None,
        "silenced": [
            {
                "from_ms": one.start_ms,
                "to_ms": one.end_ms,
                "voice": one.voice.value,
                "why": one.why,
            }
            for one in item.cuts
        ],
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()
