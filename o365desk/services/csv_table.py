"""Tables as CSV, and for the clipboard, that a spreadsheet opens without running anything in it."""

import csv
import html
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from o365desk.domain.tables import Cell, local_time

_SIGNS = "=+@＝＋－＠-"
"""First characters that spreadsheets take for the start of a formula, wide ones as well
(owasp.org/www-community/attacks/CSV_Injection)."""

_FORMULA = re.compile(rf"\A(?=[\t\r\n]|\s*[{_SIGNS}])|(?<=[;\t\r\n])(?= *[{_SIGNS}])")
"""Where a cell could begin with one: also behind what another locale takes for the end of a cell
or a line."""

_TEXT = " style=\"mso-number-format:'\\@'\""
"""Tells Excel that a pasted cell is text, so that "00123" stays what it is."""


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, mark: bool = False) -> bytes:
    """RFC 4180 in UTF-8, one line a row. A text that a spreadsheet would take for a formula gets
    an apostrophe in front; numbers and times are written the same in every locale.

    `mark`: begins with a byte order mark, without which Excel does not take a file for UTF-8.
    """
    return _separated(header, rows, "utf-8-sig" if mark else "utf-8", csv.excel)


def as_tab_separated(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The same with tabs, as spreadsheets put it on the clipboard."""
    return _separated(header, rows, "utf-8", csv.excel_tab).decode()


def as_html(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table that mail programs, word processors and spreadsheets paste with its columns."""
    text = io.StringIO()
    titles = "".join(f"<th>{html.escape(title)}</th>" for title in map(_safe, header))
    text.write(f'<meta charset="utf-8"><table><thead><tr>{titles}</tr></thead><tbody>')
    for row in rows:
        text.write(f"<tr>{''.join(map(_html_cell, row))}</tr>")
    text.write("</tbody></table>")
    return text.getvalue()


def _separated(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], encoding: str, form: type[csv.Dialect]
) -> bytes:
    content = io.BytesIO()
    text = io.TextIOWrapper(content, encoding, newline="")
    writer = csv.writer(text, form)
    writer.writerow([_safe(title) for title in header])
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    text.detach()
    return content.getvalue()


def _html_cell(cell: Cell) -> str:
    if not isinstance(cell, str):
        return f"<td>{_plain(cell)}</td>"
    lines = html.escape(_safe(cell)).replace("\n", "<br>")
    return f"<td{_TEXT}>{lines}</td>"


def _plain(cell: Cell) -> str | int | float:
    match cell:
        case str():
            return _safe(cell)
        case datetime():
            return local_time(cell).isoformat(" ")
        case date():
            return cell.isoformat()
        case _:
            return cell


def _safe(text: str) -> str:
    return _FORMULA.sub("'", text)
