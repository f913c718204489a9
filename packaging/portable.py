"""Makes the portable archive of a built bundle; run by `make portable`.

    python packaging/portable.py

Unpack it anywhere and start `o365desk` in it. Two runs over the same bundle make the same file.
"""

import platform
import tarfile
from pathlib import Path

from release import BUNDLE, DIST, ROOT, VERSION, source_date


def build() -> Path:
    """The finished archive."""
    date = source_date()
    folder = f"o365desk-{VERSION}"
    archive = DIST / f"{folder}-{platform.system().lower()}-{platform.machine()}.tar.xz"

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = date
        return entry

    with tarfile.open(archive, "w:xz", format=tarfile.GNU_FORMAT) as tar:
        tar.add(BUNDLE, folder, filter=plain)  # tarfile sorts a folder's entries itself
        for document in ("README.md", "CHANGELOG.md", "LICENSE"):
            tar.add(ROOT / document, f"{folder}/{document}", filter=plain)
    return archive


if __name__ == "__main__":
    made = build()
    print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.0f} MB")
