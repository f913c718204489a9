"""What the binaries of a bundle ask of the Linux system they run on."""

import os
import re
import subprocess
from pathlib import Path


def binaries(folder: Path) -> list[Path]:
    """Every ELF file of a folder, links left out."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    found.append(path)
    return found


def wanted(folder: Path) -> set[str]:
    """The shared libraries that a bundle needs and does not hold, by soname."""
    inside = {path.name for path in folder.rglob("*.so*")}
    return set(re.findall(r"NEEDED\s+(\S+)", _dump(folder))) - inside


def glibc(folder: Path) -> str:
    """The oldest glibc that a bundle starts with, such as "2.35"."""
    versions = re.findall(r"\bGLIBC_(\d+)\.(\d+)", _dump(folder))
    major, minor = max((int(major), int(minor)) for major, minor in versions)
    return f"{major}.{minor}"


def lost(folder: Path) -> dict[str, list[str]]:
    """The libraries that a file of the bundle finds neither inside nor in this system."""
    found = {}
    # As the loader starts it: see environment_hook.py.
    environment = os.environ | {"LD_LIBRARY_PATH": str(folder / "_internal")}
    for path in binaries(folder):
        command = ["ldd", str(path)]
        told = subprocess.run(
            command, check=False, env=environment, stdout=subprocess.PIPE, text=True
        ).stdout
        if missing := [line.split()[0] for line in told.splitlines() if "not found" in line]:
            found[path.name] = missing
    return found


def _dump(folder: Path) -> str:
    command = ["objdump", "-p", *map(str, binaries(folder))]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
