"""The customer's request that an erasure follows from: checked and told through `executing`."""

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy import select

from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.privacy.requests import executing
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import Kind, Outcome
from desk_app.storage.unit_of_work import UnitOfWork


class Approved(Protocol):
    """What of an approved request is asked for here."""

    @property
    def customer_id(self) -> int: ...

    @property
    def outcome(self) -> Outcome: ...


class Requests(Protocol):
    """What the room of requests offers to those who carry them out."""

    def check_executable(self, work: UnitOfWork, request_id: int, kind: Kind, /) -> Approved: ...

    def executed(
        self,
        actor: Actor,
        work: UnitOfWork,
        request_id: int,
        /,
        *,
        particulars: Mapping[str, int],
    ) -> int: ...


requests: Requests = executing
"""Tests that try every order put something simpler in its place."""


def check(work: UnitOfWork, request_id: int, customer_id: int | None) -> None:
    """`Refused` unless the request may be executed by erasing this customer: all of them."""
    approved = requests.check_executable(work, request_id, Kind.DELETION)
    if approved.customer_id != customer_id:
        raise Refused("privacy.erasure_no_request")
    if approved.outcome is not Outcome.GRANTED:
        raise Refused("privacy.erasure_granted_in_part")


def refusal(work: UnitOfWork, request_id: int, customer_id: int | None) -> str | None:
    """Why the request may not be executed now, as the code of a refusal."""
    try:
        check(work, request_id, customer_id)
    except Refused as refused:
        return refused.code
    return None


def executed(actor: Actor, work: UnitOfWork, request_id: int, erasure_id: int) -> None:
    """It was, in this transaction."""
    requests.executed(actor, work, request_id, particulars={"erasure_id": erasure_id})


def case_of(work: UnitOfWork, request_id: int) -> tuple[int, ...]:
    """The request's own case, which stays until the customer was told."""
    found = work.session.get(PrivacyRequest, request_id)
    return () if found is None else (found.case_id,)


def request_of(work: UnitOfWork, case_id: int) -> PrivacyRequest | None:
    """The request for deletion whose own case this is."""
    return work.session.scalar(
        select(PrivacyRequest).where(
            PrivacyRequest.case_id == case_id, PrivacyRequest.kind == Kind.DELETION.value
        )
    )
