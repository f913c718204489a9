"""Trouble with the key or the file of the snapshots, as the window tells it: nothing is reset
silently, and the work goes on without keeping anything."""

from collections.abc import Callable
from pathlib import Path

import keyring.errors
import pytest
from PySide6.QtWidgets import QPushButton

from o365desk.app.profile import Profile, in_folder
from o365desk.app.robot import seen
from o365desk.views.snapshots_dialog import SnapshotsDialog
from tests.app.harness import Running
from tests.app.kept_desk import OWN, kept_desk, secrets_in
from tests.app.past_sight import freshness, kept, past_of, read_again
from tests.services.sign_in_world import MemoryStore

ASIDE = "Set the old file aside"


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return in_folder(tmp_path / "profile")


async def works_in_memory(running: Running) -> None:
    """Everything can be done, and the window says that nothing stays."""
    await kept(running)
    assert freshness(running).kept_text == "· kept for this run"
    await read_again(running, 2)


def told(running: Running) -> str:
    messages = running.program.window.banner.messages
    return " ".join(f"{one.sentence} {one.next_step}" for one in messages)


def button(running: Running, text: str) -> QPushButton | None:
    buttons = running.program.window.banner.findChildren(QPushButton)
    return next((one for one in buttons if one.text() == text and one.isVisible()), None)


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        pytest.param(keyring.errors.NoKeyringError("x"), "no store for secrets", id="none"),
        pytest.param(keyring.errors.KeyringLocked("x"), "is locked", id="locked"),
    ],
)
async def test_without_a_key_the_window_works_and_says_that_nothing_stays(
    profile: Profile, failure: Exception, sentence: str
) -> None:
    store = MemoryStore()
    store.failure = failure
    with secrets_in(store):
        async with kept_desk(profile, "tiny") as running:
            assert "Snapshots are kept for this run only" in told(running)
            assert sentence in told(running)
            assert button(running, ASIDE) is None
            await works_in_memory(running)
            running.robot.click(running.program.window.rail.snapshots)
            dialog = await running.robot.opened(SnapshotsDialog)
            await seen(dialog.count.text, "what is kept is told")
            assert dialog.where.text().startswith("in memory, until you close o365desk. ")
            dialog.reject()
        assert not list(profile.settings.rglob("*snapshots*"))
        store.failure = None
        async with kept_desk(profile) as running:
            assert running.program.window.banner.messages == ()
            await kept(running)
            assert freshness(running).kept_text == "· kept"


def lose(store: MemoryStore, file: Path) -> None:
    store.entries.clear()


def change(store: MemoryStore, file: Path) -> None:
    for entry in store.entries:
        store.entries[entry] = "A" * 43 + "="


@pytest.mark.parametrize(
    ("harm", "sentence"), [(lose, "their key is no longer"), (change, "is not the one")]
)
async def test_a_file_without_its_key_waits_until_it_is_set_aside(
    profile: Profile, harm: Callable[[MemoryStore, Path], None], sentence: str
) -> None:
    store, file = MemoryStore(), profile.snapshots(OWN.id)
    with secrets_in(store):
        async with kept_desk(profile, "tiny") as running:
            await kept(running)
        before = file.read_bytes()
        entries = dict(store.entries)
        harm(store, file)
        async with kept_desk(profile) as running:
            assert sentence in told(running)
            await works_in_memory(running)
        assert file.read_bytes() == before, "nothing was reset"
        # The key comes back, and with it everything.
        lost, store.entries = store.entries, dict(entries)
        async with kept_desk(profile) as running:
            await kept(running, 2)
        store.entries = lost
        async with kept_desk(profile) as running:
            aside = button(running, ASIDE)
            assert aside is not None
            running.robot.click(aside)
            await seen(lambda: "The old file is now called" in told(running), "it is set aside")
            assert button(running, ASIDE) is None
            await works_in_memory(running)
            name = told(running).split("called ")[1].split(". ")[0]
        assert (profile.data / name).stat().st_size
        async with kept_desk(profile) as running:
            assert running.program.window.banner.messages == ()
            await kept(running)
            assert freshness(running).kept_text == "· kept"


async def test_a_damaged_file_is_set_aside_and_a_new_one_begun(profile: Profile) -> None:
    file = profile.snapshots(OWN.id)
    with secrets_in(MemoryStore()):
        async with kept_desk(profile, "tiny") as running:
            await kept(running)
        content = bytearray(file.read_bytes())
        content[5000:9000] = bytes(4000)
        file.write_bytes(content)
        async with kept_desk(profile) as running:
            assert "was damaged. It was set aside as" in told(running)
            await kept(running)
            assert freshness(running).kept_text == "· kept"
            assert len(list(profile.data.glob("*set-aside*.db"))) == 1
            assert (await past_of(running)).history.on_disk


async def test_offline_a_file_that_cannot_be_opened_is_no_empty_window_without_a_word(
    profile: Profile,
) -> None:
    store = MemoryStore()
    with secrets_in(store):
        async with kept_desk(profile, "tiny") as running:
            await kept(running)
            simulator = running.simulator
        store.failure = keyring.errors.KeyringLocked("x")
        async with kept_desk(profile, offline=True, simulator=simulator) as running:
            messages = running.program.window.banner.messages
            assert len(messages) == 1, "that nothing is kept would not be true"
            assert "is locked" in messages[0].sentence
