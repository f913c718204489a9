"""A process that records big snapshots, one after the other, and says how far it is."""

import asyncio
import sys
from pathlib import Path

from sqlalchemy import Connection

from o365desk.domain.errors import DeskError
from o365desk.domain.snapshots import TenantState
from o365desk.services.store import recording
from o365desk.services.store.database import Database, files
from tests.services.store.pages import NAMES, key
from tests.services.store.states import day, state, user

USERS = 1500


def big_state(number: int, users: int = USERS) -> TenantState:
    """Of every user something is new in every snapshot."""
    names = [(each, NAMES[each % len(NAMES)]) for each in range(users)]
    crowd = [
        user(f"{name} {each}", display_name=f"{name} {each}, {number}") for each, name in names
    ]
    return state(day(number), *crowd)


async def record(database: Database) -> None:
    """Until it is killed."""
    number = 0
    while True:
        number += 1
        seen = big_state(number)

        def work(connection: Connection, seen: TenantState = seen, number: int = number) -> None:
            recording.record(connection, seen)
            print("writing", number, flush=True)

        await database.write(work)
        print("kept", number, flush=True)


async def fill_the_disk(database: Database) -> None:
    """A disk that takes no more in the middle of a snapshot, and then again."""
    await database.write(lambda connection: recording.record(connection, big_state(1, 10)))
    import resource  # POSIX has it

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = files(database.path or Path())[1].stat().st_size + 100_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, limits[1]))
    try:
        await database.write(lambda connection: recording.record(connection, big_state(2)))
    except DeskError as error:
        print(error.sentence, error.next_step)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    await database.write(lambda connection: recording.record(connection, big_state(3, 10)))
    await database.aclose()


async def begin(path: Path) -> None:
    """On a disk that is full sooner or later while the file is made; then there is room again."""
    import resource

    import keyring

    from o365desk.services.keyring_keys import KeyringKeys
    from o365desk.services.store.opening import open_store
    from tests.services.sign_in_world import MemoryStore

    keyring.set_keyring(MemoryStore())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in (0, 100, 4096, 5000, 20_000, 60_000):
        place = path.parent / str(room) / path.name
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
        full = await open_store(place, KeyringKeys("snapshots"))
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        await full.database.aclose()
        after = await open_store(place, KeyringKeys("snapshots"))
        await after.database.write(lambda connection: recording.record(connection, big_state(1, 3)))
        await after.database.aclose()
        print(full.on_disk, after.on_disk, full.notice and full.notice.sentence, after.notice)


async def main() -> None:
    act, path = sys.argv[1], Path(sys.argv[2])
    if act == "begin":
        await begin(path)
        return
    database = Database(path, key())
    database.prepare()
    await {"record": record, "fill": fill_the_disk}[act](database)


if __name__ == "__main__":
    asyncio.run(main())
