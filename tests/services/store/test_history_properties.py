"""Whatever happens to tenants: every moment, comparison and counter is that of a plain list."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from o365desk.domain.comparison import compare
from o365desk.domain.directory import Tenant, TenantId, User, UserId, UserState
from o365desk.domain.licensing import (
    GroupId,
    LicenseAssignment,
    PlanId,
    ServicePlan,
    Sku,
    SkuId,
    Subscription,
    SubscriptionState,
)
from o365desk.domain.retention import Retention
from o365desk.domain.snapshots import CounterPoint, TenantFacts, TenantState
from o365desk.services.store.history import SnapshotHistory
from tests.services.store.states import BEGINNING, in_memory

HOUR = 3_600_000_000
"""Microseconds."""

TENANTS = ("tenant 1", "tenant 2")
USERS = tuple(UserId(f"user {number}") for number in range(5))
SKUS = tuple(SkuId(f"sku {number}") for number in range(3))

texts = st.sampled_from(("", "Anna", "Ünal", "花子", "o'Hara; \0\n%"))
numbers = st.integers(-1, 2)
times = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def few(kind: Any, pool: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Some of the pool, in order, without one twice."""
    return st.sets(st.sampled_from(pool)).map(lambda some: tuple(map(kind, sorted(some))))


assignments = st.builds(
    LicenseAssignment,
    st.just(SKUS[0]),
    direct=st.booleans(),
    groups=few(GroupId, ("group 1", "group 2")),
    disabled_plans=few(PlanId, ("plan 1", "plan 2")),
    error=st.sampled_from(("", "CountViolation")),
)


@st.composite
def licenses(draw: st.DrawFn) -> tuple[LicenseAssignment, ...] | None:
    if draw(st.integers(0, 4)) == 0:
        return None
    return tuple(draw(assignments)._replace(sku_id=sku) for sku in draw(few(SkuId, SKUS)))


users = st.builds(
    User,
    id=st.sampled_from(USERS),
    display_name=texts,
    username=texts,
    first_name=texts,
    last_name=texts,
    state=st.sampled_from(UserState),
    location=st.sampled_from(("", "DE")),
    licenses=licenses(),
    deleted_at=st.none() | times,
    synced=st.booleans(),
    guest=st.booleans(),
    mail=texts,
)
skus = st.builds(
    Sku,
    id=st.sampled_from(SKUS),
    part_number=texts,
    name=texts,
    active=numbers,
    assigned=numbers,
    available=numbers,
    suspended=numbers,
    warning=numbers,
    assignable=st.booleans(),
    status=texts,
    plans=st.lists(st.builds(ServicePlan, st.just(PlanId("plan")), texts, texts), max_size=2).map(
        tuple
    ),
    subscription_ids=st.lists(texts, max_size=2).map(tuple),
    group=st.sampled_from(("group1", "group2")),
)
subscriptions = st.builds(
    Subscription,
    id=st.sampled_from(("one", "two")),
    sku_id=st.none() | st.sampled_from(SKUS),
    name=texts,
    state=st.sampled_from(SubscriptionState),
    quantity=numbers,
    friendly_name=texts,
    term_end=st.none() | times,
    created=st.none() | times,
    trial=st.booleans(),
    auto_renew=st.none() | st.booleans(),
    term=texts,
    licensable=st.booleans(),
)


def each_once(elements: st.SearchStrategy[Any], size: int) -> st.SearchStrategy[Any]:
    several = st.lists(elements, max_size=size, unique_by=lambda one: one.id)
    return several.map(lambda some: tuple(sorted(some, key=lambda one: one.id)))


@st.composite
def histories(draw: st.DrawFn) -> list[TenantState]:
    """States as they are read one after another; much stays as it is."""
    found: dict[str, TenantState] = {}
    states = []
    at = BEGINNING
    for _ in range(draw(st.integers(1, 6))):
        at += timedelta(microseconds=draw(st.sampled_from((0, 1, HOUR, 40 * HOUR))))
        guid = draw(st.sampled_from(TENANTS))
        new = TenantState(
            tenant=Tenant(TenantId(guid), draw(texts), draw(texts)),
            at=at,
            users=draw(each_once(users, 4)),
            skus=draw(each_once(skus, 3)),
            subscriptions=draw(st.none() | each_once(subscriptions, 2)),
            blocked_known=draw(st.booleans()),
            sign_ins=draw(st.dictionaries(st.sampled_from(USERS), st.none() | times, max_size=2)),
        )
        if guid in found:
            kept = draw(st.sets(st.sampled_from(("users", "skus", "subscriptions", "sign_ins"))))
            new = replace(new, **{name: getattr(found[guid], name) for name in kept})
        found[guid] = new
        states.append(new)
    return states


