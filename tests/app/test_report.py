"""Bugs and crashes: what is written about them, and what never is."""

import asyncio
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from o365desk.app import report
from o365desk.app.report import Reporter, describe, discard, pending_reports, read

NAME = "Canary Ann"


def broken() -> None:
    try:
        {}[NAME]  # type: ignore[index]
    except KeyError as error:
        raise ValueError(f"no {NAME}, canary@contoso.example") from error


def caught() -> ValueError:
    with pytest.raises(ValueError, match="Canary") as info:
        broken()
    return info.value


def test_an_exception_is_told_by_type_and_place_alone() -> None:
    told = describe(caught())
    assert "o365desk bug: ValueError" in told
    assert "came of KeyError" in told
    assert "tests/app/test_report.py:" in told
    assert "in broken" in told
    assert "anary" not in told.replace("test_report", "")
    assert str(Path(__file__).parents[2]) not in told


def test_a_bug_leaves_a_report_on_this_computer(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    reporter = Reporter()
    shown: list[str] = []
    kinds: list[str] = []
    reporter.on_bug = shown.append
    reporter.on_type = kinds.append
    reporter.recent = lambda: ({"event": "call", "path": "/users/{id}", "status": 404},)
    reporter.keep_in(tmp_path / "state")
    reporter.bug(caught())
    reporter.close()
    (found,) = pending_reports(tmp_path / "state")
    assert not found.ended
    text = read(found)
    for part in ("o365desk bug: ValueError", "Python 3.", "Qt 6.", "path=/users/{id} status=404"):
        assert part in text
    assert "anary" not in text + "".join(shown) + capfd.readouterr().err
    assert kinds == ["ValueError"]
    if sys.platform != "win32":
        assert stat.S_IMODE(found.path.stat().st_mode) == 0o600
    discard([found])
    assert list((tmp_path / "state").iterdir()) == []


def test_so_many_are_kept_and_no_more(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter()
    reporter.keep_in(tmp_path)
    for _ in range(report.KEPT + 3):
        reporter.bug(caught())
    reporter.close()
    capfd.readouterr()
    assert len(pending_reports(tmp_path)) == report.KEPT


def test_an_end_inside_native_code_is_known_at_the_next_start(tmp_path: Path) -> None:
    crash = (
        "import faulthandler, pathlib, sys\n"
        "from o365desk.app.report import Reporter\n"
        "reporter = Reporter()\n"
        f"reporter.keep_in(pathlib.Path({str(tmp_path)!r}))\n"
        "faulthandler._sigabrt()\n"
    )
    ended = subprocess.run([sys.executable, "-c", crash], capture_output=True, check=False)
    assert ended.returncode != 0
    (found,) = pending_reports(tmp_path)
    assert found.ended
    text = read(found)
    assert "Fatal Python error: Aborted" in text
    assert str(Path.home()) + "/" not in text
    assert pending_reports(tmp_path) == (found,)
    discard([found])
    assert pending_reports(tmp_path) == ()


def test_an_orderly_end_leaves_nothing_and_a_copy_that_runs_is_left_alone(tmp_path: Path) -> None:
    running, reporter = Reporter(), Reporter()
    reporter.keep_in(tmp_path)
    assert pending_reports(tmp_path) == ()
    assert len(list(tmp_path.iterdir())) == 1
    reporter.close()
    running.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_refuses_is_survived(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    reporter = Reporter()
    reporter.keep_in(tmp_path / "taken")
    reporter.bug(caught())
    reporter.close()
    assert "anary" not in capfd.readouterr().err
    assert reporter.bugs == 1
    assert pending_reports(tmp_path / "taken") == ()


async def test_whoever_raises_is_heard_and_not_quoted(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(report, "qInstallMessageHandler", lambda handler: None)
    reporter = Reporter()
    kinds: list[str] = []
    reporter.on_type = kinds.append
    reporter.install()
    reporter.install_in(asyncio.get_running_loop())

    class Doomed:
        def __del__(self) -> None:
            broken()

    Doomed()
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    asyncio.get_running_loop().call_soon(broken)
    await asyncio.sleep(0.01)
    sys.excepthook(ValueError, caught(), None)
    assert kinds == ["ValueError"] * 4
    assert "anary" not in capfd.readouterr().err
