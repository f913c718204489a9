"""Manage Licenses from the button to the answer: read, draft, one Update, read back."""

import asyncio
from typing import TYPE_CHECKING

from o365desk.app.desk import Desk, seats_moved
from o365desk.app.rights_watch import RightsWatch
from o365desk.app.session import TenantWork
from o365desk.domain.acts import Act
from o365desk.domain.directory import User, UserEdit
from o365desk.domain.errors import DeskError, NotFound, Refusal, SignInRequired
from o365desk.domain.licensing import GroupId, LicenseDraft, Sku

if TYPE_CHECKING:  # loaded when it is opened
    from o365desk.views.manage_licenses import LicenseUpdate, ManageLicensesDialog


class LicenseUpdates:
    """Opens the dialog and carries its Update to Microsoft."""

    def __init__(self, desk: Desk, rights: RightsWatch) -> None:
        self._desk = desk
        self._rights = rights

    def open(self, work: TenantWork, user: User) -> "ManageLicensesDialog":
        """Opens the dialog for a user of the open tenant and starts to read."""
        from o365desk.views.manage_licenses import ManageLicensesDialog

        dialog = ManageLicensesDialog(work.tenant.name, user, self._desk.window)
        flow = _Flow(self._desk, self._rights, work, user, dialog)
        dialog.retry_requested.connect(flow.load)
        dialog.update_requested.connect(flow.update)
        scope = self._desk.show_dialog(dialog)
        self._rights.guard(work, dialog, scope, Act.LICENSE, user)
        flow.load()
        return dialog


class _Flow:
    """One opening of the dialog."""

    def __init__(
        self,
        desk: Desk,
        rights: RightsWatch,
        work: TenantWork,
        user: User,
        dialog: "ManageLicensesDialog",
    ) -> None:
        self._desk = desk
        self._rights = rights
        self._work = work
        self._user = user
        self._dialog = dialog
        self._groups: dict[GroupId, str] = {}
        self._location = user.location
        self._read: asyncio.Task[None] | None = None
        dialog.finished.connect(lambda _result: self._stop())

    def _stop(self) -> None:
        if self._read is not None:
            self._read.cancel()

    def load(self) -> None:
        """Reads what can be assigned and what is held, at the same time."""
        self._dialog.set_loading()
        self._read = self._desk.tasks.read(
            self._load(),
            name="read licenses for the dialog",
            scope=self._work.scope,
            on_error=self._dialog.show_load_error,
        )

    async def _load(self) -> None:
        skus, user = await self._facts()
        user = self._work.trust.user(user, self._desk.session.now())
        self._user = user
        self._location = user.location
        self._show(LicenseDraft.begin(skus, user.licenses or ()))
        await self._name_groups()

    async def _facts(self) -> tuple[tuple[Sku, ...], User]:
        """Counters and the user as they are now. Plain gather: both are reads, and the first
        failure is the one to show."""
        backend, tenant = self._desk.session.backend, self._work.tenant.id
        skus, user = await asyncio.gather(
            backend.customers.skus(tenant), backend.users.user(tenant, self._user.id)
        )
        return self._work.counted(skus, self._desk.session.now()), user

    def _show(self, draft: LicenseDraft, notice: str = "") -> None:
        session = self._desk.session
        self._dialog.set_draft(
            draft,
            self._groups,
            sources_known=session.backend.capabilities(self._work.tenant.id).sources_known,
            product_name=session.backend.product_name,
            location=self._location,
            notice=notice,
        )

    async def _name_groups(self) -> None:
        draft = self._dialog.switches.draft
        groups = {group for held in draft.held for group in held.groups} if draft else set()
        if groups - self._groups.keys():
            self._groups |= await self._desk.session.backend.users.group_names(
                self._work.tenant.id, sorted(groups)
            )
            # Not while an Update is under way: to show is to unlock. What follows it shows them.
            if self._dialog.switches.draft is not None and not self._dialog.busy:
                self._show(self._dialog.switches.draft)

    def update(self, update: "LicenseUpdate") -> None:
        """The operator has clicked Update: the only place that sends anything (S19)."""
        self._dialog.set_busy("Updating licenses…")
        self._desk.tasks.write(
            self._update(update), name="update licenses", on_error=self._dialog.show_refusal
        )

    async def _update(self, update: "LicenseUpdate") -> None:
        backend, tenant = self._desk.session.backend, self._work.tenant.id
        before = self._dialog.switches.draft.held if self._dialog.switches.draft else ()
        if update.location and update.location != self._location:
            edited = await backend.users.edit_user(
                tenant, self._user.id, UserEdit(location=update.location)
            )
            self._user = self._user._replace(location=edited.location)
            self._location = edited.location
            self._desk.put(self._work, self._row()._replace(location=edited.location))
        try:
            held = await backend.users.update_licenses(tenant, self._user.id, update.change)
        except DeskError as error:
            self._rights.denied(self._dialog, error)
            await self._explain(error, before)
            return
        self._desk.put(self._work, self._row()._replace(licenses=held), licenses=True)
        self._desk.reread_counters(self._work, seats_moved(before, update.change))
        self._dialog.accept()

    def _row(self) -> User:
        """The user as the list has it: other properties may be newer there."""
        return self._desk.users.user(self._user.id) or self._user

    async def _explain(self, error: DeskError, before: tuple[object, ...]) -> None:
        """A failed Update keeps every switch where the operator put it. What Microsoft holds now
        is read again: it may have happened after all, or somebody took the last seat."""
        draft = self._dialog.switches.draft
        if draft is None or isinstance(error, SignInRequired):
            self._dialog.show_refusal(error)
            return
        try:
            skus, user = await self._facts()
        except NotFound as gone:
            self._dialog.show_refusal(gone)
            return
        except DeskError:
            self._dialog.show_refusal(error)
            return
        rebased = draft.rebased(skus, user.licenses or ())
        if user.licenses is not None and user.licenses != before:
            self._desk.put(self._work, self._row()._replace(licenses=user.licenses), licenses=True)
            self._desk.loader.show_skus(self._work, skus)
        if not rebased.change() and error.refusal is Refusal.OTHER:
            # No answer came, but what was asked for is there: seen, so it may be said.
            self._dialog.accept()
            return
        self._show(rebased)
        self._dialog.show_refusal(error)
