"""The bench itself, on a directory so small that only the shape of its figures can be checked."""

import json
import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from tests.bench import figures, history, keystrokes, listing, memory, refresh, stalls, start, sweep
from tests.bench.figures import Figure, Goal
from tests.bench.world import Site, Size, practice

SMALL = Size(users=1_500, tenants=4, rounds=1, starts=1, seconds=0.1)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with practice(SMALL.users) as found:
        yield found


def check(found: list[Figure], count: int) -> None:
    assert len(found) == count
    for one in json.loads(figures.to_json(found)):
        assert list(one) == ["name", "value", "unit", "floor", "ratio", "goal", "ok"]
        assert one["value"] > 0
        assert math.isfinite(one["value"])
        assert one["floor"] > 0
        assert isinstance(one["ok"], bool)
    assert figures.from_json(figures.to_json(found))[0].name == found[0].name
    assert len(figures.table(found).splitlines()) == count + 2


def test_listing(site: Site) -> None:
    check(listing.measure(site, SMALL), 1)


def test_keystrokes_and_sorts(site: Site) -> None:
    check(keystrokes.measure(site, SMALL), 2)


def test_stalls(site: Site) -> None:
    check(stalls.measure(site, SMALL), 4)


def test_memory_and_calls(site: Site) -> None:
    found = memory.measure(site, SMALL)
    check(found, 2)
    assert found[1].ok, "a count, not a time: more calls of data() make every repaint slower"


def test_refresh(site: Site) -> None:
    found = refresh.measure(site, SMALL)
    check(found, 4)
    trips, counted = found[1], found[2]
    # The link and five batches against a mark and two pages; what is read beside them is the same.
    assert trips.floor is not None
    assert trips.value == trips.floor + 3
    assert counted.value == trips.value + 95


def test_start(site: Site) -> None:
    check(start.measure(site, SMALL), 3)


def test_sweep(site: Site) -> None:
    taken, beyond = sweep.measure(site, SMALL)
    check([taken], 1)
    # One page of customers, one of relations; of each customer two listings, what it owns twice,
    # and the product of each of its two subscriptions.
    assert "(26 requests)" in taken.name
    assert taken.floor == pytest.approx(26 * sweep.LATENCY / 10)
    assert (taken.ratio or 0) > 1
    assert beyond.value == 0
    assert beyond.ok


def test_history(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "DAYS", 4)
    check(history.measure(site, SMALL), 9)


def test_a_goal_may_be_exceeded_up_to_its_limit() -> None:
    goal = Goal(2.0, at_most=3.0)
    assert goal.met(2.9)
    assert not goal.met(3.1)
    assert str(goal) == "<= 2, at most 3"
    assert Goal(100, at_least=True).met(101)
    assert not Goal(100, at_least=True).met(99)


def test_the_file_is_written_where_it_is_looked_for(tmp_path: Path) -> None:
    figure = Figure("a", 1.0, "s", None, None, "", True)
    figures.write([figure], tmp_path / "deep" / "bench.json")
    written = json.loads((tmp_path / "deep" / "bench.json").read_text(encoding="utf-8"))
    assert [set(one) for one in written] == [{field.name for field in fields(Figure)}]
