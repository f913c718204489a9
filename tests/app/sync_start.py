"""`o365desk sync` of a connection of one's own, as a process of its own: the practice directory
answers, after a while if that is asked for.

Arguments: the profile's folder, and the seconds that each customer takes. On standard input: the
entries of the store of secrets, as JSON.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import keyring

from o365desk.app import headless
from o365desk.app.connection_book import PRACTICE
from o365desk.app.options import Command, Options
from o365desk.app.profile import in_folder
from o365desk.app.worlds import Means, World, open_world
from o365desk.domain.connections import Connection
from o365desk.simulator import Fault, FaultKind
from tests.app.kept_desk import OWN
from tests.services.sign_in_world import MemoryStore


async def open_practice(_own: Connection, means: Means) -> World:
    world = await open_world(PRACTICE, means)
    seconds = float(sys.argv[2])
    if seconds and world.simulator is not None:
        slow = Fault(FaultKind.DELAY, path="*/subscribedskus", times=None, seconds=seconds)
        world.simulator.faults.add(slow)
    return replace(world, connection=OWN)


if __name__ == "__main__":
    store = MemoryStore()
    for service, name, key in json.loads(sys.stdin.readline()):
        store.set_password(service, name, key)
    keyring.set_keyring(store)
    headless.open_world = open_practice  # type: ignore[assignment, attr-defined]
    options = Options(command=Command.SYNC)
    sys.exit(headless.run_headless(options, OWN, in_folder(Path(sys.argv[1]))))
