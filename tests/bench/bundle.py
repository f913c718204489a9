"""The bundle that ships: its size, and how fast it starts beside the same program from source."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Figure, Goal, against_floor, by_itself
from tests.bench.world import Site, Size, environment

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "dist" / "o365desk" / "o365desk"
TASK = ("--demo", "--tenant", "Tall Pine Furniture", "--theme", "light", "--screenshot")


def measure(site: Site, size: Size) -> list[Figure]:
    """Nothing, and the reason, where no bundle of these sources was built."""
    if not PROGRAM.is_file():
        print("left out: no bundle is here; `make bundle` builds one", flush=True)
        return []
    changed = max(path.stat().st_mtime for path in (ROOT / "o365desk").rglob("*.py"))
    if PROGRAM.stat().st_mtime < changed:
        print("left out: the bundle is older than the sources; `make bundle`", flush=True)
        return []
    files = [path for path in PROGRAM.parent.rglob("*") if not path.is_symlink()]
    megabytes = sum(path.stat().st_size for path in files if path.is_file()) / 1e6
    bundle, source = _starts(size.starts)
    return [
        by_itself("size of the bundle", megabytes, "MB", None, Goal(150, " MB")),
        against_floor(
            "bundle's start to a picture of a customer, over the start from source",
            bundle,
            "s",
            source,
            Goal(1.3),
        ),
    ]


def _starts(count: int) -> list[float]:
    """Median seconds of whole runs of the bundle and of the sources, taken in turn; the first of
    each fills the caches and does not count."""
    commands = ([str(PROGRAM)], [sys.executable, "-m", "o365desk"])
    with tempfile.TemporaryDirectory() as home:
        rounds = [[_run(command, home) for command in commands] for _ in range(count + 1)]
    return [statistics.median(times) for times in zip(*rounds[1:], strict=True)]


def _run(command: list[str], home: str) -> float:
    # A home of its own: the operator's settings are neither read nor written.
    env = environment() | {"HOME": home, "XDG_CONFIG_HOME": home, "APPDATA": home}
    picture = Path(home) / "picture.png"
    begun = time.perf_counter()
    subprocess.run([*command, *TASK, str(picture)], check=True, env=env, cwd=ROOT, timeout=60)
    taken = time.perf_counter() - begun
    picture.unlink()
    return taken
