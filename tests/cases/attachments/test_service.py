"""Attachments of a case on both engines: sealed, opened under an entry, withdrawn, erased."""

import io
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update

from desk_app.audit.model import AuditEntry
from desk_app.cases.attachments import opening, rules, service, views
from desk_app.cases.attachments.intake import Taken, take
from desk_app.cases.attachments.model import Attachment, AttachmentKey, AttachmentPart
from desk_app.cases.attachments.pages import AttachmentRow
from desk_app.cases.attachments.rules import FILE_LIMIT_BYTES, FileKind
from desk_app.cases.attachments.sealed import PART_BYTES, readdress, seal, unseal
from desk_app.cases.rules import EntryKind
from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.keys import age
from desk_app.people.access import Role
from desk_app.purposes.rules import Purpose
from tests.cases.attachments import samples
from tests.day import OfficeDay
from tests.engines import on_file

PLAIN = "ばねが外れた写真をお送りします。"


@pytest.fixture
def keys(day: OfficeDay) -> dict[int, str]:
    """The key in use, by version; the recovery key is a second recipient that nobody has here."""
    with day.work() as w:
        w.session.add(
            AttachmentKey(
                id=1,
                recovery_recipient=age.recipient_of(age.generate_identity()),
                made_at=w.now,
                retired_at=None,
            )
        )
        w.commit()
    return HELD


@pytest.fixture
def case_id(day: OfficeDay) -> int:
    return day.new_case()


def letter(text: str = PLAIN, name: str = "髙橋様の手紙.txt") -> Taken:
    return take(text.encode(), name)


HELD: dict[int, str] = {1: age.generate_identity()}


def attach(day: OfficeDay, case_id: int, taken: Taken, **named: object) -> int:
    made: int = day.perform(day.operator, service.attach, case_id, taken, keys=HELD, **named)
    return made


def rows(day: OfficeDay, case_id: int) -> tuple[AttachmentRow, ...]:
    found: tuple[AttachmentRow, ...] = day.read(day.operator, views.attachments_of, case_id)
    return found


def opened(day: OfficeDay, attachment_id: int, keys: dict[int, str]) -> bytes:
    ticket = day.perform(
        day.operator, service.open_attachment, attachment_id, purpose=Purpose.INQUIRIES, keys=keys
    )
    return opening.content_of(ticket, lambda view, *args: day.read(day.operator, view, *args))


def entries(day: OfficeDay) -> list[AuditEntry]:
    with day.work(reading=True) as w:
        found = select(AuditEntry).where(AuditEntry.action.like("attachment%"))
        written = list(w.session.scalars(found.order_by(AuditEntry.id)))
        w.session.expunge_all()
        return written


def refusal(code: str) -> object:
    return pytest.raises(Refused, match=rf"attachments\.{code}\b")


def test_a_photo_is_kept_sealed_and_opened(
    day: OfficeDay, case_id: int, keys: dict[int, str]
) -> None:
    content = samples.picture("JPEG", (900, 700), quality=95) + b"PK\x03\x04"
    attachment_id = attach(day, case_id, take(content, "IMG_0001.jpg"))
    (row,) = rows(day, case_id)
    assert (row.number, row.kind, row.name) == (1, FileKind.JPEG, "IMG_0001.jpg")
    assert (row.width_px, row.height_px, row.size_bytes) == (900, 700, len(content))
    assert row.remarks == (rules.Remark.TRAILING,)
    assert opened(day, attachment_id, keys) == content
    with day.work(reading=True) as w:
        kept = w.session.get_one(Attachment, attachment_id)
        parts = b"".join(w.session.scalars(select(AttachmentPart.sealed)))
        assert kept.header is not None
        assert kept.header.startswith(b"age-encryption.org/v1\n")
        assert content[:40] not in parts
        assert content[-40:] not in parts


def test_who_opens_is_in_the_log_before_a_byte_is_decrypted(
    day: OfficeDay, case_id: int, keys: dict[int, str]
) -> None:
    attachment_id = attach(day, case_id, letter())
    day.perform(
        day.operator, service.open_attachment, attachment_id, purpose=Purpose.FRAUD, keys=keys
    )
    added, shown = entries(day)
    assert (added.action, shown.action) == ("attachment.added", "attachment.opened")
    assert (shown.purpose, shown.subject_id, shown.user_id) == (
        "H",
        attachment_id,
        day.operator.user_id,
    )
    assert added.particulars["digest"]
    assert "手紙" not in str(added.particulars)
    assert [one.kind for one in day.page(case_id).timeline][-1] is EntryKind.ATTACHED


