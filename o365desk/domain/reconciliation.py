"""Whether the users on the screen still agree with Microsoft's counters of assigned licenses.

The two are never equal for sure: counters lag, and count what no list of users shows. But what a
user gains or loses moves both, so how they moved since everything was listed is compared.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from o365desk.domain.directory import User, UserState
from o365desk.domain.licensing import LicenseAssignment, Sku, SkuId

PATIENCE = timedelta(minutes=5)
"""How long a counter may stand still after the users have moved; CIPP, a production tool for
partners, tells its users 2 to 5 minutes."""


def seats(users: Iterable[User]) -> Counter[SkuId]:
    """How many of the users take a seat of each product. Deleting has freed the seats, and a
    license by group that failed takes none."""
    # Users share equal licence tuples: each is looked at once.
    shared: dict[int, tuple[LicenseAssignment, ...]] = {}
    held: Counter[int] = Counter()
    for user in users:
        if user.state is not UserState.DELETED and user.licenses:
            shared[id(user.licenses)] = user.licenses
            held[id(user.licenses)] += 1
    found: Counter[SkuId] = Counter()
    for key, count in held.items():
        for one in shared[key]:
            if one.direct or not one.error:
                found[one.sku_id] += count
    return found


def assigned(skus: Iterable[Sku]) -> dict[SkuId, int]:
    """Microsoft's counters of what users hold; licences of the whole organisation are no one's."""
    return {sku.id: sku.assigned for sku in skus if sku.assignable}


@dataclass(slots=True)
class Balance:
    """How users and counters stood when everything was listed, and how they have moved since."""

    held: Mapping[SkuId, int]
    assigned: Mapping[SkuId, int]
    _moved: dict[SkuId, tuple[int, datetime]] = field(default_factory=dict)
    """By how much the users have moved, and since when that is known."""

    def disagreeing(
        self, held: Mapping[SkuId, int], assigned: Mapping[SkuId, int], now: datetime
    ) -> tuple[SkuId, ...]:
        """Products whose counter moved otherwise than the users did, although it is not merely
        late: a reason to list everything anew. Everything that moved by itself counts, above all
        a license that was given or taken without the change having been told."""
        return tuple(
            sku_id
            for sku_id, count in assigned.items()
            if not self._explained(
                sku_id,
                held.get(sku_id, 0) - self.held.get(sku_id, 0),
                count - self.assigned.get(sku_id, 0),
                now,
            )
        )

    def _explained(self, sku_id: SkuId, users: int, counter: int, now: datetime) -> bool:
        before, since = self._moved.get(sku_id, (0, now))
        if users != before:
            since = now
        self._moved[sku_id] = (users, since)
        if users == counter:
            return True
        late = min(users, 0) <= counter <= max(users, 0)
        return late and users != 0 and now - since <= PATIENCE
