"""The makers of packages, as far as they need no bundle; `make package-test` looks at the rest."""

import re
import runpy
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QImage

from tests.bench import bundle
from tests.bench.world import Site, Size

Maker = Callable[[str], dict[str, Any]]

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
NOBODY = Site("", "", 0)  # type: ignore[arg-type]  # the bundle has a practice directory of its own


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Maker:
    """A script of packaging/, by name, with the others beside it in reach."""
    monkeypatch.syspath_prepend(str(PACKAGING))
    return lambda name: runpy.run_path(str(PACKAGING / f"{name}.py"))


def pictures(data: bytes, places: list[tuple[int, int]]) -> list[QImage]:
    return [QImage.fromData(QByteArray(data[start : start + size])) for start, size in places]


def test_the_icon_of_windows_holds_every_size(maker: Maker) -> None:
    made = maker("icons")
    data = made["ico"]()
    kind, count = struct.unpack_from("<2xHH", data)
    entries = [struct.unpack_from("<BBBBHHII", data, 6 + 16 * i) for i in range(count)]
    found = pictures(data, [(entry[7], entry[6]) for entry in entries])
    assert kind == 1
    assert [image.width() for image in found] == list(made["ICO_SIZES"])
    assert [entry[0] or 256 for entry in entries] == list(made["ICO_SIZES"])
    middle = found[-1].pixelColor(30, 128)
    assert (middle.red(), middle.blue(), middle.alpha()) == (0x1F, 0xBF, 255)
    assert found[-1].pixelColor(0, 0).alpha() == 0


def test_the_icon_of_macos_holds_every_type(maker: Maker) -> None:
    made = maker("icons")
    data, place, found = made["icns"](), 8, {}
    assert struct.unpack_from(">4sI", data) == (b"icns", len(data))
    while place < len(data):
        kind, size = struct.unpack_from(">4sI", data, place)
        found[kind] = pictures(data, [(place + 8, size - 8)])[0].width()
        place += size
    assert found == made["ICNS_SIZES"]


def test_depends_name_each_package_once(maker: Maker) -> None:
    depends = maker("deb")["depends"]
    wanted = {"libglib-2.0.so.0", "libgthread-2.0.so.0", "libz.so.1", "libc.so.6"}
    assert depends(wanted | {"ld-linux-x86-64.so.2"}, "2.35") == (
        "ca-certificates, libc6 (>= 2.35), libglib2.0-0t64 | libglib2.0-0, zlib1g"
    )
    with pytest.raises(ValueError, match=r"libnew\.so\.1"):
        depends({"libnew.so.1"}, "2.35")


def test_the_package_and_the_checkout_need_the_same_libraries(maker: Maker) -> None:
    text = (PACKAGING / "system-libraries.sh").read_text(encoding="utf-8")
    installed = dict(re.findall(r"^(lib\S+\.so\S*) +(lib\S+)$", text, re.MULTILINE))
    packages = maker("deb")["PACKAGES"]
    both = installed.keys() & packages.keys()
    assert len(both) > 10, "the list was not found"
    for name in both:
        assert installed[name] in packages[name].split(" | "), name


def test_the_desktop_finds_program_icon_and_metadata(maker: Maker) -> None:
    made = maker("deb")
    desktop = ConfigParser(interpolation=None)
    desktop.read_string((PACKAGING / "linux" / "o365desk.desktop").read_text(encoding="utf-8"))
    entry = desktop["Desktop Entry"]
    assert entry["Exec"] == entry["Icon"] == "o365desk"
    for action in filter(None, entry["Actions"].split(";")):
        assert desktop[f"Desktop Action {action}"]["Exec"].startswith("o365desk ")
    metainfo = ET.fromstring((PACKAGING / "linux" / "metainfo.xml").read_text(encoding="utf-8"))
    assert metainfo.findtext("launchable") == "o365desk.desktop"
    assert metainfo.findtext("id") == "@COMPONENT@"
    assert metainfo.findtext("project_license") == "MIT"
    assert made["COMPONENT"].endswith(".o365desk")


def test_every_licence_is_told(maker: Maker) -> None:
    made = maker("licenses")
    summary = made["text"]().split(made["RULE"])[0]
    lines = dict(line.split(": ", 1) for line in summary.splitlines() if re.match(r"\S+ \d", line))
    names = {name.split()[0].lower().replace("_", "-") for name in lines}
    assert {
        "pyside6-essentials",
        "httpx",
        "keyring",
        "h2",
        "certifi",
        "sqlalchemy",
        "sqlcipher3",
        "mako",
    } <= names
    assert all(lines.values())
    assert not names & {"pytest", "mypy", "ruff"}, "the tests' tools are not shipped"


def test_the_wheel_holds_what_is_read_at_run_time(tmp_path: Path) -> None:
    """Python imports none of it, so nothing else would miss it before it is needed."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT, stderr=subprocess.PIPE)
    (wheel,) = tmp_path.iterdir()
    inside = set(zipfile.ZipFile(wheel).namelist())
    resources = {
        f"o365desk/_resources/{path.relative_to(ROOT / 'resources').as_posix()}"
        for path in (ROOT / "resources").rglob("*")
        if path.is_file()
    }
    folder = ROOT / "o365desk/services/store/migrations"
    steps = {path.relative_to(ROOT).as_posix() for path in folder.rglob("*.py")}
    assert any("/versions/" in step for step in steps)
    assert resources | steps | {"o365desk/simulator/catalog.json"} <= inside
    assert not [name for name in inside if name.startswith("tests/")]


def test_the_bench_says_why_it_leaves_the_bundle_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bundle, "PROGRAM", tmp_path / "o365desk")
    assert bundle.measure(NOBODY, Size(starts=1)) == []
    assert "make bundle" in capsys.readouterr().out


def test_the_bench_measures_a_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "o365desk"
    program.write_text('#!/bin/sh\nfor last; do :; done\necho picture >"$last"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(bundle, "PROGRAM", program)
    size, start = bundle.measure(NOBODY, Size(starts=1))
    assert size.value == program.stat().st_size / 1e6
    assert start.ratio is not None
    assert 0 < start.ratio < 1, "a script that only writes a file is faster than the program"
