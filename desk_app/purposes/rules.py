"""The purposes of use A–H of the policy, and what may be done with a customer's data. Pure.

`forbidden` is the one decision: it takes the rules as dated data, the versions of the policy and
what the customer agreed to, opted out of and had stopped.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from desk_app.words import LANGUAGES, Language, Words


class Purpose(StrEnum):
    """Policy section 3. Every contact, view, playback and export names one of them."""

    SERVICE = "A"
    NOTICES = "B"
    PARTNERS = "C"
    ADVERTISING = "D"
    IMPROVEMENT = "E"
    CAMPAIGNS = "F"
    INQUIRIES = "G"
    FRAUD = "H"


USUAL_PURPOSE = Purpose.INQUIRIES
"""What a customer-relations office does all day: confirm and answer inquiries."""

_NAMED = "named_"


@dataclass(frozen=True, slots=True)
class OtherUse:
    """A use outside A–H that the officer has named; it always needs a consent."""

    id: int
    names: tuple[str, ...] = ("",) * len(LANGUAGES)  # in the order of `LANGUAGES`

    @property
    def value(self) -> str:
        """What the audit log and stored rows call it."""
        return f"{_NAMED}{self.id}"

    def in_language(self, language: Language) -> str:
        return self.names[LANGUAGES.index(language)]

    def say(self, words: Words) -> str:
        return self.in_language(words.language)


Use = Purpose | OtherUse
"""What somebody's data is used for."""


def use_of(value: str) -> Use:
    """The use that a stored value names; an other use without its names."""
    if value.startswith(_NAMED):
        return OtherUse(int(value.removeprefix(_NAMED)))
    return Purpose(value)


class Act(StrEnum):
    """What is done with a customer's data."""

    VIEW = "view"
    CONTACT = "contact"  # calling or writing to the customer about their own matter
    NEWSLETTER = "newsletter"
    DIRECT_MAIL = "direct_mail"
    PLAY = "play"
    EXPORT = "export"
    PROVIDE = "provide"


class Topic(StrEnum):
    """What a customer may want no more of."""

    NEWSLETTER = "newsletter"
    DIRECT_MAIL = "direct_mail"


class RecipientKind(StrEnum):
    """To whom data may go; the register of recipients says which of them somebody is."""

    GROUP_COMPANY = "group_company"
    SUBCONTRACTOR = "subcontractor"
    RETAILER = "retailer"
    THIRD_PARTY = "third_party"
    ABROAD = "abroad"


class BlockReason(StrEnum):
    """Why a use was stopped."""

    CUSTOMER_ASKED = "customer_asked"
    BEYOND_PURPOSE = "beyond_purpose"
    UNLAWFULLY_ACQUIRED = "unlawfully_acquired"
    NO_LONGER_NEEDED = "no_longer_needed"
    LEAK = "leak"
    CONTESTED = "contested"  # while it is found out whether the data is right


class ResumeReason(StrEnum):
    """Why a stop of use is lifted."""

    CUSTOMER_ASKED = "customer_asked"
    FOUND_RIGHT = "found_right"  # what was contested is right, or was corrected
    REMEDIED = "remedied"  # what the stop was for has been put right


class UseException(StrEnum):
    """What goes on although a use was stopped; which acts, the rules say."""

    ANSWERING_REQUEST = "answering_request"
    EVIDENCE = "evidence"
    LAW = "law"
    NEW_INQUIRY = "new_inquiry"  # the customer asked for something since
    ON_THE_LINE = "on_the_line"  # the customer is speaking to us now


class RecordingUse(StrEnum):
    """What a recording may be used for, if the announcement the caller heard names it."""

    ACCURATE_RECEIPT = "accurate_receipt"  # was the inquiry received accurately (section 7)
    QUALITY = "quality"
    TRANSCRIPTION = "transcription"


def may_use(named: Collection[str], use: RecordingUse) -> bool:
    """True if the announcement names this use; nothing follows from a use by another name."""
    return use.value in named


