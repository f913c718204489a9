"""Qt model of the purge clock: the deleted users of all customers, by the days that are left."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from PySide6.QtCore import QLocale, QObject

from o365desk.domain.directory import TenantId, UserId, days_left
from o365desk.domain.licensing import Sku, SkuId
from o365desk.domain.monitoring import merged
from o365desk.domain.snapshots import DeletedUser, TenantFacts
from o365desk.domain.text import fold
from o365desk.models.columns import Column
from o365desk.models.listing import ListingModel, Tone
from o365desk.models.portfolio import STALE
from o365desk.models.user_rows import NO_LICENSE
from o365desk.models.words import NOT_READ, NOT_TOLD, age_text, clock_text, day_text, full_text

LAST_DAY = 1
SOON = 5
"""Days left from which on a user is about to go."""

UNKNOWN = "unknown"


class PurgeRow(NamedTuple):
    """One deleted user as the table shows it."""

    key: tuple[TenantId, UserId]
    texts: tuple[str, ...]
    haystack: str
    found: DeletedUser
    left: int | None
    """Days; None where Microsoft does not say when the user was deleted."""
    products: tuple[str, ...]
    full: tuple[str, ...]
    """Products without a free seat: restoring the user would over-allocate them."""
    stale: bool


def _deleted_at(row: PurgeRow) -> float | None:
    at = row.found.user.deleted_at
    return None if at is None else at.timestamp()


COLUMNS: tuple[Column[PurgeRow], ...] = (
    # By the moment: of those who go on the same day, who goes first stands first.
    Column("left", "Days left", lambda row: row.texts[0], _deleted_at, width=11),
    Column("name", "Display name", lambda row: row.texts[1], width=18),
    Column("username", "Username", lambda row: row.texts[2], width=27),
    Column("customer", "Customer", lambda row: row.texts[3], width=18),
    Column("deleted", "Deleted on", lambda row: row.texts[4], _deleted_at, width=12),
    Column("licenses", "Licenses needed", lambda row: row.texts[5], width=21),
    Column("seats", "Seats free now", lambda row: row.texts[6], width=29),
    Column(
        "read", "Read", lambda row: row.texts[7], lambda row: row.found.at.timestamp(), width=15
    ),
)
COLUMN = {column.key: number for number, column in enumerate(COLUMNS)}
_LEFT = COLUMN["left"]
_DELETED = COLUMN["deleted"]
_LICENSES = COLUMN["licenses"]
_SEATS = COLUMN["seats"]
_READ = COLUMN["read"]


class PurgeModel(ListingModel[PurgeRow]):
    """Deleted users who can still be restored; owned by the PurgePage."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._now: datetime | None = None
        self._within: int | None = None
        self.users: Counter[int] = Counter()
        """How many users have so many days left at most: LAST_DAY and SOON."""

    def take(
        self, deleted: Sequence[DeletedUser], known: Sequence[TenantFacts], now: datetime
    ) -> None:
        """All deleted users anew, and the counters of their customers."""
        self._now = now
        self.load(self._made(deleted, known, now))

    def set_within(self, days: int | None) -> None:
        """Shows only users with at most so many days left; None for all."""
        if days != self._within:
            self._within = days
            self.rearrange()

    @property
    def within(self) -> int | None:
        return self._within

    @property
    def filters(self) -> bool:
        return self._within is not None

    def admits(self, row: PurgeRow) -> bool:
        return self._within is None or (row.left is not None and row.left <= self._within)

    def count(self, rows: Sequence[PurgeRow]) -> None:
        left = Counter(row.left for row in rows)
        self.users = Counter(
            {
                limit: sum(n for days, n in left.items() if days is not None and days <= limit)
                for limit in (LAST_DAY, SOON)
            }
        )

    # Rows

    def _made(
        self, deleted: Sequence[DeletedUser], known: Sequence[TenantFacts], now: datetime
    ) -> Iterator[PurgeRow | None]:
        # Of one customer there are many users, and the same facts hold for all.
        facts: dict[TenantId, TenantFacts] = {}
        for one in known:
            facts[one.tenant.id] = one
            yield None
        skus: dict[TenantId, Mapping[SkuId, Sku] | None] = {}
        names: dict[SkuId, str] = {}
        read: dict[datetime, str] = {}
        days: dict[datetime, str] = {}
        for found in deleted:
            left = days_left(found.user.deleted_at, now)
            if left == 0:
                continue
            tenant = found.tenant.id
            if tenant not in skus:
                owned = merged(facts[tenant].skus) if tenant in facts else ()
                skus[tenant] = {sku.id: sku for sku in owned} if tenant in facts else None
                names.update((sku.id, sku.name or sku.part_number) for sku in owned)
            if found.at not in read:
                read[found.at] = _read_text(found.at, now)
            day = NOT_TOLD
            if found.user.deleted_at is not None:
                at = found.user.deleted_at.replace(hour=0, minute=0, second=0, microsecond=0)
                if at not in days:
                    days[at] = day_text(at)
                day = days[at]
            yield _row(found, left, day, skus[tenant], names, read[found.at], now)

    # What the table says

    def tone(self, row: PurgeRow, column: int) -> Tone:
        if column == _LEFT:
            if row.left is None:
                return Tone.MUTED
            if row.left <= LAST_DAY:
                return Tone.DANGER
            return Tone.WARNING if row.left <= SOON else Tone.PLAIN
        if row.stale and column in (_SEATS, _READ):
            return Tone.MUTED
        if column == _SEATS and row.full:
            return Tone.WARNING
        if column in (_LICENSES, _DELETED, _SEATS) and row.texts[column] in _NO_FACTS:
            return Tone.MUTED
        return Tone.PLAIN

    def value(self, row: PurgeRow, column: int) -> float | date | None:
        at = row.found.user.deleted_at
        if column == _LEFT:
            return row.left
        if column == _DELETED and at is not None:
            return at.astimezone(UTC).date()
        return row.found.at if column == _READ else None

    def tooltip(self, row: PurgeRow, column: int) -> str:
        user = row.found.user
        if column == _LEFT and row.left is None:
            return "Microsoft does not say when this user was deleted."
        if column in (_LEFT, _DELETED) and user.deleted_at is not None:
            return f"Deleted on {full_text(user.deleted_at)}"
        if column == _LICENSES and user.licenses is None:
            return "The licenses of this user could not be read."
        if column == _LICENSES and row.products:
            return "\n".join(row.products)
        if column == _SEATS and row.products and row.texts[column] != NOT_READ:
            return _seats_tip(len(row.products), row.full)
        if column == _READ and self._now is not None:
            return f"{full_text(row.found.at)}\n{age_text(self._now - row.found.at)} ago"
        return row.texts[column]


