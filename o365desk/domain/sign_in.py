"""Words of signing in: who has signed in, and the door through which it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from o365desk.domain.access import SignInNeed
from o365desk.domain.directory import TenantId, UserId


@dataclass(frozen=True, slots=True)
class Account:
    """Who has signed in. Shown on screen; never written to a log."""

    username: str = field(repr=False)
    tenant: TenantId
    user_id: UserId
    """Object id in the own tenant."""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What the operator types on another device."""

    code: str = field(repr=False)
    address: str
    expires_at: datetime


class SignIn(Protocol):
    """Interactive sign-in and sign-out of one connection. Every method raises DeskError."""

    @property
    def account(self) -> Account | None:
        """Who is signed in, as far as is known without asking anybody."""
        ...

    @property
    def kept(self) -> str:
        """Why the sign-in lasts only until the program ends; empty when it is kept, encrypted."""
        ...

    async def restore(self) -> Account | None:
        """Who was signed in the last time, from the encrypted cache; None when nobody was."""
        ...

    async def sign_in(
        self,
        need: SignInNeed,
        *,
        show_code: Callable[[DeviceCode], None],
        choose_account: bool = False,
    ) -> Account:
        """Asks the operator, in the way the connection says; may be cancelled at any time.
        `show_code` is called with the code of a device-code sign-in. `choose_account`: even when
        Microsoft knows one already."""
        ...

    async def sign_out(self) -> Sequence[str]:
        """Removes everything that was kept, and tells what, one sentence each."""
        ...
