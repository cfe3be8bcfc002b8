"""The case summary on paper, read back: whole, in order, on numbered pages, saying who made it."""

import unicodedata
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from desk_app.audit.model import AuditEntry
from desk_app.errors import Fault, NotPermitted
from desk_app.people.access import Role
from desk_app.purposes.rules import Purpose
from desk_app.reports.case_summary import CaseSummary, write_pdf
from desk_app.reports.lines import MISSING, printable
from desk_app.reports.service import open_case_summary
from desk_app.reports.typesetting import regular
from desk_app.words import LANGUAGES, Language, Words
from tests.day import OfficeDay
from tests.reports.sample import CASE, MATTER, SUMMARY, summary_of
from tests.surroundings import no_room_beyond


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def read(path: Path) -> tuple[PdfReader, str]:
    reader = PdfReader(BytesIO(path.read_bytes()))
    return reader, squeezed("".join(page.extract_text() for page in reader.pages))


def written(tmp_path: Path, summary: CaseSummary, language: Language = "ja") -> Path:
    path = tmp_path / "summary.pdf"
    write_pdf(summary, path, Words(language))
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_was_asked_what_was_done_and_who_made_it(
    tmp_path: Path, language: Language
) -> None:
    words = Words(language)
    reader, text = read(written(tmp_path, SUMMARY, language))
    for said in (
        words("reports.case_title", number="2026-000123"),
        MATTER,
        "お品物をお預かりし",
        "Die Klinge ist eingetroffen.",
        words("cases.entry.opened"),
        words("cases.resolution.replaced"),
        CASE.resolution_text,
        words("reports.callback_due"),
        "090-1234-5678",
        "髙﨑 美咲",
        words("customers.answer.declined"),
        words("customers.answer.not_asked"),
        words("reports.announced"),
        words("calls.disposition.follow_up"),
        words("reports.page", n=1, total=len(reader.pages)),
    ):
        assert squeezed(said) in text
    for page in reader.pages:
        assert squeezed(SUMMARY.stamp.say(words)) in squeezed(page.extract_text())
    assert reader.metadata is not None
    assert reader.metadata.author == "監督 花子"
    assert reader.metadata.title == words("reports.case_title", number="2026-000123")


def test_times_are_the_offices(tmp_path: Path) -> None:
    _, text = read(written(tmp_path, SUMMARY))
    assert "2026年6月10日10:30" in text
    assert "10:30–10:38" in text


def test_a_long_matter_flows_over_numbered_pages(tmp_path: Path) -> None:
    matter = "".join(f"{n}。お客様のお申し出は、次のとおりです。" for n in range(2000))
    reader, _ = read(written(tmp_path, summary_of(matter)))
    assert len(reader.pages) > 10
    stamp = squeezed(SUMMARY.stamp.say(Words("ja")))
    flow = ""
    for number, page in enumerate(reader.pages, start=1):
        text = squeezed(page.extract_text())
        foot = squeezed(Words("ja")("reports.page", n=number, total=len(reader.pages)))
        assert foot in text
        flow += text.replace(foot, "").replace(stamp, "")
    assert squeezed(matter) in flow


@given(matter=st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_any_text_can_be_set(tmp_path: Path, matter: str) -> None:
    """What the font has is read back, in order; of the rest nothing breaks the file."""
    reader, _ = read(written(tmp_path, summary_of(matter)))
    assert len(reader.pages) >= 1
    shown = printable(matter, regular().has_glyph)
    assert all(c == "\n" or regular().has_glyph(c) for c in shown)


def test_what_the_font_lacks_leaves_a_mark(tmp_path: Path) -> None:
    _, text = read(written(tmp_path, summary_of("包丁🙂です\x00\x1b")))
    assert f"包丁{MISSING}です" in text


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"files\.disk_full"), no_room_beyond(1000):
        written(tmp_path, SUMMARY)
    assert list(tmp_path.iterdir()) == []


def test_opening_a_summary_is_audited_before_there_is_a_file(day: OfficeDay) -> None:
    case_id = day.new_case()
    supervisor = day.person(Role.SUPERVISOR)
    summary = day.perform(supervisor, open_case_summary, case_id, purpose=Purpose.INQUIRIES)
    assert summary.case.number == "2026-000001"
    assert summary.stamp.purpose is Purpose.INQUIRIES
    assert f"{summary.stamp.made_at:%Y-%m-%d %H:%M}" == "2026-06-10 10:30"
    with day.work(reading=True) as w:
        entry = w.session.query(AuditEntry).filter_by(action="case.exported").one()
        assert (entry.subject_kind, entry.subject_id) == ("case", case_id)
        assert (entry.user_id, entry.purpose) == (supervisor.user_id, "G")


@pytest.mark.parametrize(("role", "appointed"), [(Role.OPERATOR, True), (Role.SUPERVISOR, False)])
def test_only_appointed_supervisors_take_data_out(
    day: OfficeDay, role: Role, appointed: bool
) -> None:
    case_id = day.new_case()
    someone = day.person(role, appointed=appointed)
    ask: Callable[..., object] = open_case_summary
    with pytest.raises(NotPermitted):
        day.perform(someone, ask, case_id, purpose=Purpose.INQUIRIES)
