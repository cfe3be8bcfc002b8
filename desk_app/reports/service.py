"""Handing data out of the house. Each use case leaves its audit entry and returns what to write.

The file is made after the commit, by `case_summary` and `case_lists`: what is on a disk outside
has always been audited, and a slow disk never holds the database.
"""

from desk_app.audit.log import record
from desk_app.cases import service as cases
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes.rules import Purpose
from desk_app.reports.case_lists import CaseList
from desk_app.reports.case_summary import CaseSummary
from desk_app.reports.stamp import make_stamp
from desk_app.search import service as search
from desk_app.search.pages import Query
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.EXPORT)
def open_case_summary(
    actor: Actor, work: UnitOfWork, /, case_id: int, *, purpose: Purpose
) -> CaseSummary:
    """What the summary of a case shows, for `case_summary.write_pdf`; audited as an export."""
    page = cases.open_case(actor, work, case_id, purpose=purpose)
    record(actor, work, "case.exported", subject=("case", case_id), purpose=purpose)
    return CaseSummary(make_stamp(actor, work, purpose), page)


@needs(Permission.EXPORT)
def open_case_list(
    actor: Actor, work: UnitOfWork, /, query: Query, *, purpose: Purpose
) -> CaseList:
    """All cases that match, for `case_lists.write_csv` and `write_xlsx`; audited as an export.

    A text search is exported whole, not only the part that the list shows.
    """
    found = search.find(actor, work, query, most=None)
    record(actor, work, "case.list_exported", purpose=purpose, count=len(found.ids))
    return CaseList(make_stamp(actor, work, purpose), found.ids)
