"""The Doors: which room may import what, and which calls nobody may make."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Doors:
    """What a room may import: of ours, of others; and what it may not of the standard library."""

    ours: frozenset[str]
    others: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()


def doors(ours: str, others: str = "", closed: str = "") -> Doors:
    return Doors(frozenset(ours.split()), frozenset(others.split()), frozenset(closed.split()))


ROOMS = {
    "domain": doors("domain", "", "asyncio sqlite3 json"),
    "wire": doors("domain wire", "msgspec", "asyncio time random secrets uuid"),
    "services": doors(
        "domain wire services resources",
        "httpx truststore certifi msal keyring cryptography filelock aiosmtplib xkcdpass msgspec"
        " sqlalchemy alembic sqlcipher3 xlsxwriter",
    ),
    "simulator": doors("simulator", "httpx h11 cryptography"),
    "models": doors("domain models", "PySide6.QtCore", "asyncio sqlite3"),
    "views": doors("domain models views resources", "PySide6", "asyncio sqlite3"),
    "app": doors(
        "domain wire services simulator models views app resources",
        "PySide6 qasync keyring platformdirs",
    ),
    "resources": doors(""),
    "__main__": doors("app"),
    "__init__": doors(""),
}
LOOP = {"o365desk/app/loop.py", "tests/conftest.py"}
"""The only files that may name qasync."""

CRASH_REPORT = "o365desk/app/report.py"
FIRST_PAINT = "o365desk/app/first_paint.py"
"""Runs a loop of its own, before there is any other that it could nest in."""

EVERYTHING = {"Exception", "BaseException"}
EXTRA = {"o365desk/app/worlds.py": "httpx"}
"""Where the services' client and the simulator's transport meet; they may not know each other."""

STATICS = {
    "QMessageBox": ("question", "information", "warning", "critical", "about"),
    "QFileDialog": ("get",),
    "QInputDialog": ("get",),
    "QColorDialog": ("get",),
    "QFontDialog": ("get",),
}
NAMES = {
    "processEvents": "re-enters the event loop",
    "asyncSlot": "its task is not kept: use TaskRunner",
    "asyncClose": "re-enters the event loop: see close_requested",
    "QSortFilterProxyModel": "a hundred times too slow over a Python model: use arrange()",
    "setIndexWidget": "a widget a row does not scale: use a delegate",
}


def imports(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Every module named by an import, in full: `from a import b` names a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            base = ".".join(filter(None, (base, node.module)))
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def closed_doors(source: str, path: str) -> list[str]:
    """Imports of a file of ours that its room has no door for."""
    parts = path.removesuffix(".py").split("/")
    room = ROOMS[parts[1]]
    wrong = []
    for line, name in imports(ast.parse(source), ".".join(parts[:-1])):
        top, _, rest = name.partition(".")
        if name == "o365desk.__version__":
            continue
        if top == "o365desk":
            allowed = rest.split(".")[0] in room.ours
        elif top in sys.stdlib_module_names:
            allowed = top not in room.closed
        else:
            others = room.others | set(EXTRA.get(path, "").split())
            allowed = any(f"{name}.".startswith(f"{door}.") for door in others)
        if top == "qasync" and path not in LOOP:
            allowed = False
        if not allowed:
            wrong.append(f"{path}:{line}: no door to {name}")
    return wrong


def banned(source: str, path: str) -> list[str]:
    """Calls and names that stall or re-enter the event loop, or hide errors, as sentences."""
    found = []
    room = path.split("/")[1] if path.startswith("o365desk/") else ""
    for node in ast.walk(ast.parse(source)):
        said = ""
        match node:
            case ast.Call(func=ast.Attribute(attr="exec" | "exec_")) if path != FIRST_PAINT:
                said = ".exec() nests an event loop: use open() or popup()"
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name) if (
                name in NAMES
            ):
                said = f"{name}: {NAMES[name]}"
            case ast.Attribute(value=ast.Name(id="time"), attr="sleep"):
                said = "time.sleep stops the window"
            case ast.ImportFrom(module="time", names=names) if any(
                alias.name == "sleep" for alias in names
            ):
                said = "time.sleep stops the window"
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in STATICS:
                if attr.startswith(STATICS[name]):
                    said = f"{name}.{attr} nests an event loop: use open()"
            case ast.ExceptHandler(type=None) if path != CRASH_REPORT:
                said = "catch what is meant, never everything"
            case ast.ExceptHandler(
                type=ast.Name(id="BaseException"), body=[*_, ast.Raise(exc=None)]
            ):
                pass  # puts something right and passes the error on
            case ast.ExceptHandler(type=ast.expr() as caught) if path != CRASH_REPORT:
                if any(isinstance(n, ast.Name) and n.id in EVERYTHING for n in ast.walk(caught)):
                    said = "catch what is meant, never everything"
            case ast.Attribute(attr="now" | "today" | "utcnow") if room == "wire":
                said = "no clock here: take the time as an argument"
            case ast.alias(name="utc_now") if room == "wire":
                said = "no clock here: take the time as an argument"
            case ast.Call(func=ast.Name(id="__import__") | ast.Attribute(attr="import_module")):
                said = "an import that no test can see"
        if said:
            found.append(f"{path}:{getattr(node, 'lineno', 0)}: {said}")
    return found


def files_of(folder: str) -> list[str]:
    return sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / folder).rglob("*.py"))


def source_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_every_import_goes_through_a_door() -> None:
    assert [w for path in files_of("o365desk") for w in closed_doors(source_of(path), path)] == []


def test_no_banned_call() -> None:
    assert [w for path in files_of("o365desk") for w in banned(source_of(path), path)] == []


def test_only_the_loop_names_qasync() -> None:
    naming = {
        path
        for path in files_of("o365desk") + files_of("tests")
        if any(n.split(".")[0] == "qasync" for _, n in imports(ast.parse(source_of(path)), ""))
    }
    assert naming <= LOOP


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("domain/x.py", "import json"),
        ("domain/x.py", "from o365desk.wire import graph"),
        ("domain/x.py", "import msgspec"),
        ("wire/x.py", "def f():\n    from time import monotonic"),
        ("wire/x.py", "import httpx"),
        ("services/x.py", "from PySide6.QtCore import QObject"),
        ("services/x.py", "from o365desk import simulator"),
        (
            "simulator/x.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import msgspec",
        ),
        ("simulator/x.py", "from ..domain import directory"),
        ("simulator/x.py", "from o365desk.resources import resource_path"),
        ("models/x.py", "from PySide6.QtWidgets import QWidget"),
        ("models/x.py", "from PySide6 import QtGui"),
        ("views/x.py", "import asyncio"),
        ("views/x.py", "from ..services.api_client import ApiClient"),
        ("views/deep/x.py", "from ...services import api_client"),
        ("app/x.py", "import qasync"),
        ("app/x.py", "import requests"),
        ("app/x.py", "import httpx"),
        ("__main__.py", "from o365desk.views import theme"),
        ("resources.py", "from o365desk.domain import text"),
    ],
)
def test_a_wrong_import_is_seen(path: str, source: str) -> None:
    assert closed_doors(source, f"o365desk/{path}")


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (
            "views/x.py",
            "from . import theme\nfrom .theme import icon\nfrom o365desk import __version__",
        ),
        ("models/x.py", "from PySide6 import QtCore\nfrom PySide6.QtCore import Qt"),
        ("app/loop.py", "from qasync import QEventLoop"),
        ("app/worlds.py", "import httpx"),
        ("app/x.py", "try:\n    pass\nexcept BaseException:\n    undo()\n    raise"),
        ("views/x.py", "try:\n    pass\nexcept (KeyError, ValueError):\n    pass"),
        ("views/x.py", "box.open()\nQMessageBox.StandardButton.Yes\nexecute()"),
        ("app/report.py", "try:\n    pass\nexcept Exception:\n    pass"),
        ("services/x.py", "datetime.now(UTC)\nawait_sleep = asyncio.sleep"),
    ],
)
def test_what_is_right_is_let_through(path: str, source: str) -> None:
    path = f"o365desk/{path}"
    assert closed_doors(source, path) == []
    assert banned(source, path) == []


@pytest.mark.parametrize(
    "source",
    [
        "dialog.exec()",
        "menu.exec_(point)",
        "QApplication.processEvents()",
        "time.sleep(1)",
        "from time import monotonic, sleep",
        "QMessageBox.question(None, '', '')",
        "QMessageBox.aboutQt(None)",
        "ask = QFileDialog.getOpenFileName",
        "from qasync import asyncSlot",
        "@qasync.asyncClose\ndef f(): ...",
        "try:\n    pass\nexcept Exception:\n    pass",
        "try:\n    pass\nexcept (OSError, BaseException):\n    raise",
        "try:\n    pass\nexcept:\n    pass",
        "try:\n    pass\nexcept BaseException as error:\n    raise Other from error",
        "class M(QSortFilterProxyModel): ...",
        "view.setIndexWidget(index, widget)",
        "importlib.import_module('o365desk.services')",
    ],
)
def test_a_banned_call_is_seen(source: str) -> None:
    assert banned(source, "o365desk/views/x.py")


@pytest.mark.parametrize(
    "source", ["datetime.now(UTC)", "from o365desk.domain.directory import utc_now"]
)
def test_a_clock_in_the_wire_is_seen(source: str) -> None:
    assert banned(source, "o365desk/wire/x.py")
