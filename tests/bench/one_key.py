"""A store of secrets with one key in it that everybody knows, so that no desktop has to be asked.

PYTHON_KEYRING_BACKEND=tests.bench.one_key.OneKey
"""

import base64

from keyring.backend import KeyringBackend


class OneKey(KeyringBackend):
    """Keeps nothing: it holds this key under every name."""

    priority = 1.0

    def get_password(self, service: str, username: str) -> str:
        return base64.urlsafe_b64encode(bytes(32)).decode("ascii")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Nothing is taken in."""
