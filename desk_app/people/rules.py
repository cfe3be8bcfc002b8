"""Four eyes, and the offices that are never empty: pure decisions about members of staff.

Four eyes compares persons, not accounts: somebody with two accounts is still one person.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NewType

from desk_app.errors import Refused
from desk_app.people.access import Role

PersonId = NewType("PersonId", int)
StepId = NewType("StepId", int)


class StepKind(StrEnum):
    """What one person asks for and another one approves."""

    ADD_USER = "add_user"
    RESET_PASSWORD = "reset_password"  # noqa: S105 -- the name of a step, not a password
    GRANT_ROLE = "grant_role"
    GIVE_LISTENING = "give_listening"
    ROTATE_RECORDINGS = "rotate_recordings"
    ROTATE_RECOVERY = "rotate_recovery"


ROTATIONS = frozenset({StepKind.ROTATE_RECORDINGS, StepKind.ROTATE_RECOVERY})
"""Carried out where the recordings' keys are, not where the staff is."""


class Decision(StrEnum):
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


NEVER_EMPTY = frozenset({Role.ADMINISTRATOR, Role.DPO})
"""Roles whose last holder can't be removed, nor have the role ended."""


def check_approver(
    *, requester: PersonId, approver: PersonId, subject: PersonId | None = None
) -> None:
    """Refuse approval by the person who asked, or by the person whom the step is about."""
    if approver == requester:
        raise Refused("people.same_person")
    if subject is not None and approver == subject:
        raise Refused("people.own_step")


def check_appointer(*, appointer: PersonId, handler: PersonId) -> None:
    """Nobody appoints themselves, nor writes down their own pledge and training."""
    if appointer == handler:
        raise Refused("people.own_appointment")


def check_roles_stay_held(
    leaving: PersonId, roles: Iterable[Role], holders: Mapping[Role, frozenset[PersonId]]
) -> None:
    """Refuse that ``leaving`` gives up ``roles`` if that empties one that is never empty."""
    for role in sorted(NEVER_EMPTY.intersection(roles)):
        if not holders[role] - {leaving}:
            raise Refused(f"people.last_{role}")


def check_listener_stays(leaving: PersonId, listeners: frozenset[PersonId]) -> None:
    """Refuse that the last person who can open the recordings gives that up."""
    if leaving in listeners and not listeners - {leaving}:
        raise Refused("people.last_listener")


def check_recordings_survive(
    subject: PersonId, listeners: frozenset[PersonId], *, approver_holds_recordings: bool
) -> None:
    """Refuse a reset after which nobody could open the recordings: that takes the recovery key."""
    if subject in listeners and not listeners - {subject} and not approver_holds_recordings:
        raise Refused("people.recovery_needed")
