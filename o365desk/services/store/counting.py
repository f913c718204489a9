"""How the counters of products have moved over the snapshots of a tenant."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.errors import NotFound
from o365desk.domain.licensing import SkuId
from o365desk.domain.snapshots import CounterPoint, CounterSeries
from o365desk.domain.text import fold
from o365desk.services.store import reading, values
from o365desk.services.store.driver import raw
from o365desk.services.store.schema import product, sku_version, snapshot

_COUNTERS = (
    sku_version.c.active,
    sku_version.c.assigned,
    sku_version.c.available,
    sku_version.c.suspended,
    sku_version.c.warning,
)
_GONE = (0,) * len(_COUNTERS)


def counters(connection: Connection, tenant: TenantId, sku: SkuId) -> CounterSeries:
    """Raises NotFound."""
    for series in _series(connection, tenant, product.c.sku_id == sku):
        return series
    raise NotFound("No snapshot of this customer has this product.")


def all_counters(connection: Connection, tenant: TenantId) -> list[CounterSeries]:
    """Of every product that any snapshot has, by name. Raises NotFound."""
    found = _series(connection, tenant)
    return sorted(found, key=lambda series: (fold(series.name), series.sku_id))


def _series(connection: Connection, guid: TenantId, *only: Any) -> Iterator[CounterSeries]:
    newest = reading.place(raw(connection), guid, None)
    kept = connection.execute(
        select(snapshot.c.number, snapshot.c.at)
        .where(snapshot.c.tenant_id == newest.tenant_id)
        .order_by(snapshot.c.number)
    ).all()
    numbers = [number for number, _ in kept]
    times = [values.moment(at) for _, at in kept]
    rows = connection.execute(
        select(
            product.c.sku_id,
            product.c.name,
            sku_version.c.valid_from,
            sku_version.c.valid_to,
            *_COUNTERS,
        )
        .select_from(sku_version.join(product, product.c.id == sku_version.c.product_id))
        .where(sku_version.c.tenant_id == newest.tenant_id, *only)
        .order_by(product.c.sku_id, sku_version.c.valid_from, sku_version.c.valid_to)
    )
    for sku_id, versions in groupby(rows, itemgetter(0)):
        yield _line(
            newest.tenant, SkuId(sku_id), [tuple(version) for version in versions], numbers, times
        )


def _line(
    tenant: Tenant,
    sku_id: SkuId,
    versions: Sequence[tuple[Any, ...]],
    numbers: Sequence[int],
    times: Sequence[datetime],
) -> CounterSeries:
    """A product that the tenant does not have any more, or for a while, has counters of 0."""
    moved: dict[int, tuple[int, ...] | None] = {}
    for _, _, valid_from, valid_to, *found in versions:
        # Of a version that none of the snapshots left has seen, begin and end are the same.
        moved[bisect_left(numbers, valid_from)] = tuple(found)
        moved[bisect_left(numbers, valid_to)] = None
    points: list[CounterPoint] = []
    before: tuple[int, ...] | None = None
    for index, now in sorted(moved.items(), key=itemgetter(0)):
        now = _GONE if now is None and points else now
        if index < len(times) and now not in {None, before}:
            points.append(CounterPoint(times[index], *now))
            before = now
    return CounterSeries(
        tenant=tenant,
        sku_id=sku_id,
        name=versions[-1][1],
        points=tuple(points),
        seen=tuple(at for at in times if points and at >= points[0].at),
    )
