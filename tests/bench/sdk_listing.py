"""Lists users with msgraph-sdk and prints users a second; run by another Python, which has it.

python sdk_listing.py URL TENANT COUNT
"""

# mypy: ignore-errors

import asyncio
import sys
import time
from typing import Any

SELECT = (
    "id,displayName,userPrincipalName,givenName,surname,mail,accountEnabled,userType,usageLocation,"
    "department,createdDateTime,onPremisesSyncEnabled,assignedLicenses,licenseAssignmentStates"
)


async def main(url: str, tenant: str, count: int) -> None:
    import httpx
    from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
    from kiota_abstractions.authentication import BaseBearerTokenAuthenticationProvider as Bearer
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph import GraphRequestAdapter, GraphServiceClient
    from msgraph.generated.users.users_request_builder import UsersRequestBuilder

    class Token(AccessTokenProvider):
        async def get_authorization_token(self, uri: str, more: dict[str, Any] = {}) -> str:  # noqa: B006
            return f"tenant:{tenant}"

        def get_allowed_hosts_validator(self) -> Any:
            return AllowedHostsValidator([])

    adapter = GraphRequestAdapter(Bearer(Token()), client=httpx.AsyncClient(timeout=120))
    adapter.base_url = f"{url}/v1.0"
    graph = GraphServiceClient(request_adapter=adapter)
    parameters = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        select=SELECT.split(","), top=999
    )
    start = time.perf_counter()
    page = await graph.users.get(RequestConfiguration(query_parameters=parameters))
    got = len(page.value)
    while page.odata_next_link and got < count:
        page = await graph.users.with_url(page.odata_next_link).get()
        got += len(page.value)
    print(got / (time.perf_counter() - start))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
