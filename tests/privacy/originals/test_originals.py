"""Paper originals: registered, found by their label, disposed of before a witness, answered for."""

import itertools
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.graphics.barcode import code128

from desk_app.errors import Refused
from desk_app.people.access import Actor, Role
from desk_app.privacy.originals import certificate, keeping, labels, rules, service, views
from desk_app.privacy.originals.disposal import service as disposal
from desk_app.privacy.originals.pages import Label, OriginalRow
from desk_app.privacy.originals.rules import (
    AFTER,
    BatchAct,
    BatchState,
    KeptBecause,
    OriginalEntry,
    OriginalState,
)
from desk_app.privacy.originals.service import Shown
from desk_app.privacy.requests import service as asking
from desk_app.privacy.requests.rules import Kind
from desk_app.purposes.holds import HeldKind, HoldGround
from desk_app.purposes.holds import service as holds
from desk_app.words import Words
from tests.day import OfficeDay
from tests.engines import on_file
from tests.privacy.disclosure.answering import Answering
from tests.privacy.requests.desk import ASKED, RequestsDesk, enter_customer
from tests.privacy.test_data_map import SATO, form

LONG_AGO = date(2024, 3, 1)
LAST_WEEK = date(2026, 6, 3)
TODAY = date(2026, 6, 10)


class Office:
    """The persons whom a disposal takes."""

    def __init__(self, day: OfficeDay) -> None:
        self.day = day
        self.clerk = day.operator
        self.second = day.person(Role.OPERATOR)
        self.officer = day.person(Role.DPO)

    def register(self, received_on: date = LONG_AGO, **more: Any) -> int:
        entry = OriginalEntry(
            kind="postcard", received_on=received_on, box="A-1", shelf="3", **more
        )
        return self.day.perform(self.clerk, service.register, entry)

    def row(self, original_id: int) -> OriginalRow:
        (row,) = self.day.perform(
            self.clerk, service.list_originals, Shown.ALL, text=rules.number(original_id)
        )
        return row

    def batch(self, batch_id: int) -> Any:
        return next(one for one in self.day.read(self.clerk, views.batches) if one.id == batch_id)

    def act(self, who: Actor, use_case: Any, batch_id: int, *args: Any, **named: Any) -> Any:
        version = self.batch(batch_id).version
        return self.day.perform(who, use_case, batch_id, version, *args, **named)

    def carry_out(self, batch_id: int, on: date = TODAY, method: str = "dissolving") -> None:
        self.act(self.clerk, disposal.carry_out, batch_id, on=on, method=method, company="溶解所")

    def dispose(self, *original_ids: int) -> int:
        batch_id = self.day.perform(self.clerk, disposal.draw_up, original_ids)
        self.act(self.officer, disposal.approve, batch_id)
        self.carry_out(batch_id)
        self.act(self.second, disposal.witness, batch_id)
        return int(batch_id)


@pytest.fixture
def office(day: OfficeDay) -> Office:
    return Office(day)


