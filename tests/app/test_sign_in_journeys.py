"""Journeys around the sign-in: other accounts, customers who are closed to one, permissions that
are asked for later, and the way out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest
from PySide6.QtWidgets import QApplication, QMenu

from o365desk.app.config import Settings
from o365desk.app.connection_book import PRACTICE_SIGN_IN
from o365desk.app.front import make_front
from o365desk.app.options import Options
from o365desk.app.program import Program
from o365desk.app.report import Reporter
from o365desk.app.robot import Robot, seen
from o365desk.app.signing_in import SignInAsker, SigningIn
from o365desk.app.tasks import TaskRunner
from o365desk.services.desk_log import DeskLog
from o365desk.services.product_names import ProductNames
from o365desk.simulator import Fault, FaultKind
from o365desk.views.sign_in_dialog import SignInDialog
from tests.app.browsing import browsing
from tests.app.harness import Running, desk
from tests.app.test_signing_in import invited, signed_in
from tests.seed.sight import words
from tests.seed.test_password import open_create, open_reset, outbox
from tests.services.sign_in_world import sign_in_world
from tests.simulator.browser import Browser

AMELIA = "Amelia Okafor"
UNGRANTED = "has no permission in the directory of"
DENIED = "Your account may not do this for this customer."


def employee(running: Running, purpose: str) -> str:
    """User name of one of the reseller's people."""
    home = running.simulator.directory.tenant(running.simulator.world.partner.tenant_id)
    return home.users[home.notable[purpose]].upn


def told(running: Running) -> str:
    """Everything that the window says now, outside its tables."""
    return " ".join(words(running.program.window))


# The account's menu


@asynccontextmanager
async def whole_program() -> AsyncIterator[Running]:
    """The program as `main` runs it, one window after the other."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    names, reporter = ProductNames(), Reporter()
    front = make_front(PRACTICE_SIGN_IN, Settings(), names)
    front.window.show()
    program = Program(app, front, names, reporter, Options())
    task = asyncio.ensure_future(program.main())
    await seen(lambda: front.window.banner.messages, "the invitation to sign in")
    simulator = program.world.simulator
    assert simulator is not None
    try:
        yield Running(program, Robot(front.window), simulator)
    finally:
        program.window.close()
        await task
        program.window.deleteLater()
        app.setQuitOnLastWindowClosed(True)
    assert reporter.bugs == 0


async def choose(running: Running, entry: str) -> None:
    """An entry of the account's menu."""
    running.robot.click(running.program.window.account)
    running.robot.choose(await running.robot.opened(QMenu), entry)


async def test_signing_out_leaves_nothing_of_the_customers_and_says_so() -> None:
    browser = Browser()
    with browsing(browser):
        async with whole_program() as running:
            await signed_in(running, browser)
            await running.open("well_stocked")
            before = running.program.window
            await choose(running, "Sign out")
            await seen(lambda: running.program.window is not before, "another window")
            window = running.program.window
            await seen(lambda: window.account.username == "", "nobody is signed in")
            await seen(lambda: "You are signed out." in told(running), "it is said")
            assert running.program.account is None
            assert running.program.controller.tenants == []
            assert window.users.table.model().rowCount() == 0
            assert AMELIA not in told(running)
            await seen(lambda: "Sign in" in words(window.banner), "the invitation")


async def test_another_account_takes_the_place_of_the_first_with_nothing_left_of_it() -> None:
    browser = Browser()
    with browsing(browser):
        async with whole_program() as running:
            await signed_in(running, browser)
            await running.open("well_stocked")
            before = running.program.window
            browser.cookies.clear()
            browser.account = employee(running, "helpdesk")
            await choose(running, "Switch account…")
            await seen(lambda: running.program.window is not before, "another window")
            assert "account" in browser.join().pages, "the account was asked for"
            window = running.program.window
            assert window.users.table.model().rowCount() == 0
            assert "tallpine" not in told(running)
            await seen(lambda: window.account.username == browser.account, "the other account")
            await seen(lambda: running.program.controller.tenants, "customers are read for it")
            assert len(browser.walks) == 2, "it signed in once"


async def test_giving_up_a_switch_leaves_the_first_account_at_work() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            await running.open("well_stocked")
            username = running.program.window.account.username
            browser.cookies.clear()
            browser.decline = True
            await choose(running, "Switch account…")
            dialog = await running.robot.opened(SignInDialog)
            await seen(dialog.errors.isVisible, "it is said that it was cancelled")
            running.robot.click(dialog.cancel_button)
            await running.robot.closed(SignInDialog)
            assert running.program.window.account.username == username
            await running.open("no_seats")
            assert running.robot.table.model().rowCount() > 0


# Customers who are closed


async def test_a_customer_who_granted_nothing_says_so_and_the_others_work() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            await running.open("mixed")
            assert running.robot.table.model().rowCount() > 0, "Partner Center serves it"
            await seen(lambda: UNGRANTED in told(running), "that the permissions are missing")
            assert running.robot.dialog(SignInDialog) is None, "a sign-in would not help"
            await running.open("well_stocked")
            assert running.robot.row(AMELIA).isValid()
            assert UNGRANTED not in told(running)
            assert running.program.desk.session.capabilities().sources_known, "Graph serves it"


