"""Tables as CSV that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterable, Sequence

Cell = str | int

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters that spreadsheets take for the start of a formula
(owasp.org/www-community/attacks/CSV_Injection)."""


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """RFC 4180, one line a row. A text that a spreadsheet would take for a formula gets an
    apostrophe in front, which spreadsheets do not show."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([[_safe(cell) for cell in row] for row in rows])
    return text.getvalue()


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
