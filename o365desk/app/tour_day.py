"""The steps of the tour that work on one customer: the main job."""

import asyncio

from PySide6.QtWidgets import QApplication

from o365desk.app.robot import NotSeenError, seen
from o365desk.app.walk import Step, Walk
from o365desk.domain.directory import UserId
from o365desk.domain.licensing import SkuId
from o365desk.domain.query import StatusFilter
from o365desk.views import theme
from o365desk.views.confirm import DeleteUserDialog, RestoreUserDialog
from o365desk.views.create_user import CreateUserDialog
from o365desk.views.edit_user import EditUserDialog
from o365desk.views.manage_licenses import ManageLicensesDialog
from o365desk.views.reset_password import ResetPasswordDialog
from o365desk.views.sent_mail import SentMailDialog
from o365desk.views.subscription_popup import SubscriptionPopup

CUSTOMER = "Tall Pine Furniture"
LARGE_CUSTOMER = "Aurora Rail"
PERSON = "Amelia Okafor"
PRODUCT = "Visio Plan 2"


class DaySteps:
    """A reseller's day."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._desk = walk.desk
        self._window = walk.window
        self._robot = walk.robot

    def steps(self) -> list[Step]:
        return [
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
        ]

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
        await self._walk.see("the list of customers", lambda: len(self._desk.session.tenants) >= 12)
        self._window.open_picker()
        await asyncio.sleep(0.05)
        await self._walk.shot("customers")
        await self._walk.open_customer(CUSTOMER)
        await self._walk.see(f"{PERSON} without a license", lambda: self._assign() == "No license")
        await self._walk.shot("users-and-licenses")

    def _assign(self, name: str = PERSON) -> str:
        return self._robot.cell(name, "assign")

    async def _licenses(self, name: str = PERSON) -> ManageLicensesDialog:
        self._robot.manage_licenses(name)
        dialog = await self._robot.opened(ManageLicensesDialog)
        await seen(lambda: dialog.switches.draft, "the switches")
        return dialog

    async def _open_licenses(self) -> None:
        dialog = await self._licenses()
        await self._walk.see(
            "the title “Manage Licenses”", lambda: dialog.windowTitle() == "Manage Licenses"
        )
        self._robot.switch(dialog.switches, self._sku(PRODUCT))
        await self._walk.see("the projected number", dialog.update_button.isEnabled)
        await self._walk.shot("manage-licenses")

    async def _update_licenses(self) -> None:
        before = self._available(PRODUCT)
        dialog = await self._robot.opened(ManageLicensesDialog)
        self._robot.click(dialog.update_button)
        await self._robot.closed(ManageLicensesDialog)
        await self._walk.see(f"{PRODUCT} in the Assign column", lambda: self._assign() == PRODUCT)
        await self._walk.see(
            "one license fewer available", lambda: self._available(PRODUCT) == before - 1
        )
        await self._walk.shot("license-assigned")

    async def _take_license(self) -> None:
        before = self._available(PRODUCT)
        dialog = await self._licenses()
        self._robot.switch(dialog.switches, self._sku(PRODUCT))
        self._robot.click(dialog.update_button)
        await self._robot.closed(ManageLicensesDialog)
        await self._walk.see(
            "no license in the Assign column", lambda: self._assign() == "No license"
        )
        await self._walk.see(
            "one license more available", lambda: self._available(PRODUCT) == before + 1
        )

    async def _subscriptions(self) -> None:
        sku = self._sku("Microsoft 365 E3")
        self._window.licenses.information_requested.emit(sku)
        popup = await self._robot.opened(SubscriptionPopup)
        await asyncio.sleep(0.05)
        await self._walk.shot("subscriptions")
        popup.close()
        await self._robot.closed(SubscriptionPopup)
        self._walk.say("  seen: Product SKU ID and Microsoft Subscription IDs")

    async def _reset_password(self) -> None:
        await self._robot.act(PERSON, "Reset Password")
        dialog = await self._robot.opened(ResetPasswordDialog)
        await seen(dialog.reset_button.isEnabled, "a generated password")
        await self._walk.shot("reset-password")
        self._robot.click(dialog.reset_button)
        await self._walk.see("the new password, masked", lambda: dialog.result_panel is not None)
        await self._walk.shot("password-result")
        self._robot.click(dialog.close_button)
        await self._robot.closed(ResetPasswordDialog)

    async def _edit(self) -> None:
        await self._robot.act(PERSON, "Edit User Information")
        dialog = await self._robot.opened(EditUserDialog)
        self._robot.type(dialog.display_name, f"{PERSON} (Sales)")
        await self._walk.shot("edit-user")
        self._robot.click(dialog.update_button)
        await self._robot.closed(EditUserDialog)
        renamed = f"{PERSON} (Sales)"
        await self._walk.see("the new name in the list", lambda: self._robot.user(renamed))
        await self._robot.act(renamed, "Edit User Information")
        dialog = await self._robot.opened(EditUserDialog)
        self._robot.type(dialog.display_name, PERSON)
        self._robot.click(dialog.update_button)
        await self._robot.closed(EditUserDialog)

    async def _create(self) -> None:
        self._robot.click(self._window.users.create_button)
        dialog = await self._robot.opened(CreateUserDialog)
        await seen(lambda: dialog.domain.count() > 0, "the domains")
        self._robot.type(dialog.first_name, "Zora")
        self._robot.type(dialog.last_name, "Newcomer")
        self._robot.type(dialog.panel.mail, "manager@example.com")
        await seen(dialog.create_button.isEnabled, "everything needed is filled in")
        await self._walk.shot("create-user")
        self._robot.click(dialog.create_button)
        await self._walk.see("the user was created", lambda: dialog.result_panel is not None)
        self._robot.click(dialog.close_button)
        await self._robot.closed(CreateUserDialog)
        await self._walk.see("Zora Newcomer in the list", lambda: self._robot.user("Zora Newcomer"))

    async def _sent_mail(self) -> None:
        self._window.sent_mail_requested.emit()
        dialog = await self._robot.opened(SentMailDialog)
        await self._walk.see("two mails", lambda: dialog.list.count() >= 2)
        await self._walk.shot("sent-mail")
        dialog.reject()
        await self._robot.closed(SentMailDialog)

    async def _delete(self) -> None:
        await self._robot.act("Zora Newcomer", "Delete")
        dialog = await self._robot.opened(DeleteUserDialog)
        await self._walk.shot("delete-user")
        self._robot.click(dialog.delete_button)
        await self._robot.closed(DeleteUserDialog)
        await self._walk.see(
            "the status “Deleted, 30 days left”",
            lambda: self._robot.cell("Zora Newcomer", "status") == "Deleted, 30 days left",
        )
        self._robot.table.select_user(self._user_id("Zora Newcomer"))
        menu = await self._robot.menu("Zora Newcomer")
        entries = [action.text() for action in menu.actions()]
        await self._walk.see("Restore as the only action", lambda: entries == ["Restore"])
        await self._walk.shot("deleted-user")
        self._robot.choose(menu, "Restore")

    def _user_id(self, name: str) -> UserId:
        user = self._robot.user(name)
        if user is None:
            raise NotSeenError(name)
        return user.id

    async def _restore(self) -> None:
        dialog = await self._robot.opened(RestoreUserDialog)
        await self._walk.shot("restore-user")
        self._robot.click(dialog.restore_button)
        await self._robot.closed(RestoreUserDialog)
        await self._walk.see(
            "the status “Active”",
            lambda: self._robot.cell("Zora Newcomer", "status") == "Active",
        )

    async def _search(self) -> None:
        await self._walk.open_customer(LARGE_CUSTOMER)
        model = self._robot.table.model()
        total = model.rowCount()
        await self._walk.see("2,500 users", lambda: total >= 2500)
        await self._robot.search("novak")
        await self._walk.see("fewer of them while typing", lambda: 0 < model.rowCount() < total)
        await self._walk.shot("search")

    async def _deleted(self) -> None:
        await self._walk.open_customer("Lanternworks Studio")
        self._window.users.filters.set_status(StatusFilter.DELETED)
        await self._walk.see("deleted users", lambda: self._robot.table.model().rowCount() > 0)
        await self._walk.shot("deleted-users")

    async def dark(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, theme.DARK)
        await self._walk.open_customer(CUSTOMER)
        dialog = await self._licenses()
        await self._walk.shot("dark")
        self._robot.click(dialog.cancel_button)
        await self._robot.closed(ManageLicensesDialog)
        self._walk.say("  seen: the window in dark")
