"""Whom else the office knows that a customer's texts may speak of.

Three circles: who else took part in the customer's cases, by every value they are known by and by
parts of their names; members of the staff; and any other customer or caller whose whole name,
reading, number or e-mail address stands in one of the texts, which is found by looking up what the
texts hold, never by reading all customers.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping

from sqlalchemy import or_, select

from desk_app.calls.model import Call, Contact
from desk_app.calls.rules import Party
from desk_app.cases.linking.model import CaseLink
from desk_app.cases.model import Case, CaseContact
from desk_app.customers.model import ContactPoint, Customer
from desk_app.customers.rules import email_key, name_key, normalise_number
from desk_app.people.model import Person, User, UserRole
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.disclosure.folding import Known, ValueKind, parts_of_name
from desk_app.privacy.disclosure.rules import Finder, Label, Removed
from desk_app.search.normalise import kanji_alike
from desk_app.storage.unit_of_work import UnitOfWork

OTHER = Label(Removed.OTHER_PERSON)
_KINDS = {"telephone": ValueKind.NUMBER, "postcode": ValueKind.NUMBER}
_LEAST_STRANGERS_NAME = 3
"""A whole name of two characters (or a family name alone) would be found in many words."""
_LONGEST_NAME = 16
_AT_ONCE = 2_000
_NUMBERS = re.compile(r"\+?[0-9(][0-9()\-./\s‐‑‒–—―−ー]{6,24}[0-9]")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LATIN = re.compile(r"[^\W\d_]+(?:[ .'-]+[^\W\d_]+)*")
_BETWEEN_SENTENCES = re.compile(r"[\n\r、。，．！？!?「」『』（）()\[\]【】:：;；]+")
_BETWEEN_WORDS = re.compile(r"[ .'-]+")


def third_party_contacts(work: UnitOfWork, roots: Roots) -> frozenset[int]:
    """The customer's contacts in which somebody else was the caller."""
    return frozenset(
        work.session.scalars(
            select(Contact.id).where(
                Contact.id.in_(roots.contacts), Contact.party != Party.CUSTOMER.value
            )
        )
    )


def others_contacts(work: UnitOfWork, roots: Roots) -> Mapping[int, int]:
    """How many contacts of others each of the customer's cases has."""
    counted: dict[int, int] = {}
    for case_id in work.session.scalars(
        select(CaseContact.case_id).where(
            CaseContact.case_id.in_(roots.cases), CaseContact.contact_id.not_in(roots.contacts)
        )
    ):
        counted[case_id] = counted.get(case_id, 0) + 1
    return counted


def finder_of(work: UnitOfWork, roots: Roots, texts: Collection[str]) -> Finder:
    """Finds in the customer's texts what is other people's."""
    own = set(_own(work, roots))
    others = [(one, OTHER) for one in _of_the_same_cases(work, roots)]
    others += _staff(work)
    (customer_id,) = roots.ids("customer")
    others += [(one, OTHER) for one in _strangers(work, customer_id, texts)]
    return Finder(own, others)


def roles_of_staff(work: UnitOfWork) -> dict[int, str]:
    """The role that each account holds or held last; what the customer is told instead of a
    name."""
    held = work.session.execute(
        select(UserRole.user_id, UserRole.role).order_by(UserRole.granted_at, UserRole.id)
    )
    return dict(held.all())


def _own(work: UnitOfWork, roots: Roots) -> Iterator[Known]:
    yield from _of_customers(work, roots.ids("customer"))
    own = select(Contact).where(
        Contact.id.in_(roots.contacts), Contact.party == Party.CUSTOMER.value
    )
    for contact in work.session.scalars(own):
        yield from _of_caller(contact)


def _of_the_same_cases(work: UnitOfWork, roots: Roots) -> Iterator[Known]:
    session = work.session
    joined = session.scalars(
        select(CaseContact.case_id).where(CaseContact.contact_id.in_(roots.contacts))
    )
    cases = set(roots.cases) | set(joined)
    for link in session.scalars(
        select(CaseLink).where(or_(CaseLink.from_id.in_(cases), CaseLink.to_id.in_(cases)))
    ):
        cases |= {link.from_id, link.to_id}
    there = select(CaseContact.contact_id).where(CaseContact.case_id.in_(cases))
    contacts = session.scalars(select(Contact).where(Contact.id.in_(there))).unique().all()
    callers = session.scalars(
        select(Contact).where(Contact.id.in_(roots.contacts), Contact.party != Party.CUSTOMER.value)
    ).unique()
    customers = {contact.customer_id for contact in contacts}
    customers |= set(session.scalars(select(Case.customer_id).where(Case.id.in_(cases))))
    customers -= {None, roots.customer_id}
    yield from _of_customers(work, [one for one in customers if one is not None])
    for contact in contacts:
        if contact.id not in roots.contacts:
            yield from _of_caller(contact)
    for contact in callers:
        yield from _of_caller(contact)