def refused(office: Office, who: Actor, use_case: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(Refused) as caught:
        office.day.perform(who, use_case, *args, **named)
    return caught.value.code


def test_a_postcard_is_registered_stored_moved_and_falls_due(office: Office) -> None:
    original_id = office.register(LAST_WEEK)
    row = office.row(original_id)
    assert (row.number, row.state, row.kept) == (
        rules.number(original_id),
        OriginalState.STORED,
        KeptBecause.NOT_DUE,
    )
    assert row.due_on == date(2027, 6, 3)
    box = str(original_id + 7)  # as some offices number their boxes
    office.day.perform(office.clerk, service.move, original_id, row.version, box=box, shelf="")
    (found,) = office.day.perform(office.clerk, service.list_originals, Shown.ALL, text=box)
    assert (found.id, found.box) == (original_id, box)
    assert refused(
        office, office.clerk, service.move, original_id, row.version, box="C", shelf=""
    ) == ("storage.conflict")
    office.day.later(days=360)
    assert office.row(original_id).state is OriginalState.DUE


@on_file
def test_a_case_brings_its_customer_along_and_no_other(office: Office) -> None:
    case_id = office.day.new_case(form(SATO))
    other_id = office.day.new_case(form(SATO))
    customer_id = office.day.page(case_id).customer.id
    another = office.day.page(other_id).customer.id
    assert office.row(office.register(case_id=case_id)).customer_id == customer_id
    entry = OriginalEntry("letter", LONG_AGO, "A", "1", customer_id=another, case_id=case_id)
    assert refused(office, office.clerk, service.register, entry) == "originals.another_customer"


@on_file
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"received_on": TODAY + timedelta(days=1)}, "originals.day_to_come"),
        ({"kind": "parchment"}, "originals.no_such_kind"),
        ({"box": " "}, "originals.needs_place"),
        ({"customer_id": 999}, "customers.not_found"),
        ({"case_id": 999}, "cases.not_found"),
        ({"scan_id": 999}, "originals.no_such_scan"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(
    office: Office, changed: dict[str, Any], code: str
) -> None:
    fields = {"kind": "letter", "received_on": LONG_AGO, "box": "A", "shelf": "1"} | changed
    assert refused(office, office.clerk, service.register, OriginalEntry(**fields)) == code


def test_a_disposal_takes_another_to_approve_and_another_to_witness(office: Office) -> None:
    office.day.later(minutes=1)
    first, second = office.register(), office.register()
    batch_id = office.day.perform(office.clerk, disposal.draw_up, [first, second])
    assert office.row(first).state is OriginalState.IN_BATCH
    version = office.batch(batch_id).version
    both = office.day.person(Role.OPERATOR, Role.DPO)
    own = office.day.perform(both, disposal.draw_up, [office.register()])
    assert refused(office, both, disposal.approve, own, office.batch(own).version) == (
        "people.same_person"
    )

    def own_of(who: Actor) -> dict[int, tuple[bool, bool]]:
        return {
            one.id: (one.is_own, one.is_own_deed) for one in office.day.read(who, views.batches)
        }

    assert own_of(both) == {batch_id: (False, False), own: (True, False)}
    assert refused(
        office, office.clerk, disposal.carry_out, batch_id, version, on=TODAY, method="dissolving"
    ) == ("originals.not_now")
    office.act(office.officer, disposal.approve, batch_id)
    office.carry_out(batch_id)
    assert own_of(office.clerk) == {batch_id: (True, True), own: (False, False)}
    assert own_of(office.second)[batch_id] == (False, False)
    version = office.batch(batch_id).version
    assert (
        refused(office, office.clerk, disposal.witness, batch_id, version) == "people.same_person"
    )
    row = office.row(first)
    assert row.state is OriginalState.IN_BATCH
    assert (  # the paper is gone, although nobody has witnessed it yet
        refused(office, office.clerk, service.move, first, row.version, box="B", shelf="")
        == "originals.gone"
    )
    office.act(office.second, disposal.witness, batch_id)
    assert refused(office, office.clerk, service.labels, [second, first]) == "originals.gone"
    row = office.row(first)
    assert (row.state, row.disposed_on) == (OriginalState.DISPOSED, TODAY)
    assert office.batch(batch_id).count == 2


def test_what_a_hold_keeps_is_not_disposed_of_even_if_it_was_approved(office: Office) -> None:
    case_id = office.day.new_case(form(SATO))
    held, other = office.register(case_id=case_id), office.register()
    batch_id = office.day.perform(office.clerk, disposal.draw_up, [held, other])
    office.act(office.officer, disposal.approve, batch_id)
    office.day.perform(
        office.officer,
        holds.place_hold,
        kind=HeldKind.CASE,
        subject_id=case_id,
        ground=HoldGround.CLAIM,
        reason="訴えの予告",
    )
    version = office.batch(batch_id).version
    assert refused(
        office, office.clerk, disposal.carry_out, batch_id, version, on=TODAY, method="shredding"
    ) == ("originals.kept_held")
    seen = office.row(held).version
    office.day.perform(office.clerk, disposal.take_out, held, seen)
    again = (office, office.clerk, disposal.take_out, held)
    assert refused(*again, seen) == "storage.conflict"
    assert refused(*again, office.row(held).version) == "originals.not_in_batch"
    assert office.row(held).kept is KeptBecause.HELD
    assert refused(office, office.clerk, disposal.draw_up, [held]) == "originals.kept_held"
    office.carry_out(batch_id)
    office.act(office.second, disposal.witness, batch_id)
    assert office.row(held).disposed_on is None
    assert office.row(other).disposed_on == TODAY


def test_what_a_request_may_need_stays_until_the_request_is_closed(office: Office) -> None:
    case_id = office.day.new_case(form(SATO))
    customer = office.day.page(case_id).customer
    assert customer is not None
    supervisor = office.day.person(Role.SUPERVISOR)
    desk = RequestsDesk(office.day, office.officer, supervisor, customer.id)
    mine = office.register(customer_id=customer.id)
    desk.receive()
    assert office.row(mine).kept is KeptBecause.REQUEST_OPEN
    assert refused(office, office.clerk, disposal.draw_up, [mine]) == (
        "originals.kept_request_open"
    )


@on_file
def test_nothing_goes_twice_or_before_its_day(office: Office) -> None:
    fresh, due = office.register(LAST_WEEK), office.register()
    assert refused(office, office.clerk, disposal.draw_up, [due, fresh]) == "originals.kept_not_due"
    assert office.row(due).batch_id is None  # all or none
    batch_id = office.day.perform(office.clerk, disposal.draw_up, [due])
    assert refused(office, office.clerk, disposal.draw_up, [due]) == "originals.kept_elsewhere"
    office.act(office.clerk, disposal.withdraw, batch_id)
    office.dispose(due)
    assert refused(office, office.clerk, disposal.draw_up, [due]) == "originals.kept_gone"
    version = office.row(due).version
    assert refused(office, office.clerk, service.give_back, due, version, on=TODAY) == (
        "originals.gone"
    )


@on_file
def test_a_day_outside_approval_and_today_is_refused(office: Office) -> None:
    batch_id = office.day.perform(office.clerk, disposal.draw_up, [office.register()])
    office.act(office.officer, disposal.approve, batch_id)
    for on in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        version = office.batch(batch_id).version
        assert refused(
            office, office.clerk, disposal.carry_out, batch_id, version, on=on, method="shredding"
        ) == ("originals.day_impossible")


@on_file
def test_what_hangs_on_the_case_of_a_request_stays_while_it_is_open(
    office: Office, tmp_path: Path
) -> None:
    """A letter came before anybody knew whose it was; its case tells now."""
    supervisor = office.day.person(Role.SUPERVISOR)
    requests = RequestsDesk(office.day, office.officer, supervisor, enter_customer(office.day))
    case_id = office.day.new_case(ASKED)
    letter = office.register(case_id=case_id)
    row = office.row(letter)
    assert (row.customer_id, row.kept) == (None, None)
    batch_id = office.day.perform(office.clerk, disposal.draw_up, [letter])
    request_id = office.day.perform(
        office.clerk, asking.receive, case_id, requests.received(Kind.DISCLOSURE)
    )
    assert office.row(letter).kept is KeptBecause.REQUEST_OPEN
    version = office.batch(batch_id).version
    assert refused(office, office.officer, disposal.approve, batch_id, version) == (
        "originals.kept_request_open"
    )
    requests.do(asking.withdraw, request_id, reason="電話で取り下げ")
    requests.do(asking.close, request_id)
    office.act(office.officer, disposal.approve, batch_id)
    office.carry_out(batch_id)
    office.act(office.second, disposal.witness, batch_id)
    # what the register says of each, gone or not, is in the answer to the next request
    given, here = (office.register(case_id=case_id) for _ in range(2))
    office.day.perform(office.clerk, service.give_back, given, office.row(given).version, on=TODAY)
    going = office.register(case_id=case_id)  # carried out, and nobody has witnessed it yet
    batch_id = office.day.perform(office.clerk, disposal.draw_up, [going])
    office.act(office.officer, disposal.approve, batch_id)
    office.carry_out(batch_id)
    items = Answering(requests, tmp_path, requests.approved()).items("paper_original")
    told = [
        tuple(
            shown.get(key, "")
            for shown in [{one.key: one.value for one in item.fields}]
            for key in ("id", "batch_id", "disposed_on", "returned_on")
        )
        for item in items
    ]
    assert told == [
        (rules.number(letter), "dissolving", TODAY.isoformat(), ""),
        (rules.number(given), "", "", TODAY.isoformat()),
        (rules.number(here), "", "", ""),
        (rules.number(going), "dissolving", TODAY.isoformat(), ""),
    ]


@on_file
def test_the_certificate_says_what_was_done_and_its_digest_stands_in_the_log(
    office: Office, tmp_path: Path
) -> None:
    original_id = office.register(description="ご意見のはがき")
    batch_id = office.dispose(original_id)
    made = office.day.perform(office.officer, disposal.open_certificate, batch_id)
    path = tmp_path / "certificate.pdf"
    for language in ("ja", "en", "de"):
        certificate.write_pdf(made, path, Words(language))
        text = "".join(page.extract_text() for page in PdfReader(path).pages)
        assert rules.number(original_id) in text
        assert "溶解所" in text
        assert made.digest[:20] in text.replace("\n", "")
        assert "ご意見のはがき" not in text
    early = office.day.perform(office.clerk, disposal.draw_up, [office.register()])
    assert refused(office, office.officer, disposal.open_certificate, early) == (
        "originals.not_witnessed"
    )


# Pure rules


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 240))
def test_an_original_falls_due_on_the_day_that_corresponds(received: date, months: int) -> None:
    due = rules.due_on(received, months)
    assert (due.year - received.year) * 12 + due.month - received.month == months
    assert due.day == min(received.day, monthrange(due.year, due.month)[1])


