"""What the start does not do, because it would take time."""

import os
import subprocess
import sys
from pathlib import Path

NO_SOURCE = """
import linecache
from o365desk.app.quick_start import prepare
prepare()
import o365desk.views.main_window
print(len(linecache.cache))
"""

LOADED = """
import os, sys
from tests.bench import start_driver
def told():
    print(*sys.modules)
    sys.stdout.flush()
    os._exit(0)
start_driver.told = told
customer = start_driver.CUSTOMER
start_driver.program(2_500, "--offline", "--config", sys.argv[1], "--tenant", customer)
"""


def said(*arguments: str) -> str:
    env = os.environ | {"PYTHON_KEYRING_BACKEND": "tests.bench.one_key.OneKey"}
    return subprocess.run(
        [sys.executable, *arguments],
        check=True,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    ).stdout


def test_no_source_is_read_at_the_start() -> None:
    """A newer PySide that looks another way would show here."""
    # What QtCore itself has brought, before it could be stopped.
    assert int(said("-c", NO_SOURCE)) < 10


def test_kept_users_are_shown_before_anything_heavy_is_loaded(tmp_path: Path) -> None:
    said("-m", "tests.bench.kept", str(tmp_path))
    loaded = set(said("-c", LOADED, str(tmp_path)).split())
    assert "sqlcipher3" in loaded
    heavy = {"sqlalchemy", "alembic", "httpx", "msal", "cryptography", "xlsxwriter"}
    ours = {"o365desk.simulator", "o365desk.app.past", "o365desk.services.scheduler"}
    assert not loaded & (heavy | ours)
