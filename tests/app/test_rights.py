"""What the operator may not do is not offered, and says why; administrators take a second yes."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from o365desk.app.connection_book import PRACTICE_SIGN_IN
from o365desk.app.robot import seen
from o365desk.domain.acts import Act
from o365desk.simulator import roles
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.simulator.state import Gdap, User
from o365desk.views.confirm import DeleteUserDialog
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.reset_password import ResetPasswordDialog
from tests.app.browsing import browsing
from tests.app.harness import Running, desk
from tests.app.test_keyboard import opened, press, tab_to
from tests.app.test_signing_in import signed_in
from tests.seed.sight import in_front
from tests.simulator.browser import Browser

Key = Qt.Key
MISSING = "License Administrator is missing for Quarry Road Garage."


def account(running: Running, purpose: str, who: str) -> User:
    tenant = running.simulator.directory.tenant(running.tenant_id(purpose))
    return tenant.users[tenant.notable[who]]


def relation(running: Running, purpose: str) -> Gdap:
    found = running.simulator.directory.tenant(running.tenant_id(purpose)).gdap
    assert found is not None
    return found


def told(running: Running) -> str:
    """Everything that stands in the banner."""
    banner = running.program.window.banner
    names = [child.accessibleName() for child in banner.findChildren(QWidget)]
    return " ".join(name for name in names if name)


def dialogs() -> list[DeskDialog]:
    shown = QApplication.topLevelWidgets()
    return [w for w in shown if isinstance(w, DeskDialog) and w.isVisible()]


def entries(menu: QMenu) -> dict[str, bool]:
    return {a.text(): a.isEnabled() for a in menu.actions() if a.text()}


async def refresh(running: Running) -> None:
    """F5, until the rights are read anew."""
    window = running.program.window
    window.offers_settled = False
    running.robot.key(window, Key.Key_F5)
    await running.robot.loaded()


async def open_delete(running: Running, who: str) -> DeleteUserDialog:
    await running.robot.act(who, "Delete")
    return await running.robot.opened(DeleteUserDialog)


# What is missing


async def test_a_missing_role_disables_with_the_reason_and_leaves_the_rest() -> None:
    async with desk("read_only_gdap") as running:
        who, robot = account(running, "read_only_gdap", "plain"), running.robot
        window = running.program.window
        assert not window.users.create_button.isEnabled()
        assert window.users.create_button.toolTip().startswith("User Administrator is missing")
        robot.manage_licenses(who.display_name)
        await seen(lambda: MISSING in told(running), "the reason stands in the banner")
        assert "Ask Quarry Road Garage to approve" in told(running)
        menu = await robot.menu(who.display_name)
        assert entries(menu) == {
            "Manage Licenses": False,
            "Reset Password": True,
            "Edit User Information": False,
            "Delete": False,
            MISSING: True,
            "User Administrator is missing for Quarry Road Garage.": True,
        }
        menu.close()
        assert dialogs() == []
        await robot.act(who.display_name, "Reset Password")
        await robot.opened(ResetPasswordDialog)
        assert running.writes() == []


async def test_by_keyboard_the_reason_is_told_and_nothing_opens() -> None:
    async with desk("read_only_gdap") as running:
        robot, window = running.robot, running.program.window
        who = account(running, "read_only_gdap", "plain")
        robot.table.setCurrentIndex(robot.row(who.display_name))
        robot.table.setFocus()
        for key, modifiers in (
            (Key.Key_Return, Qt.KeyboardModifier.NoModifier),
            (Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
            (Key.Key_F2, Qt.KeyboardModifier.NoModifier),
        ):
            window.banner.clear()
            robot.key(robot.table, key, modifiers)
            await seen(lambda: "is missing for Quarry Road" in told(running), "the reason is told")
        window.banner.clear()
        robot.key(window, Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        await seen(lambda: "User Administrator is missing" in told(running), "Ctrl+N is explained")
        assert dialogs() == []


async def test_a_role_that_was_given_meanwhile_is_there_after_refresh() -> None:
    async with desk("read_only_gdap") as running:
        who = account(running, "read_only_gdap", "plain")
        held = relation(running, "read_only_gdap")
        held.roles |= {roles.LICENSE}
        await refresh(running)
        running.robot.manage_licenses(who.display_name)
        await running.robot.opened(ManageLicensesDialog)


async def test_a_relationship_that_ends_soon_is_announced() -> None:
    async with desk("read_only_gdap") as running:
        await seen(lambda: "in 5 days." in told(running), "the end is announced")
        assert "The GDAP relationship with Quarry Road Garage ends on" in told(running)


async def test_what_was_said_of_one_customer_goes_with_it() -> None:
    async with desk("read_only_gdap") as running:
        window = running.program.window
        await seen(lambda: "in 5 days." in told(running), "the end is announced")
        running.robot.manage_licenses(account(running, "read_only_gdap", "plain").display_name)
        await seen(lambda: MISSING in told(running), "the reason stands in the banner")
        running.robot.key(window, Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        await seen(lambda: "User Administrator is missing" in told(running), "the other one")
        sentences = [message.sentence for message in window.banner.messages]
        assert MISSING not in sentences, "one answer takes the place of the last"
        await running.open("well_stocked")
        assert window.banner.messages == ()


async def test_a_relationship_that_ended_between_two_calls_says_so() -> None:
    async with desk("tiny") as running:
        who = account(running, "tiny", "plain").display_name
        relation(running, "tiny").ends = running.simulator.directory.now() - timedelta(hours=1)
        dialog = await open_delete(running, who)
        running.robot.key(dialog, Key.Key_Escape)
        running.robot.key(running.program.window, Key.Key_F5)
        controller = running.program.desk.session
        await seen(
            lambda: controller.capabilities().reason_against(Act.EDIT), "the end is found out"
        )
        running.robot.table.setCurrentIndex(running.robot.row(who))
        running.robot.key(running.robot.table, Key.Key_Return)
        await seen(lambda: "relationship with Fern & Finch ended on" in told(running), "told")
        assert "Ask Fern & Finch to approve a new one." in told(running)


async def test_a_role_taken_away_meanwhile_is_offered_no_more_after_the_refusal() -> None:
    async with desk("tiny") as running:
        robot, who = running.robot, account(running, "tiny", "plain").display_name
        relation(running, "tiny").roles = frozenset({roles.READERS})
        robot.table.setCurrentIndex(robot.row(who))
        dialog = await open_delete(running, who)
        robot.click(dialog.delete_button)
        await seen(dialog.errors.isVisible, "the refusal")
        assert dialog.delete_button.isEnabled(), "another attempt is one click away"
        robot.key(dialog, Key.Key_Escape)
        await robot.closed(DeleteUserDialog)
        menu = await robot.menu(who)
        assert entries(menu)["Delete"] is False
        assert entries(menu)["Manage Licenses"] is True
        tips = {a.text(): a.toolTip() for a in menu.actions()}
        assert "User Administrator seems to be missing" in tips["Delete"]
        menu.close()


# Administrators


async def test_a_role_holder_is_deleted_after_a_second_confirmation_only() -> None:
    async with desk("well_stocked") as running:
        robot, who = running.robot, account(running, "well_stocked", "helpdesk")
        dialog = await open_delete(running, who.display_name)
        protection = dialog.protection
        assert protection.text.text() == f"{who.display_name} is a Helpdesk Administrator."
        assert not dialog.delete_button.isEnabled()
        assert "Confirm" in dialog.delete_button.toolTip()
        assert protection.confirmation.text() == "I mean to delete this account."
        assert who.display_name in protection.confirmation.accessibleName()
        assert running.writes() == []
        protection.confirmation.click()
        robot.click(dialog.delete_button)
        await robot.closed(DeleteUserDialog)
        gone = {user["id"] for user in running.truth("well_stocked")["deleted"]}
        assert who.user_id in gone


async def test_by_keyboard_a_role_holder_is_deleted_too() -> None:
    async with desk("well_stocked") as running:
        robot, who = running.robot, account(running, "well_stocked", "helpdesk")
        await in_front(running)
        robot.table.setFocus()
        robot.table.setCurrentIndex(robot.row(who.display_name))
        press(Key.Key_Delete)
        dialog = await opened(running, DeleteUserDialog)
        tab_to(dialog.protection.confirmation)
        press(Key.Key_Space)
        tab_to(dialog.delete_button)
        press(Key.Key_Return)
        await robot.closed(DeleteUserDialog)
        assert who.user_id in {user["id"] for user in running.truth("well_stocked")["deleted"]}


async def test_what_the_table_forbids_is_not_offered() -> None:
    async with desk("well_stocked") as running:
        robot, who = running.robot, account(running, "well_stocked", "admin")
        menu = await robot.menu(who.display_name)
        offered = entries(menu)
        assert [text for text, enabled in offered.items() if not enabled] == [
            "Reset Password",
            "Delete",
        ]
        assert f"{who.display_name} is a Global Administrator." in offered
        menu.close()
        robot.table.setCurrentIndex(robot.row(who.display_name))
        robot.key(robot.table, Key.Key_Delete)
        await seen(lambda: "Deleting this account takes" in told(running), "the reason")
        assert dialogs() == []


async def test_a_role_holders_row_says_so() -> None:
    async with desk("well_stocked") as running:
        who = account(running, "well_stocked", "admin")
        cell = running.robot.row(who.display_name)
        expected = f"{who.display_name}, Global Administrator"
        assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == expected
        plain = running.robot.row(account(running, "well_stocked", "plain").display_name)
        assert "," not in plain.data(Qt.ItemDataRole.AccessibleTextRole)


NO_LIST = Fault(FaultKind.MISSING_ROLE, path="/roleManagement*", times=None)


@pytest.mark.parametrize(
    ("who", "caution"),
    [("admin", "is a Global Administrator. Deleting"), ("helpdesk", "is a Help"), ("plain", "")],
)
async def test_a_dialog_waits_until_it_is_known_who_the_user_is(who: str, caution: str) -> None:
    async with desk() as running:
        await seen(lambda: running.program.controller.tenants, "the customers are read")
        running.simulator.faults.add(NO_LIST)
        await running.open("well_stocked")
        name = account(running, "well_stocked", who).display_name
        await running.robot.act(name, "Delete")
        dialog = running.robot.dialog(DeleteUserDialog)
        assert dialog is not None, "it opens at once, before anything was asked"
        looking = f"Looking up whether {name} is an administrator…"
        assert dialog.protection.text.text() == looking
        assert not dialog.delete_button.isEnabled()
        assert dialog.delete_button.toolTip() == looking
        await seen(lambda: dialog.protection.text.text() != looking, "it is looked up")
        assert caution in dialog.protection.text.text()
        assert dialog.delete_button.isEnabled() is (who == "plain")
        assert dialog.protection.confirmation.isVisible() is (who == "helpdesk")
        assert running.writes() == []


async def test_what_cannot_be_found_out_forbids_nothing() -> None:
    async with desk() as running:
        await seen(lambda: running.program.controller.tenants, "the customers are read")
        roles_of = Fault(FaultKind.MISSING_ROLE, path="*/directoryroles", times=None)
        running.simulator.faults.add(roles_of)
        await running.open("partner_center_only")
        who = account(running, "partner_center_only", "admin")
        menu = await running.robot.menu(who.display_name)
        assert all(entries(menu).values())
        menu.close()
        dialog = await open_delete(running, who.display_name)
        unknown = f"Whether {who.display_name} is an administrator could not be read"
        await seen(lambda: unknown in dialog.protection.text.text(), "it is said")
        running.robot.click(dialog.delete_button)
        await running.robot.closed(DeleteUserDialog)


async def test_roles_that_become_known_reach_a_dialog_that_is_open() -> None:
    async with desk("well_stocked") as running:
        who = account(running, "well_stocked", "plain")
        dialog = await open_delete(running, who.display_name)
        assert dialog.delete_button.isEnabled()
        who.roles = (roles.GLOBAL,)
        relation(running, "well_stocked").roles = frozenset({roles.READERS, roles.LICENSE})
        running.simulator.directory.tenant(running.tenant_id("well_stocked")).changed()
        running.program.controller.refresh()
        await seen(lambda: not dialog.delete_button.isEnabled(), "the dialog hears of it")
        assert "User Administrator is missing" in dialog.refusal.text()
        assert dialog.refusal.isVisible()


async def test_in_the_own_organization_the_own_roles_count() -> None:
    async with desk(direct=True) as running:
        helpdesk = account(running, "direct", "helpdesk").display_name
        await running.robot.act(helpdesk, "Reset Password")
        dialog = await running.robot.opened(ResetPasswordDialog)
        assert dialog.protection.text.text() == f"{helpdesk} is a Helpdesk Administrator."
        assert not dialog.reset_button.isEnabled()
        dialog.protection.confirmation.click()
        await seen(dialog.reset_button.isEnabled, "the confirmation is enough")


async def test_signed_in_the_groups_of_the_operator_decide() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            directory = running.simulator.directory
            home = directory.tenant(running.simulator.world.partner.tenant_id)
            browser.account = home.users[home.notable["helpdesk"]].upn
            await signed_in(running, browser)
            await running.open("well_stocked")
            who = account(running, "well_stocked", "plain").display_name
            running.robot.manage_licenses(who)
            await seen(lambda: "License Administrator is missing" in told(running), "the reason")
            assert "none of your security groups" in told(running)
            menu = await running.robot.menu(who)
            assert entries(menu)["Reset Password"]
            menu.close()
