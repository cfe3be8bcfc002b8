"""Pure decisions about customers: states of an answer, telephone numbers, keys for names."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from desk_app.text import line

REGION = "JP"


class Answer(StrEnum):
    """Policy section 4: every personal field is in one of three states."""

    ANSWERED = "answered"
    NOT_ASKED = "not_asked"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class PersonalField:
    """What a person said when asked. Text stands with `Answer.ANSWERED` only."""

    text: str = ""
    answer: Answer = Answer.NOT_ASKED

    @classmethod
    def of(cls, text: str, *, declined: bool = False) -> Self:
        """Declined keeps no text; empty means not asked."""
        if declined:
            return cls("", Answer.DECLINED)
        return cls(text, Answer.ANSWERED) if text.strip() else cls()

    def cleaned(self, field: str) -> Self:
        """Fit to be saved as one line; ``field`` names it if `Refused` is raised."""
        return self.of(line(self.text, field=field), declined=self.answer is Answer.DECLINED)


UNASKED = PersonalField()


class NumberState(StrEnum):
    """What the line said about the caller's number."""

    SHOWN = "shown"
    WITHHELD = "withheld"
    PAYPHONE = "payphone"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number as it is looked up and as it is shown.

    ``e164`` is empty where there is no number to look up: withheld, or not a telephone number.
    ``shown`` is what a page shows: the national way for Japan, the international way otherwise,
    or the text itself if it is no number.
    """

    e164: str
    shown: str
    state: NumberState


# Reasons for a missing number as exchanges, terminals and people write them.
_REASONS = {
    "p": NumberState.WITHHELD,
    "private": NumberState.WITHHELD,
    "anonymous": NumberState.WITHHELD,
    "withheld": NumberState.WITHHELD,
    "非通知": NumberState.WITHHELD,
    "非通知設定": NumberState.WITHHELD,
    "unterdrückt": NumberState.WITHHELD,
    "c": NumberState.PAYPHONE,
    "payphone": NumberState.PAYPHONE,
    "公衆電話": NumberState.PAYPHONE,
    "telefonzelle": NumberState.PAYPHONE,
    "": NumberState.UNAVAILABLE,
    "o": NumberState.UNAVAILABLE,
    "s": NumberState.UNAVAILABLE,
    "unavailable": NumberState.UNAVAILABLE,
    "unknown": NumberState.UNAVAILABLE,
    "表示圏外": NumberState.UNAVAILABLE,
}
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー—─", "-"))
_SCHEME = re.compile(r"^(?:tel|callto|sips?):(?://)?", re.IGNORECASE)
_DIALLABLE = re.compile(r"\+?[0-9()\-./ ]{2,40}")
_DISPLAY_PREFIX = re.compile(r"^18[46](?=0)")  # 184 hides, 186 shows the own number


def normalise_number(text: str) -> Number:
    """The number in ``text``, read as in Japan; never raises, whatever the text is.

    Full-width digits, any kind of hyphen, ``tel:`` and ``sip:`` addresses and the dialling
    prefixes 184 and 186 are understood. What is no number is shown as it stands.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text[:200]).translate(_HYPHENS).split())
    plain = _SCHEME.sub("", plain).split("@")[0].split(";")[0].strip()
    reason = _REASONS.get(plain.casefold())
    if reason is not None:
        return Number("", "", reason)
    parsed = _parse(plain)
    if parsed is None:
        return Number("", plain, NumberState.SHOWN)
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return Number(e164, _display(parsed, e164), NumberState.SHOWN)


def show_number(e164: str) -> str:
    """A kept number as a page shows it."""
    parsed = _parse(e164)
    return e164 if parsed is None else _display(parsed, e164)


def _parse(plain: str) -> phonenumbers.PhoneNumber | None:
    if not _DIALLABLE.fullmatch(plain):
        return None
    digits = _DISPLAY_PREFIX.sub("", re.sub(r"[^0-9+]", "", plain))
    try:
        parsed = phonenumbers.parse(digits, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not digits.startswith(("+", "0")):
        # Without its area code a number exists in every town; some lines leave out the plus.
        return parsed if digits.startswith("81") and phonenumbers.is_valid_number(parsed) else None
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    return parsed if possible == ValidationResult.IS_POSSIBLE else None


def _display(parsed: phonenumbers.PhoneNumber, e164: str) -> str:
    if parsed.country_code == phonenumbers.country_code_for_region(REGION):
        national = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
        again = _parse(national)
        if again and phonenumbers.format_number(again, PhoneNumberFormat.E164) == e164:
            return national
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_TITLES = ("様", "さま", "御中")


def name_key(name: str) -> str:
    """A name or reading reduced to what is compared and sorted: width, case, kana and spacing
    don't count, nor does a title that was written along."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_KATAKANA_TO_HIRAGANA)
    key = "".join(character for character in folded if character.isalnum() or character == "ー")
    for title in _TITLES:
        if key.endswith(title) and len(key) > len(title) + 1:
            key = key[: -len(title)]
    return key


def sort_key(name: str, reading: str) -> str:
    """Names sort by reading where there is one, so that the list runs in the order of the
    syllabary; names without anything come last."""
    return name_key(reading) or name_key(name) or "\uffff"


def email_key(address: str) -> str:
    """An e-mail address as it is looked up: the part before the @ keeps its case for sending,
    but nobody has two mailboxes that differ in case only."""
    return unicodedata.normalize("NFKC", address).strip().casefold()


def postcode_key(postcode: str) -> str:
    """The digits and letters of a postal code."""
    folded = unicodedata.normalize("NFKC", postcode).casefold()
    return "".join(character for character in folded if character.isalnum())
