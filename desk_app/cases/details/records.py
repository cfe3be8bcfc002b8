"""Reading and checking the fields of a case. Not a use case."""

from sqlalchemy import select

from desk_app.cases.details import rules
from desk_app.cases.details.model import CaseFieldValue
from desk_app.cases.model import Case
from desk_app.cases.rules import ClosingLevel
from desk_app.cases.types import case_type
from desk_app.cases.types.rules import CaseType
from desk_app.errors import Refused
from desk_app.storage.unit_of_work import UnitOfWork


def rows_of(work: UnitOfWork, case_id: int) -> list[CaseFieldValue]:
    """What was filled in, under whatever type the case had."""
    found = work.session.scalars(
        select(CaseFieldValue)
        .where(CaseFieldValue.case_id == case_id)
        .order_by(CaseFieldValue.case_type, CaseFieldValue.field)
    )
    return list(found)


def is_asked(kind: CaseType, row: CaseFieldValue) -> bool:
    """Whether the row answers what this type asks now."""
    field = kind.field(row.field)
    if row.case_type != kind.key or field is None:
        return False
    return row.kind in (field.kind, rules.DECLINED_KIND)


def value_of(row: CaseFieldValue) -> str:
    """What was filled in, or `rules.DECLINED`."""
    return rules.DECLINED if row.kind == rules.DECLINED_KIND else row.value


def check_ready(work: UnitOfWork, case: Case, *, closing: bool) -> None:
    """`Refused` while the type asks for more before the case may be resolved, or closed."""
    kind = case_type(work, case.case_type)
    if not closing:
        rules.check_stages(kind, case.stage)
    if any(one.is_needed(closing=closing) for one in kind.fields):
        rows = rows_of(work, case.id)
        values = {row.field: value_of(row) for row in rows if is_asked(kind, row)}
        rules.check_filled_in(kind, values, closing=closing)


def check_at_once(kind: CaseType) -> None:
    """`Refused` if a case of this type can't be resolved while its first contact lasts: what it
    asks before it is closed can't be left for later where resolving leaves the handler's hands."""
    closing = kind.closing_level is not ClosingLevel.HANDLER
    if kind.stages_ahead(None) or any(one.is_needed(closing=closing) for one in kind.fields):
        raise Refused("cases.not_at_once", type=kind.name)
