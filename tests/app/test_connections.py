"""From no connection to several: the assistant, the page, and windows that follow one another."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest
from PySide6.QtWidgets import QApplication

from o365desk.app.connection_book import PRACTICE, as_entry, load
from o365desk.app.front import make_front, settings_of
from o365desk.app.main import chosen
from o365desk.app.options import Options
from o365desk.app.profile import Profile, in_folder
from o365desk.app.program import Program
from o365desk.app.report import Reporter
from o365desk.app.robot import Robot, seen
from o365desk.app.single_copy import Wishes
from o365desk.domain.connections import Connection, Mode
from o365desk.services.product_names import ProductNames
from o365desk.views.connection_form import ConnectionDialog
from o365desk.views.connections_page import ConnectionsDialog, DeleteConnectionDialog
from o365desk.views.crash_dialog import CrashDialog
from o365desk.views.first_start import FirstStartDialog, Start
from o365desk.views.sign_in_dialog import SignInDialog
from tests.app.browsing import browsing

CLIENT = "00001111-aaaa-2222-bbbb-3333cccc4444"
FABRIKAM = Connection("fabrikam", "Fabrikam", Mode.RESELLER, "fabrikam.example", CLIENT)


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """An empty profile on a computer without a store of secrets."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    return in_folder(tmp_path / "profile")


