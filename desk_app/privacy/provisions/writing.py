"""The file that goes to a recipient: a table or a paper, sealed before it touches the disk.

There is no way to write it in plain: it is an age file for the recipient's key as the register
has it, or under a passphrase that the recipient is told by another way. The stock ``age`` tool
opens both.
"""

import csv
from collections.abc import Iterator
from enum import StrEnum
from io import BytesIO, TextIOWrapper
from pathlib import Path

from desk_app.errors import Refused
from desk_app.files import whole_file
from desk_app.keys import age
from desk_app.keys.passwords import check_password
from desk_app.privacy.provisions.pages import HandedOver
from desk_app.reports.cells import cell
from desk_app.sensitive.placeholders import shown
from desk_app.words import Words


class FileForm(StrEnum):
    """What is in the sealed file."""

    PDF = "pdf"
    CSV = "csv"


def check_sealing(public_key: str, passphrase: str, *, recipient_name: str) -> None:
    """`Refused` unless a file can be sealed for this recipient; asked before anything leaves."""
    if public_key:
        return
    if not passphrase:
        raise Refused("provisions.no_passphrase")
    check_password(passphrase, login="", name=recipient_name)


def write_file(
    handed: HandedOver, path: Path, words: Words, *, form: FileForm, passphrase: str = ""
) -> None:
    """Write what left, sealed: whole (0600) or, after `Fault`, not at all. Not on the Qt thread.

    `Refused` as `check_sealing`. A recipient's key goes before a passphrase.
    """
    check_sealing(handed.public_key, passphrase, recipient_name=handed.recipient_name)
    content = _pdf(handed, words) if form is FileForm.PDF else _csv(handed, words)
    with whole_file(path) as sink:
        writer = (
            age.encrypt(sink, [handed.public_key])
            if handed.public_key
            else age.encrypt_for_passphrase(sink, passphrase)
        )
        with writer:
            writer.write(content)


def _lines(handed: HandedOver, words: Words) -> Iterator[tuple[str, str]]:
    yield words("provisions.number"), str(handed.provision_id)
    yield words("provisions.to"), handed.recipient_name
    for line in handed.lines:
        yield words(f"registers.item.{line.item}"), shown(line.text, words)


def _csv(handed: HandedOver, words: Words) -> bytes:
    sink = BytesIO()
    text = TextIOWrapper(sink, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([cell(handed.stamp.say(words))])
    for name, value in _lines(handed, words):
        writer.writerow([name, cell(value)])
    text.detach()
    return sink.getvalue()


def _pdf(handed: HandedOver, words: Words) -> bytes:
    from reportlab.lib.units import mm  # half a second of typesetting

    from desk_app.reports.typesetting import Prose, heading, paper

    title = words("provisions.paper_title", number=handed.provision_id)
    lines = [
        Prose(value, label=name, indent=42 * mm, before=1 * mm)
        for name, value in _lines(handed, words)
    ]
    return paper(
        [heading(title, size=16), *lines],
        title=title,
        author=handed.stamp.made_by,
        foot=handed.stamp.say(words),
        words=words,
    )
