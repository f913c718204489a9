"""Qt model of the Users' List: which rows are shown, in which order, and nothing computed late."""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from o365desk.domain.directory import User, UserId, purged, utc_now
from o365desk.domain.licensing import SkuId
from o365desk.domain.query import StatusFilter, UserQuery
from o365desk.models.last_sign_ins import LastSignIns
from o365desk.models.roles import Role
from o365desk.models.user_rows import (
    COLUMN,
    NO_LICENSE,
    USER_COLUMNS,
    UserRows,
    status_text,
)
from o365desk.models.words import NOT_READ, full_text

_DISPLAY = Qt.ItemDataRole.DisplayRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_DIMMED = int(Role.DIMMED)
_ROW = int(Role.ROW)
_VALUE = int(Role.VALUE)

_SIGN_IN = COLUMN["sign_in"]

_FEW = 8

Index = QModelIndex | QPersistentModelIndex


class UserTableModel(QAbstractTableModel):
    """Users of one tenant, filtered and sorted by a query; owned by the main window.

    While a load streams in, `take` and `reveal` put matching rows at the end; `set_query` and
    `settle` put everything in order. A reload is built aside and put in place by `swap`, so that
    old rows stay until the new ones are complete. Selection and current row survive all of it.
    """

    def __init__(
        self,
        product_name: Callable[[SkuId], str],
        now: Callable[[], datetime] = utc_now,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._product_name = product_name
        self._now = now
        self.sign_ins = LastSignIns()
        """When users signed in last; to be changed by the methods below only."""
        self._rows = self.new_rows()
        self._query = UserQuery()
        self._order: list[int] = []
        self._revealed = 0
        """Rows from here on have been taken in, but not shown yet."""
        self._stale = False
        self._manage_refused = ""
        self._titles: Mapping[UserId, str] = {}

    # What the program asks

    @property
    def query(self) -> UserQuery:
        return self._query

    @property
    def total(self) -> int:
        """Users loaded, deleted ones included."""
        return len(self._rows)

    @property
    def deleted(self) -> int:
        return self._rows.deleted

    @property
    def unread(self) -> int:
        """Users whose licences have not been read yet: search by product is incomplete."""
        return self._rows.unread

    def untold(self) -> int:
        """Licensed users of whom it is not known when they signed in last."""
        return self._rows.untold()

    @property
    def users(self) -> Sequence[User]:
        """All users in the order they came; do not change."""
        return self._rows.users

    def user(self, user_id: UserId) -> User | None:
        row = self._rows.row_of(user_id)
        return None if row is None else self._rows.users[row]

    def user_at(self, index: Index) -> User | None:
        if not index.isValid():
            return None
        return self._rows.users[self._order[index.row()]]

    def index_of(self, user_id: UserId, column: int = 0) -> QModelIndex:
        """Where a user stands now; invalid when the query hides it."""
        row = self._rows.row_of(user_id)
        if row is None or row not in self._order:
            return QModelIndex()
        return self.index(self._order.index(row), column)

    def new_rows(self) -> UserRows:
        """An empty set of rows to load into, for `swap`."""
        return UserRows(self._product_name, self._now, self.sign_ins)

    # What the program tells

    def set_clock(self, now: Callable[[], datetime]) -> None:
        """Which time days left are counted from: the practice directory has one of its own."""
        self._now = now
        self.clear()

    def set_notes(self, manage_refused: str, titles: Mapping[UserId, str]) -> None:
        """What tooltips and screen readers add: why no license can be changed, and the roles of
        those who hold any, in words."""
        self._manage_refused = manage_refused
        self._titles = titles

    def clear(self) -> UserRows:
        """Everything goes; what is searched, filtered and sorted by stays. Answers the old rows,
        to be emptied step by step."""
        self.beginResetModel()
        old, self._rows = self._rows, self.new_rows()
        self._order = []
        self._revealed = 0
        self._stale = False
        self.endResetModel()
        return old

    def take(self, users: Sequence[User]) -> None:
        """Takes in one page of a load, to be shown by `reveal`, `settle` or `set_query`."""
        self._rows.extend(users)

    def reveal(self) -> None:
        """Shows what was taken in and matches, at the end. Every time costs a paint, so a load
        that streams in does not show each page by itself."""
        arrived = range(self._revealed, len(self._rows))
        self._revealed = arrived.stop
        shown = self._rows.matches(self._query, arrived) if self._query.filters else arrived
        if not shown:
            return
        first = len(self._order)
        self.beginInsertRows(QModelIndex(), first, first + len(shown) - 1)
        self._order.extend(shown)
        self.endInsertRows()

    def append(self, users: Sequence[User]) -> None:
        """Takes users in and shows them."""
        self.take(users)
        self.reveal()

    def merging(self, query: UserQuery) -> Iterator[None]:
        """Sorts what was taken, a few milliseconds a step, so that `settle` or a query finds it
        done."""
        return self._rows.merging(query)

    def preparing(self) -> Iterator[None]:
        """Makes the next sorts quick, a few milliseconds a step; for when a load is done."""
        return self._rows.preparing()

    def settle(self) -> None:
        """Puts rows that streamed in where the sort wants them."""
        self._rearrange(self._rows.arrange(self._query))

    def set_query(self, query: UserQuery) -> None:
        if query != self._query:
            self._query = query
            self._rearrange(self._rows.arrange(query))

    def swap(self, rows: UserRows) -> UserRows:
        """Puts a finished reload in the place of what was shown. Answers the old rows, to be
        emptied step by step."""
        self.layoutAboutToBeChanged.emit()
        kept = [
            (index, self._rows.users[self._order[index.row()]].id)
            for index in self.persistentIndexList()
        ]
        old, self._rows = self._rows, rows
        self._order = rows.arrange(self._query)
        self._revealed = len(rows)
        places: dict[UserId, int] = {}
        if kept:
            wanted = {user_id for _, user_id in kept}
            for place, row in enumerate(self._order):
                if rows.users[row].id in wanted:
                    places[rows.users[row].id] = place
        for index, user_id in kept:
            place = places.get(user_id, -1)
            new = self.index(place, index.column()) if place >= 0 else QModelIndex()
            self.changePersistentIndex(index, new)
        self._stale = False
        self.layoutChanged.emit()
        return old

    def put(self, users: Sequence[User]) -> None:
        """Some users are new or have changed; one rearrangement for all of them."""
        for _ in self.putting(users):
            pass

    def putting(self, users: Sequence[User]) -> Iterator[None]:
        """The same, a few milliseconds a step, for many of them; to be walked to the end."""
        rows = self._rows
        unknown = [user for user in users if rows.row_of(user.id) is None]
        yield from rows.replacing(users)
        if rows is not self._rows:
            return  # others have taken their place meanwhile
        touched = {row for user in users if (row := rows.row_of(user.id)) is not None}
        self.take([user for user in unknown if rows.row_of(user.id) is None])
        yield from self.merging(self._query)
        if rows is not self._rows:
            return
        self.reveal()
        if touched:
            places = [place for place, row in enumerate(self._order) if row in touched]
            if places:
                last = self.columnCount() - 1
                self.dataChanged.emit(self.index(places[0], 0), self.index(places[-1], last))
        self.settle()

    def remove(self, user_ids: Collection[UserId]) -> None:
        """Users who are gone for good."""
        if all(self._rows.row_of(user_id) is None for user_id in user_ids):
            return
        self.layoutAboutToBeChanged.emit()
        kept = [(index, self._order[index.row()]) for index in self.persistentIndexList()]
        moved = self._rows.remove(user_ids)
        self._order = self._rows.arrange(self._query)
        self._revealed = len(self._rows)
        new_rows = [moved.get(row, row) for _, row in kept]
        places = _places(self._order, {row for row in new_rows if row is not None})
        for (index, _), row in zip(kept, new_rows, strict=True):
            place = -1 if row is None else places.get(row, -1)
            new = self.index(place, index.column()) if place >= 0 else QModelIndex()
            self.changePersistentIndex(index, new)
        self.layoutChanged.emit()

    def clear_sign_ins(self) -> None:
        """Another tenant: nobody has asked for its last sign-ins."""
        self.sign_ins.clear()
        self._repaint_sign_ins()

    def begin_sign_ins(self) -> None:
        """The last sign-ins are being read; those read before stay until new ones come."""
        self.sign_ins.begin()
        self._repaint_sign_ins()

    def take_sign_ins(self, told: Sequence[tuple[UserId, datetime | None]]) -> None:
        """One page of them: users, and when each signed in last (None: never)."""
        self.sign_ins.take(told)
        self._rows.signed_in([user for user, _ in told])
        idle = self._query.status is StatusFilter.LICENSED_IDLE
        if idle or self._query.sort == "sign_in":
            self.settle()
        self._repaint_sign_ins()

    def end_sign_ins(self, missing: str = "") -> None:
        """No more will come; `missing` says why, unless all were told."""
        self.sign_ins.end(missing)
        self._repaint_sign_ins()

    def _repaint_sign_ins(self) -> None:
        if self._order:
            last = self.index(len(self._order) - 1, _SIGN_IN)
            self.dataChanged.emit(self.index(0, _SIGN_IN), last)

    def tick(self) -> None:
        """Time has passed: days left are written anew, purged users leave."""
        now = self._now()
        gone = {user.id for user in self._rows.users if user.deleted and purged(user, now)}
        if gone:
            self.remove(gone)
        status = COLUMN["status"]
        aged = [
            user
            for user, texts in zip(self._rows.users, self._rows.texts, strict=True)
            if user.deleted and texts[status] != status_text(user, now)
        ]
        if aged:
            self.put(aged)

    def set_stale(self, stale: bool) -> None:
        """Dims every row while a reload is under way or after it failed."""
        if stale != self._stale:
            self._stale = stale
            if self._order:
                last = self.index(len(self._order) - 1, self.columnCount() - 1)
                self.dataChanged.emit(self.index(0, 0), last, [_DIMMED])

    def _rearrange(self, order: list[int]) -> None:
        self._revealed = len(self._rows)
        if order == self._order:
            return
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        rows = {self._order[index.row()] for index in kept}
        places = _places(order, rows)
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
        return 0 if parent is not None and parent.isValid() else len(USER_COLUMNS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        # Called some 900 times a repaint: the display role first, a lookup, and out.
        if role == _DISPLAY:
            row, column = self._order[index.row()], index.column()
            if column == _SIGN_IN:
                return self.sign_ins.text(self._rows.users[row].id)
            return self._rows.texts[row][column]
        if role == _DIMMED:
            return self._stale or self._rows.users[self._order[index.row()]].deleted
        if role == _ROW:
            return self._rows.users[self._order[index.row()]]
        if role == _TOOLTIP:
            return self._tooltip(self._order[index.row()], index.column())
        if role == _ACCESSIBLE:
            return self._accessible(self._order[index.row()], index.column())
        if role == _VALUE and index.column() == _SIGN_IN:
            return self.sign_ins.at.get(self._rows.users[self._order[index.row()]].id)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == _DISPLAY:
            return USER_COLUMNS[section].title
        if role == _TOOLTIP and section == _SIGN_IN and self.sign_ins.missing:
            return self.sign_ins.why
        if (
            orientation is Qt.Orientation.Horizontal
            and role == _ACCESSIBLE
            and not USER_COLUMNS[section].title
        ):
            return "Actions"
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Called by the view's header; the buttons' columns have no order."""
        key = USER_COLUMNS[column].key if 0 <= column < len(USER_COLUMNS) else ""
        if key in ("manage", "more"):
            return
        descending = order is Qt.SortOrder.DescendingOrder
        self.set_query(replace(self._query, sort=key, descending=descending))

    def _tooltip(self, row: int, column: int) -> str:
        user = self._rows.users[row]
        key = USER_COLUMNS[column].key
        if key == "assign":
            return self._licenses_tooltip(user)
        if key == "status" and user.deleted_at is not None:
            return f"Deleted on {full_text(user.deleted_at)}"
        if key == "manage":
            return "" if user.deleted else self._manage_text(user, "\n")
        if key == "more":
            return f"Actions for {user.display_name}"
        if key == "sign_in":
            return self.sign_ins.tooltip(user)
        if key == "name" and user.id in self._titles:
            return f"{user.display_name}\n{self._titles[user.id]}"
        return self._rows.texts[row][column]

    def _manage_text(self, user: User, between: str) -> str:
        text = f"Manage Licenses for {user.display_name}"
        return f"{text}{between}{self._manage_refused}" if self._manage_refused else text

    def _licenses_tooltip(self, user: User) -> str:
        if user.deleted:
            return "The licenses were freed when the user was deleted. Restore brings them back."
        if user.licenses is None:
            return "The licenses of this user have not been read yet."
        if not user.licenses:
            return NO_LICENSE
        lines = [
            self._product_name(held.sku_id) + ("" if held.direct else " (through a group)")
            for held in user.licenses
        ]
        return "\n".join(sorted(lines))

    def _accessible(self, row: int, column: int) -> str:
        user = self._rows.users[row]
        key = USER_COLUMNS[column].key
        if key == "manage":
            return "" if user.deleted else self._manage_text(user, ": disabled. ")
        if key == "more":
            return f"Actions for {user.display_name}"
        if key == "sign_in":
            text = self.sign_ins.text(user.id)
            return f"Last sign-in {text}" if text else ""
        text = self._rows.texts[row][column]
        if key == "name" and user.id in self._titles:
            return f"{text}, {self._titles[user.id]}"
        if key == "assign" and user.licenses is None and not user.deleted:
            return f"Licenses {NOT_READ}"
        return text


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
