"""Reading one tenant into the window: users page by page, licenses, counters, subscriptions."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QLocale

from o365desk.app.garbage import GarbageTimer
from o365desk.app.pacing import Pace
from o365desk.app.session import Session, TenantWork
from o365desk.domain.directory import User, UserId, UserState, purged
from o365desk.domain.errors import DeskError, NotFound
from o365desk.domain.licensing import Sku, SkuId
from o365desk.domain.monitoring import monitored
from o365desk.models.user_rows import UserRows
from o365desk.models.users import UserTableModel
from o365desk.views.main_window import MainWindow

REVEAL_EVERY = 0.1
"""Seconds between two times that users who stream in are shown."""

SORT_EVERY = 0.25
"""Seconds between two sorts while users stream in, at the least."""

FILL_BATCH = 0.25
"""Seconds for which answers about single users are gathered before the table hears of them."""

FILL_AT_ONCE = 4
COUNTER_RETRIES = (3.0, 10.0, 30.0)
"""Seconds after which counters that still lag behind a write are read again."""


@dataclass(slots=True)
class _Stream:
    """Where the pages of a load go: straight to the screen, or aside until they are all there."""

    model: UserTableModel
    aside: UserRows | None
    count: int = 0
    ids: set[UserId] = field(default_factory=set)
    _revealed_at: float = 0.0
    _sorted_at: float = 0.0
    _sort_cost: float = 0.0

    def take(self, users: Sequence[User]) -> None:
        first = not self.count
        self.count += len(users)
        self.ids.update([user.id for user in users])
        if self.aside is not None:
            self.aside.extend(users)
            return
        self.model.take(users)
        if first:  # on the screen at once, and in order
            self.model.settle()
            self._revealed_at = self._sorted_at = time.perf_counter()

    def reveal(self, *, at_once: bool = False) -> bool:
        """Shows what was taken, if it is time to: each time costs a paint."""
        now = time.perf_counter()
        due = at_once or now - self._revealed_at >= REVEAL_EVERY
        if due:
            self._revealed_at = now
            if self.aside is None:
                self.model.reveal()
        return due

    async def sort(self, *, at_once: bool = False) -> None:
        """Puts what was taken in order, if it is time to, giving way to the window all along."""
        begun = time.perf_counter()
        if not at_once and begun - self._sorted_at < max(SORT_EVERY, 20 * self._sort_cost):
            return
        rows = self.model if self.aside is None else self.aside
        self._sort_cost = 0.0
        for _ in rows.merging(self.model.query):
            self._sort_cost += time.perf_counter() - begun
            await asyncio.sleep(0)
            begun = time.perf_counter()
        if self.aside is None:
            self.model.settle()
        self._sorted_at = time.perf_counter()
        self._sort_cost += self._sorted_at - begun

    def put(self, users: Sequence[User]) -> None:
        """Users of whom some may be there already."""
        if self.aside is not None:
            self.aside.extend([user for user in users if self.aside.replace(user) is None])
        elif users:
            self.model.put(users)

    def finish(self) -> None:
        if self.aside is not None:
            self.model.swap(self.aside)
        else:
            self.model.settle()


class TenantLoader:
    """Fills the models of the main window for the open tenant; owned by the controller."""

    def __init__(
        self,
        session: Session,
        window: MainWindow,
        users: UserTableModel,
        garbage: GarbageTimer,
    ) -> None:
        self._session = session
        self._garbage = garbage
        self._window = window
        self._users = users
        self._pace = Pace()
        self._newest: dict[str, object] = {}
        """The latest load of each kind: one that it replaces says nothing more."""

    # Users

    async def load_users(self, work: TenantWork) -> None:
        """Lists all users and deleted users. A first load streams into the table; a later one is
        built aside and put in place when it is complete. Raises DeskError after showing how far
        it came: the table never pretends to be complete."""
        panel = self._window.users
        mine = self._newest["users"] = object()
        reload = work.complete
        stream = _Stream(self._users, self._users.new_rows() if reload else None)
        if not reload and self._users.total:
            self._users.clear()  # what a load that failed or was cancelled has left
        self._users.set_stale(reload)
        panel.set_loading("Reading users…")
        try:
            with self._garbage.held():
                missing = await self._list(work, stream)
        except asyncio.CancelledError:
            # Else another tenant is on the screen by now, or another load is under way.
            if work is self._session.work and mine is self._newest["users"]:
                stream.reveal(at_once=True)
                self._users.set_stale(False)
                panel.show_failure(self._so_far("Reading was cancelled.", stream, reload=reload))
            raise
        except DeskError as error:
            stream.reveal(at_once=True)
            panel.show_failure(self._so_far(error.sentence, stream, reload=reload))
            raise
        stream.finish()
        work.read_at = self._session.now()
        self._users.set_stale(False)
        panel.set_loading("")
        panel.set_read_at(work.read_at)
        if missing:
            panel.show_failure(missing)
        for _ in self._users.preparing():
            await asyncio.sleep(0)

    async def _list(self, work: TenantWork, stream: _Stream) -> str:
        """Answers what is missing, as a sentence; empty when nothing is."""
        missing = ""
        directory, tenant = self._session.backend.users, work.tenant.id
        panel = self._window.users
        listed: dict[UserId, User] = {}
        """Users written here a moment ago: they are put in place last, as they were written."""

        async def take(pages: AsyncIterator[Sequence[User]], *, deleted: bool) -> None:
            async for page in pages:
                now = self._session.now()
                users = page
                if deleted:
                    users = [user for user in page if not purged(user, now)]
                written = work.trust.all(now)
                if written:
                    listed.update((user.id, user) for user in users if user.id in written)
                    users = [user for user in users if user.id not in written]
                if deleted:
                    # Deleted by somebody while the list was read: it is on both lists.
                    stream.put([user for user in users if user.id in stream.ids])
                    users = [user for user in users if user.id not in stream.ids]
                # Qt gets its turn after every step: a page is decoded, taken in, shown, painted.
                await asyncio.sleep(0)
                stream.take(users)
                await asyncio.sleep(0)
                if stream.reveal():
                    panel.set_loading(f"Reading users… {_number(stream.count)} so far")
                await stream.sort()

        await take(directory.users(tenant), deleted=False)
        try:
            await take(directory.deleted_users(tenant), deleted=True)
        except DeskError as error:
            # The users are all there; the deleted ones stay as they were read before, if ever.
            if stream.aside is not None:
                before = (user for user in self._users.users if user.deleted)
                stream.put([user for user in before if user.id not in stream.ids])
            missing = f"The deleted users could not be read: {error.sentence}"
        await stream.sort(at_once=True)
        now = self._session.now()
        believed = {user_id: work.trust.user(user, now) for user_id, user in listed.items()}
        stream.put(list((work.trust.all(now) | believed).values()))
        return missing

    def _so_far(self, why: str, stream: _Stream, *, reload: bool) -> str:
        if reload:
            return f"{why} The list is the one read before."
        if not stream.count:
            return f"{why} No user was read."
        return f"{why} {_number(stream.count)} users were read; there are more."

    async def fill_licenses(self, work: TenantWork) -> None:
        """Reads the licences of users singly, where the listing does not hold them: visible rows
        first, within the service's limit, telling how far it is."""
        panel = self._window.users
        waiting = {user.id: user for user in self._users.users if _unread(user)}
        total = len(waiting)
        done: list[User] = []

        def flush() -> None:
            self._users.put(done)
            done.clear()
            read = _number(total - len(waiting))
            panel.set_loading(f"Reading licenses… {read} of {_number(total)} users")

        async def flusher() -> None:
            while True:
                flush()
                await asyncio.sleep(FILL_BATCH)

        failure = ""
        ticking = asyncio.ensure_future(flusher())
        try:
            await self._fill(work, waiting, done)
        except asyncio.CancelledError:
            failure = "Reading was cancelled."
            raise
        except DeskError as error:
            failure = str(error)
        finally:
            ticking.cancel()
            if work is self._session.work:
                flush()
                unread = _number(self._users.unread)
                panel.set_loading("")
                if failure:
                    panel.show_failure(f"{failure} The licenses of {unread} users are missing.")

    async def _fill(self, work: TenantWork, waiting: dict[UserId, User], done: list[User]) -> None:
        async def worker() -> None:
            while waiting:
                user_id = self._next_to_fill(waiting)
                del waiting[user_id]
                await self._pace.turn()
                try:
                    held = await self._session.backend.users.licenses(work.tenant.id, user_id)
                except NotFound:
                    continue  # deleted while we read; the next listing will say so
                current = self._users.user(user_id)
                if current is not None and _unread(current):
                    done.append(current._replace(licenses=held))

        failures: list[BaseException] = []
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(FILL_AT_ONCE):
                    group.create_task(worker())
        except* DeskError as errors:
            failures += errors.exceptions
        if failures:  # raised out here: inside, Python 3.11.2 wraps it into a group again
            raise failures[0]

    def _next_to_fill(self, waiting: dict[UserId, User]) -> UserId:
        for user in self._window.users.table.visible_users():
            if user.id in waiting:
                return user.id
        return next(iter(waiting))

    # Counters

    async def load_skus(self, work: TenantWork) -> None:
        """Reads the counters of the Licenses pane, and once a tenant its subscriptions."""
        pane = self._window.licenses
        mine = self._newest["skus"] = object()
        pane.set_loading(True)
        catalog = self._session.backend.customers
        try:
            skus = tuple(await catalog.skus(work.tenant.id))
        except DeskError as error:
            pane.show_error(error)
            return
        except asyncio.CancelledError:
            if work is self._session.work and mine is self._newest["skus"]:
                pane.set_loading(False)
            raise
        self.show_skus(work, work.counted(skus, self._session.now()))
        await self.load_subscriptions(work)

    async def load_subscriptions(self, work: TenantWork) -> None:
        """Reads the purchases behind the products; where that is not allowed the counters stand
        on their own, and the pop-up says why."""
        try:
            subscriptions = await self._session.backend.customers.subscriptions(work.tenant.id)
        except DeskError:
            return
        work.subscriptions = tuple(subscriptions)
        self.show_skus(work, work.skus)

    def show_skus(self, work: TenantWork, skus: Sequence[Sku]) -> None:
        """Puts counters on the screen, unless another tenant is there by now."""
        work.skus = tuple(skus)
        if work is not self._session.work:
            return
        shown = monitored(work.skus, work.subscriptions or ())
        self._window.licenses.set_skus(shown, self._session.now())
        self._window.users.set_products(
            sorted(((sku.id, sku.name) for sku in shown), key=lambda pair: pair[1].casefold())
        )

    def expect(self, work: TenantWork, moved: dict[SkuId, int]) -> None:
        """A write has moved assignments by so many per SKU: shown at once (S12, S17)."""
        if work.skus:
            now = self._session.now()
            work.counters.move(work.skus, moved, now)
            self.show_skus(work, work.counted(work.skus, now))

    async def reread_skus(self, work: TenantWork) -> None:
        """Reads counters after a write. One that has not moved yet is shown as the write will
        leave it, and read again later."""
        for wait in (0.0, *COUNTER_RETRIES):
            if wait:
                await asyncio.sleep(wait)
            try:
                read = await self._session.backend.customers.skus(work.tenant.id)
            except DeskError as error:
                self._window.licenses.show_error(error)
                return
            if wait == COUNTER_RETRIES[-1]:
                work.counters.give_up()
            self.show_skus(work, work.counted(read, self._session.now()))
            if not work.counters.lagging:
                return


def _unread(user: User) -> bool:
    return user.licenses is None and user.state is not UserState.DELETED


def _number(count: int) -> str:
    return QLocale().toString(count)
