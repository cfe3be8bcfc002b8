"""Tampering past the triggers, on both engines: the verifier names the first bad entry."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from desk_app.audit.chain import content_hash, link_hash
from desk_app.audit.heads import not_in_log, remember, remembered, sign_head, stored
from desk_app.audit.log import record
from desk_app.audit.verify import Damage, FirstBad, verify
from desk_app.errors import Fault

ENTRIES = 13
KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw().hex()


@pytest.fixture
def actor(work, make_actor):
    """Somebody whose log has thirteen entries, in transactions of one to three."""
    made = make_actor()
    subjects = iter(range(1, ENTRIES))
    for size in (1, 2, 3, 1, 2, 3):
        with work() as w:
            for _ in range(size):
                record(made, w, "case.opened", subject=("case", next(subjects)), purpose="G")
            w.commit()
    with work() as w:
        record(made, w, "people.user_added", subject=("user", int(made.user_id)), verify_key=PUBLIC)
        w.commit()
    return made


@pytest.fixture
def head(actor, work):
    """The end of the thirteen entries, signed and stored."""
    with work() as w:
        signed = sign_head(actor, w, KEY.sign)
        w.commit()
    return signed


@pytest.fixture
def tamper(office_db):
    """Runs statements on the audit tables after taking their triggers away."""

    def run(*statements: str) -> None:
        with office_db.begin() as connection:
            if connection.dialect.name == "sqlite":
                triggers = connection.execute(
                    text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                ).scalars()
                for name in triggers.all():
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
            else:
                for table in ("audit_entry", "audit_link", "audit_head"):
                    connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            for statement in statements:
                connection.exec_driver_sql(statement)

    return run


def verdict(work, **kwargs):
    with work(reading=True) as w:
        return verify(w, **kwargs)


def first_bad(work, **kwargs):
    return verdict(work, **kwargs).first_bad


def test_an_untouched_log_is_whole(work, head):
    found = verdict(work, remembered=[head])
    assert (found.entries, found.heads, found.first_bad) == (ENTRIES, 2, None)


def test_an_empty_log_is_whole(work, make_actor):
    actor = make_actor()
    with work() as w:
        assert sign_head(actor, w, KEY.sign) is None
    assert verdict(work).first_bad is None


@pytest.mark.parametrize(
    "change",
    [
        "at = '2026-06-10 01:30:00.000001+00:00'",
        "user_id = 99",
        "user_id = NULL",
        "desk_id = 'desk-2'",
        "action = 'case.closed'",
        "subject_kind = 'customer'",
        "subject_id = 6",
        "purpose = 'A'",
        "purpose = NULL",
        "particulars = '{\"n\":1}'",
        "content_hash = 'ab'",
    ],
)
def test_each_changed_column_is_found(work, actor, tamper, change):
    tamper(f"UPDATE audit_entry SET {change} WHERE subject_id = 5")
    assert first_bad(work) == FirstBad(Damage.CHANGED, 5, 5)


def test_a_blob_for_a_word_is_found(office_db, work, actor, tamper):
    blob = {"sqlite": "x'00ff'", "postgresql": "'\\x00ff'"}[office_db.dialect.name]
    tamper(f"UPDATE audit_entry SET action = {blob}, particulars = {blob} WHERE id = 5")
    assert first_bad(work) == FirstBad(Damage.CHANGED, 5, 5)


@pytest.mark.parametrize("change", ["prev = 'ab'", "hash = 'ab'"])
def test_a_changed_link_is_found(work, actor, tamper, change):
    tamper(f"UPDATE audit_link SET {change} WHERE seq = 5")
    assert first_bad(work) == FirstBad(Damage.CHANGED, 5, 5)


def test_a_change_with_its_content_hash_is_found(work, actor, tamper):
    forged = content_hash(
        "2026-06-10 01:30:00.000000",
        actor.user_id,
        actor.desk_id,
        "case.opened",
        "case",
        99,
        "G",
        "{}",
    )
    tamper(
        f"UPDATE audit_entry SET subject_id = 99, content_hash = '{forged}' WHERE subject_id = 5"
    )
    assert first_bad(work) == FirstBad(Damage.CHANGED, 5, 5)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["DELETE FROM audit_entry WHERE id = 5"], FirstBad(Damage.REMOVED, 5, 5)),
        (["DELETE FROM audit_link WHERE seq = 5"], FirstBad(Damage.REMOVED, 5)),
        (
            [
                "DELETE FROM audit_link WHERE seq = 1",
                "DELETE FROM audit_entry WHERE id = 1",
            ],
            FirstBad(Damage.REMOVED, 1),
        ),
        (
            [
                "DELETE FROM audit_entry WHERE id = 5",
                "DELETE FROM audit_link WHERE seq = 5",
                "UPDATE audit_link SET seq = seq - 100 WHERE seq > 5",
                "UPDATE audit_link SET seq = seq + 99 WHERE seq < 0",
            ],
            FirstBad(Damage.REMOVED, 5),
        ),
    ],
    ids=["entry", "link", "first", "renumbered"],
)
def test_a_removed_entry_is_found(work, actor, tamper, statements, expected):
    tamper(*statements)
    assert first_bad(work) == expected


@pytest.mark.parametrize(
    "swap",
    [
        [
            "UPDATE audit_link SET entry_id = -entry_id WHERE entry_id IN (5, 8)",
            "UPDATE audit_link SET entry_id = 13 + entry_id WHERE entry_id < 0",
        ],
        [
            "UPDATE audit_link SET seq = -seq WHERE seq IN (5, 8)",
            "UPDATE audit_link SET seq = 13 + seq WHERE seq < 0",
        ],
    ],
    ids=["entries", "links"],
)
def test_reordered_entries_are_found(work, actor, tamper, swap):
    tamper(*swap)
    found = first_bad(work)
    assert (found.damage, found.seq) == (Damage.REORDERED, 5)


def test_a_cut_end_is_found_by_the_head(work, head, tamper):
    tamper("DELETE FROM audit_link WHERE seq > 9", "DELETE FROM audit_entry WHERE id > 9")
    assert first_bad(work) == FirstBad(Damage.CUT_OFF, 10)


def test_a_cut_end_is_found_by_what_the_desk_remembers(work, head, tamper):
    tamper(
        "DELETE FROM audit_link WHERE seq = 13",
        "DELETE FROM audit_entry WHERE id = 13",
        "DELETE FROM audit_head",
    )
    assert first_bad(work) is None
    assert first_bad(work, remembered=[head]) == FirstBad(Damage.CUT_OFF, 13)


def test_a_chain_computed_anew_is_found_by_what_the_desk_remembers(work, head, office_db, tamper):
    with office_db.connect() as connection:
        contents = (
            connection.execute(text("SELECT content_hash FROM audit_entry ORDER BY id"))
            .scalars()
            .all()
        )
    statements, prev = [], "0" * 64
    for seq, content in enumerate(reversed(contents), start=1):
        link = link_hash(seq, prev, content)
        statements.append(
            f"INSERT INTO audit_link VALUES ({seq}, {ENTRIES + 1 - seq}, '{prev}', '{link}')"
        )
        prev = link
    tamper("DELETE FROM audit_link", "DELETE FROM audit_head", *statements)
    assert first_bad(work) is None
    assert first_bad(work, remembered=[head]) == FirstBad(Damage.REWRITTEN, ENTRIES, 1)


def test_an_entry_beside_the_chain_is_found(work, actor, tamper):
    tamper(
        "INSERT INTO audit_entry (at, desk_id, action, particulars, content_hash)"
        " VALUES ('2026-06-10 01:30:00.000000+00:00', '', 'case.opened', '{}', '')"
    )
    found = first_bad(work)
    assert (found.damage, found.seq) == (Damage.NOT_LINKED, ENTRIES + 1)


@pytest.mark.parametrize(
    "change", ["seq = 5", "hash = 'ab'", "user_id = 99", "desk_id = 'x'", "signature = 'zz'"]
)
def test_a_forged_head_is_found(work, head, tamper, change):
    tamper(f"UPDATE audit_head SET {change}")
    found = first_bad(work)
    assert found.damage is Damage.HEAD_FORGED


def test_heads_of_any_type_are_judged(office_db, work, head, tamper):
    if office_db.dialect.name == "postgresql":
        tamper("UPDATE audit_head SET at = 'infinity'")
    else:
        tamper("UPDATE audit_head SET seq = 'x', at = x'00', signature = x'00', user_id = 'y'")
    assert first_bad(work).damage is Damage.HEAD_FORGED


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seq=st.integers(1, ENTRIES),
    statement=st.sampled_from(
        [
            "DELETE FROM audit_entry WHERE id = {}",
            "DELETE FROM audit_link WHERE seq = {}",
            "UPDATE audit_entry SET subject_id = 99 WHERE id = {}",
            "UPDATE audit_link SET hash = 'ab' WHERE seq = {}",
        ]
    ),
)
def test_any_single_act_is_found_where_it_was_done(office_db, work, head, seq, statement):
    """Tampered inside a transaction that is rolled back, so that each example starts whole."""
    with work() as w:
        connection = w.session.connection()
        if connection.dialect.name == "sqlite":
            for table in ("audit_entry", "audit_link"):
                for act in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{act}")
        else:
            for table in ("audit_entry", "audit_link"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        connection.exec_driver_sql(statement.format(seq))
        found = verify(w)
    assert found.first_bad is not None
    assert found.first_bad.seq == seq


def test_the_latest_head_is_remembered_and_evidence_beside_it(tmp_path, head):
    later = replace(head, seq=40)
    remember(tmp_path, head)
    assert remembered(tmp_path) == [head]
    remember(tmp_path, later)
    assert remembered(tmp_path) == [later]
    remember(tmp_path, head, evidence=[later, replace(later, desk_id="desk-2")])
    assert remembered(tmp_path) == [later, head]
    assert [path.name for path in tmp_path.glob("*audit*")] == ["audit-head-desk-1.json"]


def test_heads_that_the_log_no_longer_holds_are_told(work, head):
    gone = [replace(head, seq=40), replace(head, hash="ab")]
    with work(reading=True) as w:
        assert not_in_log(w, [head, *gone]) == gone


def test_stored_heads_are_the_signed_ones(work, head):
    with work(reading=True) as w:
        assert stored(w) == [head]


@pytest.mark.parametrize("content", ["", "1", '[{"seq": 1}]', "[[]]", "\x00\x01", "ü"])
def test_an_unreadable_memory_is_said(tmp_path, content):
    (tmp_path / "audit-head-desk-1.json").write_text(content)
    with pytest.raises(Fault, match=r"audit\.head_unreadable"):
        remembered(tmp_path)


def test_a_head_that_cannot_be_kept_is_said(tmp_path, head):
    with pytest.raises(Fault, match=r"files\.no_folder"):
        remember(tmp_path / "not there", head)
