"""Signing in at the window: real MSAL, real pages in a browser, and the customers after it."""

from PySide6.QtWidgets import QPushButton

from o365desk.app.connection_book import PRACTICE_SIGN_IN
from o365desk.app.robot import seen
from tests.app.browsing import browsing
from tests.app.harness import Running, desk
from tests.simulator.browser import Browser


def admin(running: Running) -> str:
    """User name of the reseller's administrator."""
    directory = running.simulator.directory
    home = directory.tenant(running.simulator.world.partner.tenant_id)
    return home.users[home.notable["admin"]].upn


async def signed_in(running: Running, browser: Browser) -> None:
    """Presses Sign in, and walks through the pages."""
    browser.account = browser.account or admin(running)
    window = running.program.window
    await seen(lambda: window.banner.messages, "the invitation")
    button = next(b for b in window.banner.findChildren(QPushButton) if b.text() == "Sign in")
    running.robot.click(button)
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
