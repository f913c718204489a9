"""The walk that tours and checks of packages are made of: what is not seen fails it."""

from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu

from o365desk.app.walk import Walk
from tests.app.harness import desk


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_walk_that_sees_everything_leaves_pictures_files_and_a_transcript(
    tmp_path: Path,
) -> None:
    (tmp_path / "old.png").touch()
    (tmp_path / "users.csv").write_text("of an earlier walk")
    async with desk("tiny") as running:
        walk = Walk(running.program.desk, tmp_path)

        async def export() -> None:
            running.robot.click(walk.window.users.export_button)
            running.robot.choose(await running.robot.opened(QMenu), "As shown: CSV…")
            await walk.save_as("users.csv", b"\xef\xbb\xbfDisplay name")
            await walk.shot("exported")

        assert await walk.through([("Export", export)]) == 0
    assert names(tmp_path) == {"01-exported.png", "users.csv", "transcript.txt"}
    assert not QImage(str(tmp_path / "01-exported.png")).isNull()
    told = (tmp_path / "transcript.txt").read_text("utf-8")
    assert "seen: the file users.csv" in told
    assert told.endswith("Every step was seen to work.\n")


async def test_what_is_not_seen_ends_the_walk(tmp_path: Path) -> None:
    async with desk("tiny") as running:
        walk = Walk(running.program.desk, tmp_path)
        begun: list[str] = []

        async def wait_in_vain() -> None:
            begun.append("in vain")
            await walk.see("snow in July", lambda: False, 0.01)

        async def go_on() -> None:
            begun.append("on")

        assert await walk.through([("Wait", wait_in_vain), ("Go on", go_on)]) == 1
    assert begun == ["in vain"]
    assert names(tmp_path) == {"01-failed.png", "transcript.txt"}
    told = (tmp_path / "transcript.txt").read_text("utf-8")
    assert "FAILED: not seen: snow in July" in told
    assert "seen to work" not in told
