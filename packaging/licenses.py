"""Writes down the licences of everything that a bundle holds beside the program itself.

python packaging/licenses.py FILE
"""

import sys
import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

RULE = "-" * 80
PYTHON = "Python, under the PSF License Agreement: https://docs.python.org/3/license.html\n"
LOADER = (
    "PyInstaller's loader, under the GPL 2.0 or later with an exception that lets programs of "
    "any licence be bundled: https://pyinstaller.org/en/stable/license.html\n"
)
QT = (
    "Qt and PySide6, under the LGPL 3.0 (LGPL-3.0.txt and GPL-3.0.txt beside this file), as "
    "separate libraries that you may replace: https://download.qt.io/official_releases/\n"
)
SQLCIPHER = (
    "SQLCipher inside sqlcipher3, under a BSD license (SQLCipher.txt beside this file), and in it "
    "SQLite, in the public domain, and OpenSSL, under the Apache License 2.0 (in full below: "
    "cryptography brings OpenSSL too): https://github.com/sqlcipher/sqlcipher\n"
)


def shipped() -> list[Distribution]:
    """What the program needs on this system to run, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, Distribution] = {}
    todo = [(line, "") for line in project["dependencies"]]
    while todo:
        line, extra = todo.pop()
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        one = found[canonicalize_name(wanted.name)] = distribution(wanted.name)
        # An extra is asked for by the one who needs it; nothing here leads back to itself.
        todo += [(line, extra) for extra in ("", *wanted.extras) for line in one.requires or ()]
    return [found[name] for name in sorted(found)]


def licence_of(one: Distribution) -> str:
    """Its licence in one line, as its authors declared it."""
    head = one.metadata
    classified = [c for c in head.get_all("Classifier") or () if c.startswith("License ::")]
    if "License-Expression" in head:
        return head["License-Expression"]
    said = "; ".join(line.split(" :: ")[-1] for line in classified)
    return said or (head["License"].splitlines()[0] if "License" in head else "see its own files")


def text() -> str:
    """The whole notice: a list of all, then each licence in full where it came along."""
    parts = shipped()
    lines = ["o365desk comes with these works of others.", "", PYTHON + LOADER + QT + SQLCIPHER]
    lines += [f"{one.name} {one.version}: {licence_of(one)}" for one in parts]
    for one in parts:
        for file in one.files or ():
            words = file.name.upper()
            if file.suffix != ".py" and words.startswith(("LICEN", "COPYING", "NOTICE")):
                full = file.locate()
                if Path(str(full)).is_file():
                    lines += ["", RULE, f"{one.name}: {file.name}", RULE, ""]
                    lines.append(Path(str(full)).read_text(encoding="utf-8", errors="replace"))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8", newline="\n")