_NO_FACTS = frozenset((NO_LICENSE, NOT_READ, NOT_TOLD, UNKNOWN))


def _row(
    found: DeletedUser,
    left: int | None,
    day: str,
    skus: Mapping[SkuId, Sku] | None,
    names: Mapping[SkuId, str],
    read: str,
    now: datetime,
) -> PurgeRow:
    user, tenant = found.user, found.tenant
    held = [one.sku_id for one in user.licenses or ()]
    # A product that this customer does not own any more may be known from others.
    products = sorted(names.get(sku_id) or sku_id for sku_id in held)
    full = sorted(
        names.get(sku_id) or sku_id
        for sku_id in held
        if skus is not None and (sku_id not in skus or skus[sku_id].available <= 0)
    )
    licenses = ", ".join(products)
    if not products:
        licenses = UNKNOWN if user.licenses is None else NO_LICENSE
    texts = (
        _left_text(left),
        user.display_name or user.username,
        user.username,
        tenant.name or tenant.domain or tenant.id,
        day,
        licenses,
        _seats_text(len(products), full) if skus is not None else NOT_READ,
        read,
    )
    haystack = fold("\n".join((*texts[1:4], user.mail, tenant.domain, licenses)))
    stale = now - found.at > STALE
    key = (tenant.id, user.id)
    return PurgeRow(key, texts, haystack, found, left, tuple(products), tuple(full), stale)


def _left_text(left: int | None) -> str:
    """ "1, last day", "4, soon", "18", "unknown": a word where the number presses."""
    if left is None:
        return UNKNOWN
    number = QLocale().toString(left)
    if left <= LAST_DAY:
        return f"{number}, last day"
    return f"{number}, soon" if left <= SOON else number


def _seats_text(products: int, full: Sequence[str]) -> str:
    """ "2 of 3 free, over-allocates Visio Plan 2"; empty where no license is needed."""
    if not products:
        return ""
    number = QLocale().toString
    free = products - len(full)
    words = f"{number(free)} of {number(products)} free"
    if not full:
        return words
    more = f" and {number(len(full) - 1)} more" if len(full) > 1 else ""
    return f"{words}, over-allocates {full[0]}{more}"


def _seats_tip(products: int, full: Sequence[str]) -> str:
    number = QLocale().toString
    free = products - len(full)
    noun = "product" if products == 1 else "products"
    verb = "has" if 1 in (free, products) else "have"
    words = f"{number(free)} of {number(products)} {noun} {verb} a free seat."
    if full:
        words += " Restoring the user would over-allocate:\n" + "\n".join(full)
    return words


def _read_text(at: datetime, now: datetime) -> str:
    """ "14:03", or how old it is where that says more; the tooltip has both."""
    age = now - at
    return f"{age_text(age)} old" if age > STALE else clock_text(at, now)
