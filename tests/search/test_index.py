"""The index against a naive scan of every text, through inserts, changes, removals, sampling."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select, update

from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.cases.tags import service as tags
from desk_app.cases.tags.model import CaseTag, Tag
from desk_app.cases.tags.rules import folded
from desk_app.clock import FixedClock
from desk_app.people.access import Actor, Role, UserId
from desk_app.people.model import Person, User
from desk_app.search import index, lookup, service
from desk_app.search.lookup import Wanted, look_up
from desk_app.search.model import CaseText, FrequentGram, GramSample
from desk_app.search.normalise import RULES, document
from desk_app.search.pages import Query, Sort
from desk_app.search.query import parse
from desk_app.storage.engines import encrypted_file
from desk_app.storage.unit_of_work import open_work
from tests.conftest import MakeActor, OpenWork

JAPANESE = ("返品", "返", "品", "ビール", "ビル", "サーバー", "ｶﾞﾗｽ", "髙橋", "高橋", "佐々木", "、")
OTHERS = ("Müller", "Mueller", "muller", "090-1234-5678", "a", "a-b", "100%", "x_y", "😀", '"', "-")
words = st.sampled_from(JAPANESE + OTHERS)
texts = st.lists(words | st.text("返品交ガ-a1 \n", max_size=8), max_size=6).map(" ".join)
terms = words | st.text("返品交ガ-a1", min_size=1, max_size=5)
queries = st.tuples(st.sampled_from(["{}", '"{}"', "-{}"]), terms, st.lists(terms, max_size=2)).map(
    lambda parts: " ".join([parts[0].format(parts[1]), *parts[2]])
)


STATES = (CaseState.NEW, CaseState.WAITING, CaseState.CLOSED)
DUE = (None, date(2026, 6, 9), date(2026, 6, 10), date(2026, 6, 11))
OFFICE = ZoneInfo("Asia/Tokyo")


@dataclass
class Written:
    """A case as a naive scan sees it."""

    text: str
    state: CaseState
    due: date | None
    assignee: int | None
    tag: str | None = None
    merged_into: int | None = None

    @property
    def due_at(self) -> datetime | None:
        return self.due and datetime.combine(self.due, time(10), OFFICE)


filters: dict[str, Callable[[Written, int], bool]] = {
    "state:new": lambda one, _: one.state is CaseState.NEW,
    "-state:new": lambda one, _: one.state is not CaseState.NEW,
    "状態:未完了": lambda one, _: one.state is not CaseState.CLOSED,
    "due<today": lambda one, _: one.due is not None and one.due < DUE[2],
    "fällig<=heute": lambda one, _: one.due is not None and one.due <= DUE[2],
    "期限＝2026年6月11日": lambda one, _: one.due == DUE[3],
    "due>today": lambda one, _: one.due is not None and one.due > DUE[2],
    "-due>today": lambda one, _: one.due is None or one.due <= DUE[2],
    "due:none": lambda one, _: one.due is None,
    "assignee:me": lambda one, me: one.assignee == me,
    "-assignee:me": lambda one, me: one.assignee != me,
    "assignee:none": lambda one, _: one.assignee is None,
    "-zuständig:niemand": lambda one, _: one.assignee is not None,
    "type:complaint": lambda one, _: False,
    "tag:至急": lambda one, _: one.tag == "至急",
    "-タグ:#vip": lambda one, _: one.tag != "VIP 顧客",
    "Schlagwort:keines": lambda one, _: one.tag is None,
    'tag:"vip 顧",至急': lambda one, _: one.tag is not None,
}
cases_written = st.builds(
    Written,
    texts,
    st.sampled_from(STATES),
    st.sampled_from(DUE),
    st.sampled_from([None, 1]),
    st.sampled_from([None, "至急", "VIP 顧客"]),
)


def opened(w, actor: Actor, text: str) -> Case:
    case = Case(
        case_type="question",
        state="new",
        subject=text,
        opened_at=w.now,
        opened_by=actor.user_id,
    )
    w.session.add(case)
    w.session.flush()
    w.changed("case", case.id)
    return case


def ids_of(w, typed: str, *, limit: int | None = None, newest: bool = True) -> list[int]:
    return list(look_up(w, Wanted(parse(typed), descending=newest), limit=limit).ids)


def removed(w, case_id: int) -> None:
    index.forget(w, [case_id])
    w.session.execute(delete(CaseTag).where(CaseTag.case_id == case_id))
    w.session.delete(w.session.get_one(Case, case_id))
    w.changed("case", case_id)


@pytest.mark.parametrize("few", [False, True], ids=["bounds_far_off", "bounds_at_one"])
def test_finds_what_a_naive_scan_finds(
    work: OpenWork, make_actor: MakeActor, monkeypatch: pytest.MonkeyPatch, few: bool
) -> None:
    """Through inserts, changes, merges, their undoing and removals; with filters, phrases,
    exclusion, in each order."""
    actor = make_actor([Role.OPERATOR])
    if few:  # everything that is bounded meets its bounds
        monkeypatch.setattr(lookup, "CANDIDATES", 1)
        monkeypatch.setattr(lookup, "TEXTS", 2)
        monkeypatch.setattr(lookup, "AMONG", 2)
    written: dict[int, Written] = {}
    with work() as w:
        w.session.add_all(Tag(name=name, folded=folded(name)) for name in ("至急", "VIP 顧客"))
        w.commit()

    def put(w, case: Case, one: Written) -> None:
        case.subject, case.state, case.due_at = one.text, one.state, one.due_at
        case.assignee_id = actor.user_id if one.assignee else None
        known = written.get(case.id)
        if known and known.tag:
            tags.remove_tag(actor, w, case.id, name=known.tag)
        if one.tag:
            tags.add_tag(actor, w, case.id, name=one.tag)
        written[case.id] = replace(
            one, assignee=case.assignee_id, merged_into=known and known.merged_into
        )
        w.changed("case", case.id)

    def merge(w, case_id: int, into: int | None) -> None:
        case = w.session.get_one(Case, case_id)
        before, case.merged_into_id = case.merged_into_id, into
        written[case_id] = replace(written[case_id], merged_into=into)
        w.changed("case", case_id)
        w.changed("case", before or into)

    def head(case_id: int) -> int:
        while (into := written[case_id].merged_into) is not None:
            case_id = into
        return case_id

    def whole(case_id: int) -> str:
        """The text under which a case is found: its own, and of all that were merged into it."""
        family = (one for one in written if one != case_id and head(one) == case_id)
        return "\n".join(document([written[one].text]) for one in (case_id, *sorted(family)))

    @given(
        st.lists(cases_written, max_size=3),
        st.lists(st.tuples(st.integers(0, 99), cases_written), max_size=2),
        st.lists(st.integers(0, 99), max_size=1),
        st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=2),
        st.lists(
            st.tuples(queries, st.lists(st.sampled_from([*filters]), max_size=2)),
            min_size=1,
            max_size=4,
        ),
        st.booleans(),
        st.sampled_from(Sort),
    )
    @settings(deadline=None, max_examples=25)
    def search(new, changes, gone, merges, asked, newest, sort) -> None:
        with work(finishers=(index.refresh,)) as w:
            for one in new:
                put(w, opened(w, actor, one.text), one)
            for at, one in changes:
                if written:
                    put(w, w.session.get_one(Case, [*written][at % len(written)]), one)
            for at in gone:
                if len(written) > 3:
                    case_id = [*written][at % len(written)]
                    if case_id not in {one.merged_into for one in written.values()}:
                        removed(w, case_id)
                        del written[case_id]
            for at, other in merges:
                if written:
                    case_id, into = (head([*written][n % len(written)]) for n in (at, other))
                    child = [*written][at % len(written)]
                    if case_id != into:
                        merge(w, case_id, into)
                    elif written[child].merged_into is not None:
                        merge(w, child, None)
            w.commit()
        with work() as w:
            for typed, narrowed in asked:
                text = " ".join([*narrowed, typed])  # a quote that is open reaches to the end
                wanted = parse(text)
                scanned = [
                    case_id
                    for case_id, one in written.items()
                    # Words lead to where a merged case goes on; a list has it too, as merged.
                    if (one.merged_into is None or not (wanted.wanted or wanted.unwanted))
                    and wanted.match(whole(case_id))
                    and all(filters[name](one, actor.user_id) for name in narrowed)
                ]
                query = Query(text, sort=sort, descending=newest)
                found = service.find(actor, w, query, most=None if not few else 1_000)
                if few and found.among is not None:
                    assert set(found.ids) <= set(scanned), text
                    continue
                assert sorted(found.ids) == sorted(scanned), text
                if sort is Sort.OPENED:
                    assert list(found.ids) == sorted(scanned, reverse=newest), text

    search()


def test_the_most_relevant_come_first(work: OpenWork, make_actor: MakeActor) -> None:
    actor = make_actor([Role.OPERATOR])
    filler = "ほかの話が続きます。" * 30
    with work(finishers=(index.refresh,)) as w:
        late = opened(w, actor, filler + "返品").id
        once = opened(w, actor, "返品の件").id
        often = opened(w, actor, "返品、返品、返品の件").id
        opened(w, actor, filler)
        w.commit()
        found = service.find(actor, w, Query("返品", sort=Sort.RELEVANCE))
        assert list(found.ids) == [often, once, late]
        assert found.among is None
        found = service.find(actor, w, Query("", sort=Sort.RELEVANCE))
        assert list(found.ids)[1:] == [often, once, late]


def test_beyond_its_bounds_a_search_says_among_how_many_it_was_made(
    work: OpenWork, make_actor: MakeActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = make_actor([Role.OPERATOR])
    monkeypatch.setattr(lookup, "AMONG", 2)
    monkeypatch.setattr(lookup, "CANDIDATES", 2)
    with work(finishers=(index.refresh,)) as w:
        ids = [opened(w, actor, "返品 " * (9 - n)).id for n in range(5)]
        rare = w.session.get_one(Case, ids[0])
        rare.state = "closed"
        for at in (1, 2):
            w.session.get_one(Case, ids[at]).assignee_id = actor.user_id
        w.session.get_one(Case, ids[3]).assignee_id = actor.user_id
        w.commit()

        def find(text: str, sort: Sort = Sort.OPENED) -> tuple[list[int], int | None]:
            found = service.find(actor, w, Query(text, sort=sort), most=9)
            return list(found.ids), found.among

        assert find("返品", Sort.RELEVANCE) == ([ids[3], ids[4]], 2)
        assert find("返品") == (ids[::-1], None)
        # Few cases are closed: the filter leads, and all of them are found.
        assert find("返品 state:closed") == ([ids[0]], None)
        # Many have an assignee, many the word: only the newest are looked at, and it is said.
        assert find("返品 assignee:me") == ([ids[3]], 2)


def test_frequent_grams_are_sampled_when_the_cases_have_doubled(
    work: OpenWork, make_actor: MakeActor
) -> None:
    actor = make_actor()
    with work(finishers=(index.refresh,)) as w:
        for n in range(index.FIRST_SAMPLE):
            opened(w, actor, "お問い合わせ" if n % 20 else "返品のお問い合わせ")
        opened(w, actor, "珍しい")
        w.commit()
    with work(reading=True) as w:
        shares = dict(w.session.execute(select(FrequentGram.gram, FrequentGram.share)).all())
        assert shares["お問い"] > 0.9
        assert 0.03 < shares["返品"] < 0.07
        assert "珍し" not in shares
        sampled_at = w.session.scalar(select(GramSample.newest_case))
    with work(finishers=(index.refresh,)) as w:
        one = opened(w, actor, "珍しい返品").id
        w.commit()
    with work(reading=True) as w:
        assert w.session.scalar(select(GramSample.newest_case)) == sampled_at
        for typed in ("珍しい 返品", "返品 珍", "い返品"):
            assert ids_of(w, typed, limit=9) == [one]
        assert len(ids_of(w, "返品", limit=10)) == 10


def test_a_word_that_the_sample_of_grams_does_not_know_yet_hides_no_hit(
    work: OpenWork, make_actor: MakeActor
) -> None:
    """A recall begins: in a day half of all cases hold a word that was rare."""
    actor = make_actor([Role.OPERATOR])
    few = lookup.FEW_CASES + 1  # more than lead at once
    with work() as w:
        w.session.execute(update(GramSample).values(newest_case=3 * few))
        w.session.execute(
            insert(Case),
            [
                {
                    "id": n,
                    "case_type": "question",
                    "state": "closed" if n <= few else "new",
                    "subject": "回収",
                    "opened_at": w.now,
                    "opened_by": actor.user_id,
                }
                for n in range(1, 2 * few + 1)
            ],
        )
        index.rebuild(w)
        with pytest.MonkeyPatch.context() as bounds:
            bounds.setattr(lookup, "CANDIDATES", few)
            found = service.find(actor, w, Query("回収 state:closed"))
            assert list(found.ids) == [*range(few, 0, -1)][: service.MOST_HITS]
            bounds.setattr(lookup, "CANDIDATES", few - 1)
            assert service.find(actor, w, Query("回収 state:closed")).among == few - 1


@pytest.mark.parametrize("office_db", ["server"], indirect=True)
@pytest.mark.parametrize("newest", [True, False])
def test_the_first_hits_are_first_however_the_server_joins(
    work: OpenWork, make_actor: MakeActor, newest: bool
) -> None:
    actor = make_actor([Role.OPERATOR])
    with work() as w:
        ids = [opened(w, actor, "返品").id for _ in range(40)]
        index.index_cases(w, ids[::2])
        index.index_cases(w, ids[1::2])
        for join in ("nestloop", "mergejoin"):
            w.session.connection().exec_driver_sql(f"SET LOCAL enable_{join} = off")
        wanted = ids[::-1] if newest else ids
        assert ids_of(w, "返品 -交換", limit=5, newest=newest) == wanted[:5]


def test_texts_that_an_older_version_folded_are_renewed_once(
    work: OpenWork, make_actor: MakeActor, office_db: Engine, clock: FixedClock
) -> None:
    actor = make_actor()
    with work(finishers=(index.refresh,)) as w:
        ids = [opened(w, actor, "コーヒー豆").id for _ in range(index.BATCH + 1)]
        w.commit()

    def age(folded_by: int | None) -> None:
        with work() as w:
            w.session.execute(update(CaseText).values(body="こーひ豆"))
            w.session.execute(update(GramSample).values(folded_by=folded_by))
            w.commit()

    def are_found(typed: str) -> bool:
        index.renew(office_db, clock)
        with work(reading=True) as w:
            return ids_of(w, typed) == ids[::-1]

    age(None)
    assert are_found("ヒー豆")
    age(RULES)
    assert not are_found("ヒー豆"), "which nobody looks for"


def test_what_is_forgotten_of_a_merged_case_leaves_the_one_in_which_it_goes_on(
    work: OpenWork, make_actor: MakeActor
) -> None:
    actor = make_actor()
    with work(finishers=(index.refresh,)) as w:
        kept, *others = (opened(w, actor, text) for text in ("返品", "修理", "秘密の交換"))
        for other in others:
            other.merged_into_id = kept.id
        head, erased = kept.id, others[-1].id
        w.commit()
        assert ids_of(w, "秘密") == [head]
    with work(finishers=(index.refresh,)) as w:
        removed(w, erased)
        w.commit()
        assert ids_of(w, "秘密") == []
        assert ids_of(w, "返品 修理") == [head]


def test_rebuilding_gives_the_same(work: OpenWork, make_actor: MakeActor) -> None:
    actor = make_actor()
    with work() as w:
        ids = [opened(w, actor, f"返品 {n}").id for n in range(3)]
        w.commit()
    with work() as w:
        assert len(ids_of(w, "返品", limit=None)) == 0
        index.rebuild(w)
        index.rebuild(w)
        assert ids_of(w, "返品", limit=None) == ids[::-1]
        assert ids_of(w, "1", limit=None) == [ids[1]]


def test_what_is_forgotten_and_purged_leaves_no_byte_in_the_file(
    template_file: tuple[Path, bytes], tmp_path: Path, clock: FixedClock
) -> None:
    template, key = template_file
    path = Path(shutil.copy(template, tmp_path / "office.db"))
    engine = encrypted_file(path, key)
    secret = "😀"  # no other token begins with its first byte, so the index writes it out

    def readable() -> bool:
        with engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            raw = connection.connection.driver_connection
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return secret.encode() in decrypted(path, key)

    with open_work(engine, clock) as w:
        w.session.add(Person(id=1, name="一", created_at=w.now))
        w.session.flush()
        w.session.add(
            User(
                id=1,
                person_id=1,
                login="a",
                keyring_id="1",
                recipient="",
                verify_key="",
                created_at=w.now,
            )
        )
        w.session.flush()
        ids = [opened(w, Actor(UserId(1), "d"), "返品").id for _ in range(3)]
        ids += [opened(w, Actor(UserId(1), "d"), f"{secret}の件").id]
        index.index_cases(w, ids)
        w.commit()
    assert readable()
    with open_work(engine, clock) as w:
        index.forget(w, [ids[-1]])
        w.session.execute(update(Case).where(Case.id == ids[-1]).values(subject=""))
        w.commit()
    assert readable()  # the index still holds its fragments
    with open_work(engine, clock) as w:
        index.purge(w)
        w.commit()
    assert not readable()
    with open_work(engine, clock, reading=True) as w:
        assert ids_of(w, "返品") == ids[2::-1]
        assert ids_of(w, secret) == []
    engine.dispose()


def decrypted(path: Path, key: bytes) -> bytes:
    """All pages of a SQLCipher file, free ones too: AES-256-CBC, the vector at the page's end."""
    content, size, reserved = path.read_bytes(), 4096, 80
    pages = []
    for start in range(0, len(content), size):
        page = content[start : start + size]
        body = page[16 if start == 0 else 0 : size - reserved]
        vector = page[size - reserved : size - reserved + 16]
        pages.append(Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor().update(body))
    return b"".join(pages)
