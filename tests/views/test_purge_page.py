"""The page of deleted users of all customers: who can be restored for how long yet."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from o365desk.domain.errors import DeskError
from o365desk.models import pieces
from o365desk.models.table_export import TableRows
from o365desk.views.purge_page import PurgePage
from tests.models.customers import DAY, facts, gone, tenant
from tests.models.people import NOW

LISTED = [tenant("Contoso"), tenant("Fabrikam")]
USERS = [
    gone("Adele", "Contoso", 29),
    gone("Ben", "Contoso", 26),
    gone("Cid", "Contoso", 3),
    gone("Gone", "Contoso", 31),
]


@pytest.fixture
def page(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[PurgePage]:
    monkeypatch.setattr(pieces, "BUDGET", 60)  # in one go, on a slow machine too
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    made = PurgePage()
    qtbot.addWidget(made)
    made.resize(1000, 500)
    made.show()
    qtbot.waitExposed(made)
    yield made
    QLocale.setDefault(before)


def said(page: PurgePage) -> str:
    return "\n".join(one.text() for one in page.findChildren(QLabel) if one.isVisible())


def press(page: PurgePage, text: str) -> None:
    button = next(
        one for one in page.findChildren(QPushButton) if one.text() == text and one.isVisible()
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def shown(page: PurgePage) -> list[str]:
    return [row.found.user.display_name for row in page.model.shown_rows()]


def test_who_goes_soonest_is_on_top_and_chips_narrow_it_down(page: PurgePage) -> None:
    page.set_tenants(LISTED)
    page.set_deleted_users(USERS, [facts("Contoso", at=NOW - 2 * DAY)], NOW)
    assert shown(page) == ["Adele", "Ben", "Cid"]
    assert "1 of 2 customers read; 1 never read; 1 read before today" in said(page)
    assert page.foot.full() == "3 deleted users"
    press(page, "≤ 5 days 2")
    assert shown(page) == ["Adele", "Ben"]
    assert page.foot.full() == "2 of 3 deleted users shown"
    press(page, "Last day 1")
    assert shown(page) == ["Adele"]
    page.search_changed.emit("nobody")
    assert "No deleted user matches" in said(page)
    press(page, "Show all deleted users")
    assert len(shown(page)) == 3


def test_enter_asks_for_the_user(page: PurgePage) -> None:
    asked = QSignalSpy(page.user_requested)
    page.set_deleted_users(USERS, [facts("Contoso")], NOW)
    page.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert asked.at(0) == [USERS[0].tenant.id, USERS[0].user.id]


def test_every_empty_state_says_why(page: PurgePage) -> None:
    assert "Looking up the deleted users" in said(page)
    page.set_tenants(LISTED)
    page.set_deleted_users([], [], NOW)
    assert "No customer has been read yet." in said(page)
    page.set_deleted_users([], [facts(one.name) for one in LISTED], NOW)
    assert "No deleted users. Users deleted" in said(page)
    page.set_deleted_users([], [facts("Contoso")], NOW)
    assert "No deleted users among the customers that were read." in said(page)
    assert "Users deleted in the last 30 days appear here." in said(page)
    asked = QSignalSpy(page.retry_requested)
    page.show_error(DeskError("The snapshots cannot be read."))
    press(page, "Try again")
    assert asked.count() == 1
    page.set_loading(True)
    assert "cannot be read" not in said(page)


def test_the_table_leaves_the_program_as_values(page: PurgePage) -> None:
    page.set_deleted_users(USERS, [facts("Contoso")], NOW)
    rows = TableRows(page.model, range(page.model.columnCount()), page.describe().more)
    (piece,) = rows.pieces()
    told = dict(zip(rows.titles, piece[0], strict=True))
    assert (told["Days left"], told["Deleted on"]) == (1, (NOW - 29 * DAY).date())
    assert told["User ID"] == USERS[0].user.id
    assert str(dict(page.describe().facts)["Customers"]).startswith("1 customer read")
