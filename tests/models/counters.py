"""What the tests of charts share: a product whose counters move."""

from datetime import UTC, datetime, timedelta

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.licensing import SkuId
from o365desk.domain.snapshots import CounterPoint, CounterSeries

TENANT = Tenant(TenantId("t-1"), "Contoso Ltd", "contoso.com")
FIRST = datetime(2026, 9, 1, 9, tzinfo=UTC)


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def series(*points: CounterPoint, seen: tuple[datetime, ...] = ()) -> CounterSeries:
    """Visio, seen where a counter moved, or at other times as well."""
    times = seen or tuple(point.at for point in points)
    return CounterSeries(TENANT, SkuId("visio"), "Visio Plan 2", points, times)


def point(number: int, active: int, assigned: int, **more: int) -> CounterPoint:
    """The counters on a day."""
    return CounterPoint(day(number), active, assigned, active - assigned, **more)


VISIO = series(
    point(0, 20, 10),
    point(10, 20, 18),
    point(40, 20, 23, suspended=5),
    seen=tuple(day(number) for number in (0, 5, 10, 20, 40, 60)),
)
"""20 active; 10, 18, then 23 assigned: over-allocated since day 40, and still on day 60."""


def long_series(count: int) -> CounterSeries:
    """One change a day."""
    return series(*(point(n, 1000 + n % 7, 900 + n * 13 % 200) for n in range(count)))
