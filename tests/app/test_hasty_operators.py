"""Whoever is faster than the program, starts it twice, or without what it needs: nothing breaks,
and the screen says what is so."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from o365desk.app.connection_book import PRACTICE, PRACTICE_SIGN_IN, load
from o365desk.app.main import run
from o365desk.app.options import ExitStatus, Options
from o365desk.app.profile import Profile, in_folder
from o365desk.app.program import RESTORING, Program
from o365desk.app.robot import Robot, seen
from o365desk.app.single_copy import Wishes
from o365desk.app.worlds import Means, World, open_world
from o365desk.domain.connections import Connection
from o365desk.domain.sign_in import Account
from o365desk.services.sign_in import MsalSignIn
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.views.connections_page import ConnectionsDialog
from o365desk.views.diagnostics_dialog import DiagnosticsDialog
from o365desk.views.first_start import FirstStartDialog
from o365desk.views.registration_guide import RegistrationGuide
from o365desk.views.sign_in_dialog import SignInDialog
from tests.app.browsing import browsing
from tests.app.harness import desk
from tests.app.kept_desk import secrets_in
from tests.app.test_connections import FABRIKAM, follow, running
from tests.services.sign_in_world import MemoryStore
from tests.simulator.browser import Browser


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """An empty profile on a computer without a store of secrets."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    return in_folder(tmp_path / "profile")


def operator(program: Program) -> str:
    """User name of the reseller's administrator."""
    simulator = program.world.simulator
    assert simulator is not None
    home = simulator.directory.tenant(simulator.world.partner.tenant_id)
    return home.users[home.notable["admin"]].upn


def told(program: Program) -> str:
    """Everything that stands in the banner."""
    return " ".join(
        f"{message.sentence} {message.next_step}" for message in program.window.banner.messages
    )


def said(widget: object) -> str:
    assert hasattr(widget, "findChildren")
    return " ".join(label.text() for label in widget.findChildren(QLabel))


# Two windows, one after the other


@pytest.mark.parametrize("page", [ConnectionsDialog, DiagnosticsDialog])
async def test_a_page_that_was_open_when_the_connection_changed_opens_again(
    profile: Profile, page: type[ConnectionsDialog | DiagnosticsDialog]
) -> None:
    load(profile).opened(PRACTICE)
    async with running(profile) as (program, robot):
        await seen(lambda: program.stands, "the program runs")

        async def open_page(robot: Robot) -> None:
            window = program.window
            if page is ConnectionsDialog:
                window.connections_requested.emit()
            else:
                window.diagnostics_requested.emit()
            await robot.opened(page)

        await open_page(robot)
        program.take_wishes(Wishes("practice-direct", ""))
        robot = await follow(program, robot)
        await robot.closed(page)
        await open_page(robot)


