"""The rows of the Users' List: texts, search texts and orders, built once as users arrive."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from o365desk.domain.directory import User, UserId, UserState, days_left
from o365desk.domain.licensing import LicenseAssignment, SkuId
from o365desk.domain.query import Order, UserQuery, arrange, words
from o365desk.domain.text import fold
from o365desk.models.columns import Column

NOT_READ = "not read yet"
NO_LICENSE = "No license"

_STATE_TEXT = {UserState.ACTIVE: "Active", UserState.BLOCKED: "Blocked"}
_FOREVER = 10**6


def deleted_text(deleted_at: datetime | None, now: datetime) -> str:
    """ "Deleted, 18 days left"; "Deleted" when Microsoft did not say when."""
    left = days_left(deleted_at, now)
    if left is None:
        return "Deleted"
    return f"Deleted, {left} {'day' if left == 1 else 'days'} left"


def status_text(user: User, now: datetime) -> str:
    """What the Status column says."""
    if user.deleted:
        return deleted_text(user.deleted_at, now)
    return _STATE_TEXT[user.state]


def _no_text(user: User) -> str:
    return ""


USER_COLUMNS: tuple[Column[User], ...] = (
    Column("name", "Display name", lambda u: u.display_name, width=22),
    Column("username", "Username", lambda u: u.username, width=34),
    Column("status", "Status", _no_text, width=21),
    Column("assign", "Assign", _no_text, width=34),
    Column("location", "Location", lambda u: u.location, width=9),
    Column("first_name", "First name", lambda u: u.first_name, width=16, hidden=True),
    Column("last_name", "Last name", lambda u: u.last_name, width=16, hidden=True),
    Column("mail", "Mail", lambda u: u.mail, width=28, hidden=True),
    Column("id", "User ID", lambda u: u.id, width=36, hidden=True),
    Column("manage", "", _no_text, width=18),
    Column("more", "", _no_text, width=5),
)
"""Columns of the Users' List. The texts of Status and Assign depend on more than the user and are
made by UserRows; the last two hold the row's buttons, which a delegate paints."""

COLUMN = {column.key: number for number, column in enumerate(USER_COLUMNS)}
ACTION_COLUMNS = (COLUMN["manage"], COLUMN["more"])


