"""Keeps the screen to what the operator may do in the open tenant, and asks before it lets a
write at an administrator's account go (P7, P16)."""

from dataclasses import dataclass

from o365desk.app.desk import Desk
from o365desk.app.session import TenantWork
from o365desk.app.tasks import Scope
from o365desk.domain.acts import Act
from o365desk.domain.directory import User
from o365desk.domain.errors import AccessDenied, DeskError, Refusal
from o365desk.domain.ports import RightsReader
from o365desk.domain.rights import Holder, TenantRights, protects
from o365desk.views.banner import Message, MessageKind
from o365desk.views.desk_dialog import DeskDialog
from o365desk.views.protection import ProtectionPart
from o365desk.views.user_actions import Offers, offers


@dataclass(eq=False, slots=True)
class _Open:
    """A dialog that is open for an act."""

    work: TenantWork
    dialog: DeskDialog
    act: Act
    user: User | None
    protection: ProtectionPart | None
    holder: Holder | None = None
    """What was looked up for this dialog alone."""

    @property
    def name(self) -> str:
        return (self.user.display_name or self.user.username) if self.user is not None else ""


class RightsWatch:
    """Reads the operator's rights once a tenant's users are on the screen, and tells the window
    and every open dialog. Owned by the controller."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting: TenantWork | None = None
        """The tenant whose first users are still to come."""
        self._settled: TenantWork | None = None
        self._open: list[_Open] = []
        desk.users.rowsInserted.connect(lambda *_rows: self._users_came())
        desk.users.layoutChanged.connect(self._users_came)

    # The open tenant

    def opened(self, work: TenantWork) -> None:
        """Shows what is known of a tenant; the rest is read behind its users."""
        self._waiting = work
        self.show(work)

    def refresh(self, work: TenantWork) -> None:
        """Everything anew: a role may have been given meanwhile."""
        self._waiting = None
        self._start(work, fresh=True)

    def load_failed(self) -> None:
        """No users came: perhaps what is found out now tells why."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._start(waiting, fresh=False)

    def _users_came(self) -> None:
        if self._waiting is not None and self._desk.users.total:
            self.load_failed()

    def _start(self, work: TenantWork, *, fresh: bool) -> None:
        reader = self._reader
        if reader is not None:
            self._desk.tasks.latest(
                "rights",
                self._read(work, reader, fresh=fresh),
                name="read rights",
                scope=work.scope,
            )

    async def _read(self, work: TenantWork, reader: RightsReader, *, fresh: bool) -> None:
        rights = await reader.read(work.tenant, fresh=fresh)
        if work is not self._desk.session.work:
            return
        self._settled = work
        self.show(work)
        self._tell_ending(rights)

    def _tell_ending(self, rights: TenantRights) -> None:
        sentence = rights.ending(self._desk.session.now())
        if sentence:
            next_step = f"Ask {rights.tenant} to approve a new one, or to extend it."
            notice = Message(sentence, next_step, kind=MessageKind.NOTICE, of_customer=True)
            self._desk.window.banner.show_message(notice)

    def show(self, work: TenantWork, but: DeskDialog | None = None) -> None:
        """Puts what is known now on the screen; `but` one dialog, which tells it better."""
        if work is self._desk.session.work:
            settled = self._reader is None or self._settled is work
            self._desk.window.set_offers(self.offers(work), settled=settled)
        for entry in self._open:
            if entry.work is work and entry.dialog is not but:
                self._tell(entry)

    def offers(self, work: TenantWork) -> Offers:
        """What can be done in a tenant, as far as is known."""
        backend, reader = self._desk.session.backend, self._reader
        rights = reader.known(work.tenant) if reader is not None else None
        return offers(backend.capabilities(work.tenant.id), rights)

    @property
    def _reader(self) -> RightsReader | None:
        return self._desk.session.backend.rights

    # Open dialogs

    def guard(
        self,
        work: TenantWork,
        dialog: DeskDialog,
        scope: Scope,
        act: Act,
        user: User | None = None,
        protection: ProtectionPart | None = None,
    ) -> None:
        """Keeps a dialog to what is possible, for as long as it is open. With `protection`, it
        waits until it is known whether the user is an administrator."""
        entry = _Open(work, dialog, act, user, protection)
        self._open.append(entry)
        dialog.finished.connect(lambda _result: self._open.remove(entry))
        self._tell(entry)
        reader = self._reader
        if protection is None or user is None or reader is None or user.deleted:
            return  # a deleted user has no roles that could be read
        if self._holder(entry) is None:
            protection.set_looking(entry.name)
            self._desk.tasks.read(
                self._look_up(entry, user, reader),
                name="look up a user's roles",
                scope=scope,
                on_error=lambda error: self._not_found(entry, error),
            )

    async def _look_up(self, entry: _Open, user: User, reader: RightsReader) -> None:
        entry.holder = await reader.holder(entry.work.tenant.id, user.id)
        self._tell(entry)

    def _not_found(self, entry: _Open, error: DeskError) -> None:
        if entry.protection is not None and self._holder(entry) is None:
            entry.protection.set_unknown(entry.name, error.sentence)

    def _holder(self, entry: _Open) -> Holder | None:
        if entry.holder is not None or entry.user is None or self._reader is None:
            return entry.holder
        return self._reader.known(entry.work.tenant).holder(entry.user.id)

    def _tell(self, entry: _Open) -> None:
        capabilities = self._desk.session.backend.capabilities(entry.work.tenant.id)
        entry.dialog.set_refused(capabilities.reason_against(entry.act))
        holder, reader = self._holder(entry), self._reader
        if entry.protection is not None and holder is not None and reader is not None:
            rights = reader.known(entry.work.tenant)
            entry.protection.set_protection(rights.protection(entry.act, entry.name, holder))

    def denied(self, dialog: DeskDialog, error: DeskError) -> None:
        """A write of this dialog failed. When it certainly was for want of a role, and not because
        of whom it was about, it is not offered again until the next Refresh."""
        entry = next((entry for entry in self._open if entry.dialog is dialog), None)
        role_missing = isinstance(error, AccessDenied) and error.refusal is Refusal.ROLE_MISSING
        if entry is None or self._reader is None or not role_missing:
            return
        holder = self._holder(entry)
        if not protects(entry.act) or (holder is not None and not holder.protected):
            self._reader.denied(entry.work.tenant, entry.act)
            self.show(entry.work, but=dialog)
