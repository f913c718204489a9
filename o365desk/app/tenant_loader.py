"""Reading one tenant into the window: users page by page or as far as they changed, licenses,
counters, subscriptions."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QLocale

from o365desk.app.garbage import GarbageTimer
from o365desk.app.session import Listed, Part, Session, TenantWork
from o365desk.app.single_licenses import SingleLicenses
from o365desk.app.user_refresh import UserRefresh
from o365desk.domain.changes import ChangesLost
from o365desk.domain.directory import User, UserId, purged
from o365desk.domain.errors import AccessDenied, DeskError, NotFound, UnexpectedReply
from o365desk.domain.licensing import Sku, SkuId
from o365desk.domain.monitoring import monitored
from o365desk.domain.reconciliation import assigned
from o365desk.models.user_rows import UserRows
from o365desk.models.users import UserTableModel
from o365desk.views.main_window import MainWindow

REVEAL_EVERY = 0.1
"""Seconds between two times that users who stream in are shown."""

SORT_EVERY = 0.25
"""Seconds between two sorts while users stream in, at the least."""

_BEFORE = "The list is the one read before."

_log = logging.getLogger(__name__)

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

    def finish(self) -> UserRows | None:
        """Answers the rows that were shown before, to be emptied."""
        if self.aside is not None:
            return self.model.swap(self.aside)
        self.model.settle()
        return None


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
        self._refresh = UserRefresh(session, users)
        self._singly = SingleLicenses(session, window, users)
        self._newest: dict[str, object] = {}
        """The latest load of each kind: one that it replaces says nothing more."""

    # Users

    async def load_users(self, work: TenantWork, *, everything: bool = False) -> None:
        """Reads what changed since the last listing where that is possible, else lists everything.
        Raises DeskError after showing how far it came: the table never pretends to be complete."""
        mine = self._newest["users"] = object()
        work.missing[Part.USERS] = "The users could not be read."
        why = "asked for" if everything else "no mark of today"
        if not everything and self._refresh.possible(work):
            why = await self._catch_up(work, mine)
            if not why:
                return
        _log.info("listing every user: %s", why)
        await self._list_everything(work, mine)

    async def _catch_up(self, work: TenantWork, mine: object) -> str:
        """Reads the changes and shows them; answers why everything has to be listed after all,
        or nothing. A reading that fails leaves the rows as they were, and will be told the same."""
        panel = self._window.users
        counters_read = work.counters_read
        panel.set_loading("Reading what changed…")
        try:
            with self._garbage.held():
                fresh = await self._refresh.read(work)
                changed = await self._refresh.apply(work, fresh)
        except (ChangesLost, UnexpectedReply) as lost:
            return f"{type(lost).__name__}, {lost.status} {lost.code}"
        except asyncio.CancelledError:
            if work is self._session.work and mine is self._newest["users"]:
                panel.show_failure(f"Reading was cancelled. {_BEFORE}")
            raise
        except DeskError as error:
            panel.show_failure(f"{error.sentence} {_BEFORE}")
            raise
        if work.listed is not None:
            work.listed.mark = fresh.mark
        self._done(work, fresh.missing, changed)
        return await self._refresh.disagreement(work, counters_read)

    def _done(self, work: TenantWork, missing: str, changed: int | None = None) -> None:
        work.read_at = self._session.as_of(work)
        work.missing.pop(Part.USERS, None)
        if missing:
            work.missing[Part.USERS] = missing
        panel = self._window.users
        panel.set_loading("")
        panel.set_read_at(work.read_at, changed)
        panel.filters.set_blocked_known(self._session.capabilities().blocked_known)
        if missing:
            panel.show_failure(missing)

    async def _list_everything(self, work: TenantWork, mine: object) -> None:
        """Lists all users and deleted users. A first load streams into the table; a later one is
        built aside and put in place when it is complete."""
        panel = self._window.users
        reload = work.complete
        stream = _Stream(self._users, self._users.new_rows() if reload else None)
        if not reload and self._users.total:
            self._users.clear()  # what a load that failed or was cancelled has left
        self._users.set_stale(reload)
        panel.set_loading("Reading users…")
        try:
            with self._garbage.held():
                mark = await self._refresh.mark(work)
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
        old = stream.finish()
        work.listed = Listed(self._session.now(), mark)
        self._users.set_stale(False)
        self._done(work, missing)
        if work.counters_read and work.counters_idle.is_set():
            await self._refresh.weigh(work)  # else whoever reads the counters does
        for _ in self._users.preparing():
            await asyncio.sleep(0)
        if old is not None:
            await self.give_back(old)

    async def give_back(self, rows: UserRows) -> None:
        """Frees rows that nobody shows any more, giving way to the window all along."""
        for _ in rows.emptying():
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
                now, moment = self._session.now(), self._session.as_of(work)
                users = page
                if deleted:
                    users = [user for user in page if not purged(user, moment)]
                elif stream.aside is not None:
                    users = self._singly.keep(work, page)
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
            return f"{why} {_BEFORE}"
        if not stream.count:
            return f"{why} No user was read."
        return f"{why} {_number(stream.count)} users were read; there are more."

    async def fill_licenses(self, work: TenantWork) -> None:
        """Reads licences that the listing does not hold, user by user."""
        await self._singly.fill(work)

    # Counters

    async def load_skus(self, work: TenantWork) -> None:
        """Reads the counters of the Licenses pane, and once a tenant its subscriptions."""
        pane = self._window.licenses
        mine = self._newest["skus"] = object()
        work.missing[Part.COUNTERS] = "The licenses could not be read."
        work.missing[Part.SUBSCRIPTIONS] = "The subscriptions could not be read."
        pane.set_loading(True)
        work.counters_idle.clear()
        try:
            skus = await self._read_skus(work)
        except DeskError as error:
            pane.show_error(error)
            return
        except asyncio.CancelledError:
            if work is self._session.work and mine is self._newest["skus"]:
                pane.set_loading(False)
            raise
        finally:
            if mine is self._newest["skus"]:
                work.counters_idle.set()
        work.missing.pop(Part.COUNTERS, None)
        self.show_skus(work, work.counted(skus, self._session.now()))
        await self._refresh.weigh(work)
        await self.load_subscriptions(work)

    async def _read_skus(self, work: TenantWork) -> tuple[Sku, ...]:
        skus = tuple(await self._session.backend.customers.skus(work.tenant.id))
        work.assigned = assigned(skus)
        work.counters_read += 1
        return skus

    async def load_subscriptions(self, work: TenantWork) -> None:
        """Reads the purchases behind the products; where that is not allowed the counters stand
        on their own, and the pop-up says why."""
        try:
            subscriptions = await self._session.backend.customers.subscriptions(work.tenant.id)
        except (AccessDenied, NotFound):
            work.missing.pop(Part.SUBSCRIPTIONS, None)  # nor will they be the next time
            return
        except DeskError as error:
            work.missing[Part.SUBSCRIPTIONS] = error.sentence
            return
        work.missing.pop(Part.SUBSCRIPTIONS, None)
        work.subscriptions = tuple(subscriptions)
        self.show_skus(work, work.skus)

    def show_skus(self, work: TenantWork, skus: Sequence[Sku]) -> None:
        """Puts counters on the screen, unless another tenant is there by now."""
        work.skus = tuple(skus)
        if work is not self._session.work:
            return
        shown = monitored(work.skus, work.subscriptions or ())
        self._window.licenses.set_skus(shown, self._session.as_of(work))
        self._window.users.filters.set_products(
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
                read = await self._read_skus(work)
            except DeskError as error:
                self._window.licenses.show_error(error)
                return
            if wait == COUNTER_RETRIES[-1]:
                work.counters.give_up()
            self.show_skus(work, work.counted(read, self._session.now()))
            if not work.counters.lagging:
                return


def _number(count: int) -> str:
    return QLocale().toString(count)
