"""Whatever happens to users between two marks: the old listing and the changes are the new one."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from o365desk.domain.changes import ChangeMark, ChangesLost
from o365desk.domain.directory import User, UserId
from o365desk.simulator import accounts, licensing, roles
from o365desk.simulator.refusals import Refusal
from o365desk.simulator.state import Tenant
from o365desk.simulator.state import User as Account
from tests.services.practice import Practice, practice

T = TypeVar("T")
ACTOR = frozenset({roles.GLOBAL})
NUMBERS = st.integers(0, 9_999)


class Changing(RuleBasedStateMachine):
    """A tenant that others work in, and a copy of it that is refreshed now and then."""

    @initialize(purpose=st.sampled_from(["mixed", "deleted", "group_licensed"]))
    def begin(self, purpose: str) -> None:
        self.loop = asyncio.Runner()
        self.purpose = purpose
        self.desk: Practice = practice("graph direct")
        self.tenant: Tenant = self.desk.simulator.directory.tenant(self.desk.tenant(purpose))
        self.lag = self.desk.simulator.faults
        self.made = 0
        self.list_everybody()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)

    @property
    def now(self) -> Any:
        return self.desk.simulator.directory.now()

    def list_everybody(self) -> None:
        mark = self.run(self.desk.changes.mark(self.desk.tenant(self.purpose)))
        assert mark is not None
        self.mark: ChangeMark = mark
        self.copy: dict[UserId, User] = self.listing()

    def listing(self) -> dict[UserId, User]:
        return {user.id: user for user in self.run(self.desk.everyone(self.purpose))}

    def pick(self, pool: dict[str, Account], number: int) -> Account:
        return list(pool.values())[number % len(pool)]

    @rule()
    def create(self) -> None:
        self.made += 1
        name = f"made{self.made}"
        changes = {
            "upn": f"{name}@{self.tenant.default_domain}",
            "display_name": name,
            "nickname": name,
            "enabled": True,
        }
        user = accounts.create(self.tenant, changes, "kite-Lantern-42", False, self.now, self.lag)
        assert user.user_id in self.tenant.users

    @rule(number=NUMBERS, place=st.sampled_from(["DE", "FR", None]), enabled=st.booleans())
    @precondition(lambda self: self.tenant.users)
    def edit(self, number: int, place: str | None, enabled: bool) -> None:
        user = self.pick(self.tenant.users, number)
        try:
            accounts.update(self.tenant, user, {"usage_location": place, "enabled": enabled})
        except Refusal:
            return

    @rule(number=NUMBERS, give=NUMBERS, take=NUMBERS)
    @precondition(lambda self: self.tenant.users)
    def license(self, number: int, give: int, take: int) -> None:
        user = self.pick(self.tenant.users, number)
        skus = [*licensing.owned(self.tenant)]
        add: dict[str, tuple[str, ...]] = {skus[give % len(skus)]: ()} if give % 3 else {}
        remove = [skus[take % len(skus)]] if take % 3 == 0 else []
        try:
            licensing.assign(self.tenant, user, add, remove, self.now, self.lag)
        except Refusal:
            return

    @rule(number=NUMBERS)
    @precondition(lambda self: len(self.tenant.users) > 1)
    def delete(self, number: int) -> None:
        user = self.pick(self.tenant.users, number)
        try:
            accounts.delete(self.tenant, ACTOR, user, self.now, self.lag)
        except Refusal:
            return

    @rule(number=NUMBERS)
    @precondition(lambda self: self.tenant.deleted)
    def restore(self, number: int) -> None:
        user = self.pick(self.tenant.deleted, number)
        try:
            accounts.restore(self.tenant, user.user_id, self.now, self.lag)
        except Refusal:
            return

    @rule(number=NUMBERS)
    @precondition(lambda self: self.tenant.deleted)
    def purge(self, number: int) -> None:
        accounts.purge(self.tenant, self.pick(self.tenant.deleted, number).user_id)

    @rule(hours=st.integers(1, 100))
    def wait(self, hours: int) -> None:
        self.desk.simulator.directory.advance(timedelta(hours=hours))

    @rule()
    def refresh(self) -> None:
        try:
            changes = self.run(self.desk.changes.changes(self.desk.tenant(self.purpose), self.mark))
        except ChangesLost:
            self.list_everybody()
            return
        self.copy.update((user.id, user) for user in changes.changed)
        for gone in changes.gone:
            self.copy.pop(gone, None)
        self.mark = changes.mark
        assert self.copy == self.listing()

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.refresh()
            self.run(self.desk.client.aclose())
            self.loop.close()


Changing.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestChanging = Changing.TestCase
