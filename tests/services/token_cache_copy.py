"""A store of secrets that several processes share: for tests of several copies of the program."""

from pathlib import Path

import keyring.backend


class FileStore(keyring.backend.KeyringBackend):
    """Each entry a file; taken as it is, so that the first to create one wins."""

    priority = 1

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._folder = folder / "store"
        self._folder.mkdir(exist_ok=True)

    def _path(self, service: str, username: str) -> Path:
        return self._folder / f"{service} {username}"

    def get_password(self, service: str, username: str) -> str | None:
        try:
            return self._path(service, username).read_text()
        except FileNotFoundError:
            return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._path(service, username).write_text(password)

    def delete_password(self, service: str, username: str) -> None:
        self._path(service, username).unlink()
