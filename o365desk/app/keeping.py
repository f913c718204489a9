"""Where a window's snapshots are kept, and opening that."""

import asyncio
from pathlib import Path

from o365desk.app.config import Settings
from o365desk.app.profile import Profile
from o365desk.domain.connections import Cloud, Connection
from o365desk.domain.history import History
from o365desk.domain.retention import Retention
from o365desk.services.store.history import SnapshotHistory
from o365desk.services.store.opening import Notice, OpenedStore, open_store, remove_store, set_aside


class Keeping:
    """The snapshots of one connection; opened when first asked for. Those of the practice
    directory, which is new at every start, and of a run that keeps nothing, are in memory."""

    def __init__(self, connection: Connection, profile: Profile | None) -> None:
        practice = connection.cloud is Cloud.PRACTICE
        self.path: Path | None = None
        if profile is not None and not practice:
            self.path = profile.snapshots(connection.id)
        self._key = f"{connection.id} {profile.name} snapshots" if profile is not None else ""
        self._store: OpenedStore | None = None
        self._history: SnapshotHistory | None = None
        self._opening = asyncio.Lock()

    @property
    def notice(self) -> Notice | None:
        """What the operator has to know of it, once it is open."""
        return self._store.notice if self._store is not None else None

    async def open(self) -> History:
        """Never fails: where the disk cannot be used, memory is, and `notice` tells why."""
        async with self._opening:  # once, whoever asks meanwhile
            if self._history is None:
                from o365desk.services.keyring_keys import KeyringKeys

                self._store = await open_store(self.path, KeyringKeys(self._key))
                self._history = SnapshotHistory(self._store.database)
            return self._history

    async def make_room(self) -> str:
        """Renames a file that cannot be used; answers its new name. Raises DeskError."""
        return (await set_aside(self.path)).name if self.path is not None else ""

    async def remove(self) -> list[str]:
        """Deletes all of it; answers what that was, for the operator. Raises DeskError."""
        from o365desk.services.keyring_keys import KeyringKeys

        if self.path is None or not await remove_store(self.path, KeyringKeys(self._key)):
            return []
        return ["The snapshots of its customers"]

    async def aclose(self) -> None:
        if self._history is not None:
            await self._history.aclose()


def retention(settings: Settings) -> Retention:
    """As it was chosen; whatever does not fit is as usual."""
    usual = Retention()
    all_days, daily_days, monthly = (
        settings.retention.get(name, getattr(usual, name))
        for name in ("all_days", "daily_days", "monthly")
    )
    if type(all_days) is int and type(daily_days) is int and 0 < all_days <= daily_days:
        return Retention(all_days, daily_days, monthly=bool(monthly))
    return usual
