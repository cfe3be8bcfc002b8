"""The answer on paper: in the customer's language, with ground, reasons and both signers."""

from pathlib import Path

import pytest
from pypdf import PdfReader

from desk_app.privacy.provisions import service as provisions
from desk_app.privacy.provisions import views
from desk_app.privacy.provisions.rules import Confirmation
from desk_app.privacy.provisions.service import ReceiptForm
from desk_app.privacy.registers.rules import Item
from desk_app.privacy.requests.letters import paper
from desk_app.privacy.requests.letters import service as letters
from desk_app.privacy.requests.letters.pages import Answer
from desk_app.privacy.requests.rules import Agency, Kind, Outcome
from desk_app.words import Language, Words
from tests.engines import on_file
from tests.privacy.requests.desk import NAME, NO, RequestsDesk
from tests.privacy.requests.test_correcting import give


def answer_of(requests: RequestsDesk, request_id: int) -> Answer:
    made: Answer = requests.day.perform(requests.operator, letters.open_letter, request_id)
    return made


def text_of(answer: Answer, folder: Path) -> str:
    path = folder / "letter.pdf"
    paper.write_pdf(answer, path)
    assert path.stat().st_mode & 0o777 == 0o600
    read = "".join(page.extract_text() for page in PdfReader(path).pages)
    return "".join(read.split())


def said(words: Words, key: str) -> str:
    return "".join(words(key).split())


@on_file
@pytest.mark.parametrize("language", ["ja", "en", "de"])
def test_a_refusal_says_provision_reasons_and_who_stands_for_it(
    requests: RequestsDesk, tmp_path: Path, language: Language
) -> None:
    request_id = requests.receive(
        language=language, agency=Agency.SELF, received_at=requests.day.clock.now()
    )
    requests.verify(request_id)
    sealed = NO | {"reasons": f"{NO['reasons']}⟦0123456789abcdef⟧"}
    requests.decide(request_id, **sealed, grounds=["harm_to_somebody", "breaks_other_law"])
    requests.approve(request_id)
    answer = answer_of(requests, request_id)
    text, words = text_of(answer, tmp_path), Words(language)
    assert NAME.replace(" ", "") in text
    assert said(words, "requests.letter_title.refused") in text
    assert said(words, "requests.letter_second_signer") in text
    for ground in answer.grounds:
        assert "".join(ground.say(words).split()) in text
        assert "".join(ground.say_source(words).split()) in text
    assert NO["reasons"] + said(words, "requests.letter_sealed") in text
    assert "⟦" not in text
    assert answer.decided_by != answer.approved_by
    for who in (answer.decided_by, answer.approved_by):
        assert who.replace(" ", "") in text


@on_file
def test_the_records_of_provision_say_what_never_left_and_who_gave_what(
    requests: RequestsDesk, tmp_path: Path
) -> None:
    day, operator = requests.day, requests.operator
    give(requests, "カイ インダストリーズ", Item.NAME)
    (given,) = day.read(operator, views.provisions)
    got = ReceiptForm(
        items=(Item.TELEPHONE,),
        received_on=day.clock.now().date(),
        obtained="店頭でご本人から",
        confirmed_by=Confirmation.DOCUMENT,
        with_consent=True,
        provider_name="刃物店",
        provider_address="東京都台東区2-2",
    )
    day.perform(operator, provisions.enter_receipt, given.case_id, got)
    request_id = requests.approved(Kind.PROVISION_RECORDS)
    requests.carry_out(request_id)
    never = said(Words("ja"), "requests.letter_never_left")
    text = text_of(answer_of(requests, request_id), tmp_path)
    assert never not in text
    assert got.provider_address in text
    day.perform(operator, provisions.nothing_left, given.id)
    assert never in text_of(answer_of(requests, request_id), tmp_path)


@on_file
def test_the_letters_of_every_kind_and_end_can_be_made(
    requests: RequestsDesk, tmp_path: Path
) -> None:
    give(requests, "カイ インダストリーズ", Item.NAME)
    for kind in (Kind.PURPOSES, Kind.PROVISION_RECORDS, Kind.CEASE_USE, Kind.CEASE_PROVISION):
        request_id = requests.approved(kind, language="de")
        requests.carry_out(request_id)
        text = text_of(answer_of(requests, request_id), tmp_path)
        assert said(Words("de"), f"requests.kind.{kind}") in text
    unknown = requests.receive(customer_id=None, person_name="高橋 未登録")
    requests.verify(unknown)
    requests.decide(unknown, Outcome.NOTHING_HELD)
    requests.approve(unknown)
    text = text_of(answer_of(requests, unknown), tmp_path)
    assert said(Words("ja"), "requests.letter_nothing_held") in text
    assert "高橋未登録様" in text
