"""The rows of the Users' List: texts, search texts and orders, built once as users arrive."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from o365desk.domain.directory import User, UserId, UserState, days_left
from o365desk.domain.licensing import LicenseAssignment, SkuId
from o365desk.domain.query import Order, StatusFilter, UserQuery, arrange, words
from o365desk.domain.text import fold, fold_all
from o365desk.models.columns import Column
from o365desk.models.last_sign_ins import LastSignIns
from o365desk.models.words import NOT_READ

NO_LICENSE = "No license"

_STATE_TEXT = {UserState.ACTIVE: "Active", UserState.BLOCKED: "Blocked"}
_FIRST = -2
_FOREVER = 10**6
_PIECE = 4096
"""Rows sorted in one step, where the window shall not notice."""

_FREED_AT_ONCE = 4096
"""Rows freed in one step, for the same reason."""

_WRITTEN = 32
"""Rows changed in one step, where the window shall not notice."""

_PREPARED = ("username",)
"""Columns of long, distinct texts: sorting by one for the first time would be felt."""

_REMEMBERED = 24
"""Searches whose hits are kept, as long as no row changes and they are not nearly all rows."""

_SMALL = 1000

_REPEATING = ("assign", "location")
"""Columns of few distinct texts, each folded once."""


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
    Column("sign_in", "Last sign-in", _no_text, width=20, hidden=True),
    Column("first_name", "First name", lambda u: u.first_name, width=16, hidden=True),
    Column("last_name", "Last name", lambda u: u.last_name, width=16, hidden=True),
    Column("mail", "Mail", lambda u: u.mail, width=28, hidden=True),
    Column("id", "User ID", lambda u: u.id, width=36, hidden=True),
    Column("manage", "", _no_text, width=18),
    Column("more", "", _no_text, width=5),
)
"""Columns of the Users' List. The texts of Status and Assign depend on more than the user and are
made by UserRows; those of Last sign-in come later, and LastSignIns keeps them; the last two hold
the row's buttons, which a delegate paints."""

COLUMN = {column.key: number for number, column in enumerate(USER_COLUMNS)}
ACTION_COLUMNS = (COLUMN["manage"], COLUMN["more"])


class _Assign(NamedTuple):
    """What the Assign column says of a licence tuple, and the same for the search."""

    shown: str
    folded: str
    licenses: object = None
    """The tuple itself, so that its id() stays taken."""


_FREED = _Assign("", "")
"""Of a deleted user, whose licences are free again."""


def _status_key(user: User, now: datetime) -> int:
    """Active, blocked, then deleted ones by the days that are left."""
    if not user.deleted:
        return _FIRST if user.state is UserState.ACTIVE else -1
    left = days_left(user.deleted_at, now)
    return _FOREVER if left is None else left