@pytest.mark.parametrize(
    "purpose", ["suspended", "tiny"], ids=["not in the group (50020)", "a guest there (50177)"]
)
async def test_a_customer_beyond_the_operators_group_is_told_from_the_others(purpose: str) -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            browser.account = employee(running, "helpdesk")
            await signed_in(running, browser)
            controller, wanted = running.program.controller, running.tenant_id(purpose)
            controller.open_tenant(next(one for one in controller.tenants if one.id == wanted))
            # Above the list, in its place, and in that of the licenses.
            await seen(lambda: told(running).count(DENIED) >= 3, "why this customer is closed")
            assert running.program.window.users.table.model().rowCount() == 0
            await running.open("well_stocked")
            assert running.robot.row(AMELIA).isValid()
            assert DENIED not in told(running)


# The second factor


async def test_partner_center_wants_a_second_factor_and_gets_it_by_signing_in_again() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            browser.account = employee(running, "single_factor")
            await signed_in(running, browser)
            assert "second-factor" in browser.join().pages, (
                "no policy asks for it, the program does"
            )
            browser.cookies.clear()
            window = running.program.window
            body = {"code": 900421, "description": "MFA is required.", "data": [], "source": "x"}
            refused = Fault(
                FaultKind.ANSWER, face="partner_center", path="/customers", status=401, body=body
            )
            running.simulator.faults.add(refused)
            running.program.controller.load_tenants()
            await seen(
                lambda: any("multi-factor" in one.sentence for one in window.banner.messages),
                "that a second factor is wanted",
            )
            await invited(running)
            await seen(lambda: len(browser.walks) == 2, "the pages are walked again")
            assert "second-factor" in browser.walks[-1].pages
            await seen(lambda: running.program.controller.tenants, "the customers are read")
            assert "multi-factor" not in told(running)


# Mail, when the first one is sent


async def test_the_permission_to_send_mail_is_asked_for_with_the_first_mail() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            await running.open("well_stocked")
            dialog = await open_reset(running, AMELIA)
            running.robot.type(dialog.panel.mail, "amelia@home.example")
            password = dialog.panel.generated.text()
            running.robot.click(dialog.reset_button)
            await seen(lambda: dialog.result_panel is not None, "the password is set")
            assert "The password was sent to amelia@home.example." in words(dialog)
            assert "consent" in browser.walks[-1].pages
            assert len(browser.walks) == 2
            (mail,) = outbox(running)
            assert password in mail["content"]
            assert len([one for one in running.writes() if one[0] == "PATCH"]) == 1
            running.robot.click(dialog.close_button)
            # It is asked for once.
            dialog = await open_reset(running, AMELIA)
            running.robot.click(dialog.reset_button)
            await seen(lambda: dialog.result_panel is not None, "the password is set")
            assert len(browser.walks) == 2
            assert len(outbox(running)) == 2
            running.robot.click(dialog.close_button)


async def test_who_does_not_grant_it_still_sees_the_password() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            await running.open("well_stocked")
            browser.consent = False
            create = await open_create(running)
            running.robot.type(create.first_name, "Wilma")
            running.robot.type(create.last_name, "Berg")
            running.robot.type(create.panel.mail, "wilma@home.example")
            running.robot.click(create.create_button)
            asking = await running.robot.opened(SignInDialog)
            await seen(asking.errors.isVisible, "that it was declined")
            assert asking.parentWidget() is create
            running.robot.click(asking.cancel_button)
            await seen(lambda: create.result_panel is not None, "the user is created")
            said = " ".join(words(create))
            assert "The user was created." in said
            assert "The mail to wilma@home.example was not sent" in said
            assert outbox(running) == []
            assert running.writes().count(("POST", "/users")) == 1
            running.robot.click(create.close_button)


# Without a store of secrets


async def test_without_a_store_of_secrets_the_banner_says_what_it_means(tmp_path: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    reporter, names = Reporter(), ProductNames()
    front = make_front(PRACTICE_SIGN_IN, Settings(), names)
    window, done = front.window, asyncio.Event()
    window.show()
    try:
        async with sign_in_world(tmp_path) as world:
            connection, sign_in = world.connection(), world.sign_in()
            tasks = TaskRunner(window.banner.show_error, reporter.bug)
            signing_in = SigningIn(
                connection,
                sign_in,
                SignInAsker(connection, sign_in, tasks, lambda link: None),
                tasks,
                window,
                log=DeskLog(),
                on_signed_in=done.set,
                on_another=lambda told: None,
            )
            assert await signing_in.restore() is None
            signing_in.ask_first()
            await asyncio.wait_for(done.wait(), 20)
            (notice,) = window.banner.messages
            assert "forgotten when the program ends" in f"{notice.sentence} {notice.next_step}"
            assert window.account.username == world.person("admin")
            await tasks.drain(5)
    finally:
        keyring.set_keyring(before)
        window.finish_closing()
        window.deleteLater()
    assert not (tmp_path / "one.sign-in").exists(), "nothing was written"
    assert reporter.bugs == 0
