"""The ready worlds: deterministic, and every trouble where the recipe says it is."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from o365desk.simulator import Simulator, build_world, catalog, licensing
from o365desk.simulator.state import SubscriptionKind, Tenant
from tests.simulator.desk import START, Desk, sku

TABLE = Path(__file__).parents[1] / "samples" / "product-names.csv"


def everyone(tenant: Tenant) -> Iterator[tuple[object, ...]]:
    for pool in (tenant.users, tenant.deleted):
        for user in pool.values():
            held = tuple((key, value.disabled) for key, value in user.direct.items())
            yield user.user_id, user.upn, user.display_name, held, user.deleted_at, user.roles


def fingerprint(seed: int) -> list[object]:
    simulator = Simulator(build_world("demo", seed=seed, start=START))
    result: list[object] = []
    for tenant_id in simulator.directory.tenants:
        tenant = simulator.directory.tenant(tenant_id)
        ids = [(item.subscription_id, item.commerce_id) for item in tenant.subscriptions]
        result += [tenant_id, ids, list(everyone(tenant))]
    return result


def test_equal_seeds_give_equal_worlds_and_others_do_not() -> None:
    assert fingerprint(1) == fingerprint(1)
    assert fingerprint(1) != fingerprint(2)


def test_catalog_agrees_with_the_product_name_table() -> None:
    plans: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    plan_names: dict[str, set[str]] = {}
    with TABLE.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            clean = {key: value.replace("\u00a0", " ").strip() for key, value in row.items()}
            guid = clean["GUID"].lower()
            plan = clean["Service_Plan_Id"].lower()
            plans.setdefault(guid, set()).add(plan)
            names.setdefault(guid, set()).add(clean["Product_Display_Name"])
            plan_names.setdefault(plan, set()).add(clean["Service_Plan_Name"])
    assert len(catalog.products()) >= 40
    for product in catalog.products().values():
        assert product.name in names[product.sku_id]
        assert product.plan_ids == plans[product.sku_id]
        for plan_item in product.plans:
            assert plan_item.name in plan_names[plan_item.plan_id]
    for plan_id, needed in catalog.NEEDS.items():
        assert plan_id in plan_names
        assert set(needed) <= plan_names.keys()


def test_people_have_ascii_user_names_and_names_in_many_scripts() -> None:
    desk = Desk()
    scripts = set()
    for purpose in desk.world.purposes:
        for user in desk.tenant(purpose).users.values():
            assert user.upn.isascii()
            scripts |= {ord(letter) >> 8 for letter in user.display_name}
    # Latin, Latin Extended, Greek, Cyrillic, Hebrew, Arabic, Devanagari, Thai, CJK, Hangul
    assert {0x00, 0x01, 0x03, 0x04, 0x05, 0x06, 0x09, 0x0E} <= scripts
    assert any(0x4E <= block <= 0x9F for block in scripts)
    assert any(0xAC <= block <= 0xD7 for block in scripts)


def test_counters_start_in_step_and_plans_agree() -> None:
    desk = Desk()
    for tenant_id in desk.simulator.directory.tenants:
        tenant = desk.simulator.directory.tenant(tenant_id)
        assert tenant.consumed == tenant.recount(), tenant.name
        for user in tenant.users.values():
            held = [
                (key, license_.disabled)
                for key, _g, license_, error in tenant.held(user)
                if not error
            ]
            enabled = licensing.enabled_plans(held)
            assert catalog.exclusion_violation(enabled) is None, (tenant.name, user.upn)
            assert catalog.dependency_violation(enabled) is None, (tenant.name, user.upn)


def test_no_seats() -> None:
    assert Desk().counts("no_seats", "SPB")["available"] == 0


def test_suspended_product_keeps_what_is_consumed() -> None:
    figures = Desk().counts("suspended", "CRMSTANDARD")
    assert (figures["enabled"], figures["suspended"], figures["consumed"]) == (0, 25, 14)


def test_warning_units_are_available() -> None:
    figures = Desk().counts("suspended", "EXCHANGESTANDARD")
    assert (figures["enabled"], figures["warning"], figures["available"]) == (0, 4, 2)


def test_two_subscriptions_of_one_sku_are_summed() -> None:
    desk = Desk()
    figures = desk.counts("two_subscriptions", "SPB")
    assert figures["enabled"] == 26
    visio = desk.counts("two_subscriptions", "VISIOCLIENT")
    assert (visio["enabled"], visio["suspended"]) == (4, 3)


def test_deleted_users_of_every_age() -> None:
    desk = Desk()
    tenant = desk.tenant("deleted")
    ages = {
        note: START - user.deleted_at
        for note in tenant.notable
        if (user := tenant.deleted.get(tenant.notable[note])) is not None and user.deleted_at
    }
    assert ages["deleted_29_days"] == timedelta(days=29)
    assert ages["deleted_29_days_23_hours"] == timedelta(days=29, hours=23)
    assert "deleted_31_days" not in ages


def test_over_allocated_is_negative() -> None:
    assert Desk().counts("over_allocated", "O365_BUSINESS_PREMIUM")["available"] < 0


def test_group_licences_direct_and_inherited_take_one_seat() -> None:
    desk = Desk()
    tenant = desk.tenant("group_licensed")
    user = desk.user("group_licensed", "direct_and_group")
    sources = [group for key, group, _l, _e in tenant.held(user) if key == sku("POWER_BI_PRO")]
    assert sorted(map(bool, sources)) == [False, True]
    assert tenant.consumed == tenant.recount()


def test_other_troubles() -> None:
    desk = Desk()
    assert len(desk.tenant("large").users) == 2497
    assert len(desk.tenant("tiny").users) == 3
    assert desk.tenant("partner_center_only").gdap is None
    assert desk.user("synced", "synced").synced
    orphan = desk.user("mixed", "orphaned_sku")
    assert not orphan.direct.keys() & licensing.owned(desk.tenant("mixed")).keys()
    assert desk.user("mixed", "no_location").usage_location is None
    assert not desk.user("mixed", "blocked").enabled
    assert desk.user("mixed", "guest").user_type == "Guest"
    kinds = {item.kind for item in desk.tenant("direct").subscriptions}
    assert kinds == set(SubscriptionKind)


def test_scale_world() -> None:
    desk = Desk("scale", tenants=5000, users=2000)
    assert len(desk.simulator.directory.customers) == 5000
    names = {tenant.default_domain for tenant in desk.simulator.directory.customers.values()}
    assert len(names) == 5000
    large = desk.tenant("large")
    assert len(large.users) == 2000
    assert all(len(user.direct) == 2 for user in large.users.values())


def test_world_limits_and_names() -> None:
    with pytest.raises(ValueError, match="5,000"):
        build_world("scale", tenants=5001)
    with pytest.raises(ValueError, match="no world"):
        build_world("other")
