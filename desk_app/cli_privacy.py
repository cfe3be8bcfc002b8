"""The commands that check what was signed: ``erasure verify``, ``retention verify``."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from desk_app.cli import DONE, FAILED, Call, Command, ask_secret, failed
from desk_app.errors import Refused
from desk_app.folder import default_folder
from desk_app.words import Words


def _verify(call: Call) -> int:
    """Whether an officer of this office signed the certificate, and what it covers."""
    from desk_app.clock import SystemClock
    from desk_app.hours.calendar import open_calendar
    from desk_app.office import Office
    from desk_app.privacy.erasure import views
    from desk_app.privacy.erasure.certificate import LARGEST_BYTES, Certificate
    from desk_app.privacy.erasure.paper import summary

    certificate = Certificate.from_text(
        _text(call, LARGEST_BYTES, unreadable="privacy.certificate_unreadable")
    )
    with Office.at(call.folder or default_folder(), clock=SystemClock()) as office:
        password = ask_secret(call.words("cli.password"))
        with office.sign_in(call.options.login, password) as desk:
            is_genuine = desk.read(views.is_genuine, certificate)
            zone = ZoneInfo(desk.read(lambda _actor, work: open_calendar(work).zone))
    if not is_genuine:
        return failed(call.words("erasure.not_genuine"), FAILED)
    print(call.words("erasure.genuine", number=certificate.fields["erasure"]))
    for line in summary(certificate, words=call.words, zone=zone):
        print("  " + line)
    return DONE


def _verify_receipt(call: Call) -> int:
    """Whether an officer of this office signed the receipt of a run, of what the run removed."""
    from desk_app.clock import SystemClock
    from desk_app.office import Office
    from desk_app.privacy.retention import receipt, views

    said = receipt.read(
        _text(call, receipt.LARGEST_BYTES, unreadable="retention.receipt_unreadable")
    )
    with Office.at(call.folder or default_folder(), clock=SystemClock()) as office:
        password = ask_secret(call.words("cli.password"))
        with office.sign_in(call.options.login, password) as desk:
            is_genuine = desk.read(views.is_genuine, said)
    if not is_genuine:
        return failed(call.words("retention.not_genuine"), FAILED)
    words = call.words
    print(words("retention.genuine", number=said["run"], day=date.fromisoformat(said["day"])))
    for group, found in (("subject", said["removed"]), ("why", said["spared"])):
        for kind, count in sorted(found.items()):
            what = words(f"retention.{group}.{kind}")
            key = "retention.removed_line" if group == "subject" else "retention.spared_line"
            print("  " + words(key, what=what, count=words.number(count)))
    return DONE


def _text(call: Call, most: int, *, unreadable: str) -> str:
    try:
        with call.options.file.open("rb") as source:
            text: str = source.read(most).decode()
    except (OSError, UnicodeDecodeError):
        raise Refused(unreadable) from None
    return text


def _options(file: str) -> Callable[[argparse.ArgumentParser, Words], None]:
    def add(parser: argparse.ArgumentParser, words: Words) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help=words(file))
        parser.add_argument("--login", required=True, help=words("cli.login"))

    return add


COMMANDS: tuple[Command, ...] = (
    Command("erasure verify", _verify, _options("cli.erasure_file")),
    Command("retention verify", _verify_receipt, _options("cli.retention_file")),
)
