"""The licence review sheet as HTML and as rows: pieces that a page can be filled with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from html import escape
from typing import NamedTuple

from o365desk.domain.comparison import ChangeKind
from o365desk.domain.review import ProductReview, ReviewSheet
from o365desk.views.review_words import SheetWords

OCCASIONS = {
    ChangeKind.LICENSE_GAINED: "assigned",
    ChangeKind.CREATED: "created",
    ChangeKind.RESTORED: "restored",
    ChangeKind.LICENSE_LOST: "unassigned",
    ChangeKind.DELETED: "deleted",
    ChangeKind.PURGED: "purged",
}
"""What happened, as a key of the words."""


class Part(Enum):
    """What a piece is to the page."""

    TEXT = "text"
    HEAD = "head"
    """Begins a table; stands on top of it again on every page. May be empty."""
    ROW = "row"
    END = "end"
    """The table is over."""


class Piece(NamedTuple):
    """The least that is never divided between two pages."""

    part: Part
    cells: tuple[str, ...] = ()
    """HTML of the cells of a head or row in reading order; of a text all of it."""
    keep: bool = False
    """Never the last on its page."""

    def html(self, *, backwards: bool = False) -> str:
        """`backwards`: Qt's rich text has no tables that begin at the right."""
        inner = "".join(reversed(self.cells) if backwards else self.cells)
        if self.part is Part.TEXT or not inner:
            return inner
        return f"<tr>{inner}</tr>"


class Column(NamedTuple):
    """A column of a table: key of its words, width in percent of the page."""

    key: str
    width: int
    number: bool = False


FACTS = (Column("", 24), Column("", 76))
SUMMARY = (
    Column("product", 21),
    Column("assigned_before", 13, True),
    Column("added", 11, True),
    Column("removed", 11, True),
    Column("net", 9, True),
    Column("assigned_now", 13, True),
    Column("active_now", 10, True),
    Column("available_now", 12, True),
)
LINES = (
    Column("line", 7, True),
    Column("user", 25),
    Column("username", 30),
    Column("what", 24),
    Column("last_sign_in", 14),
)
NOTES = (Column("", 80), Column("", 20, True))

STYLE = """
body { color: #1b1b1b; background: #ffffff; }
h1 { font-size: 22px; margin: 0 0 8px 0; }
h2 { font-size: 15px; margin: 18px 0 4px 0; }
p { margin: 4px 0; }
th { color: #444444; font-weight: 600; font-size: 11px; }
td, th { padding: 3px 4px; }
td { border-bottom: 1px solid #dddddd; }
table { border-collapse: collapse; }
td.muted { color: #555555; }
td.group { font-weight: 600; background: #eeeeee; }
td.sum { font-weight: 600; }
"""
"""What browsers and Qt's rich text both understand."""

_SCREEN = """
body { font: 13px/1.4 system-ui, "Segoe UI", "Noto Sans", sans-serif; max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; }
table { width: 100%; table-layout: fixed; }
td, th { vertical-align: top; overflow-wrap: anywhere; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
h2 { break-after: avoid; }
@media print { body { max-width: none; margin: 0; padding: 0; } }
"""


def sheet_html(sheet: ReviewSheet, words: SheetWords, paper: str = "A4") -> str:
    """A page that needs nothing beside itself. `paper`: "A4" or "Letter", for printing it."""
    page = words["page"].format(page='" counter(page) "', pages='" counter(pages) "')
    return "".join(
        (
            f'<!DOCTYPE html>\n<html lang="{words.locale.bcp47Name()}" dir="{_direction(words)}">',
            f'<head><meta charset="utf-8"><title>{escape(words["title"])} {escape(sheet.number)}',
            f"</title>\n<style>{STYLE}{_SCREEN}@page {{ size: {paper}; margin: 15mm;",
            f' @bottom-center {{ content: "{page}"; font-size: 10px; }} }}</style></head>\n<body>',
            _joined(pieces(sheet, words)),
            "</body></html>\n",
        )
    )


