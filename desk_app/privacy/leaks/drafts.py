"""Drafts of the two reports to the commission and of the notice to those concerned, as PDF.

Drafts, in the office's words: what the form of the commission asks for is copied from them. Loads
the typesetting, so import it where one is written.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from desk_app.files import whole_file
from desk_app.privacy.leaks import law
from desk_app.privacy.leaks.pages import LeakPage
from desk_app.reports.typesetting import Prose, heading, paper
from desk_app.words import Words

_LABELS = 44 * mm


class Draft(StrEnum):
    PROMPT = "prompt"
    FINAL = "final"
    NOTICE = "notice"


def write_pdf(page: LeakPage, draft: Draft, path: Path, words: Words) -> None:
    """Write a draft to ``path`` (0600), as a whole or not at all; not on the Qt thread."""
    title = words(f"leaks.draft_{draft}", id=page.id)
    content = paper(
        list(_flowables(page, draft, title, words)), title=title, author="", foot=title, words=words
    )
    with whole_file(path) as sink:
        sink.write(content)


def _flowables(page: LeakPage, draft: Draft, title: str, words: Words) -> Iterator[Flowable]:
    yield heading(title, size=16)
    if draft is not Draft.NOTICE:
        yield _fact(words, "known_on", page.known_on.isoformat())
        for one in page.reports:
            said = words("leaks.due_by", day=one.due_on.isoformat(), source=one.rule.say(words))
            yield Prose(said, label=words(f"leaks.report_{one.rule.report}"), indent=_LABELS)
        yield from _why(page, words)
        yield heading(words("leaks.what"))
    keys = law.told_to_persons() if draft is Draft.NOTICE else law.particulars()
    for key in keys:
        said = page.particulars.get(key, "")
        if key == "persons":
            counted = words.count("leaks.persons", page.facts.persons)
            said = f"{counted}\n{said}" if said else counted
        unknown = words("leaks.not_known_yet" if draft is Draft.PROMPT else "leaks.missing")
        yield Prose(said or unknown, label=words(f"leaks.particular.{key}"), indent=_LABELS)


def _why(page: LeakPage, words: Words) -> Iterator[Flowable]:
    met = [rule for rule in page.rules if rule.trigger in page.assessment.triggers]
    said = "\n".join(f"{words(f'leaks.trigger.{one.trigger}')} – {one.say(words)}" for one in met)
    yield _fact(words, "triggers", said or words("leaks.no_trigger"))
    if page.assessment.is_exempt:
        yield _fact(words, "exempt", law.exemption()[words.language])
    yield _fact(
        words,
        "protection",
        " / ".join(
            (
                words(f"leaks.encryption.{page.facts.encryption}"),
                words(f"leaks.keys.{page.facts.keys}"),
                page.facts.evidence,
            )
        ).rstrip(" /"),
    )


def _fact(words: Words, key: str, said: str) -> Prose:
    return Prose(said, label=words(f"leaks.fact_{key}"), indent=_LABELS)
