"""Where a profile keeps things."""

import sys
from pathlib import Path

import pytest

from o365desk.app.profile import usual


@pytest.mark.skipif(sys.platform != "linux", reason="only there can be several folders")
def test_the_administrators_file_is_found_behind_a_desktops_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop, system = tmp_path / "xdg-desktop", tmp_path / "xdg"
    monkeypatch.setenv("XDG_CONFIG_DIRS", f"{desktop}:{system}")
    assert usual().machine == system / "o365desk" / "connections.json", "where it is to be put"
    for folder in (system, desktop):
        file = folder / "o365desk" / "connections.json"
        file.parent.mkdir(parents=True)
        file.write_text("{}", encoding="utf-8")
        assert usual().machine == file, "the first one counts"
