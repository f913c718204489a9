"""A customer who has granted no permissions: the window says so, and how it is mended."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from o365desk.app.connection_book import PRACTICE_SIGN_IN
from o365desk.app.robot import seen
from o365desk.simulator import Fault, FaultKind
from o365desk.simulator.identity_accounts import CLIENT_ID, CLIENTS
from o365desk.simulator.scopes import GRAPH
from o365desk.simulator.state import Tenant
from o365desk.views.banner import Message
from o365desk.views.consent_dialog import ConsentDialog
from tests.app.browsing import browsing
from tests.app.harness import Running, desk
from tests.app.test_signing_in import admin, signed_in
from tests.seed.sight import in_front
from tests.simulator.browser import Browser

TOKEN = "/oauth2/v2.0/token"
GRANT = ("POST", "/customers/{c}/applicationconsents")


def customer(running: Running, purpose: str) -> Tenant:
    return running.simulator.directory.tenant(running.tenant_id(purpose))


def granted(running: Running) -> frozenset[str]:
    return running.simulator.identity.granted(customer(running, "mixed"), CLIENTS[CLIENT_ID], GRAPH)


def told(running: Running, about: str) -> list[Message]:
    """What the banner says about a customer."""
    return [one for one in running.program.window.banner.messages if about in one.sentence]


def tells_blocked(running: Running) -> bool:
    """Graph alone tells who is blocked, and a filter is there for that."""
    names = {user.display_name for user in customer(running, "mixed").users.values()}
    states = {running.robot.cell(name, "status") for name in names}
    return "Blocked" in states


async def notice_about(running: Running, about: str) -> Message:
    """The one thing that the banner says about a customer."""
    await seen(lambda: told(running, about), f"the banner speaks of {about}")
    (only,) = told(running, about)
    return only


async def press(running: Running, action: str) -> None:
    """A button of the banner."""
    banner = running.program.window.banner

    def found() -> list[QPushButton]:
        return [one for one in banner.findChildren(QPushButton) if one.text() == action]

    await seen(found, f"the button {action}")
    running.robot.click(found()[0])


async def open_dialog(running: Running) -> ConsentDialog:
    await press(running, "Permissions…")
    return await running.robot.opened(ConsentDialog)


async def test_permissions_are_granted_through_partner_center() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            await running.open("mixed")
            notice = await notice_about(running, "Sable Optics")
            assert notice.sentence.startswith("o365desk has no permission in the directory of ")
            assert "who is blocked" in notice.sentence
            assert not tells_blocked(running)
            dialog = await open_dialog(running)
            assert dialog.tenant.text() == "Sable Optics"
            running.robot.click(dialog.grant_button)
            assert dialog.busy
            running.robot.key(dialog, Qt.Key.Key_Escape)
            assert dialog.isVisible(), "a write is not left alone"
            await running.robot.closed(ConsentDialog)
            await seen(lambda: tells_blocked(running), "Graph serves the customer")
            await running.robot.loaded()
            outcome = await notice_about(running, "Sable Optics")
            assert "has been granted its permissions" in outcome.sentence
            assert running.writes() == [GRANT]
            assert "LicenseAssignment.ReadWrite.All" in granted(running)
            rights, tenant = running.program.world.backend.rights, running.work.tenant
            assert rights is not None
            await seen(lambda: rights.known(tenant).holders, "Graph told its administrators")
            await running.open("well_stocked")
            assert told(running, "no permission") == []


async def test_an_administrator_of_the_customer_uses_the_link() -> None:
    browser = Browser()
    with browsing(browser) as opened:
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            await running.open("mixed")
            robot, window = running.robot, running.program.window
            dialog = await open_dialog(running)
            robot.click(dialog.copy_button)
            there = customer(running, "mixed")
            browser.account = there.users[there.notable["admin"]].upn
            browser.cookies.clear()
            browser.deliver = False  # nobody listens at the end of this walk
            robot.click(dialog.open_button)
            assert opened[-1] == QGuiApplication.clipboard().text()
            assert opened[-1].startswith("http://127.0.0.1:"), "practice never leaves the computer"
            await seen(lambda: granted(running), "the administrator has accepted")
            robot.click(dialog.close_button)
            await robot.closed(ConsentDialog)
            assert len(told(running, "has no permission")) == 1, "nothing was read anew yet"
            await in_front(running)
            robot.key(window, Qt.Key.Key_F5)
            await seen(lambda: tells_blocked(running), "Graph serves the customer")
            await seen(lambda: told(running, "Sable Optics") == [], "the notice is gone")
            assert running.writes() == []


async def test_a_grant_that_is_refused_says_why_and_what_else_can_be_done() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            customer(running, "mixed").gdap = customer(running, "well_stocked").gdap
            await running.open("mixed")
            dialog = await open_dialog(running)
            running.robot.click(dialog.grant_button)
            await seen(dialog.errors.isVisible, "the refusal")
            assert not dialog.busy
            assert "may not grant permissions" in dialog.errors.sentence.text()
            assert "send the customer's administrator the link" in dialog.errors.next_step.text()
            running.robot.click(dialog.close_button)
            await running.robot.closed(ConsentDialog)
            assert len(told(running, "has no permission")) == 1
            assert granted(running) == frozenset()


async def test_other_refusals_are_told_without_a_way_that_would_not_help() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            found = running.simulator.identity.find(admin(running))
            assert found is not None
            account = running.simulator.identity.account(found[1])
            account.guest_of.add(running.tenant_id("tiny"))
            await running.open("tiny")
            notice = await notice_about(running, "Fern & Finch")
            assert notice.sentence.startswith("Graph refused Fern & Finch: Your account has no ")
            assert "remove the guest account" in notice.next_step
            assert notice.action == ""
            assert "AADSTS50177" in notice.support_ids
            await in_front(running)
            shift = Qt.KeyboardModifier.ShiftModifier
            read_at = running.work.read_at
            running.robot.key(running.program.window, Qt.Key.Key_F5, shift)
            await seen(lambda: running.work.read_at > read_at, "everything is read again")
            assert len(told(running, "Fern & Finch")) == 1
            account.guest_of.clear()
            running.robot.key(running.program.window, Qt.Key.Key_F5, shift)
            await seen(lambda: told(running, "Fern & Finch") == [], "Graph serves the customer")


async def test_microsoft_may_take_a_while_to_know_of_a_grant() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            await running.open("mixed")
            dialog = await open_dialog(running)
            unknown = {"error": "invalid_grant", "error_codes": [65001], "error_description": ""}
            running.simulator.faults.add(
                Fault(
                    FaultKind.ANSWER,
                    face="identity",
                    path=TOKEN,
                    status=400,
                    body=unknown,
                    times=None,
                )
            )
            running.robot.click(dialog.grant_button)
            await seen(lambda: told(running, "does not know of them"), "it is told")
            assert len(told(running, "Sable Optics")) == 1
            running.simulator.faults.clear()
            await in_front(running)
            running.robot.key(running.program.window, Qt.Key.Key_F5)
            await seen(lambda: told(running, "Sable Optics") == [], "the notice is gone")
            assert tells_blocked(running)


async def test_where_a_sign_in_would_help_it_is_offered() -> None:
    browser = Browser()
    with browsing(browser) as opened:
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            await running.open("well_stocked")  # by now the relations are known
            running.simulator.faults.add(
                Fault(FaultKind.CLAIMS, face="identity", path=TOKEN, times=None)
            )
            await running.open("tiny")
            notice = await notice_about(running, "Fern & Finch")
            assert notice.sentence.startswith(
                "Graph refused Fern & Finch: Microsoft wants a second"
            )
            running.simulator.faults.clear()
            await press(running, "Sign in")
            await seen(lambda: len(opened) == 2, "the page is opened")
            await seen(
                lambda: running.program.desk.session.capabilities().blocked_known,
                "Graph serves the customer",
            )
            await seen(lambda: told(running, "Fern & Finch") == [], "the notice is gone")
