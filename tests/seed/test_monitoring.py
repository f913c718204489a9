"""S42 to S51: the section "Licenses"."""

import pytest
from PySide6.QtCore import QLocale

from tests.app.harness import Running, desk
from tests.seed.sight import (
    Others,
    colours,
    monitored,
    monitors,
    pane_table,
    product,
    refresh,
    rows,
    sku,
    titles,
    words,
)

COLUMNS = [
    "Product Name",
    "Active Licenses",
    "Assigned Licenses",
    "Available Licenses",
    "Suspended License",
]

PURPOSES = ["well_stocked", "suspended", "two_subscriptions", "over_allocated", "mixed"]


def figure(text: str) -> int:
    """A number as a cell writes it."""
    number, good = QLocale().toLongLong(text)
    assert good, text
    return number


def compare(running: Running, purpose: str, column: str, counter: str) -> None:
    """A column against the counter that Partner Center gives, for every product listed."""
    told = Others(running).products(purpose)
    shown = monitored(running)
    assert shown
    for one, cells in shown.items():
        assert figure(cells[column]) == told[one][counter], one


async def test_s42_the_section() -> None:
    async with desk("well_stocked") as running:
        pane = running.program.window.licenses
        assert pane.isVisible()
        assert "Licenses" in words(pane)
        assert pane_table(running).isVisible()
        assert pane_table(running).visibleRegion().boundingRect().height() > 60
        assert len(monitored(running)) == 11


async def test_s43_one_entry_per_product_of_microsofts_cloud_and_dynamics() -> None:
    async with desk("well_stocked") as running:
        others = Others(running)
        listed = [row["Product Name"] for row in rows(pane_table(running).model())]
        assert sorted(listed) == sorted(others.assignable("well_stocked"))
        assert len(listed) == len(set(listed))
        assert product("D365_SALES_PRO") in listed
        assert product("DYN365_BUSCENTRAL_ESSENTIAL") in listed
        # Bought as well, yet of other types.
        bought = {item["offerName"] for item in others.subscriptions("well_stocked")}
        for other in ("Azure plan", "Leafcount Inventory", "Office 365 Extra File Storage"):
            assert other in bought
            assert other not in listed


async def test_s44_five_columns() -> None:
    async with desk("tiny") as running:
        table = pane_table(running)
        assert titles(table) == COLUMNS
        for column in range(5):
            assert not table.isColumnHidden(column)
            assert len(colours(table, table.model().index(0, column))) > 1, "nothing is painted"


async def test_s45_several_subscriptions_of_a_product_are_one_entry() -> None:
    async with desk("two_subscriptions") as running:
        bought = [item["skuId"] for item in Others(running).subscriptions("two_subscriptions")]
        assert bought.count(sku("SPB")) == 2
        assert bought.count(sku("VISIOCLIENT")) == 2
        names = [row["Product Name"] for row in rows(pane_table(running).model())]
        assert names.count(product("SPB")) == 1
        assert names.count(product("VISIOCLIENT")) == 1
        assert len(names) == len(set(bought))


async def test_s46_the_figures_are_sums_over_the_subscriptions() -> None:
    async with desk("two_subscriptions") as running:
        bought = Others(running).subscriptions("two_subscriptions")
        truth = running.truth("two_subscriptions")
        assert monitored(running)[product("SPB")] == dict(
            zip(COLUMNS, [product("SPB"), "26", "23", "3", "0"], strict=True)
        )
        for part in ("SPB", "VISIOCLIENT", "PROJECTPROFESSIONAL"):
            cells = monitored(running)[product(part)]
            mine = [item for item in bought if item["skuId"] == sku(part)]
            active = sum(item["quantity"] for item in mine if item["status"] == "active")
            suspended = sum(item["quantity"] for item in mine if item["status"] == "suspended")
            holders = sum(sku(part) in user["licenses"] for user in truth["users"])
            assert figure(cells["Active Licenses"]) == active
            assert figure(cells["Suspended License"]) == suspended
            assert figure(cells["Assigned Licenses"]) == holders
            assert figure(cells["Available Licenses"]) == active - holders


async def test_s47_the_name_in_partner_center_not_a_friendly_one() -> None:
    async with desk("well_stocked") as running:
        friendly = {
            item["friendlyName"]
            for item in Others(running).subscriptions("well_stocked")
            if item["friendlyName"] != item["offerName"]
        }
        assert friendly == {"Head office suite", "Drawing room"}
        told = Others(running).assignable("well_stocked")
        names = set(monitored(running))
        assert names == {item["productSku"]["name"] for item in told.values()}
        assert {"Microsoft 365 E3", "Visio Plan 2"} <= names
        assert not names & friendly


@pytest.mark.parametrize("purpose", PURPOSES)
async def test_s48_s49_s50_s51_the_figures_are_microsofts(purpose: str) -> None:
    async with desk(purpose) as running:
        compare(running, purpose, "Active Licenses", "activeUnits")
        compare(running, purpose, "Assigned Licenses", "consumedUnits")
        compare(running, purpose, "Available Licenses", "availableUnits")
        compare(running, purpose, "Suspended License", "suspendedUnits")


async def test_s48_active_licenses() -> None:
    async with desk("suspended") as running:
        shown = monitored(running)
        assert shown[product("O365_BUSINESS_PREMIUM")]["Active Licenses"] == "20"
        assert shown[product("CRMSTANDARD")]["Active Licenses"] == "0"


async def test_s49_assigned_licenses_are_those_of_this_tenants_users() -> None:
    async with desk("group_licensed") as running:
        truth = running.truth("group_licensed")
        for part in ("SPE_E3", "POWER_BI_PRO", "VISIOCLIENT"):
            holders = sum(
                1
                for user in truth["users"]
                for held in [user["licenses"].get(sku(part))]
                # A group's licence that failed for want of a seat is assigned to nobody.
                if held and (held["direct"] or not all(held["groups"].values()))
            )
            shown = monitored(running)[product(part)]
            assert figure(shown["Assigned Licenses"]) == holders


async def test_s50_available_licenses_now() -> None:
    async with desk("well_stocked") as running:
        others, who = Others(running), "Amelia Okafor"
        assert monitored(running)["Visio Plan 2"]["Available Licenses"] == "6"
        user = next(u for u in running.truth("well_stocked")["users"] if u["displayName"] == who)
        others.assign("well_stocked", user["id"], "VISIOCLIENT")
        await refresh(running)
        await monitors(running, "VISIOCLIENT", "Available Licenses", "5")
        compare(running, "well_stocked", "Available Licenses", "availableUnits")


async def test_s51_suspended_licenses() -> None:
    async with desk("suspended") as running:
        shown = monitored(running)
        assert shown[product("CRMSTANDARD")]["Suspended License"] == "25"
        assert shown[product("VISIOCLIENT")]["Suspended License"] == "5"
        assert shown[product("O365_BUSINESS_PREMIUM")]["Suspended License"] == "0"
