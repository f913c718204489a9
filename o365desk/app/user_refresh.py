"""The cheap second refresh: what changed among the users, put into the rows that are there."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from o365desk.app.session import Session, TenantWork
from o365desk.domain.changes import ChangeMark
from o365desk.domain.directory import User, UserId, purged
from o365desk.domain.errors import DeskError
from o365desk.domain.licensing import SkuId
from o365desk.domain.reconciliation import Balance, seats
from o365desk.models.users import UserTableModel

EVERYTHING_AFTER = timedelta(days=1)
"""Age of a listing from which on changes are not enough. Microsoft does not tell all of them: how
a license is held, for one."""

MARK_PATIENCE = 5.0
"""Seconds a listing waits for its mark; without one the next refresh lists everything again."""

_COUNTED = 4096
"""Users looked at in one step, where the window shall not notice."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a refresh has read, before any of it is shown."""

    users: dict[UserId, User]
    """Changed ones, and all that are deleted."""
    gone: set[UserId]
    mark: ChangeMark
    missing: str
    """What could not be read, as a sentence; empty when all could."""


class UserRefresh:
    """Asks for changes and applies them; owned by the loader, which tells the window."""

    def __init__(self, session: Session, users: UserTableModel) -> None:
        self._session = session
        self._users = users

    def possible(self, work: TenantWork) -> bool:
        """Whether changes are enough for this refresh."""
        listed = work.listed
        return (
            work.complete
            and listed is not None
            and listed.mark is not None
            and self._session.now() - listed.at <= EVERYTHING_AFTER
        )

    async def mark(self, work: TenantWork) -> ChangeMark | None:
        """This moment, taken before a listing: what happens while that is read is told later. A
        listing needs none, so no failure of this one is told."""
        reader = self._session.backend.changes
        if reader is None:
            return None
        try:
            async with asyncio.timeout(MARK_PATIENCE):
                return await reader.mark(work.tenant.id)
        except (DeskError, TimeoutError):
            return None

    async def read(self, work: TenantWork) -> Fresh:
        """Asks Microsoft; shows nothing. Raises DeskError, above all ChangesLost."""
        reader, listed = self._session.backend.changes, work.listed
        if reader is None or listed is None or listed.mark is None:
            raise AssertionError("possible() was not asked")
        listed.caught_up = True
        changes = await reader.changes(work.tenant.id, listed.mark)
        users = {user.id: user for user in changes.changed}
        gone = set(changes.gone)
        missing = ""
        try:
            # Read after the changes: who is gone must be found here, if deleted only.
            async for page in self._session.backend.users.deleted_users(work.tenant.id):
                now = self._session.now()
                users.update((user.id, user) for user in page if not purged(user, now))
        except DeskError as error:
            missing = f"The deleted users could not be read: {error.sentence}"
        else:
            gone.update(user.id for user in self._users.users if user.deleted)
        return Fresh(users, gone - users.keys(), changes.mark, missing)

    async def apply(self, work: TenantWork, fresh: Fresh) -> int:
        """Puts everything in its place, giving way to the window all along; answers how many rows
        it changed. What was written here a moment ago stays believed."""
        now = self._session.now()
        written = work.trust.all(now)
        shown = {user_id: work.trust.user(user, now) for user_id, user in fresh.users.items()}
        put = [user for user in (written | shown).values() if user != self._users.user(user.id)]
        gone = [user_id for user_id in fresh.gone - written.keys() if self._users.user(user_id)]
        steps = self._users.putting(put)
        try:
            for _ in steps:
                await asyncio.sleep(0)
        finally:
            for _ in steps:
                pass  # cancelled in the middle: no row may be left out of order
        self._users.remove(gone)
        late = work.trust.all(self._session.now()).values()
        self._users.put([user for user in late if user != self._users.user(user.id)])
        return len(put) + len(gone)

    async def weigh(self, work: TenantWork) -> None:
        """Notes how users and counters stand, once both have been read after a listing."""
        listed = work.listed
        if listed is None or listed.mark is None or listed.caught_up:
            return
        if listed.balance is None:
            listed.balance = Balance(await self._held(), work.assigned)

    async def disagreement(self, work: TenantWork, counters_read: int) -> str:
        """Why everything has to be listed anew: users and counters have moved apart since it was
        listed the last time. Empty when they have not, or when the counters were not read along
        with the changes, after `counters_read`."""
        await work.counters_idle.wait()
        if work.listed is None or work.counters_read == counters_read:
            return ""
        if work.listed.balance is None:
            return "nobody noted how the counters stood"  # cancelled before it came to that
        held = await self._held()
        apart = work.listed.balance.disagreeing(held, work.assigned, self._session.now())
        return f"{len(apart)} counters moved otherwise" if apart else ""

    async def _held(self) -> Counter[SkuId]:
        users = self._users.users
        held: Counter[SkuId] = Counter()
        for start in range(0, len(users), _COUNTED):
            held.update(seats(users[start : start + _COUNTED]))
            await asyncio.sleep(0)
        return held