@asynccontextmanager
async def running(
    profile: Profile, options: Options | None = None
) -> AsyncIterator[tuple[Program, Robot]]:
    """The program from its start with this profile to the closing of its last window."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    names, reporter, book = ProductNames(), Reporter(), load(profile)
    options = options or Options()
    connection = chosen(options, book)
    front = make_front(connection, settings_of(connection, profile), names)
    front.window.show()
    program = Program(app, front, names, reporter, options, profile, book)
    life = asyncio.ensure_future(program.main())
    try:
        yield program, Robot(front.window)
    finally:
        program.window.close()
        assert await life == 0
        program.window.deleteLater()
        reporter.close()
        app.setQuitOnLastWindowClosed(True)
    await asyncio.sleep(0)
    assert reporter.bugs == 0


async def follow(program: Program, robot: Robot) -> Robot:
    """The hand and eye at the window that follows."""
    before = robot.window
    await seen(lambda: program.window is not before, "the next window")
    return Robot(program.window)


async def test_the_first_start_leads_to_the_practice_directory(profile: Profile) -> None:
    async with running(profile) as (program, robot):
        assistant = await robot.opened(FirstStartDialog)
        assistant.start.set_value(Start.PRACTICE)
        robot.click(assistant.next_button)
        await follow(program, robot)
        await seen(lambda: hasattr(program, "controller"), "the world behind it")
        await seen(lambda: program.controller.tenants, "the practice customers")
        assert program.front.connection is PRACTICE
    assert load(profile).to_open() == PRACTICE, "it opens again the next time"


async def test_the_first_start_makes_a_connection_and_asks_to_sign_in(profile: Profile) -> None:
    with browsing(None):
        async with running(profile) as (program, robot):
            assistant = await robot.opened(FirstStartDialog)
            assistant.start.set_value(Mode.RESELLER)
            robot.click(assistant.next_button)
            robot.type(assistant.form.tenant, "fabrikam.example")
            robot.click(assistant.next_button)
            robot.type(assistant.form.client_id, CLIENT)
            robot.click(assistant.next_button)
            robot.click(assistant.next_button)
            robot.click(assistant.next_button)
            robot = await follow(program, robot)
            asking = await robot.opened(SignInDialog)
            asking.reject()
            made = program.front.connection
            assert made is not None
            assert (made.tenant, made.client_id) == ("fabrikam.example", CLIENT)
    assert load(profile).own == [made]


async def test_the_assistant_given_up_can_be_opened_again(profile: Profile) -> None:
    async with running(profile) as (program, robot):
        (await robot.opened(FirstStartDialog)).reject()
        messages = program.window.banner
        await seen(lambda: messages.messages, "the offer")
        assert messages.messages[0].sentence == "No connection is set up yet."
        assert messages.messages[0].action == "Set up…"


async def test_a_colleagues_file_on_the_first_start(profile: Profile, tmp_path: Path) -> None:
    file = tmp_path / "from a colleague.json"
    file.write_text(json.dumps({"connections": [as_entry(FABRIKAM)]}), encoding="utf-8")
    with browsing(None):
        async with running(profile) as (program, robot):
            assistant = await robot.opened(FirstStartDialog)
            assistant.import_requested.emit(str(tmp_path))
            await seen(assistant.errors.isVisible, "a folder is no file")
            assistant.import_requested.emit(str(file))
            robot = await follow(program, robot)
            (await robot.opened(SignInDialog)).reject()
            assert program.front.connection == FABRIKAM


async def test_connections_are_made_changed_and_deleted_on_their_page(profile: Profile) -> None:
    load(profile).put(FABRIKAM)
    with browsing(None):
        async with running(profile) as (program, robot):
            await seen(lambda: program.window.banner.messages, "the invitation to sign in")
            program.window.connections_requested.emit()
            page = await robot.opened(ConnectionsDialog)
            robot.click(page.new_button)
            form = await robot.opened(ConnectionDialog)
            robot.type(form.form.tenant, "contoso.example")
            robot.type(form.form.client_id, CLIENT)
            form.form.name.clear()
            robot.type(form.form.name, "Contoso")
            robot.click(form.save_button)
            await robot.closed(ConnectionDialog)
            current = page.current()
            assert current is not None
            assert current.connection.name == "Contoso"
            assert [one.name for one in load(profile).own] == ["Fabrikam", "Contoso"]
            robot.click(page.delete_button)
            asking = await robot.opened(DeleteConnectionDialog)
            asking.confirmed.emit()
            asking.accept()
            await seen(lambda: len(load(profile).own) == 1, "it is gone from the file")
            await seen(lambda: "Contoso" in page.outcome.text(), "what was removed is told")
            page.reject()


async def test_a_changed_connection_gets_a_new_window(profile: Profile) -> None:
    load(profile).put(FABRIKAM)
    with browsing(None):
        async with running(profile) as (program, robot):
            await seen(lambda: program.window.banner.messages, "the invitation to sign in")
            program.window.connections_requested.emit()
            page = await robot.opened(ConnectionsDialog)
            robot.click(page.edit_button)
            form = await robot.opened(ConnectionDialog)
            form.form.name.clear()
            robot.type(form.form.name, "Fabrikam Services")
            robot.click(form.save_button)
            await follow(program, robot)
            changed = replace(FABRIKAM, name="Fabrikam Services")
            assert program.front.connection == changed
    assert load(profile).own == [changed]


async def test_without_a_store_of_secrets_the_window_says_what_that_means(
    profile: Profile,
) -> None:
    load(profile).put(FABRIKAM)
    with browsing(None):
        async with running(profile) as (program, _robot):
            await seen(lambda: program.window.banner.messages, "the invitation to sign in")
            assert program.world.sign_in is not None
            assert "forgotten when the program ends" in program.world.sign_in.kept
    assert not list(profile.data.glob("*.sign-in")), "nothing was written"


async def test_a_second_start_brings_this_window_to_the_front(profile: Profile) -> None:
    load(profile).opened(PRACTICE)
    async with running(profile) as (program, robot):
        await seen(lambda: hasattr(program, "controller"), "the program runs")
        await seen(lambda: program.controller.tenants, "the customers are read")
        wanted = program.controller.tenants[3]
        program.take_wishes(Wishes("", wanted.domain))
        await seen(lambda: robot.window.windowTitle().startswith(wanted.name), "its customer")
        program.take_wishes(Wishes("practice-direct", ""))
        await follow(program, robot)
        await seen(lambda: program.world.backend.single_tenant, "the other connection")


@pytest.fixture
def crashed(profile: Profile) -> Profile:
    """A profile in which a run of the program ended by a crash inside Qt."""
    crash = (
        "import os, pathlib, sys; from o365desk.app.report import Reporter\n"
        "Reporter().keep_in(pathlib.Path(sys.argv[1])); os.abort()"
    )
    ended = subprocess.run([sys.executable, "-c", crash, str(profile.state)], check=False)
    assert ended.returncode != 0
    load(profile).opened(PRACTICE)
    return profile


async def test_a_crash_report_is_shown_to_who_asks(crashed: Profile) -> None:
    async with running(crashed) as (_program, robot):
        dialog = await robot.opened(CrashDialog)
        assert dialog.report.toPlainText() == ""
        robot.click(dialog.show_button)
        assert "Abort" in dialog.report.toPlainText()
        robot.click(dialog.discard_button)
        await robot.closed(CrashDialog)
    async with running(crashed) as (program, robot):
        await seen(lambda: hasattr(program, "controller"), "the program runs")
        assert robot.dialog(CrashDialog) is None
