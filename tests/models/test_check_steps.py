"""A connection check as rows, as one line read aloud, and as text to copy."""

from datetime import UTC, datetime, timedelta, timezone

from PySide6.QtCore import QModelIndex, Qt

from o365desk.domain.diagnostics import CheckStep, StepState
from o365desk.models.check_steps import (
    CheckStepModel,
    duration_text,
    result_text,
    step_text,
    summary_text,
    support_text,
)
from o365desk.models.roles import Role

AT = datetime(2026, 11, 22, 9, 30, 5, tzinfo=UTC)
LOOKUP = CheckStep("Name lookup of graph.microsoft.com", StepState.GOOD, "8 addresses.", at=AT)
TOKEN = CheckStep(
    "Sign-in", StepState.GOOD, at=AT, milliseconds=1240, support_ids="HTTP 200, request-id r-1"
)
DENIED = CheckStep(
    "Permission User.Read.All",
    StepState.FAILED,
    "Not granted.",
    "Ask an administrator to grant it.",
    AT.astimezone(timezone(timedelta(hours=9))),
    84,
    "HTTP 403, request-id r-2",
)
SKIPPED = CheckStep("Read users", StepState.SKIPPED)
STEPS = (LOOKUP, TOKEN, DENIED, SKIPPED)


def test_steps_are_added_at_the_end() -> None:
    model = CheckStepModel()
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(
        lambda _parent, first, last: inserted.append((first, last)),
        Qt.ConnectionType.DirectConnection,
    )
    model.append([LOOKUP])
    model.append([])
    model.append([TOKEN, DENIED])
    assert inserted == [(0, 0), (1, 2)]
    assert model.rowCount() == 3
    assert model.rowCount(model.index(0)) == 0
    assert model.index(2).data(Role.ROW) is DENIED
    assert model.index(2).data(Qt.ItemDataRole.AccessibleTextRole) == step_text(DENIED)
    model.clear()
    assert model.rowCount(QModelIndex()) == 0
    assert model.steps == ()


def test_a_step_read_aloud_has_its_state_first() -> None:
    assert step_text(DENIED) == (
        "Failed: Permission User.Read.All. Not granted. Ask an administrator to grant it."
    )
    assert step_text(SKIPPED) == "Not tried: Read users"


def test_summary_counts_the_worst_first() -> None:
    warned = CheckStep("Clock", StepState.WARNING)
    assert summary_text(STEPS) == "1 failed, 2 OK, 1 not tried"
    assert summary_text([warned]) == "1 warning"
    assert summary_text([warned, warned]) == "2 warnings"
    assert summary_text([]) == ""


def test_durations() -> None:
    assert [duration_text(took) for took in (None, 0, 84, 1240)] == ["", "0 ms", "84 ms", "1.2 s"]


def test_the_whole_result() -> None:
    assert result_text(STEPS, "Check of o365desk") == (
        "Check of o365desk\n"
        "1 failed, 2 OK, 1 not tried\n"
        "\n"
        "OK: Name lookup of graph.microsoft.com\n"
        "    8 addresses.\n"
        "OK: Sign-in (1.2 s)\n"
        "    HTTP 200, request-id r-1\n"
        "Failed: Permission User.Read.All (84 ms)\n"
        "    Not granted.\n"
        "    Ask an administrator to grant it.\n"
        "    HTTP 403, request-id r-2\n"
        "Not tried: Read users\n"
    )


def test_support_gets_ids_with_times_in_utc_and_the_failed_first() -> None:
    assert support_text(STEPS, "Check of o365desk") == (
        "Check of o365desk\n"
        "\n"
        "2026-11-22 09:30:05 UTC  Failed: Permission User.Read.All\n"
        "    HTTP 403, request-id r-2\n"
        "2026-11-22 09:30:05 UTC  OK: Sign-in\n"
        "    HTTP 200, request-id r-1\n"
    )
    assert support_text([LOOKUP, SKIPPED], "Check") == ""
