"""Nothing of a sign-in shows itself: canaries are looked for in every log, repr and traceback."""

import asyncio
import logging
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import keyring
import pytest

from o365desk.domain.access import Access, Service, SignInNeed
from o365desk.domain.connections import SignInMethod
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import DeskError
from o365desk.domain.sign_in import DeviceCode
from o365desk.services.msal_http import silence
from tests.services.sign_in_world import PASSWORD, MemoryStore, SignInWorld, sign_in_world

_THEIRS = "coro=<StreamReader.read()"
"""In lines of the practice directory's server, which runs on the same loop and is not the program:
what it was sent."""

PARTNER = SignInNeed(Service.PARTNER_CENTER)


class Everything(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {self.format(record)} {record.args!r}")


@pytest.fixture
def logged() -> Iterator[Everything]:
    """Every logger there is writes everything, MSAL's and the loop's own too."""
    silence()
    import o365desk.services.msal_cache  # noqa: F401

    handler = Everything()
    root = logging.getLogger()
    silent = {"qasync", "asyncio", "filelock"}
    loud = [
        logging.getLogger(name)
        for name in list(logging.root.manager.loggerDict)
        if name.partition(".")[0] in silent or name.startswith("msal.")
    ]
    before = [(one, one.level) for one in (root, *loud)]
    for one, _ in before:
        one.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    for one, level in before:
        one.setLevel(level)


@pytest.fixture(autouse=True)
def store() -> Iterator[MemoryStore]:
    before = keyring.get_keyring()
    memory = MemoryStore()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def canaries(world: SignInWorld, store: MemoryStore) -> set[str]:
    """All that was secret or personal in what happened."""
    identity = world.simulator.identity
    return {
        PASSWORD,
        world.person("admin"),
        world.person("admin").partition("@")[0],
        *identity.refreshes,
        *identity.codes,
        *world.simulator.directory.access_tokens,
        *store.entries.values(),
        *(
            value
            for address in world.opened
            for name in ("state", "nonce", "code_challenge")
            for value in parse_qs(urlsplit(address).query).get(name, [])
        ),
    }


async def test_nothing_shows_itself(tmp_path: Path, store: MemoryStore, logged: Everything) -> None:
    asyncio.get_running_loop().set_debug(True)
    told: list[str] = []
    shown: list[DeviceCode] = []
    secrets: set[str] = set()

    async def failing(call: "object") -> None:
        with pytest.raises(DeskError) as raised:
            await call  # type: ignore[misc]
        error: BaseException | None = raised.value
        told.extend(traceback.format_exception(error))
        while error is not None:
            told.append(repr(error) + repr(vars(error)))
            error = error.__cause__ or error.__context__

    async with sign_in_world(tmp_path) as world:
        desk = world.sign_in()
        await desk.restore()
        await desk.sign_in(PARTNER, show_code=shown.append)
        customer = TenantId(world.customer("well_stocked"))
        secrets.add(await desk.token(Service.PARTNER_CENTER, None))
        secrets.add(await desk.token(Service.GRAPH, customer))
        secrets.add(await desk.token(Service.GRAPH, customer, fresh=True))
        await failing(desk.token(Service.GRAPH, TenantId(world.customer("mixed"))))
        await failing(desk.token(Service.GRAPH, None, access=Access.MAIL))
        secrets |= canaries(world, store)
        for thing in (desk, desk.account, desk._apps, desk._apps._cache, desk._cache):
            told.append(repr(thing))
            told.append(
                repr(getattr(thing, "__dict__", "")) if thing is not desk._apps._cache else ""
            )
        told.extend(repr(task) for task in asyncio.all_tasks())
        world.practice("revoke", {"account": world.person("admin")})
        await failing(desk.token(Service.GRAPH, customer, fresh=True))
        world.answers("locked", more={"refused": ("do", "return")})
        await failing(desk.sign_in(PARTNER, show_code=shown.append, choose_account=True))
        secrets |= canaries(world, store) | {world.person("locked")}
        await desk.sign_out()

        world.answers()

        def show(code: DeviceCode) -> None:
            shown.append(code)
            steps = {**world.steps, "device-code": ("user_code", code.code)}
            world.tasks.append(asyncio.create_task(world.browser.walk(code.address, steps)))

        code_desk = world.sign_in(world.connection(method=SignInMethod.DEVICE_CODE))
        await code_desk.sign_in(PARTNER, show_code=show)
        secrets |= canaries(world, store) | {shown[0].code}
        told.append(repr(shown) + repr(code_desk.account))
    assert len(secrets) > 12
    assert all(len(secret) > 4 for secret in secrets)
    everything = "\n".join((*told, *(line for line in logged.lines if _THEIRS not in line)))
    assert [secret[:12] for secret in sorted(secrets) if secret in everything] == []
    assert any("qasync" in line for line in logged.lines)
    assert "Account(" in everything


def test_the_slow_libraries_wait_until_somebody_signs_in() -> None:
    """Naming the sign-in costs the program's start nothing; MSAL never brings its own HTTP."""
    slow = "{'msal', 'requests', 'keyring', 'cryptography', 'filelock', 'httpx'}"
    script = f"import o365desk.services.sign_in, sys; print({slow} & set(sys.modules))"
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert said == "set()\n"
