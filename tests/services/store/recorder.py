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

USERS = 2500


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


async def main() -> None:
    database = Database(Path(sys.argv[2]), key())
    database.prepare()
    await {"record": record, "fill": fill_the_disk}[sys.argv[1]](database)


if __name__ == "__main__":
    asyncio.run(main())
