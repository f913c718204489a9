"""Reads when users signed in last, for as long as that column is shown: the permission for it is
asked for when it is shown first, and Microsoft gives it slowly."""

from o365desk.app.desk import Desk
from o365desk.app.session import TenantWork
from o365desk.domain.errors import DeskError, Refusal, SignInRequired

KEY = "sign_in"

_NOT_TOLD = "Partner Center does not tell it"
_QUIET = {
    Refusal.NOT_PREMIUM: "needs Entra ID P1 or P2",
    Refusal.UNSUPPORTED: _NOT_TOLD,
}
"""What the operator can do nothing about at once, in a few words below the list."""


class SignInColumn:
    """One window's Last sign-in column. Owned by the controller."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told: TenantWork | None = None
        """The tenant whose last sign-ins have all been read."""
        desk.window.users.table.column_toggled.connect(self._toggled)

    def follow(self, work: TenantWork) -> None:
        """The users of a tenant are being read, for the first time or anew."""
        self._told = None
        if self._desk.window.users.table.shows(KEY):
            self._start(work, asked=False)

    def _toggled(self, key: str, shown: bool) -> None:
        work = self._desk.session.work
        if key != KEY or work is None or self._told is work:
            return
        if shown:
            self._start(work, asked=True)
        else:
            self._desk.tasks.cancel(KEY)
            self._desk.users.end_sign_ins()

    def _start(self, work: TenantWork, *, asked: bool) -> None:
        self._desk.users.begin_sign_ins()
        self._desk.tasks.latest(
            KEY,
            self._read(work),
            name="read last sign-ins",
            scope=work.scope,
            on_error=lambda error: self._failed(work, error, asked=asked),
        )

    async def _read(self, work: TenantWork) -> None:
        """After the users, and never while they are put in their places."""
        users, backend = self._desk.users, self._desk.session.backend
        await self._desk.users_read()
        if not work.complete:
            users.end_sign_ins()  # it is told why there are no users
            return
        if backend.sign_ins is None or not self._desk.session.capabilities().sign_ins_known:
            users.end_sign_ins(_NOT_TOLD)
            return
        async for page in backend.sign_ins.sign_ins(work.tenant.id):
            await self._desk.users_read()
            users.take_sign_ins(page)
        users.end_sign_ins()
        self._told = work
        self._desk.on_sign_ins_read(work)

    def _failed(self, work: TenantWork, error: DeskError, *, asked: bool) -> None:
        """The list of users stands. A sign-in that would help is offered; else the banner is for
        who has just asked for the column."""
        if work is not self._desk.session.work:
            return
        quiet = _QUIET.get(error.refusal)
        self._desk.users.end_sign_ins(quiet or _short(error.sentence))
        mended = isinstance(error, SignInRequired) and error.need is not None
        if mended or (asked and quiet is None):
            self._desk.window.banner.show_error(error)


def _short(sentence: str) -> str:
    """A sentence among the notes below the list, which have no full stop."""
    return sentence.removesuffix(".")
