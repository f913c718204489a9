"""A day's work, with everything that must never be written down, and a look into every sink."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import keyring
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from o365desk.app.config import Settings
from o365desk.app.connection_book import PRACTICE_SIGN_IN, load
from o365desk.app.front import make_front
from o365desk.app.options import Options
from o365desk.app.profile import Profile, in_folder
from o365desk.app.program import Program
from o365desk.app.report import Reporter
from o365desk.app.robot import Robot, seen
from o365desk.services.product_names import ProductNames
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.views.diagnostics_dialog import DiagnosticsDialog
from tests.app.browsing import browsing
from tests.app.harness import Running
from tests.app.test_signing_in import admin, signed_in
from tests.seed.sight import flip, manage, refresh, update
from tests.seed.test_password import open_create, open_reset
from tests.services.sign_in_world import PASSWORD, MemoryStore
from tests.simulator.browser import Browser

AMELIA = "Amelia Okafor"


@asynccontextmanager
async def program_of(profile: Profile) -> AsyncIterator[tuple[Running, Reporter]]:
    """The program as it runs at a desk: with a profile, a log and a sign-in."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    names, reporter = ProductNames(), Reporter()
    front = make_front(PRACTICE_SIGN_IN, Settings(), names)
    front.window.show()
    program = Program(app, front, names, reporter, Options(), profile, load(profile))
    task = asyncio.ensure_future(program.main())
    await seen(lambda: hasattr(program, "asker") or task.done(), "the program runs")
    simulator = program.world.simulator
    assert simulator is not None
    try:
        yield Running(program, Robot(front.window), simulator), reporter
    finally:
        front.window.close()
        await task
        front.window.deleteLater()


async def create_wilma(running: Running) -> str:
    """Creates a user; the password she was given."""
    dialog, robot = await open_create(running), running.robot
    robot.type(dialog.first_name, "Wilma")
    robot.type(dialog.last_name, "Canarybird")
    robot.type(dialog.panel.mail, "wilma@canary.example")
    password = dialog.panel.generated.text()
    robot.click(dialog.create_button)
    await seen(lambda: dialog.result_panel is not None, "the user is created")
    robot.click(dialog.close_button)
    return password


async def reset_amelia(running: Running, *, refused: str = "") -> str:
    dialog = await open_reset(running, AMELIA)
    password = dialog.panel.generated.text()
    if refused:
        quoting = {"error": {"code": "Request_BadRequest", "message": f"{refused} {password}"}}
        running.simulator.faults.add(
            Fault(FaultKind.ANSWER, method="PATCH", status=400, body=quoting)
        )
    running.robot.click(dialog.reset_button)
    if refused:
        await seen(lambda: dialog.errors.isVisible() and not dialog.busy, "the dialog says why")
        dialog.close()
    else:
        await seen(lambda: dialog.result_panel is not None, "the password is set")
        running.robot.click(dialog.close_button)
    return password


async def licenses(running: Running) -> None:
    """An update that succeeds after a refusal that quotes names."""
    dialog = await manage(running, AMELIA)
    flip(running, dialog, "VISIOCLIENT")
    quoting = {"error": {"code": f"{AMELIA}", "message": f"{AMELIA} amelia.okafor@canary.example"}}
    running.simulator.faults.add(
        Fault(FaultKind.ANSWER, path="*/assignLicense", status=400, body=quoting,
              headers={"request-id": AMELIA, "client-request-id": "amelia@canary.example"}),
    )  # fmt: skip
    running.robot.click(dialog.update_button)
    await seen(lambda: dialog.errors.isVisible() and not dialog.busy, "the dialog says why")
    await update(running, dialog)


async def diagnose(running: Running) -> list[str]:
    """Runs the check; both texts that it gives to copy."""
    running.program.window.diagnostics_requested.emit()
    dialog = await running.robot.opened(DiagnosticsDialog)
    running.robot.click(dialog.run_button)
    await seen(lambda: not dialog.running and dialog.copy_button.isEnabled(), "the check ends")
    texts = []
    for button in (dialog.copy_button, dialog.support_button):
        if button.isEnabled():
            running.robot.click(button)
            texts.append(QGuiApplication.clipboard().text())
    dialog.close()
    return texts


def bug(reporter: Reporter, words: list[str]) -> None:
    try:
        raise KeyError(*words)
    except KeyError as error:
        reporter.bug(error)


def known_to(running: Running) -> list[str]:
    """Names and addresses of everybody at the customer."""
    people = running.truth("well_stocked")
    found = [admin(running), "Wilma", "Canarybird", "canary.example", "okafor"]
    for user in (*people["users"], *people["deleted"]):
        found += [user["displayName"], user["userPrincipalName"]]
    return [one for one in found if one]


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_nothing_that_must_not_be_written_is_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryStore())
    browser = Browser(password=PASSWORD)
    try:
        with browsing(browser) as opened:
            async with program_of(in_folder(tmp_path)) as (running, reporter):
                await signed_in(running, browser)
                await running.open("well_stocked")
                passwords = [
                    await create_wilma(running),
                    await reset_amelia(running),
                    await reset_amelia(running, refused=AMELIA),
                ]
                await licenses(running)
                await refresh(running)
                simulator = running.simulator
                tokens = [*simulator.directory.access_tokens, *simulator.identity.refreshes]
                secrets = [*passwords, *tokens, PASSWORD]
                canaries = [*known_to(running), *secrets]
                bug(reporter, canaries)
                copied = await diagnose(running)
                copied.append(running.program.log.for_support())
                operations = {one.get("operation") for one in running.program.log.recent}
    finally:
        keyring.set_keyring(before)
    printed = capfd.readouterr()
    sinks = files_in(tmp_path)
    sinks |= {"out": printed.out.encode(), "err": printed.err.encode()}
    sinks["copied"] = "\n".join(copied).encode()
    for name, content in sinks.items():
        text = content.decode("utf-8", "replace").lower()
        for canary in canaries:
            assert canary.lower() not in text, f"{canary} in {name}"
    # The sinks were not empty: the work is in the log, the bug in its report.
    assert {"createUser", "resetPassword", "assignLicense", "listUsers"} <= operations
    events = [json.loads(line)["event"] for line in sinks["o365desk.log"].decode().splitlines()]
    assert events[0] == "start"
    assert events[-1] == "end"
    assert "bug" in events
    assert any(name.startswith("bug-") and b"KeyError" in sinks[name] for name in sinks)
    assert len(canaries) > 50
    assert ["Mail.Send" in address for address in opened] == [False, True]  # with the first mail
