"""Half an hour of work in bad weather: no update is lost, nothing hangs, nothing grows."""

import gc
from collections import Counter
from functools import partial
from random import Random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from o365desk.app.connection_book import PRACTICE_SIGN_IN
from tests.app.browsing import browsing
from tests.app.harness import Running, desk
from tests.app.soak import Hurried, Operator, PassingTime, weather
from tests.app.test_signing_in import signed_in
from tests.seed.sight import dialogs_open, monitored
from tests.simulator.browser import Browser

TIMEOUT = 240
"""Seconds; see conftest. It takes 20 on a machine that does nothing else."""

CUSTOMERS = ("well_stocked", "two_subscriptions", "group_licensed", "partner_center_only")
MINUTES = 30
"""Of practice time."""

GROWTH = 5_000
"""Objects by which the second half may grow. Some 600 are the practice directory's own: tokens,
new users, their passwords. What every dialog leaves behind, were it kept, is 24,000."""


async def test_half_an_hour_in_bad_weather(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("o365desk.app.tenant_loader.COUNTER_RETRIES", (0.01, 0.02, 0.03))
    monkeypatch.setattr("o365desk.services.adapters._WAITS", (0.01, 0.01, 0.01, 0.01))
    time, random, browser = PassingTime(), Random(2026), Browser()
    with browsing(browser):
        async with desk(connection=PRACTICE_SIGN_IN, make=partial(Hurried, time)) as running:
            await signed_in(running, browser)
            time.simulator = running.simulator
            operator = Operator(running, browser, random, time, CUSTOMERS)
            faults, held = running.simulator.faults, []
            for _half in range(2):
                hits, calls = faults.hits, running.simulator.calls.count()
                faults.add(*weather(random, 3000))
                await operator.work(until=time.seconds + 60 * MINUTES / 2)
                faults.clear()
                struck = (faults.hits - hits) / _to_the_services(running, calls)
                assert 0.05 < struck < 0.15, f"{struck:.0%} of the calls went wrong"
                await shows_the_truth(running, operator)
                held.append(_held(running, operator))
            assert held[1][0] - held[0][0] < GROWTH
            assert held[1][1] == held[0][1], "every dialog's widgets are gone"
    ledger = operator.ledger
    assert set(ledger.done) == {
        "CreateUserDialog",
        "DeleteUserDialog",
        "EditUserDialog",
        "ManageLicensesDialog",
        "ResetPasswordDialog",
        "RestoreUserDialog",
    }
    assert sum(ledger.done.values()) > 80
    assert sum(ledger.failed.values()) > 5, "bad weather was felt"


def _to_the_services(running: Running, before: int) -> int:
    """Calls since then of those that bad weather can strike."""
    calls = running.simulator.calls
    pages = calls.count("identity") - calls.count("identity", "POST", "/oauth2/v2.0/token")
    return calls.count() - before - pages


def _held(running: Running, operator: Operator) -> tuple[int, Counter[str]]:
    """Objects that live after all garbage is gone, frozen ones too, and widgets; without the
    directory's log of calls."""
    operator.forget_calls()
    gc.collect()
    gc.collect()
    widgets = Counter(type(one).__name__ for one in QApplication.allWidgets())
    return len(gc.get_objects()) + gc.get_freeze_count(), widgets


async def shows_the_truth(running: Running, operator: Operator) -> None:
    """Users, licences and counters of every customer, read anew, are those of the directory; what
    was written is there; nothing runs any more."""
    await operator.settle()
    program = running.program
    if not program.controller.tenants:
        program.controller.load_tenants()
        await operator.settle()
    for purpose in reversed(CUSTOMERS):
        await operator.open_customer(purpose)
        await operator.settle()
        running.robot.key(program.window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
        await operator.settle()
        _compare(running, operator, purpose)
    assert operator.running_tasks() == []
    assert not program.tasks.writing
    assert program.dialogs == []
    assert dialogs_open() == []


def _compare(running: Running, operator: Operator, purpose: str) -> None:
    truth = running.truth(purpose)
    true_users = {one["id"]: one for one in truth["users"] + truth["deleted"]}
    shown = {user.id: user for user in running.program.desk.users.users}
    assert shown.keys() == true_users.keys()
    for user in shown.values():
        told = true_users[user.id]
        assert user.display_name == told["displayName"]
        assert user.deleted is (told["state"] == "deleted")
        if not user.deleted:
            assert {one.sku_id for one in user.licenses or ()} == set(told["licenses"])
    assert {one.id: (one.active, one.assigned, one.available) for one in running.work.skus} == {
        sku_id: (count["enabled"], count["consumed"], count["available"])
        for sku_id, count in truth["counts"].items()
    }
    on_screen = monitored(running)
    assert on_screen
    for one in running.work.skus:
        if one.name in on_screen:  # products without a limit are left out
            assert on_screen[one.name]["Available Licenses"] == str(one.available)
    for (where, user_id), wanted in operator.ledger.users.items():
        if where == purpose:
            assert true_users[user_id] == wanted, "as it was after the last write"
