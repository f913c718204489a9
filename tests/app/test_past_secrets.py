"""A day with snapshots on the disk, and a look into every file that it leaves anywhere."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from o365desk.app.profile import in_folder
from o365desk.app.robot import seen
from o365desk.views.compare_page import ComparePage
from o365desk.views.rail import Place
from tests.app.harness import Running
from tests.app.kept_desk import kept_desk, secrets_in
from tests.app.past_sight import go_to, kept, past_of, read_again, search_all
from tests.app.test_canaries import bug, diagnose
from tests.seed.sight import Others, account
from tests.services.sign_in_world import MemoryStore

AMELIA, PURPOSE = "Amelia Okafor", "well_stocked"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Whatever a program writes to by itself leads here: temporary files, SQLite's too, and the
    folders of the desktop."""
    for name in ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR", "HOME"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    for name in ("CACHE", "CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def known_to(running: Running) -> list[str]:
    people = running.truth(PURPOSE)
    found = {"okafor", "achebe"}
    for user in (*people["users"], *people["deleted"]):
        found |= {user["displayName"], user["userPrincipalName"]}
    return sorted(one for one in found if len(one) > 4)


def traces(file: Path, words: list[str]) -> list[str]:
    """The words that a file holds, as UTF-8 or UTF-16, whatever their case."""
    content = file.read_bytes()
    text = content.decode("utf-8", "ignore").lower()
    wide = content.decode("utf-16-le", "ignore").lower()
    odd = content[1:].decode("utf-16-le", "ignore").lower()
    return [one for one in words if any(one.lower() in way for way in (text, wide, odd))]


def files_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_a_name_would_be_found(tmp_path: Path) -> None:
    for number, content in enumerate((b"okafor", "x Okafor".encode("utf-16"), b"x\0O")):
        (tmp_path / f"{number}").write_bytes(content)
    found = [traces(file, ["OKAFOR"]) for file in sorted(files_in(tmp_path))]
    assert found == [["OKAFOR"], ["OKAFOR"], []]


async def test_no_name_is_left_in_any_file(home: Path) -> None:
    profile = in_folder(home / "profile")
    with secrets_in(MemoryStore()):
        async with kept_desk(profile, PURPOSE, bugs=1) as running:
            program = running.program
            await asyncio.to_thread(program._open_log, profile.state)
            await kept(running)
            others, amelia = Others(running), account(running, PURPOSE, AMELIA)["id"]
            renamed = {"displayName": "Amelia Achebe"}
            others.admin_center(PURPOSE, "PATCH", f"/users/{amelia}", renamed)
            later = await read_again(running, 2)
            words = known_to(running)
            assert len(words) > 50
            past = await past_of(running)
            page = await go_to(running, Place.COMPARE)
            assert isinstance(page, ComparePage)
            await seen(page.changes.rowCount, "the change is listed")
            (await search_all(running, "okafor")).close()
            sweep = past.sweep
            assert sweep is not None
            past.customers.refresh_all()
            await seen(lambda: sweep.total and sweep.kept == sweep.total, "all are kept")
            await diagnose(running)
            state = await past.history.state(running.work.tenant.id, later.at)
            bug(program._reporter, [*words, repr(state)])
            open_now = {file.suffix for file in files_in(home)}
            assert {".db", ".db-wal", ".log"} <= open_now, "journals are looked at while open"
            assert [(file.name, traces(file, words)) for file in files_in(home)] == [
                (file.name, []) for file in files_in(home)
            ]
            program._reporter.close()
            await asyncio.to_thread(program.log.close)
        left = files_in(home)
        assert [(file.name, traces(file, words)) for file in left] == [
            (file.name, []) for file in left
        ]
        assert any(file.name.startswith("bug-") for file in left)
        assert {profile.data.stat().st_mode & 0o777} == {0o700}
        assert {file.stat().st_mode & 0o777 for file in left} == {0o600}
        program_only = {file.parent for file in left}
        assert program_only <= {profile.settings, profile.data, profile.state}
