"""Which steps can't be taken without an answer that wasn't given (policy section 4). Pure.

Answers are voluntary: nothing is ever refused because a field is declined, except the one step
that can't be done without it, and that step says why.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from desk_app.customers.pages import CustomerCard
from desk_app.customers.rules import Answer
from desk_app.words import Words, resource_path


class Field(StrEnum):
    """What somebody is asked about themselves."""

    NAME = "name"
    READING = "reading"
    TELEPHONE = "telephone"
    EMAIL = "email"
    ADDRESS = "address"


class Step(StrEnum):
    """What needs an answer."""

    CALL_BACK = "call_back"
    SHIP = "ship"
    REPLY_BY_POST = "reply_by_post"
    REPLY_BY_EMAIL = "reply_by_email"
    REQUEST_LETTER = "request_letter"
    IDENTIFY = "identify"


Answers = Mapping[Field, Answer]
"""What was answered; a field that isn't in it was not asked."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A step that can't be taken, the field that it lacks, and what was said when it was asked."""

    step: Step
    field: Field
    answer: Answer
    must_be_known: bool = True

    @property
    def stops(self) -> bool:
        """Whether the step is refused; otherwise it may still be asked, or stands elsewhere."""
        return self.must_be_known or self.answer is Answer.DECLINED

    def say(self, words: Words) -> str:
        return words(
            f"customers.impossible_{self.answer}",
            step=words(f"customers.step.{self.step}"),
            field=words(f"customers.field.{self.field}"),
        )


@cache
def _needs() -> Mapping[Step, tuple[tuple[tuple[Field, ...], ...], bool]]:
    text = resource_path("policy", "steps.json").read_text("utf-8")
    return {
        Step(name): (
            tuple(tuple(Field(one) for one in group) for group in rule["needs"]),
            rule["must_be_known"],
        )
        for name, rule in json.loads(text)["steps"].items()
    }


def impossible_steps(answers: Answers, wanted: Iterable[Step] = tuple(Step)) -> tuple[Reason, ...]:
    """Of these steps, those that can't be taken, with the first field that each of them lacks.

    Where one of several fields will do, the one that was declined is named.
    """
    found = []
    for step in wanted:
        groups, must_be_known = _needs()[step]
        for group in groups:
            said = [answers.get(one, Answer.NOT_ASKED) for one in group]
            if Answer.ANSWERED in said:
                continue
            at = said.index(Answer.DECLINED) if Answer.DECLINED in said else 0
            found.append(Reason(step, group[at], said[at], must_be_known))
            break
    return tuple(found)


def answers_of(card: CustomerCard) -> dict[Field, Answer]:
    """What a customer on record has answered."""
    return {
        Field.NAME: card.name.answer,
        Field.READING: card.reading.answer,
        Field.TELEPHONE: card.telephone_answer,
        Field.EMAIL: card.email.answer,
        Field.ADDRESS: card.address.answer,
    }


def together(*several: Answers) -> dict[Field, Answer]:
    """What is known when several sources are put together: an answer anywhere is one; a field
    that somebody declined and nobody answered is declined."""
    found: dict[Field, Answer] = {}
    for answers in several:
        for one, answer in answers.items():
            before = found.get(one, Answer.NOT_ASKED)
            if before is Answer.NOT_ASKED or answer is Answer.ANSWERED:
                found[one] = answer
    return found
