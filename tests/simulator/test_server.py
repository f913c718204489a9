"""The practice directory as a process of its own, over real sockets."""

import asyncio
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests import csdl
from tests.simulator.desk import run

ROOT = Path(__file__).parents[2]


@contextmanager
def server(*arguments: str) -> Iterator[tuple[str, list[str], subprocess.Popen[str]]]:
    """URL, tenant lines and process of a running server."""
    command = [sys.executable, "-m", "o365desk.simulator", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        match = re.fullmatch(r"practice directory at (http://127\.0\.0\.1:\d+)\n", first)
        assert match is not None, first
        yield match.group(1), [process.stdout.readline() for _line in range(3)], process
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_both_faces_over_a_real_line() -> None:
    with server("--world", "demo", "--start-date", "2026-11-01") as (url, lines, process):
        tenant_id = lines[1].split()[0]

        async def work() -> None:
            async with httpx.AsyncClient(base_url=url) as client:
                mine = {"Authorization": f"Bearer tenant:{tenant_id}"}
                first = await client.get("/v1.0/users?$top=20", headers=mine)
                assert first.status_code == 200
                assert first.reason_phrase == "OK"
                csdl.check_answer("/users", first.json())
                link = first.json()["@odata.nextLink"]
                assert link.startswith(url + "/v1.0/users?")
                second = await client.get(link, headers=mine)
                assert len(second.json()["value"]) == 20
                theirs = {"Authorization": "Bearer partner"}
                listed = await client.get("/v1/customers?size=40", headers=theirs)
                assert tenant_id in {item["id"] for item in listed.json()["items"]}
                gone = await client.delete(
                    f"/v1.0/users/{second.json()['value'][3]['id']}", headers=mine
                )
                assert (gone.status_code, gone.content) == (204, b"")
                taken = await client.head("/v1/domains/tallpine.onmicrosoft.com", headers=theirs)
                assert (taken.status_code, taken.headers["content-length"]) == (200, "0")
                # All of it went over one kept connection, and several at once work too.
                many = [client.get("/v1.0/users?$top=5", headers=mine) for _turn in range(20)]
                answers = await asyncio.gather(*many)
                assert {answer.status_code for answer in answers} == {200}

        run(work())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_faults_file_and_real_failures(tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(
        '[{"kind": "cut_before", "path": "/users"}, {"kind": "half_body", "path": "/users"},'
        ' {"kind": "throttled", "path": "/users", "retry_after": 1}]'
    )
    with server("--faults", str(faults), "--latency-ms", "1") as (url, lines, _process):
        headers = {"Authorization": f"Bearer tenant:{lines[1].split()[0]}"}

        async def work() -> None:
            async with httpx.AsyncClient(base_url=url, headers=headers) as client:
                with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                    await client.get("/v1.0/users")
                with pytest.raises(httpx.RemoteProtocolError):
                    await client.get("/v1.0/users")
                assert (await client.get("/v1.0/users")).status_code == 429
                assert (await client.get("/v1.0/users")).status_code == 200

        run(work())


def test_scale_pages_come_fast_the_second_time() -> None:
    arguments = ("--world", "scale", "--users", "5000", "--tenants", "5", "--warm")
    with server(*arguments) as (url, lines, _process):
        headers = {"Authorization": f"Bearer tenant:{lines[1].split()[0]}"}
        select = "id,displayName,userPrincipalName,assignedLicenses,licenseAssignmentStates"

        async def round_trip(client: httpx.AsyncClient) -> tuple[int, float]:
            start, count = time.perf_counter(), 0
            link: str | None = f"/v1.0/users?$top=999&$select={select}"
            while link is not None:
                body = (await client.get(link)).content
                count += body.count(b'"displayName"')
                found = re.search(rb'"@odata.nextLink":"([^"]+)"', body[:2000])
                link = found.group(1).decode() if found else None
            return count, time.perf_counter() - start

        async def work() -> None:
            async with httpx.AsyncClient(base_url=url, headers=headers) as client:
                assert (await round_trip(client))[0] == 5000
                count, seconds = await round_trip(client)
                assert count == 5000
                # Six megabytes; a busy machine gets twenty times what a quiet one needs.
                assert seconds < 2

        run(work())


def test_bad_requests_and_a_bad_option() -> None:
    with server() as (url, _lines, _process):

        async def work() -> bytes:
            host, port = url.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(b"this is no http\r\n\r\n")
            await writer.drain()
            head = await reader.read()
            writer.close()
            return head

        assert run(work()).startswith(b"HTTP/1.1 400")
        assert httpx.get(url + "/elsewhere").status_code == 404
    wrong = subprocess.run(
        [sys.executable, "-m", "o365desk.simulator", "--world", "moon"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert wrong.returncode == 2
