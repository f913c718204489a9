"""The account of an over-allocation: what was, what happened and who was behind it, what is."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from o365desk.domain.comparison import ChangeKind, Comparison, CounterChange, UserChange
from o365desk.domain.directory import UserId
from o365desk.domain.licensing import Sku, SkuId
from o365desk.domain.trail import causes
from o365desk.models.roles import Role
from o365desk.models.trail_lines import TrailModel, since_text
from tests.models.counters import TENANT, day

VISIO = SkuId("visio")


@pytest.fixture(autouse=True)
def british(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(before)


def gained(number: int, name: str) -> UserChange:
    username = f"u{number}@contoso.com"
    return UserChange(ChangeKind.LICENSE_GAINED, UserId(str(number)), name, username, VISIO)


def sku(active: int, assigned: int) -> Sku:
    return Sku(VISIO, "VISIO", "Visio Plan 2", active, assigned, active - assigned)


COMPARISON = Comparison(
    TENANT,
    day(10),
    day(40),
    (gained(1, "Adele Vance"), gained(2, "山田太郎")),
    (CounterChange(VISIO, "Visio Plan 2", sku(20, 18), sku(15, 20)),),
    (),
)


def test_the_account_adds_up() -> None:
    model = TrailModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.set_trail(causes(COMPARISON, VISIO))
    lines = [line.split("\t") for line in model.copied().split("\n")[1:]]
    assert lines[0][0].startswith("Available on 11 Sept 2026, ")
    assert lines[1:] == [
        ["Adele Vance and 山田太郎 were given this product.", "-2"],
        ["    Adele Vance, u1@contoso.com", ""],
        ["    山田太郎, u2@contoso.com", ""],
        [lines[4][0], "-5"],
        [lines[5][0], "-5"],
    ]
    assert lines[0][1] == "2"
    assert "5 seats were lost" in lines[4][0]
    assert lines[5][0].startswith("Available on 11 Oct 2026, ")
    values = [model.index(row, 1).data(Role.VALUE) for row in range(model.rowCount())]
    assert values == [2, -2, None, None, -5, -5]
    assert values[0] - 2 - 5 == values[-1]
    spoken = model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Adele Vance and 山田太郎 were given this product.: -2"
    model.set_trail(None)
    assert model.rowCount() == 0


def test_what_no_counter_told_has_no_balance() -> None:
    model = TrailModel()
    model.set_trail(causes(Comparison(TENANT, day(1), day(2), (), (), ()), VISIO))
    assert model.rowCount() == 0


def test_since_when() -> None:
    both = since_text((day(10), day(40)))
    assert both.startswith("Became over-allocated between 11 Sept 2026, ")
    assert " and 11 Oct 2026, " in both
    assert "first snapshot already" in since_text((None, day(0)))
