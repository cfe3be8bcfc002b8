"""Looking for what was erased: what is looked for, and where.

The values are gathered before anything goes, and kept sealed for the officers until the
certificate is signed. In pages and files they are looked for as pieces of a few characters, as they
are written, as the search folds them and as JSON writes them. A piece that still stands in a row of
somebody else tells nothing: it is counted as such, and the certificate says so.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO

from sqlalchemy import JSON, String, Table, Text, cast, select

from desk_app.errors import Fault
from desk_app.keys import age
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.erasure.rooted import batches
from desk_app.search.grams import OVERSIZE, grams_of
from desk_app.search.model import NEWEST, CaseText
from desk_app.search.normalise import document
from desk_app.storage.base import Base
from desk_app.storage.needles import Needles
from desk_app.storage.unit_of_work import UnitOfWork

PIECE_CHARACTERS = 8
SHORTEST_BYTES, SHORTEST_ASCII_BYTES = 6, 8
"""Two characters of Japanese, eight Latin letters or digits: less is found by chance."""

_FEW_DIGITS = 6
_ROWS_AT_ONCE, _BYTES_AT_ONCE = 1_000, 1 << 20


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is looked for in pages and files: ``pieces`` of ``values`` values, so that the
    certificate can say how many of how many."""

    pieces: frozenset[bytes] = field(repr=False)
    values: int


def seal(values: Collection[str], recipients: Collection[str]) -> bytes:
    """The values for the officers alone."""
    sink = BytesIO()
    with age.encrypt(sink, sorted(recipients)) as sealed:
        sealed.write(json.dumps(sorted(values)).encode())
    return sink.getvalue()


def unseal(sealed: bytes, identity: str) -> frozenset[str]:
    """`Fault` ``privacy.erasure_probes`` for an officer to whom they aren't addressed."""
    try:
        with age.decrypt(BytesIO(sealed), [identity]) as source:
            return frozenset(json.loads(source.read()))
    except (age.AgeError, ValueError) as error:
        raise Fault("privacy.erasure_probes") from error


def needles(values: Iterable[str]) -> Pieces:
    """What to look for in pages and files: of every value that isn't too short to be told from
    chance."""
    found: set[bytes] = set()
    looked_for = 0
    for value in set(values):
        of_it = {
            written
            for form in {value, document([value])}
            for piece in _pieces(form)
            for written in (_encoded(piece), _encoded(json.dumps(piece)[1:-1]))
            if len(written) >= _least(written)
        }
        looked_for += bool(of_it)
        found |= of_it
    return Pieces(frozenset(found), looked_for)


def _pieces(text: str) -> Iterable[str]:
    """Its beginning, its middle and its end."""
    middle = max(0, (len(text) - PIECE_CHARACTERS) // 2)
    for start in {0, middle, max(0, len(text) - PIECE_CHARACTERS)}:
        yield text[start : start + PIECE_CHARACTERS]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _least(piece: bytes) -> int:
    return SHORTEST_ASCII_BYTES if piece.isascii() else SHORTEST_BYTES


def in_rows(work: UnitOfWork, pieces: Collection[bytes]) -> frozenset[bytes]:
    """Those of the pieces that stand in a row of the office, or in the names of its tables. Every
    row is gone through once, however many there are."""
    looked = Needles(pieces)
    found = looked.found_in(_encoded(_names(work)))
    for table in Base.metadata.sorted_tables:
        for some in _texts_of(work, table):
            found |= looked.found_in(some)
            if len(found) == len(looked.wanted):
                return found
    return found


def _texts_of(work: UnitOfWork, table: Table) -> Iterator[bytes]:
    """All texts of a table's rows as they are kept, some at a time."""
    columns = [
        cast(column, Text)
        for column in table.columns
        if isinstance(column.type, String | JSON | Text) or column.name == "particulars"
    ]
    if not columns:
        return
    some: list[str] = []
    length = 0
    rows = work.session.execute(select(*columns).execution_options(yield_per=_ROWS_AT_ONCE))
    for row in rows:
        texts = [text for text in row if text]
        some += texts
        length += sum(map(len, texts))
        if length > _BYTES_AT_ONCE:
            yield _encoded("\0".join(some))
            some, length = [], 0
    yield _encoded("\0".join(some))


def _names(work: UnitOfWork) -> str:
    """What the file says of its own tables."""
    if work.session.get_bind().dialect.name != "sqlite":
        return ""
    said = work.session.connection().exec_driver_sql("SELECT name || ' ' || sql FROM sqlite_master")
    return "\n".join(one for one in said.scalars() if one)


def found_by_search(work: UnitOfWork, roots: Roots, values: Iterable[str]) -> int:
    """How many of the values the search index would lead to one of the cases for."""
    folded = {one for one in (document([value]) for value in values) if _tells(one)}
    hits = 0
    on_file = work.session.get_bind().dialect.name == "sqlite"
    for ids in batches(roots.cases):
        bodies = " \n".join(
            work.session.scalars(select(CaseText.body).where(CaseText.case_id.in_(ids)))
        )
        hits += sum(1 for value in folded if value in bodies)
        if on_file:
            hits += sum(1 for value in folded if _is_in_grams(work, ids, value))
    return hits


def _tells(folded: str) -> bool:
    """A few digits also stand in a case's number, which stays."""
    return len(folded) > (_FEW_DIGITS if folded.isdecimal() else 1)


def _is_in_grams(work: UnitOfWork, case_ids: list[int], folded: str) -> bool:
    """Whether the file's index holds every gram of the value for one of the cases."""
    grams = sorted(grams_of(folded) - {OVERSIZE})
    if not grams:
        return False
    asked = " AND ".join('"' + gram.replace('"', '""') + '"' for gram in grams[:50])
    rows = ",".join(str(NEWEST - id) for id in case_ids)
    statement = f"SELECT 1 FROM case_grams WHERE case_grams MATCH ? AND rowid IN ({rows}) LIMIT 1"  # noqa: S608 -- whole numbers
    return work.session.connection().exec_driver_sql(statement, (asked,)).first() is not None
