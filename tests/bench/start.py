"""From process start to the first painted window, and to a customer's 2,500 users in it: read from
the practice directory, or from the snapshots without the network."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Figure, Goal, against_floor, medians
from tests.bench.world import Site, Size, environment

USERS = 2_500
"""Of Aurora Rail, in the practice directory inside the program."""


def measure(site: Site, size: Size) -> list[Figure]:
    """Starts in turn; the first of each fills the caches and does not count."""
    with tempfile.TemporaryDirectory() as home:
        kept = str(Path(home, "kept"))
        _run("tests.bench.kept", [kept], home)
        starts = ("bare", "window", f"users {USERS}", f"kept {USERS} {kept}")
        rounds = [[_start(one.split(), home) for one in starts] for _ in range(size.starts + 1)]
    bare, window, users, offline = medians(rounds[1:])
    return [
        against_floor(
            "process start to first painted window, over a bare PySide6 window",
            window,
            "s",
            bare,
            Goal(1.3),
        ),
        against_floor(
            f"process start to the Users' List of a customer with {USERS:,} users",
            users,
            "s",
            bare,
            Goal(2.5),
        ),
        against_floor(
            f"process start to {USERS:,} users as they were seen last, without the network, over"
            " the first painted window",
            offline,
            "s",
            window,
            Goal(1.5),
        ),
    ]


def _start(arguments: list[str], home: str) -> float:
    begun = time.perf_counter()
    return float(_run("tests.bench.start_driver", arguments, home).split()[-1]) - begun


def _run(module: str, arguments: list[str], home: str) -> str:
    """What a script prints. It has a home of its own: the operator's settings are neither read nor
    written. Nor is his store of secrets asked."""
    env = environment() | {"HOME": home, "XDG_CONFIG_HOME": home, "APPDATA": home}
    env["PYTHON_KEYRING_BACKEND"] = "tests.bench.one_key.OneKey"
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(
        command, check=True, env=env, stdout=subprocess.PIPE, text=True, timeout=60
    ).stdout
