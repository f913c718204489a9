"""Journeys through trouble while something is written: races, cuts, refusals, closing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from PySide6.QtWidgets import QApplication

from o365desk.app.config import Settings
from o365desk.app.connection_book import PRACTICE
from o365desk.app.front import make_front
from o365desk.app.options import Options
from o365desk.app.program import Program
from o365desk.app.report import Reporter
from o365desk.app.robot import Robot, seen
from o365desk.models.roles import Role
from o365desk.services.product_names import ProductNames
from o365desk.simulator import roles
from o365desk.simulator.faults import Fault, FaultKind
from o365desk.views.confirm import RestoreUserDialog
from o365desk.views.create_user import CreateUserDialog
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.reset_password import ResetPasswordDialog
from tests.app.harness import Running, desk
from tests.seed.sight import (
    Others,
    account,
    flip,
    free,
    held,
    in_front,
    manage,
    monitored,
    monitors,
    name,
    product,
    refresh,
    shown_names,
    sku,
    stands_on,
    toggles,
    update,
    words,
)
from tests.seed.test_password import open_create, open_reset

AMELIA = "Amelia Okafor"
RHYS = "Rhys Thistlewood"

ASSIGN = {"method": "POST", "path": "*/assignLicense"}


def updates(running: Running) -> int:
    """How many calls that change licences went out."""
    return running.simulator.calls.count(route="/users/{id}/assignLicense")


def sentence_at(dialog: ManageLicensesDialog, part: str) -> str:
    """The sentence under a product's line."""
    model = dialog.switches.model
    assert model is not None
    return str(model.index(model.row_of(sku(part))).data(Role.ERROR))


async def refused(running: Running, dialog: ManageLicensesDialog) -> None:
    """Clicks Update, and waits until the dialog says that it did not work."""
    running.robot.click(dialog.update_button)
    await seen(lambda: dialog.errors.isVisible() and not dialog.busy, "the dialog says why")
    assert dialog.isVisible()


# Closing


