"""The program as a process of its own, which tells what its window shows and ends.

On standard input: the entries of the store of secrets, as JSON. On standard output: the title, the
display names in the Users' List, and everything that touched the network.
"""

import json
import sys

import keyring
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from o365desk.app.main import make_application, run
from o365desk.app.options import Options
from o365desk.views.main_window import MainWindow
from tests.app.no_network import Guard
from tests.services.sign_in_world import MemoryStore

PATIENCE_MS = 20_000


def main() -> int:
    store = MemoryStore()
    for service, name, key in json.load(sys.stdin):
        store.set_password(service, name, key)
    keyring.set_keyring(store)
    guard = Guard()
    guard.awake = True
    make_application(Options())
    told: dict[str, object] = {}

    def look() -> None:
        window = next(
            (one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)), None
        )
        if window is None or not window.freshness.text.startswith("Snapshot of "):
            return
        watch.stop()
        model = window.users.table.model()
        told["title"] = window.windowTitle()
        told["fresh"] = window.freshness.text
        told["users"] = sorted(model.index(row, 0).data() for row in range(model.rowCount()))
        window.close()

    watch = QTimer()
    watch.timeout.connect(look)
    watch.start(20)
    QTimer.singleShot(PATIENCE_MS, lambda: sys.exit("nothing is shown"))
    status = run(sys.argv[1:])
    told["touched"] = guard.touched
    print(json.dumps(told))
    return status


if __name__ == "__main__":
    sys.exit(main())
