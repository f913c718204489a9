"""What moved beside the users between two snapshots: counters of products, and subscriptions."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QLocale, QObject

from o365desk.domain.comparison import CounterChange, SubscriptionChange
from o365desk.domain.licensing import Sku, Subscription
from o365desk.domain.text import fold
from o365desk.models.columns import Column
from o365desk.models.listing import ListingModel, Tone
from o365desk.models.subscriptions import STATE_TEXT
from o365desk.models.table_export import MoreColumn
from o365desk.models.words import NOT_TOLD, day_text, signed

ARROW = " → "
"""Between what was and what is."""


class MovedRow(NamedTuple):
    """A product or a subscription as the table shows it."""

    key: str
    texts: tuple[str, ...]
    haystack: str
    moved: tuple[int | None, ...]
    """By how much each column is more than before; None for columns of texts."""
    change: Any
    """CounterChange or SubscriptionChange."""


class _Cell(NamedTuple):
    """How a column comes from a change."""

    key: str
    title: str
    text: Callable[[Any], str]
    numbers: Callable[[Any], tuple[int, int]] | None = None
    """What it was and is."""
    width: int = 20


class MovedTableModel(ListingModel[MovedRow]):
    """Some hundred rows at most; numbers are sorted by how far they moved, and are quiet where
    they stayed."""

    def __init__(self, cells: Sequence[_Cell], parent: QObject | None = None) -> None:
        super().__init__([_column(n, cell) for n, cell in enumerate(cells)], parent)
        self._cells = cells

    def set_changes(self, changes: Iterable[CounterChange | SubscriptionChange]) -> None:
        self.load(self._row(n, change) for n, change in enumerate(changes))

    def _row(self, number: int, change: CounterChange | SubscriptionChange) -> MovedRow:
        texts = tuple(cell.text(change) for cell in self._cells)
        moved = tuple(
            None if cell.numbers is None else _difference(cell.numbers(change))
            for cell in self._cells
        )
        return MovedRow(str(number), texts, fold("\n".join(texts)), moved, change)

    def value(self, row: MovedRow, column: int) -> None:
        """A cell says two numbers: exports have them in columns of their own."""

    def tone(self, row: MovedRow, column: int) -> Tone:
        return Tone.MUTED if row.moved[column] == 0 else Tone.PLAIN


def _column(number: int, cell: _Cell) -> Column[MovedRow]:
    return Column(
        cell.key,
        cell.title,
        lambda row: row.texts[number],
        None if cell.numbers is None else lambda row: row.moved[number],
        right=cell.numbers is not None,
        width=cell.width,
    )


def _difference(numbers: tuple[int, int]) -> int:
    before, after = numbers
    return after - before


def _figures(numbers: tuple[int, int], *, was_there: bool) -> str:
    """ "118 → 130 (+12)"; a single number where it stayed, or came with the whole."""
    before, after = numbers
    locale = QLocale()
    if before == after:
        return locale.toString(after)
    start = f"{locale.toString(before)}{ARROW}" if was_there else ""
    return f"{start}{locale.toString(after)} ({signed(after - before)})"


def _turned(before: str, after: str) -> str:
    return before if before == after or not after else f"{before}{ARROW if before else ''}{after}"


# Counters

_COUNTERS = {
    "active": "Active",
    "assigned": "Assigned",
    "available": "Available",
    "suspended": "Suspended",
    "warning": "In grace period",
}
_COUNTER_WIDTHS = {"active": 22, "assigned": 22, "available": 24}
"""The others seldom move."""


def _counter(key: str, title: str) -> _Cell:
    def numbers(change: CounterChange) -> tuple[int, int]:
        before, after = change.before, change.after
        return getattr(before, key) if before else 0, getattr(after, key) if after else 0

    def text(change: CounterChange) -> str:
        return _figures(numbers(change), was_there=change.before is not None)

    return _Cell(key, title, text, numbers, _COUNTER_WIDTHS.get(key, 14))


def _product(change: CounterChange) -> str:
    name = change.name or change.sku_id
    if change.before is None:
        return f"{name}, new"
    return f"{name}, gone" if change.after is None else name


def _status(sku: Sku | None) -> str:
    return "" if sku is None else sku.status


COUNTER_CELLS = (
    _Cell("name", "Product Name", _product, width=34),
    *(_counter(key, title) for key, title in _COUNTERS.items()),
    _Cell("status", "Status", lambda c: _turned(_status(c.before), _status(c.after))),
)
"""The counters of a product: a CounterChange a row."""


def _side(title: str, key: str, side: str) -> MoreColumn:
    def value(row: MovedRow) -> int | None:
        sku: Sku | None = getattr(row.change, side)
        return None if sku is None else int(getattr(sku, key))

    return MoreColumn(title, value)


COUNTER_MORE = (
    *(
        _side(f"{title} {side}", key, side)
        for key, title in _COUNTERS.items()
        for side in ("before", "after")
    ),
    MoreColumn("Product SKU ID", lambda row: row.change.sku_id),
)
"""The same as numbers, for exports."""


# Subscriptions


def _what(change: SubscriptionChange) -> str:
    if change.before is None:
        return "New"
    return "Gone" if change.after is None else "Changed"


def _quantities(change: SubscriptionChange) -> tuple[int, int]:
    before, after = change.before, change.after
    return before.quantity if before else 0, after.quantity if after else 0


def _state(one: Subscription | None) -> str:
    return "" if one is None else STATE_TEXT[one.state]


def _term(one: Subscription | None) -> str:
    if one is None:
        return ""
    return NOT_TOLD if one.term_end is None else day_text(one.term_end)


SUBSCRIPTION_CELLS = (
    _Cell("name", "Subscription", lambda change: change.name or change.id, width=34),
    _Cell("what", "What", _what, width=11),
    _Cell(
        "quantity",
        "Quantity",
        lambda c: _figures(_quantities(c), was_there=c.before is not None),
        _quantities,
    ),
    _Cell("state", "Status", lambda c: _turned(_state(c.before), _state(c.after)), width=30),
    _Cell("term", "Term ends", lambda c: _turned(_term(c.before), _term(c.after)), width=28),
    _Cell("id", "Microsoft Subscription ID", lambda change: change.id, width=36),
)
"""A SubscriptionChange a row."""
