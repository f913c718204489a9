"""Connections survive their file, an administrator's file stands above, and nothing is lost."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from o365desk.app.config import load as load_settings
from o365desk.app.connection_book import BUILT_IN, ConnectionBook, as_entry, from_entry, load
from o365desk.app.profile import Profile, in_folder
from o365desk.domain.connections import Cloud, Connection, Mode, SignInMethod
from o365desk.domain.directory import TenantId

CLIENT = "00001111-aaaa-2222-bbbb-3333cccc4444"
FABRIKAM = Connection("fabrikam", "Fabrikam", Mode.RESELLER, "fabrikam.example", CLIENT)
CONTOSO = Connection(
    "contoso",
    "Contoso – Ωμέγα",
    Mode.DIRECT,
    "aaaabbbb-0000-cccc-1111-dddd2222eeee",
    CLIENT,
    Cloud.GCC_HIGH,
    graph=False,
    write=False,
    method=SignInMethod.DEVICE_CODE,
)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return in_folder(tmp_path / "profile")


def managed(profile: Profile, *entries: object) -> None:
    assert profile.machine is not None
    profile.machine.parent.mkdir(parents=True, exist_ok=True)
    profile.machine.write_text(json.dumps({"connections": entries}), encoding="utf-8")


def test_round_trip(profile: Profile) -> None:
    book = load(profile)
    assert (book.own, book.to_open()) == ([], None)
    book.put(FABRIKAM)
    book.put(CONTOSO)
    book.opened(CONTOSO)
    again = load(profile)
    assert again.own == [FABRIKAM, CONTOSO]
    assert again.to_open() == CONTOSO
    assert again.problems == []
    again.put(replace(FABRIKAM, name="Fabrikam Services"))
    again.remove("contoso")
    assert [one.name for one in load(profile).own] == ["Fabrikam Services"]
    assert load(profile).to_open() is not None, "the one opened last is gone: another one"


def test_the_file_is_readable_and_private(profile: Profile) -> None:
    book = load(profile)
    book.put(CONTOSO)
    text = profile.connections.read_text(encoding="utf-8")
    assert "Contoso – Ωμέγα" in text
    assert profile.connections.stat().st_mode & 0o077 == 0
    assert [path.name for path in profile.settings.iterdir()] == ["connections.json"]


def test_the_practice_directory_is_always_there_and_never_in_the_file(profile: Profile) -> None:
    book = load(profile)
    book.put(FABRIKAM)
    assert book.all[-len(BUILT_IN) :] == BUILT_IN
    assert "practice" not in profile.connections.read_text(encoding="utf-8")
    assert book.find("practice directory, signing in") is BUILT_IN[-1]


def test_an_administrators_connections_stand_first_and_cannot_be_shadowed(
    profile: Profile,
) -> None:
    load(profile).put(FABRIKAM)
    managed(profile, {**as_entry(FABRIKAM), "name": "Rolled out"})
    book = load(profile)
    assert [(one.name, one.managed) for one in book.real] == [
        ("Rolled out", True),
        ("Fabrikam", False),
    ]
    assert len({one.id for one in book.all}) == len(book.all)
    book.put(CONTOSO)
    assert "Rolled out" not in profile.connections.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        pytest.param([], "not an object", id="list"),
        pytest.param({"tenant": 3}, "tenant", id="no tenant"),
        pytest.param({"tenant": "a b"}, "tenant", id="bad tenant"),
        pytest.param({"client_id": "x"}, "client_id", id="bad client"),
        pytest.param({"mode": "both"}, "reseller", id="bad mode"),
        pytest.param({"mode": None}, "mode", id="no mode"),
        pytest.param({"cloud": "moon"}, "gcc-high", id="bad cloud"),
        pytest.param({"cloud": "practice"}, "always there", id="practice"),
        pytest.param({"write": "no"}, "true nor false", id="bad flag"),
        pytest.param({"method": "password"}, "device code", id="bad method"),
    ],
)
def test_a_bad_entry_is_named_and_the_others_are_kept(
    profile: Profile, entry: object, complaint: str
) -> None:
    bad = {**as_entry(FABRIKAM), **entry} if isinstance(entry, dict) else entry
    managed(profile, bad, as_entry(CONTOSO))
    book = load(profile)
    assert [one.name for one in book.managed] == [CONTOSO.name]
    (problem,) = book.problems
    assert "Entry 1" in problem
    assert complaint in problem


@pytest.mark.parametrize("content", ["", "[]", "{", '{"connections": {}}', '{"connections": 3}'])
def test_a_broken_file_is_kept_beside_the_new_one(profile: Profile, content: str) -> None:
    profile.settings.mkdir()
    profile.connections.write_text(content, encoding="utf-8")
    book = load(profile)
    assert len(book.problems) == 1
    book.put(FABRIKAM)
    assert load(profile).own == [FABRIKAM]
    assert profile.connections.with_suffix(".unread.json").read_text(encoding="utf-8") == content


def test_a_disk_that_refuses_leaves_the_list_as_it_was(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    book = ConnectionBook(blocked / "connections.json")
    with pytest.raises(OSError, match="file"):
        book.put(FABRIKAM)
    assert book.own == []
    book.opened(FABRIKAM)  # not worth an error


def test_colleagues_exchange_connections(profile: Profile, tmp_path: Path) -> None:
    book = load(profile)
    book.put(FABRIKAM)
    file = tmp_path / "for colleagues.json"
    book.export([FABRIKAM, CONTOSO], file)
    added, problems = book.take(file)
    assert [one.name for one in added] == [CONTOSO.name]
    assert problems == ["“Fabrikam” is here already."]
    assert [one.name for one in load(profile).own] == ["Fabrikam", CONTOSO.name]


def test_an_entry_may_be_short() -> None:
    made = from_entry({"mode": "reseller", "tenant": " Fabrikam.Example ", "client_id": CLIENT})
    assert made == replace(FABRIKAM, id="", name="fabrikam.example")
    assert ConnectionBook().new_id("Ärger & Söhne GmbH") == "arger-sohne-gmbh"
    assert ConnectionBook(own=[FABRIKAM]).new_id("Fabrikam") == "fabrikam-2"
    assert ConnectionBook().new_id("日本") == "connection"


@pytest.mark.parametrize("name", ["Connections", "machine", "Con", "COM1"])
def test_no_connection_takes_the_place_of_another_file(profile: Profile, name: str) -> None:
    book = load(profile)
    book.put(FABRIKAM)
    made = replace(CONTOSO, id=book.new_id(name), name=name)
    book.put(made)
    settings = load_settings(profile.window_settings(made.id))
    settings.visited(TenantId("one"))
    settings.save()
    assert load(profile).own == [FABRIKAM, made]
    assert load(profile).managed == ()
    entries = [as_entry(replace(made, id=name.lower()))]
    profile.connections.write_text(json.dumps({"connections": entries}), encoding="utf-8")
    assert load(profile).own == [made]
    assert made.id != name.lower()
