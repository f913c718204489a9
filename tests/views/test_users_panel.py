"""Around the Users' List: what is said when it is empty, and what is offered then."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from o365desk.domain.directory import UserId, UserState
from o365desk.domain.licensing import SkuId
from o365desk.domain.query import StatusFilter
from o365desk.models.users import UserTableModel
from o365desk.views.user_actions import Offers
from o365desk.views.users_panel import UsersPanel
from tests.models.people import BOTH, E5, now, product_name, user

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[UsersPanel]:
    made = UsersPanel(UserTableModel(product_name, now))
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    qtbot.waitExposed(made)
    yield made
    for menu in made.findChildren(QMenu):
        menu.close()


def said(panel: UsersPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def offered(panel: UsersPanel) -> list[QPushButton]:
    """Buttons to try again that can be seen."""
    buttons = panel.findChildren(QPushButton)
    return [one for one in buttons if one.text() == "Try again" and one.isVisible()]


def test_nothing_read_is_not_zero_users(panel: UsersPanel) -> None:
    panel.set_tenant("Contoso")
    panel.set_loading("Reading users…")
    assert panel.counts.text() == ""
    panel.set_loading("")
    panel.set_read_at(now())
    assert panel.counts.text().startswith("0 users")


def test_where_nothing_could_be_read_another_attempt_is_offered_in_its_place(
    panel: UsersPanel,
) -> None:
    panel.set_tenant("Contoso")
    panel.show_failure("It broke. No user was read.")
    assert said(panel).count("It broke. No user was read.") >= 1
    asked = QSignalSpy(panel.retry_requested)
    for button in offered(panel):
        QTest.mouseClick(button, LEFT)
    assert len(offered(panel)) == 2
    assert asked.count() == 2
    panel.table.model().append([user("Adele Vance")])  # type: ignore[attr-defined]
    panel.update_counts()
    assert len(offered(panel)) == 1


def test_the_columns_open_below_their_button(panel: UsersPanel) -> None:
    panel.set_tenant("Contoso")
    button = next(
        one for one in panel.findChildren(QToolButton) if one.accessibleName() == "Choose columns"
    )
    QTest.mouseClick(button, LEFT)
    menu = next(one for one in panel.table.findChildren(QMenu) if one.isVisible())
    below = button.mapToGlobal(button.rect().bottomLeft())
    assert (menu.pos() - below).manhattanLength() < 8


def test_the_foot_tells_of_last_sign_ins_once(panel: UsersPanel) -> None:
    model = panel.table.model()
    assert isinstance(model, UserTableModel)
    panel.set_tenant("Contoso")
    model.append([user("Ann"), user("Bob"), user("Cid")])
    model.begin_sign_ins()
    model.take_sign_ins([(UserId("ann"), now())])
    assert panel.counts.text() == "3 users · 0 deleted · last sign-in of 2 not read yet"
    model.end_sign_ins("needs Entra ID P1 or P2")
    assert panel.counts.text() == "3 users · 0 deleted · last sign-in: needs Entra ID P1 or P2"
    model.end_sign_ins()
    assert panel.counts.text() == "3 users · 0 deleted"


def press(panel: UsersPanel, text: str) -> None:
    """The button with this text, wherever in the panel it is."""
    (button,) = [
        one for one in panel.findChildren(QPushButton) if one.isVisible() and one.text() == text
    ]
    QTest.mouseClick(button, LEFT)


def names(panel: UsersPanel) -> list[str]:
    model = panel.table.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def filled(panel: UsersPanel) -> UserTableModel:
    model = panel.table.model()
    assert isinstance(model, UserTableModel)
    panel.set_tenant("Contoso")
    panel.filters.set_products([(SkuId("e5"), "Microsoft 365 E5"), (SkuId("visio"), "Visio")])
    blocked = user("Cid", state=UserState.BLOCKED, licenses=E5)
    model.append([user("Ann", licenses=E5), user("Bob"), blocked, user("Dan", licenses=BOTH)])
    return model


def test_who_holds_a_product_and_who_does_not(panel: UsersPanel, qtbot: QtBot) -> None:
    model = filled(panel)
    emptied, searched = (
        QSignalSpy(panel.filters.cleared),
        QSignalSpy(panel.filters.search_requested),
    )
    panel.resize(900, 400)
    panel.filters.set_search("bob")
    panel.filters.set_status(StatusFilter.LICENSED_IDLE)
    panel.filters.show_holders(SkuId("e5"))
    assert not any(one.text() == "Licensed but inactive" for one in panel.findChildren(QPushButton))
    assert names(panel) == ["Ann", "Cid", "Dan"]
    assert "3 users hold Microsoft 365 E5" in said(panel)
    assert emptied.count() == 1, "the search is over"
    qtbot.waitUntil(panel.table.hasFocus)
    assert panel.table.currentIndex().row() == 0
    panel.filters.set_status(StatusFilter.BLOCKED)
    assert "1 matching user holds Microsoft 365 E5" in said(panel)
    press(panel, "All")
    press(panel, "Does not hold")
    assert names(panel) == ["Bob"]
    assert "1 user does not hold Microsoft 365 E5. Manage Licenses assigns it." in said(panel)
    press(panel, "Holds")
    press(panel, "Assign to…")
    assert names(panel) == ["Bob"]
    assert searched.count() == 1
    panel.filters.set_product(SkuId("x"), "Project")
    assert "No user holds Project." in said(panel)
    model.append([user("Eve", licenses=None)])
    panel.update_counts()
    unread = "Licenses of 1 user have not been read yet."
    assert f"No user is known to hold Project. {unread}" in said(panel)
    press(panel, "Does not hold")
    assert "4 users are known not to hold Project. Manage Licenses assigns it." in said(panel)
    press(panel, "Clear filter")
    assert len(names(panel)) == 5
    assert not any("hold" in text for text in said(panel))


def test_nobody_is_called_inactive_of_whom_nothing_is_known(
    panel: UsersPanel, qtbot: QtBot
) -> None:
    model = filled(panel)
    shown = QSignalSpy(panel.table.column_toggled)
    panel.filters.set_status(StatusFilter.LICENSED_IDLE)
    assert names(panel) == []
    assert "last sign-ins have not been read" in said(panel)
    press(panel, "Read last sign-ins")
    assert shown.at(0) == ["sign_in", True]
    model.begin_sign_ins()
    model.take_sign_ins([(UserId("ann"), now() - timedelta(days=91)), (UserId("bob"), None)])
    assert names(panel) == ["Ann"], "Bob has no license to waste"
    assert "1 inactive, 2 not read yet" in said(panel)
    model.take_sign_ins([(UserId("cid"), None)])
    model.end_sign_ins()
    assert "2 inactive, 1 not known" in said(panel)
    (days,) = panel.findChildren(QSpinBox)
    days.setFocus()
    days.selectAll()
    QTest.keyClicks(days, "92")
    QTest.keyClick(days, Qt.Key.Key_Return)
    assert names(panel) == ["Cid"]
    QTest.keyClick(days, Qt.Key.Key_Down)
    assert (panel.filters.idle_days, names(panel)) == (62, ["Ann", "Cid"])
    press(panel, "Clear filter")
    assert len(names(panel)) == 4
    model.end_sign_ins("needs Entra ID P1 or P2")
    panel.filters.set_status(StatusFilter.LICENSED_IDLE)
    assert "2 inactive, 1 not known" in said(panel), "what is known stays known"


def test_a_narrow_panel_folds_filters_into_the_menu(panel: UsersPanel, qtbot: QtBot) -> None:
    filled(panel)
    buttons = panel.findChildren(QPushButton)
    more = next(one for one in buttons if one.text() == "More filters")
    entries = {action.text(): action for action in more.menu().actions()}

    def inside() -> set[str]:
        return {text for text, action in entries.items() if action.isVisible()}

    rare = {"Licensed but blocked", "Licensed but inactive"}
    panel.resize(1200, 400)
    assert inside() == rare
    panel.resize(500, 400)
    assert inside() == {*rare, "Unlicensed", "Blocked", "Deleted", "Active"}
    panel.resize(720, 400)
    folded = inside() - rare
    assert folded
    assert "Active" not in folded, "what is asked for most goes last"
    panel.resize(500, 400)
    long = "Microsoft 365 E5 Developer (without Windows and Audio Conferencing)"
    panel.filters.set_product(SkuId("e5"), long)
    (product,) = [one for one in buttons if one.accessibleName() == "Filter by product"]
    short = product.text()
    panel.resize(1200, 400)
    assert long.startswith(short[:-1])
    assert len(short) < len(product.text()) < len(long)
    assert product.toolTip() == long
    panel.filters.set_product(None)
    panel.resize(500, 400)
    entries["Blocked"].trigger()
    assert (names(panel), more.text(), more.isChecked()) == (["Cid"], "Blocked", True)
    panel.resize(1200, 400)
    assert (more.text(), more.isChecked()) == ("More filters", False)
    panel.filters.set_blocked_known(False)
    assert inside() == {"Licensed but inactive"}
    panel.resize(500, 400)
    assert "Unlicensed" in inside()
    assert not inside() & {"Blocked", "Licensed but blocked"}
    panel.filters.set_offers(Offers(untold={"sign_in": "Nobody tells."}))
    assert not entries["Licensed but inactive"].isEnabled()


@pytest.mark.parametrize("width", [1200, 720, 620])
def test_no_button_of_the_filters_is_cut_off(panel: UsersPanel, qtbot: QtBot, width: int) -> None:
    filled(panel)
    panel.resize(width, 400)
    panel.filters.show_holders(SkuId("e5"))
    panel.filters.set_status(StatusFilter.LICENSED_IDLE)

    def whole() -> bool:
        buttons = [one for one in panel.findChildren(QPushButton) if one.isVisible()]
        return all(one.width() >= one.sizeHint().width() for one in buttons)

    qtbot.waitUntil(whole)
    assert panel.width() == width
    assert panel.create_button.geometry().right() < width
