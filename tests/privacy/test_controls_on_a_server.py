"""Controls, trainings and the end of an appointment with the server's own roles and policies."""

from datetime import date, timedelta

import psycopg
import pytest

from desk_app.desk.authority import Reading
from desk_app.office import Office
from desk_app.people import service as people
from desk_app.people.appointments import service as appointments
from desk_app.people.service import AppointmentForm
from desk_app.privacy.controls import service, views
from desk_app.privacy.controls.rules import ControlKind, ControlState, Verdict
from desk_app.privacy.controls.service import ControlPlan
from desk_app.privacy.inspections import service as inspections
from desk_app.privacy.oversight import views as oversight
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.people.test_server_office import role_of, user_id
from tests.postgres import Hosting


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


def test_what_the_officer_keeps_is_theirs_and_signed_by_another(
    office: Office, hosting: Hosting
) -> None:
    with sign_in(office, DPO) as officer:
        today = date(2026, 6, 10)
        plan = ControlPlan(ControlKind.RULE_REVIEW, today, officer.actor.user_id, subject="規程")
        made = officer.perform(service.plan, plan)
        officer.perform(service.start, made)
        for row in officer.read(views.control, made).answers:
            officer.perform(service.answer, made, row.item.key, Verdict.IN_ORDER)
        officer.perform(service.add_evidence, made, note="改正案")
        officer.perform(service.report, made, conclusion="可")
        assert officer.read(oversight.due).rows[0].kind == "rule_review_reported"
        officer.perform(inspections.find_unusual, today - timedelta(days=1), today)
        operator = user_id(officer, OPERATOR)
        officer.perform(appointments.enter_training, operator, kind="basics", held_on=today)

        own, kept = officer.actor.user_id, f"WHERE id = {made}"
        signs = f"UPDATE control SET state = 'signed', signed_by = {own}, signed_at = now() {kept}"
        with hosting.connect(role_of(office, DPO)) as raw:
            for statement in (
                signs,
                f"UPDATE control SET conclusion = 'x' {kept}",
                f"DELETE FROM control {kept}",
                "UPDATE training SET held_on = '2027-01-01'",
                f"INSERT INTO training (user_id, kind, held_on, entered_by, entered_at)"
                f" VALUES ({own}, 'basics', '2026-06-10', {own}, now())",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), raw.transaction():
                    raw.execute(statement)
        with hosting.connect(role_of(office, OPERATOR)) as raw:
            assert raw.execute("SELECT count(*) FROM control").fetchone() == (0,)
            assert raw.execute("SELECT count(*) FROM control_finding").fetchone() == (0,)
        with officer.second_person(ADMINISTRATOR.login, ADMINISTRATOR.password) as second:
            helped = f"UPDATE control_answer SET answered_by = {second.actor.user_id}"
            as_before = f"UPDATE control_answer SET answered_by = {own}"
            with hosting.running.connect(hosting.where.database) as superuser:
                superuser.execute(helped)
                with hosting.connect(role_of(office, ADMINISTRATOR)) as raw:
                    signs = signs.replace(
                        f"signed_by = {own}", f"signed_by = {second.actor.user_id}"
                    )
                    with pytest.raises(psycopg.errors.InsufficientPrivilege), raw.transaction():
                        raw.execute(signs)
                superuser.execute(as_before)
            second.perform(service.sign_off, made)
        assert officer.read(views.control, made).row.state is ControlState.SIGNED


def test_an_end_closes_what_another_desk_reads(office: Office) -> None:
    with sign_in(office, DPO) as officer, sign_in(office, SUPERVISOR) as desk:
        supervisor = user_id(officer, SUPERVISOR)
        assert desk.authority.check() is Reading.ALLOWED
        officer.perform(people.end_appointment, supervisor, custody=officer.custody)
        assert desk.authority.check() is Reading.ENDED
        assert not desk.recordings.identities()
        assert not desk.attachment_identities()
        assert not desk.sealed_identities()
        officer.perform(
            people.appoint,
            AppointmentForm(supervisor, office.clock.now(), office.clock.now()),
            custody=officer.custody,
        )
        assert desk.authority.check() is Reading.ENDED  # this session gets nothing back
