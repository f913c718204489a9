"""Tables as workbooks: real numbers and times, texts that stay texts, and a sheet that says what
the table is."""

import contextlib
import io
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from o365desk.domain.tables import ABOUT, Cell, local_time

ROWS = 1_048_575
"""Rows of a sheet below its header; more go on the next sheet."""

_OPTIONS = {
    "constant_memory": True,  # rows go to the disk as they come
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FIRST_YEAR = 1900
"""Spreadsheets know no day before it."""

_LONGEST_NAME = 31
_WIDEST = 60
_WEIGHED = 1000
"""Rows whose texts decide how wide a column is."""


@dataclass(frozen=True)
class _Looks:
    """Formats of one workbook."""

    header: Any
    integer: Any
    day: Any
    time: Any
    wrapped: Any

    @classmethod
    def of(cls, book: Any) -> "_Looks":
        return cls(
            header=book.add_format({"bold": True, "bottom": 1}),
            integer=book.add_format({"num_format": "#,##0"}),
            day=book.add_format({"num_format": "d mmm yyyy", "align": "left"}),
            time=book.add_format({"num_format": "d mmm yyyy hh:mm", "align": "left"}),
            wrapped=book.add_format({"text_wrap": True, "valign": "top"}),
        )


@dataclass
class _Sheet:
    """One sheet that is being written, row by row."""

    sheet: Any
    looks: _Looks
    rows: int = 0
    widths: list[int] = field(default_factory=list)

    def write(self, cells: Sequence[Cell]) -> None:
        for column, cell in enumerate(cells):
            self._write(column, cell)
        if self.rows < _WEIGHED:
            self._weigh(cells)
        self.rows += 1

    def write_header(self, titles: Sequence[str]) -> None:
        for column, title in enumerate(titles):
            self.sheet.write_string(0, column, title, self.looks.header)
        self._weigh(titles, more=3)  # the button of the filter
        self.rows = 1

    def _write(self, column: int, cell: Cell) -> None:
        match cell:
            case str():
                self.sheet.write_string(self.rows, column, cell)
            case date() if cell.year < _FIRST_YEAR:
                self.sheet.write_string(self.rows, column, cell.isoformat())
            case datetime():
                self.sheet.write_datetime(self.rows, column, local_time(cell), self.looks.time)
            case date():
                self.sheet.write_datetime(self.rows, column, cell, self.looks.day)
            case int():
                self.sheet.write_number(self.rows, column, cell, self.looks.integer)
            case _:
                self.sheet.write_number(self.rows, column, cell)

    def _weigh(self, cells: Sequence[Cell], more: int = 1) -> None:
        widths = [min(_WIDEST, _width(cell) + more) for cell in cells]
        before = self.widths or [0] * len(widths)
        self.widths = list(map(max, before, widths))

    def finish(self) -> None:
        """What is known only at the end."""
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, width)
        if self.widths:
            self.sheet.autofilter(0, 0, max(1, self.rows - 1), len(self.widths) - 1)
        self.sheet.freeze_panes(1, 0)


def as_xlsx(
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    about: Sequence[tuple[str, Cell]] = (),
) -> bytes:
    """A workbook with the table, header bold and frozen, and a sheet of the facts `about` it.

    Works long: call it in a thread. Raises OSError where the system's folder for temporary files
    is full, and whatever `rows` raises; nothing is left behind then.
    """
    content = io.BytesIO()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        book = Workbook(content, {**_OPTIONS, "tmpdir": folder})
        try:
            count = _write_table(book, title, header, rows)
            _write_about(book, [*about, ("Rows", count)])
            _close(book)
        except BaseException:
            _let_go(book)
            raise
    return content.getvalue()


def _write_table(
    book: Any, title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> int:
    looks, left, names, count = _Looks.of(book), iter(rows), _sheet_names(title), 0
    while True:
        sheet = _Sheet(book.add_worksheet(next(names)), looks)
        sheet.write_header(header)
        for row in islice(left, ROWS):
            sheet.write(row)
        sheet.finish()
        count += sheet.rows - 1
        if sheet.rows <= ROWS:
            return count


def _write_about(book: Any, facts: Sequence[tuple[str, Cell]]) -> None:
    looks = _Looks.of(book)
    sheet = _Sheet(book.add_worksheet(ABOUT), looks)
    sheet.sheet.set_column(0, 0, 24, looks.header)
    sheet.sheet.set_column(1, 1, 80, looks.wrapped)
    for name, value in facts:
        sheet.write((name, value))


def _let_go(book: Any) -> None:
    """Closes the files of an unfinished workbook: an open one cannot be removed on Windows."""
    for sheet in book.worksheets():
        with contextlib.suppress(OSError):
            sheet.row_data_fh.close()


def _close(book: Any) -> None:
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(*error.args[:1]) from error


def _sheet_names(title: str) -> Iterator[str]:
    """Names that Excel takes (support.microsoft.com: "Rename a worksheet"), one a sheet."""
    clean = " ".join(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).split()).strip("' ")
    if clean.casefold() in ("", "history", ABOUT.casefold()):
        clean = f"Table {clean}".strip()
    yield clean[:_LONGEST_NAME].rstrip("' ")
    number = 2
    while True:
        mark = f" ({number})"
        yield f"{clean[: _LONGEST_NAME - len(mark)]}{mark}"
        number += 1


def _width(cell: Cell) -> int:
    """Characters, of which those of Chinese, Japanese and Korean are two wide."""
    match cell:
        case str() if cell.isascii():
            return max(map(len, cell.split("\n")))
        case str():
            return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in cell)
        case datetime():
            return 18
        case date():
            return 12
        case _:
            return len(f"{cell:,}")