def _of_customers(work: UnitOfWork, ids: Collection[int]) -> Iterator[Known]:
    for customer in work.session.scalars(select(Customer).where(Customer.id.in_(ids))):
        yield from _names(customer.name, customer.reading)
        for point in customer.contact_points:
            if point.value:
                yield Known(_KINDS.get(point.kind, ValueKind.TEXT), point.value)


def _of_caller(contact: Contact) -> Iterator[Known]:
    yield from _names(contact.caller_name, contact.caller_reading)
    call = contact.call
    for number in (contact.callback_number, call.number_shown if call is not None else ""):
        if number:
            yield Known(ValueKind.NUMBER, number)


def _names(*names: str) -> Iterator[Known]:
    for name in names:
        if name:
            yield Known(ValueKind.NAME, name)
            yield from (Known(ValueKind.NAME, part) for part in parts_of_name(name))


def _staff(work: UnitOfWork) -> list[tuple[Known, Label]]:
    roles = roles_of_staff(work)
    made = []
    for user_id, name in work.session.execute(
        select(User.id, Person.name).join(Person, Person.id == User.person_id).order_by(User.id)
    ):
        label = Label(Removed.STAFF, roles.get(user_id, ""))
        made += [(one, label) for one in _names(name)]
    return made


def _strangers(work: UnitOfWork, customer_id: int, texts: Collection[str]) -> Iterator[Known]:
    """Other customers and callers whose values the texts hold as a whole."""
    session = work.session
    for keys in _batches({key for text in texts for key in _possible_names(text)}):
        for column, said in (
            (Customer.name_key, Customer.name),
            (Customer.reading_key, Customer.reading),
        ):
            found = session.scalars(
                select(said).where(column.in_(keys), Customer.id != customer_id).distinct()
            )
            yield from (Known(ValueKind.NAME, name) for name in found)
    numbers = {number for text in texts for number in _possible_numbers(text)}
    for keys in _batches(numbers):
        for known in (
            select(ContactPoint.normal).where(
                ContactPoint.normal.in_(keys), ContactPoint.customer_id != customer_id
            ),
            select(Contact.callback_normal).where(Contact.callback_normal.in_(keys)),
            select(Call.number_normal).where(Call.number_normal.in_(keys)),
        ):
            yield from (Known(ValueKind.NUMBER, one) for one in session.scalars(known.distinct()))
    for keys in _batches({key for text in texts for key in _possible_addresses(text)}):
        found = session.scalars(
            select(ContactPoint.value).where(
                ContactPoint.normal.in_(keys), ContactPoint.customer_id != customer_id
            )
        )
        yield from (Known(ValueKind.TEXT, one) for one in found)


def _possible_names(text: str) -> Iterator[str]:
    """What could be somebody's whole name or reading, as `name_key` writes it."""
    for run in _BETWEEN_SENTENCES.split(text):
        folded = name_key(run)
        if folded.isascii():
            continue
        for start in range(len(folded) - _LEAST_STRANGERS_NAME + 1):
            longest = min(_LONGEST_NAME, len(folded) - start)
            for length in range(_LEAST_STRANGERS_NAME, longest + 1):
                yield from _spellings(folded[start : start + length])
    for words in _LATIN.findall(unicodedata.normalize("NFKC", text)):
        parts = [part for part in _BETWEEN_WORDS.split(words) if part]
        for start in range(len(parts)):
            for end in range(start + 2, min(start + 5, len(parts)) + 1):
                yield name_key(" ".join(parts[start:end]))


def _spellings(name: str) -> Iterator[str]:
    """The name, and as somebody may have entered it who writes one of its kanji another way."""
    yield name
    alike = kanji_alike()
    for at, sign in enumerate(name):
        for other in alike.get(sign, ""):
            if other != sign:
                yield name[:at] + other + name[at + 1 :]


def _possible_addresses(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKC", text)
    return (email_key(one) for one in _EMAIL.findall(plain))


def _possible_numbers(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKC", text)
    for written in _NUMBERS.findall(plain):
        for piece in {written, *written.split()}:
            from_abroad = piece.startswith("00")  # as it is dialled there
            e164 = normalise_number("+" + piece[2:] if from_abroad else piece).e164
            if e164:
                yield e164


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    wanted = sorted(one for one in keys if one)
    for start in range(0, len(wanted), _AT_ONCE):
        yield wanted[start : start + _AT_ONCE]
