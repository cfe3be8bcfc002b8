"""What the intake page holds: frozen, complete at every moment, and kept as a draft.

`Draft.to_json` writes format 1. `Draft.from_json` reads every earlier format: what it doesn't
know it leaves out, what is missing gets its default, because a draft that the operator gets
back with one field empty is worth more than one that is refused.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self, TypeVar

from desk_app import text
from desk_app.calls.rules import Channel, Disposition, NextStep, Party
from desk_app.customers.rules import UNASKED, Answer, NumberState, PersonalField
from desk_app.errors import Fault, Refused
from desk_app.purposes.rules import USUAL_PURPOSE, Purpose

FORMAT = 1
MOST_INQUIRIES = 20


@dataclass(frozen=True, slots=True)
class InquiryForm:
    """One matter: what was asked in the caller's words, and the answer given."""

    text: str = ""
    category: str = "question"  # a key of the case types
    product: str = ""
    lot: str = ""
    symptom: str = ""
    answer: str = ""

    def is_empty(self) -> bool:
        """True while nothing was written into it."""
        return not any(
            part.strip() for part in (self.text, self.answer, self.product, self.lot, self.symptom)
        )

    def cleaned(self) -> Self:
        """See `ContactForm.cleaned`."""
        return replace(
            self,
            text=text.prose(self.text, field="matter"),
            product=text.line(self.product, field="product"),
            lot=text.line(self.lot, field="lot"),
            symptom=text.line(self.symptom, field="symptom"),
            answer=text.prose(self.answer, field="answer"),
        )


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to be entered with this contact."""

    name: PersonalField = UNASKED
    reading: PersonalField = UNASKED


@dataclass(frozen=True, slots=True)
class ContactForm:
    """Everything the operator writes down about one contact. Empty means not asked."""

    party: Party = Party.CUSTOMER
    caller_name: PersonalField = UNASKED
    caller_reading: PersonalField = UNASKED
    callback_number: PersonalField = UNASKED
    postcode: PersonalField = UNASKED
    address: PersonalField = UNASKED
    building: PersonalField = UNASKED
    email: PersonalField = UNASKED
    customer: int | NewCustomer | None = None  # a confirmed customer's id, a new one, or nobody
    inquiries: tuple[InquiryForm, ...] = (InquiryForm(),)
    disposition: Disposition | None = None
    purpose: Purpose | None = USUAL_PURPOSE
    next_step: NextStep = NextStep.NONE
    callback_at: datetime | None = None  # with `NextStep.PROMISE`
    opts_out: bool = False  # of newsletters and direct mail: applied to the customer at the save
    opts_out_second: int | None = None  # of the call, when it was said

    def written_inquiries(self) -> tuple[InquiryForm, ...]:
        """The inquiries that say what was asked."""
        return tuple(inquiry for inquiry in self.inquiries if inquiry.text.strip())

    def cleaned(self) -> Self:
        """The same form fit to be saved: unshowable characters gone, empty inquiries left out.

        Raises `Refused("text.too_long")` naming the field, or `Refused("calls.too_many")`;
        the form itself, and so its draft, stays as it is.
        """
        if len(self.inquiries) > MOST_INQUIRIES:
            raise Refused("calls.too_many", limit=MOST_INQUIRIES)
        customer = self.customer
        if isinstance(customer, NewCustomer):
            customer = NewCustomer(
                name=customer.name.cleaned("customer_name"),
                reading=customer.reading.cleaned("customer_reading"),
            )
        return replace(
            self,
            caller_name=self.caller_name.cleaned("caller_name"),
            caller_reading=self.caller_reading.cleaned("caller_reading"),
            callback_number=self.callback_number.cleaned("callback_number"),
            postcode=self.postcode.cleaned("postcode"),
            address=self.address.cleaned("address"),
            building=self.building.cleaned("building"),
            email=self.email.cleaned("email"),
            customer=customer,
            inquiries=tuple(
                cleaned
                for inquiry in self.inquiries
                if not (cleaned := inquiry.cleaned()).is_empty()
            ),
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """A contact as it is being written down, with all it takes to go on after a crash."""

    uid: str
    channel: Channel
    received_at: datetime
    contact_id: int | None = None  # None until `calls.service.start_call` has been committed
    number_shown: str = ""
    number_state: NumberState = NumberState.UNAVAILABLE
    outbound: bool = False
    form: ContactForm = ContactForm()

    def to_json(self) -> str:
        """The draft as text; enumerations by value, instants in ISO 8601 with their offset."""
        return json.dumps(
            {"format": FORMAT, **asdict(self)},
            ensure_ascii=True,  # a lone surrogate, as some keyboards send, survives as an escape
            default=_instant_to_json,
        )

    @classmethod
    def from_json(cls, source: str) -> Self:
        """Read a draft of this or an earlier format; `Fault("calls.draft_damaged")` if it names
        no contact at all."""
        try:
            read = json.loads(source)
            uid, received_at = str(read["uid"]), datetime.fromisoformat(read["received_at"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise Fault("calls.draft_damaged") from error
        if received_at.tzinfo is None:
            raise Fault("calls.draft_damaged")
        contact_id = read.get("contact_id")
        return cls(
            uid=uid,
            channel=_choice(Channel, read.get("channel"), Channel.TELEPHONE),
            received_at=received_at,
            contact_id=contact_id if type(contact_id) is int else None,
            number_shown=_text(read, "number_shown"),
            number_state=_choice(NumberState, read.get("number_state"), NumberState.UNAVAILABLE),
            outbound=read.get("outbound") is True,
            form=_form(_mapping(read.get("form"))),
        )


def _instant_to_json(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a draft holds no {type(value).__name__}")


E = TypeVar("E", bound=StrEnum)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(read: Mapping[str, Any], name: str, default: str = "") -> str:
    value = read.get(name, default)
    return value if isinstance(value, str) else default


def _choice(kind: type[E], value: object, default: E) -> E:
    return next((choice for choice in kind if choice.value == value), default)


def _optional(kind: type[E], value: object) -> E | None:
    return next((choice for choice in kind if choice.value == value), None)


def _personal(read: Mapping[str, Any], name: str) -> PersonalField:
    field = _mapping(read.get(name))
    written = _text(field, "text")
    answer = _choice(Answer, field.get("answer"), Answer.NOT_ASKED)
    return PersonalField.of(written, declined=answer is Answer.DECLINED)


def _customer(value: object) -> int | NewCustomer | None:
    if type(value) is int:
        return value
    if isinstance(value, dict):
        return NewCustomer(name=_personal(value, "name"), reading=_personal(value, "reading"))
    return None


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _form(read: Mapping[str, Any]) -> ContactForm:
    inquiries = read.get("inquiries")
    return ContactForm(
        party=_choice(Party, read.get("party"), Party.CUSTOMER),
        caller_name=_personal(read, "caller_name"),
        caller_reading=_personal(read, "caller_reading"),
        callback_number=_personal(read, "callback_number"),
        postcode=_personal(read, "postcode"),
        address=_personal(read, "address"),
        building=_personal(read, "building"),
        email=_personal(read, "email"),
        customer=_customer(read.get("customer")),
        inquiries=tuple(
            InquiryForm(
                text=_text(inquiry, "text"),
                category=_text(inquiry, "category", "question"),
                product=_text(inquiry, "product"),
                lot=_text(inquiry, "lot"),
                symptom=_text(inquiry, "symptom"),
                answer=_text(inquiry, "answer"),
            )
            for inquiry in map(_mapping, inquiries if isinstance(inquiries, list) else [])
        )
        or (InquiryForm(),),
        disposition=_optional(Disposition, read.get("disposition")),
        purpose=_optional(Purpose, read.get("purpose", USUAL_PURPOSE)),
        next_step=_choice(NextStep, read.get("next_step"), NextStep.NONE),
        callback_at=_instant(read.get("callback_at")),
        opts_out=read.get("opts_out") is True,
        opts_out_second=_count(read.get("opts_out_second")),
    )
