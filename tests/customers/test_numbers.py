"""Telephone numbers as lines, people and documents write them."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.customers.rules import Number, NumberState, normalise_number, show_number

FREE_CALL = Number("+81120016410", "0120-016-410", NumberState.SHOWN)


@pytest.mark.parametrize(
    "written",
    [
        "0120-016-410",
        "0120016410",
        "０１２０−０１６−４１０",
        "0120ー016ー410",  # the long-vowel mark that a Japanese keyboard gives for a hyphen
        "0120‐016‐410",
        "(0120) 016 410",
        "（０１２０）０１６　４１０",
        "+81 120 016 410",
        "＋81-120-016-410",
        "81120016410",
        "tel:+81-120-016-410",
        "sip:0120016410@192.0.2.1;transport=udp",
        "callto://0120016410",
        "184-0120-016-410",
        "1860120016410",
        "  0120\t016\n410  ",
    ],
)
def test_one_number_however_it_is_written(written: str) -> None:
    assert normalise_number(written) == FREE_CALL


@pytest.mark.parametrize(
    ("written", "e164", "shown"),
    [
        ("09012345678", "+819012345678", "090-1234-5678"),
        ("0312345678", "+81312345678", "03-1234-5678"),
        ("0575221234", "+81575221234", "0575-22-1234"),
        ("+49 30 901820", "+4930901820", "+49 30 901820"),
        ("01049301234567", "+49301234567", "+49 30 1234567"),  # dialled from Japan: 010
    ],
)
def test_shown_the_way_of_its_country(written: str, e164: str, shown: str) -> None:
    assert normalise_number(written) == Number(e164, shown, NumberState.SHOWN)
    assert show_number(e164) == shown


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("", NumberState.UNAVAILABLE),
        ("   ", NumberState.UNAVAILABLE),
        ("O", NumberState.UNAVAILABLE),
        ("表示圏外", NumberState.UNAVAILABLE),
        ("P", NumberState.WITHHELD),
        ("非通知", NumberState.WITHHELD),
        ("Anonymous", NumberState.WITHHELD),
        ("sip:anonymous@anonymous.invalid", NumberState.WITHHELD),
        ("C", NumberState.PAYPHONE),
        ("公衆電話", NumberState.PAYPHONE),
    ],
)
def test_why_there_is_no_number(written: str, state: NumberState) -> None:
    assert normalise_number(written) == Number("", "", state)


@pytest.mark.parametrize(
    "written", ["204", "5678-1234", "not a number", "😀", "0" * 40, "12", "+", "(", "１−２"]
)
def test_what_cannot_be_looked_up_is_shown_as_it_stands(written: str) -> None:
    number = normalise_number(written)
    assert number.e164 == ""
    assert number.state is NumberState.SHOWN
    assert number.shown


@given(st.text(max_size=300))
def test_never_an_error_and_never_half_a_number(written: str) -> None:
    number = normalise_number(written)
    if number.e164:
        assert number.e164.startswith("+")
        assert number.e164[1:].isascii()
        assert number.e164[1:].isdigit()
        assert number.state is NumberState.SHOWN
        assert normalise_number(number.shown).e164 == number.e164
        assert normalise_number(number.e164) == number


_WIDE = str.maketrans("0123456789-+", "０１２３４５６７８９ー＋")


@given(
    region=st.sampled_from(["JP", "DE", "US", "FR"]),
    kind=st.sampled_from([0, 1]),  # fixed line, mobile
    last=st.integers(0, 9999),
    wide=st.booleans(),
)
def test_a_valid_number_survives_every_way_of_writing_it(
    region: str, kind: int, last: int, wide: bool
) -> None:
    example = phonenumbers.example_number_for_type(region, kind)
    number = phonenumbers.PhoneNumber(
        country_code=example.country_code,
        national_number=example.national_number // 10000 * 10000 + last,
    )
    formats = [phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.INTERNATIONAL]
    if region == "JP":
        formats.append(phonenumbers.PhoneNumberFormat.NATIONAL)
    for way in formats:
        written = phonenumbers.format_number(number, way)
        read = normalise_number(written.translate(_WIDE) if wide else written)
        assert read.e164 == f"+{number.country_code}{number.national_number}"
