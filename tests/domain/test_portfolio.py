"""What is found among all customers, what is hidden of it, and of how many it speaks."""

import json
import time as clock
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.directory import Tenant, TenantId, days_left
from o365desk.domain.licensing import Sku, SkuId, Subscription, SubscriptionState
from o365desk.domain.portfolio import (
    Coverage,
    Finding,
    FindingKind,
    Hidden,
    Limits,
    Severity,
    covering,
    findings,
    hides,
    restored,
    saved,
    shown_again,
    soon,
)
from o365desk.domain.snapshots import TenantFacts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CONTOSO = Tenant(TenantId("contoso"), "Contoso Ltd", "contoso.onmicrosoft.com")
E5 = Sku(SkuId("e5"), "SPE_E5", "Microsoft 365 E5", active=120, assigned=118, available=2)
TERM = Subscription(
    "sub", E5.id, "Microsoft 365 E5 (NCE)", SubscriptionState.ACTIVE, 120, auto_renew=False
)


def facts(
    *skus: Sku, subscriptions: tuple[Subscription, ...] | None = (), **more: object
) -> TenantFacts:
    made = TenantFacts(CONTOSO, NOW - timedelta(hours=2), 10, skus, subscriptions, 0, ())
    return replace(made, **more)  # type: ignore[arg-type]


def found(given_facts: TenantFacts, limits: Limits | None = None) -> list[Finding]:
    return list(findings(given_facts, NOW, limits or Limits()))


def kinds(given_facts: TenantFacts, limits: Limits | None = None) -> list[tuple[FindingKind, int]]:
    return [(one.kind, one.number) for one in found(given_facts, limits)]


@pytest.mark.parametrize(
    ("counters", "expected"),
    [
        pytest.param({}, [], id="a-few-seats-free"),
        pytest.param({"available": -3, "assigned": 123}, [(FindingKind.OVER, 3)], id="over"),
        pytest.param({"available": 0, "assigned": 120}, [(FindingKind.NONE_LEFT, 120)], id="none"),
        pytest.param(
            {"available": 0, "assigned": 3, "active": 0, "warning": 3},
            [(FindingKind.NONE_LEFT, 3)],
            id="none-in-grace",
        ),
        pytest.param(
            {"available": 0, "assigned": 0, "active": 0}, [], id="a-product-that-has-gone"
        ),
        pytest.param(
            {"available": 0, "assigned": 0, "active": 0, "suspended": 25},
            [(FindingKind.SUSPENDED, 25)],
            id="suspended-is-not-sold-out",
        ),
        pytest.param({"available": 12}, [(FindingKind.UNUSED, 12)], id="unused"),
        pytest.param({"available": 11}, [], id="under-the-share"),
        pytest.param({"active": 10, "available": 4}, [], id="under-the-number"),
        pytest.param({"active": 1_000_000, "available": 999_988}, [], id="costs-nothing"),
        pytest.param({"available": -1, "assignable": False}, [], id="whole-organisation"),
    ],
)
def test_seats(counters: dict[str, int], expected: list[tuple[FindingKind, int]]) -> None:
    assert kinds(facts(replace(E5, **counters))) == expected  # type: ignore[arg-type]


def test_the_limits_of_unused_seats_can_be_set() -> None:
    few = facts(replace(E5, available=3))
    assert kinds(few, Limits(unused_seats=3, unused_share=0.02)) == [(FindingKind.UNUSED, 3)]
    none = replace(E5, active=5, assigned=5, available=0)
    assert kinds(facts(none), Limits(unused_seats=0, unused_share=0)) == [
        (FindingKind.NONE_LEFT, 5)
    ]


def test_a_suspended_subscription_is_found_where_the_counter_is_silent_and_told_once() -> None:
    held = replace(TERM, state=SubscriptionState.SUSPENDED, quantity=7)
    (by_subscription,) = found(facts(E5, subscriptions=(held,)))
    assert (by_subscription.kind, by_subscription.number) == (FindingKind.SUSPENDED, 7)
    assert (by_subscription.sku_id, by_subscription.product) == (E5.id, E5.name)
    both = facts(replace(E5, suspended=25), subscriptions=(held,))
    assert kinds(both) == [(FindingKind.SUSPENDED, 25)]
    untied = replace(held, sku_id=None)
    assert [one.product for one in found(facts(subscriptions=(untied,)))] == [TERM.name]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"term_end": NOW + 30 * DAY}, "Auto-renew is off.", id="last-day"),
        pytest.param({"term_end": NOW + 31 * DAY}, None, id="later"),
        pytest.param({"term_end": None}, None, id="no-end-known"),
        pytest.param({"term_end": NOW + DAY, "auto_renew": True}, None, id="renews"),
        pytest.param(
            {"term_end": NOW + DAY, "auto_renew": None},
            "Whether it renews by itself is not told.",
            id="nobody-knows",
        ),
        pytest.param(
            {"term_end": NOW + DAY, "trial": True}, "Trial. Auto-renew is off.", id="trial"
        ),
        pytest.param(
            {"term_end": NOW - timedelta(hours=1)},
            "Has ended since it was read, unless it was renewed.",
            id="ended-since",
        ),
        pytest.param({"term_end": NOW - DAY}, None, id="goes-on-after-its-end"),
        pytest.param(
            {"state": SubscriptionState.WARNING, "auto_renew": True},
            "Has expired and is in its grace period: renew it before that ends.",
            id="grace",
        ),
        pytest.param(
            {"state": SubscriptionState.DELETED, "term_end": NOW + DAY}, None, id="deleted"
        ),
        pytest.param({"licensable": False, "term_end": NOW + DAY}, None, id="usage"),
    ],
)
def test_expiring(changes: dict[str, object], says: str | None) -> None:
    held = replace(TERM, **changes)  # type: ignore[arg-type]
    told = [
        one for one in found(facts(E5, subscriptions=(held,))) if one.kind is FindingKind.EXPIRING
    ]
    assert [one.sentence for one in told] == ([] if says is None else [says])
    assert all((one.number, one.until) == (120, held.term_end) for one in told)


