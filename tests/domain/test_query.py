"""Search, filters and order of users as pure functions."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain import query, text
from o365desk.domain.directory import User, UserId, UserState
from o365desk.domain.licensing import LicenseAssignment, SkuId
from o365desk.domain.query import Order, StatusFilter, UserQuery, arrange, words
from o365desk.domain.text import fold, fold_all


def test_accents_and_case_do_not_matter() -> None:
    assert fold("Čermák") == "cermak"
    assert fold("ÅSA") == "asa"
    assert fold("Straße") == "strasse"
    assert fold("Ελένη") == fold("ΕΛΕΝΗ")
    assert fold("İpek") == "ipek"


def _user(state: UserState, licenses: tuple[LicenseAssignment, ...] | None) -> User:
    return User(UserId("u"), "", "", "", "", state, "", licenses)


def test_status_filters_judge_typed_values() -> None:
    held = (LicenseAssignment(SkuId("e5")),)
    assert StatusFilter.UNLICENSED.admits(_user(UserState.ACTIVE, ()))
    assert not StatusFilter.UNLICENSED.admits(_user(UserState.ACTIVE, held))
    assert not StatusFilter.UNLICENSED.admits(_user(UserState.ACTIVE, None)), "nobody knows yet"
    assert not StatusFilter.UNLICENSED.admits(_user(UserState.DELETED, ()))
    assert StatusFilter.BLOCKED.admits(_user(UserState.BLOCKED, ()))
    assert not StatusFilter.ACTIVE.admits(_user(UserState.BLOCKED, ()))
    assert UserQuery(sku_id=SkuId("e5")).admits(_user(UserState.ACTIVE, held))
    assert not UserQuery(sku_id=SkuId("e3")).admits(_user(UserState.ACTIVE, held))
    gone = _user(UserState.DELETED, held)
    assert not UserQuery(sku_id=SkuId("e5")).admits(gone), "S26: deleting frees the licences"


names = st.lists(st.text("aábc", max_size=4), max_size=40)


@given(names, st.text("ab ", max_size=4), st.booleans(), st.data())
def test_arrange_equals_the_plain_way(
    texts: list[str], text: str, ordered: bool, data: st.DataObject
) -> None:
    haystacks = [fold(one) for one in texts]
    size = len(texts)
    needles = words(text)
    admitted = data.draw(st.none() | st.lists(st.booleans(), min_size=size, max_size=size))
    kinds = data.draw(st.sampled_from(((), ("",), ("", "a", "bb a"))))
    labels = [data.draw(st.sampled_from(kinds)) for _ in texts] if kinds else []
    order = sorted(range(size), key=haystacks.__getitem__) if ordered else None

    def holds(row: int, needle: str) -> bool:
        return needle in haystacks[row] or bool(labels and needle in labels[row])

    plain = [
        i
        for i in (range(size) if order is None else order)
        if all(holds(i, needle) for needle in needles) and (admitted is None or admitted[i])
    ]
    assert arrange(haystacks, needles, admitted, order, None, labels, kinds) == plain
    shorter = arrange(haystacks, words(text[:1]), admitted, order, None, labels, kinds)
    assert arrange(haystacks, needles, admitted, order, shorter, labels, kinds) == plain


@given(st.lists(st.lists(st.integers(0, 9), max_size=12), max_size=12), st.data())
def test_order_streams_to_the_same_permutation(pages: list[list[int]], data: st.DataObject) -> None:
    values: list[int] = []
    order = Order(values.__getitem__)
    for page in pages:
        start = len(values)
        values.extend(page)
        order.extend(start, len(values))
        if data.draw(st.booleans()):
            assert order.permutation() == sorted(range(len(values)), key=values.__getitem__)
    if values:
        numbers = st.integers(0, len(values) - 1)
        rows = data.draw(st.lists(numbers, min_size=1, max_size=4, unique=True))
        for row in rows:
            values[row] = data.draw(st.integers(0, 9))
        order.moved(rows)
    permutation = order.permutation()
    assert sorted(permutation) == list(range(len(values)))
    assert [values[i] for i in permutation] == sorted(values)


@given(st.text())
def test_folding_takes_no_short_cut_that_shows(typed: str) -> None:
    parts = unicodedata.normalize("NFKD", typed.casefold())
    assert fold(typed) == "".join(c for c in parts if not unicodedata.combining(c))
    assert fold_all([typed, "A b"]) == [fold(typed), "a b"]


def test_western_marks_are_all_there_is_to_drop() -> None:
    for number in range(0x590):
        mark = text._MARKS.fullmatch(chr(number)) is not None
        assert mark is bool(unicodedata.combining(chr(number)))


@given(st.lists(st.lists(st.integers(0, 9), max_size=12), max_size=12), st.data())
def test_merging_step_by_step_gives_the_same_permutation(
    pages: list[list[int]], data: st.DataObject
) -> None:
    values: list[int] = []
    order = Order(values.__getitem__)

    def come(page: list[int]) -> None:
        start = len(values)
        values.extend(page)
        order.extend(start, len(values))

    for page in pages:
        come(page)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query, "_MERGE_ROWS", 4)
        patch.setattr(query, "_SAMPLES", 2)
        for _ in order.merging():
            match data.draw(st.sampled_from(("", "", "", "come", "ask", "move"))):
                case "come":
                    come(data.draw(st.lists(st.integers(0, 9), max_size=5)))
                case "ask":
                    order.permutation()
                case "move":
                    row = data.draw(st.integers(0, len(values) - 1))
                    order.permutation()
                    values[row] = data.draw(st.integers(0, 9))
                    order.moved([row])
    found = order.permutation()
    assert [values[row] for row in found] == sorted(values)
    assert sorted(found) == list(range(len(values)))
