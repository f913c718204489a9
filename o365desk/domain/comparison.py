"""What changed in a tenant between two snapshots: the monthly question, answered line by line."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from o365desk.domain.directory import Tenant, User, UserId, UserState
from o365desk.domain.licensing import LicenseAssignment, Sku, SkuId, Subscription
from o365desk.domain.snapshots import TenantState
from o365desk.domain.text import fold


class ChangeKind(StrEnum):
    """What happened, in the order in which the groups stand on the screen."""

    LICENSE_GAINED = "License gained"
    LICENSE_LOST = "License lost"
    LICENSE_CHANGED = "License changed"
    """The same product, but through other groups, with other service plans, or with an error."""
    CREATED = "Created"
    DELETED = "Deleted"
    RESTORED = "Restored"
    PURGED = "Removed for good"
    """Was there, deleted or not, and is not even among the deleted users any more."""
    RENAMED = "Renamed"
    """Display name, first or last name, username or mail address. A first mail address is none:
    it comes with the mailbox."""
    BLOCKED = "Blocked"
    UNBLOCKED = "Unblocked"
    LOCATION = "Location changed"


class UserChange(NamedTuple):
    """One line: one user, one thing that is different. A named tuple for the reason given at
    `User`: a customer who moves to another product makes lines for every user."""

    kind: ChangeKind
    user_id: UserId
    display_name: str
    """As it is at the later moment, or was at the earlier one for who is gone."""
    username: str
    sku_id: SkuId | None = None
    before: str = ""
    """What it was and is now, where that says more: names, a location, "direct", "2 groups"."""
    after: str = ""


@dataclass(frozen=True, slots=True)
class CounterChange:
    """A product of which a counter or the status moved; None where the tenant did not have it."""

    sku_id: SkuId
    name: str
    before: Sku | None
    after: Sku | None


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """A subscription that came, went, or differs in quantity, state, or length or end of term."""

    id: str
    name: str
    before: Subscription | None
    after: Subscription | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two moments of one tenant. Every total is counted from the lines, so that they agree."""

    tenant: Tenant
    earlier: datetime
    later: datetime
    changes: tuple[UserChange, ...]
    """Grouped by kind, by name within."""
    counters: tuple[CounterChange, ...]
    subscriptions: tuple[SubscriptionChange, ...]
    """Empty where one of the moments does not know them."""
    unknown: int = 0
    """Users whose licenses one of the two moments does not know: they have no line about any."""
    blocked_known: bool = True
    """False: one of the moments does not know who was blocked, so that no line says so."""

    @property
    def totals(self) -> Counter[ChangeKind]:
        return Counter(change.kind for change in self.changes)

    @property
    def occasions(self) -> dict[UserId, ChangeKind]:
        """Who came or went, and how: that is then why their seats moved."""
        return {one.user_id: one.kind for one in self.changes if one.kind in _COMING_AND_GOING}

    @property
    def net(self) -> Counter[SkuId]:
        """Seats gained less seats lost, per product, as the lines say."""
        net: Counter[SkuId] = Counter()
        for change in self.changes:
            if change.sku_id is not None and change.kind is ChangeKind.LICENSE_GAINED:
                net[change.sku_id] += 1
            elif change.sku_id is not None and change.kind is ChangeKind.LICENSE_LOST:
                net[change.sku_id] -= 1
        return net


_COMING_AND_GOING = {
    ChangeKind.CREATED,
    ChangeKind.RESTORED,
    ChangeKind.DELETED,
    ChangeKind.PURGED,
}
_Held = tuple[LicenseAssignment, ...]


class _LicenseMove(NamedTuple):
    """What became of one product, whoever holds it."""

    kind: ChangeKind
    sku_id: SkuId
    before: str
    after: str


def compare(before: TenantState, after: TenantState) -> Comparison:
    """What differs between two states of one tenant.

    Users who are the same at both moments, their licences known, may be left out of both states.
    Seats are those of `reconciliation.seats`: a deleted user holds none, so deleting and restoring
    have lines for the licences as well.
    """
    changes, unknown = _user_changes(before, after)
    blocked_known = before.blocked_known and after.blocked_known
    if not blocked_known:
        changes = tuple(change for change in changes if change.kind not in _BLOCKING)
    return Comparison(
        tenant=after.tenant,
        earlier=before.at,
        later=after.at,
        changes=changes,
        counters=tuple(_counter_changes(before.skus, after.skus)),
        subscriptions=tuple(_subscription_changes(before.subscriptions, after.subscriptions)),
        unknown=unknown,
        blocked_known=blocked_known,
    )


