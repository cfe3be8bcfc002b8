"""The letter as a PDF. Made outside of any transaction: `service.open_letter` has its entry."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from desk_app.files import whole_file
from desk_app.privacy.provisions.pages import ProvisionRecord, ReceiptRecord
from desk_app.privacy.requests.letters.pages import Answer
from desk_app.privacy.requests.rules import EXECUTED_OUTCOMES, Outcome
from desk_app.purposes.rules import Stops
from desk_app.reports.typesetting import Prose, heading, paper
from desk_app.sensitive.placeholders import with_said
from desk_app.words import Words

_LABELS = 44 * mm


def write_pdf(answer: Answer, path: Path) -> None:
    """Write the letter to ``path`` (0600), as a whole or not at all; `Fault` if it can't be."""
    letter = _Letter(answer)
    content = paper(
        list(letter.flowables()),
        title=letter.title,
        author=answer.stamp.office,
        foot=answer.stamp.say(letter.words),
        words=letter.words,
    )
    with whole_file(path) as sink:
        sink.write(content)


class _Letter:
    """An answer in its language."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.words = Words(answer.language)

    @property
    def title(self) -> str:
        return self.words(f"requests.letter_title.{self._answer.outcome}")

    def flowables(self) -> Iterator[Flowable]:
        answer, words = self._answer, self.words
        for line in answer.to_address:
            yield Prose(self._shown(line))
        name = self._shown(answer.to_name)
        yield Prose(words("requests.letter_to", name=name), size=11)
        if answer.agent_name:
            agent = self._shown(answer.agent_name)
            yield Prose(words("requests.letter_agent", name=agent))
        yield Prose(answer.stamp.office, before=4 * mm)
        yield Prose(self._day(answer.stamp.made_at))
        yield heading(self.title, size=15)
        yield Prose(words("requests.letter_intro"), before=3 * mm)
        yield self._fact("requests.letter_number", answer.number)
        yield self._fact("requests.letter_kind", words(f"requests.kind.{answer.kind}"))
        yield self._fact("requests.letter_received", self._day(answer.received_at))
        yield self._fact("requests.letter_law", answer.law.say_source(words))
        yield self._fact("requests.letter_outcome", words(f"requests.outcome.{answer.outcome}"))
        if answer.fee_yen:
            fee = words("requests.yen", yen=words.number(answer.fee_yen))
            yield self._fact("requests.letter_fee", fee)
        yield from self._why()
        yield from self._done()
        yield heading(words("requests.letter_signed"))
        if answer.decided_by:
            yield self._fact("requests.letter_first_signer", answer.decided_by)
        yield self._fact("requests.letter_second_signer", answer.approved_by)
        yield Prose(words("requests.letter_questions"), before=6 * mm)

    def _why(self) -> Iterator[Flowable]:
        """The provisions and the reasons of what isn't granted (art. 36)."""
        answer, words = self._answer, self.words
        if answer.grounds:
            yield heading(words("requests.letter_grounds"))
        for ground in answer.grounds:
            yield self._plain(ground.say_source(words), ground.say(words))
        if answer.reasons:
            yield heading(words("requests.letter_reasons"))
            yield Prose(self._shown(answer.reasons), before=1 * mm)
        if answer.outcome is Outcome.NOTHING_HELD:
            yield Prose(words("requests.letter_nothing_held"), before=4 * mm)

    def _done(self) -> Iterator[Flowable]:
        answer, words = self._answer, self.words
        if answer.outcome not in EXECUTED_OUTCOMES and not answer.changes:
            return
        if answer.purposes:
            yield heading(words("requests.letter_purposes"))
            for purpose in answer.purposes:
                yield Prose(words(f"purposes.purpose.{purpose}"))
        if answer.changes:
            yield heading(words("requests.letter_changes"))
        for change in answer.changes:
            key = "requests.letter_corrected" if change.accepted else "requests.letter_left"
            said = words(key, wanted=change.wanted)
            if change.dispute:
                said += "\n" + words("requests.letter_dispute", text=change.dispute)
            yield self._fact(f"requests.field.{change.field}", said)
        if answer.stops is not None:
            yield heading(words("requests.letter_stopped"))
            yield Prose(_said_stops(answer.stops, words), before=1 * mm)
        if answer.records is not None:
            yield heading(words("requests.letter_provisions"))
            for given in answer.records.provisions:
                yield from self._provision(given)
            for got in answer.records.receipts:
                yield from self._receipt(got)
            if not answer.records.provisions and not answer.records.receipts:
                yield Prose(words("requests.letter_no_records"), before=1 * mm)

    def _provision(self, record: ProvisionRecord) -> Iterator[Flowable]:
        words, row = self.words, record.row
        yield self._plain(self._day(row.provided_at), row.recipient_name, before=3)
        yield from self._whose(record.recipient_address, record.recipient_representative)
        items = words("requests.list_comma").join(
            words(f"registers.item.{item}") for item in row.items
        )
        yield self._fact("requests.letter_items", items)
        basis = words(f"provisions.form.{row.form}")
        if record.ground is not None:
            basis = f"{basis} ({words(f'provisions.ground.{record.ground.key}')})"
        yield self._fact("requests.letter_basis", basis)
        if not row.left:
            yield self._plain("", words("requests.letter_never_left"))

    def _receipt(self, record: ReceiptRecord) -> Iterator[Flowable]:
        words, row = self.words, record.row
        name = words("requests.letter_from", name=row.provider_name)
        yield self._plain(self._date(row.received_on), name, before=3)
        yield from self._whose(record.provider_address, record.provider_representative)
        items = words("requests.list_comma").join(
            words(f"registers.item.{item}") for item in row.items
        )
        yield self._fact("requests.letter_items", items)
        yield self._fact("requests.letter_obtained", record.obtained)

    def _whose(self, address: str, representative: str) -> Iterator[Flowable]:
        said = self.words("requests.list_comma").join(filter(None, (address, representative)))
        if said:
            yield self._plain("", said)

    def _fact(self, key: str, text: str) -> Prose:
        return self._plain(self.words(key), text)

    def _plain(self, label: str, text: str, *, before: int = 1) -> Prose:
        return Prose(self._shown(text), label=label, indent=_LABELS, before=before * mm)

    def _shown(self, text: str) -> str:
        """A text as it is read by the customer, whose own words were sealed apart."""
        return with_said(text, self.words("requests.letter_sealed"))

    def _day(self, at: datetime) -> str:
        return self._date(at.astimezone(self._answer.stamp.made_at.tzinfo).date())

    def _date(self, on: date) -> str:
        month = self.words(f"hours.month.{on.month}")
        return self.words("purposes.day", year=on.year, month=month, day=on.day)


def _said_stops(stops: Stops, words: Words) -> str:
    """Which uses have ended."""
    comma = words("requests.list_comma")
    purposes = [words(f"purposes.purpose.{one}") for one in sorted(stops.purposes)]
    acts = [words(f"requests.stopped_act.{one}") for one in sorted(stops.acts)]
    said = []
    if acts:
        said.append(words("requests.letter_stopped_acts", acts=comma.join(acts)))
    if purposes:
        said.append(words("requests.letter_stopped_purposes", purposes=comma.join(purposes)))
    return "\n".join(said) if said else words("requests.letter_stopped_all")
