"""Reports on controls as PDF; loads the typesetting, so import it where one is written."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from desk_app.files import whole_file
from desk_app.privacy.controls.pages import ControlPage, FindingRow
from desk_app.privacy.controls.report import ControlReport, SampleFacts
from desk_app.privacy.controls.rules import ControlKind
from desk_app.reports.typesetting import Prose, heading, paper
from desk_app.words import Words

_LABELS = 42 * mm


def title_of(report: ControlReport, words: Words) -> str:
    if report.days is not None:
        first, last = report.days
        return words("controls.committee_title", first=_day(first, words), last=_day(last, words))
    page, _sample = report.controls[0]
    return words("controls.report_title", kind=words(f"controls.kind.{page.row.kind}"))


def write_pdf(report: ControlReport, path: Path, words: Words) -> None:
    """Write the report to ``path`` (0600), as a whole or not at all; not on the Qt thread."""
    made = _Paper(report, words)
    title = title_of(report, words)
    content = paper(
        list(made.flowables(title)),
        title=title,
        author=report.made_by,
        foot=words(
            "controls.foot",
            office=report.office,
            by=report.made_by,
            at=made.time(report.made_at),
        ),
        words=words,
    )
    with whole_file(path) as sink:
        sink.write(content)


class _Paper:
    """The report in one language."""

    def __init__(self, report: ControlReport, words: Words) -> None:
        self._report, self._words = report, words

    def flowables(self, title: str) -> Iterator[Flowable]:
        words, report = self._words, self._report
        yield heading(title, size=16)
        if report.days is not None:
            yield from self._overview()
        for page, sample in report.controls:
            if report.days is not None:
                yield heading(self._name(page), size=13)
            yield from self._control(page, sample)
        if not report.controls:
            yield Prose(words("controls.none_held"), before=2 * mm)

    def time(self, at: datetime) -> str:
        local = at.astimezone(self._report.zone)
        return f"{_day(local.date(), self._words)} {local:%H:%M}"

    def _overview(self) -> Iterator[Prose]:
        """How many there were of each kind, and what is still to be done of them."""
        words, controls = self._words, self._report.controls
        for kind in ControlKind:
            held = [page for page, _ in controls if page.row.kind is kind]
            waiting = sum(page.row.open_actions for page in held)
            found = sum(page.row.findings for page in held)
            said = words("controls.overview", held=len(held), found=found, waiting=waiting)
            yield self._fact(words(f"controls.kind.{kind}"), said)

    def _name(self, page: ControlPage) -> str:
        kind = self._words(f"controls.kind.{page.row.kind}")
        return f"{kind}: {page.row.subject}" if page.row.subject else kind

    def _control(self, page: ControlPage, sample: SampleFacts | None) -> Iterator[Prose]:
        words, row = self._words, page.row
        for key, text in (
            ("subject", row.subject),
            ("country", row.country or ""),
            ("planned_on", _day(row.planned_on, words)),
            ("held_on", _day(row.held_on, words)),
            ("covers", " – ".join(_day(day, words) for day in page.covers or ())),
            ("responsible", row.responsible),
            ("state", words(f"controls.state.{row.state}")),
            ("conclusion", page.conclusion),
            ("source", page.source),
            ("valid_until", _day(row.valid_until, words)),
        ):
            if text:
                yield self._fact(words(f"controls.{key}"), text)
        if sample is not None:
            yield heading(words("controls.sample"))
            yield from self._sample(sample)
        if page.answers:
            yield heading(words("controls.checklist"))
        for one in page.answers:
            verdict = words(f"controls.verdict.{one.verdict or 'none'}")
            said = f"{verdict}\n{one.note}" if one.note else verdict
            yield Prose(one.item.say(words), before=2 * mm)
            yield self._fact(words("controls.answer"), said)
        if page.evidence:
            yield heading(words("controls.evidence"))
        for evidence in page.evidence:
            digest = f"\nSHA-256 {evidence.digest}" if evidence.digest else ""
            yield self._fact(self.time(evidence.added_at), f"{evidence.note}{digest}")
        yield heading(words("controls.findings"))
        if not page.findings:
            yield Prose(words("controls.no_findings"), before=2 * mm)
        for number, finding in enumerate(page.findings, start=1):
            yield from self._finding(number, finding)
        if page.reported_at is not None:
            yield heading(words("controls.signatures"))
            yield self._fact(
                words("controls.reported"), f"{page.reported_by} {self.time(page.reported_at)}"
            )
        if page.signed_at is not None:
            yield self._fact(
                words("controls.signed"), f"{page.signed_by} {self.time(page.signed_at)}"
            )

    def _sample(self, sample: SampleFacts) -> Iterator[Prose]:
        words = self._words
        yield self._fact(
            words("controls.drawn"),
            words("controls.drawn_of", wanted=sample.wanted, population=sample.population),
        )
        yield self._fact(words("controls.seed"), sample.seed)
        yield self._fact(
            words("controls.range"),
            words(
                "controls.range_until",
                first=self.time(sample.from_at),
                last=self.time(sample.to_at),
                entry=sample.last_entry_id,
            ),
        )

    def _finding(self, number: int, finding: FindingRow) -> Iterator[Prose]:
        words = self._words
        grade = words(f"controls.grade.{finding.grade}")
        yield self._fact(f"{number}. {grade}", finding.text)
        if finding.action:
            yield self._fact(words("controls.action"), finding.action)
            yield self._fact(
                words("controls.action_due"),
                f"{_day(finding.action_due_on, words)} {finding.action_by}",
            )
        if finding.done_on is not None:
            yield self._fact(
                words("controls.done"), f"{_day(finding.done_on, words)}\n{finding.done_note}"
            )

    def _fact(self, label: str, text: str) -> Prose:
        return Prose(text, label=label, indent=_LABELS, before=1 * mm)


def _day(day: date | None, words: Words) -> str:
    if day is None:
        return ""
    month = words(f"hours.month.{day.month}")
    return words("controls.day", year=day.year, month=month, day=day.day)
