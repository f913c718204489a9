"""The program started a second time, as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def second_start(profile: Path, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`o365desk --config PROFILE …`; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "o365desk", "--config", str(profile), *arguments],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