def test_a_large_file_lies_in_many_rows(day: OfficeDay, case_id: int, keys: dict[int, str]) -> None:
    taken = replace(letter(), content=bytes(range(256)) * 4096 * 3)
    told: list[float] = []
    attachment_id = attach(day, case_id, taken, tell=told.append)
    with day.work(reading=True) as w:
        sizes = list(w.session.scalars(select(func.length(AttachmentPart.sealed))))
    assert len(sizes) == len(told) == 13
    assert (max(sizes), told[-1]) == (PART_BYTES, 1.0)
    assert opened(day, attachment_id, keys) == taken.content


@pytest.mark.parametrize("asked", [0, 3])
def test_giving_up_in_the_middle_leaves_nothing(
    day: OfficeDay, case_id: int, keys: dict[int, str], asked: int
) -> None:
    before = day.page(case_id).timeline
    answers = iter([False] * asked + [True] * 100)
    taken = replace(letter(), content=bytes(PART_BYTES * 4))
    with refusal("given_up"):
        attach(day, case_id, taken, is_stopped=lambda: next(answers))
    with day.work(reading=True) as w:
        assert w.session.scalar(select(func.count()).select_from(AttachmentPart)) == 0
    assert (rows(day, case_id), entries(day), day.page(case_id).timeline) == ((), [], before)


@on_file
def test_a_full_disk_is_said_and_keeps_nothing(
    day: OfficeDay, case_id: int, keys: dict[int, str]
) -> None:
    taken = replace(letter(), content=bytes(PART_BYTES * 8))
    with day.work() as w:
        pages = w.session.scalar(text("PRAGMA page_count"))
        w.session.execute(text(f"PRAGMA max_page_count = {pages + PART_BYTES // 4096 * 3}"))
        with pytest.raises(Fault, match=r"storage\.disk_full"):
            service.attach(day.operator, w, case_id, taken, keys=keys)
    with day.work(reading=True) as w:
        assert w.session.scalar(select(func.count()).select_from(AttachmentPart)) == 0
    assert (rows(day, case_id), entries(day)) == ((), [])


def test_the_same_file_again_is_told(day: OfficeDay, case_id: int, keys: dict[int, str]) -> None:
    attach(day, case_id, letter("erster"))
    first = attach(day, case_id, letter())
    with refusal("duplicate") as refused:
        attach(day, case_id, letter(name="anders.txt"))
    assert refused.value.params == {"number": 2}
    attach(day, day.new_case(), letter())
    day.perform(day.operator, service.withdraw, first, reason="verwechselt")
    attach(day, case_id, letter())
    assert [row.number for row in rows(day, case_id)] == [1, 2, 3]


