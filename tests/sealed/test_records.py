"""Sealing takes no key; opening takes role, appointment, key and purpose, and is on record."""

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select, update

from desk_app.audit.model import AuditEntry
from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.people.access import Actor, Role
from desk_app.sealed import opening, records, views
from desk_app.sealed.model import SealedKey, SealedRecord
from tests.conftest import MakeActor, OpenWork
from tests.day import OfficeDay
from tests.sealing import IDENTITIES, IDENTITY, RECOVERY

SAID = "透析に通っている"


@pytest.fixture
def sealed(day: OfficeDay) -> int:
    def seal(actor: Actor, work: object) -> int:
        return records.seal(work, kind="hint", field="matter", text=SAID, made_by=actor)

    made: int = day.perform(day.operator, seal)
    return made


def reader(make_actor: MakeActor) -> Actor:
    return make_actor([Role.SUPERVISOR], may_see_sealed=True)


def test_what_is_sealed_is_opened_for_a_purpose_and_on_record(
    day: OfficeDay, sealed: int, make_actor: MakeActor, work: OpenWork
) -> None:
    who = reader(make_actor)
    opened = day.perform(who, opening.open_records, [sealed], purpose="G", identities=IDENTITIES)
    assert [(one.text, one.row.kind, one.row.field) for one in opened] == [(SAID, "hint", "matter")]
    assert SAID not in repr(opened)
    with work(reading=True) as w:
        entries = w.session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "sealed"))
        told = [(one.action, one.user_id, one.purpose) for one in entries]
    assert told == [
        ("sealed.sealed", day.operator.user_id, None),
        ("sealed.opened", who.user_id, "G"),
    ]


def test_who_is_not_appointed_to_it_or_has_no_key_reads_nothing(
    day: OfficeDay, sealed: int, make_actor: MakeActor
) -> None:
    named = {"purpose": "G", "identities": IDENTITIES}
    with pytest.raises(NotPermitted, match="not_permitted"):
        day.perform(day.operator, opening.open_records, [sealed], **named)
    with pytest.raises(NotPermitted, match="not_appointed"):
        day.perform(day.person(Role.SUPERVISOR), opening.open_records, [sealed], **named)
    with pytest.raises(NotPermitted, match="no_key"):
        day.perform(reader(make_actor), opening.open_records, [sealed], purpose="G", identities={})
    with pytest.raises(ValueError, match="audit"):
        day.perform(
            reader(make_actor),
            opening.open_records,
            [sealed],
            purpose="because I like to",
            identities=IDENTITIES,
        )
    with pytest.raises(Refused, match="not_found"):
        day.perform(reader(make_actor), opening.open_records, [sealed + 1], **named)


def test_another_records_content_put_in_its_place_is_refused(
    day: OfficeDay, sealed: int, make_actor: MakeActor, work: OpenWork
) -> None:
    with work() as w:
        other = records.seal(w, kind="hint", field="note", text="別の記録", made_by=day.operator)
        content = w.session.get_one(SealedRecord, other).content
        w.session.execute(
            update(SealedRecord).where(SealedRecord.id == sealed).values(content=content)
        )
        w.commit()
    with pytest.raises(Fault, match="changed"):
        day.perform(
            reader(make_actor),
            opening.open_records,
            [sealed],
            purpose="G",
            identities=IDENTITIES,
        )


def test_everybody_who_works_on_cases_learns_that_not_what(day: OfficeDay, sealed: int) -> None:
    contact_id = day.ring()
    day.perform(
        day.operator,
        lambda actor, w: records.seal(
            w, kind="hint", field="note", text=SAID, made_by=actor, contact_id=contact_id
        ),
    )
    rows = day.read(day.operator, views.records_of, contact_ids=[contact_id])
    assert [(row.kind, row.field, row.made_by) for row in rows] == [
        ("hint", "note", day.operator.user_id)
    ]
    assert sealed not in {row.record_id for row in rows}


@pytest.mark.parametrize("identity", [IDENTITY, RECOVERY], ids=["holders", "recovery"])
def test_the_stock_tool_opens_it(
    day: OfficeDay, sealed: int, work: OpenWork, tmp_path: Path, identity: str
) -> None:
    (tmp_path / "identity").write_text(identity)
    with work(reading=True) as w:
        content = w.session.get_one(SealedRecord, sealed).content
    assert SAID.encode() not in content
    opened = subprocess.run(
        ["age", "-d", "-i", tmp_path / "identity"], input=content, capture_output=True, check=True
    )
    assert SAID in opened.stdout.decode()


def test_without_a_key_nothing_is_sealed(work: OpenWork, make_actor: MakeActor) -> None:
    with work() as w, pytest.raises(Refused, match="no_key_yet"):
        records.seal(w, kind="hint", field="note", text=SAID, made_by=make_actor())
    with work(reading=True) as w:
        assert w.session.scalars(select(SealedKey)).all() == []
