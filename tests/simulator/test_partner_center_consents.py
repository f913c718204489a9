"""Consents through Partner Center: who may grant them, what is granted, what is refused."""

from typing import Any

import pytest

from o365desk.simulator import roles
from o365desk.simulator.identity_accounts import CLIENT_ID, CLIENTS, SINGLE_TENANT_ID
from o365desk.simulator.scopes import GRAPH, PARTNER_CENTER
from o365desk.simulator.state import AccessToken, AgentGroup, Audience
from tests.simulator.desk import Desk, partner_error, partner_json

APPLICATION = CLIENTS[CLIENT_ID]
ASKED = {
    "applicationId": CLIENT_ID,
    "applicationGrants": [
        {"enterpriseApplicationId": GRAPH.app_id, "scope": "User.Read.All,Domain.Read.All"}
    ],
}


def path(desk: Desk, purpose: str = "mixed") -> str:
    return f"/customers/{desk.world.customer(purpose)}/applicationconsents"


def granted(desk: Desk) -> frozenset[str]:
    return desk.simulator.identity.granted(desk.tenant("mixed"), APPLICATION, GRAPH)


def test_a_consent_is_made_once_and_leaves_as_a_whole() -> None:
    desk = Desk()
    assert granted(desk) == frozenset()
    made = desk.partner("POST", path(desk), body=ASKED)
    assert made.status_code == 201
    assert partner_json(made)["applicationId"] == CLIENT_ID
    assert granted(desk) == {"User.Read.All", "Domain.Read.All"}
    assert partner_error(desk.partner("POST", path(desk), body=ASKED))[0] == 409
    gone = desk.partner("DELETE", f"{path(desk)}/{CLIENT_ID}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert granted(desk) == frozenset()
    assert desk.partner("DELETE", f"{path(desk)}/{CLIENT_ID}").status_code == 404


def test_names_are_read_in_any_case_and_with_blanks() -> None:
    """As clients in the field write them."""
    desk = Desk()
    body = {
        "ApplicationId": CLIENT_ID,
        "ApplicationGrants": [
            {"EnterpriseApplicationId": GRAPH.app_id, "Scope": "User.Read.All, Domain.Read.All"},
            {"EnterpriseApplicationId": PARTNER_CENTER.app_id, "Scope": "user_impersonation"},
        ],
    }
    assert desk.partner("POST", path(desk), body=body).status_code == 201
    assert granted(desk) == {"User.Read.All", "Domain.Read.All"}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"applicationId": "no application"}, id="no such application"),
        pytest.param({"applicationId": SINGLE_TENANT_ID}, id="application of one tenant"),
        pytest.param({"applicationGrants": []}, id="nothing asked for"),
        pytest.param({"applicationGrants": ["User.Read.All"]}, id="not a grant"),
        pytest.param(
            {"applicationGrants": [{"enterpriseApplicationId": CLIENT_ID, "scope": "User.Read"}]},
            id="no such service",
        ),
        pytest.param(
            {"applicationGrants": [{"enterpriseApplicationId": GRAPH.app_id, "scope": "All"}]},
            id="no such permission",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    desk = Desk()
    answer = desk.partner("POST", path(desk), body=ASKED | change)
    assert partner_error(answer)[:2] == (400, 800002)
    assert granted(desk) == frozenset()


def test_a_relation_has_to_give_a_role_that_may_consent() -> None:
    desk = Desk()
    answer = desk.partner("POST", path(desk, "well_stocked"), body=ASKED)
    assert partner_error(answer)[:2] == (403, 900150)
    relation = desk.tenant("mixed").gdap
    assert relation is not None
    assert roles.CLOUD_APPLICATION in relation.roles
    relation.status = "expired"
    assert partner_error(desk.partner("POST", path(desk), body=ASKED))[:2] == (403, 2032)


def test_a_helpdesk_agent_may_not() -> None:
    desk = Desk()
    tenant, home = desk.tenant("mixed"), desk.world.partner
    assert tenant.gdap is not None
    tenant.gdap.helpers = tenant.gdap.roles
    directory = desk.simulator.directory
    directory.agents["agent"] = frozenset({AgentGroup.HELPDESK})
    directory.access_tokens["token"] = AccessToken(
        home.tenant_id,
        "agent",
        home.tenant_id,
        Audience.PARTNER_CENTER,
        frozenset({"user_impersonation"}),
        has_mfa=True,
        is_cae=False,
        serial=1,
        expires=directory.now().replace(year=2030),
    )
    answer = desk.partner("POST", path(desk), body=ASKED, token="token")
    assert partner_error(answer)[:2] == (403, 2032)
    directory.agents["agent"] = frozenset({AgentGroup.ADMIN})
    assert desk.partner("POST", path(desk), body=ASKED, token="token").status_code == 201
