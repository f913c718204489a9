"""Scripts that stand in for a person at the window: a picture of it, and a tour of the main job."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from o365desk.app.desk import Desk
from o365desk.app.robot import NotSeenError, Robot, seen
from o365desk.domain.directory import UserId
from o365desk.domain.licensing import SkuId
from o365desk.domain.query import StatusFilter
from o365desk.views import theme
from o365desk.views.confirm import DeleteUserDialog, RestoreUserDialog
from o365desk.views.create_user import CreateUserDialog
from o365desk.views.edit_user import EditUserDialog
from o365desk.views.main_window import MainWindow
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.reset_password import ResetPasswordDialog
from o365desk.views.sent_mail import SentMailDialog
from o365desk.views.subscription_popup import SubscriptionPopup

CUSTOMER = "Tall Pine Furniture"
LARGE_CUSTOMER = "Aurora Rail"
PERSON = "Amelia Okafor"
PRODUCT = "Visio Plan 2"

TITLE = 28
"""Height of the title that pictures give to dialogs."""
GAP = 1
"""Left around whatever reaches over the window's edge."""


def picture(window: MainWindow) -> QPixmap:
    """The main window with the dialogs and pop-ups that stand over it, as a person sees them: a
    dialog gets the title and the edge that a window manager would give it."""
    colours = theme.current()
    origin = window.mapToGlobal(QPoint())
    parts: list[tuple[QWidget, QRect]] = []
    for widget in QApplication.topLevelWidgets():
        if widget is window or not widget.isVisible():
            continue
        place = QRect(widget.mapToGlobal(QPoint()) - origin, widget.size())
        if isinstance(widget, QDialog):
            place.moveCenter(window.rect().center())
        parts.append((widget, place))
    whole = window.rect()
    for _, place in parts:
        whole = whole.united(place.adjusted(-GAP, -GAP, GAP, GAP))
    image = QPixmap(whole.size())
    image.fill(QColor(colours.border))
    painter = QPainter(image)
    painter.translate(-whole.topLeft())
    painter.drawPixmap(0, 0, window.grab())
    for widget, place in parts:
        painter.drawPixmap(place.topLeft(), widget.grab())
        if isinstance(widget, QDialog):
            title = QRect(place.left(), place.top() - TITLE, place.width(), TITLE)
            painter.fillRect(title, QColor(colours.rail))
            painter.setPen(QColor(colours.text))
            painter.drawText(title, Qt.AlignmentFlag.AlignCenter, widget.windowTitle())
            place = place.united(title)
        painter.setPen(QColor(colours.muted))
        painter.drawRect(place.adjusted(-1, -1, 0, 0))
    painter.end()
    return image


