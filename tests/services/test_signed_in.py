"""What stands behind every "signed in" of the contract suites."""

from o365desk.domain.connections import Mode
from o365desk.simulator.state import Audience
from tests.services.practice import practice
from tests.services.signed_in import SignedIn


async def test_one_sign_in_serves_every_customer(signed_in: SignedIn) -> None:
    """Tokens of MSAL, each for one service and one customer, and one walk through the pages."""
    desk = practice("reseller", signed_in)
    for purpose in ("well_stocked", "no_seats", "partner_center_only"):
        assert await desk.everyone(purpose)
    home = desk.simulator.world.partner.tenant_id
    assert signed_in.walks[Mode.RESELLER, home] == 1
    known = desk.simulator.directory.access_tokens.values()
    graph = {one.tenant_id for one in known if one.audience is Audience.GRAPH}
    partner = {one.tenant_id for one in known if one.audience is Audience.PARTNER_CENTER}
    assert {desk.tenant("well_stocked"), desk.tenant("no_seats")} <= graph
    assert desk.tenant("partner_center_only") not in graph
    assert partner == {home}
