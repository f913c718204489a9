"""Says at the end of a test run how many of the 55 seed behaviours, S1 to S55, were seen to work.

A test serves the ids at the start of its name: `test_s05_the_title`, `test_s12_s17_counts`. An id
has passed when at least one test serves it and all that do have passed. A run of the whole suite
fails while an id has no test.
"""

import re
from collections.abc import Iterable

import pytest

SEED = [f"s{number:02}" for number in range(1, 56)]
FOLDER = "tests/seed/"


def ids_of(node_id: str) -> list[str]:
    """The seed ids that a test serves, from its node id."""
    if not node_id.startswith(FOLDER):
        return []
    name = node_id.split("[", 1)[0].rpartition("::")[2]
    served = re.match(r"test((?:_s\d\d(?!\d))+)", name)
    return [one for one in served[1].split("_") if one] if served else []


def verdicts(outcomes: Iterable[tuple[str, bool]]) -> tuple[list[str], list[str], list[str]]:
    """Ids that passed, ids that failed and ids without a test, from (node id, passed) pairs."""
    seen: dict[str, bool] = {}
    for node_id, passed in outcomes:
        for one in ids_of(node_id):
            seen[one] = seen.get(one, True) and passed
    return (
        [one for one in SEED if seen.get(one) is True],
        [one for one in SEED if seen.get(one) is False],
        [one for one in SEED if one not in seen],
    )


def _outcomes(reporter: pytest.TerminalReporter) -> list[tuple[str, bool]]:
    return [
        (report.nodeid, kind == "passed")
        for kind in ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
        for report in reporter.stats.get(kind, [])
        if hasattr(report, "nodeid")
    ]


def _is_whole_suite(config: pytest.Config) -> bool:
    named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    return not (
        named or config.option.keyword or config.option.markexpr or config.option.collectonly
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails the run of the whole suite when a seed behaviour has no test."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return
    _, _, missing = verdicts(_outcomes(reporter))
    if missing and _is_whole_suite(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """One line with the count; the failed and missing ids by name."""
    passed, failed, missing = verdicts(_outcomes(terminalreporter))
    if config.option.collectonly or not (passed or failed or _is_whole_suite(config)):
        return
    terminalreporter.ensure_newline()
    terminalreporter.section("seed behaviours")
    if failed:
        terminalreporter.write_line(f"failed: {' '.join(failed).upper()}", red=True)
    if missing and _is_whole_suite(config):
        terminalreporter.write_line(f"without a test: {' '.join(missing).upper()}", red=True)
    complete = len(passed) == len(SEED)
    terminalreporter.write_line(f"seed: {len(passed)} of {len(SEED)} passed", green=complete)
