"""Two starts on one profile are one program; two profiles are two."""

from pathlib import Path

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from o365desk.app.options import Options
from o365desk.app.profile import in_folder
from o365desk.app.single_copy import SingleCopy, Wishes
from tests.app.second_start import second_start


def test_the_second_start_hands_over_and_the_first_hears(qtbot: QtBot, tmp_path: Path) -> None:
    profile = in_folder(tmp_path)
    first = SingleCopy(profile)
    assert first.claim()
    heard: list[Wishes] = []
    parent = QObject()
    first.listen(parent, heard.append)
    with second_start(tmp_path, "--connection", "practice", "--tenant", "Ωμέγα") as second:
        qtbot.waitUntil(lambda: bool(heard) and second.poll() is not None, timeout=20_000)
        assert second.returncode == 0
    assert heard == [Wishes("practice", "Ωμέγα")]
    first.release()
    parent.deleteLater()


def test_a_copy_that_ended_or_was_killed_is_no_hindrance(tmp_path: Path) -> None:
    profile = in_folder(tmp_path)
    first = SingleCopy(profile)
    assert first.claim()
    assert not SingleCopy(profile).claim()
    assert not SingleCopy(profile).hand_over(Options(), patience_ms=200), "nobody listens yet"
    assert SingleCopy(in_folder(tmp_path / "other")).claim()
    first.release()
    assert SingleCopy(profile).claim()


def test_a_folder_that_refuses_stops_nobody(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert SingleCopy(in_folder(blocked)).claim()
