"""The certificate on paper: the same facts as the file, in words, without personal data."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from desk_app.files import whole_file
from desk_app.privacy.erasure.certificate import Certificate
from desk_app.privacy.erasure.handed import word_of
from desk_app.privacy.erasure.papers import numbers
from desk_app.reports.typesetting import Prose, heading, paper
from desk_app.words import Words

_LABELS = 52 * mm


def certificate_pdf(certificate: Certificate, *, words: Words, zone: tzinfo) -> bytes:
    """The certificate as a PDF; times are the office's. The file is what is verified."""
    said = words("erasure.certificate", number=certificate.fields["erasure"])
    return paper(
        list(_content(certificate, words, zone)),
        title=said,
        author=words("erasure.officer", user=certificate.by),
        foot=words("erasure.paper_foot", digest=certificate.digest),
        words=words,
    )


def write_certificate(
    certificate: Certificate, path: Path, *, words: Words, zone: tzinfo, paper: bool
) -> None:
    """Write it to a file, whole or not at all: as it is verified, or on ``paper``."""
    content = certificate.to_text().encode()
    if paper:
        content = certificate_pdf(certificate, words=words, zone=zone)
    with whole_file(path) as sink:
        sink.write(content)


def summary(certificate: Certificate, *, words: Words, zone: tzinfo) -> Iterator[str]:
    """What it covers and what it doesn't, a line each: for the screen and the command line."""
    fields = certificate.fields
    roots = fields["roots"]
    yield words(
        "erasure.covers",
        contacts=len(roots["contacts"]),
        recordings=len(roots["recordings"]),
        cases=len(roots["cases"]),
        at=time_of(certificate.fields["erased_at"], words, zone),
    )
    for token in fields["proven"]:
        yield words(f"erasure.proven.{token}")
    for token in fields["not_proven"]:
        yield words("erasure.not_covered", what=words(f"erasure.not_proven.{token}"))
    yield from _originals(certificate, words)
    yield from _looked_for(certificate, words)
    if fields["exports"]:
        yield words("erasure.exports", count=len(fields["exports"]))
        for export in fields["exports"]:
            yield "  " + ": ".join(_export(export, words, zone))
    if certificate.last_expiry is not None:
        yield words(
            "erasure.last_expiry", at=time_of(certificate.fields["last_expiry"], words, zone)
        )


def _originals(certificate: Certificate, words: Words) -> Iterator[str]:
    """The numbers of the paper that lay in the house."""
    found = numbers(certificate.fields.get("originals", []))
    if found:
        yield words("erasure.originals", numbers=" ".join(found))


def time_of(at: str, words: Words, zone: tzinfo) -> str:
    """An instant of a certificate on the office's clock, to the minute."""
    local = datetime.fromisoformat(at).astimezone(zone)
    return words(
        "reports.time",
        year=local.year,
        month=words(f"hours.month.{local.month}"),
        day=local.day,
        clock=f"{local:%H:%M}",
    )


def _looked_for(certificate: Certificate, words: Words) -> Iterator[str]:
    """How many of the values were looked for in pages."""
    proof = certificate.fields["proof"]
    if "looked_for" in proof:
        yield words("erasure.looked_for", looked=proof["looked_for"], values=proof["values"])


def _export(export: list[Any], words: Words, zone: tzinfo) -> tuple[str, str]:
    """What was handed out and when, and by when it is to be gone."""
    entry, action, at, expires = export
    what = words(f"erasure.handed.{word_of(action)}", number=entry, at=time_of(at, words, zone))
    return what, words("erasure.theirs") if expires is None else time_of(expires, words, zone)


def _content(certificate: Certificate, words: Words, zone: tzinfo) -> Iterator[Flowable]:
    fields = certificate.fields
    yield Prose(words("erasure.certificate", number=fields["erasure"]), size=16)
    facts = (
        ("office", fields["office"] or ""),
        ("origin", words(f"erasure.origin.{fields['origin']}")),
        ("certified_at", time_of(fields["certified_at"], words, zone)),
        ("signed_by", words("erasure.officer", user=certificate.by)),
        ("tombstones", str(fields["tombstones"])),
        ("log", f"{fields['log'][0]} · {fields['log'][1]}"),
    )
    for name, text in facts:
        yield Prose(str(text), label=words(f"erasure.fact.{name}"), indent=_LABELS, before=1 * mm)
    yield heading(words("erasure.what"))
    roots = fields["roots"]
    for name in ("customer", "contacts", "recordings", "cases"):
        ids = roots[name] if isinstance(roots[name], list) else [roots[name]]
        shown = ", ".join(str(one) for one in ids if one is not None) or "–"
        yield Prose(shown, label=words(f"erasure.root.{name}"), indent=_LABELS, before=1 * mm)
    yield heading(words("erasure.proven_title"))
    for token in fields["proven"]:
        yield Prose(words(f"erasure.proven.{token}"), before=1 * mm)
    for text in _looked_for(certificate, words):
        yield Prose(text, before=1 * mm)
    yield heading(words("erasure.not_proven_title"))
    for token in fields["not_proven"]:
        yield Prose(words(f"erasure.not_proven.{token}"), before=1 * mm)
    for text in _originals(certificate, words):
        yield Prose(text, before=1 * mm)
    yield heading(words("erasure.copies_title"))
    for id, kind, expires in fields["copies"]:
        yield Prose(
            time_of(expires, words, zone),
            label=words(f"erasure.copy.{kind}", number=id),
            indent=_LABELS,
            before=1 * mm,
        )
    if not fields["copies"]:
        yield Prose(words("erasure.no_copies"), before=1 * mm)
    yield heading(words("erasure.exports_title"))
    for export in fields["exports"]:
        what, expiry = _export(export, words, zone)
        yield Prose(expiry, label=what, indent=2 * _LABELS, before=1 * mm)
    if not fields["exports"]:
        yield Prose(words("erasure.no_exports"), before=1 * mm)
    yield heading(words("erasure.signature"))
    yield Prose(certificate.signature, before=1 * mm)
    yield Prose(words("erasure.verify_hint"), before=2 * mm)
