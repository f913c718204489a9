"""Runs every measurement, prints the table and writes `build/bench.json`.

    python -m tests.bench [--only NAME ...] [--users N] [--rounds N]

Each measurement runs in a process of its own, so that none inherits another's heap; the practice
directory runs in one more for all of them.
"""

import argparse
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import figures as fig
from tests.bench.parts import PARTS
from tests.bench.world import Site, Size, environment, practice

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "build" / "bench.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=tuple(PARTS), default=tuple(PARTS))
    parser.add_argument("--users", type=int, default=Size.users)
    parser.add_argument("--rounds", type=int, default=Size.rounds)
    parser.add_argument("--part", choices=tuple(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--site", nargs=2, default=("", ""), help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    size = Size(users=options.users, rounds=options.rounds)
    if options.part:
        url, tenant = options.site
        found = PARTS[options.part](Site(url, tenant, options.users), size)
        fig.write(found, options.into)
        return 0
    return _all(options.only, size)


def _all(names: list[str], size: Size) -> int:
    figures: list[fig.Figure] = []
    with practice(size.users) as site, tempfile.TemporaryDirectory() as folder:
        for name in names:
            print(f"measuring: {name}", flush=True)
            into = Path(folder) / f"{name}.json"
            command = [sys.executable, "-m", "tests.bench", "--part", name, "--into", str(into)]
            command += ["--users", str(size.users), "--rounds", str(size.rounds)]
            command += ["--site", site.url, site.tenant]
            subprocess.run(command, check=True, env=environment(), cwd=ROOT)
            figures += fig.from_json(into.read_text(encoding="utf-8"))
    fig.write(figures, OUTPUT)
    print(f"\n{platform.python_implementation()} {platform.python_version()}\n")
    print(fig.table(figures))
    print(f"\nWritten to {OUTPUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
