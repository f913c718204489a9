"""What every flow of the program works with, handed over as one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from PySide6.QtWidgets import QDialog

from o365desk.app.session import Session, TenantWork
from o365desk.app.tasks import TaskRunner
from o365desk.app.tenant_loader import TenantLoader
from o365desk.domain.directory import User, UserId
from o365desk.domain.errors import DeskError, OutcomeUnknown
from o365desk.domain.licensing import LicenseAssignment, LicenseChange, SkuId
from o365desk.models.users import UserTableModel
from o365desk.views.main_window import MainWindow


@dataclass
class Desk:
    """The window, its models, the session and the tasks."""

    session: Session
    tasks: TaskRunner
    window: MainWindow
    users: UserTableModel
    loader: TenantLoader
    dialogs: list[QDialog] = field(default_factory=list)

    def show_dialog(self, dialog: QDialog) -> None:
        """Opens a dialog that belongs to the open tenant: it is closed when that is left."""
        self.dialogs.append(dialog)
        dialog.finished.connect(lambda _result: self._forget(dialog))
        dialog.open()

    def close_dialogs(self) -> None:
        """Another tenant is opened: no dialog of the old one may stay."""
        for dialog in tuple(self.dialogs):
            dialog.done(QDialog.DialogCode.Rejected)

    def _forget(self, dialog: QDialog) -> None:
        if dialog in self.dialogs:
            self.dialogs.remove(dialog)

    def put(self, work: TenantWork, user: User, *, licenses: bool = False) -> None:
        """Shows a user as a write has left it, and believes that for a while; of the licences
        only where they are what was written."""
        work.trust.remember(user, self.session.now(), licenses=licenses)
        if work is self.session.work:
            self.users.put([user])

    def reread_counters(self, work: TenantWork, moved: dict[SkuId, int]) -> None:
        """Counters after a write; in the background, the newest request only."""
        if work is not self.session.work:
            return
        self.loader.expect(work, moved)
        self.tasks.latest(
            ("counters", work.tenant.id),
            self.loader.reread_skus(work),
            name="read counters after a write",
            scope=work.scope,
        )

    def reload_users(self, work: TenantWork) -> None:
        """Lists all users anew, in the background."""
        self.tasks.latest(
            "users",
            self.loader.load_users(work),
            name="read users",
            scope=work.scope,
            on_error=lambda error: None,  # the panel's foot says it
        )

    def after_unknown(
        self, work: TenantWork, error: DeskError, user_id: UserId | None = None
    ) -> None:
        """A write without an answer is never repeated: what became of it is read instead."""
        if isinstance(error, OutcomeUnknown):
            if user_id is not None:
                work.trust.forget(user_id)
            self.reload_users(work)
            self.reread_counters(work, {})


def seats(held: Iterable[LicenseAssignment] | None, sign: int) -> dict[SkuId, int]:
    """How the assigned counters move when a user with these licences comes or goes."""
    return {assignment.sku_id: sign for assignment in held or ()}


def seats_moved(before: Iterable[LicenseAssignment], change: LicenseChange) -> dict[SkuId, int]:
    """How the assigned counters move when a change is made to a user who held `before`."""
    held = {assignment.sku_id: assignment for assignment in before}
    moved: Counter[SkuId] = Counter()
    for grant in change.add:
        if grant.sku_id not in held:
            moved[grant.sku_id] += 1
    for sku_id in change.remove:
        if sku_id in held and not held[sku_id].groups:
            moved[sku_id] -= 1
    return dict(moved)
