"""From process start to the first painted window, and to a customer's 2,500 users in it."""

import statistics
import subprocess
import sys
import tempfile
import time

from tests.bench.figures import Figure, Goal, against_floor
from tests.bench.world import Site, Size, environment

USERS = 2_500
"""Of Aurora Rail, in the practice directory inside the program."""


def measure(site: Site, size: Size) -> list[Figure]:
    """Starts in turn; the first of each fills the caches and does not count."""
    bare: list[float] = []
    window: list[float] = []
    users: list[float] = []
    with tempfile.TemporaryDirectory() as home:
        for number in range(size.starts + 1):
            for times, arguments in ((bare, "bare"), (window, "window"), (users, f"users {USERS}")):
                taken = _start(arguments.split(), home)
                if number:
                    times.append(taken)
    floor = statistics.median(bare)
    return [
        against_floor(
            "process start to first painted window, over a bare PySide6 window",
            statistics.median(window),
            "s",
            floor,
            Goal(1.3),
        ),
        against_floor(
            f"process start to the Users' List of a customer with {USERS:,} users",
            statistics.median(users),
            "s",
            floor,
            Goal(2.5),
        ),
    ]


def _start(arguments: list[str], home: str) -> float:
    # A home of its own: the operator's settings are neither read nor written.
    env = environment() | {"HOME": home, "XDG_CONFIG_HOME": home, "APPDATA": home}
    command = [sys.executable, "-m", "tests.bench.start_driver", *arguments]
    begun = time.perf_counter()
    done = subprocess.run(
        command, check=True, env=env, stdout=subprocess.PIPE, text=True, timeout=60
    )
    return float(done.stdout.split()[-1]) - begun
