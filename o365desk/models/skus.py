"""Qt model of the Licenses section: one row per product, sorted as the header says."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from o365desk.domain.licensing import Sku, SkuId
from o365desk.domain.monitoring import merged
from o365desk.domain.text import fold
from o365desk.models.roles import Role
from o365desk.models.sku_columns import COLUMN, SKU_COLUMNS, SkuRow, spoken, tooltip

if TYPE_CHECKING:
    from o365desk.domain.snapshots import CounterSeries

_AVAILABLE = COLUMN["available"]

_DISPLAY = Qt.ItemDataRole.DisplayRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
_ROW = int(Role.ROW)
_VALUE = int(Role.VALUE)
_DIMMED = int(Role.DIMMED)

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

Index = QModelIndex | QPersistentModelIndex


class SkuTableModel(QAbstractTableModel):
    """Products of one tenant and their counters. Selection and current row stay with their
    product through refresh, sort and filter. Owned by the LicensesPane."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[SkuRow, ...] = ()
        self._rows: list[SkuRow] = []
        self._texts: list[tuple[str, ...]] = []
        self._column = 0
        self._descending = False
        self._filter = ""
        self._dimmed = False
        self._series: Mapping[SkuId, CounterSeries] = {}

    # What the pane asks and tells

    @property
    def total(self) -> int:
        """Products, those hidden by the filter included."""
        return len(self._all)

    @property
    def shown(self) -> int:
        return len(self._rows)

    def sku_at(self, index: Index) -> Sku | None:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        return self._rows[index.row()].sku

    def row_at(self, row: int) -> SkuRow:
        return self._rows[row]

    def set_skus(self, skus: Iterable[Sku]) -> None:
        """Fresh counters of the same tenant."""
        locale = QLocale()
        self._all = tuple(SkuRow.of(sku, locale) for sku in merged(skus))
        self._arrange()

    def set_filter(self, text: str) -> None:
        """Shows only products whose name or part number holds every word."""
        if text != self._filter:
            self._filter = text
            self._arrange()

    def set_dimmed(self, dimmed: bool) -> None:
        """Marks every row as old: a refresh is under way, or failed."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            if self._rows:
                last = self.index(len(self._rows) - 1, len(SKU_COLUMNS) - 1)
                self.dataChanged.emit(self.index(0, 0), last, [_DIMMED])

    def clear(self) -> None:
        """Another tenant."""
        self.beginResetModel()
        self._all = ()
        self._rows = []
        self._texts = []
        self._filter = ""
        self._dimmed = False
        self._series = {}
        self.endResetModel()

    def set_series(self, series: "Mapping[SkuId, CounterSeries]") -> None:
        """How the counters moved, told with the available licenses."""
        self._series = series

    def _trend(self, index: Index) -> str:
        sku_id = self._rows[index.row()].sku.id
        if index.column() != _AVAILABLE or sku_id not in self._series:
            return ""
        from o365desk.models.counter_history import trend_text

        return trend_text(self._series[sku_id], QLocale())

    def _arrange(self) -> None:
        words = fold(self._filter).split()
        rows = [row for row in self._all if _holds(row, words)] if words else list(self._all)
        rows.sort(key=lambda row: (fold(row.name), row.sku.id))
        key = SKU_COLUMNS[self._column].sort_key
        if key is not None:
            rows.sort(key=key, reverse=self._descending)
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        ids = [self._rows[index.row()].sku.id for index in kept]
        places: dict[SkuId, int] = {row.sku.id: place for place, row in enumerate(rows)}
        self._rows = rows
        self._texts = [tuple(column.text(row) for column in SKU_COLUMNS) for row in rows]
        for index, sku_id in zip(kept, ids, strict=True):
            place = places.get(sku_id, -1)
            new = self.index(place, index.column()) if place >= 0 else QModelIndex()
            self.changePersistentIndex(index, new)
        self.layoutChanged.emit()

    # What Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(SKU_COLUMNS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role == _DISPLAY:
            return self._texts[index.row()][index.column()]
        if role == _DIMMED:
            return self._dimmed
        if role == _ROW:
            return self._rows[index.row()].sku
        if role == _ALIGNMENT:
            return _RIGHT if SKU_COLUMNS[index.column()].right else _LEFT
        if role == _TOOLTIP:
            said = tooltip(self._rows[index.row()], index.column(), QLocale())
            return "\n".join(filter(None, (said, self._trend(index))))
        if role == _ACCESSIBLE:
            said = spoken(self._rows[index.row()], index.column(), QLocale())
            return ". ".join(filter(None, (said, self._trend(index))))
        if role == _VALUE:
            column = SKU_COLUMNS[index.column()]
            if column.right and column.sort_key is not None:
                return column.sort_key(self._rows[index.row()])
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return SKU_COLUMNS[section].title
        if role == _ALIGNMENT:
            return _RIGHT if SKU_COLUMNS[section].right else _LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if 0 <= column < len(SKU_COLUMNS):
            self._column = column
            self._descending = order is Qt.SortOrder.DescendingOrder
            self._arrange()


def _holds(row: SkuRow, words: list[str]) -> bool:
    text = fold(f"{row.name}\n{row.sku.part_number}")
    return all(word in text for word in words)
