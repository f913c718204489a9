"""The main window's head: whose users these are, and the way from the search into the list."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QFrame
from pytestqt.qtbot import QtBot

from o365desk.domain.acts import Act
from o365desk.domain.directory import Tenant, TenantId
from o365desk.models.users import UserTableModel
from o365desk.views.main_window import MainWindow
from o365desk.views.user_actions import Offers
from tests.models.people import now, product_name, user

LONG = "Internationale Gesellschaft für die technische Zusammenarbeit & Entwicklung der Länder mbH"


def window(qtbot: QtBot, *, single_tenant: bool = False) -> MainWindow:
    model = UserTableModel(product_name, now)
    model.append([user("Adele Vance"), user("Bo Berg")])
    made = MainWindow(model, single_tenant=single_tenant, practice=False)
    made.finish_closing()
    qtbot.addWidget(made)
    made.resize(780, 560)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.mark.parametrize("single_tenant", [False, True])
def test_a_long_name_ends_in_dots_and_is_whole_where_one_looks_closer(
    qtbot: QtBot, single_tenant: bool
) -> None:
    main = window(qtbot, single_tenant=single_tenant)
    shown = main.tenant_title if single_tenant else main.tenant_button
    main.show_tenant(Tenant(TenantId("t-1"), "Fern & Finch", "fern.example"))
    qtbot.waitUntil(lambda: shown.text().replace("&&", "&") == "Fern & Finch")
    narrowest = main.minimumSizeHint().width()
    main.show_tenant(Tenant(TenantId("t-2"), LONG, "long.example"))
    qtbot.waitUntil(lambda: shown.text().endswith("…"))
    assert shown.toolTip().startswith(LONG)
    assert LONG in shown.accessibleName()
    assert main.minimumSizeHint().width() == narrowest
    assert main.windowTitle().startswith(LONG)


def test_keys_in_the_search(qtbot: QtBot) -> None:
    main = window(qtbot)
    main.show_tenant(Tenant(TenantId("t-1"), "Contoso", "contoso.com"))
    main.activateWindow()
    qtbot.waitUntil(main.isActiveWindow)
    main.search.setFocus()
    QTest.keyClicks(main.search, "bo")
    QTest.keyClick(main.search, Qt.Key.Key_Escape)
    assert main.search.text() == ""
    assert main.search.hasFocus()
    QTest.keyClick(main.search, Qt.Key.Key_Return)
    assert main.users.table.hasFocus()
    assert main.users.table.currentIndex().isValid()


def test_what_cannot_be_created_is_said_at_the_button_and_to_its_shortcut(qtbot: QtBot) -> None:
    main = window(qtbot)
    main.show_tenant(Tenant(TenantId("t-1"), "Contoso", "contoso.com"))
    reason = "User Administrator is missing for Contoso. Ask Contoso."
    main.set_offers(Offers({Act.CREATE: reason}), settled=False)
    settled = [main.offers_settled]
    create = main.users.create_button
    assert not create.isEnabled()
    assert create.toolTip() == create.accessibleDescription() == reason
    asked = QSignalSpy(main.users.create_requested)
    main.activateWindow()
    qtbot.waitUntil(main.isActiveWindow)
    QTest.keyClick(main, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert asked.count() == 0
    (item,) = [m for m in main.banner.findChildren(QFrame) if m.accessibleName()]
    assert item.accessibleName() == reason
    assert item.property("kind") == "banner-notice"
    main.set_offers(Offers())
    assert [*settled, main.offers_settled] == [False, True]
    QTest.keyClick(main, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert asked.count() == 1