def _user_changes(before: TenantState, after: TenantState) -> tuple[tuple[UserChange, ...], int]:
    """The lines in the order of the screen, and of how many users the licences are not known."""
    names = {sku.id: fold(sku.name) for sku in (*before.skus, *after.skus)}
    lines: dict[ChangeKind, list[UserChange]] = {kind: [] for kind in ChangeKind}
    # Users share equal licence tuples: what becomes of each is worked out once.
    shared: dict[tuple[int, int], list[_LicenseMove]] = {}
    unknown = 0
    for _, _, shown, old, new in _by_name(_differing(before.users, after.users)):
        for change in _own_changes(shown, old, new):
            lines[change.kind].append(change)
        was, now = _held(old), _held(new)
        if was is None or now is None:
            unknown += 1
            continue
        key = id(was), id(now)
        if key not in shared:
            shared[key] = _license_moves(was, now, names)
        for move in shared[key]:
            lines[move.kind].append(
                UserChange(
                    move.kind,
                    shown.id,
                    shown.display_name,
                    shown.username,
                    move.sku_id,
                    move.before,
                    move.after,
                )
            )
    return tuple(change for kind in ChangeKind for change in lines[kind]), unknown


def _by_name(
    users: Iterator[tuple[User, User | None, User | None]],
) -> Iterator[tuple[str, UserId, User, User | None, User | None]]:
    """In the order of the names, which come first. Sorted in pieces, each let go when it has been
    used: no other thread does anything while one long list is sorted or cleaned up."""
    pairs = ((fold(shown.display_name), shown.id, shown, old, new) for shown, old, new in users)
    pieces = []
    while piece := sorted(islice(pairs, _PIECE), key=_NAME):
        pieces.append(iter(piece))
    return merge(*pieces, key=_NAME)


_NAME = itemgetter(0, 1)
_PIECE = 1_000


def _differing(
    before: Iterable[User], after: Iterable[User]
) -> Iterator[tuple[User, User | None, User | None]]:
    """Users who are not the same, or of whom that cannot be said: as the screen names them, as
    they were, and as they are."""
    earlier = {user.id: user for user in before}
    for user in after:
        old = earlier.pop(user.id, None)
        if old != user or (user.licenses is None and not user.deleted):
            yield user, old, user
    for user in earlier.values():
        yield user, user, None


def _held(user: User | None) -> _Held | None:
    """What a user holds: nothing for who is deleted or not there, None where it is not known."""
    return () if user is None or user.deleted else user.licenses


def _own_changes(shown: User, old: User | None, new: User | None) -> Iterator[UserChange]:
    """The lines of one user that are not about licences."""

    def line(kind: ChangeKind, before: str = "", after: str = "") -> UserChange:
        return UserChange(kind, shown.id, shown.display_name, shown.username, None, before, after)

    if new is None:
        yield line(ChangeKind.PURGED)
    elif old is None:
        yield line(ChangeKind.CREATED)
        if new.deleted:
            yield line(ChangeKind.DELETED)
    else:
        if old.state is not new.state:
            yield line(ChangeKind.RESTORED if old.deleted else _BECAME[new.state])
        if names := _names(old, new):
            yield line(ChangeKind.RENAMED, *names)
        if old.location != new.location:
            yield line(ChangeKind.LOCATION, old.location, new.location)


_BLOCKING = {ChangeKind.BLOCKED, ChangeKind.UNBLOCKED}
_BECAME = {
    UserState.ACTIVE: ChangeKind.UNBLOCKED,
    UserState.BLOCKED: ChangeKind.BLOCKED,
    UserState.DELETED: ChangeKind.DELETED,
}


def _names(old: User, new: User) -> tuple[str, str] | None:
    """The names that differ, as they were and as they are."""
    pairs = [(old.display_name, new.display_name)]
    if old.display_name == new.display_name:
        pairs += [(old.first_name, new.first_name), (old.last_name, new.last_name)]
    pairs.append((old.username, new.username))
    if old.mail and new.mail:
        pairs.append((old.mail, new.mail))
    differing = dict.fromkeys(pair for pair in pairs if pair[0] != pair[1])
    before = " · ".join(was for was, _ in differing if was)
    after = " · ".join(now for _, now in differing if now)
    return (before, after) if differing else None


