"""S52 to S55: what stands behind a product of the section "Licenses"."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QTableView

from o365desk.app.robot import seen
from o365desk.models.sku_columns import COLUMN
from o365desk.views.sku_delegate import info_rect
from o365desk.views.subscription_popup import SubscriptionPopup
from tests.app.harness import Running, desk
from tests.seed.sight import (
    Others,
    info_button,
    monitored,
    pane_table,
    product,
    rows,
    sku,
    titles,
    tooltip,
    words,
)


async def information(running: Running, product_name: str) -> SubscriptionPopup:
    """Clicks the information button of a product."""
    where = info_button(running, product_name).center()
    running.robot.click(pane_table(running).viewport(), where)
    popup = await running.robot.opened(SubscriptionPopup)
    await seen(lambda: table_of(popup).isVisible(), "the subscriptions are listed")
    return popup


def table_of(popup: SubscriptionPopup) -> QTableView:
    table = popup.findChild(QTableView)
    assert isinstance(table, QTableView)
    return table


def bought(running: Running, purpose: str, part: str) -> set[str]:
    """The ids that Partner Center gives for the subscriptions of a product."""
    found = Others(running).subscriptions(purpose)
    return {item["id"].lower() for item in found if item.get("skuId") == sku(part)}


async def test_s52_every_product_has_the_information_button() -> None:
    async with desk("well_stocked") as running:
        table = pane_table(running)
        for one in monitored(running):
            button = info_button(running, one)
            picture = table.viewport().grab(button).toImage()
            inks = {
                picture.pixelColor(x, y).name()
                for x in range(picture.width())
                for y in range(picture.height())
            }
            assert len(inks) > 2, "no icon is painted"
            assert tooltip(table, button.center()) == "Subscription information"
        # Beside the button the name itself has another tooltip.
        index = table.model().index(0, COLUMN["name"])
        table.scrollTo(index)
        cell = table.visualRect(index)
        assert not info_rect(cell).contains(cell.left() + 20, cell.center().y())
        assert "Subscription information" not in tooltip(table, cell.center())


async def test_s53_clicking_it_shows_the_table() -> None:
    async with desk("two_subscriptions") as running:
        assert running.robot.dialog(SubscriptionPopup) is None
        popup = await information(running, product("SPB"))
        assert product("SPB") in words(popup)
        table = table_of(popup)
        assert table.model().rowCount() == 2
        screen = popup.screen().availableGeometry()
        assert screen.contains(popup.geometry())
        running.robot.key(popup, Qt.Key.Key_Escape)
        await running.robot.closed(SubscriptionPopup)
        # Another product has another table.
        popup = await information(running, product("PROJECTPROFESSIONAL"))
        assert product("PROJECTPROFESSIONAL") in words(popup)
        assert table_of(popup).model().rowCount() == 1
        assert running.writes() == []


async def test_s54_product_sku_id() -> None:
    async with desk("two_subscriptions") as running:
        told = Others(running).products("two_subscriptions")
        for part in ("SPB", "VISIOCLIENT"):
            popup = await information(running, product(part))
            sku_id = told[product(part)]["productSku"]["id"]
            assert "Product SKU ID" in words(popup)
            value = next(
                one
                for one in popup.findChildren(QLabel)
                if one.accessibleName() == "Product SKU ID"
            )
            assert value.isVisible()
            assert value.text() == sku_id == sku(part)
            running.robot.key(popup, Qt.Key.Key_Escape)
            await running.robot.closed(SubscriptionPopup)


async def test_s55_microsoft_subscription_ids() -> None:
    async with desk("two_subscriptions") as running:
        for part, count in (("SPB", 2), ("VISIOCLIENT", 2), ("PROJECTPROFESSIONAL", 1)):
            popup = await information(running, product(part))
            table = table_of(popup)
            assert "Microsoft Subscription IDs" in titles(table)
            shown = [row["Microsoft Subscription IDs"] for row in rows(table.model())]
            assert {one.lower() for one in shown} == bought(running, "two_subscriptions", part)
            assert len(shown) == count
            column = titles(table).index("Microsoft Subscription IDs")
            assert table.columnWidth(column) > table.fontMetrics().horizontalAdvance(shown[0])
            running.robot.key(popup, Qt.Key.Key_Escape)
            await running.robot.closed(SubscriptionPopup)


async def test_s55_the_same_for_a_direct_customer() -> None:
    async with desk("direct", direct=True) as running:
        await seen(lambda: running.work.subscriptions is not None, "the subscriptions are read")
        await seen(lambda: monitored(running), "the products are read")
        popup = await information(running, "Visio Plan 2")
        shown = [row["Microsoft Subscription IDs"] for row in rows(table_of(popup).model())]
        assert {one.lower() for one in shown} == bought(running, "direct", "VISIOCLIENT")
