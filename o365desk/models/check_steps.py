"""Qt model of a connection check, and the check as text to copy."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from o365desk.domain.diagnostics import CheckStep, StepState
from o365desk.models.roles import Role

STATE_WORDS = {
    StepState.GOOD: "OK",
    StepState.WARNING: "Warning",
    StepState.FAILED: "Failed",
    StepState.SKIPPED: "Not tried",
}

_DISPLAY = Qt.ItemDataRole.DisplayRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_ROW = int(Role.ROW)

Index = QModelIndex | QPersistentModelIndex


class CheckStepModel(QAbstractListModel):
    """Steps of one check, in the order in which they ended; owned by the list that shows them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: list[CheckStep] = []

    @property
    def steps(self) -> tuple[CheckStep, ...]:
        return tuple(self._steps)

    def clear(self) -> None:
        self.beginResetModel()
        self._steps.clear()
        self.endResetModel()

    def append(self, steps: Iterable[CheckStep]) -> None:
        new = list(steps)
        if not new:
            return
        first = len(self._steps)
        self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
        self._steps.extend(new)
        self.endInsertRows()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._steps)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        step = self._steps[index.row()]
        if role == _DISPLAY:
            return step.name
        if role == _ROW:
            return step
        if role == _ACCESSIBLE:
            return step_text(step)
        return None


def step_text(step: CheckStep) -> str:
    """A step on one line, as it is read aloud."""
    said = ". ".join(text.rstrip(".") for text in (step.detail, step.next_step) if text)
    return f"{STATE_WORDS[step.state]}: {step.name}" + (f". {said}." if said else "")


def duration_text(milliseconds: int | None) -> str:
    """ "84 ms", "1.2 s"; empty when it was not measured."""
    if milliseconds is None:
        return ""
    locale = QLocale()
    if milliseconds < 1000:
        return f"{locale.toString(milliseconds)} ms"
    return f"{locale.toString(milliseconds / 1000, 'f', 1)} s"


def summary_text(steps: Sequence[CheckStep]) -> str:
    """What came out, in a few words: "1 failed, 2 warnings, 9 OK"."""
    counts = {state: sum(step.state is state for step in steps) for state in StepState}
    warnings = counts[StepState.WARNING]
    found = (
        (counts[StepState.FAILED], "failed"),
        (warnings, "warning" if warnings == 1 else "warnings"),
        (counts[StepState.GOOD], "OK"),
        (counts[StepState.SKIPPED], "not tried"),
    )
    return ", ".join(f"{QLocale().toString(count)} {word}" for count, word in found if count)


def result_text(steps: Sequence[CheckStep], title: str) -> str:
    """The whole check, for a mail to a colleague."""
    lines = [title, summary_text(steps), ""]
    for step in steps:
        took = duration_text(step.milliseconds)
        lines.append(f"{STATE_WORDS[step.state]}: {step.name}" + (f" ({took})" if took else ""))
        more = (step.detail, step.next_step, step.support_ids)
        lines += [f"    {text}" for text in more if text]
    return "\n".join(lines) + "\n"


def support_text(steps: Sequence[CheckStep], title: str) -> str:
    """What Microsoft's support asks for: the ids of each call with its time in UTC, the failed
    ones first. Empty when no step has ids."""
    told = [step for step in steps if step.support_ids]
    if not told:
        return ""
    told.sort(key=lambda step: step.state is not StepState.FAILED)
    lines = [title, ""]
    for step in told:
        lines += [
            f"{_utc_text(step.at)}  {STATE_WORDS[step.state]}: {step.name}",
            f"    {step.support_ids}",
        ]
    return "\n".join(lines) + "\n"


def _utc_text(at: datetime | None) -> str:
    return "time unknown" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
