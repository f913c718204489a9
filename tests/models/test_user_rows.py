"""Rows that change, come and go after the load: what is found and how it is sorted stay right."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from o365desk.domain.directory import User, UserId, UserState
from o365desk.domain.query import StatusFilter, UserQuery
from o365desk.models import user_rows
from o365desk.models.user_rows import UserRows
from o365desk.models.users import UserTableModel
from tests.models.people import BOTH, E5, now, product_name, user

IDS = st.integers(0, 11)
STRICT = QAbstractItemModelTester.FailureReportingMode.Fatal

QUERIES = (
    UserQuery(sort="name"),
    UserQuery(sort="username", descending=True),
    UserQuery(sort="assign"),
    UserQuery(text="e5", sort="name"),
    UserQuery(status=StatusFilter.DELETED, sort="status"),
)


@st.composite
def people(draw: st.DrawFn) -> User:
    number = draw(IDS)
    return user(
        draw(st.sampled_from("abcdé")) * draw(st.integers(1, 3)),
        id=UserId(f"id{number}"),
        username=draw(st.sampled_from(("x", "y", "z"))) + f"{number}@contoso.com",
        licenses=draw(st.sampled_from((E5, BOTH, (), None))),
        state=draw(st.sampled_from((UserState.ACTIVE, UserState.BLOCKED, UserState.DELETED))),
    )


GROUPS = st.lists(people(), max_size=8, unique_by=lambda one: one.id)
STEPS = st.lists(st.one_of(GROUPS, st.lists(IDS, min_size=1, max_size=4)), max_size=8)


def texts(rows: UserRows, query: UserQuery) -> list[Any]:
    """What is shown, with everything that equal sort keys leave open put aside."""
    shown = [rows.users[row] for row in rows.arrange(query)]
    key = {
        "name": lambda one: one.display_name.casefold(),
        "username": lambda one: one.username,
    }.get(query.sort)
    assert len({one.id for one in shown}) == len(shown)
    return [key(one) for one in shown] if key else sorted(one.id for one in shown)


@given(GROUPS, STEPS, st.data())
def test_changed_rows_are_as_if_just_loaded(
    first: list[User], steps: list[Any], data: st.DataObject
) -> None:
    rows = UserRows(product_name, now)
    rows.extend(first)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(user_rows, "_WRITTEN", 2)
        for step in steps:
            rows.arrange(data.draw(st.sampled_from(QUERIES)))
            if step and isinstance(step[0], int):
                rows.remove([UserId(f"id{number}") for number in step])
            else:
                for _ in rows.replacing(step):
                    rows.arrange(data.draw(st.sampled_from(QUERIES)))
                rows.extend([one for one in step if rows.row_of(one.id) is None])
    fresh = UserRows(product_name, now)
    fresh.extend(rows.users)
    assert (rows.deleted, rows.unread) == (fresh.deleted, fresh.unread)
    assert rows.texts == fresh.texts
    assert (rows.haystacks, rows.labels) == (fresh.haystacks, fresh.labels)
    for query in QUERIES:
        assert texts(rows, query) == texts(fresh, query)
    for row, one in enumerate(rows.users):
        assert rows.row_of(one.id) == row
    gone = {f"id{number}" for number in range(12)} - {one.id for one in rows.users}
    assert all(rows.row_of(UserId(one)) is None for one in gone)


def test_removing_keeps_the_selection_of_the_others() -> None:
    model = UserTableModel(product_name, now)
    tester = QAbstractItemModelTester(model, STRICT)
    model.append([user(name) for name in ("Dan", "Ann", "Eve", "Bob", "Cid")])
    model.set_query(UserQuery(sort="name"))
    kept = QPersistentModelIndex(model.index_of(UserId("eve")))
    lost = QPersistentModelIndex(model.index_of(UserId("bob")))
    model.remove({UserId("bob"), UserId("dan"), UserId("nobody")})
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["Ann", "Cid", "Eve"]
    assert kept.data() == "Eve"
    assert not lost.isValid()
    assert model.user(UserId("bob")) is None
    del tester


def test_putting_many_steps_through_new_and_known() -> None:
    model = UserTableModel(product_name, now)
    model.append([user(f"User {number:03}") for number in range(200)])
    model.set_query(UserQuery(sort="name"))
    changed = [user(f"User {number:03}", display_name=f"A {number:03}") for number in range(90)]
    steps = sum(1 for _ in model.putting([*changed, user("Aa")]))
    assert steps > 3, "the window gets its turn in between"
    names = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert names == sorted(names, key=str.casefold)
    assert model.total == 201
