"""The log: what is in it, who may read it, and what can never get in."""

import asyncio
import json
import logging
import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from o365desk.domain.access import Service
from o365desk.domain.errors import DeskError
from o365desk.services import desk_log
from o365desk.services.desk_log import SCHEMA, DeskLog, Event
from o365desk.services.http_link import open_http
from o365desk.wire.call_record import CallRecord, path_template
from o365desk.wire.messages import ApiRequest, Safety
from tests.services.clients import NOW, TENANT, FakeTime, client, get, post
from tests.services.loopback import Answer, Loopback, answers

ID = "6fea7f11-2f5e-4c2a-8b1f-0a3c35a0e5c1"
CANARY = "Canary"


def records(folder: Path) -> list[dict[str, Any]]:
    text = (folder / desk_log.FILE).read_text(encoding="ascii")
    return [json.loads(line) for line in text.splitlines()]


async def test_a_call_is_written_with_its_ids_and_figures(tmp_path: Path) -> None:
    log = DeskLog(tmp_path)
    heard = (
        ("request-id", ID),
        ("x-ms-throttle-limit-percentage", "0.85"),
        ("x-ms-resource-unit", "2"),
        ("content-type", "application/json"),
    )
    async with Loopback(answers(Answer(503), Answer(headers=heard))) as server:
        desk = client(server.hosts, FakeTime(), on_call=log.call)
        await desk.send(get(f"/users/{CANARY}@contoso.example/licenseDetails"), TENANT)
        await desk.aclose()
    await asyncio.to_thread(log.close)
    first, second = records(tmp_path)
    assert {name: second[name] for name in sorted(second) if name != "correlation_id"} == {
        "at": NOW.replace(microsecond=500_000).isoformat(timespec="milliseconds"),
        "attempt": 2,
        "event": "call",
        "method": "GET",
        "milliseconds": 0,
        "operation": "listUsers",
        "outcome": "ok",
        "path": "/users/{id}/licenseDetails",
        "request_id": ID,
        "resource_units": 2.0,
        "retry_after": 0.0,
        "service": "graph",
        "status": 200,
        "tenant": TENANT,
        "throttle_percent": 85.0,
    }
    assert first["outcome"] == "retry after ServerFault"
    assert first["status"] == 503
    assert first["correlation_id"] != second["correlation_id"]


async def test_throttling_is_written_with_its_figures() -> None:
    log = DeskLog()
    slow = (
        ("retry-after", "2.5"),
        ("x-ms-throttle-information", "WriteLimitExceeded"),
        ("x-ms-throttle-limit-percentage", "1.2"),
    )
    unknown = (("retry-after", "1"), ("x-ms-throttle-information", "Canary"))
    script = answers(Answer(429, headers=slow), Answer(429, headers=unknown), Answer())
    async with Loopback(script) as server:
        desk = client(server.hosts, FakeTime(), on_call=log.call)
        await desk.send(get())
        await desk.aclose()
    first, second, _ = log.recent
    assert first["outcome"] == "retry after Throttled"
    assert first["retry_after"] == 2.5
    assert first["throttle_reason"] == "WriteLimitExceeded"
    assert first["throttle_percent"] == 120.0
    assert "throttle_reason" not in second


async def test_failures_are_ready_for_microsofts_support() -> None:
    log = DeskLog()
    refusal = b'{"error": {"code": "Request_ResourceNotFound", "message": "Canary Ann"}}'
    async with Loopback(answers(Answer(404, refusal, (("request-id", ID),)))) as server:
        desk = client(server.hosts, on_call=log.call)
        with pytest.raises(DeskError):
            await desk.send(post(), TENANT)
        await desk.aclose()
    line = log.for_support()
    for part in ("2026-11-22T12:00:00.000+00:00", "graph assignLicense", "HTTP 404", ID, TENANT):
        assert part in line
    assert "code Request_ResourceNotFound" in line
    assert CANARY not in line


@pytest.mark.parametrize(
    ("path", "template"),
    [
        (f"/users/{ID}/assignLicense", "/users/{id}/assignLicense"),
        ("/users/ann%40contoso.example", "/users/{id}"),
        ("/users/Ann", "/users/{id}"),
        (f"/customers/{TENANT}/users/{ID}", "/customers/{id}/users/{id}"),
        ("https://graph.microsoft.com/v1.0/users?$skiptoken=Ann", "/v1.0/users"),
        ("/users/delta?$deltatoken=Ann", "/users/delta"),
        ("/directory/deletedItems/Ann/restore", "/directory/deletedItems/{id}/restore"),
        ("", "/{id}"),
    ],
)
def test_an_address_keeps_microsofts_own_words_only(path: str, template: str) -> None:
    assert path_template(path) == template