def _license_moves(before: _Held, after: _Held, names: Mapping[SkuId, str]) -> list[_LicenseMove]:
    """What differs between two sets of licences, by product name. The order of groups and plans
    within a licence says nothing."""
    old, new = ({held.sku_id: held for held in side} for side in (before, after))
    moves = []
    for sku_id in sorted(old | new, key=lambda one: (names.get(one, ""), one)):
        was, now = old.get(sku_id), new.get(sku_id)
        ways = _ways(was, now)
        had, has = takes_seat(was), takes_seat(now)
        if had != has:
            kind = ChangeKind.LICENSE_GAINED if has else ChangeKind.LICENSE_LOST
            moves.append(_LicenseMove(kind, sku_id, *ways))
        elif ways[0] != ways[1]:
            moves.append(_LicenseMove(ChangeKind.LICENSE_CHANGED, sku_id, *ways))
    return moves


def takes_seat(held: LicenseAssignment | None) -> bool:
    """As in `reconciliation.seats`: an assignment by group that failed takes none."""
    return held is not None and (held.direct or not held.error)


def _ways(old: LicenseAssignment | None, new: LicenseAssignment | None) -> tuple[str, str]:
    """In which ways a product was and is held, as far as they differ."""
    if old is None or new is None:
        return _way(old), _way(new)
    before, after = [], []
    if (old.direct, {*old.groups}) != (new.direct, {*new.groups}):
        before.append(_route(old))
        after.append(_route(new, "" if _route(new) != _route(old) else "other "))
    if {*old.disabled_plans} != {*new.disabled_plans}:
        before.append(_plans(old))
        after.append(_plans(new, "" if _plans(new) != _plans(old) else "other "))
    if old.error != new.error:
        if old.error:
            before.append(_error(old))
        after.append(_error(new) if new.error else "no error")
    return ", ".join(before), ", ".join(after)


def _way(held: LicenseAssignment | None) -> str:
    """In which way a product is held; only what is out of the ordinary beside from whom."""
    if held is None:
        return ""
    words = [_route(held)]
    if held.disabled_plans:
        words.append(_plans(held))
    if held.error:
        words.append(_error(held))
    return ", ".join(words)


def _route(held: LicenseAssignment, other: str = "") -> str:
    """ "direct", "2 groups", "direct and 1 group"; services that name no group: "inherited"."""
    parts = ["direct"] if held.direct else []
    if held.groups:
        parts.append(_count(len(held.groups), f"{other}group"))
    return " and ".join(parts) or "inherited"


def _plans(held: LicenseAssignment, other: str = "") -> str:
    count = len(held.disabled_plans)
    return f"{_count(count, f'{other}plan')} off" if count else "all plans on"


def _error(held: LicenseAssignment) -> str:
    return f"failed: {held.error}"


def _count(count: int, of_what: str) -> str:
    return f"{count} {of_what}{'' if count == 1 else 's'}"


def _counter_changes(before: Iterable[Sku], after: Iterable[Sku]) -> list[CounterChange]:
    old, new = ({sku.id: sku for sku in skus} for skus in (before, after))
    changes = [
        CounterChange(one.id, one.name, old.get(one.id), new.get(one.id))
        for one in (old | new).values()
        if _counters(old.get(one.id)) != _counters(new.get(one.id))
    ]
    return sorted(changes, key=lambda change: (fold(change.name), change.sku_id))


def _counters(sku: Sku | None) -> tuple[object, ...] | None:
    if sku is None:
        return None
    return sku.active, sku.assigned, sku.available, sku.suspended, sku.warning, sku.status


def _subscription_changes(
    before: Iterable[Subscription] | None, after: Iterable[Subscription] | None
) -> list[SubscriptionChange]:
    if before is None or after is None:
        return []
    old, new = ({one.id: one for one in bought} for bought in (before, after))
    changes = [
        SubscriptionChange(one.id, one.name, old.get(one.id), new.get(one.id))
        for one in (old | new).values()
        if _terms(old.get(one.id)) != _terms(new.get(one.id))
    ]
    return sorted(changes, key=lambda change: (fold(change.name), change.id))


def _terms(one: Subscription | None) -> tuple[object, ...] | None:
    return None if one is None else (one.quantity, one.state, one.term, one.term_end)
