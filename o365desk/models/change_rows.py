"""The lines of a comparison as the table shows them: counted, searched and sorted in pieces."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import itemgetter

from o365desk.domain.comparison import ChangeKind, UserChange
from o365desk.domain.licensing import SkuId
from o365desk.domain.query import Order, words
from o365desk.domain.text import fold, fold_all
from o365desk.models.columns import Column

PIECE = 1024
"""Lines worked through in one step: a few milliseconds."""

_NUMBER = {kind: number for number, kind in enumerate(ChangeKind)}

CHANGE_COLUMNS: tuple[Column[UserChange], ...] = (
    Column("kind", "What", lambda change: change.kind.value, width=20),
    Column("name", "Display name", lambda change: change.display_name, width=29),
    Column("username", "Username", lambda change: change.username, width=38),
    Column("product", "Product", lambda change: change.sku_id or "", width=32),
    Column("before", "Before", lambda change: change.before, width=20),
    Column("after", "After", lambda change: change.after, width=20),
)
"""Columns of the table; ChangeRows puts the product's name in the place of its id."""

COLUMN = {column.key: number for number, column in enumerate(CHANGE_COLUMNS)}
_PRODUCT = COLUMN["product"]


@dataclass(frozen=True, slots=True)
class ChangeQuery:
    """Which lines are shown, in which order."""

    text: str = ""
    kinds: frozenset[ChangeKind] = frozenset()
    """Empty: all of them."""
    sort: str = "kind"
    """Key of a column."""
    descending: bool = False

    @property
    def filters(self) -> bool:
        """True when fewer lines than all may be shown."""
        return bool(self.text.strip() or self.kinds)


class ChangeRows:
    """The lines of one comparison. What is worked out over all of them comes as iterators of
    short steps; up to `PIECE` lines are done without a single step. No Qt in here."""

    def __init__(self, changes: Sequence[UserChange], product_name: Callable[[SkuId], str]) -> None:
        """`changes`: in the order of the groups, as `domain.comparison` gives them."""
        self.changes = changes
        self.totals: Counter[ChangeKind] = Counter()
        self.net: Counter[SkuId] = Counter()
        """Seats gained less seats lost, of every product with any of either."""
        self._names = _Names(product_name)
        self._kinds = bytearray()
        self._haystacks: list[str] = []
        """All texts of a line, folded; as many as have been searched so far."""
        self._tails: dict[tuple[object, ...], str] = {}
        self._orders: dict[str, Sequence[int]] = {"kind": range(len(changes))}

    def __len__(self) -> int:
        return len(self.changes)

    def text(self, row: int, column: int) -> str:
        """What a cell shows: no more than a few look-ups."""
        if column == _PRODUCT:
            return self._names[self.changes[row].sku_id]
        return CHANGE_COLUMNS[column].text(self.changes[row])

    def product(self, sku_id: SkuId) -> str:
        return self._names[sku_id]

    def counting(self) -> Iterator[None]:
        """Adds up `totals` and `net`, which are complete after the last step."""
        counted: Counter[tuple[ChangeKind, SkuId | None]] = Counter()
        for start, stop in self._pieces():
            piece = self.changes[start:stop]
            counted.update(map(itemgetter(0, 4), piece))
            self._kinds += bytes([_NUMBER[change[0]] for change in piece])
            if stop < len(self):
                yield
        for (kind, sku_id), count in counted.items():
            self.totals[kind] += count
            if sku_id is not None and kind is ChangeKind.LICENSE_GAINED:
                self.net[sku_id] += count
            elif sku_id is not None and kind is ChangeKind.LICENSE_LOST:
                self.net[sku_id] -= count

    def arranging(self, query: ChangeQuery) -> Generator[None, None, Sequence[int]]:
        """Works out which lines to show, in their order; to be begun after `counting`."""
        order = self._orders.get(query.sort)
        if order is None:
            order = yield from self._sorting(query.sort)
        if query.filters:
            flags = yield from self._admitting(query)
            if query.sort == "kind":
                order = list(compress(order, flags))
            else:
                kept: list[int] = []
                for start, stop in self._pieces():
                    kept += [row for row in order[start:stop] if flags[row]]
                    if stop < len(self):
                        yield
                order = kept
        return order[::-1] if query.descending else order

    def _pieces(self) -> Iterator[tuple[int, int]]:
        count = len(self.changes)
        return ((start, min(start + PIECE, count)) for start in range(0, count, PIECE))

    def _admitting(self, query: ChangeQuery) -> Generator[None, None, bytearray]:
        """1 for each line that the query admits."""
        needles = words(query.text)
        kinds = bytes(_NUMBER[kind] for kind in query.kinds)
        flags = bytearray(len(self))
        for start, stop in self._pieces():
            rows: Sequence[int] = range(start, stop)
            if kinds:
                rows = [row for row in rows if self._kinds[row] in kinds]
            if needles:
                self._fold_until(stop)
            for needle in needles:
                rows = [row for row in rows if needle in self._haystacks[row]]
            for row in rows:
                flags[row] = 1
            if stop < len(self):
                yield
        return flags

    def _fold_until(self, stop: int) -> None:
        piece = self.changes[len(self._haystacks) : stop]
        if piece:
            names = fold_all([change.display_name for change in piece])
            usernames = fold_all([change.username for change in piece])
            tails = [self._tail(change) for change in piece]
            self._haystacks += map("\n".join, zip(names, usernames, tails, strict=True))

    def _tail(self, change: UserChange) -> str:
        """All but the names, folded: the same again and again."""
        key = (change.kind, *change[4:])
        known = self._tails.get(key)
        if known is None:
            texts = (change.kind.value, self._names[change.sku_id], change.before, change.after)
            known = self._tails[key] = fold("\n".join(texts))
        return known

    def _sorting(self, key: str) -> Generator[None, None, Sequence[int]]:
        """Sorts by a column for the first time; equal ones keep the order of the groups."""
        keys: list[str] = []
        order = Order(keys.__getitem__)
        for start, stop in self._pieces():
            keys += fold_all([self.text(row, COLUMN[key]) for row in range(start, stop)])
            order.extend(start, stop)
            if stop < len(self):
                yield
        yield from order.merging()
        self._orders[key] = order.permutation()
        return self._orders[key]


class _Names(dict[SkuId | None, str]):
    """Names of products, each asked for once."""

    def __init__(self, product_name: Callable[[SkuId], str]) -> None:
        super().__init__({None: ""})
        self._product_name = product_name

    def __missing__(self, sku_id: SkuId | None) -> str:
        name = self[sku_id] = "" if sku_id is None else self._product_name(sku_id)
        return name
