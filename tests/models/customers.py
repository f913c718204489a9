"""Customers, and what was last seen of them, for tests of the tables over all of them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.licensing import Sku, SkuId
from o365desk.domain.snapshots import DeletedUser, TenantFacts
from tests.models.people import NOW, deleted

DAY = timedelta(days=1)
E5 = Sku(SkuId("e5"), "SPE_E5", "Microsoft 365 E5", active=120, assigned=118, available=2)
VISIO = Sku(SkuId("visio"), "VISIO", "Visio Plan 2", active=4, assigned=1, available=3)
OVER = replace(E5, available=-3, assigned=123)
FULL = replace(VISIO, available=0, assigned=4)


def tenant(name: str) -> Tenant:
    key = name.lower().replace(" ", "")
    return Tenant(TenantId(key), name, f"{key}.onmicrosoft.com")


def facts(
    name: str, *skus: Sku, at: datetime = NOW - timedelta(hours=1), **more: Any
) -> TenantFacts:
    return replace(TenantFacts(tenant(name), at, 10, skus, (), 0, ()), **more)


def gone(name: str, customer: str, days: float, **more: Any) -> DeletedUser:
    """A user of a customer, deleted some days ago."""
    return DeletedUser(tenant(customer), NOW - timedelta(hours=1), deleted(name, days, **more))
