"""Two running copies of the program, each a process of its own, renew one sign-in by turns."""

import asyncio
import subprocess
import sys
from pathlib import Path

import keyring

from o365desk.domain.access import Service, SignInNeed
from tests.services.sign_in_world import server_certificate_authority, sign_in_world
from tests.services.token_cache_copy import FileStore

COPY = """
import asyncio, ssl, sys
from dataclasses import replace
from pathlib import Path
import httpx, keyring
from o365desk.domain.access import Service
from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.domain.directory import TenantId
from o365desk.services.sign_in import MsalSignIn
from o365desk.services.token_cache import TokenFile
from o365desk.wire.clouds import CLOUDS
from tests.services.token_cache_copy import FileStore

folder, authority, trusted, client_id, tenant, *customers = sys.argv[1:]
keyring.set_keyring(FileStore(Path(folder)))

async def main():
    desk = MsalSignIn(
        Connection("one", "One", Mode.RESELLER, tenant, client_id),
        TokenFile(Path(folder), "one"),
        open_browser=lambda address: sys.exit("a browser was opened"),
        open_client=lambda: httpx.Client(
            verify=ssl.create_default_context(cafile=trusted), trust_env=False
        ),
        addresses=replace(CLOUDS[Cloud.GLOBAL], authority=authority),
    )
    assert await desk.restore() is not None
    for turn in range(8):
        await desk.token(Service.PARTNER_CENTER, None, fresh=True)
        for customer in customers:
            await desk.token(Service.GRAPH, TenantId(customer), fresh=True)
    assert desk.kept == "" and desk.notice == ""
    await desk.aclose()

asyncio.run(main())
"""


async def test_two_processes_renew_one_sign_in(tmp_path: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(FileStore(tmp_path))
    try:
        async with sign_in_world(tmp_path) as world:
            desk = world.sign_in()
            await desk.sign_in(SignInNeed(Service.PARTNER_CENTER), show_code=lambda _code: None)
            connection = world.connection()
            trusted = tmp_path / "authority.pem"
            server_certificate_authority().cert_pem.write_to_path(trusted)
            arguments = [str(tmp_path), world.server.url, str(trusted), connection.client_id]
            arguments += [connection.tenant, world.customer("well_stocked")]
            command = [sys.executable, "-c", COPY, *arguments, world.customer("no_seats")]

            def run() -> subprocess.CompletedProcess[str]:
                return subprocess.run(
                    command,
                    capture_output=True,
                    text=True,
                    check=False,
                    cwd=Path(__file__).parents[2],
                )

            for copy in await asyncio.gather(asyncio.to_thread(run), asyncio.to_thread(run)):
                assert copy.returncode == 0, copy.stderr
            later = world.sign_in()
            assert await later.restore() == desk.account
            assert await later.token(Service.PARTNER_CENTER, None, fresh=True)
            assert len(world.opened) == 1
    finally:
        keyring.set_keyring(before)