class UserRows:
    """Users in the order they came, with everything that painting, searching and sorting need.

    Kept as parallel lists because list comprehensions over strings are what makes a keystroke
    over 100,000 rows cost milliseconds. No Qt in here.
    """

    def __init__(self, product_name: Callable[[SkuId], str], now: Callable[[], datetime]) -> None:
        self._product_name = product_name
        self._now = now
        self.users: list[User] = []
        self.deleted = 0
        self.unread = 0
        """Users whose licences have not been read yet."""
        self.texts: list[tuple[str, ...]] = []
        self.haystacks: list[str] = []
        self._folded_names: list[str] = []
        self._row_of: dict[UserId, int] | None = {}
        self._orders: dict[str, Order] = {}
        self._keys: dict[str, list[Any]] = {"name": self._folded_names}
        self._assign: dict[int, tuple[object, str, str]] = {}
        """Texts of each distinct licence tuple by its id(); holds the tuple so that the id stays
        taken. Users share equal tuples, so most rows find theirs here."""
        self._last_hits: tuple[str, UserQuery, list[int]] | None = None

    def __len__(self) -> int:
        return len(self.users)

    def row_of(self, user: UserId) -> int | None:
        """Position of a user, or None. The map is made at the first question after a load."""
        if self._row_of is None:
            self._row_of = {u.id: row for row, u in enumerate(self.users)}
        return self._row_of.get(user)

    def extend(self, users: Sequence[User]) -> range:
        """Appends users; answers their positions."""
        start = len(self.users)
        now = self._now()
        names = self._folded_names
        texts, haystacks = self.texts, self.haystacks
        assigned = self._assign_texts
        active, active_text = UserState.ACTIVE, _STATE_TEXT[UserState.ACTIVE]
        for user in users:
            (uid, name, upn, first, last, state, location, licenses, _, _, _, mail) = user
            status = active_text if state is active else status_text(user, now)
            assign, folded_assign = assigned(user, licenses)
            folded = name.lower() if name.isascii() else fold(name)
            names.append(folded)
            haystacks.append(f"{folded}\n{upn.lower()}\n{folded_assign}")
            texts.append((name, upn, status, assign, location, first, last, mail, uid, "", ""))
        self.users.extend(users)
        self._count(users, 1)
        self._row_of = None
        self._last_hits = None
        for key, order in self._orders.items():
            self._extend_keys(key)
            order.extend(start, len(self.users))
        return range(start, len(self.users))

    def replace(self, user: User) -> int | None:
        """Puts a changed user in the place it has; answers that row, None when it has none."""
        row = self.row_of(user.id)
        if row is None:
            return None
        self._count((self.users[row],), -1)
        self._count((user,), 1)
        self.users[row] = user
        now = self._now()
        assign, folded_assign = self._assign_texts(user, user.licenses)
        self._folded_names[row] = fold(user.display_name)
        self.haystacks[row] = f"{self._folded_names[row]}\n{fold(user.username)}\n{folded_assign}"
        values = [column.text(user) for column in USER_COLUMNS]
        values[COLUMN["status"]] = status_text(user, now)
        values[COLUMN["assign"]] = assign
        self.texts[row] = tuple(values)
        self._last_hits = None
        for key, order in self._orders.items():
            if key != "name":
                self._keys[key][row] = self._key(key, row)
            order.moved(row)
        return row

    def _count(self, users: Sequence[User], sign: int) -> None:
        deleted = sum(1 for user in users if user.state is UserState.DELETED)
        self.deleted += sign * deleted
        unread = sum(1 for user in users if user.licenses is None)
        if unread:  # deleted users hold none that could be read
            unread = sum(1 for user in users if user.licenses is None and not user.deleted)
        self.unread += sign * unread

    def without(self, gone: Callable[[User], bool]) -> "UserRows":
        """A copy that leaves out some users; for the rare removal (a purge)."""
        copy = UserRows(self._product_name, self._now)
        copy.extend([user for user in self.users if not gone(user)])
        return copy

    def arrange(self, query: UserQuery) -> list[int]:
        """Rows to show for a query, in its order."""
        needles = words(query.text)
        order = self._permutation(query)
        plain = " ".join(needles)
        within = None
        if self._last_hits is not None:
            text, before, hits = self._last_hits
            same = before.status is query.status and before.sku_id == query.sku_id
            if same and text and plain.startswith(text) and len(hits) < len(self.users) // 4:
                within = hits
        shown = arrange(self.haystacks, needles, self._admitted(query), order, within)
        self._last_hits = (plain, query, shown)
        return shown

    def matches(self, query: UserQuery, rows: Iterable[int]) -> list[int]:
        """Those of `rows` that the query admits, in the order given."""
        needles = words(query.text)
        return [
            row
            for row in rows
            if query.admits(self.users[row])
            and all(needle in self.haystacks[row] for needle in needles)
        ]

    def _admitted(self, query: UserQuery) -> list[bool] | None:
        if query.sku_id is None and query.status.value == "All":
            return None
        # The answer depends on the state and the (shared) licence tuple alone: ask once for each.
        known: dict[tuple[int, UserState], bool] = {}
        admitted = []
        for user in self.users:
            key = (id(user.licenses), user.state)
            answer = known.get(key)
            if answer is None:
                answer = known[key] = query.admits(user)
            admitted.append(answer)
        return admitted

    def _permutation(self, query: UserQuery) -> list[int] | None:
        if not query.sort:
            return None
        order = self._orders.get(query.sort)
        if order is None:
            self._extend_keys(query.sort)
            order = Order(self._keys[query.sort].__getitem__)
            order.extend(0, len(self.users))
            self._orders[query.sort] = order
        permutation = order.permutation()
        return permutation[::-1] if query.descending else permutation

    def _extend_keys(self, key: str) -> None:
        keys = self._keys.setdefault(key, [])
        keys.extend(self._key(key, row) for row in range(len(keys), len(self.users)))

    def _key(self, key: str, row: int) -> Any:
        user = self.users[row]
        if key == "status":
            if user.deleted:
                left = days_left(user.deleted_at, self._now())
                return (2, _FOREVER if left is None else left)
            return (0 if user.state is UserState.ACTIVE else 1, 0)
        return fold(self.texts[row][COLUMN[key]])

    def _assign_texts(
        self, user: User, licenses: tuple[LicenseAssignment, ...] | None
    ) -> tuple[str, str]:
        """What the Assign column says, and the same folded for the search."""
        if user.state is UserState.DELETED:
            return "", ""
        found = self._assign.get(id(licenses))
        if found is None:
            if licenses is None:
                text = NOT_READ
            elif licenses:
                text = " · ".join(sorted(self._product_name(held.sku_id) for held in licenses))
            else:
                text = NO_LICENSE
            found = self._assign[id(licenses)] = (licenses, text, fold(text) if licenses else "")
        return found[1], found[2]
