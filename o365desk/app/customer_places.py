"""The places that are about all customers: portfolio, deleted users, and the search."""

import time
from collections.abc import Callable

from o365desk.app.controller import DeskController
from o365desk.app.customer_sweep import CustomerSweep, Stage
from o365desk.app.desk import Desk
from o365desk.app.jumps import Jumps
from o365desk.domain.directory import Tenant, TenantId, UserId
from o365desk.domain.history import History
from o365desk.domain.licensing import SkuId
from o365desk.domain.portfolio import Hidden, restored, saved, soon
from o365desk.domain.snapshots import HitKind, SearchHit
from o365desk.models.search_hits import SearchScope
from o365desk.views.customer_search import CustomerSearch
from o365desk.views.portfolio_page import PortfolioPage
from o365desk.views.purge_page import PurgePage
from o365desk.views.rail import Place

SHOW_EVERY = 3.0
"""Seconds between two times that a refresh of all customers is shown; each reads all snapshots."""

OFFLINE = "o365desk was started with --offline: customers are shown as they were seen last."
UNLISTED = "All customers can be refreshed once the list of them has been read from Microsoft."


class CustomerPlaces:
    """Fills them from the snapshots when they are visited, and again when there are new ones."""

    def __init__(
        self,
        desk: Desk,
        controller: DeskController,
        history: History,
        jumps: Jumps,
        sweep: CustomerSweep | None,
        show_kept: Callable[[Tenant], object],
    ) -> None:
        """`sweep`: None where the network is not to be touched. `show_kept` shows a customer as it
        was seen last."""
        self._show_kept = show_kept
        self._seen: dict[TenantId, Tenant] = {}
        """Customers with snapshots, as far as they were shown here."""
        self._desk = desk
        self._controller = controller
        self._history = history
        self._jumps = jumps
        self._sweep = sweep
        self._portfolio: PortfolioPage | None = None
        self._purge: PurgePage | None = None
        self._search: CustomerSearch | None = None
        self._stale = {Place.PORTFOLIO, Place.DELETED}
        """Places that do not show the newest snapshots."""
        self._filled_at = 0.0
        self._failed = 0
        """Customers that the page knows of as failed."""
        window = desk.window
        window.add_place(Place.PORTFOLIO, self._make_portfolio)
        window.add_place(Place.DELETED, self._make_purge)
        window.place_shown.connect(self._visited)
        window.rail.search_requested.connect(self.open_search)
        controller.on_tenants.append(self.changed)
        desk.on_new_day = self.changed
        self._count_soon()

    # The snapshots have changed

    def changed(self) -> None:
        """Some were kept or removed."""
        self._stale = {Place.PORTFOLIO, Place.DELETED}
        self._visited(self._desk.window.place)
        if self._sweep is None or self._sweep.stage is not Stage.RUNNING:
            self._count_soon()

    def swept(self) -> None:
        """The refresh of all customers has come further."""
        sweep, page = self._sweep, self._portfolio
        if sweep is None or page is None:
            return
        running = sweep.stage is Stage.RUNNING
        page.set_sweep(sweep.kept, sweep.total, sweep.failed, running)
        if sweep.failed != self._failed:
            self._failed = sweep.failed
            page.set_failures([(one.tenant, one.error.sentence) for one in sweep.failures])
        if not running or time.monotonic() - self._filled_at > SHOW_EVERY:
            self._filled_at = time.monotonic()
            self.changed()
        window = self._desk.window
        if sweep.stage is Stage.DONE and window.place is not Place.PORTFOLIO:
            window.banner.show_notice(
                sweep.summary, action="Show", on_action=lambda: window.go_to(Place.PORTFOLIO)
            )

    def _count_soon(self) -> None:
        self._desk.tasks.latest("soon", self._remind(), name="count deletions close to purge")

    async def _remind(self) -> None:
        """How many can be restored for a few days only, beside the name of the place (N9)."""
        deleted = await self._history.deleted_users()
        count = soon((one.user.deleted_at for one in deleted), self._desk.session.now())
        words = f"{count} deleted {'user' if count == 1 else 'users'} close to being purged"
        self._desk.window.rail.set_reminder(Place.DELETED, count, words)

    # Portfolio and deleted users

    def _visited(self, place: Place) -> None:
        if place not in self._stale:
            return
        self._stale.discard(place)
        if place is Place.PORTFOLIO and self._portfolio is not None:
            if self._sweep is not None:
                known = self._desk.session.tenants_known
                self._portfolio.set_refresh_refused("" if known else UNLISTED)
            self._portfolio.set_loading(True)
            self._desk.tasks.latest(
                place,
                self._fill_portfolio(self._portfolio),
                name="read the portfolio",
                on_error=self._portfolio.show_error,
            )
        elif place is Place.DELETED and self._purge is not None:
            self._purge.set_loading(True)
            self._desk.tasks.latest(
                place,
                self._fill_purge(self._purge),
                name="read deleted users",
                on_error=self._purge.show_error,
            )

    def _tenants(self) -> list[Tenant] | None:
        """Of the live list, as far as it is known."""
        return self._desk.session.tenants if self._desk.session.tenants_known else None

    def _make_portfolio(self) -> PortfolioPage:
        page = self._portfolio = PortfolioPage(own=self._desk.session.backend.single_tenant)
        page.set_hidden(restored(self._desk.session.settings.hidden))
        page.hidden_changed.connect(self._hide)
        page.tenant_requested.connect(lambda tenant: self._go(TenantId(tenant)))
        page.product_requested.connect(self._go_to_product)
        page.retry_requested.connect(self.changed)
        for button in (page.export_button, page.findings.export_button):
            self._controller.exports.serve(button)
        if self._sweep is None:
            page.set_refresh_refused(OFFLINE)
        else:
            page.refresh_all_requested.connect(self.refresh_all)
            page.cancel_requested.connect(self._sweep.cancel)
            page.resume_requested.connect(self._sweep.resume)
        return page

    def refresh_all(self) -> None:
        """Reads every customer, and keeps what it reads."""
        session = self._desk.session
        if self._sweep is None or self._sweep.stage is Stage.RUNNING:
            return
        if session.tenants_known:  # else some would be left out unsaid
            self._sweep.start(session.tenants)
        else:
            self._desk.window.explain(UNLISTED)

    def _make_purge(self) -> PurgePage:
        page = self._purge = PurgePage()
        page.user_requested.connect(self._go_to_user)
        page.retry_requested.connect(self.changed)
        self._controller.exports.serve(page.export_button)
        return page

    async def _fill_portfolio(self, page: PortfolioPage) -> None:
        facts = await self._history.facts()
        self._seen.update((one.tenant.id, one.tenant) for one in facts)
        page.set_tenants(self._tenants())
        page.set_facts(facts, self._desk.session.now())

    async def _fill_purge(self, page: PurgePage) -> None:
        deleted = await self._history.deleted_users()
        facts = await self._history.facts()
        self._seen.update((one.tenant.id, one.tenant) for one in facts)
        page.set_tenants(self._tenants())
        page.set_deleted_users(deleted, facts, self._desk.session.now())

    def _hide(self, hidden: frozenset[Hidden]) -> None:
        settings = self._desk.session.settings
        settings.hidden = saved(hidden)
        settings.save()

    # From there to a customer

    def _tenant(self, tenant_id: TenantId) -> Tenant | None:
        """One that can be opened; says so when it is only among the snapshots."""
        session = self._desk.session
        listed = next((one for one in session.tenants if one.id == tenant_id), None)
        seen = self._seen.get(tenant_id)
        if listed is not None or seen is None:
            return listed
        if not session.tenants_known:  # it may be listed yet
            return seen
        self._desk.window.banner.show_notice(
            f"{seen.name} is not in the list of customers any more.",
            action="Show its last snapshot",
            on_action=lambda: self._show_last(seen),
        )
        return None

    def _show_last(self, tenant: Tenant) -> None:
        self._desk.window.go_to(Place.USERS)
        self._show_kept(tenant)

    def _go(self, tenant_id: TenantId) -> None:
        tenant = self._tenant(tenant_id)
        if tenant is not None:
            self._jumps.to_tenant(tenant)

    def _go_to_product(self, tenant_id: TenantId, sku_id: SkuId) -> None:
        tenant = self._tenant(tenant_id)
        if tenant is not None:
            self._jumps.to_product(tenant, sku_id)

    def _go_to_user(self, tenant_id: TenantId, user_id: UserId) -> None:
        tenant = self._tenant(tenant_id)
        if tenant is not None:
            self._jumps.to_user(tenant, user_id)

    # Search

    def open_search(self) -> None:
        """Ctrl+Shift+F."""
        if self._search is None:
            search = self._search = CustomerSearch(self._desk.session.now, self._desk.window)
            search.search_requested.connect(self._search_for)
            search.hit_chosen.connect(self._open_hit)
        self._desk.tasks.latest(
            "search scope", self._show_scope(self._search), name="count what is searched"
        )
        self._search.open_over(self._desk.window)

    async def _show_scope(self, search: CustomerSearch) -> None:
        facts = await self._history.store_facts()
        tenants = self._tenants()
        never = max(0, len(tenants) - facts.tenants) if tenants is not None else 0
        search.set_scope(SearchScope(facts.tenants, never, facts.stalest))

    def _search_for(self, text: str) -> None:
        if self._search is None:
            return
        if not text.strip():
            self._desk.tasks.cancel("search")
            return
        self._desk.tasks.latest(
            "search",
            self._find(self._search, text),
            name="search all customers",
            on_error=self._search.show_error,
        )

    async def _find(self, search: CustomerSearch, text: str) -> None:
        search.begin()
        async for hits in self._history.search(text):
            search.add_hits(hits)
        search.finish()

    def _open_hit(self, hit: SearchHit) -> None:
        self._seen[hit.tenant.id] = hit.tenant
        if hit.user_id is not None:
            self._go_to_user(hit.tenant.id, hit.user_id)
        elif hit.sku_id is not None and hit.kind in (HitKind.PRODUCT, HitKind.SUBSCRIPTION):
            self._go_to_product(hit.tenant.id, hit.sku_id)
        else:
            self._go(hit.tenant.id)
