"""Folders of one profile: what the program keeps on this computer, and where."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

APP = "o365desk"


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings, encrypted sign-ins and logs of one person; every copy of the program that runs
    on the same profile shares them."""

    settings: Path
    """Readable files, nothing secret: connections, pins, window layout."""
    data: Path
    """Encrypted sign-ins and snapshots."""
    state: Path
    """Logs and crash reports."""
    machine: Path | None = None
    """Settings that an administrator made for everybody on this computer."""

    @property
    def name(self) -> str:
        """Tells profiles apart where a path would be too long: a short digest of the folder."""
        import hashlib

        return hashlib.sha256(str(self.settings).encode()).hexdigest()[:16]

    @property
    def connections(self) -> Path:
        return self.settings / "connections.json"

    @property
    def lock(self) -> Path:
        """Held by the copy that runs on this profile."""
        return self.data / "running.lock"

    def window_settings(self, connection_id: str) -> Path:
        """Pins, recent customers and layout of one connection."""
        return self.settings / f"{connection_id}.json"

    def sign_in(self, connection_id: str) -> Path:
        """The encrypted sign-in of one connection."""
        return self.data / f"{connection_id}.sign-in"

    def snapshots(self, connection_id: str) -> Path:
        """The encrypted snapshots of one connection's customers."""
        return self.data / f"{connection_id}-snapshots.db"


def usual() -> Profile:
    """The profile of the person at this computer."""
    import platformdirs  # kept off the path to first paint

    return Profile(
        settings=platformdirs.user_config_path(APP, appauthor=False),
        data=platformdirs.user_data_path(APP, appauthor=False),
        state=platformdirs.user_log_path(APP, appauthor=False),
        machine=_machine_file(
            platformdirs.site_config_dir(APP, appauthor=False, multipath=True).split(os.pathsep)
        ),
    )


def _machine_file(folders: Sequence[str]) -> Path:
    """The first that is there: a desktop may put folders of its own before the one that
    administrators know (specifications.freedesktop.org/basedir-spec)."""
    files = [Path(folder) / "connections.json" for folder in folders]
    return next((file for file in files if file.exists()), files[-1])


def in_folder(folder: Path) -> Profile:
    """Everything in one folder, for a second profile or a program on a stick."""
    folder = folder.absolute()
    return Profile(folder, folder / "sign-ins", folder / "log", folder / "machine.json")


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Writes a file whole or not at all. Raises OSError, and then the old file is still there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
