"""What of retention the officer has to see to. Not a use case."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select

from desk_app.people.access import Actor
from desk_app.privacy.oversight.due import Due
from desk_app.privacy.retention import law
from desk_app.privacy.retention.model import RetentionRun
from desk_app.privacy.retention.preview import is_anything_due
from desk_app.privacy.retention.rules import RuleState, RunState, last_day
from desk_app.storage.unit_of_work import UnitOfWork


def retention(actor: Actor, work: UnitOfWork, today: date) -> Iterator[Due]:
    """Rules and runs that wait for approval; and every month that somebody looks what is due, as
    long as anything is."""
    for rule in law.revisions(work, RuleState.WAITING):
        yield Due("retention_rule", "", rule.effective_from, needs_decision=True, row_id=rule.id)
    for run_id in work.session.scalars(
        select(RetentionRun.id).where(RetentionRun.state == RunState.DRAWN_UP.value)
    ):
        yield Due("retention_run", str(run_id), None, needs_decision=True, row_id=run_id)
    looked = work.session.scalar(select(func.max(RetentionRun.day)))
    due_on = None if looked is None else last_day(looked, law.look_every_months())
    if (due_on is None or due_on <= today) and is_anything_due(work, law.counting(work, today)):
        yield Due("retention_look", "", due_on)