def test_unknown_subscriptions_are_no_finding() -> None:
    assert found(facts(E5, subscriptions=None)) == []


def test_users_who_are_blocked_and_users_who_are_soon_gone() -> None:
    deletions = (NOW - 25 * DAY, NOW - 29 * DAY, NOW - 24 * DAY, NOW - 31 * DAY)
    told = found(facts(blocked_holders=4, deletions=deletions))
    assert [(one.kind, one.number) for one in told] == [
        (FindingKind.PURGE, 2),
        (FindingKind.BLOCKED, 4),
    ]
    assert told[0].until == NOW + DAY
    assert told[0].severity is Severity.HIGH


def test_the_most_pressing_comes_first() -> None:
    visio = Sku(SkuId("visio"), "", "Visio", active=50, available=50)
    told = found(facts(visio, replace(E5, available=0), replace(E5, id=SkuId("a"), available=-1)))
    assert [one.kind for one in told] == [
        FindingKind.OVER,
        FindingKind.NONE_LEFT,
        FindingKind.UNUSED,
    ]


ages = st.timedeltas(timedelta(0), 40 * DAY) | st.integers(0, 31).map(lambda days: days * DAY)


@given(st.lists(st.none() | ages.map(lambda age: NOW - age)), st.integers(1, 29))
def test_soon_counts_by_the_days_that_are_left(deletions: list[datetime | None], days: int) -> None:
    left = [days_left(at, NOW) for at in deletions]
    assert soon(deletions, NOW, days) == sum(1 for n in left if n is not None and 0 < n <= days)


def test_hidden_by_product_kind_and_both() -> None:
    (over,) = found(facts(replace(E5, available=-1)))
    for hidden in (
        Hidden(CONTOSO.id, E5.id, FindingKind.OVER),
        Hidden(CONTOSO.id, E5.id),
        Hidden(CONTOSO.id, None, FindingKind.OVER),
        Hidden(CONTOSO.id),
    ):
        assert hides({hidden}, over)
        assert shown_again({hidden}, over) == frozenset()
    for other in (
        Hidden(TenantId("fabrikam")),
        Hidden(CONTOSO.id, SkuId("visio")),
        Hidden(CONTOSO.id, E5.id, FindingKind.UNUSED),
    ):
        assert not hides({other}, over)
        assert shown_again({other}, over) == {other}


def test_hidden_survives_a_settings_file() -> None:
    hidden = {
        Hidden(CONTOSO.id),
        Hidden(CONTOSO.id, E5.id),
        Hidden(CONTOSO.id, None, FindingKind.BLOCKED),
    }
    assert restored(json.loads(json.dumps(saved(hidden)))) == hidden


@pytest.mark.parametrize(
    "values",
    [None, "text", {}, [None], [["contoso"]], [["", "e5", ""]], [["contoso", "e5", "nonsense"]]],
    ids=["none", "text", "object", "null", "short", "no-tenant", "unknown-kind"],
)
def test_what_does_not_fit_is_left_out(values: object) -> None:
    assert restored(values) == frozenset()


def coverage(
    listed: list[TenantId] | None,
    read: dict[TenantId, datetime],
    now: datetime,
    zone: tzinfo | None,
) -> Coverage:
    told: list[Coverage] = []

    def walk() -> Iterator[None]:
        told.append((yield from covering(listed, read.items(), now, zone)))

    assert len(list(walk())) == len(listed or ()) + len(read), "one a step"
    return told[0]


def test_coverage_counts_who_is_missing_old_or_gone() -> None:
    a, b, c, gone = (TenantId(key) for key in ("a", "b", "c", "gone"))
    read = {a: NOW, b: NOW - 12 * DAY, gone: NOW - 40 * DAY}
    assert coverage([a, b, c], read, NOW, UTC) == Coverage(3, 2, 1, 1, 1, NOW - 12 * DAY)
    assert coverage(None, read, NOW, UTC) == Coverage(None, 3, 0, 0, 2, NOW - 40 * DAY)
    assert coverage([], {}, NOW, UTC) == Coverage(0, 0, 0, 0, 0, None)


def test_today_begins_where_the_operator_is() -> None:
    tenant = TenantId("a")
    tokyo = timezone(timedelta(hours=9))
    read = {tenant: datetime(2026, 11, 22, 2, tzinfo=UTC)}
    assert coverage([tenant], read, NOW, tokyo).earlier == 0
    read = {tenant: datetime(2026, 11, 21, 14, 59, tzinfo=UTC)}
    assert coverage([tenant], read, NOW, tokyo).earlier == 1
    assert coverage([tenant], {tenant: NOW - timedelta(hours=11)}, NOW, UTC).earlier == 0


@pytest.mark.skipif(not hasattr(clock, "tzset"), reason="Windows has one zone for all programs")
def test_today_begins_at_midnight_though_the_clocks_were_put_forward_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        clock.tzset()
        now = datetime(2026, 3, 29, 10, tzinfo=UTC)  # midnight was at 23:00 UTC
        read = {TenantId("a"): datetime(2026, 3, 28, 22, 30, tzinfo=UTC)}
        yesterday = coverage([*read], read, now, None).earlier
    clock.tzset()
    assert yesterday == 1
