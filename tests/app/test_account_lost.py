"""A sign-in that is gone, and who comes after it."""

from o365desk.app.connection_book import PRACTICE_SIGN_IN
from o365desk.app.robot import seen
from tests.app.browsing import browsing
from tests.app.harness import desk
from tests.app.test_sign_in_journeys import employee, whole_program
from tests.app.test_signing_in import invited, signed_in
from tests.seed.sight import words
from tests.simulator.browser import Browser


async def test_who_signs_in_after_a_lost_sign_in_finds_nothing_of_the_account_before() -> None:
    """Another copy of the program has signed out; then somebody else signs in here."""
    browser = Browser()
    with browsing(browser):
        async with whole_program() as running:
            await signed_in(running, browser)
            await running.open("well_stocked")
            before = running.program.window
            sign_in = running.program.world.sign_in
            assert sign_in is not None
            await sign_in.sign_out()
            running.program.controller.load_tenants()
            await seen(lambda: "Sign in" in words(before.banner), "the invitation")
            browser.join()
            browser.cookies.clear()
            browser.account = employee(running, "helpdesk")
            await invited(running)
            await seen(lambda: running.program.window is not before, "another window")
            await seen(lambda: not running.program.controller.tenants, "no customer is kept")


async def test_a_token_that_is_refused_is_noted_for_microsofts_support() -> None:
    browser = Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN) as running:
            await signed_in(running, browser)
            program, simulator = running.program, running.simulator
            account = program.account
            assert account is not None
            simulator.directory.revoke_sessions(account.user_id)
            assert "AADSTS" not in program.log.for_support()
            running.program.controller.load_tenants()
            refused = "partner center sign-in, code AADSTS50173, request-id "
            await seen(lambda: refused in program.log.for_support(), "the refusal, with its ids")
            assert account.username not in str(program.log.recent)
