"""Long days at the window: time that passes at once, bad weather, and an operator who forgets
nothing. Everything that the screen calls done is looked up in the directory itself."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from o365desk.app.program import Program
from o365desk.app.robot import seen
from o365desk.app.worlds import Means
from o365desk.models.user_rows import COLUMN
from o365desk.simulator import Fault, FaultKind, HttpRequest, Simulator
from o365desk.simulator.calls import CallRecord
from o365desk.views.confirm import DeleteUserDialog, RestoreUserDialog
from o365desk.views.create_user import CreateUserDialog
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.edit_user import EditUserDialog
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.password_dialog import PasswordDialog
from o365desk.views.reset_password import ResetPasswordDialog
from o365desk.views.sign_in_dialog import SignInDialog
from tests.app.harness import Running
from tests.seed.sight import words
from tests.simulator.browser import Browser

D = TypeVar("D", bound=DeskDialog)


class PassingTime:
    """Sleeping takes no time: the clock is moved on instead, and the directory's with it."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.simulator: Simulator | None = None

    def clock(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.let_pass(seconds)
        await asyncio.sleep(0)

    def let_pass(self, seconds: float) -> None:
        self.seconds += seconds
        if self.simulator is not None:
            self.simulator.advance(seconds=seconds)


class Hurried(Program):
    """The program with another clock."""

    def __init__(self, time: PassingTime, *rest: Any) -> None:
        super().__init__(*rest)
        self._time = time

    @property
    def means(self) -> Means:
        return replace(super().means, clock=self._time.clock, sleep=self._time.sleep)


RATE = 0.1
"""How many of the calls go wrong."""

_ON_THE_LINE: tuple[Callable[[Random], Fault], ...] = (
    lambda random: Fault(FaultKind.THROTTLED, retry_after=random.choice((1, 2.5, 20))),
    lambda random: Fault(FaultKind.THROTTLED),
    lambda random: Fault(FaultKind.UNAVAILABLE, status=random.choice((500, 502, 503, 504))),
    lambda random: Fault(FaultKind.UNAVAILABLE, retry_after=random.choice((1, 5))),
    lambda random: Fault(FaultKind.CUT_BEFORE),
    lambda random: Fault(FaultKind.CUT_AFTER),
    lambda random: Fault(FaultKind.HALF_BODY),
    lambda random: Fault(FaultKind.WRONG_JSON),
    lambda random: Fault(FaultKind.CAPTIVE_PORTAL),
    lambda random: Fault(FaultKind.EXPIRED_TOKEN),
    lambda random: Fault(FaultKind.CLAIMS),
    lambda random: Fault(FaultKind.DELAY, seconds=0.02),
)
_IN_A_BATCH: tuple[Callable[[Random], Fault], ...] = (
    lambda random: Fault(FaultKind.THROTTLED, retry_after=random.choice((1, 5))),
    lambda random: Fault(FaultKind.UNAVAILABLE),
)
_AT_THE_SIGN_IN: tuple[Callable[[Random], Fault], ...] = (
    lambda random: Fault(FaultKind.CUT_BEFORE),
    lambda random: Fault(FaultKind.WRONG_JSON),
    lambda random: Fault(FaultKind.CAPTIVE_PORTAL),
)


def weather(random: Random, calls: int) -> list[Fault]:
    """Faults for so many calls of each service; none for the pages in the browser."""
    lines: tuple[tuple[Sequence[Callable[[Random], Fault]], dict[str, Any]], ...] = (
        (_ON_THE_LINE, {"face": "graph", "inside_batch": False}),
        (_IN_A_BATCH, {"face": "graph", "inside_batch": True}),
        (_ON_THE_LINE, {"face": "partner_center"}),
        (_AT_THE_SIGN_IN, {"face": "identity", "path": "/oauth2/v2.0/token"}),
    )
    made: list[Fault] = []
    for kinds, where in lines:
        struck = 0
        for call in range(calls):
            if random.random() < RATE:
                fault = replace(random.choice(kinds)(random), **where)
                # A call that an earlier rule has struck does not reach the later ones.
                made.append(replace(fault, after=call - struck))
                struck += fault.kind is not FaultKind.DELAY
    return made


_NOT_DONE = frozenset({401, 429, 503})
"""Answers after which a write may be sent again: the service says that it did nothing."""


@dataclass
class Ledger:
    """What became of the writes, as the screen told it."""

    done: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    users: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """Users written to, by customer and id, as they have to be now."""


class Operator:
    """Somebody who works all day, at random."""

    def __init__(
        self,
        running: Running,
        browser: Browser,
        random: Random,
        time: PassingTime,
        purposes: Sequence[str],
    ) -> None:
        self.running = running
        self.robot = running.robot
        self.browser = browser
        self.random = random
        self.time = time
        self.purposes = purposes
        self.purpose = purposes[0]
        self.ledger = Ledger()
        self._number = 0
        self._last: CallRecord | None = None

    async def work(self, until: float) -> None:
        """Acts until the clock shows `until`."""
        acts: dict[Callable[[], Any], int] = {
            self.update: 8,
            self.edit: 4,
            self.reset: 3,
            self.create: 1,
            self.delete: 3,
            self.restore: 3,
            self.refresh: 3,
            self.change_customer: 3,
            self.revoke: 1,
            self.sign_out_elsewhere: 1,
        }
        chosen, weights = tuple(acts), tuple(acts.values())
        while self.time.seconds < until:
            await self.random.choices(chosen, weights)[0]()
            await self.settle()
            self.look_at_writes()
            self.time.let_pass(self.random.uniform(1, 14))

    # Acts

    async def update(self) -> None:
        told = self._somebody(plain=True)
        if told is None:
            return
        self.robot.click_cell(self.robot.table, self._cell(told, "manage"))
        dialog = await self.robot.opened(ManageLicensesDialog)
        await seen(
            lambda: dialog.switches.draft is not None or dialog.errors.isVisible(), "the switches"
        )
        draft = dialog.switches.draft
        lines = draft.lines() if draft is not None else ()
        free = [
            one.sku.id for one in lines if one.sku.id in told["licenses"] or one.sku.available > 0
        ]
        if not free:
            await self._leave(dialog)
            return
        chosen = self.random.choice(free)
        self.robot.switch(dialog.switches, chosen)
        assert dialog.switches.draft is not None
        change = dialog.switches.draft.change()
        wanted = (_direct(told) | {one.sku_id for one in change.add}) - set(change.remove)
        await self._press(dialog, dialog.update_button, told, lambda now: _direct(now) == wanted)

    async def edit(self) -> None:
        told = self._somebody(plain=True)
        if told is None:
            return
        dialog = await self._open(told, "Edit User Information", EditUserDialog)
        if dialog is None:
            return
        name = self._new_name()
        self.robot.type(dialog.display_name, name)
        await self._press(
            dialog, dialog.update_button, told, lambda now: now["displayName"] == name
        )

    async def reset(self) -> None:
        told = self._somebody(plain=True)
        if told is None:
            return
        dialog = await self._open(told, "Reset Password", ResetPasswordDialog)
        if dialog is None:
            return
        await seen(dialog.panel.generated.text, "a password is generated")
        password = dialog.panel.generated.text()
        await self._press(
            dialog, dialog.reset_button, told, lambda now: now["password"] == password
        )

    async def create(self) -> None:
        button = self.running.program.window.users.create_button
        if not button.isEnabled():
            return
        self.robot.click(button)
        dialog = await self.robot.opened(CreateUserDialog)
        await seen(
            lambda: dialog.domain.count() > 0 or dialog.errors.isVisible(), "the domains are read"
        )
        first, last = self._new_name().split()
        self.robot.type(dialog.first_name, first)
        self.robot.type(dialog.last_name, last)
        self.robot.type(dialog.panel.mail, "somebody@home.example")
        password = dialog.panel.generated.text()
        username = dialog.full_username()
        await self._press(
            dialog,
            dialog.create_button,
            {"userPrincipalName": username},
            lambda now: (now["displayName"], now["password"]) == (f"{first} {last}", password),
        )

    async def delete(self) -> None:
        told = self._somebody(plain=True)
        if told is None:
            return
        dialog = await self._open(told, "Delete", DeleteUserDialog)
        if dialog is None:
            return
        await self._press(dialog, dialog.delete_button, told, lambda now: now["state"] == "deleted")

    async def restore(self) -> None:
        told = self._somebody(plain=False)
        if told is None:
            return
        dialog = await self._open(told, "Restore", RestoreUserDialog)
        if dialog is None:
            return
        await self._press(dialog, dialog.restore_button, told, lambda now: now["state"] == "active")

    async def refresh(self) -> None:
        everything = self.random.random() < 0.3
        modifiers = (
            Qt.KeyboardModifier.ShiftModifier if everything else Qt.KeyboardModifier.NoModifier
        )
        await self._in_front()
        self.robot.key(self.running.program.window, Qt.Key.Key_F5, modifiers)

    async def change_customer(self) -> None:
        await self.open_customer(self.random.choice(self.purposes))

    async def revoke(self) -> None:
        """An administrator signs the operator out everywhere, or a policy has changed."""
        wide = self.random.random() < 0.5
        body = json.dumps({"account": self.browser.account, "sessions": wide}).encode()
        self.running.simulator.handle(HttpRequest("POST", "/practice/revoke", "", {}, body))
        if wide:
            self.browser.cookies.clear()

    async def sign_out_elsewhere(self) -> None:
        """Another copy of the program signs out: that removes the sign-in of this one too."""
        sign_in = self.running.program.world.sign_in
        assert sign_in is not None
        await sign_in.sign_out()

    # Between the acts

    async def settle(self) -> None:
        """Waits until nothing runs, and signs in where the window asks for it."""
        for _attempt in range(8):
            for _look in range(3):  # what has ended may start something in its turn
                await seen(lambda: not self.running_tasks(), "everything has ended")
                await asyncio.sleep(0.002)
            dialog = self.robot.dialog(SignInDialog)
            if dialog is not None and dialog.retry_button.isVisible():
                self.robot.click(dialog.retry_button)
            elif dialog is None and not self._ask_to_sign_in():
                return
        raise AssertionError("signing in again and again does not help")

    def _ask_to_sign_in(self) -> bool:
        """Presses a Sign in button of the banner; False when there is none."""
        for button in self.running.program.window.banner.findChildren(QPushButton):
            if button.text() == "Sign in" and button.isVisible():
                self.robot.click(button)
                return True
        return False

    def running_tasks(self) -> list[str]:
        """What the program is doing now."""
        return [
            task.get_name()
            for task in asyncio.all_tasks()
            if "/o365desk/app/" in (where := _source(task)) or "/o365desk/services/" in where
        ]

    def look_at_writes(self) -> None:
        """No write was sent again unless the service had said that it did nothing."""
        sent: dict[tuple[str, str, bytes], list[int]] = defaultdict(list)
        for call in self._new_calls():
            reads = call.method == "GET" or call.route.endswith(("getByIds", "$batch"))
            if not reads and call.face != "identity":
                sent[call.method, call.path, call.body].append(call.status)
        for (method, path, _body), statuses in sent.items():
            again = [status for status in statuses[:-1] if status not in _NOT_DONE]
            assert not again, f"{method} {path} was sent again after {again}"

    def forget_calls(self) -> None:
        """Empties the directory's log, and what is remembered of it."""
        self.running.simulator.calls.clear()
        self._last = None

    def _new_calls(self) -> list[CallRecord]:
        """Calls since the last look, in order."""
        found: list[CallRecord] = []
        for call in reversed(self.running.simulator.calls.recent):
            if call is self._last:
                break
            found.append(call)
        self._last = found[0] if found else self._last
        return found[::-1]

    # Parts of an act

    def _somebody(self, *, plain: bool) -> dict[str, Any] | None:
        """A user on screen who holds no role: active (`plain`) or deleted."""
        truth = self.running.truth(self.purpose)
        names: dict[str, int] = defaultdict(int)
        for told in truth["users"] + truth["deleted"]:
            names[told["displayName"]] += 1
        notable = set(truth["notable"].values())
        found = [
            told
            for told in truth["users" if plain else "deleted"]
            if names[told["displayName"]] == 1
            and not (told["roles"] or told["synced"] or told["id"] in notable)
            and (told["usageLocation"] or not plain)
            and (row := self.running.program.desk.users.user(told["id"])) is not None
            and row.deleted is not plain
            and row.display_name == told["displayName"]
        ]
        return self.random.choice(found) if found else None

    def _new_name(self) -> str:
        self._number += 1
        return f"Soak Person{self._number}"

    def _cell(self, told: dict[str, Any], column: str) -> Any:
        return self.robot.row(told["displayName"]).siblingAtColumn(COLUMN[column])

    async def _open(self, told: dict[str, Any], action: str, kind: type[D]) -> D | None:
        """A dialog from a row's menu; None where that entry is disabled."""
        menu = await self.robot.menu(told["displayName"])
        if not any(one.text() == action and one.isEnabled() for one in menu.actions()):
            self.ledger.failed[f"{action} is not offered"] += 1
            menu.close()
            return None
        self.robot.choose(menu, action)
        return await self.robot.opened(kind)

    async def _press(
        self,
        dialog: DeskDialog,
        button: QPushButton,
        told: dict[str, Any],
        holds: Callable[[dict[str, Any]], bool],
    ) -> None:
        """Sends what a dialog is about. `holds`: what must be true of the user in the directory
        when the screen says that it is done."""
        kind = type(dialog).__name__
        if not button.isEnabled():
            self.ledger.failed[f"{kind}: disabled"] += 1
            await self._leave(dialog)
            return
        ended: list[int] = []
        dialog.finished.connect(ended.append)
        self.robot.click(button)
        await seen(lambda: ended or not dialog.busy, f"{kind} has its answer")
        accepted = bool(ended) and ended[0] == QDialog.DialogCode.Accepted.value
        done = accepted or (
            isinstance(dialog, PasswordDialog) and not ended and dialog.result_panel is not None
        )
        now = self._true(told)
        if done:
            assert now is not None, f"{kind}: the user is not there"
            assert holds(now), f"{kind}: the screen says that it is done"
            self.ledger.done[kind] += 1
        else:
            self.ledger.failed[kind] += 1
            said = words(dialog)
            assert dialog.errors.isVisible() or any("." in text for text in said), "it says why"
        if now is not None:
            self.ledger.users[self.purpose, now["id"]] = now
        if not ended:
            await self._leave(dialog)

    def _true(self, told: dict[str, Any]) -> dict[str, Any] | None:
        """The user as the directory has it now."""
        truth = self.running.truth(self.purpose)
        key = "id" if "id" in told else "userPrincipalName"
        for one in truth["users"] + truth["deleted"]:
            if one[key] == told[key]:
                found: dict[str, Any] = one
                return found
        return None

    async def _leave(self, dialog: DeskDialog) -> None:
        """Signs in where the dialog offers that, and closes it."""
        if dialog.errors.sign_in.isVisible():
            self.robot.click(dialog.errors.sign_in)
            await self.settle()
        dialog.close()
        await self.robot.closed(type(dialog))

    async def _in_front(self) -> None:
        if (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        window = self.running.program.window
        window.activateWindow()
        await seen(window.isActiveWindow, "the window is in front")

    async def open_customer(self, purpose: str) -> None:
        """Through the picker; does not wait for the users."""
        if not self.running.program.controller.tenants:  # the list could not be read
            self.running.program.controller.load_tenants()
            return
        self.purpose = purpose
        await self._in_front()
        window = self.running.program.window
        self.robot.key(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        await seen(window.picker.isVisible, "the customers open")
        name = self.running.tenant_name(purpose)
        field = await seen(QApplication.focusWidget, "a field has the focus")
        self.robot.keys(field, name)
        await asyncio.sleep(0.05)
        self.robot.key(field, Qt.Key.Key_Return)
        await seen(lambda: window.windowTitle().startswith(name), f"{name} opens")


def _direct(told: dict[str, Any]) -> set[str]:
    """Products that a user holds by himself; a group may give him the same ones besides."""
    return {sku_id for sku_id, one in told["licenses"].items() if one["direct"]}


def _source(task: "asyncio.Task[Any]") -> str:
    code = getattr(task.get_coro(), "cr_code", None)
    return str(code.co_filename) if code is not None else ""