@given(st.integers(1, 10**12), st.sampled_from(["{}", "p{}", "Ｐ－{}", " P-{:012} ", "P-{:06}"]))
def test_a_number_is_read_as_it_is_printed_typed_or_scanned(id: int, form: str) -> None:
    assert rules.read_number(rules.number(id)) == id
    assert rules.read_number(form.format(id).replace("－", "-")) == id


@pytest.mark.parametrize("text", ["", "P-", "P-0", "A-1", "P-12x", "-5"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert rules.read_number(text) is None


def test_a_disposal_ends_only_before_a_witness() -> None:
    last = [state for (state, act), after in AFTER.items() if after is BatchState.WITNESSED]
    assert last == [BatchState.CARRIED_OUT]
    assert not [1 for state, _ in AFTER if state in (BatchState.WITNESSED, BatchState.WITHDRAWN)]
    with pytest.raises(Refused, match="not_now"):
        rules.after(BatchState.CARRIED_OUT, BatchAct.WITHDRAW)


def test_each_kind_has_a_rule_with_its_source_in_each_language() -> None:
    for kind in keeping.kinds():
        rule = keeping.rule_for(kind, date(1990, 1, 1))
        assert rule.months > 0
        assert set(rule.source) == {"ja", "en", "de"}


# The label, read back from the printed picture


def test_a_printed_barcode_reads_as_its_number() -> None:
    numbers = [rules.number(id) for id in (1, 123_456, 9_999_999)]
    made = labels.sheets([Label(one, LONG_AGO, TODAY, "A-1") for one in numbers], Words("ja"))
    assert list(_barcodes(made, len(numbers))) == numbers


def test_labels_say_nothing_of_a_person_and_fill_their_sheets() -> None:
    made = labels.sheets(
        [Label(rules.number(id), LONG_AGO, TODAY, "箱" * 80) for id in range(1, 26)], Words("de")
    )
    reader = PdfReader(BytesIO(made))
    assert len(reader.pages) == 2
    assert "P-000025" in reader.pages[1].extract_text()


def _barcodes(made: bytes, count: int) -> Iterator[str]:
    """The barcodes of the first row of labels, from a scan line through them."""
    scale = 8.0
    document = pypdfium2.PdfDocument(made)
    page = document[0].render(scale=scale, grayscale=True).to_numpy()
    document.close()
    mm = scale * 72 / 25.4
    line = page[int(10 * mm)] < 128
    for at in range(count):
        dark = line[int(at * 70 * mm) : int((at + 1) * 70 * mm)]
        edges = [i for i in range(1, len(dark)) if dark[i] != dark[i - 1]]
        widths = [b - a for a, b in itertools.pairwise(edges)]
        yield _code_128(widths)


def _code_128(widths: list[int]) -> str:
    """What widths of bars and spaces say: sets B and C, with the checksum (ISO/IEC 15417)."""
    module = sum(widths[:6]) / 11
    by_pattern = {pattern: value for value, pattern in code128._patterns.items()}
    values = [
        by_pattern[
            "".join(
                chr(ord("Ba"[at % 2]) - (at + 1) % 2 + round(width / module) - 1)
                for at, width in enumerate(widths[start : start + 6])
            )
        ]
        for start in range(0, len(widths) - 7, 6)
    ]
    start, *symbols, checksum = values
    assert checksum == (start + sum(at * one for at, one in enumerate(symbols, 1))) % 103
    text, in_c = "", start == 105
    for one in symbols:
        if one == (100 if in_c else 99):  # on to the other set
            in_c = not in_c
        else:
            text += f"{one:02}" if in_c else chr(one + 32)
    return text
