"""F5 reads what changed; when that is not enough, everything is listed, and never half of it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from PySide6.QtCore import Qt

from o365desk.app.robot import seen
from o365desk.app.user_refresh import Fresh, UserRefresh
from o365desk.domain.changes import ChangeMark
from o365desk.domain.directory import UserId
from o365desk.domain.text import fold
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.simulator.state import Tenant, User
from o365desk.views.users_panel import UsersPanel
from tests.app import harness
from tests.app.harness import Running
from tests.seed.sight import (
    Others,
    a_moment,
    account,
    cell,
    flip,
    in_front,
    manage,
    monitored,
    product,
    refresh,
    shown_names,
    sku,
    update,
)

DELTA = "/users/delta"
SHIFT = Qt.KeyboardModifier.ShiftModifier


@asynccontextmanager
async def desk(purpose: str = "", *, direct: bool = False) -> AsyncIterator[Running]:
    """The program once it has noted how users and counters stood, where changes can be asked."""
    async with harness.desk(purpose, direct=direct) as running:
        if purpose or direct:
            await noted(running)
        yield running


async def noted(running: Running) -> None:
    """Users and counters of the last listing have been weighed: that ends after the list is on
    the screen, and a refresh before it finds nothing to compare with and lists again."""

    def weighed() -> bool:
        listed = running.work.listed
        return listed is not None and (listed.mark is None or listed.balance is not None)

    await seen(weighed, "users and counters are noted")


def panel(running: Running) -> UsersPanel:
    return running.program.window.users


def asked(running: Running, route: str) -> int:
    """Calls of a route through Graph."""
    calls = running.simulator.calls.recent
    return sum(call.face == "graph" and call.route == route for call in calls)


def listings(running: Running) -> int:
    return asked(running, "/users")


def tenant(running: Running, purpose: str) -> Tenant:
    return running.simulator.directory.tenant(running.tenant_id(purpose))


def plain(running: Running, purpose: str, count: int) -> list[User]:
    """Ordinary users who may be changed and given licences."""
    found = [
        user
        for user in tenant(running, purpose).users.values()
        if not user.roles and not user.synced and user.usage_location and user.enabled
    ]
    return found[:count]


def same_as_listed(running: Running, purpose: str) -> None:
    """Every row shows what the directory has."""
    truth = running.truth(purpose)
    rows = {user.id: user for user in running.program.desk.users.users}
    assert set(rows) == {told["id"] for told in (*truth["users"], *truth["deleted"])}
    for told in truth["users"]:
        user = rows[told["id"]]
        assert user.display_name == told["displayName"]
        assert {one.sku_id for one in user.licenses or ()} == set(told["licenses"])
        assert not user.deleted
    assert all(rows[told["id"]].deleted for told in truth["deleted"])


async def reread(running: Running) -> None:
    """Shift+F5."""
    await in_front(running)
    before = running.work.read_at
    running.robot.key(running.program.window, Qt.Key.Key_F5, SHIFT)
    await seen(lambda: running.work.read_at != before, "everything is read again")
    await running.robot.loaded()
    await noted(running)


async def test_the_mark_is_older_than_the_listing() -> None:
    async with desk("large") as running:
        routes = [call.route for call in running.simulator.calls.recent if call.face == "graph"]
        assert routes.index(DELTA) < routes.index("/users")
        assert listings(running) == 3
        assert asked(running, DELTA) == 1


async def test_a_refresh_reads_what_changed_and_no_more() -> None:
    async with desk("large") as running:
        others, table = Others(running), running.robot.table
        renamed, licensed, dead = plain(running, "large", 3)
        back = next(iter(tenant(running, "large").deleted.values()))
        table.setCurrentIndex(cell(running, renamed.display_name, "username"))
        path = f"/users/{renamed.user_id}"
        others.admin_center("large", "PATCH", path, {"displayName": "Aaron First"})
        others.assign("large", licensed.user_id, "POWER_BI_PRO")
        others.admin_center("large", "DELETE", f"/users/{dead.user_id}")
        others.admin_center("large", "POST", f"/directory/deletedItems/{back.user_id}/restore")
        before = len([c for c in running.simulator.calls.recent if not c.in_batch])
        await refresh(running)
        same_as_listed(running, "large")
        assert listings(running) == 3, "the users were not listed again"
        assert asked(running, DELTA) == 2
        assert asked(running, "/$batch") == 1
        # The changes, who changed, who is deleted, the counters and what is behind them.
        later = len([c for c in running.simulator.calls.recent if not c.in_batch]) - before
        assert later < 12
        assert ", 4 changes" in panel(running).counts.text()
        current = table.current_user()
        assert current is not None
        assert (current.id, current.display_name) == (renamed.user_id, "Aaron First")
        names = shown_names(running)
        assert names == sorted(names, key=fold)

        await refresh(running)
        assert ", no change" in panel(running).counts.text()
        assert asked(running, "/$batch") == 1


async def test_one_organisation_is_refreshed_in_the_same_way() -> None:
    async with desk(direct=True) as running:
        (user,) = plain(running, "direct", 1)
        path = f"/users/{user.user_id}"
        Others(running).admin_center("direct", "PATCH", path, {"displayName": "Aaron First"})
        before = listings(running)
        await refresh(running)
        same_as_listed(running, "direct")
        assert listings(running) == before


async def test_shift_f5_lists_everything() -> None:
    async with desk("large") as running:
        await reread(running)
        assert listings(running) == 6
        assert "change" not in panel(running).counts.text()
        await refresh(running)
        assert listings(running) == 6, "the new listing has a mark of its own"


async def test_who_is_gone_for_good_leaves_the_list() -> None:
    async with desk("deleted") as running:
        purged = next(iter(tenant(running, "deleted").deleted.values()))
        (dead,) = plain(running, "deleted", 1)
        others = Others(running)
        path = f"/directory/deletedItems/{purged.user_id}"
        others.admin_center("deleted", "DELETE", path)
        others.admin_center("deleted", "DELETE", f"/users/{dead.user_id}")
        others.admin_center("deleted", "DELETE", f"/directory/deletedItems/{dead.user_id}")
        before = listings(running)
        await refresh(running)
        same_as_listed(running, "deleted")
        assert purged.display_name not in shown_names(running)
        assert listings(running) == before


# When changes are not enough


async def test_counters_that_moved_otherwise_lead_to_a_listing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "o365desk")
    async with desk("large") as running:
        (user,) = plain(running, "large", 1)
        before = listings(running)
        running.simulator.faults.add(Fault(FaultKind.UNTOLD_LICENSES))
        Others(running).assign("large", user.user_id, "POWER_BI_PRO")
        await refresh(running)
        # The counters may tell a moment after the changes have been shown.
        await seen(lambda: listings(running) >= before + 3, "everything is listed")
        await seen(lambda: not running.program.window.freshness.loading_text, "all is read")
        same_as_listed(running, "large")
        assert listings(running) == before + 3, "once, not again and again"
        assert "1 counters moved otherwise" in caplog.text
        assert user.display_name not in caplog.text
        # From there on changes are enough again.
        await noted(running)
        await refresh(running)
        await seen(lambda: not running.program.window.freshness.loading_text, "all is read")
        assert listings(running) == before + 3


async def test_counters_late_behind_a_write_made_here_are_no_reason() -> None:
    async with desk("large") as running:
        before = listings(running)
        running.simulator.faults.add(Fault(FaultKind.COUNTS_LAG, seconds=120))
        (user,) = plain(running, "large", 1)
        dialog = await manage(running, user.display_name)
        flip(running, dialog, "POWER_BI_PRO")
        await update(running, dialog)
        await refresh(running)
        await seen(lambda: not running.program.window.freshness.loading_text, "all is read")
        assert listings(running) == before
        shown = running.robot.cell(user.display_name, "assign")
        holds = product("POWER_BI_PRO") in shown
        told = account(running, "large", user.display_name)["licenses"]
        assert holds is (sku("POWER_BI_PRO") in told)


@pytest.mark.parametrize("status", [410, 400])
async def test_a_forgotten_mark_leads_to_a_listing(status: int) -> None:
    async with desk("large") as running:
        body = {"error": {"code": "syncStateNotFound", "message": ""}}
        fault = Fault(FaultKind.ANSWER, path=DELTA, status=status, body=body)
        running.simulator.faults.add(fault)
        await refresh(running)
        assert listings(running) == 6
        assert not panel(running).retry_button.isVisible()
        await noted(running)
        await refresh(running)
        assert listings(running) == 6


async def test_a_listing_of_yesterday_is_not_added_to() -> None:
    async with desk("tiny") as running:
        await refresh(running)
        assert listings(running) == 1
        running.simulator.advance(days=1, seconds=1)
        await refresh(running)
        assert listings(running) == 2


async def test_without_a_mark_every_refresh_is_a_listing() -> None:
    async with desk() as running:
        running.simulator.faults.add(
            Fault(FaultKind.UNAVAILABLE, path=DELTA, status=500, times=None)
        )
        await seen(lambda: running.program.controller.tenants, "the customers are read")
        await running.open("tiny")
        assert not panel(running).retry_button.isVisible(), "nobody needs to hear of it"
        await refresh(running)
        assert listings(running) == 2


# Failing half way


@pytest.mark.parametrize(
    "fault",
    [
        {"path": DELTA, "after": 1},
        {"path": "/users/*-*", "inside_batch": True, "after": 30},
    ],
    ids=["a page", "a user"],
)
async def test_half_a_refresh_changes_nothing(fault: dict[str, Any]) -> None:
    async with desk("large") as running:
        for user in [*tenant(running, "large").users.values()][:250]:
            user.display_name = f"X {user.display_name}"
            tenant(running, "large").changed(user)
        before, read_at = shown_names(running), running.work.read_at
        running.simulator.faults.add(Fault(FaultKind.UNAVAILABLE, status=500, times=None, **fault))
        await in_front(running)
        running.robot.key(running.program.window, Qt.Key.Key_F5)
        await seen(panel(running).retry_button.isVisible, "another attempt is offered")
        assert shown_names(running) == before
        assert running.work.read_at == read_at
        assert "The list is the one read before." in panel(running).state_text
        running.simulator.faults.clear()
        running.robot.click(panel(running).retry_button)
        await seen(lambda: running.work.read_at != read_at, "it is read again")
        await running.robot.loaded()
        same_as_listed(running, "large")
        assert listings(running) == 3


async def test_a_refresh_can_be_cancelled() -> None:
    async with desk("large") as running:
        (user,) = plain(running, "large", 1)
        path = f"/users/{user.user_id}"
        Others(running).admin_center("large", "PATCH", path, {"displayName": "Aaron First"})
        running.simulator.faults.add(Fault(FaultKind.DELAY, path="/$batch", seconds=60))
        before = shown_names(running)
        await in_front(running)
        running.robot.key(running.program.window, Qt.Key.Key_F5)
        await seen(panel(running).cancel_button.isVisible, "changes are being read")
        running.robot.click(panel(running).cancel_button)
        await seen(panel(running).retry_button.isVisible, "another attempt is offered")
        assert "Reading was cancelled." in panel(running).state_text
        assert shown_names(running) == before
        running.simulator.faults.clear()
        await refresh(running)
        same_as_listed(running, "large")


async def test_cancelled_between_two_steps_leaves_the_rows_in_order() -> None:
    async with desk("large") as running:
        users = running.program.desk.users
        renamed = [
            user._replace(display_name=f"{'ZA'[number % 2]} {number}")
            for number, user in enumerate(users.users[:200])
        ]
        fresh = Fresh({user.id: user for user in renamed}, set(), ChangeMark(""), "")
        applying = asyncio.create_task(
            UserRefresh(running.program.desk.session, users).apply(running.work, fresh)
        )
        for _ in range(3):
            await asyncio.sleep(0)
        applying.cancel()
        await asyncio.wait([applying])
        assert applying.cancelled()
        names = shown_names(running)
        assert names == sorted(names, key=fold)
        assert sum(name.startswith("Z ") for name in names) == 100


async def test_another_customer_in_the_middle_of_the_changes() -> None:
    async with desk("large") as running:
        for user in [*tenant(running, "large").users.values()][:150]:
            tenant(running, "large").changed(user)
            user.display_name = f"Stranger {user.seq}"
        await in_front(running)
        running.robot.key(running.program.window, Qt.Key.Key_F5)
        await seen(lambda: asked(running, "/users/{id}") >= 150, "the changed users are read")
        await running.open("tiny")
        await a_moment()
        same_as_listed(running, "tiny")


async def test_deleted_users_that_cannot_be_read_are_told() -> None:
    async with desk("deleted") as running:
        shown = {user.id for user in running.program.desk.users.users if user.deleted}
        running.simulator.faults.add(
            Fault(FaultKind.UNAVAILABLE, status=500, path="/directory/deletedItems*", times=None)
        )
        await refresh(running)
        assert "The deleted users could not be read" in panel(running).state_text
        assert {user.id for user in running.program.desk.users.users if user.deleted} == shown


# Partner Center


async def test_partner_center_keeps_licences_on_the_screen_while_they_are_read_again() -> None:
    purpose = "partner_center_only"
    async with desk(purpose) as running:
        users = running.program.desk.users
        await seen(lambda: not users.unread, "all licences are read")
        await seen(lambda: not panel(running).cancel_button.isVisible(), "the reading has ended")
        (changed,) = plain(running, purpose, 1)
        others = Others(running)
        others.assign(purpose, changed.user_id, "FLOW_FREE")
        made = others.partner_center(
            "POST",
            f"/customers/{running.tenant_id(purpose)}/users",
            {
                "usageLocation": "DE",
                "userPrincipalName": f"aa.new@{tenant(running, purpose).default_domain}",
                "firstName": "Aa",
                "lastName": "New",
                "displayName": "Aa New",
                "passwordProfile": {"password": "kite-Lantern-42", "forceChangePassword": True},
            },
        )
        known = {user.id: user.licenses for user in users.users if not user.deleted}
        calls = running.simulator.calls
        calls.clear()
        await refresh(running)
        assert users.unread <= 1, "only of the new user nothing is known"
        assert {user.id for user in users.users if user.licenses is None and not user.deleted} <= {
            made["id"]
        }
        await seen(lambda: not running.work.aged, "all licences are read again")
        await seen(lambda: not panel(running).cancel_button.isVisible(), "the reading has ended")
        same_as_listed(running, purpose)
        single = [
            call.path.split("/")[5] for call in calls.recent if call.path.endswith("/licenses")
        ]
        assert made["id"] in single[:4], "new users come first"
        assert sorted(single) == sorted({*known, made["id"]}), "each is read once, and none skipped"


async def test_what_could_not_be_read_again_is_told_with_its_age() -> None:
    purpose = "partner_center_only"
    async with desk(purpose) as running:
        users = running.program.desk.users
        await seen(lambda: not users.unread, "all licences are read")
        await seen(lambda: not panel(running).cancel_button.isVisible(), "the reading has ended")
        before = {user.id: user.licenses for user in users.users}
        running.simulator.faults.add(
            Fault(FaultKind.MISSING_ROLE, path="*/licenses", times=None, after=3)
        )
        await in_front(running)
        running.robot.key(running.program.window, Qt.Key.Key_F5)
        await seen(panel(running).retry_button.isVisible, "reading single licences fails")
        assert "users are as read at " in panel(running).state_text
        assert "are missing" not in panel(running).state_text
        assert {user.id: user.licenses for user in users.users} == before
        running.simulator.faults.clear()
        running.robot.click(panel(running).retry_button)
        await seen(lambda: not running.work.aged and not panel(running).state_text, "all is read")


# What was written here


async def test_a_user_made_here_stays_though_no_list_knows_him_yet() -> None:
    async with desk("tiny") as running:
        work, users = running.work, running.program.desk.users
        made = users.users[0]._replace(id=UserId("11111111-0000-4000-8000-000000000000"))
        running.program.desk.put(work, made)
        await refresh(running)
        assert users.user(made.id) == made
        assert monitored(running)


async def test_a_refresh_in_the_very_moment_of_the_listings_end_misses_nothing() -> None:
    async with desk("large") as running:
        work = running.work
        (user,) = plain(running, "large", 1)
        await seen(lambda: work.listed.balance is not None, "users and counters are noted")
        work.listed.balance = None  # as when F5 has cancelled what follows the listing
        running.simulator.faults.add(Fault(FaultKind.UNTOLD_LICENSES))
        Others(running).assign("large", user.user_id, "POWER_BI_PRO")
        before = listings(running)
        await refresh(running)
        await seen(lambda: listings(running) >= before + 3, "everything is listed")
        await seen(lambda: work.listed.balance is not None, "they are noted again")
        await refresh(running)
        assert listings(running) == before + 3, "once"
