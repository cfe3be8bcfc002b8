"""The command that checks a certificate of erasure: ``erasure verify``."""

import argparse
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

    try:
        with call.options.file.open("rb") as source:
            text = source.read(LARGEST_BYTES).decode()
    except (OSError, UnicodeDecodeError):
        raise Refused("privacy.certificate_unreadable") from None
    certificate = Certificate.from_text(text)
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


def _verify_options(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help=words("cli.erasure_file"))
    parser.add_argument("--login", required=True, help=words("cli.login"))


COMMANDS: tuple[Command, ...] = (Command("erasure verify", _verify, _verify_options),)
