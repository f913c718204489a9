"""Qt model of the lines of a comparison: a hundred thousand of them, and nothing stalls."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from o365desk.domain.comparison import ChangeKind, UserChange
from o365desk.domain.licensing import SkuId
from o365desk.models.change_rows import CHANGE_COLUMNS, PIECE, ChangeQuery, ChangeRows
from o365desk.models.pieces import Pieces
from o365desk.models.roles import Role
from o365desk.models.table_export import MoreColumn

_DISPLAY = Qt.ItemDataRole.DisplayRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_ROW = int(Role.ROW)

CHANGE_MORE = (
    MoreColumn("User ID", lambda change: change.user_id),
    MoreColumn("Product SKU ID", lambda change: change.sku_id),
)
"""Columns of exports that the table does not show."""

Index = QModelIndex | QPersistentModelIndex


class ChangeTableModel(QAbstractTableModel):
    """Lines of one comparison, filtered and sorted by a query. Owned by the ComparePage.

    Counting, searching and sorting of many lines go on in pieces; what is shown stays until the
    next is there.
    """

    counted = Signal()
    """`totals` and `net` are complete."""
    about_to_arrange = Signal()
    """Lines are about to change places: the moment to give up a large selection."""
    arranged = Signal()
    """What the query asks for is shown."""

    def __init__(self, product_name: Callable[[SkuId], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._product_name = product_name
        self._rows = ChangeRows((), product_name)
        self._query = ChangeQuery()
        self._order: Sequence[int] = ()
        self._counted = True
        self._work = Pieces(self)

    # What the page asks and tells

    @property
    def query(self) -> ChangeQuery:
        return self._query

    @property
    def rows(self) -> ChangeRows:
        """The lines and their totals; do not change."""
        return self._rows

    @property
    def total(self) -> int:
        """Lines, those hidden by the filter included."""
        return len(self._rows)

    @property
    def working(self) -> bool:
        """Counting, searching or sorting is under way."""
        return self._work.busy

    def change_at(self, index: Index) -> UserChange | None:
        return self._rows.changes[self._order[index.row()]] if index.isValid() else None

    def set_changes(self, changes: Sequence[UserChange]) -> None:
        """The lines of another comparison, in the order of the groups; filter and sort stay."""
        self.beginResetModel()
        self._rows = ChangeRows(changes, self._product_name)
        # Shown in the order they came until they are counted, unless that would show too many.
        self._order = () if self._query.filters else range(len(changes))
        self._counted = False
        self.endResetModel()
        self._work.start(self._counting())

    def set_query(self, query: ChangeQuery) -> None:
        if query != self._query:
            self._query = query
            if self._counted:
                self._work.start(self._arranging())

    def set_text(self, text: str) -> None:
        self.set_query(replace(self._query, text=text))

    def set_kinds(self, kinds: Iterable[ChangeKind]) -> None:
        self.set_query(replace(self._query, kinds=frozenset(kinds)))

    def copying(self, ranges: Iterable[range], take: Callable[[str], object]) -> Iterator[None]:
        """Gives `take` the shown lines of `ranges` as a spreadsheet takes them, a tab between two
        cells; in short steps."""
        order, rows = self._order, self._rows
        lines: list[str] = []
        for chosen in ranges:
            for start in range(chosen.start, chosen.stop, PIECE):
                if lines:
                    yield
                lines += [
                    "\t".join([rows.text(row, number) for number in range(len(CHANGE_COLUMNS))])
                    for row in order[start : min(start + PIECE, chosen.stop)]
                ]
        take("\n".join(lines))

    def _counting(self) -> Iterator[None]:
        yield from self._rows.counting()
        self._counted = True
        self.counted.emit()
        yield from self._arranging()

    def _arranging(self) -> Iterator[None]:
        order = yield from self._rows.arranging(self._query)
        self._show(order)
        self.arranged.emit()

    def _show(self, order: Sequence[int]) -> None:
        if order == self._order:
            return
        self.about_to_arrange.emit()
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        wanted = {self._order[index.row()] for index in kept}
        places = {row: place for place, row in enumerate(order) if row in wanted} if kept else {}
        targets = [places.get(self._order[index.row()], -1) for index in kept]
        self._order = order
        for index, place in zip(kept, targets, strict=True):
            new = self.index(place, index.column()) if place >= 0 else QModelIndex()
            self.changePersistentIndex(index, new)
        self.layoutChanged.emit()

    # What Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._order)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(CHANGE_COLUMNS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role in (_DISPLAY, _TOOLTIP):
            return self._rows.text(self._order[index.row()], index.column())
        if role == _ROW:
            return self._rows.changes[self._order[index.row()]]
        if role == _ACCESSIBLE:
            text = self._rows.text(self._order[index.row()], index.column())
            return f"{CHANGE_COLUMNS[index.column()].title}: {text or 'none'}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == _DISPLAY:
            return CHANGE_COLUMNS[section].title
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Called by the view's header."""
        if 0 <= column < len(CHANGE_COLUMNS):
            descending = order is Qt.SortOrder.DescendingOrder
            key = CHANGE_COLUMNS[column].key
            self.set_query(replace(self._query, sort=key, descending=descending))
