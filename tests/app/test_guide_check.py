"""The check of a registration signs in by itself, beside the connection that is open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from o365desk.app.connection_book import PRACTICE_SIGN_IN
from o365desk.app.robot import seen
from o365desk.domain.diagnostics import StepState
from o365desk.views.connections_page import ConnectionsDialog
from o365desk.views.registration_guide import RegistrationGuide
from o365desk.views.sign_in_dialog import SignInDialog
from tests.app.browsing import browsing
from tests.app.harness import Running, desk
from tests.app.test_signing_in import admin
from tests.simulator.browser import Browser

REGISTERED = replace(PRACTICE_SIGN_IN, tenant="fabrikam.example")


@asynccontextmanager
async def guide_open(browser: Browser | None) -> AsyncIterator[tuple[Running, RegistrationGuide]]:
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            above = ConnectionsDialog(running.program.window)
            above.open()
            if browser is not None:
                browser.account = admin(running)
            running.program.pages.show_guide(REGISTERED, above)
            guide = await running.robot.opened(RegistrationGuide)
            yield running, guide
            above.reject()


async def test_what_was_registered_is_checked_with_a_sign_in_of_its_own() -> None:
    async with guide_open(Browser()) as (running, guide):
        own = running.program.asker
        running.robot.click(guide.check_button)
        await seen(lambda: guide.check_button.text() == "Check again", "the check is done")
        states = {step.state for step in guide.check_list.steps.steps}
        assert StepState.GOOD in states
        assert StepState.FAILED not in states
        assert running.program.account is None
        assert running.program.asker is own
        guide.reject()


async def test_a_guide_may_be_closed_while_it_asks() -> None:
    async with guide_open(None) as (running, guide):
        running.robot.click(guide.check_button)
        asking = await running.robot.opened(SignInDialog)
        guide.reject()
        asking.reject()
        await running.robot.closed(SignInDialog)
