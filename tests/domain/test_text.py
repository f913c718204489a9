"""Where in a text the folded words of a search are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.text import fold, found_in


@pytest.mark.parametrize(
    ("text", "needles", "found"),
    [
        ("Anna Lidman", ["anna"], ["Anna"]),
        ("Joanna Hanna", ["anna"], ["anna", "anna"]),
        ("Čeněk Čermák", ["cer", "k"], ["k", "Čer", "k"]),
        ("Straße 5", ["asse"], ["aße"]),
        ("Straße", ["s"], ["S", "ß"]),
        ("Ännä", ["anna"], ["Ännä"]),
        ("A\u0308nna", ["anna"], ["A\u0308nna"]),
        ("ΕΛΕΝΗ Παπαδοπούλου", ["ελενη", "λου"], ["ΕΛΕΝΗ", "λου"]),
        ("田中 太郎", ["太"], ["太"]),
        ("😀 Anna", ["anna"], ["Anna"]),
        ("banana", ["ana"], ["anana"]),
        ("abcd", ["ab", "bc"], ["abc"]),
        ("abc", ["x"], []),
        ("abc", [""], []),
        ("", ["a"], []),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_found_in(text: str, needles: list[str], found: list[str]) -> None:
    assert [text[start:end] for start, end in found_in(text, needles)] == found


words = st.text("aáÄßİΣςخمé田😀 \u0301", max_size=8)


@given(words, words)
def test_what_the_search_finds_is_marked(text: str, word: str) -> None:
    needle = fold(word)
    marks = found_in(text, [needle])
    assert bool(marks) == (bool(needle) and needle in fold(text))
    edges = [edge for mark in marks for edge in mark]
    assert edges == sorted(set(edges)), "in order, and apart"
