"""Requests, disclosures, disposals and leaks past the services, with any client of a server."""

from datetime import date
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from desk_app.clock import FixedClock
from desk_app.office import Desk, Office
from desk_app.privacy.disclosure import service as disclosure
from desk_app.privacy.leaks import service as leaks
from desk_app.privacy.leaks import views as leak_views
from desk_app.privacy.leaks.rules import LeakState
from desk_app.privacy.originals import service as originals
from desk_app.privacy.originals import views as original_views
from desk_app.privacy.originals.disposal import service as disposal
from desk_app.privacy.originals.rules import BatchState, OriginalEntry
from desk_app.privacy.requests import service as requests
from desk_app.privacy.requests import views as request_views
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.pages import RequestPage
from desk_app.privacy.requests.resuming import service as resuming
from desk_app.privacy.requests.rules import Kind, Outcome, Party, State
from desk_app.privacy.requests.service import Received
from desk_app.purposes.model import UseBlock
from desk_app.purposes.rules import ResumeReason
from tests.offices import DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.people.test_server_office import role_of
from tests.people.test_server_rows import enter_rows
from tests.postgres import Hosting

TODAY = date(2026, 6, 10)


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


class Attackers:
    """The three with a client of their own; ``{o}``, ``{s}``, ``{d}`` are their accounts."""

    def __init__(self, clients: dict[str, psycopg.Connection], **desks: Desk) -> None:
        self._clients = clients
        self._ids = {letter: int(desk.actor.user_id) for letter, desk in desks.items()}

    def refused(self, *attacks: tuple[str, str]) -> None:
        """Each letter tries its statement, and nobody's goes through."""
        through = []
        for letter, statement in attacks:
            raw = self._clients[letter]
            try:
                with raw.transaction(force_rollback=True):
                    raw.execute(statement.format(**self._ids))
            except psycopg.errors.InsufficientPrivilege:
                continue
            except psycopg.IntegrityError:
                pass  # nothing but what refers to it stood in the way
            through.append((letter, statement))
        assert not through


def signs(state: str, column: str, who: str, **more: str) -> str:
    """A request that is brought to a state in somebody's name."""
    said = "".join(f", {name} = {value}" for name, value in more.items())
    return (
        f"UPDATE privacy_request SET state = '{state}', {column}_by = {{{who}}},"
        f" {column}_at = now(){said}"
    )


def test_no_client_signs_for_another_or_twice(
    office: Office, hosting: Hosting, clock: FixedClock
) -> None:
    with (
        sign_in(office, OPERATOR) as operator,
        sign_in(office, SUPERVISOR) as supervisor,
        sign_in(office, DPO) as officer,
        hosting.connect(role_of(office, OPERATOR)) as o,
        hosting.connect(role_of(office, SUPERVISOR)) as s,
        hosting.connect(role_of(office, DPO)) as d,
    ):
        with hosting.connect(hosting.owner) as owner:
            enter_rows(owner, operator.actor.user_id, at=clock.now())
            owner.execute("UPDATE desk_case SET case_type = 'privacy'")
        clients = {"o": o, "s": s, "d": d}
        attackers = Attackers(clients, o=operator, s=supervisor, d=officer)
        o.execute(
            "INSERT INTO use_block (customer_id, case_id, acts, purposes, reason, started_at,"
            f" started_by) VALUES (1, 1, '[]', '[]', 'contested', now(), {operator.actor.user_id})"
        )
        request_a_disclosure(attackers, operator, supervisor, officer, clock)
        ((block_id,),) = officer.read(
            lambda _actor, w: w.session.execute(select(UseBlock.id)).all()
        )
        why = ResumeReason.FOUND_RIGHT
        supervisor.perform(resuming.agree_to_resume, block_id, why=why)
        officer.perform(resuming.resume_use, block_id, why=why)
        dispose(attackers, operator, supervisor, officer)
        report_a_leak(attackers, supervisor, officer, clock)


