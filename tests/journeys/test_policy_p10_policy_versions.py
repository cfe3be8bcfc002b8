"""P10: the policy may change. Versions are entered for a coming day, approved by a second person,
and consents and announcements point to the one that was in force."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from PySide6.QtWidgets import QPlainTextEdit, QTableView

from desk_app.audit import views as audit
from desk_app.clock import FixedClock
from desk_app.errors import NotPermitted, Refused
from desk_app.office import Office
from desk_app.people.access import Actor
from desk_app.purposes import views as announcements
from desk_app.purposes.blocks import resume_use, stop_use
from desk_app.purposes.consents import service as consents
from desk_app.purposes.consents import views as consent_views
from desk_app.purposes.consents.pages import (
    ConsentChannel,
    ConsentForm,
    ConsentState,
    Evidence,
)
from desk_app.purposes.policy import service as policies
from desk_app.purposes.policy import views
from desk_app.purposes.policy.pages import AnnouncementForm, VersionForm, VersionState
from desk_app.purposes.rules import (
    EVERYTHING,
    Act,
    BlockReason,
    Forbidden,
    Purpose,
    RecipientKind,
    RecordingUse,
    ResumeReason,
    Scope,
)
from desk_app.purposes.uses import why_not
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import LANGUAGES
from tests.journeys.seat import Seat
from tests.journeys.test_policy_p03_purposes import write_up
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, sign_in
from ui.tabbed_page import TabbedPage

TEXTS = {"ja": "本文", "en": "The text", "de": "Der Text"}
CHANGES = {"ja": "提携先の範囲", "en": "More partners", "de": "Mehr Partner"}
SECOND = VersionForm(
    label="2026-07-01",
    effective_on=date(2026, 7, 1),
    texts=TEXTS,
    changes=CHANGES,
    recipients=frozenset({RecipientKind.GROUP_COMPANY, RecipientKind.SUBCONTRACTOR}),
    widened_purposes=frozenset({Purpose.PARTNERS}),
    announcements=(
        AnnouncementForm(
            False,
            TEXTS,
            frozenset({RecordingUse.ACCURATE_RECEIPT, RecordingUse.QUALITY}),
        ),
    ),
)
IN_FORCE_AT = datetime.fromisoformat("2026-07-01T10:30+09:00")
TO_PARTNERS = ConsentForm(
    Scope(frozenset({Purpose.PARTNERS}), recipients=frozenset({RecipientKind.RETAILER})),
    ConsentChannel.LETTER,
    Evidence(document="同意書 C-12"),
)


def test_a_new_version_is_for_a_coming_day_and_a_second_person(
    office: Office, clock: FixedClock
) -> None:
    with sign_in(office, OPERATOR) as operator:
        _, _, sato = write_up(operator, clock, "佐藤 花子")
        with pytest.raises(NotPermitted):
            operator.perform(policies.enter_version, SECOND)
        early = replace(TO_PARTNERS, given_at=datetime.fromisoformat("2021-01-01T10:00+09:00"))
        with pytest.raises(Refused, match="before_any_policy"):
            operator.perform(consents.record_consent, sato, early)
        operator.perform(consents.record_consent, sato, TO_PARTNERS)
        heard = operator.read(announcements.current_announcement)
    with sign_in(office, DPO) as officer:
        for form, code in (
            (replace(SECOND, effective_on=date(2026, 6, 9)), "version_in_past"),
            (replace(SECOND, changes=CHANGES | {"de": " "}), "version_needs_changes"),
            (replace(SECOND, texts={"ja": "本文"}), "version_needs_text"),
            (replace(SECOND, purposes=frozenset()), "version_without_purpose"),
            (
                replace(SECOND, widened_recipients=frozenset({RecipientKind.ABROAD})),
                "version_widens_unnamed",
            ),
            (replace(SECOND, label="2022-04-01"), "version_label_taken"),
        ):
            with pytest.raises(Refused, match=code):
                officer.perform(policies.enter_version, form)
        second = officer.perform(policies.enter_version, SECOND)
        with pytest.raises(Refused, match="same_person"):
            officer.perform(policies.approve_version, second)
        concerned = officer.perform(policies.list_uncovered, second)
        assert [one.customer for one in concerned.rows] == ["佐藤 花子"]
        assert concerned.by_purpose == {Purpose.PARTNERS: 1}
        stop = officer.perform(
            stop_use,
            concerned.rows[0].customer_id,
            stops=EVERYTHING,
            reason=BlockReason.CUSTOMER_ASKED,
        )
        concerned = officer.perform(policies.list_uncovered, second)
        assert [one.customer for one in concerned.rows] == [None], "not to be looked at"
        officer.perform(resume_use, stop, why=ResumeReason.CUSTOMER_ASKED)
    with sign_in(office, SUPERVISOR) as supervisor:
        clock.move_to(IN_FORCE_AT)
        assert supervisor.read(announcements.current_announcement) == heard, "not approved"
        clock.move_to(IN_FORCE_AT - timedelta(days=3))
        supervisor.perform(policies.approve_version, second)
        with pytest.raises(Refused, match="version_decided"):
            supervisor.perform(policies.decline_version, second)
        assert [one.state for one in supervisor.read(views.versions)] == [
            VersionState.TO_COME,
            VersionState.IN_FORCE,
        ]
    clock.move_to(IN_FORCE_AT)
    with sign_in(office, OPERATOR) as operator:
        now = operator.read(announcements.current_announcement)
        assert now.uses == {RecordingUse.ACCURATE_RECEIPT, RecordingUse.QUALITY}
        assert now.effective_on == date(2026, 7, 1)
        asks = operator.read(announcements.current_announcement, outbound=True)
        assert asks.effective_on == date(2026, 7, 1), "carried over under the new version"
        assert operator.read(announcements.announcement, heard.id).uses == heard.uses

        def found(_actor: Actor, work: UnitOfWork) -> Forbidden | None:
            return why_not(
                work,
                customer_id=sato,
                purpose=Purpose.PARTNERS,
                act=Act.PROVIDE,
                recipient=RecipientKind.RETAILER,
            )

        def why() -> str | None:
            refused = operator.read(found)
            return refused.why.value if refused else None

        assert why() == "use_needs_consent"
        (row,) = operator.read(consent_views.uses_of, sato).consents
        assert (row.state, row.policy_label) == (ConsentState.PARTLY, "2022-04-01")
        operator.perform(consents.record_consent, sato, TO_PARTNERS)
        assert why() is None
        assert operator.read(consent_views.uses_of, sato).consents[0].policy_label == "2026-07-01"
    with sign_in(office, DPO) as officer:
        late = officer.perform(
            policies.enter_version, replace(SECOND, label="3", effective_on=date(2026, 7, 1))
        )
        actions = {one.action for one in officer.read(audit.entries)}
    assert {"policy.version_entered", "policy.version_approved", "policy.uncovered_listed"} <= (
        actions
    )
    clock.move_to(IN_FORCE_AT + timedelta(days=2))
    with sign_in(office, ADMINISTRATOR) as administrator:
        with pytest.raises(Refused, match="version_too_late"):
            administrator.perform(policies.approve_version, late)
        administrator.perform(policies.decline_version, late)


def test_the_officer_enters_a_version_at_the_window_and_the_supervisor_approves(
    seat: Seat, clock: FixedClock
) -> None:
    seat.sign_in(DPO)
    page = seat.app.window.open_page("oversight")
    assert isinstance(page, TabbedPage)
    page.book.open_key("policy")
    seat.hands.wait("the version in force", lambda: seat.shows("policy_table"))
    seat.hands.wait(
        "its text", lambda: seat.find(QPlainTextEdit, "policy_said").toPlainText() != ""
    )
    seat.hands.click("policy_new")
    seat.hands.type("policy_label", "2026-06-10")
    seat.app.sign_out()  # what is being entered isn't left by mistake, and nobody speaks of a call
    assert "Oversight" in seat.wait_for_notice("ui_entrance.finish_page_first")
    for language in LANGUAGES:
        seat.hands.choose("policy_language", language)
        seat.hands.type("policy_changes", CHANGES[language])
    seat.hands.click("policy_widened_E")
    seat.hands.click("policy_save")
    seat.wait_for_notice("ui_policy.entered")
    seat.hands.wait(
        "the new version", lambda: seat.find(QTableView, "policy_table").model().rowCount() == 2
    )
    assert not seat.shows("policy_approve")

    seat.sign_in(SUPERVISOR)
    page = seat.app.window.open_page("oversight")
    assert isinstance(page, TabbedPage)
    page.book.open_key("policy")
    seat.hands.click("policy_approve")
    seat.hands.wait(
        "in force",
        lambda: seat.read(views.versions)[0].state is VersionState.IN_FORCE,
    )
    version = seat.read(views.versions)[0]
    assert version.changes == CHANGES
    assert version.widened_purposes == {Purpose.IMPROVEMENT}
    assert version.texts["de"].startswith("1. Was persönliche")
    assert [one.label for one in version.announcements] == ["inbound-2", "outbound-2"]
