"""Finds of the search over all customers: how they come, and what is said of each."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.snapshots import (
    MOST_OTHERS_FOUND,
    MOST_USERS_FOUND,
    HitKind,
    SearchHit,
)
from o365desk.models.roles import Role
from o365desk.models.search_hits import SearchHitModel
from tests.models.people import NOW, now

STRICT = QAbstractItemModelTester.FailureReportingMode.Fatal
CONTOSO = Tenant(TenantId("t-1"), "Contoso Ännä", "contoso.com")


def hit(
    title: str,
    detail: str = "",
    *,
    kind: HitKind = HitKind.USER,
    former: str = "",
    age: timedelta = timedelta(hours=3),
) -> SearchHit:
    return SearchHit(kind, CONTOSO, NOW - age, title, detail or f"{title}@contoso.com", former)


@pytest.fixture
def model() -> SearchHitModel:
    made = SearchHitModel(now)
    QAbstractItemModelTester(made, STRICT, made)
    return made


def titles(model: SearchHitModel) -> list[str]:
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def marked(text: str, marks: list[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in marks]


def test_the_old_finds_stay_dimmed_until_there_are_new_ones(model: SearchHitModel) -> None:
    model.begin("an")
    model.add([hit("Ann"), hit("Dan")])
    model.add([hit("Ian")])
    model.finish()
    assert titles(model) == ["Ann", "Dan", "Ian"]
    changed = QSignalSpy(model.dataChanged)
    model.begin("ann")
    assert changed.count() == 1
    assert (titles(model), model.old) == (["Ann", "Dan", "Ian"], True)
    assert model.index(0).data(Role.DIMMED) is True
    model.add([])
    assert model.total == 3
    model.add([hit("Ann")])
    assert (titles(model), model.old) == (["Ann"], False)
    model.begin("annx")
    model.finish()
    assert titles(model) == []


@pytest.mark.parametrize(
    ("kind", "most"),
    [(HitKind.DELETED_USER, MOST_USERS_FOUND), (HitKind.PRODUCT, MOST_OTHERS_FOUND)],
)
def test_where_the_search_ends_there_may_be_more(
    model: SearchHitModel, kind: HitKind, most: int
) -> None:
    model.begin("x")
    model.add([hit(f"x{n}", kind=kind) for n in range(most - 1)])
    cut = [model.cut]
    model.add([hit("x", kind=kind)])
    cut.append(model.cut)
    model.begin("y")
    model.add([hit("y", kind=kind)])
    assert [*cut, model.cut] == [False, True, False]


def test_what_was_searched_for_is_marked_wherever_it_is_shown(model: SearchHitModel) -> None:
    model.begin("anna us")
    former = "anna.old@contoso.com"
    model.add([hit("Änna Belous", "us@contoso.com", former=former)])
    row = model.row_at(0)
    assert marked(*row.title) == ["Änna", "us"]
    assert row.detail.text == f"User · us@contoso.com · formerly {former}"
    assert marked(*row.detail) == ["us", "anna"], "the word User was not searched for"
    assert marked(*row.customer) == ["Ännä"]


def test_a_user_without_a_name_goes_by_the_username(model: SearchHitModel) -> None:
    model.begin("x")
    model.add([hit("", "x@contoso.com")])
    assert model.row_at(0).title.text == "x@contoso.com"


@pytest.mark.parametrize(
    ("found", "spoken"),
    [
        (
            hit("Ann", former="Anne", age=timedelta(days=3)),
            "Ann, User, Ann@contoso.com, formerly Anne, of Contoso Ännä, read 3 days ago",
        ),
        (
            hit("Bob", kind=HitKind.DELETED_USER),
            "Bob, Deleted user, Bob@contoso.com, of Contoso Ännä, read 3 hours ago",
        ),
        (
            hit("Contoso Ännä", "contoso.com", kind=HitKind.TENANT),
            "Contoso Ännä, Customer, contoso.com, read 3 hours ago",
        ),
    ],
    ids=["earlier name", "deleted", "customer"],
)
def test_a_screen_reader_hears_everything(
    model: SearchHitModel, found: SearchHit, spoken: str
) -> None:
    model.begin("x")
    model.add([found])
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == spoken
    assert model.row_at(0).aged == ("days" in spoken)
    assert model.index(0).data(Qt.ItemDataRole.ToolTipRole).splitlines()[0] == found.title
    assert model.hit_at(0) is found
    assert model.hit_at(1) is None
