"""Any sequence of assign, remove, delete, restore and purge keeps the seats in step."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from o365desk.simulator import accounts, build_world, licensing, roles
from o365desk.simulator.faults import Faults
from o365desk.simulator.refusals import Refusal
from o365desk.simulator.state import RETENTION, Tenant, User

START = datetime(2026, 11, 1, tzinfo=UTC)
ACTOR = frozenset({roles.GLOBAL})
PURPOSES = ("no_seats", "group_licensed", "over_allocated", "mixed", "two_subscriptions")


class Seats(RuleBasedStateMachine):
    """Drives the rules at random and recounts after each step."""

    @initialize(purpose=st.sampled_from(PURPOSES))
    def begin(self, purpose: str) -> None:
        world = build_world("demo", start=START)
        self.tenant: Tenant = next(
            tenant for tenant in world.customers if tenant.tenant_id == world.customer(purpose)
        )
        self.tenant.fill()
        self.now = START
        self.lag = Faults()
        self.tenant.purge(self.now)
        self.deepest = self.free()
        self.known = set(self.tenant.users) | set(self.tenant.deleted)

    def free(self) -> dict[str, int]:
        return {
            sku: figures.available for sku, figures in licensing.all_counts(self.tenant).items()
        }

    def pick(self, pool: dict[str, User], number: int) -> User:
        return list(pool.values())[number % len(pool)]

    def skus(self) -> list[str]:
        return [*licensing.owned(self.tenant)]

    @rule(number=st.integers(0, 999), give=st.integers(0, 999), take=st.integers(0, 999))
    def assign(self, number: int, give: int, take: int) -> None:
        user = self.pick(self.tenant.users, number)
        skus = self.skus()
        add = {skus[give % len(skus)]: ()} if give % 3 else {}
        remove = [skus[take % len(skus)]] if take % 3 == 0 else []
        before, seats = self.free(), self.tenant.seats(user)
        held = dict(user.direct)
        try:
            licensing.assign(self.tenant, user, dict(add), remove, self.now, self.lag)
        except Refusal:
            # All or nothing.
            assert user.direct == held
            assert self.free() == before
            return
        for sku in add:
            if sku not in seats:
                assert before[sku] > 0
                assert self.free()[sku] == before[sku] - 1

    @rule(number=st.integers(0, 999))
    @precondition(lambda self: len(self.tenant.users) > 1)
    def delete(self, number: int) -> None:
        user = self.pick(self.tenant.users, number)
        before, seats = self.free(), self.tenant.seats(user)
        accounts.delete(self.tenant, ACTOR, user, self.now, self.lag)
        after = self.free()
        assert all(after[sku] == before[sku] + 1 for sku in seats if sku in before)

    @rule(number=st.integers(0, 999))
    @precondition(lambda self: bool(self.tenant.deleted))
    def restore(self, number: int) -> None:
        user = self.pick(self.tenant.deleted, number)
        held = dict(user.direct)
        accounts.restore(self.tenant, user.user_id, self.now, self.lag)
        assert user.direct == held
        for sku, free in self.free().items():
            self.deepest[sku] = min(self.deepest.get(sku, 0), free)

    @rule(days=st.integers(0, 12))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.tenant.purge(self.now)
        for user in self.tenant.deleted.values():
            assert user.deleted_at is not None
            assert self.now - user.deleted_at <= RETENTION

    @rule(number=st.integers(0, 999))
    def reprocess(self, number: int) -> None:
        licensing.reprocess(self.tenant, self.pick(self.tenant.users, number), self.now, self.lag)

    @invariant()
    def consumed_is_the_recount(self) -> None:
        if not hasattr(self, "tenant"):
            return
        consumed = {sku: number for sku, number in self.tenant.consumed.items() if number}
        assert consumed == self.tenant.recount()

    @invariant()
    def only_restores_over_allocate(self) -> None:
        if not hasattr(self, "tenant"):
            return
        for sku, free in self.free().items():
            assert free >= min(0, self.deepest.get(sku, 0)), sku

    @invariant()
    def nobody_is_twice_here_or_unreachable(self) -> None:
        if not hasattr(self, "tenant"):
            return
        tenant = self.tenant
        assert not set(tenant.users) & set(tenant.deleted)
        assert {user.upn.lower(): key for key, user in tenant.users.items()} == tenant.upns
        assert [*tenant.users] == [
            user.user_id for user in sorted(tenant.users.values(), key=lambda user: user.seq)
        ]


Seats.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestSeats = Seats.TestCase
