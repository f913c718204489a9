"""A link from an answer leads to the service it came from, or nowhere."""

import pytest

from o365desk.domain.access import Service
from o365desk.domain.errors import UnexpectedReply
from o365desk.wire.addresses import PUBLIC_CLOUD, address
from o365desk.wire.messages import ApiRequest

LOOPBACK = {
    Service.GRAPH: "http://127.0.0.1:8080/v1.0/",
    Service.PARTNER_CENTER: "http://127.0.0.1:8080/v1",
}


def graph(path: str, *query: tuple[str, str]) -> ApiRequest:
    return ApiRequest(Service.GRAPH, "GET", path, "listUsers", query)


def test_relative_paths_follow_the_base() -> None:
    assert address(graph("/users"), PUBLIC_CLOUD) == "https://graph.microsoft.com/v1.0/users"
    assert address(graph("/users"), LOOPBACK) == "http://127.0.0.1:8080/v1.0/users"
    assert (
        address(graph("/users", ("$select", "id,mail"), ("$filter", "a eq 'b&c'")), PUBLIC_CLOUD)
        == "https://graph.microsoft.com/v1.0/users?$select=id,mail&$filter=a%20eq%20%27b%26c%27"
    )
    seek = ApiRequest(Service.PARTNER_CENTER, "GET", "/customers?size=4", "x", (("a", "b"),))
    assert address(seek, PUBLIC_CLOUD).endswith("/v1/customers?size=4&a=b")


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.microsoft.com/v1.0/users?$skiptoken=RFNw%2Ba%3D%3D&$top=999",
        "https://GRAPH.microsoft.com:443/v1.0/users?$skiptoken=RFNw%2Ba%3D%3D&$top=999",
    ],
)
def test_a_link_to_the_same_host_is_kept_to_the_letter(link: str) -> None:
    assert (
        address(graph(link), PUBLIC_CLOUD)
        == "https://graph.microsoft.com/v1.0/users?$skiptoken=RFNw%2Ba%3D%3D&$top=999"
    )


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.microsoft.com.evil.example/v1.0/users",
        "https://evil.example/v1.0/users",
        "http://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:8443/v1.0/users",
        "https://graph.microsoft.com@evil.example/v1.0/users",
        "https://evil.example\\@graph.microsoft.com/v1.0/users",
        "https://user:pw@graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:port/v1.0/users",
        "https://[graph.microsoft.com/v1.0",
        "https://graph.microsoft.com",
        "https:/users",
        "users",
        "",
        "file:///etc/passwd",
        "https://graph.microsoft.com/v1.0/users\r\nHost: evil.example",
        "/users\x00",
        "/" + "a" * 40_000,
    ],
)
def test_any_other_link_is_refused(link: str) -> None:
    with pytest.raises(UnexpectedReply) as caught:
        address(graph(link), PUBLIC_CLOUD)
    assert caught.value.next_step
    assert "evil" not in str(caught.value)


def test_two_slashes_do_not_name_a_host() -> None:
    assert address(graph("//evil.example/x"), PUBLIC_CLOUD).startswith(
        "https://graph.microsoft.com/v1.0/"
    )