async def test_pages_open_before_the_program_is_ready(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(profile).opened(PRACTICE)
    imported = asyncio.Event()

    async def slow(connection: Connection, means: Means) -> World:
        await imported.wait()
        return await open_world(connection, means)

    monkeypatch.setattr("o365desk.app.program.open_world", slow)
    async with running(profile) as (program, robot):
        await seen(lambda: hasattr(program, "tasks"), "the start has begun")
        program.window.connections_requested.emit()
        page = await robot.opened(ConnectionsDialog)
        assert len(page.model.entries) == 3
        page.reject()
        program.take_wishes(Wishes("", "no such customer"))
        program.window.diagnostics_requested.emit()
        check = await robot.opened(DiagnosticsDialog)
        robot.click(check.run_button)
        imported.set()
        await seen(lambda: check.list.steps.steps and not check.running, "the check has ended")
        await seen(lambda: "There is no customer" in told(program), "the customers are read")
        assert not program.window.picker.isVisible(), "nothing pops up over a dialog"


async def test_a_second_start_opens_its_customer_in_place_of_the_one_shown(
    profile: Profile,
) -> None:
    load(profile).opened(PRACTICE)
    async with running(profile) as (program, robot):
        await seen(lambda: program.stands and len(program.controller.tenants) == 13, "customers")
        first, second = program.controller.tenants[3:5]
        await robot.open_tenant(first.name)
        program.take_wishes(Wishes("", second.domain))
        await seen(lambda: program.window.windowTitle().startswith(second.name), "its customer")
        program.take_wishes(Wishes("", "nobody.example"))
        await seen(lambda: "There is no customer “nobody.example”" in told(program), "it is told")
        assert program.window.windowTitle().startswith(second.name)


async def test_a_second_start_waits_for_the_sign_in(profile: Profile) -> None:
    load(profile).opened(PRACTICE_SIGN_IN)
    browser = Browser()
    with browsing(browser):
        async with running(profile) as (program, _robot):
            await seen(lambda: program.window.banner.messages, "the invitation")
            simulator = program.world.simulator
            assert simulator is not None
            wanted = simulator.world.customers[4]
            program.take_wishes(Wishes("", wanted.name))
            assert "You are not signed in" not in told(program)
            browser.account = operator(program)
            program.signing_in.ask_first()
            title = program.window.windowTitle
            await seen(lambda: title().startswith(wanted.name), "its customer")


async def test_signing_out_says_what_was_removed(profile: Profile) -> None:
    load(profile).opened(PRACTICE_SIGN_IN)
    browser = Browser()
    with browsing(browser):
        async with running(profile) as (program, robot):
            await seen(lambda: program.window.banner.messages, "the invitation")
            browser.account = operator(program)
            program.signing_in.ask_first()
            await seen(lambda: program.account, "signed in")
            program.signing_in.sign_out()
            assert program.window.freshness.loading_text == "Signing out…"
            await follow(program, robot)
            await seen(lambda: "Nobody is signed in" in told(program), "the invitation")
            assert "You are signed out. The account" in told(program)


# Nothing to show


async def test_without_a_connection_nothing_is_said_to_be_live(profile: Profile) -> None:
    async with running(profile) as (program, robot):
        (await robot.opened(FirstStartDialog)).reject()
        window = program.window
        assert "Live" not in window.freshness.text
        assert "Set up a connection" in said(window.users)
        assert "Set up a connection" in said(window.licenses)
        window.open_picker()
        assert "Set up a connection" in said(window.picker)
        assert "0 customers" not in said(window.picker)
        window.picker.close()


async def test_whoever_is_not_signed_in_is_not_told_that_there_are_no_customers() -> None:
    async with desk(connection=PRACTICE_SIGN_IN) as running_:
        window = running_.program.window
        await seen(lambda: window.banner.messages, "the invitation")
        window.open_picker()
        assert "Sign in to see" in said(window.picker)
        assert "No customers yet" not in said(window.picker)
        window.picker.close()


async def test_a_store_of_secrets_that_asks_first_is_waited_for_in_sight(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(profile).opened(PRACTICE_SIGN_IN)
    unlocked = asyncio.Event()
    restore = MsalSignIn.restore

    async def locked(sign_in: MsalSignIn) -> Account | None:
        await unlocked.wait()
        return await restore(sign_in)

    monkeypatch.setattr(MsalSignIn, "restore", locked)
    async with running(profile) as (program, _robot):
        window = program.window
        await seen(lambda: window.freshness.loading_text == RESTORING, "it is said")
        assert RESTORING in said(window.users)
        window.open_picker()
        assert RESTORING in said(window.picker)
        window.picker.close()
        unlocked.set()
        await seen(lambda: window.banner.messages, "the invitation")
        assert window.freshness.loading_text == ""
        assert RESTORING not in said(window.users)


async def test_f5_tries_again_where_no_customer_could_be_read() -> None:
    async with desk(direct=True) as running_:
        program, robot = running_.program, running_.robot
        program.desk.session.work = None
        program.controller.tenants.clear()
        running_.simulator.faults.add(Fault(FaultKind.CAPTIVE_PORTAL, times=None))
        robot.key(program.window, Qt.Key.Key_F5)
        await seen(lambda: program.window.banner.messages, "it does not answer")
        banner = program.window.banner
        assert [message.action for message in banner.messages] == ["Try again"]
        button = next(b for b in banner.findChildren(QPushButton) if b.text() == "Try again")
        robot.click(button)
        await seen(lambda: banner.messages, "it still does not answer")
        running_.simulator.faults.clear()
        robot.key(program.window, Qt.Key.Key_F5)
        await robot.loaded()


# Without the network, and with files that are wrong


async def test_offline_stays_offline_whatever_is_opened(profile: Profile) -> None:
    load(profile).put(FABRIKAM)
    with browsing(None) as opened, secrets_in(MemoryStore()):
        async with running(profile, Options(offline=True)) as (program, robot):
            await seen(lambda: "without the network" in told(program), "it is said")
            program.window.connections_requested.emit()
            page = await robot.opened(ConnectionsDialog)
            robot.click(page.in_button)
            robot = await follow(program, robot)
            await seen(lambda: "without the network" in told(program), "it is said again")
            program.window.connections_requested.emit()
            page = await robot.opened(ConnectionsDialog)
            program.pages.show_guide(FABRIKAM, page)
            guide = await robot.opened(RegistrationGuide)
            assert not guide.check_button.isEnabled()
            assert "--offline" in guide.check_state.text()
            guide.reject()
            page.reject()
            program.window.diagnostics_requested.emit()
            check = await robot.opened(DiagnosticsDialog)
            assert not check.run_button.isEnabled()
            assert "--offline" in check.run_button.toolTip()
            assert not program.stands
    assert opened == []


MANAGED = {"name": "Set by IT", "mode": "resellr", "tenant": "it.example", "client_id": "x"}


@pytest.mark.parametrize("own", [None, PRACTICE, PRACTICE_SIGN_IN], ids=["none", "plain", "asks"])
async def test_a_file_that_is_wrong_is_told_at_the_start(
    profile: Profile, own: Connection | None
) -> None:
    assert profile.machine is not None
    profile.settings.mkdir(parents=True)
    if own is not None:
        load(profile).opened(own)
    profile.machine.write_text(json.dumps({"connections": [MANAGED]}), encoding="utf-8")
    async with running(profile) as (program, _robot):
        await seen(lambda: "Entry 1 of machine.json cannot be used" in told(program), "it is told")
        await seen(lambda: own is None or program.stands, "the program runs")
        assert "Correct the file" in told(program)


async def test_a_file_that_adds_nothing_is_no_success(profile: Profile, tmp_path: Path) -> None:
    load(profile).put(FABRIKAM)
    load(profile).opened(PRACTICE)
    async with running(profile) as (program, robot):
        await seen(lambda: program.stands, "the program runs")
        program.window.connections_requested.emit()
        page = await robot.opened(ConnectionsDialog)
        file = tmp_path / "colleagues.json"
        page.export_requested.emit((FABRIKAM,), str(file))
        assert "“Fabrikam” was written." in page.outcome.text()
        page.import_requested.emit(str(file))
        assert page.errors.sentence.text() == "Nothing was added."
        assert page.errors.next_step.text() == "“Fabrikam” is here already."
        assert not page.outcome.isVisible()


def test_a_file_that_is_wrong_is_told_without_a_window(
    profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    profile.settings.mkdir(parents=True)
    (profile.settings / "machine.json").write_text("{", encoding="utf-8")
    assert run(["--config", str(profile.settings), "sync"]) == ExitStatus.SIGN_IN
    assert "machine.json cannot be read" in capsys.readouterr().err


# The guide's check


async def test_a_check_in_the_guide_leaves_the_windows_own_sign_in_as_it_was() -> None:
    with browsing(None) as opened:
        async with desk(connection=PRACTICE_SIGN_IN) as running_:
            program, robot = running_.program, running_.robot
            await seen(lambda: program.window.banner.messages, "the invitation")
            connection = replace(PRACTICE_SIGN_IN, tenant="brightwater.example")
            page = ConnectionsDialog(program.window)
            page.open()
            program.pages.show_guide(connection, page)
            guide = await robot.opened(RegistrationGuide)
            robot.click(guide.check_button)
            asking = await robot.opened(SignInDialog)
            await seen(lambda: opened, "the page is opened")
            asking.reject()
            await seen(lambda: "Not checked" in guide.check_state.text(), "it is said")
            guide.reject()
            page.reject()
            opened.clear()
            program.signing_in.ask_first()
            asking = await robot.opened(SignInDialog)
            assert "has been opened" not in asking.text.text(), "not yet"
            await seen(lambda: opened, "the page is opened")
            assert asking.link_row.isVisible()
            assert "has been opened" in asking.text.text()
            asking.reject()
