"""Licenses that no listing holds (Partner Center's): read user by user, and again after a refresh.

Partner Center takes no condition (ETag) for them and tells no changes, so a refresh costs a call a
user every time. What is known stays on the screen meanwhile, with its age, and is read again
behind all other calls.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QLocale

from o365desk.app.pacing import Pace
from o365desk.app.session import Session, TenantWork
from o365desk.domain.directory import User, UserId
from o365desk.domain.errors import DeskError, NotFound
from o365desk.models.users import UserTableModel
from o365desk.models.words import clock_text
from o365desk.views.main_window import MainWindow

FILL_BATCH = 0.25
"""Seconds for which answers about single users are gathered before the table hears of them."""

FILL_AT_ONCE = 4


@dataclass(slots=True)
class _Filling:
    """One pass over the users whose licenses are to be read."""

    unread: dict[UserId, None]
    """Nothing is known of these: they come first."""
    aged: dict[UserId, None]
    total: int
    done: list[User] = field(default_factory=list)
    """Read, and not shown yet."""

    @property
    def left(self) -> int:
        return len(self.unread) + len(self.aged)


class SingleLicenses:
    """Owned by the loader, for the tenant that is open."""

    def __init__(self, session: Session, window: MainWindow, users: UserTableModel) -> None:
        self._session = session
        self._window = window
        self._users = users
        self._pace = Pace()

    def keep(self, work: TenantWork, listed: Sequence[User]) -> Sequence[User]:
        """A page of a new listing, with the licenses that were read singly before it."""
        if work.read_at is None or self._session.capabilities().licenses_listed:
            return listed
        kept: list[User] = []
        for user in listed:
            before = self._users.user(user.id)
            if user.licenses is None and before is not None and not before.deleted:
                user = user._replace(licenses=before.licenses)
                if before.licenses is not None:
                    work.aged.setdefault(user.id, work.read_at)
            kept.append(user)
        return kept

    async def fill(self, work: TenantWork) -> None:
        """Reads all that is missing or of age: visible rows first, within the service's limit,
        telling how far it is, and in the end whatever could not be read."""
        current = {user.id: user for user in self._users.users if not user.deleted}
        unread = {id_: None for id_, user in current.items() if user.licenses is None}
        work.aged = {id_: when for id_, when in work.aged.items() if id_ in current}
        aged = dict.fromkeys(id_ for id_ in work.aged if id_ not in unread)
        filling = _Filling(unread, aged, len(unread) + len(aged))

        async def flusher() -> None:
            while True:
                self._flush(work, filling)
                await asyncio.sleep(FILL_BATCH)

        failure = ""
        ticking = asyncio.ensure_future(flusher())
        try:
            await self._fill(work, filling)
        except asyncio.CancelledError:
            failure = "Reading was cancelled."
            raise
        except DeskError as error:
            failure = str(error)
        finally:
            ticking.cancel()
            if work is self._session.work:
                self._flush(work, filling)
                self._window.users.set_loading("")
                if failure and not self._window.users.failure:
                    self._window.users.show_failure(f"{failure} {self._lacking(work)}")

    def _flush(self, work: TenantWork, filling: _Filling) -> None:
        self._users.put(filling.done)
        filling.done.clear()
        read, total = _number(filling.total - filling.left), _number(filling.total)
        text = f"Reading licenses… {read} of {total} users"
        if work.aged:
            text += f"; the others as read at {clock_text(min(work.aged.values()))}"
        self._window.users.set_loading(text, behind=True)

    def _lacking(self, work: TenantWork) -> str:
        parts = []
        if self._users.unread:
            parts.append(f"The licenses of {_number(self._users.unread)} users are missing.")
        if work.aged:
            when = clock_text(min(work.aged.values()))
            parts.append(f"Those of {_number(len(work.aged))} users are as read at {when}.")
        return " ".join(parts)

    async def _fill(self, work: TenantWork, filling: _Filling) -> None:
        from o365desk.services.scheduler import background

        async def worker() -> None:
            while waiting := filling.unread or filling.aged:
                user_id = self._next(waiting)
                del waiting[user_id]
                await self._pace.turn()
                if waiting is filling.aged:
                    with background():
                        await self._read(work, user_id, filling)
                else:
                    await self._read(work, user_id, filling)

        failures: list[BaseException] = []
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(FILL_AT_ONCE):
                    group.create_task(worker())
        except* DeskError as errors:
            failures += errors.exceptions
        if failures:  # raised out here: inside, Python 3.11.2 wraps it into a group again
            raise failures[0]

    async def _read(self, work: TenantWork, user_id: UserId, filling: _Filling) -> None:
        try:
            held = await self._session.backend.users.licenses(work.tenant.id, user_id)
        except NotFound:
            work.aged.pop(user_id, None)
            return  # deleted while we read; the next listing will say so
        current = self._users.user(user_id)
        again = work.aged.pop(user_id, None) is not None
        if current is None or current.deleted or not (again or current.licenses is None):
            return
        read = work.trust.user(current._replace(licenses=held), self._session.now())
        if read.licenses != current.licenses:
            filling.done.append(current._replace(licenses=read.licenses))

    def _next(self, waiting: dict[UserId, None]) -> UserId:
        for user in self._window.users.table.visible_users():
            if user.id in waiting:
                return user.id
        return next(iter(waiting))


def _number(count: int) -> str:
    return QLocale().toString(count)
