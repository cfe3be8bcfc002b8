"""Use cases: filling in what the type asks, and moving a case through the type's stages."""

from collections.abc import Mapping

from desk_app.cases.details import records, rules
from desk_app.cases.details.model import CaseFieldValue
from desk_app.cases.history import changed, find, move, required, tell, touch
from desk_app.cases.rules import CaseAct, EntryKind
from desk_app.cases.types import case_type
from desk_app.cases.types.rules import Labels
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose


@needs(Permission.WORK_CASES)
def fill_in(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, values: Mapping[str, str]
) -> int:
    """Write these fields as they were typed; an empty one is taken away, one that is
    `rules.DECLINED` is kept as that. What isn't named stays.

    `Refused` for a field that the type doesn't have, for what a field can't hold, and while an
    approval is asked for: each has to be given to the same. Then nothing is written.
    """
    case = find(work, case_id, version)
    kind = case_type(work, case.case_type)
    kept = {row.field: row for row in records.rows_of(work, case.id) if row.case_type == kind.key}
    names: list[Labels] = []
    for key, typed in values.items():
        field = kind.field(key)
        if field is None:
            raise Refused("cases.no_such_field")
        value, row = rules.written(field, typed), kept.get(key)
        if value == (records.value_of(row) if row is not None else ""):
            continue
        names.append(field.name)
        if row is None:
            row = CaseFieldValue(case_id=case.id, case_type=kind.key, field=key)
            work.session.add(row)
        if not value:
            work.session.delete(row)
            continue
        is_declined = value == rules.DECLINED
        row.kind = rules.DECLINED_KIND if is_declined else field.kind.value
        row.value, row.type_revision = "" if is_declined else value, kind.revision
        row.entered_at, row.entered_by = work.now, actor.user_id
    if not names:
        return case.version
    if case.approval_asked_at is not None:
        raise Refused("cases.detail_awaits_approval")
    move(work, case, CaseAct.DETAIL)
    touch(case)
    tell(actor, work, case, EntryKind.DETAILED, names=[name.to_json() for name in names])
    return changed(actor, work, case, CaseAct.DETAIL, fields=len(names))


@needs(Permission.WORK_CASES)
def go_to_stage(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, stage: str, reason: str = ""
) -> int:
    """Move the case on to a stage of its type, or back with the reason.

    `Refused` if a stage that may not be skipped lies between.
    """
    case = find(work, case_id, version)
    kind = case_type(work, case.case_type)
    before = kind.stage_at(case.stage)
    if stage not in {one.key for one in kind.stages}:
        raise Refused("cases.no_such_stage")
    at = kind.stage_at(stage)
    if at == before:
        raise Refused("cases.stage_already")
    if stage not in {one.key for one in kind.reachable(case.stage)}:
        ahead = next(one for one in kind.stages[before + 1 : at] if not one.may_skip)
        raise Refused("cases.stage_ahead", stage=ahead.name)
    move(work, case, CaseAct.STAGE)
    case.stage = stage
    tell(
        actor,
        work,
        case,
        EntryKind.STAGE,
        text=required(reason, field="reason") if at < before else prose(reason, field="reason"),
        names=[kind.stages[at].name.to_json()],
        stage=stage,
        came_from=kind.stages[before].key,
    )
    return changed(actor, work, case, CaseAct.STAGE, stage=stage)