@asynccontextmanager
async def whole_program() -> AsyncIterator[tuple[Running, "asyncio.Task[int]"]]:
    """The program as `main` runs it: it ends when its window is closed."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)  # as the program itself does
    names, reporter = ProductNames(), Reporter()
    front = make_front(PRACTICE, Settings(), names)
    window = front.window
    window.show()
    program = Program(app, front, names, reporter, Options())
    task = asyncio.ensure_future(program.main())
    await seen(lambda: hasattr(program, "controller") or task.done(), "the program runs")
    await seen(lambda: program.controller.tenants, "the customers are read")
    simulator = program.world.simulator
    assert simulator is not None
    try:
        yield Running(program, Robot(window), simulator), task
    finally:
        window.close()
        await task
        window.deleteLater()
        app.setQuitOnLastWindowClosed(True)
    assert reporter.bugs == 0


async def test_closing_waits_for_a_write_under_way() -> None:
    async with whole_program() as (running, task):
        await running.open("well_stocked")
        window = running.program.window
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT")
        running.simulator.faults.add(Fault(FaultKind.DELAY, seconds=0.3, **ASSIGN))  # type: ignore[arg-type]
        running.robot.click(dialog.update_button)
        await seen(lambda: updates(running) == 1, "the change is sent")
        window.close()
        assert window.isVisible()
        assert not dialog.close()
        assert "Finishing… This window closes when Microsoft has answered." in words(dialog)
        await asyncio.sleep(0)
        assert not task.done()
        assert await asyncio.wait_for(task, 10) == 0
        assert not window.isVisible()
        # The answer was heard, and read back: that comes after it.
        routes = [call.route for call in running.simulator.calls.recent]
        assert routes.index("/users/{id}/assignLicense") < len(routes) - 1
        assert routes.count("/users/{id}/assignLicense") == 1
        assert held(running, "well_stocked", AMELIA) == {sku("VISIOCLIENT")}
        user = running.program.desk.users.user(account(running, "well_stocked", AMELIA)["id"])
        assert user is not None
        assert [one.sku_id for one in user.licenses or ()] == [sku("VISIOCLIENT")]


async def test_closing_while_users_are_read_is_at_once() -> None:
    async with whole_program() as (running, task):
        running.simulator.faults.add(
            Fault(FaultKind.DELAY, face="graph", path="/users", times=None, seconds=60)
        )
        running.program.controller.open_tenant(running.program.controller.tenants[0])
        await seen(
            lambda: running.simulator.calls.count(face="graph", route="/users"),
            "the users are asked for",
        )
        running.program.window.close()
        assert await asyncio.wait_for(task, 10) == 0


# Sign-in


async def test_a_sign_in_that_expires_during_update_loses_nothing() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT", "POWER_BI_PRO")
        running.simulator.faults.add(Fault(FaultKind.EXPIRED_TOKEN, times=2, **ASSIGN))  # type: ignore[arg-type]
        await refused(running, dialog)
        said = " ".join(words(dialog))
        assert "Microsoft did not accept the sign-in: it has expired or was withdrawn." in said
        assert stands_on(dialog, "VISIOCLIENT")
        assert stands_on(dialog, "POWER_BI_PRO")
        assert held(running, "well_stocked", AMELIA) == set()
        await update(running, dialog)
        assert held(running, "well_stocked", AMELIA) == {sku("VISIOCLIENT"), sku("POWER_BI_PRO")}


async def test_a_token_that_can_be_renewed_is_not_noticed() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT")
        running.simulator.faults.add(Fault(FaultKind.EXPIRED_TOKEN, **ASSIGN))  # type: ignore[arg-type]
        await update(running, dialog)
        assert held(running, "well_stocked", AMELIA) == {sku("VISIOCLIENT")}


# Races


async def test_somebody_else_takes_the_last_seat() -> None:
    async with desk("no_seats") as running:
        who = name(running, "no_seats", "unlicensed")
        dialog = await manage(running, who)
        assert toggles(dialog)["Visio Plan 1"].available == "2 licenses available"
        flip(running, dialog, "VISIOONLINE_PLAN1")
        for colleague in ("Zoé Dubois", "Jiří Řezníček"):
            their_id = account(running, "no_seats", colleague)["id"]
            Others(running).assign("no_seats", their_id, "VISIOONLINE_PLAN1")
        await refused(running, dialog)
        # Under the line, with the choice as it was and the count as it is now.
        said = sentence_at(dialog, "VISIOONLINE_PLAN1")
        assert said == "No seat of this product is free. Take one from another user or order more."
        assert stands_on(dialog, "VISIOONLINE_PLAN1")
        assert toggles(dialog)["Visio Plan 1"].available == "0 licenses available"
        assert held(running, "no_seats", who) == set()
        assert free(running, "no_seats", "VISIOONLINE_PLAN1") == 0
        # One of them gives it back: Update again, nothing to choose anew.
        their_id = account(running, "no_seats", "Zoé Dubois")["id"]
        Others(running).assign("no_seats", their_id, remove=("VISIOONLINE_PLAN1",))
        await update(running, dialog)
        assert held(running, "no_seats", who) == {sku("VISIOONLINE_PLAN1")}
        await monitors(running, "VISIOONLINE_PLAN1", "Available Licenses", "0")


async def test_somebody_else_deletes_the_user_meanwhile() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT")
        user_id = account(running, "well_stocked", AMELIA)["id"]
        Others(running).admin_center("well_stocked", "DELETE", f"/users/{user_id}")
        await refused(running, dialog)
        assert stands_on(dialog, "VISIOCLIENT")
        assert free(running, "well_stocked", "VISIOCLIENT") == 6


# Writes without an answer


async def test_a_write_cut_after_it_was_done_is_seen_as_done() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT")
        running.simulator.faults.add(Fault(FaultKind.CUT_AFTER, **ASSIGN))  # type: ignore[arg-type]
        await update(running, dialog)
        assert updates(running) == 1
        assert held(running, "well_stocked", AMELIA) == {sku("VISIOCLIENT")}
        assert running.robot.cell(AMELIA, "assign") == "Visio Plan 2"
        await monitors(running, "VISIOCLIENT", "Available Licenses", "5")


async def test_a_write_cut_before_it_was_done_keeps_the_choice() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT")
        running.simulator.faults.add(Fault(FaultKind.CUT_BEFORE, **ASSIGN))  # type: ignore[arg-type]
        await refused(running, dialog)
        assert updates(running) == 1
        assert held(running, "well_stocked", AMELIA) == set()
        assert stands_on(dialog, "VISIOCLIENT")
        assert toggles(dialog)["Visio Plan 2"].available == "6 licenses available"
        assert running.robot.cell(AMELIA, "assign") == "No license"
        await update(running, dialog)
        assert updates(running) == 2
        assert held(running, "well_stocked", AMELIA) == {sku("VISIOCLIENT")}


async def test_throttled_it_waits_and_succeeds() -> None:
    async with desk("well_stocked") as running:
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT")
        fault = Fault(FaultKind.THROTTLED, times=2, retry_after=0, **ASSIGN)  # type: ignore[arg-type]
        running.simulator.faults.add(fault)
        await update(running, dialog)
        assert updates(running) == 3
        assert held(running, "well_stocked", AMELIA) == {sku("VISIOCLIENT")}


# Rights


async def test_a_role_that_is_gone_by_now_is_named_by_the_refusal() -> None:
    async with desk("tiny") as running:
        dialog = await manage(running, name(running, "tiny", "plain"))
        truth = running.truth("tiny")
        relation = running.simulator.directory.tenant(running.tenant_id("tiny")).gdap
        assert relation is not None
        relation.roles = frozenset({roles.GLOBAL_READER})
        part = "O365_BUSINESS_PREMIUM"
        stood = stands_on(dialog, part)
        flip(running, dialog, part)
        await refused(running, dialog)
        said = " ".join([*words(dialog), sentence_at(dialog, part)])
        assert "License Administrator" in said
        assert stands_on(dialog, part) is not stood
        assert running.truth("tiny") == truth


# Lag


async def create_wilma(running: Running, *parts: str) -> list[str]:
    """Creates a user with licences; what the dialog tells afterwards."""
    dialog, robot = await open_create(running), running.robot
    robot.type(dialog.first_name, "Wilma")
    robot.type(dialog.last_name, "Berg")
    robot.type(dialog.panel.mail, "wilma@home.example")
    for part in parts:
        robot.switch(dialog.switches, sku(part))
    robot.click(dialog.create_button)
    await seen(lambda: dialog.result_panel is not None, "the user is created")
    told = words(dialog)
    assert "The user was created." in told
    assert running.writes().count(("POST", "/users")) == 1
    robot.click(dialog.close_button)
    await robot.closed(CreateUserDialog)
    return told


async def test_a_new_user_gets_licences_though_not_known_everywhere_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("o365desk.services.adapters._WAITS", (0.01, 0.01, 0.01, 0.01))
    async with desk("well_stocked") as running:
        running.simulator.faults.add(Fault(FaultKind.NEW_USER_LAG, reads=2))
        told = await create_wilma(running, "VISIOCLIENT")
        assert any(text.startswith("The licenses were assigned.") for text in told)
        assert held(running, "well_stocked", "Wilma Berg") == {sku("VISIOCLIENT")}
        assert running.robot.cell("Wilma Berg", "assign") == "Visio Plan 2"
        assert updates(running) == 3


async def test_a_new_user_stays_listed_though_the_listing_lags(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("o365desk.services.adapters._WAITS", (0.01,))
    async with desk("well_stocked") as running:
        running.simulator.faults.add(Fault(FaultKind.NEW_USER_LAG, seconds=3600))
        told = " ".join(await create_wilma(running, "VISIOCLIENT"))
        # Nothing is claimed that did not happen.
        assert "The user was created, but the licenses were not assigned:" in told
        assert held(running, "well_stocked", "Wilma Berg") == set()
        assert "Wilma Berg" in shown_names(running)
        await refresh(running)
        assert "Wilma Berg" in shown_names(running)
        assert running.robot.cell("Wilma Berg", "assign") == "No license"


@pytest.mark.parametrize("reads", [1, 2])
async def test_counters_that_lag_never_jump_back(
    monkeypatch: pytest.MonkeyPatch, reads: int
) -> None:
    monkeypatch.setattr("o365desk.app.tenant_loader.COUNTER_RETRIES", (0.01, 0.02, 0.03))
    async with desk("well_stocked") as running:
        running.simulator.faults.add(Fault(FaultKind.COUNTS_LAG, reads=reads))
        figures: list[str] = []
        model = running.program.window.licenses._model
        model.layoutChanged.connect(
            lambda: figures.append(monitored(running)["Visio Plan 2"]["Available Licenses"])
        )
        dialog = await manage(running, AMELIA)
        flip(running, dialog, "VISIOCLIENT")
        await update(running, dialog)
        await monitors(running, "VISIOCLIENT", "Available Licenses", "5")
        await seen(lambda: not running.work.scope.busy, "the counters are at rest")
        first = figures.index("5")
        assert set(figures[first:]) == {"5"}
        told = Others(running).products("well_stocked")[product("VISIOCLIENT")]
        assert told["availableUnits"] == 5


# Mail


async def test_a_reset_whose_mail_fails_is_done_all_the_same() -> None:
    async with desk("well_stocked") as running:
        robot = running.robot
        running.simulator.faults.add(
            Fault(FaultKind.MISSING_ROLE, method="POST", path="*/sendMail", times=None)
        )
        dialog = await open_reset(running, AMELIA)
        password = dialog.panel.generated.text()
        robot.type(dialog.panel.mail, "amelia@home.example")
        robot.click(dialog.reset_button)
        await seen(lambda: dialog.result_panel is not None, "the password is reset")
        assert account(running, "well_stocked", AMELIA)["password"] == password
        assert running.simulator.outbox == []
        assert "The password was reset." in words(dialog)
        told = [text for text in words(dialog) if "amelia@home.example" in text]
        assert len(told) == 1
        assert told[0].startswith("The mail to amelia@home.example was not sent:")
        robot.click(dialog.close_button)
        await robot.closed(ResetPasswordDialog)
        await in_front(running)
        assert running.writes().count(("PATCH", "/users/{id}")) == 1


# What is missing is asked for in place


async def test_a_missing_location_is_asked_for_in_the_dialog() -> None:
    async with desk("mixed") as running:
        robot, who = running.robot, name(running, "mixed", "no_location")
        dialog = await manage(running, who)
        assert not dialog.location_row.isVisible()
        flip(running, dialog, "ENTERPRISEPACK")
        assert "Location (needed by Microsoft before a license can be given)" in words(dialog)
        assert not dialog.update_button.isEnabled()
        field = dialog.location.lineEdit()
        assert field is not None
        robot.type(field, "VN")
        assert dialog.location.code() == "VN"
        assert running.writes() == []
        await update(running, dialog)
        assert running.writes() == [
            ("PATCH", "/users/{id}"),
            ("POST", "/users/{id}/assignLicense"),
        ]
        assert account(running, "mixed", who)["usageLocation"] == "VN"
        assert held(running, "mixed", who) == {sku("ENTERPRISEPACK")}
        assert robot.cell(who, "location") == "VN"
        assert robot.cell(who, "assign") == "Office 365 E3"


async def test_a_username_taken_meanwhile_is_asked_for_in_the_dialog() -> None:
    async with desk("deleted") as running:
        robot, who = running.robot, name(running, "deleted", "deleted_upn_taken")
        await robot.act(who, "Restore")
        dialog = await robot.opened(RestoreUserDialog)
        assert not dialog.new_username_field.isVisible()
        robot.click(dialog.restore_button)
        await seen(dialog.new_username_field.isVisible, "another username is asked for")
        assert account(running, "deleted", who)["state"] == "deleted"
        assert not dialog.restore_button.isEnabled()
        robot.type(dialog.new_username, "sakura.n@lanternworks.example")
        robot.click(dialog.restore_button)
        await robot.closed(RestoreUserDialog)
        restored = account(running, "deleted", who)
        assert restored["state"] == "active"
        assert restored["userPrincipalName"] == "sakura.n@lanternworks.example"
        assert robot.cell(who, "username") == "sakura.n@lanternworks.example"
        assert robot.cell(who, "assign") == "Microsoft 365 Business Standard"


async def test_a_licence_held_through_a_group_is_locked_and_names_it() -> None:
    async with desk("group_licensed") as running:
        who = name(running, "group_licensed", "inherited")
        dialog = await manage(running, who)
        await seen(
            lambda: toggles(dialog)["Power BI Pro"].source == 'through group "BI team"',
            "the group is named",
        )
        flip(running, dialog, "POWER_BI_PRO")
        assert stands_on(dialog, "POWER_BI_PRO")
        assert not dialog.update_button.isEnabled()
        flip(running, dialog, "VISIOCLIENT")
        await update(running, dialog)
        assert sku("VISIOCLIENT") in held(running, "group_licensed", who)
