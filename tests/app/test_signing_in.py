"""Signing in at the window: real MSAL, real pages in a browser, and the customers after it."""

import asyncio
import json
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from o365desk.app.connection_book import PRACTICE_SIGN_IN
from o365desk.app.robot import seen
from o365desk.domain.connections import SignInMethod
from o365desk.simulator import HttpRequest
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.sign_in_dialog import SignInDialog
from tests.app.browsing import browsing
from tests.app.harness import Running, desk
from tests.simulator.browser import Browser


def admin(running: Running) -> str:
    """User name of the reseller's administrator."""
    directory = running.simulator.directory
    home = directory.tenant(running.simulator.world.partner.tenant_id)
    return home.users[home.notable["admin"]].upn


async def invited(running: Running) -> None:
    """Presses Sign in, as the window invites to."""
    banner = running.program.window.banner
    await seen(lambda: banner.messages, "the invitation")
    button = next(one for one in banner.findChildren(QPushButton) if one.text() == "Sign in")
    running.robot.click(button)


async def signed_in(running: Running, browser: Browser) -> None:
    """Signs in, through the pages in the browser."""
    browser.account = browser.account or admin(running)
    await invited(running)
    await seen(lambda: running.program.controller.tenants, "the customers are read")


async def test_browser_sign_in_leads_to_the_customers() -> None:
    browser = Browser()
    with browsing(browser) as opened:
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            window = running.program.window
            assert window.account.username == admin(running)
            assert opened[0].startswith("http://127.0.0.1:")
            await running.open("well_stocked")
            assert running.robot.row("Amelia Okafor") is not None
            assert len(opened) == 1, "one sign-in serves every customer"


async def test_device_code_is_shown_and_typed_elsewhere() -> None:
    connection = replace(PRACTICE_SIGN_IN, method=SignInMethod.DEVICE_CODE)
    with browsing(None) as opened:
        async with desk(connection=connection) as running:
            await invited(running)
            dialog = await running.robot.opened(SignInDialog)
            code = await seen(dialog.code.text, "the code")
            browser = Browser(account=admin(running), user_code=code)
            await asyncio.to_thread(browser.visit, dialog.address.text())
            await seen(lambda: running.program.controller.tenants, "the customers are read")
            assert running.robot.dialog(SignInDialog) is None
            assert opened == [], "the code is for another device"


async def test_giving_up_leaves_the_window_as_it_was() -> None:
    with browsing(None) as opened:
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await invited(running)
            dialog = await running.robot.opened(SignInDialog)
            await seen(lambda: opened, "the page is opened")
            running.robot.key(dialog, Qt.Key.Key_Escape)
            await running.robot.closed(SignInDialog)
            assert running.program.account is None
            assert running.program.controller.tenants == []
            assert running.program.window.account.username == ""


async def test_a_refusal_is_explained_and_another_account_can_be_used() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            home = running.simulator.world.partner
            browser.account = f"disabled@{home.default_domain}"
            await invited(running)
            dialog = await running.robot.opened(SignInDialog)
            await seen(dialog.errors.isVisible, "the refusal")
            assert "AADSTS50057" in dialog.errors.ids.text()
            assert browser.account not in dialog.errors.sentence.text()
            browser.cookies.clear()
            browser.account = admin(running)
            running.robot.click(dialog.another_button)
            await seen(lambda: running.program.controller.tenants, "the customers are read")


async def test_signed_out_during_an_update_the_switches_stay_and_the_sign_in_is_offered() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            await running.open("well_stocked")
            robot = running.robot
            robot.manage_licenses("Amelia Okafor")
            dialog = await robot.opened(ManageLicensesDialog)
            draft = await seen(lambda: dialog.switches.draft, "the switches are shown")
            sku = next(line.sku for line in draft.lines() if line.sku.name == "Visio Plan 2")
            robot.switch(dialog.switches, sku.id)
            running.simulator.handle(
                HttpRequest(
                    "POST",
                    "/practice/revoke",
                    "",
                    {},
                    json.dumps({"account": browser.account}).encode(),
                )
            )
            robot.click(dialog.update_button)
            await seen(dialog.errors.sign_in.isVisible, "the sign-in is offered")
            assert running.writes() == [("POST", "/users/{id}/assignLicense")]
            robot.click(dialog.errors.sign_in)
            await seen(lambda: not dialog.errors.isVisible(), "it is over")
            await robot.closed(SignInDialog)
            robot.click(dialog.update_button)
            await robot.closed(ManageLicensesDialog)
            assert robot.cell("Amelia Okafor", "assign") == "Visio Plan 2"
