"""What every ChangeReader must do, over Graph direct and through GDAP, and what can go wrong."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from o365desk.domain.changes import ChangeMark, Changes, ChangesLost
from o365desk.domain.directory import User, UserEdit, UserId
from o365desk.domain.errors import (
    AccessDenied,
    DeskError,
    ServerFault,
    UnexpectedReply,
    Unreachable,
)
from o365desk.domain.licensing import LicenseChange, LicenseGrant
from o365desk.services.graph_changes import GraphChanges
from o365desk.simulator import Fault, FaultKind
from o365desk.simulator.state import Lag
from tests.services.clients import TENANT, FakeTime, Tokens, client
from tests.services.loopback import Answer, Loopback, Seen
from tests.services.practice import Practice, check_requests, fails_with, practice, sku

READERS = ("graph direct", "graph gdap", "reseller")
DELTA = "/users/delta"


@pytest.fixture(params=READERS)
def desk(request: pytest.FixtureRequest) -> Iterator[Practice]:
    made = practice(request.param)
    yield made
    check_requests(made.calls())


@dataclass
class Copy:
    """What a client holds of a tenant: users by id, and the mark taken before they were listed."""

    users: dict[UserId, User]
    mark: ChangeMark

    def take(self, changes: Changes) -> None:
        self.users.update((user.id, user) for user in changes.changed)
        for user in changes.gone:
            self.users.pop(user, None)
        self.mark = changes.mark


async def copy_of(desk: Practice, purpose: str = "well_stocked") -> Copy:
    mark = await desk.changes.mark(desk.tenant(purpose))
    assert mark is not None
    return Copy({user.id: user for user in await desk.everyone(purpose)}, mark)


async def refreshed(desk: Practice, copy: Copy, purpose: str = "well_stocked") -> Changes:
    """Reads the changes into the copy, which must then be what a listing says."""
    changes = await desk.changes.changes(desk.tenant(purpose), copy.mark)
    copy.take(changes)
    assert copy.users == {user.id: user for user in await desk.everyone(purpose)}
    return changes


def asked(desk: Practice, route: str) -> int:
    return sum(call.route == route for call in desk.calls())


async def test_nothing_has_changed(desk: Practice) -> None:
    copy = await copy_of(desk)
    before = len(desk.calls())
    changes = await desk.changes.changes(desk.tenant("well_stocked"), copy.mark)
    assert (list(changes.changed), changes.gone) == ([], frozenset())
    assert len(desk.calls()) == before + 1
    assert "RFNwdA" not in repr(changes), "a mark belongs into no log"


async def test_every_kind_of_change_is_told(desk: Practice) -> None:
    tenant = desk.tenant("deleted")
    copy = await copy_of(desk, "deleted")
    plain = [told["id"] for told in desk.truth("deleted")["users"] if not told["roles"]]
    edited, licensed, dead = (copy.users[user] for user in plain[:3])
    restored = (await desk.everyone_deleted("deleted"))[0]
    await desk.directory.edit_user(tenant, edited.id, UserEdit(display_name="Told"))
    given = LicenseChange(add=(LicenseGrant(sku("FLOW_FREE")),))
    if not licensed.location:
        await desk.directory.edit_user(tenant, licensed.id, UserEdit(location="DE"))
    await desk.directory.update_licenses(tenant, licensed.id, given)
    await desk.directory.delete_user(tenant, dead.id)
    await desk.directory.restore_user(tenant, restored.id)
    changes = await refreshed(desk, copy, "deleted")
    by_id = {user.id: user for user in changes.changed}
    assert set(by_id) == {edited.id, licensed.id, restored.id}
    assert by_id[edited.id].display_name == "Told"
    assert by_id[licensed.id].holds(sku("FLOW_FREE"))
    assert by_id[restored.id].licenses is not None
    assert changes.gone == {dead.id}
    # From the new mark on, nothing has happened.
    again = await refreshed(desk, copy, "deleted")
    assert (list(again.changed), again.gone) == ([], frozenset())


async def test_who_was_deleted_and_came_back_is_there(desk: Practice) -> None:
    tenant = desk.tenant("well_stocked")
    copy = await copy_of(desk)
    user = desk.holder("well_stocked", "SPE_E3")
    await desk.directory.delete_user(tenant, user)
    await desk.directory.restore_user(tenant, user)
    changes = await refreshed(desk, copy)
    assert [one.id for one in changes.changed] == [user]
    assert not changes.gone


async def test_who_came_and_went_is_gone(desk: Practice) -> None:
    tenant = desk.tenant("well_stocked")
    copy = await copy_of(desk)
    user = desk.holder("well_stocked", "SPE_E3")
    await desk.directory.edit_user(tenant, user, UserEdit(display_name="Late"))
    await desk.directory.delete_user(tenant, user)
    changes = await refreshed(desk, copy)
    assert changes.gone == {user}
    assert changes.mark != ChangeMark("")


async def test_many_changes_take_few_calls(desk: Practice) -> None:
    tenant = desk.tenant("large")
    copy = await copy_of(desk, "large")
    for user in list(copy.users)[:250]:
        desk.simulator.directory.tenant(tenant).changed(
            desk.simulator.directory.tenant(tenant).users[user]
        )
    before = len([call for call in desk.calls() if not call.in_batch])
    changes = await desk.changes.changes(tenant, copy.mark)
    assert len(changes.changed) == len({user.id for user in changes.changed}) == 250
    # Two pages of changes, which share an item, and thirteen batches.
    assert len([call for call in desk.calls() if not call.in_batch]) == before + 2 + 13


async def test_a_tenant_that_partner_center_serves_has_no_mark() -> None:
    desk = practice("reseller")
    tenant = desk.tenant("partner_center_only")
    assert await desk.changes.mark(tenant) is None
    await fails_with(desk.changes.changes(tenant, ChangeMark("https://x/")), ChangesLost)
    assert asked(desk, DELTA) == 0


async def test_a_reseller_whom_graph_refuses_has_no_mark_and_loses_the_one_he_had() -> None:
    desk = practice("reseller")
    tenant = desk.tenant("well_stocked")
    mark = await desk.changes.mark(tenant)
    assert mark is not None
    desk.fault(Fault(FaultKind.MISSING_ROLE, path=DELTA, times=None))
    assert await desk.changes.mark(tenant) is None
    await fails_with(desk.changes.changes(tenant, mark), ChangesLost)


# ---- trouble -----------------------------------------------------------------------------------


def answer(status: int, code: str, message: str = "") -> Fault:
    body = {"error": {"code": code, "message": message}}
    return Fault(FaultKind.ANSWER, path=DELTA, status=status, body=body)


@pytest.mark.parametrize(
    "fault",
    [
        answer(410, "resyncRequired"),
        answer(410, "syncStateNotFound"),
        answer(400, "syncStateNotFound", "The delta token is expired."),
        answer(400, "BadRequest", "Badly formed token."),
    ],
    ids=["resync", "410", "400", "malformed"],
)
async def test_a_mark_that_is_forgotten(desk: Practice, fault: Fault) -> None:
    copy = await copy_of(desk)
    desk.fault(fault)
    lost = await fails_with(
        desk.changes.changes(desk.tenant("well_stocked"), copy.mark), ChangesLost
    )
    assert lost.next_step == "Everything is read again."
    await refreshed(desk, copy)


async def test_a_mark_is_forgotten_after_seven_days(desk: Practice) -> None:
    copy = await copy_of(desk)
    desk.simulator.advance(days=7, seconds=1)
    await fails_with(desk.changes.changes(desk.tenant("well_stocked"), copy.mark), ChangesLost)


def touch(desk: Practice, copy: Copy, count: int) -> None:
    tenant = desk.simulator.directory.tenant(desk.tenant("large"))
    for user in list(copy.users)[:count]:
        tenant.changed(tenant.users[user])


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(FaultKind.UNAVAILABLE, path=DELTA, after=1, times=None), ServerFault),
        (Fault(FaultKind.CUT_BEFORE, path=DELTA, after=1, times=None), Unreachable),
        (Fault(FaultKind.WRONG_JSON, path=DELTA, after=1), UnexpectedReply),
        (
            Fault(
                FaultKind.UNAVAILABLE, path="/users/*-*", inside_batch=True, after=30, times=None
            ),
            ServerFault,
        ),
        (
            Fault(FaultKind.WRONG_JSON, path="/users/*-*", inside_batch=True, after=30),
            UnexpectedReply,
        ),
        (Fault(FaultKind.CUT_BEFORE, path="/$batch", after=2, times=None), Unreachable),
    ],
    ids=["page", "cut page", "broken page", "item", "broken item", "cut batch"],
)
async def test_half_of_the_changes_is_none(
    desk: Practice, fault: Fault, kind: type[DeskError]
) -> None:
    copy = await copy_of(desk, "large")
    touch(desk, copy, 250)
    desk.fault(fault)
    await fails_with(desk.changes.changes(desk.tenant("large"), copy.mark), kind)
    desk.simulator.faults.clear()
    changes = await refreshed(desk, copy, "large")
    assert len(changes.changed) == 250, "the old mark still tells all of it"


async def test_passing_faults_are_sat_out(desk: Practice) -> None:
    copy = await copy_of(desk, "large")
    touch(desk, copy, 250)
    desk.fault(
        Fault(FaultKind.THROTTLED, path=DELTA, after=1, retry_after=2),
        Fault(FaultKind.THROTTLED, path="/users/*-*", inside_batch=True, times=5, retry_after=3),
        Fault(FaultKind.UNAVAILABLE, path="/$batch", after=3, times=1),
    )
    changes = await refreshed(desk, copy, "large")
    assert len(changes.changed) == 250


async def test_an_item_refused_for_good_refuses_all(desk: Practice) -> None:
    copy = await copy_of(desk, "large")
    touch(desk, copy, 3)
    desk.fault(Fault(FaultKind.MISSING_ROLE, path="/users/*-*", inside_batch=True))
    lost = desk.name == "reseller"  # who then reads everything, by the other way if need be
    await fails_with(
        desk.changes.changes(desk.tenant("large"), copy.mark),
        ChangesLost if lost else AccessDenied,
    )


async def test_a_newborn_not_found_yet_is_told_again(desk: Practice) -> None:
    copy = await copy_of(desk, "large")
    touch(desk, copy, 2)
    first = next(iter(copy.users))
    desk.simulator.directory.tenant(desk.tenant("large")).hidden[first] = _lag(desk)
    changes = await desk.changes.changes(desk.tenant("large"), copy.mark)
    assert changes.gone == {first}
    assert changes.mark == copy.mark
    copy.take(changes)
    desk.simulator.advance(seconds=60)
    changes = await refreshed(desk, copy, "large")
    assert first in {user.id for user in changes.changed}
    assert changes.mark != copy.mark or not changes.gone


def _lag(desk: Practice) -> Lag:
    return Lag(0, desk.simulator.directory.now() + timedelta(seconds=30))


async def test_so_much_has_changed_that_a_listing_is_cheaper() -> None:
    desk = practice("graph direct")
    copy = await copy_of(desk, "large")
    touch(desk, copy, 60)
    reader = GraphChanges(desk.client, most=50)
    await fails_with(reader.changes(desk.tenant("large"), copy.mark), ChangesLost)
    assert asked(desk, "/$batch") == 0


# ---- links that lead astray --------------------------------------------------------------------


def page(**members: Any) -> Answer:
    return Answer(body=json.dumps({"value": [], **members}).encode())


@pytest.mark.parametrize("name", ["@odata.nextLink", "@odata.deltaLink"])
async def test_a_link_to_another_host_gets_no_token(name: str) -> None:
    async with Loopback(lambda seen: page(**{name: "https://graph.example/v1.0/x"})) as server:
        api = client(server.hosts, FakeTime(), Tokens())
        reader = GraphChanges(api)
        try:
            if name == "@odata.nextLink":
                await fails_with(reader.mark(TENANT), UnexpectedReply)
            else:
                mark = await reader.mark(TENANT)
                assert mark is not None
                await fails_with(reader.changes(TENANT, mark), UnexpectedReply)
        finally:
            await api.aclose()
        assert len(server.seen) == 1


async def test_pages_without_end_and_pages_in_a_circle() -> None:
    def script(seen: Seen) -> Answer:
        link = f"http://{seen.headers['host']}/v1.0/users/delta?$skiptoken=1"
        return page(**{"@odata.nextLink": link})

    for make in (script, lambda seen: page()):
        async with Loopback(make) as server:
            api = client(server.hosts, FakeTime(), Tokens())
            try:
                await fails_with(GraphChanges(api).mark(TENANT), UnexpectedReply)
            finally:
                await api.aclose()
