"""Handing data out of the house. Each use case leaves its audit entry and returns what to write.

The file is made after the commit, by `case_summary` and `case_lists`: what is on a disk outside
has always been audited, and a slow disk never holds the database.
"""

from collections.abc import Sequence

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.audit.runs import runs_of
from desk_app.cases import service as cases
from desk_app.cases.model import Case
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes.rules import Act, OtherUse, Use, Why
from desk_app.purposes.uses import left_out, named_use, require_use
from desk_app.reports.case_lists import CaseList
from desk_app.reports.case_summary import CaseSummary
from desk_app.reports.stamp import make_stamp
from desk_app.search import service as search
from desk_app.search.pages import Query
from desk_app.storage.unit_of_work import UnitOfWork

_AT_ONCE = 5_000
"""So many ids are named in one statement."""


@needs(Permission.EXPORT)
def open_case_summary(
    actor: Actor, work: UnitOfWork, /, case_id: int, *, purpose: Use
) -> CaseSummary:
    """What the summary of a case shows, for `case_summary.write_pdf`; audited as an export."""
    purpose = _named(work, purpose)
    page = cases.open_case(actor, work, case_id, purpose=purpose)
    require_use(
        work,
        customer_id=page.customer.id if page.customer else None,
        purpose=purpose,
        act=Act.EXPORT,
        case_id=page.id,
        asked_at=page.opened_at,
    )
    record(actor, work, "case.exported", subject=("case", case_id), purpose=purpose.value)
    return CaseSummary(make_stamp(actor, work, purpose), page)


@needs(Permission.EXPORT)
def open_case_list(actor: Actor, work: UnitOfWork, /, query: Query, *, purpose: Use) -> CaseList:
    """All cases that match, for `case_lists.write_csv` and `write_xlsx`; audited as an export.

    A text search is exported whole, not only the part that the list shows; cases of customers
    whose data may not be used for this are left out, and the file says how many and why.
    """
    purpose = _named(work, purpose)
    found = search.find(actor, work, query, most=None)
    ids, out = _without_stopped(work, found.ids, purpose)
    record(
        actor,
        work,
        "case.list_exported",
        purpose=purpose.value,
        count=len(ids),
        left_out=sum(out.values()),
        cases=runs_of(ids),
    )
    return CaseList(make_stamp(actor, work, purpose), ids, out)


def _named(work: UnitOfWork, purpose: Use) -> Use:
    """A use outside A–H with its names, as the file says them."""
    return named_use(work, purpose.id) if isinstance(purpose, OtherUse) else purpose


def _without_stopped(
    work: UnitOfWork, ids: Sequence[int], purpose: Use
) -> tuple[Sequence[int], dict[Why, int]]:
    """The cases that may be exported for this, in their order, and how many may not, by reason."""
    rows = [
        (row.id, row.customer_id, row.opened_at)
        for start in range(0, len(ids), _AT_ONCE)
        for row in work.session.execute(
            select(Case.id, Case.customer_id, Case.opened_at).where(
                Case.id.in_(ids[start : start + _AT_ONCE])
            )
        )
    ]
    stopped, out = left_out(work, purpose=purpose, act=Act.EXPORT).why(rows)
    return ([one for one in ids if one not in stopped] if stopped else ids), out