@dataclass(frozen=True, slots=True)
class Stops:
    """Which uses are stopped: these acts for these purposes; empty means every one."""

    acts: frozenset[Act] = frozenset()
    purposes: frozenset[Purpose] = frozenset()

    def covers(self, act: Act, use: Use) -> bool:
        """A use outside A–H is stopped with any purpose: it is the farthest from them."""
        return (not self.acts or act in self.acts) and (
            not self.purposes or isinstance(use, OtherUse) or use in self.purposes
        )


EVERYTHING = Stops()


@dataclass(frozen=True, slots=True)
class Block:
    """A use that was stopped and isn't resumed."""

    id: int
    stops: Stops
    reason: BlockReason
    since: datetime
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a consent is about; a kind of recipient only where data may be given to such."""

    purposes: frozenset[Purpose] = frozenset()
    named_use: int | None = None
    recipients: frozenset[RecipientKind] = frozenset()
    topics: frozenset[Topic] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not self.purposes and self.named_use is None and not self.topics


@dataclass(frozen=True, slots=True)
class Given:
    """A consent that stands, and the version of the policy that was in force when it was given."""

    id: int
    scope: Scope
    policy_version_id: int


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A topic that the customer wants no more of."""

    topic: Topic
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What a customer agreed to, opted out of and had stopped; nothing of what has ended."""

    blocks: tuple[Block, ...] = ()
    opt_outs: tuple[OptedOut, ...] = ()
    consents: tuple[Given, ...] = ()


NOTHING = Standing()


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the policy that is or was in force, as uses are judged by it."""

    id: int
    effective_on: date
    purposes: frozenset[Purpose]
    recipients: frozenset[RecipientKind]
    widened_purposes: frozenset[Purpose] = frozenset()
    widened_recipients: frozenset[RecipientKind] = frozenset()


Policy = Sequence[Version]
"""All versions that have been in force, the one of today last."""


@dataclass(frozen=True, slots=True)
class OptOutRule:
    """What an opt-out of a topic stops: these acts; for these purposes only, if there are any."""

    topic: Topic
    stops: Stops

    def forbids(self, topic: Topic, act: Act, use: Use) -> bool:
        """Who has agreed to a use outside A–H isn't kept from it by an opt-out of mailings."""
        if topic is not self.topic or (self.stops.purposes and isinstance(use, OtherUse)):
            return False
        return self.stops.covers(act, use)


@dataclass(frozen=True, slots=True)
class UseRules:
    """The dated rules of ``resources/policy/use_rules.json``."""

    consent_needed: frozenset[Purpose]
    opt_outs: tuple[OptOutRule, ...]
    exceptions: Mapping[UseException, frozenset[Act]]
    without_consent: frozenset[UseException]

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            consent_needed=frozenset(Purpose(one) for one in data["consent_needed"]),
            opt_outs=tuple(
                OptOutRule(
                    Topic(one["topic"]),
                    Stops(
                        frozenset(Act(act) for act in one["acts"]),
                        frozenset(Purpose(letter) for letter in one["purposes"]),
                    ),
                )
                for one in data["opt_outs"]
            ),
            exceptions={
                UseException(name): frozenset(Act(act) for act in one["acts"])
                for name, one in data["exceptions"].items()
            },
            without_consent=frozenset(
                UseException(name)
                for name, one in data["exceptions"].items()
                if one["without_consent"]
            ),
        )

    def lets(self, exception: UseException | None, act: Act) -> bool:
        """Whether this act goes on under the exception."""
        return exception is not None and act in self.exceptions.get(exception, frozenset())


