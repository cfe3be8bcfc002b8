"""Two desks on a real server, each under its own role; and what another client may not do."""

from typing import Any

import psycopg
import pytest

from desk_app.calls import service as calls
from desk_app.clock import FixedClock
from desk_app.desk import Desk
from desk_app.help_calls import service, views
from desk_app.help_calls.rules import HelpEnd, HelpKind, HelpState, ListeningEnd, Outcome
from desk_app.office import Office
from desk_app.recordings.listening_in.certificates import End, make_identity
from tests.offices import DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.people.test_server_office import role_of
from tests.postgres import Hosting

MINE = "UPDATE help_listening SET line_certificate = 'mine', host = 'h', port = 1"

ATTACKS = {
    # somebody else's end in the place of the operator's, or of the listener's
    "s puts a line of their own into the books": MINE,
    "d puts a line of their own into the books": MINE,
    "o changes the line that was opened": MINE,
    "o lets another listener in": "UPDATE help_listening SET listener_certificate = 'mine'",
    "s lets another listener in": "UPDATE help_listening SET listener_certificate = 'mine'",
    "o asks to listen": "INSERT INTO help_listening (help_call_id, listener_id, desk_id,"
    " listener_certificate, wanted_at) VALUES (1, {o}, 'd', 'mine', now())",
    "d asks to listen in another's name": "INSERT INTO help_listening (help_call_id, listener_id,"
    " desk_id, listener_certificate, wanted_at) VALUES (1, {s}, 'd', 'mine', now())",
    "d removes that somebody listened": "DELETE FROM help_listening",
    # the call for help
    "s calls for help in another's call": "INSERT INTO help_call (uid, contact_id, kind, called_by,"
    " called_at, desk_id) VALUES ('x', 1, 'other', {s}, now(), 'd')",
    "o answers": "UPDATE help_call SET answered_by = {o}, answered_at = now()",
    "s answers in another's name": "UPDATE help_call SET answered_by = {d}, answered_at = now()",
    "o settles it": "UPDATE help_call SET followed_up_by = {o}, outcome = 'no_case'",
    "o makes it another's": "UPDATE help_call SET called_by = {s}",
    "s opens it again": "UPDATE help_call SET ended_at = NULL, ended_by = NULL",
    "o says that it rang": "INSERT INTO help_ring VALUES (1, {o}, 'd', now())",
}


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


def may(raw: psycopg.Connection[Any], statement: str) -> bool:
    try:
        with raw.transaction(force_rollback=True):
            return raw.execute(statement).rowcount > 0
    except psycopg.errors.InsufficientPrivilege:
        return False


def test_help_goes_from_desk_to_desk_and_by_nobody_else(
    office: Office, hosting: Hosting, clock: FixedClock
) -> None:
    roles = {
        letter: role_of(office, person)
        for letter, person in {"d": DPO, "o": OPERATOR, "s": SUPERVISOR}.items()
    }
    listener, line = make_identity(End.LISTENER), make_identity(End.LINE)
    with (
        sign_in(office, OPERATOR) as operator,
        sign_in(office, SUPERVISOR) as supervisor,
        sign_in(office, DPO) as dpo,
    ):
        ids = {"o": operator.actor.user_id, "s": supervisor.actor.user_id, "d": dpo.actor.user_id}
        contact_id = operator.perform(calls.start_call, uid="u", rang_at=clock.now())
        help_call_id = operator.perform(service.call_for_help, contact_id, uid="h")
        assert [one.id for one in supervisor.read(views.ringing)] == [help_call_id]
        supervisor.perform(service.ring_here, help_call_id)
        operator.perform(service.say_kind, help_call_id, kind=HelpKind.HARASSMENT)
        assert operator.read(views.standing, help_call_id).desks_ringing == 1
        assert _attacked(hosting, roles, ids, but=("opens it again",)) == []
        supervisor.perform(service.answer, help_call_id)
        listening_id = supervisor.perform(
            service.listen, help_call_id, certificate=listener.certificate
        )
        assert (
            _attacked(
                hosting, roles, ids, but=("opens it again", "changes the line that was opened")
            )
            == []
        )
        operator.perform(
            service.open_line,
            listening_id,
            host="127.0.0.1",
            port=1,
            certificate=line.certificate,
        )
        for desk in (operator, supervisor):
            desk.perform(service.listening_began, listening_id)
        supervisor.perform(service.take_over, help_call_id)
        for desk in (supervisor, operator):
            desk.perform(service.listening_ended, listening_id, end=ListeningEnd.LISTENER)
        operator.perform(service.end_help, help_call_id, end=HelpEnd.CALL_OVER)
        assert _attacked(hosting, roles, ids, but=()) == []
        _write_and_follow_up(operator, supervisor, help_call_id)
        found = dpo.read(views.figures, first=clock.now().date(), last=clock.now().date())
        assert dict(found.by_kind)[HelpKind.HARASSMENT] == 1
        assert supervisor.read(views.standing, help_call_id).state is HelpState.ENDED


def _write_and_follow_up(operator: Desk, supervisor: Desk, help_call_id: int) -> None:
    texts = {"what_happened": "怒鳴られた", "words_used": "", "measures": ""}
    operator.perform(service.write_record, help_call_id, None, **texts)
    assert supervisor.perform(service.open_record, help_call_id).what_happened == "怒鳴られた"
    supervisor.perform(service.follow_up, help_call_id, outcome=Outcome.CARE_FOR_STAFF)


def _attacked(
    hosting: Hosting, roles: dict[str, Any], ids: dict[str, Any], *, but: tuple[str, ...]
) -> list[str]:
    """What a client of one's own could do now; ``but`` is what would change nothing yet."""
    got_through = []
    for letter, role in roles.items():
        with hosting.connect(role) as raw:
            for what, attack in ATTACKS.items():
                if (
                    what[0] == letter
                    and not any(map(what.endswith, but))
                    and may(raw, attack.format(**ids))
                ):
                    got_through.append(what)
    return got_through
