"""Believing a write over a stale read: listings and counters lag behind what was just changed."""

from datetime import datetime, timedelta

from o365desk.domain.directory import User, UserId
from o365desk.domain.licensing import Sku

LAG = timedelta(seconds=90)
"""How long a listing may show the state before a write; Microsoft states no bound."""


class Trust:
    """Users written a moment ago, in the state the write answered with.

    learn.microsoft.com/graph/api/user-list: replication delays apply after create, update and
    delete.
    """

    def __init__(self) -> None:
        self._written: dict[UserId, tuple[User, datetime]] = {}

    def remember(self, user: User, now: datetime) -> None:
        """A write answered with this state."""
        self._written[user.id] = (user, now)

    def knows(self, user_id: UserId, now: datetime) -> bool:
        return self._fresh(user_id, now) is not None

    def user(self, listed: User, now: datetime) -> User:
        """The state to show for a listed user."""
        return self._fresh(listed.id, now) or listed

    def all(self, now: datetime) -> list[User]:
        """Users written lately: a listing may leave them out altogether."""
        known = [self._fresh(user_id, now) for user_id in tuple(self._written)]
        return [user for user in known if user is not None]

    def _fresh(self, user_id: UserId, now: datetime) -> User | None:
        if not self._written:
            return None
        written = self._written.get(user_id)
        if written is None:
            return None
        user, when = written
        if now - when > LAG:
            del self._written[user_id]
            return None
        return user


def settled(before: Sku, expected: Sku, read: Sku) -> bool:
    """Whether a counter read after a write may be shown.

    False when it still stands exactly where it stood before the write: it lags, and `expected` is
    nearer the truth until the next reading. Anything else is what Microsoft says, and is shown
    as it is (S33).
    """
    if before.assigned == expected.assigned:
        return True
    return (read.assigned, read.available) != (before.assigned, before.available)
