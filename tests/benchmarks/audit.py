"""Verifying the audit log in an encrypted file, against bare hashing of the same texts."""

import secrets
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine

from desk_app.audit.chain import AT_FORMAT, BEFORE_FIRST, content_hash, link_hash
from desk_app.audit.model import AuditEntry, AuditLink
from desk_app.audit.verify import verify
from desk_app.clock import FixedClock
from desk_app.schema import metadata
from desk_app.storage.engines import encrypted_file
from desk_app.storage.schema import prepare
from desk_app.storage.unit_of_work import open_work
from tests.benchmarks.measuring import Row, turn_about

ENTRIES = 100_000
AT = datetime(2026, 6, 10, 1, 30, tzinfo=UTC)
PARTICULARS = {"query": sha256(b"query").hexdigest(), "total": 42}


def measure() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        engine = encrypted_file(Path(folder) / "office.db", secrets.token_bytes(32))
        prepare(engine, metadata(), now=AT)
        _fill(engine)
        texts = [secrets.token_bytes(280) for _ in range(ENTRIES)]
        links = [secrets.token_bytes(136) for _ in range(ENTRIES)]

        def ours() -> None:
            with open_work(engine, FixedClock(AT), reading=True) as work:
                found = verify(work)
            assert (found.entries, found.first_bad) == (ENTRIES, None)

        def bare() -> None:
            for text, link in zip(texts, links, strict=True):
                sha256(text).hexdigest()
                sha256(link).hexdigest()

        seconds, floor = turn_about(ours, bare, rounds=3)
        engine.dispose()
    yield Row("audit.verify", ENTRIES / seconds, "entries/s", floor=ENTRIES / floor)


def _fill(engine: Engine) -> None:
    """A sound log, written past the use cases: only reading it is measured."""
    entries, links, prev = [], [], BEFORE_FIRST
    at = AT.strftime(AT_FORMAT)
    query = PARTICULARS["query"]
    for number in range(1, ENTRIES + 1):
        acts = (7, "desk-1", "search.found", "case", number, "G")
        content = content_hash(at, *acts, f'{{"query":"{query}","total":42}}')
        link = link_hash(number, prev, content)
        names = ("user_id", "desk_id", "action", "subject_kind", "subject_id", "purpose")
        entries.append(
            dict(zip(names, acts, strict=True))
            | {"id": number, "at": AT, "particulars": PARTICULARS, "content_hash": content}
        )
        links.append({"seq": number, "entry_id": number, "prev": prev, "hash": link})
        prev = link
    with engine.begin() as connection:
        connection.execute(AuditEntry.__table__.insert(), entries)
        connection.execute(AuditLink.__table__.insert(), links)
