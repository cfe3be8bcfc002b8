"""A day at the desk for tests: the use cases as the product runs them, without a window."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from desk_app.calls import service as calls
from desk_app.calls.endings import Ending, NewCase
from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.numbering import number_contacts
from desk_app.calls.rules import AnnouncedBy, Disposition
from desk_app.cases import service as cases
from desk_app.cases.numbering import number_cases
from desk_app.cases.pages import CasePage, SavedContact
from desk_app.clock import FixedClock
from desk_app.people.access import Actor, Role
from desk_app.purposes import views as purposes
from desk_app.purposes.rules import Purpose
from desk_app.search.index import gather, refresh

FINISHERS = (gather, number_contacts, number_cases, refresh)
QUESTION = ContactForm(
    inquiries=(InquiryForm(text="包丁の研ぎ方を知りたい", answer="研ぎ方をご案内した"),),
    disposition=Disposition.ANSWERED,
)
COMPLAINT = ContactForm(
    inquiries=(InquiryForm(text="刃が欠けていた\nとても残念", category="complaint"),),
    disposition=Disposition.FOLLOW_UP,
)


class OfficeDay:
    """An office with its announcements, a clock, and people who act in it."""

    def __init__(
        self, work: Callable[..., Any], make_actor: Callable[..., Actor], clock: FixedClock
    ) -> None:
        self.work = work
        self.clock = clock
        self._make_actor = make_actor
        self.operator = make_actor([Role.OPERATOR])

    def person(self, *roles: Role, appointed: bool = True) -> Actor:
        return self._make_actor(roles, appointed=appointed)

    def perform(self, actor: Actor, use_case: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Run a use case in a transaction of its own, finishers included."""
        with self.work(finishers=FINISHERS) as w:
            result = use_case(actor, w, *args, **named)
            w.commit()
            return result

    def read(self, actor: Actor, view: Callable[..., Any], *args: Any, **named: Any) -> Any:
        with self.work(reading=True) as w:
            return view(actor, w, *args, **named)

    def later(self, **passed: float) -> datetime:
        """Let time pass; the new time."""
        self.clock.move_to(self.clock.now() + timedelta(**passed))
        return self.clock.now()

    def ring(self, actor: Actor | None = None, **particulars: Any) -> int:
        """Take a call that rings now."""
        particulars = {"uid": str(uuid.uuid4()), "rang_at": self.clock.now()} | particulars
        return self.perform(actor or self.operator, calls.start_call, **particulars)

    def announce(self, contact_id: int, actor: Actor | None = None) -> None:
        who = actor or self.operator
        script = self.read(who, purposes.current_announcement)
        self.perform(
            who,
            calls.confirm_announcement,
            contact_id,
            announcement_id=script.id,
            by=AnnouncedBy.OPERATOR,
        )

    def hang_up(self, contact_id: int, actor: Actor | None = None) -> None:
        self.perform(actor or self.operator, calls.hang_up, contact_id, ended_at=self.clock.now())

    def save(
        self, contact_id: int, form: ContactForm, ending: Ending, actor: Actor | None = None
    ) -> SavedContact:
        return self.perform(actor or self.operator, cases.save_contact, contact_id, form, ending)

    def called(self, form: ContactForm, ending: Ending, **particulars: Any) -> SavedContact:
        """A whole call."""
        contact_id = self.ring(**particulars)
        self.hang_up(contact_id)
        return self.save(contact_id, form, ending)

    def new_case(self, form: ContactForm = COMPLAINT) -> int:
        case_id = self.called(form, NewCase()).case_id
        assert case_id is not None
        return case_id

    def page(self, case_id: int, actor: Actor | None = None) -> CasePage:
        return self.perform(
            actor or self.operator, cases.open_case, case_id, purpose=Purpose.INQUIRIES
        )
