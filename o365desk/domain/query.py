"""What the operator looks for among users, and the order and selection that answers it."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, compress
from typing import Any

from o365desk.domain.directory import User, UserState
from o365desk.domain.licensing import SkuId
from o365desk.domain.text import fold

_MERGE_ROWS = 4096
"""Rows merged in one step: about two milliseconds."""

_SAMPLES = 16
"""Rows looked at for each step, to find where to cut."""


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

    Pages are sorted as they come and merged when the permutation is asked for, in one go by
    `permutation()`, or before that piece by piece by `merging()`: for 100,000 rows it takes longer
    than a frame.
    """

    def __init__(self, key: Callable[[int], Any]) -> None:
        self._key = key
        self._runs: list[list[int]] = []
        self._version = 0
        """Counts what makes a merge that is under way void."""

    def extend(self, start: int, stop: int) -> None:
        """Takes in rows `start` to `stop`."""
        if start < stop:
            self._runs.append(sorted(range(start, stop), key=self._key))

    def merging(self) -> Iterator[None]:
        """Merges what has come until now, some thousand rows a step; the caller may do something
        else between two steps. Rows that come meanwhile are left to the next merge, and when one
        moves or somebody needs the permutation at once, this one has been for nothing."""
        runs, key, version = tuple(self._runs), self._key, self._version
        if len(runs) < 2:
            return
        # Every run is cut at the same keys: what lies between two cuts can be sorted by itself.
        every = max(1, _MERGE_ROWS // _SAMPLES)
        sample = sorted(key(row) for run in runs for row in run[::every])
        merged: list[int] = []
        starts = [0] * len(runs)
        for cut in (*sample[_SAMPLES::_SAMPLES], None):
            piece: list[int] = []
            for number, run in enumerate(runs):
                start = starts[number]
                end = len(run) if cut is None else bisect_left(run, cut, start, key=key)
                piece += run[start:end]
                starts[number] = end
            piece.sort(key=key)
            merged += piece
            yield
            if self._version != version:
                return
        self._runs[: len(runs)] = [merged]

    def moved(self, row: int) -> None:
        """Puts one row, whose key has changed, where it belongs now."""
        order = self.permutation()
        self._version += 1
        order.remove(row)
        insort(order, row, key=self._key)

    def permutation(self) -> list[int]:
        """All rows in order. The list is shared: do not change it."""
        if len(self._runs) > 1:
            self._version += 1
            # Sorted runs in a row: list.sort finds them and merges, in one C loop.
            self._runs = [sorted(chain.from_iterable(self._runs), key=self._key)]
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
    if not needles and admitted is None:
        return list(order) if order is not None else list(range(len(haystacks)))
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