class Why(StrEnum):
    """Why a use is forbidden: the codes that are shown, counted and written down."""

    STOPPED = "use_stopped"
    OPTED_OUT = "use_opted_out"
    NOT_NAMED = "use_not_named"  # by the policy in force, or by the one of the time of collecting
    NEEDS_CONSENT = "use_needs_consent"


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A use that may not be; ``block`` or ``since`` for what stopped it."""

    why: Why
    block: Block | None = None
    since: datetime | None = None


def forbidden(
    rules: UseRules,
    policy: Policy,
    standing: Standing,
    *,
    use: Use,
    act: Act,
    collected_on: date | None = None,
    recipient: RecipientKind | None = None,
    exceptions: Mapping[int | None, UseException] | None = None,
) -> Forbidden | None:
    """Why this use may not be; None if it may.

    ``collected_on`` is when the customer became known: a purpose that no version named then needs
    a consent. ``exceptions`` are those that hold for blocks, by the block's id; by None for all.
    What was stopped comes before what was opted out of, and that before a missing consent.
    """
    holding = exceptions or {}
    general = holding.get(None)
    for block in standing.blocks:
        if block.stops.covers(act, use):
            if any(rules.lets(one, act) for one in (general, holding.get(block.id))):
                continue
            return Forbidden(Why.STOPPED, block=block, since=block.since)
    for one in standing.opt_outs:
        for rule in rules.opt_outs:
            if rule.forbids(one.topic, act, use):
                return Forbidden(Why.OPTED_OUT, since=one.since)
    if general in rules.without_consent and rules.lets(general, act):
        return None
    named = is_named(rules, policy, use, collected_on=collected_on)
    if named or covering(policy, standing.consents, use, act=act, recipient=recipient) is not None:
        return None
    needs = isinstance(use, OtherUse) or use in rules.consent_needed
    return Forbidden(Why.NEEDS_CONSENT if needs else Why.NOT_NAMED)


def is_named(rules: UseRules, policy: Policy, use: Use, *, collected_on: date | None) -> bool:
    """Whether the policy alone allows the use: named today and when the data was collected."""
    if isinstance(use, OtherUse) or use in rules.consent_needed or not policy:
        return False
    then = in_force(policy, collected_on) if collected_on is not None else policy[-1]
    return use in policy[-1].purposes and use in then.purposes


def in_force(policy: Policy, on: date) -> Version:
    """The version in force on a day; before the first one, the first."""
    return next((one for one in reversed(policy) if one.effective_on <= on), policy[0])


def covering(
    policy: Policy,
    consents: Sequence[Given],
    use: Use,
    *,
    act: Act,
    recipient: RecipientKind | None = None,
) -> Given | None:
    """The first consent that covers this use."""
    found = all_covering(policy, consents, use, act=act, recipient=recipient)
    return found[0] if found else None


def all_covering(
    policy: Policy,
    consents: Sequence[Given],
    use: Use,
    *,
    act: Act,
    recipient: RecipientKind | None = None,
) -> tuple[Given, ...]:
    """The consents that cover this use; for providing, those that name the kind of recipient."""

    def covers(consent: Given) -> bool:
        if not use_is_in(consent.scope, use) or is_outdated(policy, consent, use):
            return False
        kept = consent.scope.recipients - _widened_recipients(policy, consent)
        return act is not Act.PROVIDE or (recipient in kept if recipient else bool(kept))

    return tuple(one for one in consents if covers(one))


def use_is_in(scope: Scope, use: Use) -> bool:
    """Whether a consent of this scope names the use."""
    return scope.named_use == use.id if isinstance(use, OtherUse) else use in scope.purposes


def is_outdated(policy: Policy, consent: Given, use: Use) -> bool:
    """Whether a later version means more by this purpose than was agreed to."""
    return any(use in one.widened_purposes for one in _after(policy, consent))


def _after(policy: Policy, consent: Given) -> Policy:
    ids = [one.id for one in policy]
    at = ids.index(consent.policy_version_id) if consent.policy_version_id in ids else -1
    return policy[at + 1 :]


def _widened_recipients(policy: Policy, consent: Given) -> frozenset[RecipientKind]:
    return frozenset().union(*(one.widened_recipients for one in _after(policy, consent)))


@dataclass(frozen=True, slots=True)
class Uncovered:
    """What a consent no longer covers."""

    purposes: frozenset[Purpose] = frozenset()
    recipients: frozenset[RecipientKind] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not self.purposes and not self.recipients


def uncovered(policy: Policy, consent: Given) -> Uncovered:
    """What a consent was given for and no longer covers, by the versions since."""
    widened = frozenset().union(*(one.widened_purposes for one in _after(policy, consent)))
    return Uncovered(
        consent.scope.purposes & widened,
        consent.scope.recipients & _widened_recipients(policy, consent),
    )
