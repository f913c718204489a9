"""Going to one user or product of any tenant, from wherever it was found."""

from o365desk.app.controller import DeskController
from o365desk.app.desk import Desk
from o365desk.app.session import TenantWork
from o365desk.domain.directory import Tenant, UserId
from o365desk.domain.licensing import SkuId
from o365desk.domain.ports import Origin
from o365desk.models.words import moment_text
from o365desk.views.rail import Place


class Jumps:
    """One window's."""

    def __init__(self, desk: Desk, controller: DeskController) -> None:
        self._desk = desk
        self._controller = controller

    def to_tenant(self, tenant: Tenant) -> TenantWork | None:
        """Shows the users and licenses of a tenant, as they were left if it is open."""
        window, session = self._desk.window, self._desk.session
        window.go_to(Place.USERS)
        if session.work is None or session.work.tenant.id != tenant.id:
            self._controller.open_tenant(tenant)
        return session.work

    def to_user(self, tenant: Tenant, user_id: UserId) -> None:
        """Makes a user current, whatever is filtered there; says so when there is none."""
        work = self.to_tenant(tenant)
        if work is not None:
            self._desk.window.users.filters.clear_filters()
            self._desk.tasks.latest(
                "jump", self._find(work, user_id), name="find a user", scope=work.scope
            )

    async def _find(self, work: TenantWork, user_id: UserId) -> None:
        if self._desk.users.user(user_id) is None:
            await self._desk.users_read()
        if work is not self._desk.session.work:
            return
        table = self._desk.window.users.table
        if self._desk.users.user(user_id) is not None:
            table.select_user(user_id)
            table.setFocus()
        elif work.read_at is not None:
            said = f"This user is not in the list as it was on {moment_text(work.read_at)}."
            if self._desk.session.backend.origin is Origin.SNAPSHOT:
                said += " Choose a later snapshot"
                said += ", or go back to live data." if self._desk.can_go_live else "."
            self._desk.window.explain(said)

    def to_product(self, tenant: Tenant, sku_id: SkuId) -> None:
        """Shows who holds a product."""
        work = self.to_tenant(tenant)
        if work is not None:
            self._desk.tasks.latest(
                "jump", self._show_holders(work, sku_id), name="find a product", scope=work.scope
            )

    async def _show_holders(self, work: TenantWork, sku_id: SkuId) -> None:
        await work.counters_idle.wait()
        if work is self._desk.session.work:
            self._desk.window.licenses.holders_requested.emit(sku_id)
