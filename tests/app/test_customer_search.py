"""Search over all customers at the real window: from some letters to a user, and to a product."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from o365desk.app.robot import seen
from o365desk.domain.snapshots import HitKind
from o365desk.models.search_hits import SearchHitModel
from o365desk.views.customer_search import CustomerSearch
from tests.app.harness import Running, desk

FIRST, SECOND = "tiny", "well_stocked"
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


async def find(running: Running, text: str, kind: HitKind) -> tuple[QLineEdit, SearchHitModel]:
    """Ctrl+Shift+F, a text, and Down until a find of that kind is the current one."""
    robot = running.robot
    robot.window.activateWindow()
    await seen(robot.window.isActiveWindow, "the window is in front")
    robot.key(robot.window, Qt.Key.Key_F, BOTH)
    search = await robot.opened(CustomerSearch)
    field, model = search.findChild(QLineEdit), search.findChild(SearchHitModel)
    assert isinstance(field, QLineEdit)
    assert isinstance(model, SearchHitModel)
    robot.type(field, text)
    kinds: list[HitKind] = []

    def found() -> bool:
        kinds[:] = [model.row_at(row).kind for row in range(model.total)]
        return kind in kinds and not model.old

    await seen(found, f"{kind} is found")
    for _ in range(kinds.index(kind)):
        robot.key(field, Qt.Key.Key_Down)
    return field, model


async def test_from_letters_to_the_user_and_the_product_of_another_customer() -> None:
    async with desk(FIRST) as running:
        window, users = running.program.window, running.program.desk.users
        who = next(one for one in users.users if not one.deleted)
        sku = running.work.skus[0]
        await running.open(SECOND)
        field, _ = await find(running, who.username, HitKind.USER)
        running.robot.key(field, Qt.Key.Key_Return)
        name = running.tenant_name(FIRST)
        await seen(lambda: window.windowTitle().startswith(name), "the customer opens")
        await running.robot.loaded()

        def current() -> str:
            user = window.users.table.current_user()
            return user.id if user is not None else ""

        await seen(lambda: current() == who.id, "the user is current")
        await running.open(SECOND)
        field, _ = await find(running, f"{sku.id} {name}", HitKind.PRODUCT)
        running.robot.key(field, Qt.Key.Key_Return)
        await seen(lambda: window.windowTitle().startswith(name), "the customer opens")
        await seen(lambda: users.query.sku_id == sku.id, "who holds the product is shown")
        await running.robot.loaded()
        holders = {one.id for one in users.users if not one.deleted and one.holds(sku.id)}
        assert users.rowCount() == len(holders)
