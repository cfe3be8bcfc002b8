"""Marks on what was searched for cost a look through each text, not through each painting."""

from collections.abc import Callable, Iterable

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desk_app.search import highlight
from desk_app.search.query import Term, parse
from ui.controls import DataLabel
from ui.look import Look
from ui.marks import Marks, Spans

TERMS = parse("返品").wanted


@pytest.fixture
def looked_through(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    hits = highlight.hits

    def noting(text: str, terms: Iterable[Term]) -> object:
        texts.append(text)
        return hits(text, terms)

    monkeypatch.setattr(highlight, "hits", noting)
    return texts


def test_a_label_is_looked_through_once_however_often_it_is_painted(
    qtbot: QtBot, make_look: Callable[..., Look], looked_through: list[str]
) -> None:
    look, page = make_look(), QWidget()
    page.marks = Marks(TERMS, lambda: look.theme.colours)
    label = DataLabel()
    QVBoxLayout(page).addWidget(label)
    qtbot.addWidget(page)
    page.resize(300, 60)
    label.setText("商品の返品")
    marked = page.grab().toImage()
    for _ in range(2):
        assert page.grab().toImage() == marked
    assert looked_through == ["商品の返品"]
    page.marks = Marks(parse("交換").wanted, lambda: look.theme.colours)
    plain = page.grab().toImage()
    assert plain != marked
    label.setText("交換")
    page.grab()
    assert looked_through[1:] == ["商品の返品", "交換"]


def test_so_many_texts_are_held_and_none_after_other_terms(looked_through: list[str]) -> None:
    spans = Spans(most=2)
    for text in ("返品a", "返品b", "返品a", "返品c", "返品c"):
        assert spans.shown(text, text, TERMS) == [(0, 2)]
    assert looked_through == ["返品a", "返品b", "返品c"]
    assert spans.shown("返品c…", "返品cd", TERMS) == [(0, 2)]
    assert spans.shown("返…", "返品c", TERMS) == [(0, 1)]
    assert spans.shown("返品c", "返品c", parse("c").wanted) == [(2, 3)]
    spans.forget()
    spans.shown("返品c", "返品c", parse("c").wanted)
    assert looked_through[3:] == ["返品cd", "返品c", "返品c"]
