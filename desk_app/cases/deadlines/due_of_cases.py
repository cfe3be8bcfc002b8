"""When a case is due, and its number, for whoever changes the calendar. Not a use case.

On a server an administrator sees no row of a case. Functions that run as the schema's owner stand
in: they give the numbers of cases, lock those that are open, and write what follows from their
deadlines. None takes anything from who calls it but which cases to look at.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import DDL, event, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from desk_app.cases.deadlines.model import CaseDeadline
from desk_app.cases.model import Case
from desk_app.storage.unit_of_work import UnitOfWork

_BATCH = 500

NUMBERS = """
CREATE FUNCTION desk_case_numbers(cases bigint[]) RETURNS TABLE (case_id bigint, number text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> current_user THEN
        IF NOT (desk_handles() OR desk_holds('administrator')) THEN
            RAISE insufficient_privilege;
        END IF;
    END IF;
    RETURN QUERY SELECT c.id::bigint, c.number::text FROM desk_case c WHERE c.id = ANY (cases);
END $$
"""

HOLD = """
CREATE FUNCTION desk_hold_cases() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> current_user THEN
        IF NOT (desk_handles() OR desk_holds('administrator')) THEN
            RAISE insufficient_privilege;
        END IF;
    END IF;
    PERFORM FROM desk_case c WHERE EXISTS (SELECT FROM case_deadline o
        WHERE o.case_id = c.id AND o.met_at IS NULL AND o.ended_at IS NULL)
    ORDER BY c.id FOR UPDATE;
END $$
"""

REFRESH = """
CREATE FUNCTION desk_refresh_due(cases bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE desk_case c SET due_at = d.due_at, version = c.version + 1
    FROM (
        SELECT k.id, (SELECT min(o.due_at) FROM case_deadline o
            WHERE o.case_id = k.id AND o.met_at IS NULL AND o.ended_at IS NULL) AS due_at
        FROM desk_case k WHERE k.id = ANY (cases)
    ) d
    WHERE c.id = d.id AND c.due_at IS DISTINCT FROM d.due_at;
END $$
"""

TO_NOBODY = (
    "REVOKE ALL ON FUNCTION desk_case_numbers, desk_hold_cases, desk_refresh_due FROM PUBLIC"
)

for _statement in (NUMBERS, HOLD, REFRESH, TO_NOBODY):
    event.listen(
        CaseDeadline.__table__,
        "after_create",
        DDL(_statement.strip().replace("%", "%%")).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
    )


def hold(work: UnitOfWork) -> None:
    """Let nobody else change a case with an open deadline until this unit of work ends, and wait
    for who is changing one: everybody locks the case first, see `history.find`."""
    if _on_server(work):
        work.session.execute(select(func.desk_hold_cases()))


def refresh(work: UnitOfWork, case_ids: Sequence[int]) -> None:
    """Let cases be due when the first of their open deadlines is, as written so far.

    A case whose due time changes has another version: who works on it meanwhile is told.
    """
    for batch in _batches(case_ids):
        if _on_server(work):
            work.session.execute(select(func.desk_refresh_due(_array(batch))))
            continue
        first = (
            select(func.min(CaseDeadline.due_at))
            .where(
                CaseDeadline.case_id == Case.id,
                CaseDeadline.met_at.is_(None),
                CaseDeadline.ended_at.is_(None),
            )
            .scalar_subquery()
        )
        work.session.execute(
            update(Case)
            .where(Case.id.in_(batch), Case.due_at.is_distinct_from(first))
            .values(due_at=first, version=Case.version + 1)
            .execution_options(synchronize_session=False)
        )


def numbers(work: UnitOfWork, case_ids: Sequence[int]) -> Mapping[int, str]:
    """The numbers of cases; a case that has none yet is left out."""
    found: dict[int, str] = {}
    for batch in _batches(case_ids):
        if _on_server(work):
            listed = func.desk_case_numbers(_array(batch)).table_valued("case_id", "number")
            rows = work.session.execute(select(listed.c.case_id, listed.c.number)).all()
        else:
            rows = work.session.execute(
                select(Case.id, Case.number).where(Case.id.in_(batch))
            ).all()
        found.update((case_id, number) for case_id, number in rows if number is not None)
    return found


def _batches(case_ids: Sequence[int]) -> list[Sequence[int]]:
    return [case_ids[at : at + _BATCH] for at in range(0, len(case_ids), _BATCH)]


def _array(ids: Sequence[int]) -> object:
    return literal(list(ids), ARRAY(BigInteger))


def _on_server(work: UnitOfWork) -> bool:
    return work.session.get_bind().dialect.name == "postgresql"
