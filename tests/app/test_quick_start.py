"""What the program does before anything else."""

import subprocess
import sys

SCRIPT = """
import linecache
from o365desk.app.quick_start import prepare
prepare()
import o365desk.views.main_window
print(len(linecache.cache))
"""


def test_no_source_is_read_at_the_start() -> None:
    """A newer PySide that looks another way would show here."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=True, stdout=subprocess.PIPE, text=True
    )
    # What QtCore itself has brought, before it could be stopped.
    assert int(done.stdout) < 10
