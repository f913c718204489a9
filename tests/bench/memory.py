"""Bytes kept for each user, and how often a repaint asks the model."""

import gc
import sys
import tracemalloc
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from o365desk.domain.directory import User
from o365desk.models.users import UserTableModel
from o365desk.services.product_names import ProductNames
from o365desk.views import theme
from o365desk.views.main_window import MainWindow
from tests.bench.figures import Figure, Goal, by_itself
from tests.bench.screen import Painted, application, prepare, put_away, run, settle
from tests.bench.world import Site, Size, all_users


class CountingModel(UserTableModel):
    """The model of the Users' List, counting what Qt asks of it."""

    calls = 0

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        self.calls += 1
        return super().data(index, role)


def measure(site: Site, size: Size) -> list[Figure]:
    return [_memory(site), _calls(site)]


def _memory(site: Site) -> Figure:
    """What stays in memory of a user, over the bare texts that Microsoft sent of it."""
    kept: list[User] = []

    async def read() -> int:
        kept.extend(await all_users(site))
        return 0

    run(read)  # everything that is made once only is made here
    names = ProductNames().name
    for held in kept[0].licenses or ():
        names(held.sku_id)
    kept.clear()
    gc.collect()
    tracemalloc.start()
    run(read)
    model = UserTableModel(names)
    model.sort(0, Qt.SortOrder.AscendingOrder)
    for start in range(0, len(kept), 999):
        model.append(kept[start : start + 999])
    model.settle()
    prepare(model)
    kept.clear()
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    texts = {id(text): sys.getsizeof(text) for user in model.users for text in _texts(user)}
    floor = sum(texts.values())
    return by_itself(
        "memory kept for each user, over its bare texts",
        taken / site.users,
        "bytes",
        floor / site.users,
    )


def _texts(user: User) -> tuple[str, ...]:
    names = (user.display_name, user.username, user.first_name, user.last_name)
    return (user.id, *names, user.location, user.mail)


def _calls(site: Site) -> Figure:
    """Calls of `data()` for one repaint of the whole table, over the cells that are seen."""
    theme.apply(application(), theme.LIGHT)
    users: list[User] = []

    async def read() -> int:
        users.extend(await all_users(site))
        return 0

    run(read)
    model = CountingModel(ProductNames().name)
    window = MainWindow(model, single_tenant=True, practice=True)
    model.setParent(window)
    model.append(users)
    model.settle()
    window.show()
    table = window.users.table
    painted = Painted(table.viewport())
    painted.after(table.viewport().update)
    settle()
    model.calls = 0
    painted.after(table.viewport().update)
    rows = len(table.visible_users())
    columns = sum(not table.isColumnHidden(column) for column in range(model.columnCount()))
    cells = rows * columns
    calls = model.calls
    put_away(window)
    return by_itself(
        "calls of data() for a repaint, over visible cells",
        calls,
        "calls",
        cells,
        Goal(2 * cells),
    )
