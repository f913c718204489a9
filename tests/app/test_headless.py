"""`o365desk sync` and `o365desk export` as a scheduler runs them."""

import asyncio
import csv
import gc
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import keyring
import keyring.backends.fail
import openpyxl
import pytest
from keyring.backend import KeyringBackend

from o365desk.app import headless
from o365desk.app.connection_book import PRACTICE, load
from o365desk.app.headless import LICENSE_HEADER, USER_HEADER
from o365desk.app.keeping import Keeping
from o365desk.app.main import run
from o365desk.app.options import ExitStatus
from o365desk.app.profile import Profile, in_folder
from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.services.sweep import AT_ONCE, TenantReading
from o365desk.simulator import HttpRequest, Simulator, build_world
from tests.services.sign_in_world import MemoryStore
from tests.services.store.states import CONTOSO, FABRIKAM, day, state, user


@pytest.fixture
def profile(tmp_path: Path) -> str:
    return str(tmp_path / "profile")


def faults(tmp_path: Path, *rules: Mapping[str, object]) -> str:
    file = tmp_path / "faults.json"
    file.write_text(json.dumps(rules), encoding="utf-8")
    return str(file)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_sync_reads_every_customer_and_says_so(
    profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sync", "--demo", "--config", profile]) == 0
    told = capsys.readouterr()
    customers = len(build_world("demo").customers)
    assert told.out == ""
    assert f"{customers} of {customers} customers read, 0 failed." in told.err
    assert "Nothing of this is kept: the practice directory is new at every start." in told.err
    assert told.err.count(" users, ") == customers


def test_garbage_is_collected_without_a_window(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    collecting: list[bool] = []
    monkeypatch.setattr(headless, "say", lambda _text: collecting.append(gc.isenabled()))
    before = gc.isenabled()
    gc.disable()  # as the program starts
    try:
        assert run(["sync", "--demo", "--tenant", "Fern & Finch", "--config", profile]) == 0
    finally:
        (gc.enable if before else gc.disable)()
    assert all(collecting)
    assert collecting


def test_sync_keeps_no_customer_that_it_has_told_of(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: list[int] = []

    def say(text: str) -> None:
        if " users, " in text:
            alive.append(sum(isinstance(one, TenantReading) for one in gc.get_objects()))

    monkeypatch.setattr(headless, "say", say)
    assert run(["sync", "--demo", "--config", profile]) == 0
    assert len(alive) > AT_ONCE
    assert max(alive) <= AT_ONCE + 1


def test_customers_that_fail_are_counted_and_named(
    profile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = build_world("demo")
    broken = world.customers[2]
    rule = {
        "kind": "unavailable",
        "path": f"/customers/{broken.tenant_id}/*",
        "times": None,
        "status": 500,
    }
    arguments = ["sync", "--demo", "--config", profile, "--faults", faults(tmp_path, rule)]
    assert run(arguments) == ExitStatus.SOME_FAILED
    told = capsys.readouterr().err
    good = len(world.customers) - 1
    assert f"{good} of {good + 1} customers read, 1 failed." in told
    assert f"\n  {broken.name}: " in told
    assert run([*arguments, "--tenant", broken.name]) == ExitStatus.FAILED


def test_users_are_exported_as_the_directory_has_them(
    profile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = build_world("demo")
    tenant = world.customer("well_stocked")
    file = tmp_path / "users.csv"
    arguments = ["export", "users", "--demo", "--config", profile, "--tenant", tenant]
    assert run([*arguments, "--output", str(file)]) == 0
    raw = file.read_bytes()
    assert raw.startswith("\ufeff".encode())
    assert file.stat().st_mode & 0o077 == 0
    rows = table(raw.decode("utf-8-sig"))
    assert tuple(rows[0]) == USER_HEADER
    simulator = Simulator(world)
    answer = simulator.handle(HttpRequest("GET", f"/practice/truth/{tenant}", "", {}, b""))
    truth = json.loads(answer.body)
    active = {user["id"]: user for user in truth["users"]}
    gone = {user["id"]: user for user in truth["deleted"]}
    assert {row["User ID"] for row in rows} == active.keys() | gone.keys()
    for row in rows:
        user = active.get(row["User ID"]) or gone[row["User ID"]]
        assert row["Display name"].removeprefix("'") == user["displayName"]
        assert row["Status"] == ("Deleted" if row["User ID"] in gone else row["Status"])
        assert len(row["Licenses"].split("; ")) == max(1, len(user["licenses"]))
    capsys.readouterr()


def test_licenses_go_to_standard_output_and_nothing_else_does(
    profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", "licenses", "--demo", "direct", "--config", profile]) == 0
    rows = table(capsys.readouterr().out)
    assert tuple(rows[0]) == LICENSE_HEADER
    assert all(int(row["Active Licenses"]) >= 0 for row in rows)


@pytest.mark.parametrize("asked", [["--format", "xlsx"], []], ids=["by format", "by name"])
def test_a_workbook_has_the_same_rows_and_says_what_is_missing(
    profile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: list[str]
) -> None:
    world = build_world("demo")
    broken = world.customers[2]
    rule = {
        "kind": "unavailable",
        "path": f"/customers/{broken.tenant_id}/*",
        "times": None,
        "status": 500,
    }
    file = tmp_path / ("users.out" if asked else "Users.XLSX")
    arguments = ["export", "users", "--demo", "--config", profile, *asked]
    chosen = [broken.name, world.customer("well_stocked")]
    for tenant in chosen:
        arguments += ["--tenant", tenant]
    arguments += ["--faults", faults(tmp_path, rule)]
    assert run([*arguments, "--output", str(file)]) == ExitStatus.SOME_FAILED
    book = openpyxl.load_workbook(io.BytesIO(file.read_bytes()))
    rows = [*book["Users"].iter_rows(values_only=True)]
    assert run([*arguments, "--format", "csv"]) == ExitStatus.SOME_FAILED
    written = table(capsys.readouterr().out)
    assert rows[0] == USER_HEADER
    assert len(rows) == len(written) + 1
    for row, cells in zip(rows[1:], written, strict=True):
        assert row[2] == cells["Display name"].removeprefix("'")
        assert isinstance(row[5], datetime) == bool(cells["Deleted"])
    about = dict(book["About"].iter_rows(values_only=True))
    assert about["Customers"] == "1 of 2"
    assert about["Not read"].startswith(broken.name)
    assert isinstance(about["Written"], datetime)


@pytest.mark.parametrize(
    "store",
    [MemoryStore, keyring.backends.fail.Keyring],
    ids=["kept", "no store of secrets"],
)
async def test_snapshots_are_kept_or_it_is_said_why_not(
    store: Callable[[], KeyringBackend],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(store())
    keeping = Keeping(replace(PRACTICE, cloud=Cloud.GLOBAL), in_folder(tmp_path))
    try:
        history = await headless._kept_in(keeping)
        said = capsys.readouterr().err
        if store is MemoryStore:
            assert history is not None
            assert history.on_disk
            assert said == ""
        else:
            assert history is None
            assert "Snapshots are kept for this run only" in said
            assert said.endswith("Nothing of this is kept.\n")
    finally:
        await keeping.aclose()
        keyring.set_keyring(before)


OWN = Connection(
    id="fern",
    name="Fern",
    mode=Mode.RESELLER,
    tenant="fern.example",
    client_id="11111111-2222-3333-4444-555555555555",
)


@pytest.fixture
def own(profile: str) -> Iterator[Profile]:
    """A profile with a connection to Microsoft, and a store of secrets for its snapshots."""
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryStore())
    load(in_folder(Path(profile))).put(OWN)
    yield in_folder(Path(profile))
    keyring.set_keyring(before)


def test_what_was_seen_is_exported_without_the_network(
    own: Profile, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["export", "users", "--offline", "--connection", "Fern", "--config", profile]
    assert run(arguments) == ExitStatus.FAILED
    assert "Nothing of the customers is kept" in capsys.readouterr().err

    async def keep() -> None:
        keeping = Keeping(OWN, own)
        history = await keeping.open()
        for when, name in ((day(1), "Before"), (day(2), "Ζωή")):
            await history.record(state(when, user(name), tenant=CONTOSO))
        await history.record(state(day(3), user("Bert"), user("Carla"), tenant=FABRIKAM))
        await keeping.aclose()

    asyncio.run(keep())
    assert run(arguments) == ExitStatus.DONE
    told = capsys.readouterr()
    rows = [(row["Customer"], row["Display name"]) for row in table(told.out)]
    assert rows == [("Contoso", "Ζωή"), ("Fabrikam", "Bert"), ("Fabrikam", "Carla")]
    assert told.err.count("as seen 2026-03-") == 2
    assert run([*arguments, "--tenant", "Contoso"]) == ExitStatus.DONE
    assert len(table(capsys.readouterr().out)) == 1


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["sync"], ExitStatus.SIGN_IN, "No connection is set up"),
        (["sync", "--demo", "--tenant", "Nobody & Sons"], ExitStatus.BAD_USAGE, "Nobody & Sons"),
        (["--offline", "sync", "--demo"], ExitStatus.BAD_USAGE, "needs the network"),
        (["export", "users", "--demo", "--output", "/dev/null/users.csv"], 4, "cannot be written"),
        (
            ["sync", "--server", "http://127.0.0.1:9"],
            ExitStatus.FAILED,
            "could not be reached",
        ),
    ],
    ids=["no connection", "no customer", "offline", "no folder", "no network"],
)
def test_what_cannot_be_done(
    profile: str,
    arguments: list[str],
    status: int,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run([*arguments, "--config", profile]) == status
    assert sentence in capsys.readouterr().err


def test_a_bug_is_told_without_its_text(
    profile: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_anything: object) -> None:
        raise ValueError("Amelia Okafor")

    monkeypatch.setattr(headless, "_choose", broken)
    assert run(["sync", "--demo", "--config", profile]) == ExitStatus.FAILED
    told = capsys.readouterr().err
    assert "o365desk bug: ValueError" in told
    assert "Amelia" not in told
