"""The Last sign-in column at the real window: shown by hand, read then, and never in the way."""

from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QPushButton

from o365desk.app.connection_book import PRACTICE_SIGN_IN
from o365desk.app.robot import seen
from o365desk.domain.connections import Mode
from o365desk.domain.query import StatusFilter
from o365desk.models.last_sign_ins import NEVER
from o365desk.models.roles import Role
from o365desk.models.user_rows import COLUMN
from o365desk.models.words import NOT_READ, NOT_TOLD, moment_text
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.simulator.identity_accounts import CLIENT_ID, CLIENTS
from o365desk.simulator.scopes import GRAPH
from o365desk.views.banner import Message, MessageKind
from tests.app.browsing import browsing
from tests.app.harness import Running, desk
from tests.app.test_signing_in import admin, invited, signed_in
from tests.simulator.browser import Browser

PREMIUM, PLAIN = "well_stocked", "tiny"


async def toggle(running: Running) -> None:
    """Ticks, or unticks, the column in the chooser."""
    running.program.window.users.table.open_column_chooser(QPoint(200, 200))
    menu = await running.robot.opened(QMenu)
    running.robot.choose(menu, "Last sign-in")
    menu.close()
    await running.robot.closed(QMenu)


def cells(running: Running) -> dict[str, str]:
    """What the column says of users who are not deleted, by id."""
    users = running.program.desk.users
    return {
        user.id: str(users.index_of(user.id, COLUMN["sign_in"]).data())
        for user in users.users
        if not user.deleted
    }


def errors(running: Running) -> list[Message]:
    messages = running.program.window.banner.messages
    return [message for message in messages if message.kind is MessageKind.ERROR]


def foot(running: Running) -> str:
    return running.program.window.users.counts.text()


def asked(running: Running) -> int:
    """How many calls for last sign-ins the directory has seen."""
    return sum("signInActivity" in call.query for call in running.simulator.calls.recent)


async def told(running: Running) -> None:
    signs = running.program.desk.users.sign_ins
    await seen(lambda: signs.at and not signs.reading, "the last sign-ins are read")


async def test_the_column_is_read_when_it_is_shown_and_again_on_refresh() -> None:
    async with desk(PREMIUM) as running:
        assert asked(running) == 0
        await toggle(running)
        await told(running)
        assert asked(running) == 1
        tenant = running.simulator.directory.tenant(running.tenant_id(PREMIUM))
        people = tenant.users.values()
        assert cells(running) == {
            one.user_id: moment_text(one.signed_in) if one.signed_in else NEVER for one in people
        }
        who = next(one for one in people if one.signed_in is None)
        who.signed_in = running.simulator.directory.now()
        tenant.changed(who)
        running.robot.click(running.program.window.refresh_button)
        expected = moment_text(who.signed_in)
        await seen(lambda: cells(running)[who.user_id] == expected, "it is read anew")
        assert asked(running) == 2
        # Hidden, it costs nothing; shown again, what was read is still there.
        await toggle(running)
        await toggle(running)
        assert cells(running)[who.user_id] == expected
        assert asked(running) == 2
        await toggle(running)
        running.robot.click(running.program.window.refresh_button)
        await running.robot.loaded()
        assert asked(running) == 2


async def test_without_premium_the_foot_says_so_and_the_users_are_there() -> None:
    async with desk(PLAIN) as running:
        await toggle(running)
        await seen(lambda: "needs Entra ID P1 or P2" in foot(running), "why there is nothing")
        assert set(cells(running).values()) == {NOT_TOLD}
        assert errors(running) == []
        # The next customer, which has it, is read at once: the column is still shown.
        await running.open(PREMIUM)
        await told(running)
        assert NEVER in cells(running).values()
        assert "Entra ID" not in foot(running)


async def test_partner_center_alone_does_not_offer_it() -> None:
    async with desk("partner_center_only") as running:
        running.program.window.users.table.open_column_chooser(QPoint(200, 200))
        menu = await running.robot.opened(QMenu)
        entry = next(action for action in menu.actions() if action.text() == "Last sign-in")
        assert not entry.isEnabled()
        assert "Partner Center" in entry.toolTip()
        menu.close()
        assert asked(running) == 0


