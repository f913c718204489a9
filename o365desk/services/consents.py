"""Grants the application its permissions at a customer, through Partner Center."""

from o365desk.domain.access import Service
from o365desk.domain.connections import Connection, Mode
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import AccessDenied, DeskError
from o365desk.domain.permissions import permissions
from o365desk.services.api_client import ApiClient
from o365desk.wire.partner_center_consents import grant_consent, withdraw_consent


class CustomerConsents:
    """What replaces the customer's own click on the consent link, for a reseller whose relation
    has a role that may grant permissions (Cloud Application Administrator or more)."""

    def __init__(self, client: ApiClient, connection: Connection) -> None:
        self._client = client
        self._connection = connection

    @property
    def scopes(self) -> tuple[str, ...]:
        """Names of the permissions that are granted, to be shown before."""
        return tuple(
            permission.scope
            for permission in permissions(self._connection)
            if permission.service is Service.GRAPH and not permission.own_tenant
        )

    async def grant(self, tenant: TenantId) -> None:
        """Raises DeskError. A consent of before, perhaps to fewer permissions, is replaced: the
        service cannot add to one."""
        if self._connection.mode is not Mode.RESELLER or not self.scopes:
            raise AccessDenied(
                "This connection has no customers to whose data permissions could be granted.",
                next_step="Look at its mode and its services in Connections.",
            )
        client_id = self._connection.client_id
        wanted = grant_consent(tenant, client_id, self.scopes)
        try:
            await self._client.send(wanted)
        except DeskError as error:
            if error.status != 409:
                raise
        else:
            return
        await self._client.send(withdraw_consent(tenant, client_id))
        await self._client.send(wanted)
