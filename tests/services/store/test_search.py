"""What the search over all tenants finds, and in which order."""

from dataclasses import replace
from typing import Any

import pytest

from o365desk.domain.directory import Tenant, TenantId, UserState
from o365desk.domain.licensing import SkuId
from o365desk.domain.snapshots import (
    MOST_OTHERS_FOUND,
    MOST_USERS_FOUND,
    HitKind,
    SearchHit,
)
from o365desk.services.store import search
from o365desk.services.store.history import SnapshotHistory
from tests.services.store.states import (
    CONTOSO,
    E3,
    FABRIKAM,
    RICH,
    day,
    in_memory,
    sku,
    state,
    subscription,
    user,
)


async def found(history: SnapshotHistory, text: str) -> list[SearchHit]:
    return [hit async for hits in history.search(text) for hit in hits]


async def titles(history: SnapshotHistory, text: str) -> list[tuple[str, str]]:
    return [(hit.kind.value, hit.title) for hit in await found(history, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("contoso ltd", [("customer", "Contoso Ltd")], id="a tenant's name"),
        pytest.param(CONTOSO.id.upper(), [("customer", "Contoso Ltd")], id="a tenant's id"),
        pytest.param("zoe", [("user", "Zoë Ångström")], id="without accents"),
        pytest.param("ångström zoë", [("user", "Zoë Ångström")], id="words in any order"),
        pytest.param("zoë@mail.example", [("user", "Zoë Ångström")], id="a mail address"),
        pytest.param("ΝΊΚΟΣ", [("user", "Νίκος")], id="Greek capitals"),
        pytest.param("花", [("deleted user", "花子")], id="a deleted user"),
        pytest.param("nobody fabrikam", [], id="words of two tenants"),
        pytest.param("nobody ltd", [("user", "Nobody")], id="a user of a tenant"),
        pytest.param("office 365 e5", [("product", "Office 365 E5")], id="a product's name"),
        pytest.param(E3, [("product", "Office 365 E3")], id="a SKU id"),
        pytest.param("id of azure", [("subscription", "Azure")], id="a subscription id"),
        pytest.param("e5 ltd", [("product", "Office 365 E5")], id="a product of a tenant"),
        pytest.param(" ", [], id="nothing"),
        pytest.param("100%_", [], id="signs that some searches take for others"),
    ],
)
async def test_everything_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    history = await in_memory()
    ltd = replace(CONTOSO, name="Contoso Ltd", domain="contoso.example")
    mail = RICH.users[0]._replace(mail="Zoë@mail.example")
    await history.record(replace(RICH, tenant=ltd, users=(mail, *RICH.users[1:])))
    await history.record(state(day(0), tenant=FABRIKAM))
    assert await titles(history, text) == expected
    await history.aclose()


async def test_a_hit_leads_to_what_was_found() -> None:
    history = await in_memory()
    await history.record(RICH)
    assert await found(history, "zoë ångström") == [
        SearchHit(
            kind=HitKind.USER,
            tenant=CONTOSO,
            at=day(0),
            title="Zoë Ångström",
            detail="zoë@contoso.com",
            user_id=RICH.users[0].id,
        )
    ]
    assert [hit.sku_id for hit in await found(history, "office 365 e3")] == [E3, E3]
    await history.aclose()


async def test_only_the_newest_snapshots_are_searched() -> None:
    history = await in_memory()
    before: dict[str, Any] = {"skus": (sku(),), "subscriptions": (subscription("Visio"),)}
    await history.record(state(day(0), user("Anna Bell"), user("Carl"), **before))
    await history.record(state(day(1), user("Anna Bell"), subscriptions=None))
    assert await titles(history, "anna") == [("user", "Anna Bell")]
    for gone in ("carl", "office", "visio"):
        assert await titles(history, gone) == []
    assert [hit.at for hit in await found(history, "anna")] == [day(1)]
    await history.aclose()


async def test_an_earlier_name_is_found_and_told() -> None:
    history = await in_memory()
    anna = user("Anna Bell")
    married = anna._replace(
        display_name="Anna Čermák", username="anna.cermak@contoso.com", last_name="Čermák"
    )
    await history.record(state(day(0), anna))
    await history.record(state(day(1), married))
    await history.record(state(day(2), married._replace(location="FR")))
    by_name, by_username = await found(history, "bell"), await found(history, "anna@contoso")
    assert [(hit.title, hit.former) for hit in by_name] == [("Anna Čermák", "Anna Bell")]
    assert [hit.former for hit in by_username] == ["anna@contoso.com"]
    assert [hit.former for hit in await found(history, "anna cermak")] == [""]
    assert [hit.former for hit in await found(history, "čermák bell")] == ["Anna Bell"]
    await history.record(state(day(3), anna))
    assert [hit.former for hit in await found(history, "bell")] == [""]
    assert [hit.former for hit in await found(history, "cermak")] == ["Anna Čermák"]
    await history.aclose()


async def test_the_best_come_first() -> None:
    history = await in_memory()
    names = ["Joanna Ray", "Anna Bell", "Marianna", "Anna", "Susanna"]
    users = [user(name, username=f"u{n}@x.example") for n, name in enumerate(names)]
    await history.record(state(day(0), *users))
    annabell = Tenant(TenantId("t3"), "Annabell Gardens", "gardens.example")
    await history.record(state(day(0), tenant=annabell))
    assert [title for _, title in await titles(history, "anna")] == [
        "Annabell Gardens",
        "Anna",
        "Anna Bell",
        "Joanna Ray",
        "Marianna",
        "Susanna",
    ]
    await history.aclose()


async def test_a_search_ends_and_is_told_in_pieces() -> None:
    history = await in_memory()
    users = [user(f"User {number}") for number in range(MOST_USERS_FOUND + 50)]
    skus = [sku(SkuId(f"sku {n}"), f"Userland {n}") for n in range(MOST_OTHERS_FOUND + 5)]
    await history.record(state(day(0), *users, skus=tuple(skus)))
    batches = [hits async for hits in history.search("user")]
    kinds = [hit.kind for hits in batches for hit in hits]
    assert kinds.count(HitKind.USER) == MOST_USERS_FOUND
    assert kinds.count(HitKind.PRODUCT) == MOST_OTHERS_FOUND
    assert max(map(len, batches)) <= 25
    await history.aclose()


async def test_a_search_goes_through_all_users_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_STEP", 3)
    history = await in_memory()
    people = [user(f"User {number}") for number in range(10)]
    people[4] = people[4]._replace(state=UserState.DELETED)
    await history.record(state(day(0), *people))
    hits = await found(history, "ser")
    assert sorted(hit.title for hit in hits) == [one.display_name for one in people]
    assert [hit.title for hit in await found(history, "user 9")] == ["User 9"]
    await history.aclose()
