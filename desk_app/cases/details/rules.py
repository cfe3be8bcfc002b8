"""What can be written into a field of a type, and how it is kept. Pure.

A value is kept as text: a number in plain digits, a date in ISO 8601, a choice by its key, yes and
no as themselves. `written` is the only way from what was typed to what is kept.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from desk_app import text
from desk_app.cases.types.rules import CaseType, FieldKind, TypeField
from desk_app.errors import Refused

YES, NO = "yes", "no"
DECLINED = "\x1adeclined"
"""Stands where a value would, for an answer that was not wished for: no text can be this."""

DECLINED_KIND = "declined"
"""What is kept of it is this kind, and no value."""

VALUE_LIMIT = 400
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
_DATE = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", re.ASCII)
_EARLIEST, _LATEST = date(1900, 1, 1), date(2199, 12, 31)


def written(field: TypeField, typed: str) -> str:
    """What is kept of what was typed; empty for nothing, `DECLINED` for an answer that was not
    wished for (policy section 4: any field may be declined). `Refused` names the field."""
    if typed == DECLINED:
        return DECLINED
    cleaned = text.line(typed, field=field.key)
    if not cleaned:
        return ""
    match field.kind:
        case FieldKind.TEXT:
            if len(cleaned) > VALUE_LIMIT:
                raise Refused("cases.field_too_long", name=field.name, limit=VALUE_LIMIT)
            return cleaned
        case FieldKind.NUMBER:
            return _number(field, cleaned)
        case FieldKind.DATE:
            return _date(field, cleaned)
        case FieldKind.CHOICE:
            if cleaned not in {one.key for one in field.choices}:
                raise Refused("cases.field_no_such_choice", name=field.name)
            return cleaned
        case FieldKind.YES_NO:
            if cleaned not in (YES, NO):
                raise Refused("cases.field_no_such_choice", name=field.name)
            return cleaned


def check_filled_in(kind: CaseType, values: Mapping[str, str], *, closing: bool) -> None:
    """`Refused` naming the first field that still has to be filled in; one that was declined need
    not be."""
    for one in kind.fields:
        if one.is_needed(closing=closing) and not values.get(one.key):
            code = "cases.field_needed_to_close" if closing else "cases.field_needed_to_resolve"
            raise Refused(code, name=one.name)


def check_stages(kind: CaseType, stage: str | None) -> None:
    """`Refused` naming the next stage that may not be skipped and has not been come to."""
    ahead = kind.stages_ahead(stage)
    if ahead:
        raise Refused("cases.stage_ahead", stage=ahead[0].name)


def _number(field: TypeField, cleaned: str) -> str:
    plain = unicodedata.normalize("NFKC", cleaned).replace(",", "").replace("−", "-")
    if not _NUMBER.fullmatch(plain):
        raise Refused("cases.field_no_number", name=field.name)
    sign = "-" if plain.startswith("-") else ""
    whole, _, part = plain.lstrip("+-").partition(".")
    whole, part = whole.lstrip("0") or "0", part.rstrip("0")
    digits = f"{whole}.{part}" if part else whole
    return digits if digits == "0" else sign + digits


def _date(field: TypeField, cleaned: str) -> str:
    plain = _DATE.fullmatch(unicodedata.normalize("NFKC", cleaned))
    try:
        said = date(*(int(part) for part in plain.groups())) if plain else None
    except ValueError:
        said = None
    if said is None or not _EARLIEST <= said <= _LATEST:
        raise Refused("cases.field_no_date", name=field.name)
    return said.isoformat()
