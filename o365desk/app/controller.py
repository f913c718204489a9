"""Turns the main window's intents into tasks: opening a tenant, refreshing, opening dialogs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from o365desk.app.account_changes import AccountChanges
from o365desk.app.config import Settings
from o365desk.app.consent_watch import ConsentWatch
from o365desk.app.desk import Desk
from o365desk.app.exports import Exports
from o365desk.app.license_updates import LicenseUpdates
from o365desk.app.rights_watch import RightsWatch
from o365desk.app.session import TenantWork
from o365desk.app.sign_in_column import SignInColumn
from o365desk.domain.acts import Act
from o365desk.domain.directory import Tenant, TenantId, UserId
from o365desk.domain.errors import DeskError, NotFound, SignInRequired
from o365desk.domain.licensing import SkuId
from o365desk.domain.ports import Origin
from o365desk.views.user_actions import Intent, actions_for

if TYPE_CHECKING:  # loaded when it is opened
    from o365desk.views.subscription_popup import SubscriptionPopup

MINUTE_MS = 60_000


class DeskController:
    """One window's intents. Built once, by app/main.py."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rights = RightsWatch(desk)
        self._consents = ConsentWatch(
            desk,
            on_granted=lambda: self.refresh(everything=True),
            on_served=self._rights.refresh,
        )
        self._licenses = LicenseUpdates(desk, self._rights)
        self._accounts = AccountChanges(desk, self._rights)
        self._sign_ins = SignInColumn(desk)
        self.exports = Exports(desk)
        """For the pages that have a table to let out."""
        self._wanted = ""
        """Customer that was asked for by name and is still to be opened."""
        self.on_opened: list[Callable[[TenantWork], None]] = []
        """Are told of every tenant that is opened."""
        self.on_tenants: list[Callable[[], object]] = []
        """Are told whenever all tenants have been read."""
        self._begun = False
        """Customers can be read: whoever has to sign in has done so."""
        window = desk.window
        window.picker.tenant_chosen.connect(self.open_tenant)
        window.picker.pins_changed.connect(self._pins_changed)
        window.picker.retry_requested.connect(self.load_tenants)
        window.refresh_requested.connect(self._refresh_asked)
        window.everything_requested.connect(lambda: self._refresh_asked(everything=True))
        window.users.create_requested.connect(self._create)
        window.users.retry_requested.connect(self._reload_users)
        window.users.cancel_requested.connect(self._cancel_users)
        window.users.table.intended.connect(self.act)
        for button in (window.users.export_button, window.licenses.export_button):
            self.exports.serve(button)
        window.licenses.information_requested.connect(self.show_subscriptions)
        window.licenses.retry_requested.connect(self._reload_skus)
        self._clock = QTimer(window)
        self._clock.setInterval(MINUTE_MS)
        self._clock.timeout.connect(desk.users.tick)
        self._clock.timeout.connect(desk.grow_old)
        self._clock.start()

    @property
    def tenants(self) -> list[Tenant]:
        return self._desk.session.tenants

    @property
    def settings(self) -> Settings:
        return self._desk.session.settings

    # Tenants

    def start(self, wanted: str = "") -> None:
        """Reads the tenants; opens the wanted one (id, domain or name), the only one, or the one
        opened last."""
        self._begun = True
        self._wanted = wanted
        picker = self._desk.window.picker
        picker.set_pinned(self.settings.pinned)
        picker.set_recent(self.settings.recent)
        self._desk.show_origin()
        self.load_tenants()
        if self._desk.session.backend.prepare is not None:
            self._desk.tasks.read(self._prepare(), name="prepare")

    def _refresh_asked(self, *, everything: bool = False) -> None:
        """F5, which tries again as well where no customer could be read."""
        if self._desk.session.work is not None:
            self.refresh(everything=everything)
        elif self._begun:
            self._desk.window.banner.clear()
            self.load_tenants()

    def load_tenants(self) -> None:
        self._desk.tasks.latest(
            "tenants", self._load_tenants(), name="read tenants", on_error=self._tenants_failed
        )

    async def _prepare(self) -> None:
        prepare = self._desk.session.backend.prepare
        if prepare is not None:
            await prepare()

    async def _load_tenants(self) -> None:
        picker = self._desk.window.picker
        picker.set_state(loading=True)
        session = self._desk.session
        backend = session.backend  # the window may go to a snapshot meanwhile
        session.tenants_known = False
        self.tenants.clear()
        async for page in backend.customers.tenants():
            self.tenants.extend(page)
            picker.set_tenants(self.tenants)
            self._open_wanted(self.tenants)
        picker.set_state(loading=False)
        session.tenants_known = backend.origin is not Origin.SNAPSHOT
        for tell in self.on_tenants:
            tell()
        if self._desk.session.work is None or self._wanted:
            self._nothing_opened()

    def _tenants_failed(self, error: DeskError) -> None:
        self._desk.settled.set()
        self._desk.window.picker.set_state(loading=False, error=str(error))
        if self._desk.on_away(error, self.load_tenants):
            return
        # A sign-in brings its own button.
        action = "" if isinstance(error, SignInRequired) else "Try again"
        self._desk.window.banner.show_error(error, action, self.load_tenants)

    def _open_wanted(self, tenants: list[Tenant]) -> None:
        work, wanted = self._desk.session.work, self._wanted.casefold()
        single = self._desk.session.backend.single_tenant
        if work is not None and (single or not wanted):
            self._wanted = ""
            return
        last = self.settings.recent[0] if self.settings.recent else None
        for tenant in tenants:
            names = (tenant.id, tenant.domain.casefold(), tenant.name.casefold())
            if single or (wanted in names if wanted else tenant.id == last):
                self._wanted = ""
                if work is None or work.tenant.id != tenant.id:
                    self.open_tenant(tenant)
                return

    def _nothing_opened(self) -> None:
        window = self._desk.window
        self._desk.settled.set()
        if self._wanted:
            window.banner.show_error(
                NotFound(
                    f"There is no customer “{self._wanted}”.",
                    next_step="Choose one from the list (Ctrl+K).",
                )
            )
        if self.tenants and QApplication.activeModalWidget() is None:
            window.open_picker()

    def open_tenant(self, tenant: Tenant) -> None:
        """Leaves the old tenant with all its dialogs and loads, and reads the new one; or the same
        one anew, as another day has it."""
        desk, window = self._desk, self._desk.window
        same = desk.session.work is not None and desk.session.work.tenant.id == tenant.id
        desk.close_dialogs()
        if desk.session.work is not None:
            desk.session.work.scope.cancel()
        work = desk.session.open(tenant)
        desk.tasks.read(desk.loader.give_back(desk.users.clear()), name="free the old rows")
        if not same:
            window.users.filters.clear_filters()
        window.users.set_read_at(None)
        window.licenses.clear()
        window.banner.leave_customer()
        self._consents.opened()
        window.show_tenant(tenant)
        self._rights.opened(work)
        desk.users.clear_sign_ins()
        self.settings.visited(tenant.id)
        window.picker.set_recent(self.settings.recent)
        desk.show_origin()
        for tell in self.on_opened:
            tell(work)
        self._read(work)
        window.users.table.setFocus()

    def _read(self, work: TenantWork, *, everything: bool = False) -> None:
        self._desk.read_users(work, self._session_error, everything=everything)
        self._reload_skus()
        self._sign_ins.follow(work)

    def _session_error(self, error: DeskError) -> None:
        """A failed load: the panel says how far it came, the banner what to do."""
        if not self._desk.on_away(error, self.refresh):
            self._desk.window.banner.show_error(error)
        self._rights.load_failed()

    def refresh(self, *, everything: bool = False) -> None:
        """F5: what changed in this tenant, or (Shift+F5) everything of it anew; old rows stay until
        the new ones are there."""
        work = self._desk.session.work
        if work is not None:
            self._desk.window.banner.clear()
            self._consents.refresh(work)
            self._read(work, everything=everything)
            self._rights.refresh(work)

    def _reload_users(self) -> None:
        self.refresh()

    def _reload_skus(self) -> None:
        work = self._desk.session.work
        if work is not None:
            self._desk.read_counters(work)

    def _cancel_users(self) -> None:
        self._desk.tasks.cancel("users")
        self._desk.tasks.cancel("licenses")

    def _pins_changed(self, pins: tuple[TenantId, ...]) -> None:
        self.settings.pinned = list(pins)
        self.settings.save()

    # Users

    def act(self, intent: Intent, user_id: UserId) -> None:
        """What the row's button, its menu or a shortcut asks for."""
        work = self._desk.session.work
        user = self._desk.users.user(user_id)
        if work is None or user is None:
            return
        if all(action.intent is not intent for action in actions_for(user)):
            return  # deleted or restored since the menu was opened
        reason = self._rights.offers(work).reason(intent, user)
        if reason:  # found out since the menu was opened
            self._desk.window.explain(reason)
            return
        match intent:
            case Intent.MANAGE_LICENSES:
                self._licenses.open(work, user)
            case Intent.RESET_PASSWORD:
                self._accounts.reset_password(work, user)
            case Intent.EDIT:
                self._accounts.edit(work, user)
            case Intent.DELETE:
                self._accounts.delete(work, user)
            case Intent.RESTORE:
                self._accounts.restore(work, user)

    def _create(self) -> None:
        work = self._desk.session.work
        if work is not None and not self._desk.session.capabilities().reason_against(Act.CREATE):
            self._accounts.create(work)

    # Licenses

    def show_subscriptions(self, sku_id: SkuId) -> None:
        """The info button of a product: its SKU id and all its subscription ids (S53 to S55)."""
        work = self._desk.session.work
        sku = next((sku for sku in work.skus if sku.id == sku_id), None) if work else None
        if work is None or sku is None:
            return
        from o365desk.views.subscription_popup import SubscriptionPopup

        popup = SubscriptionPopup(sku, work.tenant.name, self._desk.window)
        self.exports.serve(popup.export_button)
        popup.popup_at(self._desk.window.licenses.info_point(sku_id) or QCursor.pos())
        if work.subscriptions is not None:
            popup.set_subscriptions(work.subscriptions, self._desk.session.as_of(work))
            return

        def read() -> None:
            self._desk.tasks.latest(
                "subscriptions",
                self._fill_popup(work, popup),
                name="read subscriptions",
                scope=work.scope,
                on_error=popup.show_error,
            )

        popup.retry_requested.connect(read)
        popup.finished.connect(lambda _result: self._desk.tasks.cancel("subscriptions"))
        read()

    async def _fill_popup(self, work: TenantWork, popup: "SubscriptionPopup") -> None:
        catalog = self._desk.session.backend.customers
        work.subscriptions = tuple(await catalog.subscriptions(work.tenant.id))
        popup.set_subscriptions(work.subscriptions, self._desk.session.as_of(work))
