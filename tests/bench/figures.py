"""A figure beside its floor, the table of them, and the file they are written to."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured. `floor` is what the same machine needed, in the same run, for the bare
    work that nothing can avoid; `ratio` is value over floor."""

    name: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    goal: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should reach, and where it may end at the worst."""

    limit: float
    unit: str = ""
    at_most: float | None = None
    """Still acceptable; None: the goal itself."""
    at_least: bool = False
    """More is better."""

    def met(self, number: float) -> bool:
        bound = self.limit if self.at_most is None else self.at_most
        return number >= bound if self.at_least else number <= bound

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        text = f"{sign} {number_text(self.limit)}{self.unit}"
        return text if self.at_most is None else f"{text}, at most {number_text(self.at_most)}"


def against_floor(name: str, value: float, unit: str, floor: float, goal: Goal) -> Figure:
    """A figure whose ratio to the floor has the goal."""
    ratio = value / floor if floor else None
    return Figure(name, value, unit, floor, ratio, str(goal), goal.met(ratio or 0.0))


def by_itself(
    name: str, value: float, unit: str, floor: float | None, goal: Goal | None = None
) -> Figure:
    """A figure whose own value has the goal, or one that is only told."""
    ratio = value / floor if floor else None
    met = goal is None or goal.met(value)
    return Figure(name, value, unit, floor, ratio, str(goal) if goal else "", met)


def medians(rounds: Sequence[Sequence[float]]) -> list[float]:
    """The median of each position over several rounds."""
    return [statistics.median(position) for position in zip(*rounds, strict=True)]


def alternating(rounds: int, *measures: Callable[[], float]) -> list[float]:
    """Medians of several measures taken in turn, so that a busy moment hits them all."""
    return medians([[measure() for measure in measures] for _ in range(rounds)])


def number_text(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 or number == int(number) else f"{number:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines of a Markdown table, aligned for reading as they are."""
    head = ("figure", "value", "floor", "ratio", "goal", "")
    rows = [head] + [
        (
            figure.name,
            f"{number_text(figure.value)} {figure.unit}",
            "" if figure.floor is None else f"{number_text(figure.floor)} {figure.unit}",
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            figure.goal,
            "" if not figure.goal else "ok" if figure.ok else "missed",
        )
        for figure in figures
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def to_json(figures: Sequence[Figure]) -> str:
    return json.dumps([_rounded(asdict(figure)) for figure in figures], indent=2) + "\n"


def from_json(text: str) -> list[Figure]:
    return [Figure(**one) for one in json.loads(text)]


def write(figures: Sequence[Figure], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_json(figures), encoding="utf-8")


def _rounded(one: dict[str, Any]) -> dict[str, Any]:
    return {key: round(v, 4) if isinstance(v, float) else v for key, v in one.items()}
