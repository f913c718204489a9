"""The command line: what it understands, and how a run ends that makes no sense."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from o365desk import __version__
from o365desk.app.main import run
from o365desk.app.options import Command, ExitStatus, Options, Table, parse


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", Options()),
        ("--demo", Options(demo="reseller")),
        ("--demo direct --theme dark", Options(demo="direct", theme="dark")),
        ("--demo sign-in --tenant contoso", Options(demo="sign-in", tenant="contoso")),
        ("--server http://h --tenant t", Options(demo="reseller", server="http://h", tenant="t")),
        ("--offline --config /p", Options(offline=True, config=Path("/p"))),
        ("--connection Fabrikam", Options(connection="Fabrikam")),
        ("sync", Options(command=Command.SYNC)),
        ("--config /p sync", Options(command=Command.SYNC, config=Path("/p"))),
        (
            "sync --config /p --tenant a --tenant b",
            Options(command=Command.SYNC, config=Path("/p"), tenants=("a", "b")),
        ),
        (
            "--tenant a sync --tenant b",
            Options(command=Command.SYNC, tenants=("a", "b")),
        ),
        (
            "export licenses --demo direct --output x.csv",
            Options(
                command=Command.EXPORT, demo="direct", table=Table.LICENSES, output=Path("x.csv")
            ),
        ),
    ],
)
def test_understood(line: str, expected: Options) -> None:
    assert parse(line.split()) == expected


@pytest.mark.parametrize(
    "line", ["--what", "synk", "export", "export mails", "--demo nobody", "--theme pink"]
)
def test_refused_with_a_word_about_the_usage(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(line.split()) == ExitStatus.BAD_USAGE
    assert "usage: o365desk" in capsys.readouterr().err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(["--version"]) == 0
    assert capsys.readouterr().out == f"o365desk {__version__}\n"
    assert parse(["--help"]) == 0
    told = capsys.readouterr().out
    for word in ("sync", "export", "--offline", "--config", "--demo", "exit status"):
        assert word in told


def test_files_that_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "faults.json"
    bad.write_text("{", encoding="utf-8")
    assert parse(["--demo", "--faults", str(bad)]) == ExitStatus.BAD_USAGE
    assert run(["--config", str(tmp_path), "--connection", "Nowhere"]) == ExitStatus.BAD_USAGE
    told = capsys.readouterr()
    assert "no connection “Nowhere”" in told.err
    assert told.out == "", "it may be what an export goes to"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be without one")
def test_without_a_display_a_sentence_and_no_crash(tmp_path: Path) -> None:
    bare = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    ended = subprocess.run(
        [sys.executable, "-m", "o365desk", "--demo", "--config", str(tmp_path)],
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == ExitStatus.FAILED
    assert ended.stderr.startswith("o365desk: there is no display here")
    assert ended.stdout == ""
