"""What the operator looks for among users, and the order and selection that answers it."""

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import compress
from typing import Any

from o365desk.domain.directory import User, UserState
from o365desk.domain.licensing import SkuId
from o365desk.domain.text import fold


class StatusFilter(StrEnum):
    """The segments above the Users' List."""

    ALL = "All"
    ACTIVE = "Active"
    BLOCKED = "Blocked"
    DELETED = "Deleted"
    UNLICENSED = "Unlicensed"

    def admits(self, user: User) -> bool:
        """Judges typed values, never texts. A user whose licences were not read is not
        "unlicensed": nobody knows yet."""
        match self:
            case StatusFilter.ALL:
                return True
            case StatusFilter.UNLICENSED:
                return not user.deleted and user.licenses == ()
            case StatusFilter.ACTIVE:
                return user.state is UserState.ACTIVE
            case StatusFilter.BLOCKED:
                return user.state is UserState.BLOCKED
            case StatusFilter.DELETED:
                return user.deleted


@dataclass(frozen=True, slots=True)
class UserQuery:
    """Search text, filters and order of the Users' List."""

    text: str = ""
    status: StatusFilter = StatusFilter.ALL
    sku_id: SkuId | None = None
    sort: str = ""
    """Key of the column to sort by; empty for the order of arrival."""
    descending: bool = False

    @property
    def filters(self) -> bool:
        """True when fewer rows than all may be shown."""
        return bool(self.text.strip() or self.sku_id) or self.status is not StatusFilter.ALL

    def admits(self, user: User) -> bool:
        """Status and product; the text is matched against the row's haystack."""
        if not self.status.admits(user):
            return False
        # Deleting has freed what Microsoft still lists for a later restore.
        return self.sku_id is None or (not user.deleted and user.holds(self.sku_id))


def words(text: str) -> tuple[str, ...]:
    """The folded words of a search text: a row has to hold every one of them."""
    return tuple(fold(text).split())


class Order:
    """One sorted permutation of the rows, extended page by page while they stream in.

    Pages are sorted as they come and merged in pairs of like size, so that no single step costs
    more than a merge of two sorted runs: sorting 100,000 rows at the end of a load would freeze
    the window for longer than a frame.
    """

    def __init__(self, key: Callable[[int], Any]) -> None:
        self._key = key
        self._runs: list[list[int]] = []

    def extend(self, start: int, stop: int) -> None:
        """Takes in rows `start` to `stop`."""
        self._runs.append(sorted(range(start, stop), key=self._key))
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            self._merge_last()

    def _merge_last(self) -> None:
        last = self._runs.pop()
        # Two sorted runs in a row: list.sort finds them and merges, in one C loop.
        self._runs[-1] = sorted(self._runs[-1] + last, key=self._key)

    def moved(self, row: int) -> None:
        """Puts one row, whose key has changed, where it belongs now."""
        order = self.permutation()
        order.remove(row)
        insort(order, row, key=self._key)

    def permutation(self) -> list[int]:
        """All rows in order. The list is shared: do not change it."""
        while len(self._runs) > 1:
            self._merge_last()
        return self._runs[0] if self._runs else []


def arrange(
    haystacks: Sequence[str],
    needles: Sequence[str],
    admitted: Sequence[bool] | None,
    order: Sequence[int] | None,
    within: Sequence[int] | None = None,
) -> list[int]:
    """Indexes of the rows to show, in the order to show them.

    `haystacks` holds one folded text a row; a row is shown when it holds every one of `needles`
    and `admitted` (None: all) says so. `order` is a permutation of all rows (None: as they came).
    `within` narrows the search to rows that matched a shorter text before.
    """
    if within is not None:
        hits = list(within)
        for needle in needles:
            hits = [i for i in hits if needle in haystacks[i]]
    elif needles:
        first, *rest = needles
        hits = [i for i, text in enumerate(haystacks) if first in text]
        for needle in rest:
            hits = [i for i in hits if needle in haystacks[i]]
    else:
        hits = list(range(len(haystacks)))
    if admitted is not None:
        hits = [i for i in hits if admitted[i]]
    if order is None:
        return sorted(hits) if within is not None else hits
    if len(hits) == len(order):
        return list(order)
    # One flag a row and one pass over the permutation: five times as fast as sorting the hits.
    flags = bytearray(len(haystacks))
    for i in hits:
        flags[i] = 1
    return list(compress(order, map(flags.__getitem__, order)))
