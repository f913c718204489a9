"""The licence review sheet: what a customer's seats did between two snapshots, and which of them
deserve a look (N10)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple

from o365desk.domain.comparison import ChangeKind, Comparison, UserChange, takes_seat
from o365desk.domain.directory import Tenant, User, UserId, UserState
from o365desk.domain.licensing import Sku, SkuId
from o365desk.domain.monitoring import monitored
from o365desk.domain.snapshots import TenantState
from o365desk.domain.text import fold

IDLE_DAYS = 90
"""After how many days without a sign-in a user counts as idle, where nobody says otherwise."""


class SeatChange(NamedTuple):
    """A user who gained or lost a seat. A named tuple, as `UserChange`."""

    line: int
    """Its number on the sheet, from 1 on."""
    user_id: UserId
    display_name: str
    username: str
    occasion: ChangeKind
    """CREATED or RESTORED with the seat, DELETED or PURGED, else LICENSE_GAINED or _LOST."""


class Holder(NamedTuple):
    """A user who holds a seat that deserves a look."""

    line: int
    user_id: UserId
    display_name: str
    username: str
    last_sign_in: datetime | None = None
    """None: has never signed in; of blocked users also: not known."""


@dataclass(frozen=True, slots=True)
class ProductReview:
    """One product on the sheet."""

    sku_id: SkuId
    name: str
    before: Sku | None
    """Microsoft's counters; None where the tenant did not have the product."""
    after: Sku | None
    added: tuple[SeatChange, ...]
    removed: tuple[SeatChange, ...]
    blocked: tuple[Holder, ...]
    """Hold a seat and may not sign in."""
    idle: tuple[Holder, ...]
    """Hold a seat, may sign in and have not done so for longer than the limit."""
    sign_in_unknown: int
    """Of how many holders who may sign in it is not known when they did."""

    @property
    def net(self) -> int:
        return len(self.added) - len(self.removed)

    @property
    def unlisted(self) -> int:
        """By how much the counter of assigned seats moved beyond the listed changes: counters lag,
        and count what no list of users shows."""
        now = self.after.assigned if self.after else 0
        return now - (self.before.assigned if self.before else 0) - self.net

    @property
    def unused(self) -> int:
        """Seats that are paid for and nobody holds."""
        return max(0, self.after.available) if self.after else 0

    @property
    def listed(self) -> bool:
        """Whether any user is listed under it."""
        return bool(self.added or self.removed or self.blocked or self.idle)


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """Everything that is printed, in that order."""

    tenant: Tenant
    earlier: datetime
    later: datetime
    idle_days: int
    products: tuple[ProductReview, ...]
    """By name; those without any change too."""
    unknown: int
    """Users whose licences one of the moments does not know: they are on no line."""
    blocked_known: bool = True
    """False: the later moment does not know who is blocked, so that nobody is listed as such."""

    @property
    def number(self) -> str:
        """The same for everyone who makes this sheet, hence days in UTC."""
        earlier, later = (at.astimezone(UTC).date() for at in (self.earlier, self.later))
        return f"{self.tenant.domain or self.tenant.id} {earlier}/{later}"

    @property
    def added(self) -> int:
        return sum(len(product.added) for product in self.products)

    @property
    def removed(self) -> int:
        return sum(len(product.removed) for product in self.products)

    @property
    def net(self) -> int:
        return self.added - self.removed

    @property
    def lines(self) -> int:
        """How many numbered lines there are."""
        return sum(
            len(product.added) + len(product.removed) + len(product.blocked) + len(product.idle)
            for product in self.products
        )


