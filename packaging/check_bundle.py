"""Looks at the built bundle from outside and walks it through the demo tour; `make package-test`.

    python packaging/check_bundle.py [kept]

`kept` is the part that needs a store of secrets; the whole runs it on a bus of its own. The bundle
runs as a stranger would run it: from another folder, with a home of its own, and with nothing
of this checkout on its paths. Exit status 1 and a sentence for whatever is wrong.
"""

import ast
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import elf
from PyInstaller.archive.readers import CArchiveReader
from PySide6.QtGui import QImage
from release import BUNDLE, ROOT, VERSION

PROGRAM = BUNDLE / "o365desk"
PICTURES = ROOT / "build" / "package-test"
SCREEN = ROOT / "packaging" / "offscreen-screen.json"
FILES = (
    "_internal/o365desk/_resources/style.qss",
    "_internal/o365desk/_resources/icons/o365desk.svg",
    "_internal/o365desk/_resources/review_sheet/en.json",
    "_internal/o365desk/services/store/migrations/env.py",
    "_internal/o365desk/simulator/catalog.json",
    "_internal/PySide6/Qt/plugins/printsupport/libcupsprintersupport.so",
    "_internal/xkcdpass/static/eff-long",
    "_internal/certifi/cacert.pem",
    "_internal/licenses/SQLCipher.txt",
    "_internal/licenses/THIRD-PARTY.txt",
)
LEFT_OUT = ("Qml", "Quick", "WebEngine", "gtk", "libssl", "libstdc++")
"""No file of the bundle has these in its name."""

LEAST_COLOURS = 100
"""A window with text and icons has thousands; a blank one has few."""


class WrongError(Exception):
    """The bundle is not as it should be."""


def check(condition: object, sentence: str) -> None:
    if not condition:
        raise WrongError(sentence)


def check_contents() -> None:
    """Everything the sources import and read is inside, nothing unwanted is, and every library
    finds those it needs, inside or in this system."""
    for name in FILES:
        check((BUNDLE / name).is_file(), f"{name} is missing.")
    check(list(BUNDLE.glob("_internal/keyring-*/entry_points.txt")), "keyring finds no backends.")
    names = [path.name for path in BUNDLE.rglob("*")]
    unwanted = sorted({name for name in names for part in LEFT_OUT if part in name})
    check(not unwanted, f"These should have been left out: {', '.join(unwanted)}")
    inside = modules()
    check("setuptools" not in inside, "setuptools is inside, and slows every start.")
    missing = sorted(imported() - inside)
    check(not missing, f"The sources import what is not inside: {', '.join(missing)}")
    for path, lost in elf.lost(BUNDLE).items():
        check(False, f"{path} finds no {', '.join(lost)}.")


def modules() -> set[str]:
    """Every Python module in the bundle: its archive, and beside it compiled ones and those that
    are read as files."""
    archive = CArchiveReader(str(PROGRAM)).open_embedded_archive("PYZ.pyz")
    found = set(archive.toc) | set(sys.stdlib_module_names)
    internal = BUNDLE / "_internal"
    for path in (*internal.rglob("*.so"), *internal.glob("o365desk/**/*.py")):
        found.add(".".join((*path.relative_to(internal).parent.parts, path.name.split(".")[0])))
    return found


def imported() -> set[str]:
    """Every module of the program, and every one that its sources import."""
    found: set[str] = set()
    for path in (ROOT / "o365desk").rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return {name for name in found if name.split(".")[0] not in sys.stdlib_module_names} - {
        "o365desk.__main__",  # the script itself, which the archive has under another name
    }


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """The environment of a program with a screen: a virtual X server where there is one."""
    if which("Xvfb") is None:
        print("There is no Xvfb here, so the bundle runs on Qt's offscreen screen instead.")
        yield {"QT_QPA_PLATFORM": f"offscreen:configfile={SCREEN}"}
        return
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        try:
            check(number, "Xvfb did not start.")
            yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"}
        finally:
            server.terminate()


