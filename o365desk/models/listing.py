"""A table of many rows that are made, sorted and searched a few milliseconds at a time."""

import contextlib
import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from o365desk.domain.query import Order, arrange, words
from o365desk.domain.text import fold
from o365desk.models.columns import Column
from o365desk.models.pieces import Pieces
from o365desk.models.roles import Role

_DISPLAY = Qt.ItemDataRole.DisplayRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
_ROW = int(Role.ROW)
_VALUE = int(Role.VALUE)

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

_PIECE = 2048
"""Rows sorted in one step."""

_FREED = 256

_FEW = 8

Index = QModelIndex | QPersistentModelIndex

_Sort = tuple[int, bool]
"""Number of the column, and whether its last row comes first."""


class Tone(Enum):
    """How loud a cell is; its words or its column's title say the same."""

    PLAIN = 0
    MUTED = 1
    WARNING = 2
    DANGER = 3


class Row(Protocol):
    """What every row has; the texts stand in the order of the columns."""

    @property
    def key(self) -> Hashable: ...
    @property
    def texts(self) -> tuple[str, ...]: ...
    @property
    def haystack(self) -> str:
        """Folded, for the search."""
        ...


R = TypeVar("R", bound=Row)


class ListingModel(QAbstractTableModel, Generic[R]):
    """Base of tables over all customers. Old rows stay until the new ones are ready; selection
    and current row stay with their row, by its key.

    A column's `sort_key` answers a number, or None for what is unknown, which stands at the end
    whichever way is sorted; a column without one is sorted by its folded text.
    """

    rearranging = Signal()
    """Rows are about to move; a view that has very many selected lets go of them, since Qt takes
    a minute to follow them."""
    settled = Signal()
    """Rows, or what is shown of them, have changed."""

    def __init__(self, columns: Sequence[Column[R]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._all: Sequence[R] = ()
        self._haystacks: Sequence[str] = ()
        self._row_of: Mapping[Hashable, int] = {}
        self._orders: dict[_Sort, Order] = {}
        self._order: list[int] = []
        self._sort: _Sort = (0, False)
        self._text = ""
        self._making = Pieces(self)
        self._next: Iterable[R | None] | None = None
        """What is to be made after that."""
        self._sorting = Pieces(self)
        self._freeing = Pieces(self)

    # What the page asks and tells

    @property
    def total(self) -> int:
        """Rows, those that are not shown included."""
        return len(self._all)

    @property
    def rows(self) -> Sequence[R]:
        """All of them, as they came; do not change."""
        return self._all

    @property
    def making(self) -> bool:
        """New rows are being made."""
        return self._making.busy

    @property
    def busy(self) -> bool:
        """The same, or the old rows are being sorted."""
        return self._making.busy or self._sorting.busy

    @property
    def text(self) -> str:
        return self._text

    def row_at(self, index: Index) -> R | None:
        if not index.isValid() or index.row() >= len(self._order):
            return None
        return self._all[self._order[index.row()]]

    def shown_rows(self) -> Iterator[R]:
        """In the order of the table."""
        return (self._all[row] for row in self._order)

    def rows_between(self, top: int, bottom: int) -> list[R]:
        """Those shown from one place to another, both included."""
        return [self._all[row] for row in self._order[top : bottom + 1]]

    def index_of(self, key: Hashable) -> QModelIndex:
        """Where a row stands now; invalid when it is not shown."""
        row = self._row_of.get(key, -1)
        place = _places(self._order, {row}).get(row, -1)
        return self.index(place, 0) if place >= 0 else QModelIndex()

    def set_text(self, text: str) -> None:
        """Shows only rows that hold every word."""
        if text != self._text:
            self._text = text
            self.rearrange()

    def admits(self, row: R) -> bool:
        """Whether the filters of the table let a row through; the text apart."""
        return True

    @property
    def filters(self) -> bool:
        """Whether `admits` may answer no."""
        return False

    def count(self, rows: Sequence[R]) -> None:
        """Counts what filters will show; called with all rows whenever one has changed."""

    def load(self, making: Iterable[R | None]) -> None:
        """Takes new rows in the place of the old ones, each made in a short step; None stands for
        a step that makes no row. Rows that are being made are shown first: else nothing would
        ever be, where newer facts come all the time."""
        if self._making.busy:
            self._next = making
        else:
            self._sorting.start(iter(()))
            self._making.start(self._loading(making))

    def replace(self, row: R) -> None:
        """One row has changed."""
        place = self._row_of.get(row.key)
        if place is None:
            return
        rows, haystacks = list(self._all), list(self._haystacks)
        rows[place], haystacks[place] = row, row.haystack
        self._all, self._haystacks, self._orders = rows, haystacks, {}
        self.count(rows)
        self.rearrange()

    def rearrange(self) -> None:
        """Sorts and filters anew, in pieces where that takes long."""
        self._sorting.start(self._rearranging())

    # The work

    def _loading(self, making: Iterable[R | None]) -> Iterator[None]:
        rows: list[R] = []
        haystacks: list[str] = []
        row_of: dict[Hashable, int] = {}
        for row in making:
            if row is not None:
                row_of[row.key] = len(rows)
                rows.append(row)
                haystacks.append(row.haystack)
            yield
        orders: dict[_Sort, Order] = {}
        # The operator may ask for another order meanwhile.
        while self._sort not in orders:
            yield from self._ordering(rows, orders, self._sort)
        self.count(rows)
        yield
        old, before = self._all, self._order

        def follow(place: int) -> int:
            return row_of.get(old[before[place]].key, -1)

        self.rearranging.emit()
        self.layoutAboutToBeChanged.emit()
        self._all, self._haystacks, self._row_of, self._orders = rows, haystacks, row_of, orders
        self._move(follow)
        gone, old = list(old), ()
        self._freeing.start(_free(gone))
        newer, self._next = self._next, None
        if newer is not None:
            yield
            yield from self._loading(newer)

    def _rearranging(self) -> Iterator[None]:
        # New rows may come meanwhile, and bring new orders.
        while self._sort not in self._orders:
            yield from self._ordering(self._all, self._orders, self._sort)
        before = self._order
        self.rearranging.emit()
        self.layoutAboutToBeChanged.emit()
        self._move(lambda place: before[place])

    def _ordering(
        self,
        rows: Sequence[R],
        orders: dict[_Sort, Order],
        sort: _Sort,
    ) -> Iterator[None]:
        number, descending = sort
        column = self.columns[number]
        keys: list[Any] = []
        order = Order(keys.__getitem__)
        for start in range(0, len(rows), _PIECE):
            piece = rows[start : start + _PIECE]
            if column.sort_key is None:
                keys += [fold(row.texts[number]) for row in piece]
            else:
                keys += [_number(column.sort_key(row), descending=descending) for row in piece]
            order.extend(start, start + len(piece))
            yield
        yield from order.merging()
        orders[sort] = order

    def _move(self, follow: Callable[[int], int]) -> None:
        """Puts everything where it belongs now, and has Qt's indexes come along; `follow` answers
        the number of the row that stood at a place."""
        kept = self.persistentIndexList()
        rows = [follow(index.row()) for index in kept]
        self._order = self._arranged()
        places = _places(self._order, set(rows))
        for index, row in zip(kept, rows, strict=True):
            place = places.get(row, -1)
            new = self.index(place, index.column()) if place >= 0 else QModelIndex()
            self.changePersistentIndex(index, new)
        self.layoutChanged.emit()
        self.settled.emit()

    def _arranged(self) -> list[int]:
        order = self._orders[self._sort].permutation()
        column, descending = self._sort
        if descending and self.columns[column].sort_key is None:
            order = order[::-1]
        admitted = [self.admits(row) for row in self._all] if self.filters else None
        return arrange(self._haystacks, words(self._text), admitted, order)

    # What a table says beyond its texts

    def tone(self, row: R, column: int) -> Tone:
        return Tone.PLAIN

    def tooltip(self, row: R, column: int) -> str:
        return row.texts[column]

    def spoken(self, row: R, column: int) -> str:
        """A cell in words, for screen readers."""
        text = row.texts[column]
        return text if column == 0 else f"{self.columns[column].title}: {text or 'none'}"

    def value(self, row: R, column: int) -> float | date | None:
        """What a text was made of: a number, a day, or a time (UTC); None for a text."""
        found = self.columns[column]
        return found.sort_key(row) if found.right and found.sort_key is not None else None

    def header_tip(self, column: int) -> str:
        """What a column counts; empty where its title says it."""
        return ""

    # What Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._order)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row, column = self._all[self._order[index.row()]], index.column()
        if role == _DISPLAY:
            return row.texts[column]
        if role == _ROW:
            return row
        if role == _ALIGNMENT:
            return _RIGHT if self.columns[column].right else _LEFT
        if role == _TOOLTIP:
            return self.tooltip(row, column)
        if role == _ACCESSIBLE:
            return self.spoken(row, column)
        if role == _VALUE:
            return self.value(row, column)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == _DISPLAY:
            return column.title
        if role == _TOOLTIP:
            return self.header_tip(section)
        if role == _ALIGNMENT:
            return _RIGHT if column.right else _LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        wanted = (column, order is Qt.SortOrder.DescendingOrder)
        if 0 <= column < len(self.columns) and wanted != self._sort:
            self._sort = wanted
            self.rearrange()


def _free(rows: list[Any]) -> Iterator[None]:
    """Empties a list of old rows: to free them at once would be felt."""
    while rows:
        del rows[-_FREED:]
        yield


def _places(order: list[int], rows: set[int]) -> dict[int, int]:
    """Where some rows stand; those that are not shown are left out."""
    if len(rows) > _FEW:
        return {row: place for place, row in enumerate(order) if row in rows}
    # The selected row and the current one: a search in C is ten times as fast.
    places = {}
    for row in rows:
        with contextlib.suppress(ValueError):
            places[row] = order.index(row)
    return places


def _number(value: float | None, *, descending: bool) -> float:
    """Equal numbers stay in the order of arrival, whichever way is sorted."""
    if value is None:
        return math.inf
    return -value if descending else value
