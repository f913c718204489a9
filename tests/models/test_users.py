"""The model of the Users' List: texts, order, selection, and no work while painting."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from o365desk.domain.directory import User, UserId, UserState
from o365desk.domain.licensing import SkuId
from o365desk.domain.query import StatusFilter, UserQuery
from o365desk.models.last_sign_ins import NEVER
from o365desk.models.roles import Role
from o365desk.models.user_rows import COLUMN, NO_LICENSE
from o365desk.models.users import UserTableModel
from o365desk.models.words import NOT_READ, NOT_TOLD, full_text, moment_text
from tests.models.people import BOTH, E5, deleted, now, product_name, user

STRICT = QAbstractItemModelTester.FailureReportingMode.Fatal


def make(*users: User) -> UserTableModel:
    model = UserTableModel(product_name, now)
    model.append(users)
    return model


def column(model: UserTableModel, key: str) -> list[Any]:
    return [model.index(row, COLUMN[key]).data() for row in range(model.rowCount())]


def test_texts() -> None:
    model = make(
        user("Adele Vance", licenses=BOTH),
        user("Bo Blocked", state=UserState.BLOCKED),
        user("Uma Unread", licenses=None),
        deleted("Dora Deleted", 12, licenses=E5),
        deleted("Last Day", 29.5),
    )
    assert column(model, "status") == [
        "Active",
        "Blocked",
        "Active",
        "Deleted, 18 days left",
        "Deleted, 1 day left",
    ]
    assert column(model, "assign") == [
        "Microsoft 365 E5 · Visio Plan 2",
        NO_LICENSE,
        NOT_READ,
        "",
        "",
    ]
    assert (model.total, model.deleted, model.unread) == (5, 2, 1)
    dimmed = [model.index(row, 0).data(Role.DIMMED) for row in range(5)]
    assert dimmed == [False, False, False, True, True]
    tip = model.index(0, COLUMN["assign"]).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "Microsoft 365 E5\nVisio Plan 2"
    name = model.index(0, COLUMN["more"]).data(Qt.ItemDataRole.AccessibleTextRole)
    assert name == "Actions for Adele Vance"


def test_search_over_name_username_and_product() -> None:
    model = make(
        user("Adele Vance", licenses=BOTH), user("Čeněk Novák", username="cenek@contoso.com")
    )
    for text, found in (
        ("cenek", ["Čeněk Novák"]),
        ("ČENĚK", ["Čeněk Novák"]),
        ("visio", ["Adele Vance"]),
        ("contoso adele", ["Adele Vance"]),
        ("adele novak", []),
    ):
        model.set_query(UserQuery(text=text))
        assert column(model, "name") == found, text


def test_filters() -> None:
    model = make(
        *(user("A", licenses=E5), user("B"), deleted("C", 3), user("D", licenses=BOTH)),
        user("E", state=UserState.BLOCKED, licenses=E5),
        user("F", state=UserState.BLOCKED, licenses=None),
    )
    for query, found in (
        (UserQuery(status=StatusFilter.DELETED), ["C"]),
        (UserQuery(status=StatusFilter.UNLICENSED), ["B"]),
        (UserQuery(sku_id=SkuId("visio")), ["D"]),
        (UserQuery(status=StatusFilter.ACTIVE, sku_id=SkuId("e5")), ["A", "D"]),
        (UserQuery(sku_id=SkuId("visio"), lacking=True), ["A", "B", "E"]),
        (UserQuery(status=StatusFilter.LICENSED_BLOCKED), ["E"]),
    ):
        model.set_query(query)
        assert column(model, "name") == found, query


def test_sorting_is_typed() -> None:
    model = make(
        deleted("C", 3), user("a"), deleted("B", 28), user("Ábel", state=UserState.BLOCKED)
    )
    model.sort(COLUMN["name"])
    assert column(model, "name") == ["a", "Ábel", "B", "C"]
    model.sort(COLUMN["status"])
    assert column(model, "name") == ["a", "Ábel", "B", "C"]
    model.sort(COLUMN["status"], Qt.SortOrder.DescendingOrder)
    assert column(model, "name") == ["C", "B", "Ábel", "a"]


def test_last_sign_ins_come_later_and_say_what_is_not_known() -> None:
    ann, bob, cid, dan = (UserId(name) for name in ("ann", "bob", "cid", "dan"))
    model = make(user("Ann"), user("Bob"), user("Cid"), deleted("Dan", 3))
    assert column(model, "sign_in") == ["", "", "", ""], "nobody has asked"
    model.begin_sign_ins()
    model.take_sign_ins([(ann, now()), (bob, None)])
    told = moment_text(now())
    assert column(model, "sign_in") == [told, NEVER, NOT_READ, NOT_READ]
    model.end_sign_ins()
    assert column(model, "sign_in") == [told, NEVER, NOT_TOLD, NOT_TOLD]
    tips = [
        model.index_of(who, COLUMN["sign_in"]).data(Qt.ItemDataRole.ToolTipRole)
        for who in (ann, bob, cid, dan)
    ]
    assert full_text(now()) in tips[0]
    assert "no sign-in" in tips[1]
    assert "Refresh" in tips[2]
    assert "deleted users" in tips[3]
    spoken = model.index_of(bob, COLUMN["sign_in"]).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Last sign-in never"
    # What is known stays, whatever is read of the users themselves or asked for again.
    model.put([user("Bob", display_name="Bert")])
    model.begin_sign_ins()
    assert column(model, "sign_in") == [told, NEVER, NOT_READ, NOT_READ]
    model.end_sign_ins("needs Entra ID P1 or P2")
    tip = model.index_of(cid, COLUMN["sign_in"]).data(Qt.ItemDataRole.ToolTipRole)
    header = model.headerData(
        COLUMN["sign_in"], Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole
    )
    assert tip == header == "Last sign-in: needs Entra ID P1 or P2."
    model.clear_sign_ins()
    assert column(model, "sign_in") == ["", "", "", ""]


def test_sorted_by_last_sign_in_rows_move_as_it_becomes_known() -> None:
    model = make(*(user(name) for name in ("Ann", "Bob", "Cid", "Dan")))
    model.sort(COLUMN["sign_in"])
    model.begin_sign_ins()
    model.take_sign_ins([(UserId("ann"), now()), (UserId("cid"), now() - timedelta(days=400))])
    assert column(model, "name") == ["Cid", "Ann", "Bob", "Dan"], "who is not told of comes last"
    model.take_sign_ins([(UserId("dan"), None), (UserId("bob"), now() - timedelta(days=1))])
    assert column(model, "name") == ["Dan", "Cid", "Bob", "Ann"], "never comes first"
    rows = model.new_rows()
    rows.extend([user(name) for name in ("Dan", "Cid", "Bob", "Eve")])
    model.swap(rows)
    assert column(model, "name") == ["Dan", "Cid", "Bob", "Eve"]
    model.sort(COLUMN["sign_in"], Qt.SortOrder.DescendingOrder)
    assert column(model, "name") == ["Eve", "Bob", "Cid", "Dan"]


def test_current_row_and_selection_survive_sort_search_and_reload(qtbot: QtBot) -> None:
    model = make(*(user(name) for name in ("Dan", "Ann", "Cid", "Bob")))
    view = QTableView()
    qtbot.addWidget(view)
    view.setModel(model)
    view.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    view.selectRow(2)
    model.sort(COLUMN["name"])
    assert view.currentIndex().data() == "Cid"
    model.set_query(UserQuery(text="i", sort="name"))
    assert (view.currentIndex().row(), view.currentIndex().data()) == (0, "Cid")
    model.set_query(UserQuery(sort="name"))
    rows = model.new_rows()
    rows.extend([user(name) for name in ("Zoe", "Cid", "Ann")])
    model.swap(rows)
    assert column(model, "name") == ["Ann", "Cid", "Zoe"]
    assert {index.data() for index in view.selectionModel().selectedRows()} == {"Cid"}


def test_a_row_that_leaves_takes_its_persistent_index_along() -> None:
    model = make(user("Ann"), user("Bob"))
    kept = QPersistentModelIndex(model.index(1, 0))
    model.set_query(UserQuery(text="ann"))
    assert not kept.isValid()


def test_put_changes_one_row_and_keeps_the_order() -> None:
    model = make(user("Ann"), user("Bob"), user("Cid"))
    model.sort(COLUMN["name"])
    model.put([user("Bob")._replace(display_name="Zed", licenses=E5), user("Abe")])
    assert column(model, "name") == ["Abe", "Ann", "Cid", "Zed"]
    assert column(model, "assign")[3] == "Microsoft 365 E5"
    model.set_query(UserQuery(text="e5", sort="name"))
    assert column(model, "name") == ["Zed"]
    model.put([user("Bob")._replace(display_name="Zed", licenses=())])
    assert column(model, "name") == []


def test_time_passes_and_a_purged_user_leaves() -> None:
    """S30: gone from the list entirely after 30 days."""
    clock = [now()]
    model = UserTableModel(product_name, lambda: clock[0])
    model.append([user("Ann"), deleted("Bob", 28), deleted("Cid", 29.5)])
    clock[0] += timedelta(days=1)
    model.tick()
    assert column(model, "name") == ["Ann", "Bob"]
    assert column(model, "status") == ["Active", "Deleted, 1 day left"]


def test_a_minute_that_changes_no_text_costs_nothing() -> None:
    """Once a minute, in the GUI thread: with thousands of deleted users it must not be felt."""
    model = make(user("Ann"), *(deleted(f"Bob {n}", 12.5) for n in range(50)))
    rows = model._rows
    model.sort(COLUMN["status"])
    rows.replacing = None  # type: ignore[assignment, method-assign]
    model.tick()


def test_streaming_shows_matches_only_and_settles() -> None:
    model = UserTableModel(product_name, now)
    model.set_query(UserQuery(text="a", sort="name"))
    model.append([user("Zara"), user("Bob")])
    model.append([user("Adam")])
    assert column(model, "name") == ["Zara", "Adam"], "arrival order while streaming"
    model.settle()
    assert column(model, "name") == ["Adam", "Zara"]


def test_clear_keeps_what_is_searched_for() -> None:
    model = make(user("Ann"))
    query = UserQuery(text="x", status=StatusFilter.DELETED, sort="name")
    model.set_query(query)
    model.clear()
    assert (model.query, model.total) == (query, 0)


def test_painting_asks_little(qtbot: QtBot) -> None:
    """A budget on calls, not on time: a table in Python is slow by how often it is asked."""

    class Counting(UserTableModel):
        calls = 0

        def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
            Counting.calls += 1
            return super().data(index, role)

    model = Counting(product_name, now)
    model.append([user(f"User {n}", licenses=E5) for n in range(2000)])
    view = QTableView()
    qtbot.addWidget(view)
    view.setModel(model)
    view.verticalHeader().setDefaultSectionSize(32)
    view.resize(1400, 800)
    view.show()
    qtbot.waitExposed(view)
    Counting.calls = 0
    view.viewport().grab()
    cells = (view.viewport().height() // 32 + 2) * model.columnCount()
    assert 0 < Counting.calls <= 8 * cells


steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.lists(st.text("abc", min_size=1, max_size=3), max_size=5)),
        st.tuples(st.just("search"), st.text("abc", max_size=2)),
        st.tuples(st.just("sort"), st.sampled_from(["name", "username", "status", ""])),
        st.tuples(st.just("put"), st.text("abc", min_size=1, max_size=3)),
        st.tuples(st.just("status"), st.sampled_from(list(StatusFilter))),
        st.tuples(
            st.just("told"), st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 99))
        ),
        st.tuples(st.just("days"), st.sampled_from([30, 60])),
        st.tuples(st.just("swap"), st.lists(st.text("abc", min_size=1, max_size=3), max_size=5)),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_any_history_equals_a_plain_list(history: list[tuple[str, Any]]) -> None:
    model = UserTableModel(product_name, now)
    tester = QAbstractItemModelTester(model, STRICT)
    plain: dict[str, User] = {}
    told: dict[str, int | None] = {}
    query = UserQuery()

    def idle(user: User) -> bool:
        days = told.get(user.id, 0)
        return days is None or days > query.idle_days

    def made(name: str) -> User:
        return user(name, licenses=E5 if "a" in name else ())

    for step, value in history:
        if step == "append":
            fresh = [made(name) for name in dict.fromkeys(value) if name not in plain]
            plain |= {one.id: one for one in fresh}
            model.append(fresh)
            model.settle()
        elif step == "put":
            changed = made(value)._replace(display_name=value[::-1], state=UserState.BLOCKED)
            plain[changed.id] = changed
            model.put([changed])
        elif step == "swap":
            fresh = [made(name) for name in dict.fromkeys(value)]
            plain = {one.id: one for one in fresh}
            rows = model.new_rows()
            rows.extend(fresh)
            model.swap(rows)
        elif step == "told":
            told |= value
            page = {
                UserId(name): None if days is None else now() - timedelta(days=days)
                for name, days in value.items()
            }
            model.take_sign_ins(list(page.items()))
        else:
            fields = {"search": "text", "sort": "sort", "status": "status", "days": "idle_days"}
            field = fields[step]
            query = UserQuery(**{**_fields(query), field: value})
            model.set_query(query)
        shown = [
            one
            for one in plain.values()
            if query.admits(one)
            and (query.status is not StatusFilter.LICENSED_IDLE or idle(one))
            and all(
                word
                in f"{one.display_name} {one.username} {'microsoft 365 e5' if one.licenses else ''}"
                for word in query.text.split()
            )
        ]
        have = [model.user_at(model.index(row, 0)) for row in range(model.rowCount())]
        assert sorted(map(str, have)) == sorted(map(str, shown))
        licensed = [one for one in plain.values() if one.licenses and not one.deleted]
        assert model.untold() == sum(one.id not in told for one in licensed)
        if query.sort in ("name", "username"):
            texts = column(model, query.sort)
            assert texts == sorted(texts)
    del tester


def _fields(query: UserQuery) -> dict[str, Any]:
    return {name: getattr(query, name) for name in query.__dataclass_fields__}


@pytest.mark.parametrize("index", [QModelIndex()])
def test_an_invalid_index_is_nobody(index: QModelIndex) -> None:
    assert make(user("Ann")).user_at(index) is None


def test_what_is_prepared_changes_no_order() -> None:
    model = UserTableModel(lambda sku_id: sku_id)
    plain = UserTableModel(lambda sku_id: sku_id)
    users = [
        User(
            UserId(f"u{i}"), f"n{i % 7}", f"{i * 7919 % 101:03}@x", "", "", UserState.ACTIVE, "", ()
        )
        for i in range(101)
    ]
    for one in (model, plain):
        one.append(users[:60])
    for _ in model.preparing():
        pass
    preparing = model.preparing()
    next(preparing, None)
    for one in (model, plain):
        one.append(users[60:])
        one.put([users[3]._replace(username="zzz@x")])
    for _ in preparing:
        pass
    for column in range(5):
        for one in (model, plain):
            one.sort(column)
        assert [model.user_at(model.index(row, 0)) for row in range(101)] == [
            plain.user_at(plain.index(row, 0)) for row in range(101)
        ]


def test_rows_nobody_shows_any_more_are_given_back_in_pieces() -> None:
    model = make(*(user(f"User {number}") for number in range(10_000)))
    list(model.merging(UserQuery(sort="username")))
    model.settle()
    old = model.clear()
    assert model.rowCount() == 0
    sizes = [len(old) for _ in old.emptying()]
    assert len(old) == 0
    assert sizes[0] > 0, "the first step does not free all"
    assert [old.texts, old.haystacks, old.labels] == [[], [], []]
