"""ChangeRows: totals, filters and orders of a comparison's lines, against the plain way."""

from collections import Counter
from collections.abc import Generator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.comparison import ChangeKind, Comparison, UserChange
from o365desk.domain.text import fold
from o365desk.models import change_rows
from o365desk.models.change_rows import CHANGE_COLUMNS, PIECE, ChangeQuery, ChangeRows
from tests.models.compared import (
    E5,
    EARLIER,
    FEW,
    LATER,
    PEOPLE,
    TENANT,
    VISIO,
    change,
    many,
    product_name,
)


def finish(steps: Generator[None, None, Sequence[int]]) -> tuple[list[int], int]:
    """What a generator answers, and in how many steps."""
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return list(ended.value), count
        count += 1


def counted(changes: Sequence[UserChange]) -> ChangeRows:
    rows = ChangeRows(changes, product_name)
    for _ in rows.counting():
        pass
    return rows


def arranged(rows: ChangeRows, query: ChangeQuery) -> list[int]:
    return finish(rows.arranging(query))[0]


def plainly(changes: Sequence[UserChange], query: ChangeQuery) -> list[int]:
    """The same, in the way that says what is meant."""
    column = next(one for one in CHANGE_COLUMNS if one.key == query.sort)

    def texts(row: int) -> list[str]:
        one = changes[row]
        product = product_name(one.sku_id) if one.sku_id else ""
        return [one.kind, one.display_name, one.username, product, one.before, one.after]

    def shown(row: int) -> bool:
        found = fold("\n".join(texts(row)))
        return (not query.kinds or changes[row].kind in query.kinds) and all(
            word in found for word in fold(query.text).split()
        )

    order = list(range(len(changes)))
    if query.sort != "kind":
        order.sort(key=lambda row: fold(texts(row)[CHANGE_COLUMNS.index(column)]))
    return [row for row in (order[::-1] if query.descending else order) if shown(row)]


lines = st.builds(
    change,
    st.sampled_from(list(ChangeKind)),
    st.sampled_from(PEOPLE),
    st.sampled_from([None, E5, VISIO]),
    st.sampled_from(["", "direct", "1 group"]),
    st.sampled_from(["", "Ærø"]),
)
queries = st.builds(
    ChangeQuery,
    st.sampled_from(["", "a", "visio", "direct", "CENDA lost", "ærø", "山田", "no such text"]),
    st.frozensets(st.sampled_from(list(ChangeKind)), max_size=3),
    st.sampled_from([column.key for column in CHANGE_COLUMNS]),
    st.booleans(),
)


@pytest.mark.parametrize("piece", [3, PIECE], ids=["many pieces", "one piece"])
def test_arranges_as_the_plain_way_does(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_rows, "PIECE", piece)

    @given(st.lists(lines, max_size=12), st.lists(queries, max_size=4))
    def check(drawn: list[UserChange], asked: list[ChangeQuery]) -> None:
        kinds = list(ChangeKind)
        changes = sorted(drawn, key=lambda one: kinds.index(one.kind))
        rows = counted(changes)
        for query in asked:
            assert arranged(rows, query) == plainly(changes, query)

    check()


@given(st.lists(lines, max_size=30))
def test_totals_are_those_of_the_lines(changes: list[UserChange]) -> None:
    rows = counted(changes)
    told = Comparison(TENANT, EARLIER, LATER, tuple(changes), (), ())
    assert rows.totals == told.totals
    assert rows.net == told.net
    for kind in ChangeKind:
        assert len(arranged(rows, ChangeQuery(kinds=frozenset({kind})))) == rows.totals[kind]


def test_a_product_that_came_and_went_is_named_with_nothing() -> None:
    rows = counted(
        [change(ChangeKind.LICENSE_GAINED, sku_id=E5), change(ChangeKind.LICENSE_LOST, sku_id=E5)]
    )
    assert dict(rows.net) == {E5: 0}


def test_many_lines_take_many_steps() -> None:
    rows = ChangeRows(many(3 * PIECE + 1), product_name)
    assert sum(1 for _ in rows.counting()) == 3
    assert rows.totals == Counter(one.kind for one in rows.changes)
    for query, least in (
        (ChangeQuery(kinds=frozenset({ChangeKind.CREATED})), 3),
        (ChangeQuery(text="adele"), 3),
        (ChangeQuery(sort="username"), 4),
        (ChangeQuery(sort="username", text="bo"), 6),
    ):
        found, steps = finish(rows.arranging(query))
        assert steps >= least
        assert found == plainly(rows.changes, query)


def test_cells_show_names_of_products() -> None:
    rows = counted(FEW)
    assert [rows.text(2, column) for column in range(len(CHANGE_COLUMNS))] == [
        "License lost",
        "Adele Vance",
        "adele@contoso.com",
        "Visio Plan 2",
        "direct",
        "",
    ]
    assert rows.text(3, 3) == ""