def record(**changes: Any) -> CallRecord:
    plain: dict[str, Any] = {
        "at": datetime(2026, 11, 22, tzinfo=UTC),
        "service": Service.GRAPH,
        "operation": "listUsers",
        "method": "GET",
        "path": "/users",
        "tenant": "",
        "attempt": 1,
        "milliseconds": 5,
        "status": 200,
        "outcome": "ok",
        "trouble": "",
        "code": "",
        "request_id": ID,
        "correlation_id": ID,
        "throttle_percent": 0.0,
        "resource_units": 0.0,
        "throttle_reason": "",
        "retry_after": 0.0,
    }
    return CallRecord(**{**plain, **changes})


BAIT = (
    "Canary Ann", "canary@contoso.example", "Cánary", "eyJ0eXAiOiJKV1QiLCJhbGciCanary",
    "Bearer Canary", "/users/Canary", "Canary\n", "Canary", " ",
)  # fmt: skip


@pytest.mark.parametrize("bait", BAIT)
def test_no_field_of_any_event_takes_a_name_an_address_or_a_token(bait: str) -> None:
    log = DeskLog()
    for name in ("service", "operation", "method", "path", "tenant", "outcome", "trouble"):
        log.call(record(**{name: bait}))
    for name in ("request_id", "correlation_id", "status", "milliseconds", "attempt"):
        log.call(record(**{name: bait}))
    for event, fields in SCHEMA.items():
        for name in (*fields, "anything"):
            if event is not Event.CALL and (event, name) not in WORDS_OF_OURS:
                log.event(event, **{name: bait})
    assert log.recent
    for one in log.recent:
        assert "anary" not in json.dumps(one, ensure_ascii=False)


WORDS_OF_OURS = {(Event.BUG, "type"), (Event.START, "system")}
"""Fields for a word that only Python and the system itself say."""


@pytest.mark.parametrize("bait", ["a@b.example", "eyJhbGciOi", "bearer", "x" * 64, "Ämilie"])
def test_a_rule_that_is_too_wide_still_lets_nothing_through(
    bait: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCHEMA, Event.SIGN_OUT, {"note": lambda value: True})
    log = DeskLog()
    log.event(Event.SIGN_OUT, note="fine")
    log.event(Event.SIGN_OUT, note=bait)
    assert [one.get("note") for one in log.recent] == ["fine"]


def test_other_libraries_do_not_reach_the_log(tmp_path: Path) -> None:
    log = DeskLog(tmp_path)
    for name in ("", "o365desk", "httpx", "msal", "keyring", "qasync", "asyncio"):
        logging.getLogger(name).critical("Canary")
    log.event(Event.END, status=0)
    log.close()
    assert [one["event"] for one in records(tmp_path)] == ["end"]
    assert logging.getLogger("o365desk").handlers == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes; the folder is private")
def test_only_its_owner_reads_it_old_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_log, "FILE_BYTES", 500)
    before = os.umask(0)
    try:
        log = DeskLog(tmp_path / "new" / "logs")
        for _ in range(60):
            log.event(Event.SWEEP, tenants=100_000, failed=0, milliseconds=5000, outcome="ok")
        log.close()
    finally:
        os.umask(before)
    files = sorted((tmp_path / "new" / "logs").iterdir())
    assert len(files) == 1 + desk_log.OLD_FILES
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    assert all(one.stat().st_size <= 500 for one in files)


def test_a_disk_that_refuses_stops_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    log = DeskLog(tmp_path / "taken")
    log.event(Event.END, status=0)
    log.close()
    log.event(Event.END, status=1)
    assert [one["status"] for one in log.recent] == [0, 1]
    assert capfd.readouterr() == ("", "")


async def test_a_call_that_breaks_says_how() -> None:
    log = DeskLog()
    desk = client(dict.fromkeys(Service, "http://127.0.0.1:1"), http=open_http, on_call=log.call)
    request = ApiRequest(Service.GRAPH, "DELETE", "/users/1", "deleteUser", safety=Safety.WRITE)
    with pytest.raises(DeskError):
        await desk.send(request)
    await desk.aclose()
    (one,) = log.recent
    assert one["trouble"] == "not connected"
    assert one["outcome"] == "Unreachable"
    assert one["status"] == 0
