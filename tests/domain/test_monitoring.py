"""Which products are listed, and how their figures are judged."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.licensing import Sku, SkuId, Subscription, SubscriptionState
from o365desk.domain.monitoring import (
    Availability,
    availability,
    merged,
    monitored,
    subscriptions_of,
)

E5 = Sku(SkuId("e5"), "SPE_E5", "Microsoft 365 E5", active=120, assigned=118, available=2)
AZURE = Sku(SkuId("azure"), "AZURE", "Azure plan")


def subscription(
    key: str,
    sku: str | None = "e5",
    state: SubscriptionState = SubscriptionState.ACTIVE,
    *,
    licensable: bool = True,
    term_end: datetime | None = None,
) -> Subscription:
    return Subscription(
        id=key,
        sku_id=SkuId(sku) if sku else None,
        name="Microsoft 365 E5",
        state=state,
        quantity=60,
        licensable=licensable,
        term_end=term_end,
    )


@pytest.mark.parametrize(
    ("active", "warning", "assigned", "available", "expected"),
    [
        (10, 0, 12, -2, Availability.OVER),
        (0, 0, 14, -14, Availability.OVER),
        (10, 0, 10, 0, Availability.NONE),
        (0, 0, 0, 0, Availability.NONE),
        (10, 0, 9, 1, Availability.LOW),
        (10, 0, 8, 2, Availability.LOW),
        (10, 0, 7, 3, Availability.OK),
        (100, 0, 96, 4, Availability.LOW),
        (100, 0, 95, 5, Availability.OK),
        (80, 20, 96, 4, Availability.LOW),
        (2, 0, 0, 2, Availability.OK),
        (1_000_000, 0, 12, 999_988, Availability.OK),
    ],
)
def test_availability(
    active: int, warning: int, assigned: int, available: int, expected: Availability
) -> None:
    sku = replace(E5, active=active, warning=warning, assigned=assigned, available=available)
    assert availability(sku) is expected


@given(st.integers(), st.integers(0), st.integers(0), st.integers(0))
def test_the_sign_of_the_figure_decides(free: int, active: int, used: int, grace: int) -> None:
    sku = replace(E5, available=free, active=active, assigned=used, warning=grace)
    standing = availability(sku)
    assert (standing is Availability.OVER) == (free < 0)
    assert (standing is Availability.NONE) == (free == 0)


def test_usage_billed_and_marketplace_products_are_left_out() -> None:
    listed = monitored([E5, AZURE], [subscription("1", "azure", licensable=False)])
    assert listed == (E5,)


def test_one_licensable_subscription_is_enough() -> None:
    both = [subscription("1", "azure", licensable=False), subscription("2", "azure")]
    assert monitored([AZURE], both) == (AZURE,)
    assert monitored([AZURE], reversed(both)) == (AZURE,)


def test_products_without_a_known_subscription_stay() -> None:
    assert monitored([E5], [subscription("1", None, licensable=False)]) == (E5,)


def test_products_for_the_whole_organization_are_left_out() -> None:
    assert monitored([E5, replace(AZURE, assignable=False)], []) == (E5,)


def test_one_entry_per_product_parts_added_up() -> None:
    other = replace(E5, active=5, assigned=1, available=4, suspended=3, warning=2)
    (whole,) = merged([E5, E5, other])
    assert (whole.active, whole.assigned, whole.available) == (125, 119, 6)
    assert (whole.suspended, whole.warning) == (3, 2)
    assert whole.name == E5.name


def test_subscriptions_of_a_product_living_ones_first_each_once() -> None:
    day = datetime(2027, 3, 1, tzinfo=UTC)
    found = [
        subscription("gone", state=SubscriptionState.DELETED),
        subscription("late", term_end=day.replace(year=2028)),
        subscription("soon", term_end=day),
        subscription("soon", term_end=day),
        subscription("held", state=SubscriptionState.SUSPENDED),
        subscription("other", "visio"),
        subscription("untied", None),
    ]
    shown = subscriptions_of(replace(E5, subscription_ids=("untied",)), found)
    assert [one.id for one in shown] == ["soon", "late", "untied", "held", "gone"]


def test_bare_ids_are_shown_only_where_nothing_else_is_known() -> None:
    sku = replace(E5, subscription_ids=("a", "b", "a"))
    bare = subscriptions_of(sku, [subscription("other", "visio")])
    assert [(one.id, one.state) for one in bare] == [
        ("a", SubscriptionState.UNKNOWN),
        ("b", SubscriptionState.UNKNOWN),
    ]
    assert [one.id for one in subscriptions_of(sku, [subscription("1")])] == ["1"]
    assert subscriptions_of(E5, []) == ()
