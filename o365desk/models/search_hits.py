"""Qt model of the search over all customers: what was found, in the order it came."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from o365desk.domain.directory import utc_now
from o365desk.domain.query import words
from o365desk.domain.snapshots import (
    MOST_OTHERS_FOUND,
    MOST_USERS_FOUND,
    HitKind,
    SearchHit,
)
from o365desk.domain.text import found_in
from o365desk.models.roles import Role
from o365desk.models.words import age_text, full_text

_USERS = (HitKind.USER, HitKind.DELETED_USER)

_AGED = timedelta(days=1)
_BETWEEN = " · "
_DISPLAY = Qt.ItemDataRole.DisplayRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_DIMMED = int(Role.DIMMED)
_ROW = int(Role.ROW)

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class SearchScope:
    """What is searched: the newest snapshot of each customer that has one."""

    customers: int
    never_read: int = 0
    """Customers who are known, but have no snapshot."""
    oldest: datetime | None = None
    """Time of the oldest of those snapshots."""


class Marked(NamedTuple):
    """A text, and which of its characters have been searched for: (start, end)."""

    text: str
    marks: list[tuple[int, int]]


class HitRow(NamedTuple):
    """One find as the list shows it."""

    kind: HitKind
    title: Marked
    detail: Marked
    """Kind, username or id, and the earlier name where it is that which matched."""
    customer: Marked
    """Empty where the customer itself was found."""
    age: str
    aged: bool
    """The snapshot is not of the last day."""


class SearchHitModel(QAbstractListModel):
    """Finds of one search at a time. Those of the search before stay, dimmed, until the first of
    the next one are there: nothing flickers while somebody types. Owned by the CustomerSearch."""

    def __init__(
        self, now: Callable[[], datetime] = utc_now, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._now = now
        self._needles: tuple[str, ...] = ()
        self._hits: list[SearchHit] = []
        self._rows: list[HitRow] = []
        self._old = False
        self._counts: Counter[HitKind] = Counter()

    @property
    def total(self) -> int:
        return len(self._rows)

    @property
    def old(self) -> bool:
        """The rows are of the search before."""
        return self._old

    @property
    def cut(self) -> bool:
        """There may be more than is listed: the search ends at so many of a kind."""
        users = sum(self._counts[kind] for kind in _USERS)
        others = (self._counts[kind] for kind in HitKind if kind not in _USERS)
        return users >= MOST_USERS_FOUND or any(count >= MOST_OTHERS_FOUND for count in others)

    def hit_at(self, row: int) -> SearchHit | None:
        return self._hits[row] if 0 <= row < len(self._hits) else None

    def row_at(self, row: int) -> HitRow:
        return self._rows[row]

    def begin(self, text: str) -> None:
        """Another search has begun."""
        self._needles = words(text)
        self._old = True
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1), [_DIMMED])

    def add(self, hits: Sequence[SearchHit]) -> None:
        """The next finds."""
        if not hits:
            return
        if self._old:
            self.clear()
        now, first = self._now(), len(self._hits)
        self.beginInsertRows(QModelIndex(), first, first + len(hits) - 1)
        self._hits += hits
        self._rows += [self._row(hit, now) for hit in hits]
        self._counts.update(hit.kind for hit in hits)
        self.endInsertRows()

    def finish(self) -> None:
        """There are no more: if none has come, none is listed."""
        if self._old:
            self.clear()

    def clear(self) -> None:
        self.beginResetModel()
        self._hits = []
        self._rows = []
        self._counts.clear()
        self._old = False
        self.endResetModel()

    def _marked(self, text: str) -> Marked:
        return Marked(text, found_in(text, self._needles))

    def _row(self, hit: SearchHit, now: datetime) -> HitRow:
        kind = f"{hit.kind[:1].upper()}{hit.kind[1:]}"
        detail = Marked(kind, [])  # the word itself was not searched for
        for before, text in ((_BETWEEN, hit.detail), (f"{_BETWEEN}formerly ", hit.former)):
            if text:
                start = len(detail.text) + len(before)
                marks = [(start + a, start + b) for a, b in found_in(text, self._needles)]
                detail = Marked(f"{detail.text}{before}{text}", detail.marks + marks)
        of_tenant = hit.kind is HitKind.TENANT
        return HitRow(
            kind=hit.kind,
            title=self._marked(hit.title or hit.detail),
            detail=detail,
            customer=Marked("", []) if of_tenant else self._marked(hit.tenant.name),
            age=f"{age_text(now - hit.at)} ago",
            aged=now - hit.at >= _AGED,
        )

    # What Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row = self._rows[index.row()]
        if role == _DISPLAY:
            return row.title.text
        if role == _DIMMED:
            return self._old
        if role == _ROW:
            return self._hits[index.row()]
        if role == _TOOLTIP:
            read = f"As read on {full_text(self._hits[index.row()].at)}"
            lines = (row.title.text, row.detail.text, row.customer.text, read)
            return "\n".join(filter(None, lines))
        if role == _ACCESSIBLE:
            where = f"of {row.customer.text}" if row.customer.text else ""
            told = (row.title.text, *row.detail.text.split(_BETWEEN), where, f"read {row.age}")
            return ", ".join(filter(None, told))
        return None
