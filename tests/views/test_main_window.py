"""The main window's head: whose users these are, and the way from the search into the list."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QFrame, QWidget
from pytestqt.qtbot import QtBot

from o365desk.domain.acts import Act
from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.licensing import Sku, SkuId
from o365desk.models.users import UserTableModel
from o365desk.views.main_window import MainWindow
from o365desk.views.rail import Place, Rail
from o365desk.views.sku_table import SkuTable
from o365desk.views.user_actions import Offers
from tests.models.people import E5, now, product_name, user

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


def test_from_a_product_to_its_holders_and_to_somebody_who_gets_it(qtbot: QtBot) -> None:
    main = window(qtbot)
    main.show_tenant(Tenant(TenantId("t-1"), "Contoso", "contoso.com"))
    model = main.users.table.model()
    assert isinstance(model, UserTableModel)
    model.append([user("Cy Coe", licenses=E5)])
    main.licenses.set_skus([Sku(SkuId("e5"), "SPE_E5", "Microsoft 365 E5", 2, 1, 1)], now())
    main.users.filters.set_products([(SkuId("e5"), "Microsoft 365 E5")])
    main.activateWindow()
    qtbot.waitUntil(main.isActiveWindow)
    table = main.licenses.findChild(SkuTable)
    assert isinstance(table, SkuTable)

    def shown() -> list[str]:
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    QTest.keyClicks(main.search, "ad")
    main.licenses.focus_table()
    QTest.keyClick(table, Qt.Key.Key_W)
    assert (shown(), main.search.text()) == (["Cy Coe"], "")
    assert main.users.table.hasFocus()
    main.licenses.focus_table()
    QTest.keyClick(table, Qt.Key.Key_A)
    assert shown() == ["Adele Vance", "Bo Berg"]
    assert main.search.hasFocus()
    reason = "License Administrator is missing for Contoso."
    main.set_offers(Offers({Act.LICENSE: reason}))
    main.licenses.focus_table()
    QTest.keyClick(table, Qt.Key.Key_A)
    assert [message.sentence for message in main.banner.messages] == [reason]


def test_the_limit_for_inactive_users_is_remembered(qtbot: QtBot) -> None:
    first, second = window(qtbot), window(qtbot)
    first.users.filters.set_idle_days(45)
    second.restore_layout(first.save_layout())
    assert second.users.filters.idle_days == 45
    second.restore_layout({"idle_days": b"x"})
    assert second.users.filters.idle_days == 45


def test_a_low_window_leaves_the_words_of_the_places_to_their_tooltips(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    rail = Rail(practice=True)
    rail.setParent(around)
    around.show()
    rail.show()
    rail.offer_history()
    for place in Place:
        rail.offer(place)
    styles = []
    for height in (400, 900, 400):
        rail.resize(100, height)
        qtbot.waitUntil(lambda: rail.minimumSizeHint().height() <= rail.height())
        styles.append(rail.places[Place.PORTFOLIO].toolButtonStyle())
    alone = Qt.ToolButtonStyle.ToolButtonIconOnly
    assert styles == [alone, Qt.ToolButtonStyle.ToolButtonTextUnderIcon, alone]