def test_a_case_has_a_limit(
    day: OfficeDay, case_id: int, keys: dict[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rules.CASE_LIMIT_BYTES == 10 * FILE_LIMIT_BYTES
    monkeypatch.setattr(service, "CASE_LIMIT_BYTES", 100)
    first = attach(day, case_id, letter("a" * 60))
    with refusal("case_full"):
        attach(day, case_id, letter("b" * 41))
    attach(day, case_id, letter("c" * 40))
    day.perform(day.operator, service.withdraw, first, reason="zu groß")
    attach(day, case_id, letter("d" * 60))


def test_a_withdrawn_attachment_leaves_its_trace_only(
    day: OfficeDay, case_id: int, keys: dict[int, str]
) -> None:
    attachment_id = attach(day, case_id, letter())
    with refusal("needs_reason"):
        day.perform(day.operator, service.withdraw, attachment_id, reason=" \n")
    day.later(hours=1)
    day.perform(day.operator, service.withdraw, attachment_id, reason="別のお客様のもの")
    (row,) = rows(day, case_id)
    assert (row.name, row.reason, row.size_bytes) == ("", "別のお客様のもの", len(PLAIN.encode()))
    assert (row.withdrawn_at, row.withdrawn_by) == (day.clock.now(), row.added_by)
    last = day.page(case_id).timeline[-1]
    assert (last.kind, last.text) == (EntryKind.ATTACHMENT_WITHDRAWN, "別のお客様のもの")
    added, withdrawn = entries(day)
    assert withdrawn.particulars["digest"] == added.particulars["digest"]
    with day.work(reading=True) as w:
        kept = w.session.get_one(Attachment, attachment_id)
        assert (kept.header, kept.mark, kept.digest) == (None, None, added.particulars["digest"])
        assert w.session.scalar(select(func.count()).select_from(AttachmentPart)) == 0
    for use_case in (service.open_attachment, service.export_attachment):
        supervisor = day.person(Role.SUPERVISOR)
        with refusal("withdrawn"):
            day.perform(supervisor, use_case, attachment_id, purpose=Purpose.INQUIRIES, keys=keys)
    with refusal("withdrawn"):
        day.perform(day.operator, service.withdraw, attachment_id, reason="noch einmal")


def test_copies_are_handed_out_by_those_who_export(
    day: OfficeDay, case_id: int, keys: dict[int, str], tmp_path: Path
) -> None:
    attachment_id = attach(day, case_id, letter())
    export = (service.export_attachment, attachment_id)
    with pytest.raises(NotPermitted):
        day.perform(day.operator, *export, purpose=Purpose.INQUIRIES, keys=keys)
    supervisor = day.person(Role.SUPERVISOR)
    ticket = day.perform(supervisor, *export, purpose=Purpose.INQUIRIES, keys=keys)
    content = opening.content_of(ticket, lambda view, *args: day.read(supervisor, view, *args))
    opening.save_copy(content, tmp_path / "copy.txt")
    assert (tmp_path / "copy.txt").read_text("utf-8") == PLAIN
    assert (tmp_path / "copy.txt").stat().st_mode & 0o077 == 0
    assert entries(day)[-1].action == "attachment.exported"
    with pytest.raises(Fault, match=r"files\.no_folder"):
        opening.save_copy(content, tmp_path / "gone" / "copy.txt")


def test_without_the_key_nothing_opens(day: OfficeDay, case_id: int, keys: dict[int, str]) -> None:
    attachment_id = attach(day, case_id, letter())
    with pytest.raises(NotPermitted, match=r"attachments\.no_key"):
        opened(day, attachment_id, {2: keys[1]})
    with pytest.raises(NotPermitted, match=r"attachments\.no_key"):
        day.perform(day.operator, service.attach, case_id, letter("x"), keys={})
    assert [one.action for one in entries(day)] == ["attachment.added"]
    with pytest.raises(Fault, match=r"attachments\.changed"):
        opened(day, attachment_id, {1: age.generate_identity()})


def _cut(day: OfficeDay) -> None:
    with day.work() as w:
        w.session.execute(delete(AttachmentPart).where(AttachmentPart.position == 1))
        w.commit()


def _swap(day: OfficeDay) -> None:
    """What anybody with a key to the database could do: put another sealed file there."""
    with day.work() as w:
        other = seal(b"untergeschoben", [age.recipient_of(HELD[1])])
        one = w.session.scalars(select(Attachment)).one()
        one.header = other.header
        w.session.execute(delete(AttachmentPart))
        w.session.add(AttachmentPart(attachment_id=one.id, position=0, sealed=other.parts[0]))
        w.commit()


def _spoil(day: OfficeDay) -> None:
    with day.work() as w:
        part = w.session.scalars(select(AttachmentPart).where(AttachmentPart.position == 0)).one()
        w.session.execute(
            update(AttachmentPart)
            .where(AttachmentPart.position == 0)
            .values(sealed=part.sealed[:50] + bytes([part.sealed[50] ^ 1]) + part.sealed[51:])
        )
        w.commit()


@pytest.mark.parametrize("harm", [_cut, _swap, _spoil])
def test_what_was_changed_is_not_shown(
    day: OfficeDay, case_id: int, keys: dict[int, str], harm: Callable[[OfficeDay], None]
) -> None:
    attachment_id = attach(day, case_id, replace(letter(), content=bytes(PART_BYTES * 2)))
    harm(day)
    with pytest.raises(Fault, match=r"attachments\.changed"):
        opened(day, attachment_id, keys)


@given(st.binary(max_size=3000), st.integers(0, 2))
@settings(max_examples=15)
def test_a_new_header_opens_the_same_content(content: bytes, grow: int) -> None:
    old, new = age.generate_identity(), age.generate_identity()
    sealed = seal(content * 50**grow, [age.recipient_of(old)])
    header = readdress(sealed.header, [old], [age.recipient_of(new)])
    assert unseal(header, sealed.parts, sealed.digest, [new]) == content * 50**grow
    with pytest.raises(Fault):
        unseal(header, sealed.parts, sealed.digest, [old])


def test_the_stock_tool_opens_what_is_kept(tmp_path: Path) -> None:
    identity = age.generate_identity()
    sealed = seal(b"Guten Tag" * 9999, [age.recipient_of(identity)])
    (tmp_path / "key").write_text(identity + "\n")
    said = subprocess.run(
        ["age", "-d", "-i", str(tmp_path / "key")],
        input=io.BytesIO(sealed.header + b"".join(sealed.parts)).getvalue(),
        capture_output=True,
        check=True,
    )
    assert said.stdout == b"Guten Tag" * 9999


def test_texts_are_shown_as_text() -> None:
    shown = opening.preview(FileKind.TEXT, "<b>\u202eあ\r\n\x85 x".encode())
    assert shown == "<b>あ\n\n x"
