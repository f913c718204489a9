"""One running copy per profile: a second start hands its wishes to the first, and ends.

The lock is a file, so that a first start needs no networking module; the hand-over goes through a
local socket (a named pipe on Windows) that only the same person can open.
"""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, QThread

from o365desk.app.options import Options
from o365desk.app.profile import Profile

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

PATIENCE_MS = 3000
_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a second start was asked for, as the running copy can still do it."""

    connection: str = ""
    tenant: str = ""


class SingleCopy:
    """The claim of this process to be the copy that runs on a profile."""

    def __init__(self, profile: Profile) -> None:
        self._name = f"o365desk-{profile.name}"
        # Where there can be no folder, the lock fails and the program runs without.
        with contextlib.suppress(OSError):
            profile.lock.parent.mkdir(parents=True, exist_ok=True)
        self._lock = QLockFile(str(profile.lock))
        # A copy that was killed leaves a lock behind; its process id tells that it is gone.
        self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None

    def claim(self) -> bool:
        """False when another copy runs on this profile. A folder that cannot be written is no
        reason to stop: then two copies may run, as if there were no lock."""
        if self._lock.tryLock(0):
            return True
        return self._lock.error() is not QLockFile.LockError.LockFailedError

    def hand_over(self, options: Options, patience_ms: int = PATIENCE_MS) -> bool:
        """Tells the running copy what was wished for, so that it comes to the front; False when
        it does not answer. A copy that has only just been started takes a moment to listen."""
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        patience = QDeadlineTimer(patience_ms)
        socket.connectToServer(self._name)
        while not socket.waitForConnected(patience_ms):
            if patience.hasExpired():
                return False
            QThread.msleep(50)
            socket.connectToServer(self._name)
        wishes = {"connection": options.connection, "tenant": options.tenant}
        socket.write(json.dumps(wishes).encode() + b"\n")
        socket.waitForBytesWritten(patience_ms)
        return bool(socket.waitForReadyRead(patience_ms)) and bytes(
            socket.readAll().data()
        ).startswith(b"ok")

    def listen(self, parent: QObject, on_wishes: Callable[[Wishes], None]) -> None:
        """Takes wishes from now on; called once the event loop runs."""
        from PySide6.QtNetwork import QLocalServer

        server = QLocalServer(parent)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(self._name)  # a copy that was killed leaves its socket behind
        server.newConnection.connect(lambda: _serve(server, on_wishes))
        server.listen(self._name)
        self._server = server

    def release(self) -> None:
        """The program ends: the next start is the first one again."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.unlock()


def _serve(server: "QLocalServer", on_wishes: Callable[[Wishes], None]) -> None:
    socket = server.nextPendingConnection()

    def read() -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _LONGEST:
                socket.abort()
            return
        wishes = _understood(bytes(socket.readLine(_LONGEST).data()))
        socket.write(b"ok\n")
        socket.flush()
        socket.disconnectFromServer()
        on_wishes(wishes)

    socket.readyRead.connect(read)
    socket.disconnected.connect(socket.deleteLater)
    read()


def _understood(line: bytes) -> Wishes:
    try:
        found = json.loads(line)
        return Wishes(str(found.get("connection", "")), str(found.get("tenant", "")))
    except (ValueError, AttributeError):
        return Wishes()
