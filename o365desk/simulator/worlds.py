"""The ready worlds: `demo` (see demo.py) and `scale`, for measuring."""

from datetime import UTC, datetime

from o365desk.simulator import demo
from o365desk.simulator.state import Tenant
from o365desk.simulator.world import Builder, Fill, Sub, World, make_tenant


def _crowd(count: int) -> Fill:
    """A tenant of many users with two licences each."""

    def fill(builder: Builder) -> None:
        builder.subscriptions(
            Sub("SPE_E3", count + count // 50 + 5), Sub("POWER_BI_PRO", count + 5)
        )
        users = builder.people(count)
        builder.license(users, ("SPE_E3", count), ("POWER_BI_PRO", count))

    return fill


_SYLLABLES = [
    "al",
    "be",
    "cor",
    "dan",
    "el",
    "fer",
    "gil",
    "hol",
    "is",
    "jor",
    "kel",
    "lum",
    "mar",
    "nor",
    "ost",
    "pel",
    "quin",
    "ras",
    "sol",
    "tal",
]
_TRADES = [
    "Bakery",
    "Motors",
    "Textiles",
    "Foods",
    "Legal",
    "Clinic",
    "Print",
    "Marine",
    "Timber",
    "Optics",
    "Rail",
    "Studio",
]


def _scale(seed: int, start: datetime, tenants: int, users: int) -> World:
    """Many tenants, the first of them with many users."""
    partner = demo.reseller(seed, start)
    customers: list[Tenant] = []
    size = len(_SYLLABLES)
    for index in range(tenants):
        first, second = _SYLLABLES[index % size], _SYLLABLES[index // size % size]
        name = f"{first}{second}{_SYLLABLES[index // (size * size) % size]}".capitalize()
        customers.append(
            make_tenant(
                seed,
                start,
                f"{name} {_TRADES[index % len(_TRADES)]}",
                f"{name.lower()}{index}",
                demo.PLACES[index % len(demo.PLACES)],
                _crowd(users if index == 0 else 12 + index % 40),
            )
        )
    purposes = {"large": customers[0].tenant_id, "direct": customers[0].tenant_id}
    return World("scale", seed, start, partner, tuple(customers), purposes)


def build_world(
    name: str = "demo",
    *,
    seed: int = 1,
    start: datetime | None = None,
    tenants: int = 50,
    users: int = 10_000,
) -> World:
    """Builds a world; `start` is the moment its dates are told from, by default now.

    `tenants` (at most 5,000) and `users` (at most 100,000, in the first tenant) shape `scale`.
    """
    moment = start if start is not None else datetime.now(UTC).replace(microsecond=0)
    if name == "demo":
        return demo.demo(seed, moment)
    if name == "scale":
        if not (1 <= tenants <= 5000 and 1 <= users <= 100_000):
            raise ValueError("scale worlds hold 1 to 5,000 tenants and 1 to 100,000 users")
        return _scale(seed, moment, tenants, users)
    raise ValueError(f"no world is called {name!r}; there are demo and scale")
