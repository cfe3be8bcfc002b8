"""Whether and why data may go to a recipient, and how long the record is kept: pure.

The recipient decides the legal form, nobody else: to a company of the group it is joint use, to a
subcontractor entrustment, to everybody else a provision that needs a consent or a legal ground.
If the recipient is abroad, article 28 comes on top. What the law and the policy say is handed in.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from desk_app.errors import Refused
from desk_app.privacy.registers.pages import ContractRow, RecipientRow
from desk_app.privacy.registers.rules import HOME, Item, RecipientKind, in_order
from desk_app.purposes.rules import Use
from desk_app.text import line


class LegalForm(StrEnum):
    """As what data leaves the house."""

    JOINT_USE = "joint_use"
    ENTRUSTMENT = "entrustment"
    CONSENT = "consent"
    LEGAL_GROUND = "legal_ground"


class AbroadBasis(StrEnum):
    """Why data may leave the country (article 28)."""

    RECOGNISED = "recognised"  # the country's protection counts as equivalent
    EQUIVALENT = "equivalent"  # the recipient's own system was found to be
    CONSENT = "consent"  # the customer consented to this country, having been informed
    EXEMPT = "exempt"  # a ground of article 27(1) goes before article 28


class Lack(StrEnum):
    """What stands in the way. Its words, ``provisions.lack.<value>``, say what is needed."""

    NO_ITEMS = "no_items"
    RETIRED = "retired"
    NOT_LISTED = "not_listed"
    NOTHING_PUBLISHED = "nothing_published"
    ITEMS_NOT_PUBLISHED = "items_not_published"
    PURPOSE_NOT_PUBLISHED = "purpose_not_published"
    NO_CONTRACT = "no_contract"
    ITEMS_NOT_ENTRUSTED = "items_not_entrusted"
    PURPOSE_NOT_ENTRUSTED = "purpose_not_entrusted"
    NO_CONSENT = "no_consent"
    NO_REFERENCE = "no_reference"
    ABROAD = "abroad"


class Means(StrEnum):
    """How it leaves the house."""

    FILE = "file"  # electronic: sealed for the recipient
    POST = "post"
    SPOKEN = "spoken"


class RecordKind(StrEnum):
    """How the record is kept: see ``resources/handing/record_keeping.json``."""

    SINGLE = "single"
    BATCH = "batch"
    CONTRACT = "contract"


class Confirmation(StrEnum):
    """How the provider showed whence they had what they gave us (article 30(1))."""

    DOCUMENT = "document"  # a contract, a consent form, a log was shown
    STATEMENT = "statement"  # they declared it


class Told(StrEnum):
    """What a customer has to know before consenting to another country (article 28(2))."""

    COUNTRY = "country"
    SYSTEM = "system"  # how that country protects personal information
    MEASURES = "measures"  # what the recipient does to protect it


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to hand over. ``ground`` is a key of the legal grounds, with
    ``reference`` to what was asked by whom; both count where no consent covers it."""

    recipient_id: int
    items: frozenset[Item]
    purpose: Use
    ground: str | None = None
    reference: str = ""

    def cleaned(self) -> "Wanted":
        reference = line(self.reference, field="provision_reference")
        return Wanted(self.recipient_id, self.items, self.purpose, self.ground, reference)


@dataclass(frozen=True, slots=True)
class Published:
    """What is published of joint use, as far as it decides."""

    items: frozenset[Item]
    purposes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Covering:
    """Consents of the customer that cover this hand-over, by their ids: to the recipient, and to
    the country in which the recipient is."""

    provision: int | None = None
    abroad: int | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """What counts today: what is published, the ground that was named if it is one, and whether
    the recipient's country is recognised."""

    published: Published | None
    ground: str | None = None
    recognised: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """As what data would leave, what it rests on, and what stands in the way: ``items`` are those
    that do. It may leave if nothing does."""

    form: LegalForm
    lacks: tuple[Lack, ...] = ()
    items: tuple[Item, ...] = ()
    contract_id: int | None = None
    consent_id: int | None = None
    ground: str | None = None
    abroad: AbroadBasis | None = None
    system_id: int | None = None
    abroad_consent_id: int | None = None

    @property
    def may(self) -> bool:
        return not self.lacks


