"""Fixed tokens, and the keyring with its refusals."""

import keyring
import keyring.backend
import keyring.errors
import pytest

from o365desk.domain.access import Service
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import MailFailed
from o365desk.domain.ports import TokenProvider
from o365desk.services.keyring_secrets import smtp_password
from o365desk.services.tokens import FixedTokenProvider


class Memory(keyring.backend.KeyringBackend):
    """A store in memory, or one that refuses."""

    priority = 1.0

    def __init__(self, refusal: Exception | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.refusal = refusal

    def get_password(self, service: str, username: str) -> str | None:
        if self.refusal is not None:
            raise self.refusal
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.kept[service, username] = password


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Memory:
    memory = Memory()
    monkeypatch.setattr(keyring.core, "_keyring_backend", memory)
    return memory


async def test_a_password_is_found(store: Memory) -> None:
    keyring.set_password("o365desk SMTP", "desk", "canary")
    assert (await smtp_password("desk")).reveal() == "canary"


async def test_a_password_that_was_never_kept(store: Memory) -> None:
    with pytest.raises(MailFailed) as caught:
        await smtp_password("desk")
    assert "keyring set" in caught.value.next_step


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        (keyring.errors.NoKeyringError("canary"), "no store"),
        (keyring.errors.KeyringLocked("canary"), "locked"),
        (keyring.errors.InitError("canary"), "did not answer"),
        (keyring.errors.PasswordSetError("canary"), "did not answer"),
    ],
)
async def test_refusals_say_what_to_do(store: Memory, refusal: Exception, says: str) -> None:
    store.refusal = refusal
    with pytest.raises(MailFailed, match=says) as caught:
        await smtp_password("desk")
    assert caught.value.next_step
    assert caught.value.__context__ is None
    assert "canary" not in repr(caught.value)


async def test_fixed_tokens() -> None:
    provider: TokenProvider = FixedTokenProvider(lambda service, tenant: f"{service}/{tenant}")
    assert await provider.token(Service.GRAPH, TenantId("t")) == "graph/t"
    assert await provider.token(Service.GRAPH, None, claims="{}", fresh=True) == "graph/None"