async def test_another_customer_ends_the_reading() -> None:
    async with desk("large") as running:
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, path="*/users", after=1, seconds=600, times=None)
        )
        await toggle(running)
        signs = running.program.desk.users.sign_ins
        await seen(lambda: len(signs.at) == 500, "the first page is there")
        assert "not read yet" in foot(running)
        assert NOT_READ in cells(running).values()
        running.simulator.faults.clear()
        await toggle(running)
        assert "last sign-in" not in foot(running)
        await toggle(running)
        await running.open(PREMIUM)
        await told(running)
        assert cells(running).keys() == signs.at.keys()
        assert NOT_READ not in cells(running).values()


async def test_a_failure_is_told_to_who_has_just_asked_and_later_in_the_foot_alone() -> None:
    async with desk(PREMIUM) as running:
        running.simulator.faults.add(Fault(FaultKind.MISSING_ROLE, path="*/users", times=None))
        await toggle(running)
        await seen(lambda: errors(running), "the refusal")
        assert "last sign-in: Your role is not enough" in foot(running)
        assert running.robot.row("Amelia Okafor").isValid()


async def test_the_permission_is_asked_for_when_the_column_is_first_shown() -> None:
    """In the own organization, where the operator can grant it."""
    browser = Browser()
    with browsing(browser) as opened:
        async with desk(connection=replace(PRACTICE_SIGN_IN, mode=Mode.DIRECT)) as running:
            browser.account = admin(running)
            await invited(running)
            await seen(lambda: running.program.controller.tenants, "the organization is read")
            await running.robot.loaded()
            assert "AuditLog.Read.All" not in opened[0]
            await toggle(running)
            await seen(lambda: errors(running), "the sign-in is offered")
            assert set(cells(running).values()) == {NOT_TOLD}
            banner = running.program.window.banner
            button = next(b for b in banner.findChildren(QPushButton) if b.text() == "Sign in")
            running.robot.click(button)
            await told(running)
            assert "AuditLog.Read.All" in opened[1]
            assert set(cells(running).values()) != {NOT_TOLD}
            assert errors(running) == []


async def test_a_customer_that_has_not_granted_it_says_so_until_it_has() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            await running.open(PREMIUM)
            await toggle(running)
            await seen(lambda: errors(running), "the refusal")
            assert "has not granted" in errors(running)[0].sentence
            tenant = running.simulator.directory.tenant(running.tenant_id(PREMIUM))
            running.simulator.identity.consent(
                tenant, CLIENTS[CLIENT_ID], {GRAPH: frozenset({"AuditLog.Read.All"})}
            )
            running.robot.click(running.program.window.refresh_button)
            await told(running)
            assert NEVER in cells(running).values()


async def test_the_filter_for_inactive_users_offers_to_read_what_it_needs() -> None:
    async with desk(PREMIUM) as running:
        window, users = running.program.window, running.program.desk.users
        window.users.filters.set_status(StatusFilter.LICENSED_IDLE)
        assert (users.rowCount(), asked(running)) == (0, 0)
        offers = window.users.findChildren(QPushButton)
        running.robot.click(next(one for one in offers if one.text() == "Read last sign-ins"))
        await told(running)
        assert asked(running) == 1
        tenant = running.simulator.directory.tenant(running.tenant_id(PREMIUM))
        since = running.simulator.directory.now() - timedelta(days=90)
        last = {one.user_id: one.signed_in for one in tenant.users.values()}
        idle = {
            user.id
            for user in users.users
            if user.licenses and not user.deleted and (last[user.id] or since) <= since
        }
        shown = {users.index(row, 0).data(Role.ROW).id for row in range(users.rowCount())}
        assert shown == idle != set()


async def test_partner_center_alone_offers_no_filter_that_it_cannot_answer() -> None:
    async with desk("partner_center_only") as running:
        buttons = running.program.window.users.findChildren(QPushButton)
        more = next(one for one in buttons if one.text() == "More filters")
        entries = {action.text(): action for action in more.menu().actions()}
        assert not entries["Licensed but blocked"].isVisible()
        assert not entries["Licensed but inactive"].isEnabled()
        assert "Partner Center" in entries["Licensed but inactive"].toolTip()