def rich_text(some: Iterable[Piece], words: SheetWords) -> str:
    """Pieces for Qt's rich text. It knows no element that isolates a name from the text around
    it, but does know the characters for that (unicode.org/reports/tr9, 2.4)."""
    body = _joined(some, backwards=words.right_to_left)
    for element, character in _ISOLATES:
        body = body.replace(element, character)
    return f'<html><body dir="{_direction(words)}">{body}</body></html>'


_ISOLATES = (('<bdi dir="ltr">', "\u2066"), ("<bdi>", "\u2068"), ("</bdi>", "\u2069"))
_ELEMENTS = {
    Part.TEXT: "{}",
    Part.HEAD: '<table width="100%" cellspacing="0"><thead>{}</thead><tbody>',
    Part.ROW: "{}",
    Part.END: "</tbody></table>",
}


def _joined(some: Iterable[Piece], *, backwards: bool = False) -> str:
    return "\n".join(
        _ELEMENTS[piece.part].format(piece.html(backwards=backwards)) for piece in some
    )


def csv_rows(
    sheet: ReviewSheet, words: SheetWords
) -> tuple[tuple[str, ...], list[tuple[str | int, ...]]]:
    """Header and one row for every numbered line."""
    keys = ("line", "product", "what", "user", "username", "last_sign_in")
    rows: list[tuple[str | int, ...]] = [
        (one.number, product.name, one.what, one.display_name, one.username, one.last)
        for product in sheet.products
        for _, lines in _groups(product, words)
        for one in lines
    ]
    return tuple(words[key] for key in keys), rows


def pieces(sheet: ReviewSheet, words: SheetWords) -> Iterator[Piece]:
    """The whole sheet, from its title to its last line."""
    yield _text("h1", escape(words["title"]), keep=True)
    yield from _facts(sheet, words)
    yield _text("h2", escape(words["summary"]), keep=True)
    yield from _summary(sheet, words)
    if not (sheet.added or sheet.removed):
        yield _text("p", escape(words["nothing"]))
    if not sheet.blocked_known:
        yield _text("p", escape(words["blocked_unknown"]))
    if sheet.unknown:
        yield from _notes({"unknown": words.count(sheet.unknown)}, words)
    for product in sheet.products:
        if product.listed:
            yield from _product(product, words)


def _facts(sheet: ReviewSheet, words: SheetWords) -> Iterator[Piece]:
    facts = {
        "customer": _name(sheet.tenant.name),
        "number": _plain(sheet.number),
        "from": escape(words.moment(sheet.earlier)),
        "to": escape(words.moment(sheet.later)),
        "idle_limit": escape(words.count(sheet.idle_days)),
    }
    yield Piece(Part.HEAD, keep=True)
    for key, value in facts.items():
        yield _row(FACTS, words, (escape(words[key]), value), keep=True)
    yield Piece(Part.END)


def _summary(sheet: ReviewSheet, words: SheetWords) -> Iterator[Piece]:
    yield _head(SUMMARY, words)
    for product in sheet.products:
        before, after = product.before, product.after
        cells = (
            _name(product.name),
            words.count(before.assigned if before else 0),
            words.count(len(product.added)),
            words.count(len(product.removed)),
            words.signed(product.net),
            words.count(after.assigned if after else 0),
            words.count(after.active if after else 0),
            words.count(after.available if after else 0),
        )
        yield _row(SUMMARY, words, cells)
    total = (
        escape(words["total"]),
        "",
        words.count(sheet.added),
        words.count(sheet.removed),
        words.signed(sheet.net),
        "",
        "",
        "",
    )
    yield _row(SUMMARY, words, total, kind="sum")
    yield Piece(Part.END)


