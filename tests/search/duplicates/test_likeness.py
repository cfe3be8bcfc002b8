"""What counts as similar, on labelled pairs; the figures are printed with ``-s``."""

from itertools import combinations

import pytest

from desk_app.search.duplicates.rules import likeness, matter
from desk_app.search.normalise import document
from tests.search.duplicates.matters import OTHERS, SAME_MATTER

LEAST_PRECISION, LEAST_RECALL = 0.95, 0.85


def test_precision_and_recall_on_labelled_pairs() -> None:
    labelled = [(text, group) for group, texts in enumerate(SAME_MATTER) for text in texts]
    labelled += [(text, -1 - at) for at, text in enumerate(OTHERS)]
    hits, false, missed = 0, [], []
    for (one, group), (other, another) in combinations(labelled, 2):
        for typed, kept in ((one, other), (other, one)):
            said = likeness(matter(typed), document([kept]), {}).is_similar
            if said and group == another:
                hits += 1
            elif said:
                false.append((typed, kept))
            elif group == another:
                missed.append((typed, kept, likeness(matter(typed), document([kept]), {})))
    precision, recall = hits / (hits + len(false)), hits / (hits + len(missed))
    print(f"precision {precision:.2f}, recall {recall:.2f}", false, missed, sep="\n")  # noqa: T201
    assert precision >= LEAST_PRECISION, false
    assert recall >= LEAST_RECALL, missed


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("包丁の刃こぼれと持ち手について", ("包丁", "刃こぼれ", "持ち手")),
        ("ビールのグラスが割れた", ("ビール", "グラス", "割れた")),
        ("Die Klinge ist stumpf", ("Die", "Klinge", "ist", "stumpf")),
        ("が、を。は", ()),
    ],
)
def test_words_carry_the_meaning(typed: str, words: tuple[str, ...]) -> None:
    assert tuple(matter(typed).words) == words


def test_the_reason_names_words_that_were_typed() -> None:
    typed = "包丁が刃こぼれした。持ち手も割れている。返品したい"
    found = likeness(matter(typed), document(["ホウチョウ、包丁の刃こぼれ、持ち手の割れ"]), {})
    assert found.words
    assert set(found.words) <= set(matter(typed).words)
    assert "返品" not in "".join(found.words)


def test_frequent_words_alone_are_no_likeness() -> None:
    typed = "商品の返品について問い合わせ"
    body = document(["商品の返品について問い合わせ"])
    shares = dict.fromkeys(matter(typed).marks, 0.4)
    assert likeness(matter(typed), body, {}).is_similar
    assert not likeness(matter(typed), body, shares).is_similar
