"""Looking for cases by number and by text, in bounded time however many there are."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Text, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from desk_app.calls.model import Call, Contact
from desk_app.cases.model import Case, CaseContact
from desk_app.customers.model import ContactPoint
from desk_app.search.duplicates.rules import Likeness, Matter, likeness, matter, probes
from desk_app.search.grams import key_grams
from desk_app.search.model import NEWEST, CaseText, FrequentGram
from desk_app.storage.unit_of_work import UnitOfWork

NUMBER_DAYS = 30
NEWEST_CASES = 50_000
"""Similar texts are looked for among so many of the newest cases."""
MOST_PROBES = 10
MOST_HITS = 60
"""Of each probe, the newest cases that have it."""
MOST_COMPARED = 24
_MOST_CONTACTS = 50
_BODY_CHARACTERS = 4_000

_OF_ONE_PROBE = (
    "SELECT * FROM (SELECT rowid FROM case_grams WHERE case_grams MATCH :{}"
    " AND rowid <= :oldest ORDER BY rowid LIMIT :most)"
)


def by_number(work: UnitOfWork, numbers: Collection[str], now: datetime) -> dict[int, int]:
    """Cases of the last days with a contact from, or a call-back to, one of these numbers; and
    how many days ago the last such contact was."""
    since = now - timedelta(days=NUMBER_DAYS)
    latest: dict[int, datetime] = {}
    for number in numbers:
        shown = select(Call.contact_id).where(Call.number_normal == number)
        given = select(Contact.id).where(Contact.callback_normal == number)
        for ids in (
            shown.order_by(Call.contact_id.desc()).limit(_MOST_CONTACTS),
            given.order_by(Contact.id.desc()).limit(_MOST_CONTACTS),
        ):
            rows = work.session.execute(
                select(CaseContact.case_id, Contact.received_at)
                .join(Contact, Contact.id == CaseContact.contact_id)
                .where(Contact.id.in_(ids), Contact.received_at >= since)
            )
            for case_id, at in rows:
                latest[case_id] = max(latest.get(case_id, at), at)
        rows = work.session.execute(
            select(Case.id, Case.opened_at)
            .join(ContactPoint, ContactPoint.customer_id == Case.customer_id)
            .where(ContactPoint.normal == number, Case.opened_at >= since)
            .order_by(Case.id.desc())
            .limit(_MOST_CONTACTS)
        )
        for case_id, at in rows:
            latest.setdefault(case_id, at)
    return {case_id: max((now - at).days, 0) for case_id, at in latest.items()}


def by_text(work: UnitOfWork, typed: str) -> dict[int, Likeness]:
    """The cases whose words are similar to this text, among the newest."""
    wanted = matter(typed)
    shares = _shares(work, wanted)
    sought = probes(wanted, shares, most=MOST_PROBES)
    if len(sought) < 3:
        return {}
    newest = work.session.scalar(select(func.max(CaseText.case_id))) or 0
    if work.session.get_bind().dialect.name == "sqlite":
        bodies = _bodies(work, _on_file(work, sought, newest))
    else:
        bodies = _on_server(work, sought, newest)
    compared = {id: likeness(wanted, body, shares) for id, body in bodies.items()}
    return {id: found for id, found in compared.items() if found.is_similar}


def _shares(work: UnitOfWork, wanted: Matter) -> Mapping[str, float]:
    grams = {mark: (mark if len(mark) <= 3 else mark[:3]) for mark in wanted.marks}
    rows = work.session.execute(
        select(FrequentGram.gram, FrequentGram.share).where(
            FrequentGram.gram.in_(set(grams.values()))
        )
    )
    known = dict(rows.all())
    return {mark: known[gram] for mark, gram in grams.items() if gram in known}


def _on_file(work: UnitOfWork, sought: Iterable[str], newest: int) -> list[int]:
    """Those of the newest cases that have the most of what is sought."""
    matches = {
        f"match_{at}": " AND ".join(f'"{gram}"' for gram in key_grams(mark, {}))
        for at, mark in enumerate(sought)
    }
    each = " UNION ALL ".join(_OF_ONE_PROBE.format(name) for name in matches)
    rows = work.session.connection().execute(
        text(each), matches | {"oldest": NEWEST - newest + NEWEST_CASES, "most": MOST_HITS}
    )
    counts = Counter(NEWEST - row for (row,) in rows)
    ranked = sorted(counts, key=lambda id: (-counts[id], -id))
    return [id for id in ranked if counts[id] >= 2][:MOST_COMPARED]


def _on_server(work: UnitOfWork, sought: Iterable[str], newest: int) -> dict[int, str]:
    marks = list(sought)
    pairs = [mark for mark in marks if len(mark) == 2]
    stems = [mark for mark in marks if len(mark) > 2]
    conditions = [CaseText.body.contains(stem, autoescape=True) for stem in stems]
    if pairs:
        conditions.append(func.bigrams(CaseText.body).op("&&")(literal(pairs, ARRAY(Text))))
    rows = work.session.execute(
        select(CaseText.case_id, func.substr(CaseText.body, 1, _BODY_CHARACTERS))
        .where(CaseText.case_id > newest - NEWEST_CASES, or_(*conditions))
        .order_by(CaseText.case_id.desc())
        .limit(MOST_HITS * 4)
    )
    bodies: dict[int, str] = dict(rows.all())
    hits = {id: sum(mark in body for mark in marks) for id, body in bodies.items()}
    ranked = sorted(bodies, key=lambda id: (-hits[id], -id))
    return {id: bodies[id] for id in ranked[:MOST_COMPARED]}


def _bodies(work: UnitOfWork, ids: Collection[int]) -> dict[int, str]:
    rows = work.session.execute(
        select(CaseText.case_id, func.substr(CaseText.body, 1, _BODY_CHARACTERS)).where(
            CaseText.case_id.in_(ids)
        )
    )
    return dict(rows.all())