async def take_screenshot(desk: Desk, path: Path) -> int:
    """Waits until a customer is read, and writes a picture of the window. Exit status."""
    robot = Robot(desk.window)
    await seen(lambda: desk.session.tenants, "the customers are read")
    if desk.session.work is None:
        await robot.open_tenant(CUSTOMER)
    await _everything_read(desk, robot)
    shown = robot.user(PERSON)
    if shown is not None:
        robot.table.select_user(shown.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    return 0 if picture(desk.window).save(str(path)) else 1


async def walk(desk: Desk, folder: Path) -> int:
    """The tour: a reseller's day in numbered pictures and a transcript. Exit status 0 only when
    every step was seen to work."""
    return await _Tour(desk, folder).walk()


async def _everything_read(desk: Desk, robot: Robot) -> None:
    await robot.loaded()
    await seen(
        lambda: desk.session.work is not None and desk.session.work.subscriptions is not None,
        "the subscriptions are read",
    )
    await asyncio.sleep(0.05)


class _Tour:
    def __init__(self, desk: Desk, folder: Path) -> None:
        self._desk = desk
        self._folder = folder
        self._robot = Robot(desk.window)
        self._lines: list[str] = []
        self._number = 0

    async def walk(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        for old in self._folder.glob("*.png"):
            old.unlink()
        steps: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("Choose a customer with Ctrl+K", self._choose_customer),
            ("Open Manage Licenses and switch a license on", self._open_licenses),
            ("Update: the Assign column and the counters follow", self._update_licenses),
            ("Take the license away again", self._take_license),
            ("See the subscriptions behind a product", self._subscriptions),
            ("Reset a password", self._reset_password),
            ("Edit user information", self._edit),
            ("Create a user", self._create),
            ("Look at the mails that went out", self._sent_mail),
            ("Delete the user", self._delete),
            ("Restore the user", self._restore),
            ("Search among 2,500 users", self._search),
            ("Show the deleted users of a customer", self._deleted),
            ("The same in the dark theme", self._dark),
        ]
        failed = ""
        for title, step in steps:
            self._say(f"\n{title}")
            try:
                await step()
            except NotSeenError as missing:
                failed = str(missing)
                await self._shot("failed")
                self._say(f"  FAILED: {failed}")
                break
        self._say(f"\n{'FAILED: ' + failed if failed else 'Every step was seen to work.'}")
        (self._folder / "transcript.txt").write_text("\n".join(self._lines) + "\n", "utf-8")
        return 1 if failed else 0

    def _say(self, line: str) -> None:
        self._lines.append(line)
        print(line, flush=True)  # noqa: T201 (the transcript is meant to be read along)

    async def _shot(self, name: str) -> None:
        await asyncio.sleep(0.1)  # layouts and timers of zero length
        self._number += 1
        file = self._folder / f"{self._number:02}-{name}.png"
        if not picture(self._desk.window).save(str(file)):
            raise NotSeenError(f"the picture {file.name} could not be written")
        self._say(f"  [{file.name}]")

    async def _see(self, what: str, condition: Callable[[], object]) -> None:
        await seen(condition, what)
        self._say(f"  seen: {what}")

    def _sku(self, name: str) -> SkuId:
        work = self._desk.session.work
        found = [sku.id for sku in work.skus if sku.name == name] if work else []
        if not found:
            raise NotSeenError(f"the product {name}")
        return found[0]

    def _available(self, name: str) -> int:
        work = self._desk.session.work
        return next((sku.available for sku in work.skus if sku.name == name), 0) if work else 0

    async def _choose_customer(self) -> None:
        desk, robot = self._desk, self._robot
        await self._see("the list of customers", lambda: len(desk.session.tenants) >= 12)
        desk.window.open_picker()
        await asyncio.sleep(0.05)
        await self._shot("customers")
        await robot.open_tenant(CUSTOMER)
        await _everything_read(desk, robot)
        await self._see(f"{PERSON} without a license", lambda: self._assign() == "No license")
        await self._shot("users-and-licenses")

    def _assign(self, name: str = PERSON) -> str:
        return self._robot.cell(name, "assign")

    async def _licenses(self, name: str = PERSON) -> ManageLicensesDialog:
        self._robot.manage_licenses(name)
        dialog = await self._robot.opened(ManageLicensesDialog)
        await seen(lambda: dialog.switches.draft, "the switches")
        return dialog

    async def _open_licenses(self) -> None:
        dialog = await self._licenses()
        await self._see(
            "the title “Manage Licenses”", lambda: dialog.windowTitle() == "Manage Licenses"
        )
        self._robot.switch(dialog.switches, self._sku(PRODUCT))
        await self._see("the projected number", dialog.update_button.isEnabled)
        await self._shot("manage-licenses")

    async def _update_licenses(self) -> None:
        before = self._available(PRODUCT)
        dialog = await self._robot.opened(ManageLicensesDialog)
        self._robot.click(dialog.update_button)
        await self._robot.closed(ManageLicensesDialog)
        await self._see(f"{PRODUCT} in the Assign column", lambda: self._assign() == PRODUCT)
        await self._see(
            "one license fewer available", lambda: self._available(PRODUCT) == before - 1
        )
        await self._shot("license-assigned")

    async def _take_license(self) -> None:
        before = self._available(PRODUCT)
        dialog = await self._licenses()
        self._robot.switch(dialog.switches, self._sku(PRODUCT))
        self._robot.click(dialog.update_button)
        await self._robot.closed(ManageLicensesDialog)
        await self._see("no license in the Assign column", lambda: self._assign() == "No license")
        await self._see(
            "one license more available", lambda: self._available(PRODUCT) == before + 1
        )

    async def _subscriptions(self) -> None:
        sku = self._sku("Microsoft 365 E3")
        self._desk.window.licenses.information_requested.emit(sku)
        popup = await self._robot.opened(SubscriptionPopup)
        await asyncio.sleep(0.05)
        await self._shot("subscriptions")
        popup.close()
        await self._robot.closed(SubscriptionPopup)
        self._say("  seen: Product SKU ID and Microsoft Subscription IDs")

    async def _reset_password(self) -> None:
        await self._robot.act(PERSON, "Reset Password")
        dialog = await self._robot.opened(ResetPasswordDialog)
        await seen(dialog.reset_button.isEnabled, "a generated password")
        await self._shot("reset-password")
        self._robot.click(dialog.reset_button)
        await self._see("the new password, masked", lambda: dialog.result_panel is not None)
        await self._shot("password-result")
        self._robot.click(dialog.close_button)
        await self._robot.closed(ResetPasswordDialog)

    async def _edit(self) -> None:
        await self._robot.act(PERSON, "Edit User Information")
        dialog = await self._robot.opened(EditUserDialog)
        self._robot.type(dialog.display_name, f"{PERSON} (Sales)")
        await self._shot("edit-user")
        self._robot.click(dialog.update_button)
        await self._robot.closed(EditUserDialog)
        renamed = f"{PERSON} (Sales)"
        await self._see("the new name in the list", lambda: self._robot.user(renamed))
        await self._robot.act(renamed, "Edit User Information")
        dialog = await self._robot.opened(EditUserDialog)
        self._robot.type(dialog.display_name, PERSON)
        self._robot.click(dialog.update_button)
        await self._robot.closed(EditUserDialog)

    async def _create(self) -> None:
        self._robot.click(self._desk.window.users.create_button)
        dialog = await self._robot.opened(CreateUserDialog)
        await seen(lambda: dialog.domain.count() > 0, "the domains")
        self._robot.type(dialog.first_name, "Zora")
        self._robot.type(dialog.last_name, "Newcomer")
        self._robot.type(dialog.panel.mail, "manager@example.com")
        await seen(dialog.create_button.isEnabled, "everything needed is filled in")
        await self._shot("create-user")
        self._robot.click(dialog.create_button)
        await self._see("the user was created", lambda: dialog.result_panel is not None)
        self._robot.click(dialog.close_button)
        await self._robot.closed(CreateUserDialog)
        await self._see("Zora Newcomer in the list", lambda: self._robot.user("Zora Newcomer"))

    async def _sent_mail(self) -> None:
        self._desk.window.sent_mail_requested.emit()
        dialog = await self._robot.opened(SentMailDialog)
        await self._see("two mails", lambda: dialog.list.count() >= 2)
        await self._shot("sent-mail")
        dialog.reject()
        await self._robot.closed(SentMailDialog)

    async def _delete(self) -> None:
        await self._robot.act("Zora Newcomer", "Delete")
        dialog = await self._robot.opened(DeleteUserDialog)
        await self._shot("delete-user")
        self._robot.click(dialog.delete_button)
        await self._robot.closed(DeleteUserDialog)
        await self._see(
            "the status “Deleted, 30 days left”",
            lambda: self._robot.cell("Zora Newcomer", "status") == "Deleted, 30 days left",
        )
        self._robot.table.select_user(self._user_id("Zora Newcomer"))
        menu = await self._robot.menu("Zora Newcomer")
        entries = [action.text() for action in menu.actions()]
        await self._see("Restore as the only action", lambda: entries == ["Restore"])
        await self._shot("deleted-user")
        self._robot.choose(menu, "Restore")

    def _user_id(self, name: str) -> UserId:
        user = self._robot.user(name)
        if user is None:
            raise NotSeenError(name)
        return user.id

    async def _restore(self) -> None:
        dialog = await self._robot.opened(RestoreUserDialog)
        await self._shot("restore-user")
        self._robot.click(dialog.restore_button)
        await self._robot.closed(RestoreUserDialog)
        await self._see(
            "the status “Active”",
            lambda: self._robot.cell("Zora Newcomer", "status") == "Active",
        )

    async def _search(self) -> None:
        await self._robot.open_tenant(LARGE_CUSTOMER)
        await _everything_read(self._desk, self._robot)
        model = self._robot.table.model()
        total = model.rowCount()
        await self._see("2,500 users", lambda: total >= 2500)
        await self._robot.search("novak")
        await self._see("fewer of them while typing", lambda: 0 < model.rowCount() < total)
        await self._shot("search")

    async def _deleted(self) -> None:
        await self._robot.open_tenant("Lanternworks Studio")
        await _everything_read(self._desk, self._robot)
        self._desk.window.users.filters.set_status(StatusFilter.DELETED)
        await self._see("deleted users", lambda: self._robot.table.model().rowCount() > 0)
        await self._shot("deleted-users")

    async def _dark(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, theme.DARK)
        await self._robot.open_tenant(CUSTOMER)
        await _everything_read(self._desk, self._robot)
        dialog = await self._licenses()
        await self._shot("dark")
        self._robot.click(dialog.cancel_button)
        await self._robot.closed(ManageLicensesDialog)
        self._say("  seen: the window in dark")
