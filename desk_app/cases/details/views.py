"""The details of a case as its tab shows them."""

from desk_app.cases.details import records
from desk_app.cases.details.model import CaseFieldValue
from desk_app.cases.details.pages import CaseDetails, EarlierField
from desk_app.cases.model import Case
from desk_app.cases.rules import CaseAct, CaseState, acts
from desk_app.cases.types import case_type
from desk_app.cases.types.catalogue import defaults, of_revision
from desk_app.cases.types.model import CaseTypeRevision
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, authority, needs
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_CASES)
def case_details(actor: Actor, work: UnitOfWork, /, case_id: int) -> CaseDetails:
    """Fields and stages of a case that was opened; the entry of the opening covers them."""
    case = work.session.get(Case, case_id)
    if case is None:
        raise Refused("cases.not_found")
    kind = case_type(work, case.case_type)
    rows = records.rows_of(work, case_id)
    possible = acts(CaseState(case.state))
    works = authority(actor, work).allows(Permission.WORK_CASES)
    return CaseDetails(
        case_id=case.id,
        version=case.version,
        fields=kind.fields,
        values={row.field: records.value_of(row) for row in rows if records.is_asked(kind, row)},
        earlier=tuple(_earlier(work, row) for row in rows if not records.is_asked(kind, row)),
        stages=kind.stages,
        stage=kind.stages[kind.stage_at(case.stage)].key if kind.stages else None,
        reachable=kind.reachable(case.stage) if kind.stages else (),
        may_fill_in=(
            works
            and CaseAct.DETAIL in possible
            and bool(kind.fields)
            and case.approval_asked_at is None
        ),
        may_move=works and CaseAct.STAGE in possible and bool(kind.stages),
    )


def _earlier(work: UnitOfWork, row: CaseFieldValue) -> EarlierField:
    if row.type_revision is None:
        then = defaults().get(row.case_type)
    else:
        then = of_revision(work.session.get_one(CaseTypeRevision, row.type_revision))
    field = then.field(row.field) if then is not None else None
    return EarlierField(field.name if field else None, row.field, field, records.value_of(row))
