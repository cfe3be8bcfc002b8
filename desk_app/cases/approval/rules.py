"""Who may approve the closing of a case. Pure.

A level wants one approval or two. None is given by whoever resolved the case, no person gives two,
and the first is a supervisor's; the second is another supervisor's or an officer's. Persons are
compared, not accounts.
"""

from dataclasses import dataclass
from enum import StrEnum

from desk_app.cases.rules import ClosingLevel
from desk_app.errors import NotPermitted, Refused
from desk_app.people.rules import PersonId


class Decision(StrEnum):
    APPROVED = "approved"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"  # approved, and the closing that followed was undone
    LAPSED = "lapsed"  # the case was reopened, or closed otherwise, before anybody decided


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the approvals of one resolution have come."""

    level: ClosingLevel
    resolver: PersonId
    approvers: frozenset[PersonId] = frozenset()

    @property
    def step(self) -> int:
        """The approval that comes next, counted from 1."""
        return len(self.approvers) + 1

    @property
    def missing(self) -> int:
        """How many approvals the case still needs."""
        return max(self.level.approvals - len(self.approvers), 0)

    def check_decides(self, person: PersonId, *, supervises: bool) -> None:
        """`Refused` unless this person may give, or refuse, the approval that comes next."""
        if not self.missing:
            raise Refused("cases.needs_no_approval")
        if self.step == 1 and not supervises:
            raise NotPermitted("cases.needs_supervisor")
        if person == self.resolver:
            raise NotPermitted("cases.own_resolution")
        if person in self.approvers:
            raise NotPermitted("cases.approved_already")

    def decides(self, person: PersonId, *, supervises: bool) -> bool:
        """Whether `check_decides` lets them."""
        try:
            self.check_decides(person, supervises=supervises)
        except Refused:
            return False
        return True
