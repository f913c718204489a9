"""Around the Users' List: what is said when it is empty, and what is offered then."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from o365desk.domain.directory import UserId
from o365desk.models.users import UserTableModel
from o365desk.views.users_panel import UsersPanel
from tests.models.people import now, product_name, user

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
