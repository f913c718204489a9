"""Microsoft's real products and service plans, and which plans need or exclude one another."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Plan:
    """A service plan: the smallest thing that can be switched."""

    plan_id: str
    name: str
    friendly: str
    applies_to: str
    """User or Company."""


@dataclass(frozen=True, slots=True)
class Product:
    """A SKU as the product-name table tells it."""

    sku_id: str
    part_number: str
    name: str
    plans: tuple[Plan, ...]
    plan_ids: frozenset[str]
    applies_to: str = "User"
    license_group: str = "group1"


# From Microsoft's conflict examples for group licensing (ENTRA) and the published refusal in
# samples/graph/error-400-license-dependency.json; the real lists are longer and not public [K].
NEEDS: dict[str, tuple[str, ...]] = {
    # SHAREPOINT_PROJECT needs SHAREPOINTENTERPRISE, as published.
    "fe71d6c3-a2ea-4499-9778-da042bf08063": ("5dbe027f-2339-4123-9542-606e4d348a72",),
    # MCOEV (Teams Phone) needs MCOSTANDARD.
    "4828c8ec-dc2e-4779-b502-87ac9ce28ab7": ("0feaeb32-d00e-4d66-bd5a-43b5b83db82c",),
    # MCOMEETADV (Audio Conferencing) needs MCOSTANDARD.
    "3e26ee1f-8a5f-4d52-aee2-b81ce45c8f40": ("0feaeb32-d00e-4d66-bd5a-43b5b83db82c",),
    # EXCHANGE_S_ARCHIVE_ADDON needs Exchange Online Plan 1.
    "176a09a6-7ec5-4039-ac02-b2791c6ba793": ("9aaf7827-d63c-4b61-89c3-182f06f82e5c",),
}
EXCLUSIVE: tuple[tuple[str, ...], ...] = (
    # One mailbox plan a user: Plan 1, Plan 2, Kiosk.
    (
        "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
        "efb87545-963c-4e0d-99df-69c6916d9eb0",
        "4a82b400-a79f-41a4-b4e2-e94f5787b113",
    ),
)
MAILBOX_PLANS = frozenset(EXCLUSIVE[0])
PREMIUM_PLANS = frozenset(
    {
        "41781fb2-bc02-4b7c-bd55-b576c07bb09d",  # Entra ID P1
        "eec0eb4f-6444-4f95-aba0-50c24d67f998",  # Entra ID P2
    }
)
SENSITIVE = frozenset(NEEDS) | frozenset(plan for needs in NEEDS.values() for plan in needs)
SENSITIVE |= MAILBOX_PLANS
"""Only these plans can make a set of licences unlawful; all others need no look."""


@cache
def products() -> dict[str, Product]:
    """All products by SKU id; read at first use, to keep it off the program's start."""
    data = json.loads(Path(__file__).with_name("catalog.json").read_text(encoding="utf-8"))
    plans = [Plan(*row) for row in data["plans"]]
    result: dict[str, Product] = {}
    for row in data["products"]:
        held = tuple(plans[index] for index in row["plans"])
        result[row["sku"]] = Product(
            row["sku"],
            row["part"],
            row["name"],
            held,
            frozenset(plan.plan_id for plan in held),
            row.get("target", "User"),
            row.get("group", "group1"),
        )
    return result


@cache
def by_part_number() -> dict[str, Product]:
    """All products by part number, for the worlds to be written readably."""
    return {product.part_number: product for product in products().values()}


def dependency_violation(enabled: set[str]) -> tuple[str, tuple[str, ...]] | None:
    """The first plan whose needed plans are not all there, with those plans."""
    for plan_id in sorted(enabled & NEEDS.keys()):
        if not enabled.issuperset(NEEDS[plan_id]):
            return plan_id, NEEDS[plan_id]
    return None


def exclusion_violation(enabled: set[str]) -> tuple[str, ...] | None:
    """The plans of one exclusive family that would be switched on together."""
    for family in EXCLUSIVE:
        both = tuple(plan_id for plan_id in family if plan_id in enabled)
        if len(both) > 1:
            return both
    return None