def request_a_disclosure(
    attackers: Attackers, operator: Desk, supervisor: Desk, officer: Desk, clock: FixedClock
) -> None:
    made = Received(kind=Kind.DISCLOSURE, received_at=clock.now(), customer_id=1)
    request_id = operator.perform(requests.receive, 1, made)

    def page() -> Any:
        found = operator.read(request_views.request_of_case, 1)
        assert isinstance(found, RequestPage)
        return found

    def do(desk: Desk, use_case: Any, **given: Any) -> None:
        desk.perform(use_case, request_id, page().version, **given)

    granted = {"outcome": "'granted'"}
    attackers.refused(
        ("d", signs("decided", "decided", "d", **granted)),  # nobody has verified who asks
        ("o", "UPDATE privacy_request SET state = 'verified'"),
        ("o", "UPDATE privacy_request SET received_by = {s}"),
        ("o", "UPDATE privacy_request SET kind = 'purposes'"),
        ("d", "UPDATE use_block SET ended_at = now(), ended_by = {d}"),  # that a request asked for
        ("d", "DELETE FROM privacy_request"),
        ("o", "DELETE FROM privacy_request_step"),
        ("o", "UPDATE privacy_request_step SET user_id = {s}"),
        (
            "o",
            "INSERT INTO privacy_identity_check (request_id, party, method, method_from, proven,"
            " authority, note, checked_at, checked_by)"
            " VALUES (1, 'customer', 'photo_document', '2022-04-01', true, '[]', '', now(), {s})",
        ),
    )
    do(
        operator,
        requests.check_identity,
        party=Party.CUSTOMER,
        method="photo_document",
        proven=True,
    )
    attackers.refused(
        ("o", signs("decided", "decided", "o", **granted)),
        ("o", signs("decided", "decided", "d", **granted)),
        ("s", signs("decided", "decided", "s", **granted)),
        ("s", signs("approved", "approved", "s")),
    )
    do(officer, deciding.decide, outcome=Outcome.GRANTED)
    attackers.refused(
        ("d", signs("approved", "approved", "d")),  # decided it
        ("o", signs("approved", "approved", "o")),  # received it
        ("o", signs("approved", "approved", "s")),
        ("s", signs("signed", "approved", "s")),  # nothing would be executed
        ("s", signs("approved", "approved", "s", decided_by="{d}", outcome="'partly'")),
        ("s", "UPDATE privacy_request SET customer_id = 2"),
    )
    do(supervisor, deciding.send_back, reason="もう一度")
    do(officer, deciding.decide, outcome=Outcome.GRANTED)
    review = officer.perform(disclosure.open_review, request_id)
    officer.perform(disclosure.choose, review.disclosure_id, ())
    officer.perform(disclosure.finish_review, review.disclosure_id, seen=review.seen())
    do(supervisor, deciding.approve)
    assert page().state is State.APPROVED
    attackers.refused(
        ("s", "UPDATE privacy_request SET outcome = 'refused'"),
        ("o", signs("executed", "executed", "s")),
        ("o", signs("notified", "told", "o")),
        ("s", "UPDATE disclosure SET state = 'delivered'"),
        ("d", "UPDATE disclosure SET reviewed_by = {s}, reviewed_at = now()"),
        (
            "o",
            "INSERT INTO disclosure_pack (disclosure_id, made_at, made_by, media, language, parts,"
            " digest, content_digest, size_bytes, with_passphrase, printed)"
            " VALUES (1, now(), {o}, '[]', 'ja', 1, 'x', 'x', 1, false, false)",
        ),
    )


def dispose(attackers: Attackers, operator: Desk, supervisor: Desk, officer: Desk) -> None:
    entry = OriginalEntry(kind="postcard", received_on=date(2024, 3, 1), box="A-1", shelf="3")
    mine, other = (operator.perform(originals.register, entry) for _ in range(2))
    batch_id = operator.perform(disposal.draw_up, [mine])

    def do(desk: Desk, use_case: Any, **given: Any) -> None:
        (batch,) = operator.read(original_views.batches)
        desk.perform(use_case, batch_id, batch.version, **given)

    approves = "UPDATE disposal_batch SET state = 'approved', approved_at = now(), approved_by = "
    witnesses = (
        "UPDATE disposal_batch SET state = 'witnessed', witnessed_at = now(), witnessed_by = "
    )
    attackers.refused(
        ("o", approves + "{o}"),
        ("o", approves + "{d}"),
        ("s", approves + "{s}"),
        ("d", approves + "{d}, drawn_up_by = {s}"),
        ("o", "UPDATE paper_original SET due_on = '2020-01-01'"),
        ("o", "UPDATE paper_original SET disposed_on = '2026-06-10'"),
        ("o", "DELETE FROM paper_original"),
    )
    do(officer, disposal.approve)
    attackers.refused(
        ("o", f"UPDATE paper_original SET batch_id = {batch_id} WHERE id = {other}"),
        ("s", witnesses + "{s}"),
    )
    do(operator, disposal.carry_out, on=TODAY, method="shredding")
    attackers.refused(
        ("o", witnesses + "{o}"),
        ("o", witnesses + "{s}"),
        ("s", witnesses + "{s}, carried_out_by = {d}"),
        ("s", "UPDATE paper_original SET disposed_on = '2026-06-10'"),
    )
    do(supervisor, disposal.witness)
    (batch,) = operator.read(original_views.batches)
    assert batch.state is BatchState.WITNESSED
    attackers.refused(
        ("o", "UPDATE disposal_batch SET company = 'x'"),
        ("o", f"UPDATE paper_original SET disposed_on = NULL WHERE id = {mine}"),
        ("d", "DELETE FROM disposal_batch"),
    )


def report_a_leak(attackers: Attackers, supervisor: Desk, officer: Desk, clock: FixedClock) -> None:
    leak_id = supervisor.perform(leaks.enter_leak, known_at=clock.now(), overview="端末の紛失")
    decides = "UPDATE leak SET state = 'not_reportable', decided_at = now(), decided_by = "
    attackers.refused(
        ("s", decides + "{s}"),
        ("s", decides + "{d}"),
        ("o", "UPDATE leak SET more_persons = 1"),
        ("d", "UPDATE leak SET known_on = '2026-06-30'"),
        ("d", "UPDATE leak SET state = 'prompt_sent', prompt_at = now()"),
        ("d", "DELETE FROM leak"),
        ("s", "UPDATE leak_entry SET text = 'x'"),
        ("d", "DELETE FROM leak_entry"),
    )
    (row,) = officer.read(leak_views.leaks)
    assert row.state is LeakState.OPEN
    version = officer.perform(leaks.open_leak, leak_id).version
    officer.perform(leaks.decide, leak_id, version, report=True)
    version = officer.perform(leaks.open_leak, leak_id).version
    supervisor.perform(leaks.report_sent, leak_id, version, sent_at=clock.now())
    (row,) = officer.read(leak_views.leaks)
    assert row.state is LeakState.PROMPT_SENT
