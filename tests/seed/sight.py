"""What a person sees in the window, and what others see at Microsoft at the same time."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QDialog,
    QLabel,
    QMenu,
    QPushButton,
    QToolTip,
    QWidget,
)

from o365desk.app.robot import seen
from o365desk.domain.licensing import SkuId
from o365desk.models.license_toggles import ToggleText
from o365desk.models.roles import Role
from o365desk.models.user_rows import COLUMN
from o365desk.simulator import HttpRequest
from o365desk.simulator.catalog import by_part_number
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.sku_delegate import info_rect
from o365desk.views.sku_table import SkuTable
from tests.app.harness import Running


class Others:
    """Everybody else at Microsoft: Partner Center's own pages, the Admin Center, a colleague.

    They call the faces themselves, not through this program.
    """

    def __init__(self, running: Running) -> None:
        self._running = running

    def partner_center(
        self, method: str, path: str, body: object = None, *, query: str = ""
    ) -> Any:
        """The reseller, in Partner Center's own words."""
        return self._call(f"/v1{path}", method, query, "partner", body)

    def admin_center(
        self, purpose: str, method: str, path: str, body: object = None, *, query: str = ""
    ) -> Any:
        """An administrator of the customer, through Graph."""
        token = f"tenant:{self._running.tenant_id(purpose)}"
        return self._call(f"/v1.0{path}", method, query, token, body)

    def _call(self, path: str, method: str, query: str, token: str, body: object) -> Any:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        content = b"" if body is None else json.dumps(body).encode()
        request = HttpRequest(method, path, query, headers, content)
        answer = self._running.simulator.handle(request)
        assert answer.status < 300, (answer.status, answer.body)
        return json.loads(answer.body.decode("utf-8-sig")) if answer.body else None

    # Partner Center

    def assignable(self, purpose: str) -> dict[str, dict[str, Any]]:
        """Products that are given to users; what is for the whole organisation is left out."""
        found = self.products(purpose).items()
        return {name: item for name, item in found if item["productSku"]["targetType"] == "User"}

    def products(self, purpose: str) -> dict[str, dict[str, Any]]:
        """Products of a customer and their counters, by product name."""
        found: dict[str, dict[str, Any]] = {}
        for group in ("group1", "group2"):
            path = f"/customers/{self._running.tenant_id(purpose)}/subscribedskus"
            answer = self.partner_center("GET", path, query=f"licenseGroupIds={group}")
            found |= {item["productSku"]["name"]: item for item in answer["items"]}
        return found

    def subscriptions(self, purpose: str) -> list[dict[str, Any]]:
        """Purchases of a customer; `skuId` added where there is one."""
        path = f"/customers/{self._running.tenant_id(purpose)}/subscriptions"
        found: list[dict[str, Any]] = self.partner_center("GET", path)["items"]
        for item in found:
            if item["billingType"] == "license" and item["isMicrosoftProduct"]:
                tie = self.partner_center("GET", f"{path}/{item['id']}/provisioningstatus")
                item["skuId"] = tie["skuId"]
        return found

    def partner_center_users(self, purpose: str, state: str) -> dict[str, dict[str, Any]]:
        """Users that Partner Center lists as "Active" or "Inactive" (deleted), by id."""
        wish = {"Field": "UserState", "Value": state, "Operator": "equals"}
        path = f"/customers/{self._running.tenant_id(purpose)}/users"
        answer = self.partner_center("GET", path, query=f"size=500&filter={quote(dumps(wish))}")
        return {item["id"]: item for item in answer["items"]}

    # Admin Center

    def deleted_users(self, purpose: str) -> dict[str, dict[str, Any]]:
        """The Admin Center's list of deleted users, by id."""
        answer = self.admin_center(
            purpose, "GET", "/directory/deletedItems/microsoft.graph.user", query="$top=999"
        )
        return {item["id"]: item for item in answer["value"]}

    def active_users(self, purpose: str) -> dict[str, dict[str, Any]]:
        """The Admin Center's list of active users, by id."""
        query = "$top=999&$select=id,displayName,assignedLicenses"
        answer = self.admin_center(purpose, "GET", "/users", query=query)
        return {item["id"]: item for item in answer["value"]}

    def assign(self, purpose: str, user_id: str, *add: str, remove: tuple[str, ...] = ()) -> None:
        """A colleague gives and takes licences, by part number."""
        body = {
            "addLicenses": [{"skuId": sku(part), "disabledPlans": []} for part in add],
            "removeLicenses": [sku(part) for part in remove],
        }
        self.admin_center(purpose, "POST", f"/users/{user_id}/assignLicense", body)


