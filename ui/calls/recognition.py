"""Who may be calling: offers customers by number and name, and shows what is known of the one
whom the operator confirms. A match is an offer, never an identity."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal

from desk_app.calls import service as calls_service
from desk_app.calls import views as calls
from desk_app.calls.pages import ContactRow
from desk_app.cases import views as cases
from desk_app.cases.pages import CaseRow
from desk_app.customers import service as customers
from desk_app.customers.pages import CustomerCard, CustomerMatch
from desk_app.customers.steps import Answers, answers_of
from desk_app.people.access import Actor
from desk_app.purposes.consents import views as consents
from desk_app.purposes.consents.pages import CustomerUses
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.search.duplicates.pages import Suggestion
from desk_app.storage.unit_of_work import UnitOfWork
from ui.calls.view import Customer, KnownCase, KnownContact, LikelyCase, MatchLine
from ui.purposes.said import said_briefly, tone_of
from ui.reasons import said_reasons
from ui.session import Session

Known = tuple[CustomerCard, tuple[CaseRow, ...], tuple[ContactRow, ...], CustomerUses]


class Recognition(QObject):
    """``changed`` when offers or the confirmed customer are others; ``confirmed`` brings the
    card, to fill in what has not been written."""

    changed = Signal()
    confirmed = Signal(object)  # CustomerCard

    def __init__(
        self, session: Session, parent: QObject, *, contact_id: Callable[[], int | None]
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._contact_id = contact_id
        self._asked: tuple[str, str, str] = ("", "", "")
        self.clear()

    def clear(self) -> None:
        """Another contact."""
        self.matches: tuple[MatchLine, ...] = ()
        self.customer: Customer | None = None
        self.answers: Answers = {}
        self.no_match = False
        self._asked = ("", "", "")
        self._generation = getattr(self, "_generation", 0) + 1

    def forget_what_is_known(self) -> None:
        """What was read may not be shown any more: offers go, and all of the confirmed customer
        but who it is, so that the contact is saved as theirs."""
        self.matches = ()
        self._asked = ("", "", "")
        self._generation += 1
        if self.customer is not None:
            self.customer = Customer(self.customer.customer_id, "")
        self.changed.emit()

    def know_again(self) -> None:
        """It may be shown again."""
        if self.customer is not None:
            self.load(self.customer.customer_id)

    def look_up(self, *, number: str, name: str, reading: str) -> None:
        """Ask for customers with this number or name, unless that was asked just now."""
        asked = (number, name, reading)
        if self.customer is not None or asked == self._asked or not any(asked):
            return
        if not self._session.may_read:
            return
        self._asked = asked
        generation = self._generation

        def found(matches: tuple[CustomerMatch, ...]) -> None:
            if generation == self._generation and asked == self._asked:
                self.matches = tuple(_line(match) for match in matches)
                self.changed.emit()

        self._session.change(
            self,
            customers.matches,
            number=number,
            name=name,
            reading=reading,
            done=found,
            failed=self._session.unless_locked,  # nobody asked for it
        )

    def choose(self, place: int) -> None:
        """Confirm an offer by its place from 1, or 0: it is none of them."""
        if place == 0:
            self.customer, self.no_match = None, bool(self.matches)
            self.answers = {}
            self.changed.emit()
        elif place <= len(self.matches):
            self.load(self.matches[place - 1].customer_id)

    def load(self, customer_id: int) -> None:
        """Open a confirmed customer's card, open cases and earlier contacts."""
        generation = self._generation

        def show(known: Known) -> None:
            if generation == self._generation:
                self._show(known)

        self._session.change(
            self, _open_known, customer_id, contact_id=self._contact_id(), done=show
        )

    def read_uses(self) -> None:
        """What the customer agreed to or opted out of has changed."""
        customer = self.customer
        if customer is None:
            return

        def show(uses: CustomerUses) -> None:
            if self.customer is not None and self.customer.customer_id == uses.customer_id:
                self.customer = replace(self.customer, **self._said(uses))
                self.changed.emit()

        self._session.read(self, consents.uses_of, customer.customer_id, done=show)

    def _said(self, uses: CustomerUses) -> dict[str, Any]:
        zone = self._session.zone
        return {
            "uses": None if uses.is_empty else lambda words: said_briefly(uses, words, zone),
            "uses_tone": tone_of(uses),
            "has_opted_out": bool(uses.opt_outs),
            "is_opted_out": uses.is_opted_out,
        }

    def _show(self, known: Known) -> None:
        card, open_cases, contacts, uses = known
        self.answers = answers_of(card)
        zone = self._session.zone
        self.no_match = False
        self.customer = Customer(
            card.id,
            card.name.text or card.reading.text,
            cases=tuple(_case(row, zone) for row in open_cases),
            contacts=tuple(_contact(row, zone) for row in contacts),
            **self._said(uses),
        )
        self.confirmed.emit(card)
        self.changed.emit()


def _open_known(
    actor: Actor, work: UnitOfWork, customer_id: int, *, contact_id: int | None
) -> Known:
    """In one unit of work, so that what is shown belongs together and the opening is audited.
    Who turns to the office is opened to answer them: for `USUAL_PURPOSE`."""
    if contact_id:
        card = calls_service.open_caller(
            actor, work, contact_id, customer_id, purpose=USUAL_PURPOSE
        )
    else:
        card = customers.open_customer(actor, work, customer_id, purpose=USUAL_PURPOSE)
    return (
        card,
        cases.open_cases_of(actor, work, customer_id),
        calls.earlier_contacts_of(actor, work, customer_id),
        consents.uses_of(actor, work, customer_id),
    )


def _line(match: CustomerMatch) -> MatchLine:
    reasons = tuple(f"customers.matched_by.{one.value}" for one in sorted(match.by))
    return MatchLine(
        match.customer_id,
        match.name or match.reading,
        match.telephone,
        reasons,
        match.is_stopped,
    )


def _case(row: CaseRow, zone: ZoneInfo) -> KnownCase:
    due = row.callback_due_at
    return KnownCase(
        case_id=row.id,
        number=row.number or "",
        state_key=f"cases.state.{row.state}",
        subject=row.subject,
        callback_due_at=due.astimezone(zone) if due else None,
    )


def _contact(row: ContactRow, zone: ZoneInfo) -> KnownContact:
    first = row.inquiries[0].text if row.inquiries else ""
    return KnownContact(
        received_at=row.received_at.astimezone(zone),
        channel_key=f"calls.channel.{row.channel}",
        text=first.partition("\n")[0],
    )


def likely_case(offer: Suggestion | None) -> LikelyCase | None:
    """A case that is offered, as the page shows it."""
    if offer is None:
        return None
    return LikelyCase(
        KnownCase(
            case_id=offer.case_id,
            number=offer.number or "",
            state_key=f"cases.state.{offer.state}",
            subject=offer.subject,
            callback_due_at=None,
        ),
        lambda words: said_reasons(words, offer.reasons),
    )