@dataclass
class Replay:
    """The same as a history, from a plain list of states."""

    states: dict[TenantId, list[TenantState]] = field(default_factory=dict)
    sign_ins: dict[TenantId, dict[UserId, datetime | None]] = field(default_factory=dict)

    def record(self, state: TenantState, at: datetime) -> None:
        tenant = state.tenant.id
        before = self.states.setdefault(tenant, [])
        seen = {user.id for one in (*before, state) for user in one.users}
        known = self.sign_ins.setdefault(tenant, {})
        known.update((user, time) for user, time in state.sign_ins.items() if user in seen)
        before.append(replace(state, at=at))

    def thin_out(self, retention: Retention, now: datetime) -> int:
        """Answers how many are gone."""
        before = sum(map(len, self.states.values()))
        for tenant, states in self.states.items():
            kept = retention.kept([state.at for state in states], now, zone=None)
            self.states[tenant] = [state for state in states if state.at in kept]
        return before - sum(map(len, self.states.values()))

    def state(self, tenant: TenantId, number: int) -> TenantState:
        state = self.states[tenant][number]
        newest = self.states[tenant][-1]
        known = self.sign_ins[tenant]
        told = {user.id: known[user.id] for user in state.users if user.id in known}
        if state is not newest:
            told = {user: at for user, at in told.items() if at is None or at <= state.at}
        return replace(state, tenant=newest.tenant, sign_ins=told)

    def points(self, tenant: TenantId, sku_id: SkuId) -> list[CounterPoint]:
        points: list[CounterPoint] = []
        for state in self.states[tenant]:
            sku = next((sku for sku in state.skus if sku.id == sku_id), None)
            if sku is None and not points:
                continue
            sku = sku or Sku(sku_id, "", "")
            counters = sku.active, sku.assigned, sku.available, sku.suspended, sku.warning
            point = CounterPoint(state.at, *counters)
            if not points or replace(points[-1], at=state.at) != point:
                points.append(point)
        return points

    def facts(self, tenant: TenantId) -> TenantFacts:
        newest = self.states[tenant][-1]
        return TenantFacts(
            tenant=newest.tenant,
            at=newest.at,
            users=sum(not user.deleted for user in newest.users),
            skus=tuple(replace(sku, plans=()) for sku in newest.skus),
            subscriptions=newest.subscriptions,
            blocked_holders=sum(
                user.state is UserState.BLOCKED and bool(user.licenses) for user in newest.users
            ),
            deletions=tuple(
                sorted(user.deleted_at for user in newest.users if user.deleted and user.deleted_at)
            ),
        )


def in_order(state: TenantState) -> TenantState:
    """A history keeps no order, except that of products and subscriptions of nobody's."""
    return replace(
        state,
        users=tuple(sorted(state.users, key=lambda user: user.id)),
        skus=tuple(sorted(state.skus, key=lambda sku: sku.id)),
        subscriptions=state.subscriptions
        and tuple(sorted(state.subscriptions, key=lambda one: one.id)),
    )


async def _follows(states: list[TenantState], retention: Retention) -> None:
    history, replay = await in_memory(), Replay()
    try:
        for state in states:
            listed = await history.record(state)
            assert listed.at >= state.at
            replay.record(state, listed.at)
        await _same(history, replay)
        now = states[-1].at
        removed = replay.thin_out(retention, now)
        assert await history.thin_out(retention, now) == removed
        if removed:
            await _same(history, replay)
    finally:
        await history.aclose()


async def _same(history: SnapshotHistory, replay: Replay) -> None:
    for tenant in replay.states:
        await _same_moments(history, replay, tenant)
        await _same_comparisons(history, replay, tenant)
        await _same_counters(history, replay, tenant)
    await _same_overview(history, replay)


async def _same_moments(history: SnapshotHistory, replay: Replay, tenant: TenantId) -> None:
    seen = replay.states[tenant]
    listed = [(one.at, one.users, one.deleted) for one in reversed(await history.snapshots(tenant))]
    deleted = [sum(user.deleted for user in state.users) for state in seen]
    assert listed == [
        (state.at, len(state.users) - gone, gone) for state, gone in zip(seen, deleted, strict=True)
    ]
    for number, state in enumerate(seen):
        assert in_order(await history.state(tenant, state.at)) == replay.state(tenant, number)


async def _same_comparisons(history: SnapshotHistory, replay: Replay, tenant: TenantId) -> None:
    seen = [replay.state(tenant, number) for number in range(len(replay.states[tenant]))]
    pairs = [*pairwise(seen), *pairwise(seen[::2]), (seen[0], seen[-1]), (seen[-1], seen[0])]
    for before, after in pairs:
        told = await history.comparison(tenant, before.at, after.at)
        assert told == compare(before, after)


async def _same_counters(history: SnapshotHistory, replay: Replay, tenant: TenantId) -> None:
    every = {series.sku_id: series for series in await history.all_counters(tenant)}
    seen = replay.states[tenant]
    assert every.keys() == {sku.id for state in seen for sku in state.skus}
    for sku_id, series in every.items():
        assert series == await history.counters(tenant, sku_id)
        assert [*series.points] == replay.points(tenant, sku_id)
        assert series.seen == tuple(one.at for one in seen if one.at >= series.points[0].at)
        assert series.tenant == seen[-1].tenant
        assert series.name == [s.name for one in seen for s in one.skus if s.id == sku_id][-1]


async def _same_overview(history: SnapshotHistory, replay: Replay) -> None:
    newest = {tenant: states[-1] for tenant, states in replay.states.items()}
    assert {one.id: one for one in await history.tenants()} == {
        tenant: state.tenant for tenant, state in newest.items()
    }
    facts = {
        one.tenant.id: replace(
            one,
            deletions=tuple(sorted(one.deletions)),
            skus=tuple(sorted(one.skus, key=lambda sku: sku.id)),
            subscriptions=one.subscriptions
            and tuple(sorted(one.subscriptions, key=lambda bought: bought.id)),
        )
        for one in await history.facts()
    }
    assert facts == {tenant: replay.facts(tenant) for tenant in newest}
    deleted = {(one.tenant.id, one.at, one.user) for one in await history.deleted_users()}
    assert deleted == {
        (tenant, state.at, user)
        for tenant, state in newest.items()
        for user in state.users
        if user.deleted
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.builds(Retention, st.just(0), st.integers(0, 3), st.booleans()))
def test_a_history_is_what_was_recorded_and_kept(
    states: list[TenantState], retention: Retention
) -> None:
    asyncio.run(_follows(states, retention))
