"""The certificate of a disposal on paper: what was disposed of, how, by whom, before whom."""

from collections.abc import Iterator
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from desk_app.files import whole_file
from desk_app.privacy.originals.pages import Certificate
from desk_app.reports.typesetting import Prose, heading, paper
from desk_app.words import Words

_LABELS = 44 * mm


def write_pdf(certificate: Certificate, path: Path, words: Words) -> None:
    """Write the certificate to ``path`` (0600), as a whole or not at all; `Fault` if it can't
    be. Not on the Qt thread."""
    title = words("originals.certificate", id=certificate.batch.id)
    content = paper(
        list(_flowables(certificate, words)),
        title=title,
        author=certificate.stamp.made_by,
        foot=certificate.stamp.say(words),
        words=words,
    )
    with whole_file(path) as sink:
        sink.write(content)


def _flowables(certificate: Certificate, words: Words) -> Iterator[Flowable]:
    batch = certificate.batch
    yield heading(words("originals.certificate", id=batch.id), size=16)
    facts = {
        "disposed_on": words.day(batch.disposed_on) if batch.disposed_on else "",
        "method": words(f"originals.method.{batch.method}"),
        "company": batch.company or words("originals.ourselves"),
        "count": words.count("originals.count", len(certificate.originals)),
        "approved_by": batch.approved_by or "",
        "carried_out_by": batch.carried_out_by or "",
        "witnessed_by": batch.witnessed_by or "",
        "digest": certificate.digest,
    }
    for key, said in facts.items():
        yield Prose(said, label=words(f"originals.fact_{key}"), indent=_LABELS)
    yield heading(words("originals.certified"))
    for one in certificate.originals:
        yield Prose(
            words(
                "originals.certified_line",
                kind=words(f"originals.kind.{one.kind}"),
                received=one.received_on,
                due=one.due_on,
            ),
            label=one.number,
            indent=_LABELS,
        )
    yield Prose(words("originals.certificate_claims"), before=5 * mm)
