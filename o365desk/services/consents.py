"""Grants the application its permissions at a customer, through Partner Center; tells where they
are missing."""

from o365desk.domain.access import Service
from o365desk.domain.connections import Connection, Mode
from o365desk.domain.directory import TenantId
from o365desk.domain.errors import AccessDenied, DeskError, Refusal
from o365desk.domain.permissions import Permission, permissions
from o365desk.services.api_client import ApiClient
from o365desk.services.reseller import GraphRoutes
from o365desk.wire.clouds import CloudAddresses, admin_consent_address
from o365desk.wire.partner_center_consents import grant_consent, withdraw_consent


class CustomerConsents:
    """ConsentGranter of a reseller. Granting replaces the customer's own click on the consent
    link, where the relation has a role that may do it (Cloud Application Administrator or more).
    """

    def __init__(
        self,
        client: ApiClient,
        connection: Connection,
        routes: GraphRoutes,
        addresses: CloudAddresses | None = None,
    ) -> None:
        """`addresses`: where a browser finds the cloud, if elsewhere than everybody does."""
        self._client = client
        self._connection = connection
        self._routes = routes
        self._addresses = addresses

    def refusal(self, tenant: TenantId) -> DeskError | None:
        return self._routes.refusal(tenant)

    def forgive(self, tenant: TenantId) -> None:
        self._routes.forgive(tenant)

    @property
    def permissions(self) -> tuple[Permission, ...]:
        return tuple(
            permission
            for permission in permissions(self._connection)
            if permission.service is Service.GRAPH and not permission.own_tenant
        )

    @property
    def scopes(self) -> tuple[str, ...]:
        """Names of the permissions that are granted."""
        return tuple(permission.scope for permission in self.permissions)

    def address(self, tenant: TenantId) -> str:
        return admin_consent_address(self._connection, tenant, self._addresses)

    async def grant(self, tenant: TenantId) -> None:
        """A consent of before, perhaps to fewer permissions, is replaced: the service cannot add
        to one."""
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
            if error.status != 409 and error.refusal is not Refusal.CONSENT:
                raise
            await self._client.send(withdraw_consent(tenant, client_id))
            await self._client.send(wanted)
        self.forgive(tenant)