class UserRows:
    """Users in the order they came, with everything that painting, searching and sorting need.

    Kept as parallel lists because list comprehensions over strings are what makes a keystroke
    over 100,000 rows cost milliseconds. No Qt in here.
    """

    def __init__(
        self,
        product_name: Callable[[SkuId], str],
        now: Callable[[], datetime],
        sign_ins: LastSignIns | None = None,
    ) -> None:
        """`sign_ins`: shared by all rows of one table."""
        self._product_name = product_name
        self._now = now
        self._sign_ins = sign_ins or LastSignIns()
        self.users: list[User] = []
        self.deleted = 0
        self.unread = 0
        """Users whose licences have not been read yet."""
        self.texts: list[tuple[str, ...]] = []
        self.haystacks: list[str] = []
        """Names and username, folded."""
        self.labels: list[str] = []
        """What the Assign column says, folded; equal ones are one object."""
        self._folded_names: list[str] = []
        self._row_of: dict[UserId, int] | None = {}
        self._orders: dict[str, Order] = {}
        self._keys: dict[str, list[Any]] = {"name": self._folded_names}
        self._assign: dict[int, _Assign] = {}
        self._version = 0
        """Counts what makes a sorting that is under way void."""
        self._found: dict[UserQuery, list[int]] = {}
        """What the last searches have found; typing on looks there, and taking back is at once."""
        self._untold = (-1, 0)
        """Version, and the licensed users then whose last sign-in was not known."""

    def __len__(self) -> int:
        return len(self.users)

    def emptying(self) -> Iterator[None]:
        """Gives back the memory of rows that nobody shows any more, a piece a step: freed all at
        once, a hundred thousand rows would be felt."""
        self._version += 1
        self._row_of = None
        self._orders.clear()
        self._found.clear()
        lists: list[list[Any]] = [self.users, self.texts, self.haystacks, self.labels]
        lists += self._keys.values()
        for kept in lists:
            while kept:
                del kept[-_FREED_AT_ONCE:]
                yield

    def row_of(self, user: UserId) -> int | None:
        """Position of a user, or None. The map is made at the first question after a load."""
        if self._row_of is None:
            self._row_of = {u.id: row for row, u in enumerate(self.users)}
        return self._row_of.get(user)

    def extend(self, users: Sequence[User]) -> range:
        """Appends users; answers their positions."""
        start, count = len(self.users), len(users)
        if not count:
            return range(start, start)
        # Column by column: in C, that takes a third of the time of a loop over the users.
        (ids, names, usernames, first, last, states, locations, licenses, _, _, _, mails) = zip(
            *users, strict=True
        )
        folded = fold_all(names)
        known = self._assign_texts(licenses)
        held = [known[key] for key in map(id, licenses)]
        if states.count(UserState.ACTIVE) == count:
            statuses = [_STATE_TEXT[UserState.ACTIVE]] * count
        else:
            now = self._now()
            statuses = [status_text(user, now) for user in users]
            held = [
                _FREED if state is UserState.DELETED else texts
                for state, texts in zip(states, held, strict=True)
            ]
        assign = [texts.shown for texts in held]
        none = ("",) * count
        self._folded_names += folded
        self.haystacks += [
            f"{name}\n{username}"
            for name, username in zip(folded, fold_all(usernames), strict=True)
        ]
        self.labels += [texts.folded for texts in held]
        self.texts += zip(
            *(names, usernames, statuses, assign, locations, none),
            *(first, last, mails, ids, none, none),
            strict=True,
        )
        self._version += 1
        self.users += users
        self._count(states, licenses, 1)
        if self._row_of is None or not start:
            self._row_of = None
        else:
            self._row_of.update(zip(ids, range(start, len(self.users)), strict=True))
        self._found.clear()
        for key, order in self._orders.items():
            self._extend_keys(key)
            order.extend(start, len(self.users))
        return range(start, len(self.users))

    def replace(self, user: User) -> int | None:
        """Puts a changed user in the place it has; answers that row, None when it has none."""
        row = self.row_of(user.id)
        if row is not None:
            self._write(row, user)
            for key in self._orders:
                self._move(key, [row])
        return row

    def replacing(self, users: Sequence[User]) -> Iterator[None]:
        """The same for many, a little at a time; who has no place is left out."""
        for start in range(0, len(users), _WRITTEN):
            for user in users[start : start + _WRITTEN]:
                row = self.row_of(user.id)
                if row is not None:
                    self._write(row, user)
            yield
        for key in tuple(self._orders):
            rows = [row for user in users if (row := self.row_of(user.id)) is not None]
            self._move(key, rows)
            yield

    def _write(self, row: int, user: User) -> None:
        """Everything but the keys, which change together with the order."""
        before = self.users[row]
        self._count((before.state,), (before.licenses,), -1)
        self._count((user.state,), (user.licenses,), 1)
        self._version += 1
        self.users[row] = user
        assign = _FREED if user.deleted else self._assign_texts([user.licenses])[id(user.licenses)]
        self.haystacks[row] = f"{fold(user.display_name)}\n{fold(user.username)}"
        self.labels[row] = assign.folded
        values = [column.text(user) for column in USER_COLUMNS]
        values[COLUMN["status"]] = status_text(user, self._now())
        values[COLUMN["assign"]] = assign.shown
        self.texts[row] = tuple(values)
        if "name" not in self._orders:
            self._folded_names[row] = fold(user.display_name)
        self._found.clear()

    def signed_in(self, users: Iterable[UserId]) -> None:
        """It has become known when these users signed in last."""
        self._version += 1
        self._found.clear()
        if "sign_in" in self._orders:
            self._move("sign_in", [row for u in users if (row := self.row_of(u)) is not None])

    def _move(self, key: str, rows: Iterable[int]) -> None:
        """Gives rows the keys that they have now, and their places in an order."""
        keys = self._keys[key]
        moved = {row: new for row in rows if (new := self._key(key, row)) != keys[row]}
        for row, new in moved.items():
            keys[row] = new
        if moved:
            self._orders[key].moved(moved)
            self._found.clear()

    def remove(self, user_ids: Iterable[UserId]) -> dict[int, int | None]:
        """Takes users out and fills their places with the last ones; answers the new rows of
        those by their old ones, None for who is gone."""
        gone = {row for user in set(user_ids) if (row := self.row_of(user)) is not None}
        count = len(self.users) - len(gone)
        holes = sorted(row for row in gone if row < count)
        last = [row for row in range(count, len(self.users)) if row not in gone]
        filled = dict(zip(last, holes, strict=True))
        row_of = self._row_of or {}
        for order in self._orders.values():
            order.permutation()  # while the keys are still there
        for row in gone:
            user = self.users[row]
            self._count((user.state,), (user.licenses,), -1)
            row_of.pop(user.id, None)
        row_of.update((self.users[old].id, new) for old, new in filled.items())
        lists: list[list[Any]] = [self.users, self.texts, self.haystacks, self.labels]
        for values in (*lists, *self._keys.values()):
            for old, new in filled.items():
                values[new] = values[old]
            del values[count:]
        for order in self._orders.values():
            order.removed(gone, filled)
        self._version += 1
        self._found.clear()
        return {**dict.fromkeys(gone), **filled}

    def _count(
        self,
        states: Sequence[UserState],
        licenses: Sequence[tuple[LicenseAssignment, ...] | None],
        sign: int,
    ) -> None:
        self.deleted += sign * states.count(UserState.DELETED)
        if None in licenses:  # deleted users hold none that could be read
            unread = [
                state
                for state, held in zip(states, licenses, strict=True)
                if held is None and state is not UserState.DELETED
            ]
            self.unread += sign * len(unread)

    def arrange(self, query: UserQuery) -> list[int]:
        """Rows to show for a query, in its order."""
        query = replace(query, text=" ".join(words(query.text)))
        found = self._found.get(query)
        if found is not None:
            return list(found)
        wider = self._wider(query)
        found = arrange(
            self.haystacks,
            query.text.split(),
            self._admitted(query) if wider is None else None,
            self._permutation(query) if wider is None else None,
            wider,
            self.labels,
            {texts.folded for texts in self._assign.values()},
        )
        if len(found) < max(len(self.users) // 4, _SMALL):
            if len(self._found) >= _REMEMBERED:
                del self._found[next(iter(self._found))]
            self._found[query] = found
        return list(found)

    def _wider(self, query: UserQuery) -> list[int] | None:
        """What the longest beginning of the text has found, if that is known."""
        for end in range(len(query.text) - 1, 0, -1):
            found = self._found.get(replace(query, text=query.text[:end].rstrip()))
            if found is not None:
                return found
        return None

    def matches(self, query: UserQuery, rows: Iterable[int]) -> list[int]:
        """Those of `rows` that the query admits, in the order given."""
        needles, admits = words(query.text), query.admits
        if query.status is StatusFilter.LICENSED_IDLE:
            since = self._now() - timedelta(days=query.idle_days)

            def admits(user: User) -> bool:
                return query.admits(user) and self._sign_ins.idle(user.id, since)

        return [
            row
            for row in rows
            if admits(self.users[row])
            and all(n in self.haystacks[row] or n in self.labels[row] for n in needles)
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
        if query.status is StatusFilter.LICENSED_IDLE:
            idle, since = self._sign_ins.idle, self._now() - timedelta(days=query.idle_days)
            pairs = zip(admitted, self.users, strict=True)
            return [answer and idle(user.id, since) for answer, user in pairs]
        return admitted

    def untold(self) -> int:
        """Licensed users of whom it is not known when they signed in last."""
        if self._untold[0] != self._version:
            at = self._sign_ins.at
            some = [user for user in self.users if user.licenses and user.id not in at]
            self._untold = (self._version, sum(not user.deleted for user in some))
        return self._untold[1]

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

    def merging(self, query: UserQuery) -> Iterator[None]:
        """Puts the rows into the query's order, a little at a time: after that, `arrange` finds
        them sorted. Rows may come or change meanwhile; then some of it has been for nothing."""
        if not query.sort:
            return
        if query.sort not in self._orders:
            yield from self._first_order(query.sort)
        order = self._orders.get(query.sort)
        if order is not None:
            yield from order.merging()

    def preparing(self) -> Iterator[None]:
        """Sorts by what the operator may sort by next, and notes who stands where, a little at a
        time, once all rows are there."""
        yield from self._mapping()
        for key in _PREPARED:
            yield from self.merging(UserQuery(sort=key))

    def _mapping(self) -> Iterator[None]:
        version, places = self._version, dict[UserId, int]()
        for start in range(0, len(self.users), _PIECE):
            for row, user in enumerate(self.users[start : start + _PIECE], start):
                places[user.id] = row
            yield
            if self._version != version or self._row_of is not None:
                return
        self._row_of = places

    def _first_order(self, key: str) -> Iterator[None]:
        """Sorts by a column for the first time, in pieces."""
        version, count = self._version, len(self.users)
        keys: list[Any] = self._folded_names if key == "name" else []
        order = Order(keys.__getitem__)
        for start in range(0, count, _PIECE):
            stop = min(start + _PIECE, count)
            if key != "name":
                keys += self._new_keys(key, range(start, stop))
            order.extend(start, stop)
            yield
            if self._version != version or key in self._orders:
                return
        self._keys[key] = keys
        self._orders[key] = order

    def _extend_keys(self, key: str) -> None:
        keys = self._keys.setdefault(key, [])
        keys += self._new_keys(key, range(len(keys), len(self.users)))

    def _new_keys(self, key: str, rows: range) -> list[Any]:
        if key == "status":
            now, active = self._now(), UserState.ACTIVE
            users = self.users[rows.start : rows.stop]
            return [_FIRST if u.state is active else _status_key(u, now) for u in users]
        if key == "sign_in":
            return [self._sign_ins.key(u.id) for u in self.users[rows.start : rows.stop]]
        column = COLUMN[key]
        texts = [*map(itemgetter(column), self.texts[rows.start : rows.stop])]
        if key not in _REPEATING:
            return fold_all(texts)
        known = {text: fold(text) for text in set(texts)}
        return [known[text] for text in texts]

    def _key(self, key: str, row: int) -> Any:
        if key == "status":
            return _status_key(self.users[row], self._now())
        if key == "sign_in":
            return self._sign_ins.key(self.users[row].id)
        return fold(self.texts[row][COLUMN[key]])

    def _assign_texts(
        self, licenses: Iterable[tuple[LicenseAssignment, ...] | None]
    ) -> Mapping[int, "_Assign"]:
        """The texts of licence tuples by their id(); users share equal tuples, so that most are
        here already."""
        known = self._assign
        for held in {id(held): held for held in licenses}.values():
            if id(held) in known:
                continue
            if held is None:
                text = NOT_READ
            elif held:
                text = " · ".join(sorted(self._product_name(one.sku_id) for one in held))
            else:
                text = NO_LICENSE
            known[id(held)] = _Assign(text, fold(text) if held else "", held)
        return known
