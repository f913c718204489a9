"""The measurements by name, in the order they are taken."""

from collections.abc import Callable

from tests.bench import bundle, history, keystrokes, listing, memory, refresh, stalls, start, sweep
from tests.bench.figures import Figure
from tests.bench.world import Site, Size

PARTS: dict[str, Callable[[Site, Size], list[Figure]]] = {
    "listing": listing.measure,
    "keystrokes": keystrokes.measure,
    "stalls": stalls.measure,
    "refresh": refresh.measure,
    "start": start.measure,
    "memory": memory.measure,
    "bundle": bundle.measure,
    "sweep": sweep.measure,
    "history": history.measure,
}
