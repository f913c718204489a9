"""What the operator looks for among users, and the order and selection that answers it."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, compress
from operator import and_
from typing import Any

from o365desk.domain.directory import User, UserState
from o365desk.domain.licensing import SkuId
from o365desk.domain.text import fold

_MERGE_ROWS = 4096
"""Rows merged in one step: about two milliseconds."""

_SAMPLES = 16
"""Rows looked at for each step, to find where to cut."""


class StatusFilter(StrEnum):
    """The segments above the Users' List, and what its menu of more filters holds."""

    ALL = "All"
    ACTIVE = "Active"
    BLOCKED = "Blocked"
    DELETED = "Deleted"
    UNLICENSED = "Unlicensed"
    LICENSED_BLOCKED = "Licensed but blocked"
    LICENSED_IDLE = "Licensed but inactive"

    def admits(self, user: User) -> bool:
        """Judges typed values, never texts. A user whose licences were not read is not
        "unlicensed", nor "licensed": nobody knows yet. When users signed in last, which makes
        them inactive, is not for this to say."""
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
            case StatusFilter.LICENSED_BLOCKED:
                return user.state is UserState.BLOCKED and bool(user.licenses)
            case StatusFilter.LICENSED_IDLE:
                return not user.deleted and bool(user.licenses)


@dataclass(frozen=True, slots=True)
class UserQuery:
    """Search text, filters and order of the Users' List."""

    text: str = ""
    status: StatusFilter = StatusFilter.ALL
    sku_id: SkuId | None = None
    lacking: bool = False
    """Asks for those who do not hold that product."""
    idle_days: int = 90
    """So many days without a sign-in make a user inactive."""
    sort: str = ""
    """Key of the column to sort by; empty for the order of arrival."""
    descending: bool = False

    @property
    def filters(self) -> bool:
        """True when fewer rows than all may be shown."""
        return bool(self.text.strip() or self.sku_id) or self.status is not StatusFilter.ALL

    def admits(self, user: User) -> bool:
        """Status and product; the text is matched against the row's haystack, and `idle_days`
        against what is known of sign-ins."""
        if not self.status.admits(user):
            return False
        if self.sku_id is None:
            return True
        # Deleting has freed what Microsoft still lists for a later restore.
        if user.deleted or user.licenses is None:
            return False
        return user.holds(self.sku_id) is not self.lacking


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
            self._runs.append(_anew(sorted(range(start, stop), key=self._key)))

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
            merged += _anew(piece)
            yield
            if self._version != version:
                return
        self._runs[: len(runs)] = [merged]

    def moved(self, rows: Collection[int]) -> None:
        """Puts rows, whose keys have changed, where they belong now."""
        order = self.permutation()
        self._version += 1
        if len(rows) == 1:
            order.remove(*rows)
        else:
            out = frozenset(rows)
            order[:] = [row for row in order if row not in out]
        for row in rows:
            insort(order, row, key=self._key)

    def removed(self, rows: Collection[int], renumbered: Mapping[int, int]) -> None:
        """Rows have gone, and some of the others, by their old numbers, have new ones."""
        order = self.permutation()
        self._version += 1
        out = frozenset(rows)
        order[:] = [renumbered.get(row, row) for row in order if row not in out]

    def permutation(self) -> list[int]:
        """All rows in order. The list is shared: do not change it."""
        if len(self._runs) > 1:
            self._version += 1
            # Sorted runs in a row: list.sort finds them and merges, in one C loop.
            self._runs = [_anew(sorted(chain.from_iterable(self._runs), key=self._key))]
        return self._runs[0] if self._runs else []


def _anew(rows: list[int]) -> list[int]:
    """The same numbers made anew: they lie in memory in the order of the list then, and going
    through it, as each search does, takes a quarter of the time."""
    return array("l", rows).tolist()


def arrange(
    haystacks: Sequence[str],
    needles: Sequence[str],
    admitted: Sequence[bool] | None,
    order: Sequence[int] | None,
    within: Sequence[int] | None = None,
    labels: Sequence[str] = (),
    kinds: Iterable[str] = (),
) -> list[int]:
    """Indexes of the rows to show, in the order to show them.

    `haystacks` holds one folded text a row, `labels` (empty: none) a second one, which many rows
    share: `kinds` are all that there are. A row is shown when each of `needles` is in one of its
    two texts and `admitted` (None: all) says so. `order` is a permutation of all rows (None: as
    they came). `within` narrows the search to what a shorter text or wider filter has found
    before, in the same order.
    """
    kinds = tuple(kinds)
    if within is not None:
        hits = [i for i in within if admitted is None or admitted[i]]
        for needle in needles:
            hits = _holding(needle, hits, haystacks, labels, kinds)
        return hits
    if not needles and admitted is None:
        return list(range(len(haystacks)) if order is None else order)
    if needles:
        first, *rest = needles
        flags = _flags(first, haystacks, labels, kinds)
        if admitted is not None:
            flags = bytes(map(and_, flags, admitted))
        if rest:
            hits = list(compress(range(len(flags)), flags))
            for needle in rest:
                hits = _holding(needle, hits, haystacks, labels, kinds)
            left = bytearray(len(flags))
            for i in hits:
                left[i] = 1
            flags = bytes(left)
    else:
        flags = bytes(admitted or ())
    if order is None:
        return list(compress(range(len(flags)), flags))
    if flags.count(1) == len(order):
        return list(order)
    # One flag a row and one pass over the permutation: five times as fast as sorting the hits.
    return [i for i in order if flags[i]]


def _flags(
    needle: str, haystacks: Sequence[str], labels: Sequence[str], kinds: Iterable[str]
) -> bytes:
    """1 for each row that holds the needle."""
    held = {kind for kind in kinds if needle in kind}
    if held:
        pairs = zip(haystacks, labels, strict=True)
        return bytes([label in held or needle in text for text, label in pairs])
    return bytes([needle in text for text in haystacks])


def _holding(
    needle: str,
    rows: list[int],
    haystacks: Sequence[str],
    labels: Sequence[str],
    kinds: Iterable[str],
) -> list[int]:
    held = {kind for kind in kinds if needle in kind}
    if held:
        return [i for i in rows if labels[i] in held or needle in haystacks[i]]
    return [i for i in rows if needle in haystacks[i]]