def dumps(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def sku(part: str) -> SkuId:
    """SKU id of a part number."""
    return SkuId(by_part_number()[part].sku_id)


def product(part: str) -> str:
    """Partner Center's name of a part number."""
    return by_part_number()[part].name


# The truth


def account(running: Running, purpose: str, who: str) -> dict[str, Any]:
    """A user as the directory itself has it, active or deleted; by display name, or by a notable
    purpose ("admin") or id."""
    truth = running.truth(purpose)
    wanted = truth["notable"].get(who, who)
    everybody = truth["users"] + truth["deleted"]
    found = [user for user in everybody if wanted in (user["id"], user["displayName"])]
    assert len(found) == 1, f"{len(found)} users are called so"
    one: dict[str, Any] = found[0]
    return one


def name(running: Running, purpose: str, notable: str) -> str:
    """Display name of a notable user."""
    return str(account(running, purpose, notable)["displayName"])


def held(running: Running, purpose: str, who: str) -> set[str]:
    """SKU ids that a user really holds."""
    return set(account(running, purpose, who)["licenses"])


def free(running: Running, purpose: str, part: str) -> int:
    """Licences of a product that are really free."""
    return int(running.truth(purpose)["counts"][sku(part)]["available"])


# The window


def pane_table(running: Running) -> SkuTable:
    """The table of the Licenses section."""
    table = running.program.window.licenses.findChild(SkuTable)
    assert isinstance(table, SkuTable)
    return table


def titles(view: QAbstractItemView) -> list[str]:
    """The column titles that a table shows, in its order."""
    model = view.model()
    header = view.horizontalHeader()  # type: ignore[attr-defined]
    shown = [header.logicalIndex(place) for place in range(model.columnCount())]
    return [
        str(model.headerData(column, Qt.Orientation.Horizontal))
        for column in shown
        if not header.isSectionHidden(column)
    ]


def rows(model: QAbstractItemModel) -> list[dict[str, str]]:
    """Every cell of a table, by column title."""
    columns = range(model.columnCount(QModelIndex()))
    heads = [str(model.headerData(column, Qt.Orientation.Horizontal)) for column in columns]
    return [
        {heads[column]: str(model.index(row, column).data() or "") for column in columns}
        for row in range(model.rowCount())
    ]


def monitored(running: Running) -> dict[str, dict[str, str]]:
    """The Licenses section: its rows by product name."""
    found = rows(pane_table(running).model())
    by_name = {row["Product Name"]: row for row in found}
    assert len(by_name) == len(found), "a product is listed twice"
    return by_name


async def monitors(running: Running, part: str, column: str, figure: str) -> None:
    """Waits until the Licenses section shows a figure."""
    await seen(
        lambda: monitored(running)[product(part)][column] == figure,
        f"{column} of {part} becomes {figure}",
    )


def shown_names(running: Running) -> list[str]:
    """Display names in the Users' List, from the top."""
    model = running.robot.table.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def cell(running: Running, who: str, column: str) -> QModelIndex:
    index = running.robot.row(who)
    assert index.isValid(), "the user is not listed"
    return index.siblingAtColumn(COLUMN[column])


def colours(view: QAbstractItemView, index: QModelIndex) -> set[str]:
    """Colours that a cell is painted with; one colour: nothing stands there."""
    view.scrollTo(index)
    image = view.viewport().grab(view.visualRect(index)).toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def darkest(view: QAbstractItemView, index: QModelIndex) -> QColor:
    """The colour of the ink in a cell, on the light theme."""
    return min((QColor(name) for name in colours(view, index)), key=lambda one: one.lightness())


def words(widget: QWidget) -> list[str]:
    """Every text of a window that can be read now: labels and buttons."""
    return [
        part.text()
        for part in widget.findChildren(QWidget)
        if isinstance(part, QLabel | QAbstractButton) and part.isVisible() and part.text()
    ]


def buttons(dialog: QDialog) -> list[str]:
    """The push buttons of a dialog, from left to right."""
    found = [part for part in dialog.findChildren(QPushButton) if part.isVisible()]
    found.sort(key=lambda part: part.mapTo(dialog, QPoint()).x())
    return [part.text() for part in found]


def offers(menu: QMenu) -> list[str]:
    """The entries of a menu that can be chosen."""
    return [action.text() for action in menu.actions() if action.isEnabled()]


def tooltip(view: QAbstractItemView, where: QPoint) -> str:
    """The tooltip at a place of a view."""
    QToolTip.hideText()
    viewport = view.viewport()
    event = QHelpEvent(QEvent.Type.ToolTip, where, viewport.mapToGlobal(where))
    QApplication.sendEvent(viewport, event)
    return QToolTip.text()


def info_button(running: Running, product_name: str) -> QRect:
    """Where in the Licenses table the information button of a product is."""
    table = pane_table(running)
    model = table.model()
    for row in range(model.rowCount()):
        index = model.index(row, 0)
        if index.data() == product_name:
            table.scrollTo(index)
            return info_rect(table.visualRect(index))
    raise AssertionError(f"{product_name} is not listed")


async def in_front(running: Running) -> None:
    """The window as a window manager leaves it after a dialog: active, with the focus it had."""
    window = running.program.window
    window.activateWindow()
    await seen(window.isActiveWindow, "the window is in front")


async def a_moment() -> None:
    """Before saying that nothing happens: everything that waits for its turn gets it."""
    for _ in range(10):
        await asyncio.sleep(0.001)


async def refresh(running: Running) -> None:
    """F5, and waits until all users are read anew."""
    await in_front(running)
    before = running.work.read_at
    running.robot.key(running.program.window, Qt.Key.Key_F5)
    await seen(lambda: running.work.read_at != before, "the users are read again")
    await running.robot.loaded()


def dialogs_open() -> list[str]:
    """Titles of the dialogs on screen."""
    return [
        widget.windowTitle()
        for widget in QApplication.topLevelWidgets()
        if isinstance(widget, QDialog) and widget.isVisible()
    ]


# Manage Licenses


async def manage(running: Running, who: str) -> ManageLicensesDialog:
    """Opens Manage Licenses through the row's button, and waits for its switches."""
    running.robot.manage_licenses(who)
    dialog = await running.robot.opened(ManageLicensesDialog)
    await seen(lambda: dialog.switches.draft, "the switches are shown")
    return dialog


def toggles(dialog: ManageLicensesDialog) -> dict[str, ToggleText]:
    """What each line of the pop-up says, by product name."""
    model = dialog.switches.model
    assert model is not None
    texts = [model.index(row).data(Role.ROW) for row in range(model.rowCount())]
    return {text.name: text for text in texts}


def stands_on(dialog: ManageLicensesDialog, part: str) -> bool:
    """Where a switch stands, as the view knows it."""
    model = dialog.switches.model
    assert model is not None
    index = model.index(model.row_of(sku(part)))
    return Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked


def flip(running: Running, dialog: ManageLicensesDialog, *parts: str) -> None:
    """Moves switches with the mouse."""
    for part in parts:
        running.robot.switch(dialog.switches, sku(part))


async def update(running: Running, dialog: ManageLicensesDialog) -> None:
    """Clicks Update, and waits for the pop-up to go."""
    running.robot.click(dialog.update_button)
    await running.robot.closed(ManageLicensesDialog)
