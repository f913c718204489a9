"""Tokens that need no sign-in: for the practice directory and for tests."""

from collections.abc import Callable

from o365desk.domain.access import Access, Service
from o365desk.domain.directory import TenantId


class FixedTokenProvider:
    """TokenProvider that asks a plain function, each time anew."""

    def __init__(self, token_for: Callable[[Service, TenantId | None], str]) -> None:
        self._token_for = token_for

    async def token(
        self,
        service: Service,
        tenant: TenantId | None,
        *,
        access: Access = Access.DIRECTORY,
        claims: str = "",
        fresh: bool = False,
    ) -> str:
        """What the function gives; it may raise SignInRequired. There is nothing to renew."""
        return self._token_for(service, tenant)
