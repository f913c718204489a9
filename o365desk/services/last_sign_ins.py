"""SignInReader over Graph, for a direct customer and for those that GDAP leads to."""

from collections.abc import AsyncIterator, Sequence

from o365desk.domain.directory import TenantId
from o365desk.domain.errors import Conflict, Refusal
from o365desk.domain.ports import SignInReader
from o365desk.services.adapters import closing
from o365desk.services.api_client import ApiClient
from o365desk.services.reseller import GraphRoutes
from o365desk.services.scheduler import background
from o365desk.wire import graph_sign_ins
from o365desk.wire.graph_sign_ins import LastSignIn


class GraphSignIns:
    """One call for 500 users, of which Microsoft allows ten a minute."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    async def sign_ins(self, tenant: TenantId) -> AsyncIterator[Sequence[LastSignIn]]:
        request, parse = graph_sign_ins.sign_ins(), graph_sign_ins.parse_sign_ins
        async with closing(self._client.pages(request, parse, tenant)) as pages:
            while True:
                # Not around the loop: what the reader of a page calls is not in the background.
                with background():
                    page = await anext(pages, None)
                if page is None:
                    return
                yield page


class ResellerSignIns:
    """Graph's where it serves the customer: Partner Center tells nothing of sign-ins."""

    def __init__(self, routes: GraphRoutes, graph: SignInReader) -> None:
        self._routes = routes
        self._graph = graph

    async def sign_ins(self, tenant: TenantId) -> AsyncIterator[Sequence[LastSignIn]]:
        if not await self._routes.find(tenant):
            raise Conflict(
                "Partner Center does not tell when users signed in last.",
                next_step="A GDAP relationship with the customer lets Microsoft Graph tell it.",
                refusal=Refusal.UNSUPPORTED,
            )
        async with closing(self._graph.sign_ins(tenant)) as pages:
            async for page in pages:
                yield page
