"""The count of seed behaviours at the end of a run must not flatter."""

import pytest

from tests.seed.report import SEED, ids_of, verdicts


@pytest.mark.parametrize(
    ("node_id", "ids"),
    [
        ("tests/seed/test_licenses.py::test_s05_title", ["s05"]),
        ("tests/seed/test_licenses.py::test_s12_s17_counts[graph]", ["s12", "s17"]),
        ("tests/seed/test_licenses.py::TestDelete::test_s22", ["s22"]),
        ("tests/seed/test_licenses.py::test_s123_no_such_thing", []),
        ("tests/seed/test_licenses.py::test_helper[s05]", []),
        ("tests/views/test_licenses.py::test_s05_title", []),
    ],
)
def test_a_test_serves_the_ids_of_its_name(node_id: str, ids: list[str]) -> None:
    assert ids_of(node_id) == ids


def test_there_are_55() -> None:
    assert (len(SEED), SEED[0], SEED[-1]) == (55, "s01", "s55")


def test_one_failure_outweighs_a_pass() -> None:
    name = "tests/seed/test_all.py::test_"
    outcomes = [(f"{name}s01_a", True), (f"{name}s01_b", False), (f"{name}s02", True)]
    passed, failed, missing = verdicts(outcomes)
    assert passed == ["s02"]
    assert failed == ["s01"]
    assert len(missing) == 53
