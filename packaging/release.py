"""What every package is made of: the bundle, the version, and the date of the sources."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
BUNDLE = DIST / "o365desk"
VERSION = re.findall(
    r'^__version__ = "(.+)"$', (ROOT / "o365desk" / "__init__.py").read_text(encoding="utf-8"), re.M
)[0]


def source_date() -> int:
    """Seconds since 1970: SOURCE_DATE_EPOCH, else the last commit, else the changelog's last
    change. See https://reproducible-builds.org/specs/source-date-epoch/."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        command = ["git", "log", "-1", "--format=%ct"]
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            given = done.stdout
        except (OSError, subprocess.CalledProcessError):
            given = str(int((ROOT / "CHANGELOG.md").stat().st_mtime))
    return int(given)
