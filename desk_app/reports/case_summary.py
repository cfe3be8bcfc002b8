"""One case on paper: what was asked, what was done, deadlines and calls. No audio.

`service.open_case_summary` hands the content out and has its audit entry committed; only then
is the file made here, outside of any transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from desk_app.calls.pages import ContactRow, InquiryRow
from desk_app.calls.rules import Channel
from desk_app.cases.deadlines.pages import DeadlineRow
from desk_app.cases.pages import CasePage
from desk_app.customers.pages import CustomerCard
from desk_app.customers.rules import Answer, PersonalField
from desk_app.files import whole_file
from desk_app.reports.stamp import Stamp
from desk_app.reports.typesetting import Prose, heading, paper
from desk_app.sensitive.placeholders import shown
from desk_app.words import Words

_LABELS = 38 * mm


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """What a summary shows, and who asked for it."""

    stamp: Stamp
    case: CasePage


def write_pdf(summary: CaseSummary, path: Path, words: Words) -> None:
    """Write the summary to ``path`` (0600), as a whole or not at all; `Fault` if it can't be.

    May take a second for a long case: not on the Qt thread.
    """
    page = _Page(summary, words)
    content = paper(
        list(page.flowables()),
        title=page.title,
        author=summary.stamp.made_by,
        foot=summary.stamp.say(words),
        words=words,
    )
    with whole_file(path) as sink:
        sink.write(content)


class _Page:
    """The summary in one language."""

    def __init__(self, summary: CaseSummary, words: Words) -> None:
        self._stamp, self._case, self._words = summary.stamp, summary.case, words

    @property
    def title(self) -> str:
        return self._words("reports.case_title", number=self._case.number or "")

    def flowables(self) -> Iterator[Flowable]:
        words, case = self._words, self._case
        contacts = sorted(case.contacts, key=lambda contact: (contact.received_at, contact.id))
        yield heading(self.title, size=16)
        yield from self._facts()
        yield heading(words("reports.deadlines"))
        yield from self._deadlines()
        if case.customer is not None:
            yield heading(words("reports.customer"))
            yield from self._customer(case.customer)
        yield heading(words("reports.asked"))
        for contact in contacts:
            yield from self._asked(contact)
        yield heading(words("reports.done"))
        for entry in case.timeline:
            told = words(f"cases.entry.{entry.kind}")
            text = f"{told} ({entry.user})" + (f"\n{entry.text}" if entry.text else "")
            yield self._fact(self._time(entry.at), text)
        if case.resolution is not None:
            yield heading(words("reports.result"))
            yield Prose(words(f"cases.resolution.{case.resolution}"), before=2 * mm)
            yield Prose(shown(case.resolution_text, words))
        calls = [contact for contact in contacts if contact.channel is Channel.TELEPHONE]
        if calls:
            yield heading(words("reports.calls"))
            yield from (self._call(call) for call in calls)

    def _facts(self) -> Iterator[Prose]:
        words, case = self._words, self._case
        yield self._fact(words("reports.subject"), case.subject)
        yield self._fact(words("reports.type"), case.type_name.say(words))
        yield self._fact(words("reports.state"), words(f"cases.state.{case.state}"))
        yield self._fact(words("reports.assignee"), case.assignee or words("reports.nobody"))
        yield self._fact(words("reports.made_by"), self._stamp.made_by)
        yield self._fact(words("reports.made_at"), self._time(self._stamp.made_at))
        yield self._fact(words("reports.purpose"), self._stamp.said_purpose(words))

    def _deadlines(self) -> Iterator[Prose]:
        case = self._case
        yield self._fact(
            self._words("reports.opened"), f"{self._time(case.opened_at)} ({case.opened_by})"
        )
        for row in case.deadlines:
            yield self._fact(row.say(self._words), self._deadline(row))
        for key, at, beside in (
            ("callback_due", case.callback_due_at, None),
            ("resolved", case.resolved_at, None),
            ("closed", case.closed_at, case.closed_by),
        ):
            if at is not None:
                said = self._time(at) + (f" ({beside})" if beside else "")
                yield self._fact(self._words(f"reports.{key}"), said)

    def _deadline(self, row: DeadlineRow) -> str:
        """When it is due, where it stands, and when it was done."""
        words = self._words
        parts = [words(f"deadlines.state.{row.state}")]
        if row.due_at is not None:
            parts.insert(0, self._time(row.due_at))
        parts += [words("reports.provisional", what=one) for one in row.rests_on]
        if row.met_at is not None:
            parts.append(words("reports.done_at", when=self._time(row.met_at)))
        return words("reports.list_comma").join(parts)

    def _customer(self, card: CustomerCard) -> Iterator[Prose]:
        words = self._words
        numbers = "\n".join(card.telephones) or words("reports.none")
        yield self._personal("name", card.name)
        yield self._personal("reading", card.reading)
        yield self._fact(words("customers.field.telephone"), numbers)
        yield self._personal("email", card.email)
        yield self._personal("postcode", card.postcode)
        yield self._personal("address", card.address)
        yield self._personal("building", card.building)

    def _personal(self, name: str, field: PersonalField) -> Prose:
        answered = field.answer is Answer.ANSWERED
        said = field.text if answered else self._words(f"customers.answer.{field.answer}")
        return self._fact(self._words(f"customers.field.{name}"), said)

    def _asked(self, contact: ContactRow) -> Iterator[Prose]:
        words = self._words
        channel = words(f"calls.channel.{contact.channel}")
        shown = f"{contact.number or ''}  {channel}  {self._time(contact.received_at)}"
        head = Prose(shown, before=3 * mm)
        head.keepWithNext = True
        yield head
        yield self._fact(words("reports.operator"), contact.operator)
        if contact.caller_name:
            yield self._fact(words("reports.caller"), contact.caller_name)
        for inquiry in contact.inquiries:
            yield from self._inquiry(inquiry)

    def _inquiry(self, inquiry: InquiryRow) -> Iterator[Prose]:
        for key, text in (
            ("inquiry", inquiry.text),
            ("product", inquiry.product),
            ("lot", inquiry.lot),
            ("symptom", inquiry.symptom),
            ("answer", inquiry.answer),
        ):
            if text:
                yield self._fact(self._words(f"reports.{key}"), text)

    def _call(self, call: ContactRow) -> Prose:
        """One line for each call; whether it was recorded stands there, the recording doesn't."""
        words = self._words
        ended = "" if call.ended_at is None else f"–{self._clock(call.ended_at)}"
        parts = [
            words("reports.outbound" if call.outbound else "reports.inbound"),
            call.number_shown,
            call.operator,
            words(f"calls.disposition.{call.disposition}") if call.disposition else "",
            words("reports.announced") if call.announcement_id else "",
            words("calls.objected") if call.objected else "",
        ]
        said = words("reports.list_comma").join(part for part in parts if part)
        return self._fact(f"{self._time(call.received_at)}{ended}", said)

    def _fact(self, label: str, text: str) -> Prose:
        return Prose(shown(text, self._words), label=label, indent=_LABELS, before=1 * mm)

    def _time(self, at: datetime) -> str:
        return self._stamp.time(at, self._words)

    def _clock(self, at: datetime) -> str:
        return f"{at.astimezone(self._stamp.made_at.tzinfo):%H:%M}"