def run(home: str, environment: dict[str, str], *arguments: str, status: int = 0) -> str:
    """Runs the bundle to its end and answers what it printed."""
    given = {"HOME": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment}
    begun = time.monotonic()
    done = subprocess.run(
        [str(PROGRAM), *arguments],
        check=False,
        cwd=home,
        env=given,
        timeout=300,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    told = " ".join(argument for argument in arguments if argument.startswith("-"))
    print(f"o365desk {told}: exit {done.returncode}, {time.monotonic() - begun:.1f} s", flush=True)
    check(done.returncode == status, f"It ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def check_picture(path: Path) -> None:
    """A picture of a window with something in it."""
    image = QImage(str(path))
    check(image.width() >= 800 and image.height() >= 600, f"{path} is no picture of a window.")
    points = ((x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))
    colours = {image.pixel(x, y) for x, y in points}
    check(len(colours) >= LEAST_COLOURS, f"{path} is blank: it has {len(colours)} colours.")


def check_running() -> None:
    """The tour and a picture, as a window on a screen; a picture and a table without any."""
    with tempfile.TemporaryDirectory() as home:
        check(run(home, {}, "--version").split()[-1] == VERSION, "It is another version.")
        table = run(home, {}, "export", "licenses", "--demo")
        check(len(table.splitlines()) > 1, f"The table is empty:\n{table}")
        with screen() as environment:
            folder = PICTURES / "tour"
            told = run(home, environment, "--demo", "--tour", str(folder))
            check("Every step was seen to work." in told, f"The tour failed:\n{told}")
            pictures = sorted(folder.glob("*.png"))
            check(pictures, "The tour left no pictures.")
            picture = PICTURES / "window.png"
            run(home, environment, "--demo", "--screenshot", str(picture))
        offscreen = PICTURES / "offscreen.png"
        without = {"QT_QPA_PLATFORM": f"offscreen:configfile={SCREEN}"}
        run(home, without, "--demo", "--screenshot", str(offscreen))
        for path in (*pictures, picture, offscreen):
            check_picture(path)


def on_a_bus() -> None:
    """Has `kept` run with a store of secrets that is nobody's: unlocked, and gone afterwards."""
    if not all(map(which, ("dbus-run-session", "gnome-keyring-daemon"))):
        print("There is no store of secrets here, so no snapshots were kept on the disk.")
        return
    with tempfile.TemporaryDirectory() as home:
        environment = {name: value for name, value in os.environ.items() if "DBUS" not in name}
        environment |= {"HOME": home, "XDG_DATA_HOME": home, "XDG_RUNTIME_DIR": home}
        unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
        script = f'{unlock}; exec "$0" "$@"'
        command = ["dbus-run-session", "--", "sh", "-c", script, sys.executable, __file__, "kept"]
        done = subprocess.run(command, check=False, env=environment, timeout=300)
        check(done.returncode == 0, "Snapshots on the disk cannot be kept, or not read.")


def check_kept() -> None:
    """Snapshots in an encrypted file: the bundle makes one of its own, which the sources go on
    with; and it shows, without the network, what is in that."""
    bus = {name: os.environ[name] for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")}
    with tempfile.TemporaryDirectory() as home:
        profile = Path(home, "profile")
        make = [sys.executable, "-m", "tests.bench.kept", str(profile)]
        subprocess.run([*make, "--empty"], check=True, cwd=ROOT)
        # Nobody has signed in, so nothing is read: but first the file is opened.
        run(home, bus, "--config", str(profile), "sync", status=3)
        file = profile / "sign-ins" / "kept-snapshots.db"
        check(file.is_file(), "No file was made for snapshots.")
        check(not file.read_bytes().startswith(b"SQLite"), "The snapshots are not encrypted.")
        subprocess.run(make, check=True, cwd=ROOT)
        picture = PICTURES / "kept.png"
        without = {"QT_QPA_PLATFORM": f"offscreen:configfile={SCREEN}"}
        shown = ("--config", str(profile), "--tenant", "Aurora Rail", "--screenshot", str(picture))
        run(home, bus | without, "--offline", *shown)
        check_picture(picture)


def main() -> int:
    try:
        if sys.argv[1:] == ["kept"]:
            check_kept()
            return 0
        check(PROGRAM.is_file(), "There is no bundle yet: make bundle")
        check_contents()
        check_running()
        on_a_bus()
    except WrongError as wrong:
        print(f"The bundle is not as it should be. {wrong}", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in BUNDLE.rglob("*") if not path.is_symlink())
    print(f"The bundle works: {size / 1e6:.0f} MB. Pictures: {PICTURES.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
