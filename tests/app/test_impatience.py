"""An operator who does not wait: closes, repeats, cancels and moves on while answers are due."""

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from o365desk.app.robot import seen
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.views.confirm import DeleteUserDialog
from o365desk.views.create_user import CreateUserDialog
from o365desk.views.sent_mail import SentMailDialog
from o365desk.views.subscription_popup import SubscriptionPopup
from o365desk.views.user_actions import Intent
from tests.app.harness import Running, desk
from tests.app.test_late_readings import begin, delete
from tests.seed.sight import in_front, monitored, product, shown_names, sku, words

# `desk` itself checks at its end that the program reported no bug of its own.


async def asked(running: Running, part: str) -> None:
    """Waits until a call under way was hit by the fault that delays it."""
    await seen(lambda: running.simulator.faults.hits, f"{part} are asked for")


async def test_create_user_closed_before_the_domains_have_come() -> None:
    async with desk("well_stocked") as running:
        running.simulator.faults.add(Fault(FaultKind.DELAY, path="*/domains*", seconds=0.3))
        running.robot.click(running.program.window.users.create_button)
        dialog = await running.robot.opened(CreateUserDialog)
        await asked(running, "the domains")
        running.robot.key(dialog, Qt.Key.Key_Escape)
        await running.robot.closed(CreateUserDialog)
        await asyncio.sleep(0.5)


async def test_create_user_opened_before_the_counters_have_come() -> None:
    async with desk() as running:
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, path="*/subscribedskus", seconds=0.4, times=None)
        )
        await begin(running, "well_stocked")
        running.robot.click(running.program.window.users.create_button)
        dialog = await running.robot.opened(CreateUserDialog)
        assert "No product with a free license." not in words(dialog)
        draft = await seen(lambda: dialog.switches.draft, "the products are offered")
        assert draft.lines()
        dialog.reject()


async def test_subscription_information_closed_before_it_has_come() -> None:
    async with desk("well_stocked") as running:
        running.work.subscriptions = None
        running.simulator.faults.add(Fault(FaultKind.DELAY, path="*/subscriptions", seconds=0.3))
        running.program.controller.show_subscriptions(sku("POWER_BI_PRO"))
        popup = await running.robot.opened(SubscriptionPopup)
        await asked(running, "the subscriptions")
        popup.close()
        await asyncio.sleep(0.5)


async def test_subscription_information_is_read_again_on_retry() -> None:
    async with desk("well_stocked") as running:
        running.work.subscriptions = None
        running.simulator.faults.add(
            Fault(FaultKind.UNAVAILABLE, status=500, path="*/subscriptions")
        )
        running.program.controller.show_subscriptions(sku("POWER_BI_PRO"))
        popup = await running.robot.opened(SubscriptionPopup)
        retry = next(one for one in popup.findChildren(QPushButton) if one.text() == "Try again")
        await seen(retry.isVisible, "the failure is told")
        running.robot.click(retry)
        await seen(lambda: running.work.subscriptions, "the subscriptions are read")
        popup.close()


async def test_sent_mail_closed_before_it_has_come() -> None:
    async with desk("well_stocked") as running:
        running.simulator.faults.add(Fault(FaultKind.DELAY, path="*outbox*", seconds=0.3))
        running.program.window.sent_mail_requested.emit()
        dialog = await running.robot.opened(SentMailDialog)
        dialog.reject()
        await asyncio.sleep(0.5)


async def test_refreshed_twice_is_one_refresh() -> None:
    async with desk("well_stocked") as running:
        window = running.program.window
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, face="graph", path="/users*", seconds=0.5, times=None)
        )
        await in_front(running)
        for _ in range(2):
            running.robot.key(window, Qt.Key.Key_F5)
            await asyncio.sleep(0.15)
        assert window.users.cancel_button.isVisible()
        assert not [text for text in words(window.users) if "cancelled" in text]
        assert window.freshness.loading_text
        await seen(lambda: not window.freshness.loading_text, "the refresh ends")


async def test_cancelling_a_refresh_starts_nothing_new() -> None:
    async with desk() as running:
        faults = running.simulator.faults
        faults.add(Fault(FaultKind.MISSING_ROLE, path="*/licenses", times=None, after=3))
        await begin(running, "partner_center_only")
        panel = running.program.window.users
        await seen(panel.retry_button.isVisible, "reading single licences fails")
        faults.clear()
        faults.add(Fault(FaultKind.DELAY, path="*/users", seconds=0.5))
        running.robot.click(panel.retry_button)
        await asyncio.sleep(0.1)
        running.robot.click(panel.cancel_button)
        await asyncio.sleep(0.1)
        assert running.program.desk.users.unread
        assert not panel.cancel_button.isVisible()


async def test_what_is_searched_for_stays_through_a_failed_load() -> None:
    async with desk() as running:
        running.simulator.faults.add(
            Fault(FaultKind.UNAVAILABLE, status=500, path="/directory/deletedItems*")
        )
        await begin(running, "well_stocked")
        panel = running.program.window.users
        await seen(panel.retry_button.isVisible, "the load fails")
        await running.robot.search("rhys thistlewood")
        running.robot.click(panel.retry_button)
        await running.robot.loaded()
        assert shown_names(running) == ["Rhys Thistlewood"]


async def test_licenses_are_read_again_after_a_write_without_an_answer() -> None:
    async with desk("partner_center_only") as running:
        users = running.program.desk.users
        await seen(lambda: not users.unread, "all licences are read")
        who = shown_names(running)[0]
        running.simulator.faults.add(Fault(FaultKind.CUT_AFTER, method="DELETE"))
        await running.robot.act(who, "Delete")
        dialog = await running.robot.opened(DeleteUserDialog)
        running.robot.click(dialog.delete_button)
        await seen(lambda: running.robot.cell(who, "status") != "Active", "it was done after all")
        await seen(lambda: not users.unread, "all licences are read again")
        dialog.reject()


async def test_another_customer_while_a_write_is_under_way() -> None:
    async with desk("well_stocked") as running:
        who = shown_names(running)[0]
        running.simulator.faults.add(Fault(FaultKind.DELAY, method="DELETE", seconds=0.4))
        await running.robot.act(who, "Delete")
        dialog = await running.robot.opened(DeleteUserDialog)
        running.robot.click(dialog.delete_button)
        await begin(running, "tiny")
        assert dialog.isVisible(), "it names its customer and waits for the answer"
        await running.robot.closed(DeleteUserDialog)
        await running.robot.loaded()
        await asyncio.sleep(0.1)
        assert len(shown_names(running)) == 3
        assert product("SPE_E3") not in monitored(running)


async def test_an_entry_of_a_menu_that_no_longer_fits_does_nothing() -> None:
    async with desk("well_stocked") as running:
        who = running.robot.user(shown_names(running)[0])
        assert who is not None
        await delete(running, who.display_name)
        running.program.controller.act(Intent.DELETE, who.id)
        assert running.robot.dialog(DeleteUserDialog) is None