def review(comparison: Comparison, later: TenantState, idle_days: int = IDLE_DAYS) -> ReviewSheet:
    """The sheet of a comparison; `later` is the whole state at its later moment. What belongs to
    the whole organisation, is billed by usage or is not from Microsoft is left out, as in the
    Licenses section."""
    bought = later.subscriptions or ()
    skus_before = _skus_before(comparison, later.skus)
    before = {sku.id: sku for sku in monitored(skus_before, bought)}
    after = {sku.id: sku for sku in monitored(later.skus, bought)}
    added = _by_product(comparison, ChangeKind.LICENSE_GAINED)
    removed = _by_product(comparison, ChangeKind.LICENSE_LOST)
    holders = _Holders.of(comparison, later, idle_days)
    occasions = comparison.occasions
    lines = count(1)

    def seats(changes: Iterable[UserChange]) -> tuple[SeatChange, ...]:
        return tuple(
            SeatChange(
                next(lines),
                one.user_id,
                one.display_name,
                one.username,
                occasions.get(one.user_id, one.kind),
            )
            for one in changes
        )

    def held(users: Iterable[User]) -> tuple[Holder, ...]:
        named = sorted(users, key=lambda user: (fold(user.display_name), user.id))
        return tuple(
            Holder(next(lines), one.id, one.display_name, one.username, later.sign_ins.get(one.id))
            for one in named
        )

    names = {sku.id: sku.name for sku in (*skus_before, *later.skus)}
    ids = {*before, *after, *added, *removed}
    return ReviewSheet(
        tenant=comparison.tenant,
        earlier=comparison.earlier,
        later=comparison.later,
        idle_days=idle_days,
        products=tuple(
            ProductReview(
                sku_id=sku_id,
                name=names.get(sku_id) or sku_id,
                before=before.get(sku_id),
                after=after.get(sku_id),
                added=seats(added.get(sku_id, ())),
                removed=seats(removed.get(sku_id, ())),
                blocked=held(holders.blocked.get(sku_id, ())),
                idle=held(holders.idle.get(sku_id, ())),
                sign_in_unknown=holders.unknown[sku_id],
            )
            for sku_id in sorted(ids, key=lambda one: (fold(names.get(one) or one), one))
        ),
        unknown=comparison.unknown,
        blocked_known=later.blocked_known,
    )


def _skus_before(comparison: Comparison, later: Iterable[Sku]) -> list[Sku]:
    """The counters at the earlier moment: what did not move was as it is."""
    moved = {change.sku_id: change.before for change in comparison.counters}
    same = [sku for sku in later if sku.id not in moved]
    return [*same, *(sku for sku in moved.values() if sku is not None)]


def _by_product(comparison: Comparison, kind: ChangeKind) -> dict[SkuId, list[UserChange]]:
    found: dict[SkuId, list[UserChange]] = {}
    for change in comparison.changes:
        if change.kind is kind and change.sku_id is not None:
            found.setdefault(change.sku_id, []).append(change)
    return found


class _Holders(NamedTuple):
    """Of each product, the holders that deserve a look."""

    blocked: dict[SkuId, list[User]]
    idle: dict[SkuId, list[User]]
    unknown: Counter[SkuId]

    @classmethod
    def of(cls, comparison: Comparison, state: TenantState, idle_days: int) -> "_Holders":
        found = cls({}, {}, Counter())
        limit = state.at - timedelta(days=idle_days)
        occasions = comparison.occasions
        for user in state.users:
            if user.deleted or not user.licenses:
                continue
            held = [one.sku_id for one in user.licenses if takes_seat(one)]
            if user.state is UserState.BLOCKED:
                found._list(found.blocked, held, user)
            elif user.id not in state.sign_ins:
                found.unknown.update(held)
            elif (last := state.sign_ins[user.id]) is None:
                # Who was created since the earlier moment may not have had the time.
                if occasions.get(user.id) is not ChangeKind.CREATED:
                    found._list(found.idle, held, user)
            elif last < limit:
                found._list(found.idle, held, user)
        return found

    @staticmethod
    def _list(under: dict[SkuId, list[User]], held: list[SkuId], user: User) -> None:
        for sku_id in held:
            under.setdefault(sku_id, []).append(user)
