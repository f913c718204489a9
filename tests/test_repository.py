"""What the repository itself promises: its layout, its lock files, its samples and its icons."""

import ast
import fnmatch
import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from o365desk.views.theme import Theme

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.lock", "requirements-test.lock", "requirements-package.lock"]
LAYOUT = {
    *("o365desk", "resources", "tests", "packaging", "pyproject.toml", "README.md"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", *LOCKS),
}
MAX_LINES = 500


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# Layout


def test_the_top_level_is_as_agreed() -> None:
    ignored = [".*", *(line.rstrip("/") for line in text_of(".gitignore").split())]
    found = {
        path.name
        for path in ROOT.iterdir()
        if not any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored)
    }
    assert found == LAYOUT


def test_no_module_grew_into_two() -> None:
    long = {
        path.name: lines
        for path in (ROOT / "o365desk").rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert long == {}


# Lock files


def pins(lock: str) -> dict[str, list[Requirement]]:
    """The pinned requirements of a lock file by name, each checked to carry hashes."""
    found: dict[str, list[Requirement]] = {}
    entries = re.split(r"\n(?=\S)", text_of(lock).strip())
    for entry in entries:
        requirement, *hashes = (part.strip() for part in entry.replace("\\\n", "\n").split("\n"))
        assert hashes, f"{requirement} has no hash"
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", h) for h in hashes), requirement
        pinned = Requirement(requirement)
        assert [s.operator for s in pinned.specifier] == ["=="], requirement
        found.setdefault(canonicalize_name(pinned.name), []).append(pinned)
    return found


def systems() -> Iterator[dict[str, str]]:
    for python in ("3.11", "3.12", "3.13", "3.14"):
        for platform, system in (("linux", "Linux"), ("win32", "Windows"), ("darwin", "Darwin")):
            yield {
                "python_version": python,
                "python_full_version": f"{python}.4",
                "sys_platform": platform,
                "platform_system": system,
                "implementation_name": "cpython",
                "platform_python_implementation": "CPython",
                "extra": "",
            }


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_path(lock: str) -> None:
    assert "://" not in text_of(lock)
    assert not re.search(r"^\s*(-i|--(?!hash=)|file:|/|\.)", text_of(lock), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_what_the_project_asks_for_on_every_system(lock: str) -> None:
    project = tomllib.loads(text_of("pyproject.toml"))
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    if found := re.fullmatch(r"requirements-(\w+)\.lock", lock):
        wanted += project["project"]["optional-dependencies"][found[1]]
    locked = pins(lock)
    for system in systems():
        for asked in map(Requirement, wanted):
            if asked.marker and not asked.marker.evaluate(system):
                continue
            fitting = [
                pin
                for pin in locked.get(canonicalize_name(asked.name), [])
                if pin.marker is None or pin.marker.evaluate(system)
            ]
            assert len(fitting) == 1, f"{asked.name} on {system}: {fitting}"
            version = next(iter(fitting[0].specifier)).version
            assert version in asked.specifier, f"{asked} on {system}: {version}"


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_what_is_tested_and_bundled_is_what_is_shipped(lock: str) -> None:
    shipped, other = pins(LOCKS[0]), pins(lock)
    for name, pinned in shipped.items():
        assert {str(p.specifier) for p in pinned} == {str(p.specifier) for p in other[name]}


def test_the_tools_share_one_environment() -> None:
    tests, package = pins(LOCKS[1]), pins(LOCKS[2])
    for name in set(tests) & set(package):
        assert {str(p.specifier) for p in tests[name]} == {str(p.specifier) for p in package[name]}


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_takes_the_qt_that_aborts(lock: str) -> None:
    assert all("6.12.0" not in str(pin.specifier) for pin in pins(lock)["pyside6-essentials"])


# Samples


def test_the_samples_are_what_was_recorded() -> None:
    folder = ROOT / "tests" / "samples"
    lines = text_of("tests/samples.sha256").splitlines()
    recorded = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert found == recorded


# Icons and style sheet


def icon_names(tree: ast.AST) -> Iterator[str]:
    """The icons that a module asks for by a literal name."""
    position = {"icon": 0, "icon_button": 0, "paint_icon": 1}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        named = [keyword.value for keyword in node.keywords if keyword.arg == "icon"]
        if called in position and len(node.args) > position[called]:
            named.append(node.args[position[called]])
        for value in named:
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            for branch in branches:
                if isinstance(branch, ast.Constant) and isinstance(branch.value, str):
                    yield branch.value


def test_every_icon_that_is_used_is_there() -> None:
    there = {path.stem for path in (ROOT / "resources" / "icons").glob("*.svg")}
    used = set(re.findall(r"@icons/([\w-]+)\.svg", text_of("resources/style.qss")))
    for path in (ROOT / "o365desk").rglob("*.py"):
        used |= set(icon_names(ast.parse(path.read_text(encoding="utf-8"))))
    assert used, "no icon was found: the search is broken"
    assert used - there - {""} == set()


def test_every_colour_of_the_style_sheet_is_known() -> None:
    used = set(
        re.findall(
            r"@(\w+)", re.sub(r"/\*.*?\*/", "", text_of("resources/style.qss"), flags=re.DOTALL)
        )
    )
    assert used, "no colour was found: the search is broken"
    assert used - {field.name for field in fields(Theme)} - {"icons"} == set()