def _product(product: ProductReview, words: SheetWords) -> Iterator[Piece]:
    yield _text("h2", _name(product.name), keep=True)
    notes = {"unused": words.count(product.unused)}
    if product.sign_in_unknown:
        notes["sign_in_unknown"] = words.count(product.sign_in_unknown)
    if product.unlisted:
        notes["unlisted"] = words.signed(product.unlisted)
    yield from _notes(notes, words, keep=True)
    yield _head(LINES, words)
    for title, lines in _groups(product, words):
        side = "right" if words.right_to_left else "left"
        text = f"{escape(title)} ({words.count(len(lines))})"
        cell = f'<td class="group" colspan="{len(LINES)}" align="{side}">{text}</td>'
        yield Piece(Part.ROW, (cell,), keep=True)
        for one in lines:
            cells = (
                words.count(one.number),
                _name(one.display_name),
                _plain(one.username),
                escape(one.what),
                escape(one.last),
            )
            yield _row(LINES, words, cells)
    yield Piece(Part.END)


class _Line(NamedTuple):
    """A numbered line in words."""

    number: int
    display_name: str
    username: str
    what: str
    last: str = ""


def _groups(product: ProductReview, words: SheetWords) -> Iterator[tuple[str, list[_Line]]]:
    """The lines of a product under their titles; a title without lines is left out."""
    for key, changes in (("added", product.added), ("removed", product.removed)):
        if changes:
            yield (
                words[key],
                [
                    _Line(one.line, one.display_name, one.username, words[OCCASIONS[one.occasion]])
                    for one in changes
                ],
            )
    for key, holders in (("blocked", product.blocked), ("idle", product.idle)):
        if holders:
            nobody_knows = "" if key == "blocked" else words["never"]
            yield (
                words[f"{key}_holders"],
                [
                    _Line(
                        one.line,
                        one.display_name,
                        one.username,
                        words[key],
                        words.day(one.last_sign_in) if one.last_sign_in else nobody_knows,
                    )
                    for one in holders
                ],
            )


def _notes(notes: Mapping[str, str], words: SheetWords, *, keep: bool = False) -> Iterator[Piece]:
    """What is said about a product beside its lines; `notes`: by key of the words;
    `keep`: something follows that they must not be parted from."""
    yield Piece(Part.HEAD, keep=True)
    for key, value in notes.items():
        yield _row(NOTES, words, (escape(words[key]), value), kind="muted", keep=True)
    yield Piece(Part.END, keep=keep)


def _text(element: str, html: str, *, keep: bool = False) -> Piece:
    return Piece(Part.TEXT, (f"<{element}>{html}</{element}>",), keep)


def _head(columns: Sequence[Column], words: SheetWords) -> Piece:
    cells = (f"<th{_place(column, words)}>{escape(words[column.key])}</th>" for column in columns)
    return Piece(Part.HEAD, tuple(cells), keep=True)


def _row(
    columns: Sequence[Column],
    words: SheetWords,
    cells: Sequence[str],
    *,
    kind: str = "",
    keep: bool = False,
) -> Piece:
    """`cells` are HTML already; `kind` is the look of all of them."""
    look = f' class="{kind}"' if kind else ""
    made = (
        f"<td{look}{_place(column, words)}>{cell}</td>"
        for column, cell in zip(columns, cells, strict=True)
    )
    return Piece(Part.ROW, tuple(made), keep)


def _place(column: Column, words: SheetWords) -> str:
    """Width, and the side of the column at which its texts stand."""
    side = "right" if column.number is not words.right_to_left else "left"
    return f' width="{column.width}%" align="{side}"'


def _name(text: str) -> str:
    """A name in any script, which does not turn the text around it."""
    return f"<bdi>{escape(text)}</bdi>"


def _plain(text: str) -> str:
    """A username or number: from left to right in every language."""
    return f'<bdi dir="ltr">{escape(text)}</bdi>'


def _direction(words: SheetWords) -> str:
    return "rtl" if words.right_to_left else "ltr"
