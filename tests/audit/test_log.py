"""What goes into the audit log, and how its entries are chained."""

from datetime import date
from enum import StrEnum
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from desk_app.audit.chain import BEFORE_FIRST, content_hash, link_hash
from desk_app.audit.log import query_digest, record
from desk_app.audit.model import AuditEntry, AuditLink


class Reason(StrEnum):
    MATTER = "accurate_receipt"


def links(work):
    with work(reading=True) as w:
        return w.session.execute(
            select(*AuditLink.__table__.columns, *AuditEntry.__table__.columns)
            .join(AuditEntry, AuditEntry.id == AuditLink.entry_id)
            .order_by(AuditLink.seq)
        ).all()


def test_entries_of_a_transaction_are_linked_in_their_order(work, make_actor):
    actor = make_actor()
    with work() as w:
        record(actor, w, "case.opened", subject=("case", 17), purpose="G", reason=Reason.MATTER)
        record(actor, w, "case.listed", ids=[3, 2, 1], until=date(2026, 8, 10))
        w.commit()
    with work() as w:
        record(None, w, "desk.started", whole=True)
        w.commit()

    chain = links(work)

    assert [(row.seq, row.action) for row in chain] == [
        (1, "case.opened"),
        (2, "case.listed"),
        (3, "desk.started"),
    ]
    assert chain[0].particulars == {"reason": "accurate_receipt"}
    assert chain[1].particulars == {"ids": [3, 2, 1], "until": "2026-08-10"}
    prev = BEFORE_FIRST
    for row in chain:
        assert row.prev == prev
        assert row.hash == link_hash(row.seq, prev, row.content_hash)
        prev = row.hash


def test_the_hashes_are_what_the_specification_says():
    content = content_hash(
        "2026-06-10 01:30:00.000000", 7, "desk-1", "case.opened", "case", 17, "G", '{"n":1}'
    )
    spelled = '["2026-06-10 01:30:00.000000",7,"desk-1","case.opened","case",17,"G",{"n":1}]'
    assert content == sha256(spelled.encode()).hexdigest()
    assert link_hash(2, "ab", "cd") == sha256(b"2:ab:cd").hexdigest()


def test_what_is_rolled_back_leaves_no_entry_and_no_gap(work, make_actor):
    actor = make_actor()
    with work() as w:
        record(actor, w, "case.opened", subject=("case", 1))
    with work() as w:
        record(actor, w, "case.opened", subject=("case", 2))
        w.commit()
    assert [(row.seq, row.subject_id) for row in links(work)] == [(1, 2)]


@pytest.mark.parametrize("table", ["audit_entry", "audit_link", "audit_head"])
@pytest.mark.parametrize("act", ["UPDATE {} SET id_ = id_", "DELETE FROM {}"])
def test_the_log_only_grows(office_db, work, make_actor, table, act):
    actor = make_actor()
    with work() as w:
        record(actor, w, "case.opened", subject=("case", 1))
        w.session.execute(
            text(
                "INSERT INTO audit_head (seq, hash, at, user_id, desk_id, signature)"
                " VALUES (1, '', '2026-06-10 01:30:00', 1, '', '')"
            )
        )
        w.commit()
    column = {"audit_entry": "action", "audit_link": "hash", "audit_head": "hash"}[table]
    statement = act.replace("id_", column).format(table)
    with office_db.connect() as connection, pytest.raises(DBAPIError, match="only grows"):
        connection.execute(text(statement))


@given(
    st.text(min_size=1).filter(
        lambda text: not text.isascii() or " " in text or any(c.isupper() for c in text[1:])
    )
)
def test_free_text_is_refused(text):
    with pytest.raises(ValueError, match="audit log takes"):
        record(None, NeverUsed(), "case.opened", note=text)


class NeverUsed:
    """Stands for a unit of work that must not be touched."""

    now = None


@pytest.mark.parametrize("value", ["03-1234-5678", "090 1234 5678", "佐藤", "A B", 1.5, b"x", {}])
def test_what_may_be_personal_is_refused(value):
    with pytest.raises(ValueError, match="audit log takes"):
        record(None, NeverUsed(), "case.opened", subject=("case", 1), value=value)
    with pytest.raises(ValueError, match="audit log takes"):
        record(None, NeverUsed(), "case.opened", values=[1, value])


@pytest.mark.parametrize("action", ["opened", "Case.opened", "case.opened.twice", "case opened"])
def test_actions_have_a_room_and_a_word(action):
    with pytest.raises(ValueError, match="an action"):
        record(None, NeverUsed(), action)


def test_equal_queries_have_equal_digests_in_one_office(work):
    with work() as w:
        first = query_digest(w, "返品")
        w.commit()
    with work() as w:
        assert query_digest(w, "返品") == first
        assert query_digest(w, "返品 ") != first
        assert first != sha256("返品".encode()).hexdigest()