def judge(
    recipient: RecipientRow, wanted: Wanted, law: Law, covering: Covering, *, today: date
) -> Verdict:
    """What a hand-over to this recipient is, and whether it may be."""
    match recipient.kind:
        case RecipientKind.GROUP:
            found = _joint_use(recipient, wanted, law, today)
        case RecipientKind.SUBCONTRACTOR:
            found = _entrustment(recipient, wanted, today)
        case RecipientKind.RETAILER | RecipientKind.AUTHORITY | RecipientKind.OTHER:
            found = _provision(wanted, law, covering)
    lacks = list(found.lacks)
    if not wanted.items:
        lacks.insert(0, Lack.NO_ITEMS)
    if recipient.is_retired:
        lacks.insert(0, Lack.RETIRED)
    basis, system_id = _abroad(recipient, found.form, law, covering, today)
    if recipient.country != HOME and basis is None:
        lacks.append(Lack.ABROAD)
    return Verdict(
        form=found.form,
        lacks=tuple(lacks),
        items=found.items,
        contract_id=found.contract_id,
        consent_id=found.consent_id,
        ground=found.ground,
        abroad=basis,
        system_id=system_id,
        abroad_consent_id=covering.abroad if basis is AbroadBasis.CONSENT else None,
    )


def _joint_use(recipient: RecipientRow, wanted: Wanted, law: Law, today: date) -> Verdict:
    lacks: list[Lack] = []
    beyond: tuple[Item, ...] = ()
    if not any(one.span.covers(today) for one in recipient.listings):
        lacks.append(Lack.NOT_LISTED)
    if law.published is None:
        lacks.append(Lack.NOTHING_PUBLISHED)
    else:
        beyond = in_order(wanted.items - law.published.items)
        if beyond:
            lacks.append(Lack.ITEMS_NOT_PUBLISHED)
        if wanted.purpose.value not in law.published.purposes:
            lacks.append(Lack.PURPOSE_NOT_PUBLISHED)
    return Verdict(LegalForm.JOINT_USE, tuple(lacks), beyond)


def _entrustment(recipient: RecipientRow, wanted: Wanted, today: date) -> Verdict:
    current = [one for one in recipient.contracts if one.span.covers(today)]
    if not current:
        return Verdict(LegalForm.ENTRUSTMENT, (Lack.NO_CONTRACT,))

    def beyond(contract: ContractRow) -> tuple[bool, int]:
        return wanted.purpose not in contract.purposes, len(wanted.items - contract.items)

    nearest = min(current, key=beyond)
    lacks = []
    missing = in_order(wanted.items - nearest.items)
    if missing:
        lacks.append(Lack.ITEMS_NOT_ENTRUSTED)
    if wanted.purpose not in nearest.purposes:
        lacks.append(Lack.PURPOSE_NOT_ENTRUSTED)
    return Verdict(LegalForm.ENTRUSTMENT, tuple(lacks), missing, contract_id=nearest.id)


def _provision(wanted: Wanted, law: Law, covering: Covering) -> Verdict:
    if covering.provision is not None:
        return Verdict(LegalForm.CONSENT, consent_id=covering.provision)
    if law.ground is None:
        return Verdict(LegalForm.CONSENT, (Lack.NO_CONSENT,))
    lacks = () if wanted.reference else (Lack.NO_REFERENCE,)
    return Verdict(LegalForm.LEGAL_GROUND, lacks, ground=law.ground)


def _abroad(
    recipient: RecipientRow, form: LegalForm, law: Law, covering: Covering, today: date
) -> tuple[AbroadBasis | None, int | None]:
    if recipient.country == HOME:
        return None, None
    if form is LegalForm.LEGAL_GROUND:
        return AbroadBasis.EXEMPT, None
    if law.recognised:
        return AbroadBasis.RECOGNISED, None
    for system in recipient.systems:
        if system.span.covers(today):
            return AbroadBasis.EQUIVALENT, system.id
    return (None if covering.abroad is None else AbroadBasis.CONSENT), None


def last_day(begun_on: date, years: int) -> date:
    """The last day of a period of years, as the Civil Code counts (articles 140 and 143).

    The day on which it begins doesn't count; it ends with the day before the one that
    corresponds to its first full day, or with the end of the month where there is no such day.
    """
    first = begun_on + timedelta(days=1)
    try:
        return first.replace(year=first.year + years) - timedelta(days=1)
    except ValueError:  # 29 February
        return date(first.year + years, 2, 28)


def check_reference(kind: RecordKind, reference: str) -> str:
    """What names a batch or a contract; `Refused` if it is needed and missing."""
    said = line(reference, field="series_reference")
    if kind is not RecordKind.SINGLE and not said:
        raise Refused("provisions.series_unnamed")
    return said
