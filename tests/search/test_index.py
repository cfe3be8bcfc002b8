"""The index against a naive scan of every text, through inserts, changes and sampling."""

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk_app.cases.model import Case
from desk_app.people.access import Actor
from desk_app.search import index
from desk_app.search.lookup import matching_ids
from desk_app.search.model import FrequentGram, GramSample
from desk_app.search.normalise import document
from desk_app.search.pages import Query
from desk_app.search.query import parse
from tests.conftest import MakeActor, OpenWork

JAPANESE = ("返品", "返", "品", "ビール", "ビル", "サーバー", "ｶﾞﾗｽ", "髙橋", "高橋", "佐々木", "、")
OTHERS = ("Müller", "Mueller", "muller", "090-1234-5678", "a", "a-b", "100%", "x_y", "😀", '"', "-")
words = st.sampled_from(JAPANESE + OTHERS)
texts = st.lists(words | st.text("返品交ガ-a1 \n", max_size=8), max_size=6).map(" ".join)
terms = words | st.text("返品交ガ-a1", min_size=1, max_size=5)
queries = st.tuples(st.sampled_from(["{}", '"{}"', "-{}"]), terms, st.lists(terms, max_size=2)).map(
    lambda parts: " ".join([parts[0].format(parts[1]), *parts[2]])
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


def test_finds_what_a_naive_scan_finds(work: OpenWork, make_actor: MakeActor) -> None:
    actor = make_actor()
    written: dict[int, str] = {}

    @given(
        st.lists(texts, max_size=3),
        st.lists(st.tuples(st.integers(0, 99), texts), max_size=2),
        st.lists(queries, min_size=1, max_size=4),
        st.booleans(),
    )
    @settings(deadline=None, max_examples=60)
    def search(new: list[str], changes: list[tuple[int, str]], asked: list[str], newest: bool):
        with work(finishers=(index.refresh,)) as w:
            for text in new:
                written[opened(w, actor, text).id] = text
            for at, text in changes:
                if written:
                    case_id = list(written)[at % len(written)]
                    w.session.get_one(Case, case_id).subject = text
                    w.changed("case", case_id)
                    written[case_id] = text
            w.commit()
        with work(reading=True) as w:
            for typed in asked:
                wanted = parse(typed)
                found = matching_ids(
                    w, Query(typed, descending=newest), wanted, limit=None
                ).tolist()
                scanned = [
                    case_id for case_id, text in written.items() if wanted.match(document([text]))
                ]
                assert found == sorted(scanned, reverse=newest), typed

    search()


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
            assert list(matching_ids(w, Query(typed), parse(typed), limit=9)) == [one]
        assert len(matching_ids(w, Query("返品"), parse("返品"), limit=10)) == 10


def test_rebuilding_gives_the_same(work: OpenWork, make_actor: MakeActor) -> None:
    actor = make_actor()
    with work() as w:
        ids = [opened(w, actor, f"返品 {n}").id for n in range(3)]
        w.commit()
    with work() as w:
        assert len(matching_ids(w, Query("返品"), parse("返品"), limit=None)) == 0
        index.rebuild(w)
        index.rebuild(w)
        assert list(matching_ids(w, Query("返品"), parse("返品"), limit=None)) == ids[::-1]
        assert list(matching_ids(w, Query("1"), parse("1"), limit=None)) == [ids[1]]
