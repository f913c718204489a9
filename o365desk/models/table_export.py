"""What leaves the program of a table: the columns and rows on the screen, as values.

For every model that keeps three habits: titles and texts in the display role, `Role.VALUE` for
what a text was made of, and `Role.ROW` for the domain value behind a row.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt

from o365desk.domain.tables import Cell
from o365desk.models.roles import Role

Fact = tuple[str, Cell]
"""A line of what is told of a table: what, and how it is."""

_DISPLAY = Qt.ItemDataRole.DisplayRole
_VALUE = int(Role.VALUE)
_ROW = int(Role.ROW)

CELLS = 1000
"""Cells that are read in one step, some milliseconds of the window's time."""


class ExportFormat(StrEnum):
    """What a table can become."""

    CSV = "csv"
    XLSX = "xlsx"
    CLIPBOARD = "clipboard"


@dataclass(frozen=True, slots=True)
class MoreColumn:
    """A column of exports that no view shows, read from the domain value behind a row."""

    title: str
    value: Callable[[Any], Cell | None]


USER_MORE = (
    MoreColumn("Deleted", lambda user: user.deleted_at),
    MoreColumn(
        "Product SKU IDs",
        lambda user: "; ".join(sorted(held.sku_id for held in user.licenses or ())),
    ),
)
"""Of the Users' List, whose user ids are in a column that can be shown."""

SKU_MORE = (
    MoreColumn("In grace period", lambda sku: sku.warning),
    MoreColumn("Part number", lambda sku: sku.part_number),
    MoreColumn("Product SKU ID", lambda sku: sku.id),
    MoreColumn("Microsoft Subscription IDs", lambda sku: "; ".join(sku.subscription_ids)),
)
"""Of the Licenses section."""

SUBSCRIPTION_MORE = (
    MoreColumn("Offer", lambda subscription: subscription.name),
    MoreColumn("Created", lambda subscription: subscription.created),
    MoreColumn("Product SKU ID", lambda subscription: subscription.sku_id),
)
"""Of the subscriptions of one product."""

PORTFOLIO_MORE = (
    MoreColumn("Domain", lambda row: row.tenant.domain),
    MoreColumn("Tenant ID", lambda row: row.tenant.id),
)
"""Of all customers."""

FINDING_MORE = (
    MoreColumn("Product SKU ID", lambda row: row.finding.sku_id),
    MoreColumn("Tenant ID", lambda row: row.finding.tenant),
)
"""Of what there is to say of one customer."""

PURGE_MORE = (
    MoreColumn("Mail", lambda row: row.found.user.mail),
    MoreColumn("User ID", lambda row: row.found.user.id),
    MoreColumn("Tenant ID", lambda row: row.found.tenant.id),
)
"""Of the deleted users of all customers."""


@dataclass(frozen=True, slots=True)
class TableAbout:
    """What a table is, for the name of its file and for the sheet that says so."""

    title: str
    customer: str = ""
    """Empty for a table of many."""
    as_of: datetime | None = None
    """When what it shows was read (UTC); None where its rows say so, or nobody knows."""
    facts: tuple[Fact, ...] = ()
    """What else is to be told: filters, counts, what is missing."""
    source: str = ""
    """Where the rows come from; empty for where the window's customer does."""
    more: tuple[MoreColumn, ...] = ()
    """What "All columns" holds beyond those that can be shown."""


class TableChanged(Exception):
    """The rows have moved while they were read: what was read is half old and half new."""


class TableRows:
    """Rows of a model in the order that it shows them: `columns` (logical numbers) in the order
    given, and `more` behind them."""

    def __init__(
        self,
        model: QAbstractItemModel,
        columns: Sequence[int],
        more: Sequence[MoreColumn] = (),
    ) -> None:
        self._model = model
        self._columns = tuple(columns)
        self._more = tuple(more)
        self._changed = False

    @property
    def count(self) -> int:
        return self._model.rowCount()

    @property
    def titles(self) -> tuple[str, ...]:
        horizontal = Qt.Orientation.Horizontal
        shown = (str(self._model.headerData(one, horizontal) or "") for one in self._columns)
        return (*shown, *(column.title for column in self._more))

    def pieces(self) -> Iterator[list[tuple[Cell, ...]]]:
        """All rows, some milliseconds' worth a step. Raises TableChanged when the model has
        changed between two steps."""
        model, self._changed = self._model, False
        size = max(1, CELLS // max(1, len(self._columns) + len(self._more)))
        moves = (
            model.modelReset,
            model.layoutChanged,
            model.rowsInserted,
            model.rowsRemoved,
            model.rowsMoved,
        )
        for signal in moves:
            signal.connect(self._moved)
        model.dataChanged.connect(self._edited)
        try:
            for start in range(0, self.count, size):
                yield [self._row(row) for row in range(start, min(start + size, self.count))]
                if self._changed:
                    raise TableChanged
        finally:
            for signal in moves:
                signal.disconnect(self._moved)
            model.dataChanged.disconnect(self._edited)

    def _moved(self, *_what: object) -> None:
        self._changed = True

    def _edited(self, _first: QModelIndex, _last: QModelIndex, roles: Sequence[int] = ()) -> None:
        # Another colour is no other value: rows are dimmed when a refresh begins.
        self._changed = self._changed or not roles or bool({_DISPLAY, _VALUE} & {*roles})

    def _row(self, row: int) -> tuple[Cell, ...]:
        model = self._model
        shown: list[Cell] = []
        for column in self._columns:
            index = model.index(row, column)
            value = model.data(index, _VALUE)
            shown.append(str(model.data(index, _DISPLAY) or "") if value is None else value)
        if not self._more:
            return tuple(shown)
        behind = model.data(model.index(row, 0), _ROW)
        told = (column.value(behind) for column in self._more)
        return (*shown, *("" if value is None else value for value in told))


class TakenRows:
    """The few rows of a table that is gone when they are written."""

    def __init__(self, rows: TableRows) -> None:
        self.titles = rows.titles
        self._rows = [row for piece in rows.pieces() for row in piece]

    @property
    def count(self) -> int:
        return len(self._rows)

    def pieces(self) -> Iterator[list[tuple[Cell, ...]]]:
        yield self._rows


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What the operator wants of a table."""

    format: ExportFormat
    everything: bool
    """All columns, hidden ones and ids too; else those on the screen."""
    rows: TableRows | TakenRows
    describe: Callable[[], TableAbout]
    """What the table is at the moment of asking; it may be another one by then."""
    mark: bool = True
    """CSV begins with a byte order mark."""
