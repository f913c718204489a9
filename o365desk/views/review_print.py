"""Puts the licence review sheet on paper, a piece at a time, so that the window stays alive."""

from collections.abc import Generator, Iterator
from itertools import groupby, islice
from typing import NamedTuple, cast

from PySide6.QtCore import QElapsedTimer, QMarginsF, QObject, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QTextDocument,
    QTextOption,
    QTextTable,
)

from o365desk.domain.review import ReviewSheet
from o365desk.views.review_sheet import STYLE, Part, Piece, pieces, rich_text
from o365desk.views.review_words import SheetWords

DPI = 96
"""Everything is laid out in CSS pixels and scaled to the device: the same on every printer."""

MARGIN = 15.0
"""Around the text, millimetres."""

FONT = 12
FOOT_FONT = 10
FOOT = 24
"""Height of the line with the page number."""

GAP = 8
"""Below a table."""

ROWS = 10
"""Rows of a table that are measured or drawn at once."""

SLICE = 8
"""Milliseconds of work between two looks at what else the window has to do."""


class CannotPrint(Exception):
    """The printer or the file does not take what is printed."""


class _Placed(NamedTuple):
    """Pieces that stand one below the other, at their height on a page."""

    y: float
    pieces: list[Piece]


class SheetPages:
    """A sheet divided into pages of one size. First `lay_out`, to its end; then `draw` each.

    Not one document for all: that takes Qt a second for some thousand lines, at a stretch.
    """

    def __init__(self, sheet: ReviewSheet, words: SheetWords, size: QSizeF) -> None:
        """`size`: what of the paper is printed on, in CSS pixels."""
        self._sheet = sheet
        self._words = words
        self._size = size
        self._pages: list[list[_Placed]] = []
        self._y = size.height()  # the first piece opens a page
        self._document = QTextDocument()
        self._document.setDocumentMargin(0)
        self._document.setDefaultStyleSheet(STYLE)
        self._document.setDefaultFont(_font(FONT))
        option = QTextOption()
        option.setTextDirection(words.locale.textDirection())
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setUseDesignMetrics(True)  # the same line breaks at every resolution
        self._document.setDefaultTextOption(option)

    @property
    def count(self) -> int:
        return len(self._pages)

    def lay_out(self) -> Iterator[None]:
        """A step for every few pieces of the sheet."""
        head = Piece(Part.HEAD)
        held: list[tuple[Piece, float]] = []
        for few in _few_at_once(pieces(self._sheet, self._words)):
            for piece, height in zip(few, self._heights(few), strict=True):
                if piece.part in (Part.HEAD, Part.END):
                    head = Piece(Part.HEAD, piece.cells)
                held.append((piece, height))
                if not piece.keep:
                    self._place(held, head)
                    held = []
            yield

    def _place(self, held: list[tuple[Piece, float]], head: Piece) -> None:
        """Puts pieces that belong together on one page; `head` is that of the table around."""
        shown = sum(height for piece, height in held if piece.cells)
        if self._y + shown > self._size.height() - FOOT:
            self._pages.append([])
            self._y = 0.0
            if head.cells and all(piece.part is not Part.HEAD for piece, _ in held):
                held = [(head, self._heights([head])[0]), *held]
        page = self._pages[-1] if self._pages else []
        for piece, height in held:
            above = page[-1].pieces if page else []
            if piece.part is Part.ROW and 0 < len(above) < ROWS and above[-1].part is not Part.TEXT:
                above.append(piece)
            elif piece.cells:
                page.append(_Placed(self._y, [piece]))
            self._y += height

    def _heights(self, few: list[Piece]) -> list[float]:
        """Of one piece, or of some rows of one table."""
        if not few[0].cells:
            return [GAP if few[0].part is Part.END else 0.0]
        self._set(few)
        whole = self._document.size().height()
        if len(few) == 1:
            return [whole]
        table = cast("QTextTable", self._document.rootFrame().childFrames()[0])
        layout = self._document.documentLayout()
        cells = (table.cellAt(row, 0).firstCursorPosition().block() for row in range(len(few)))
        tops = [layout.blockBoundingRect(cell).top() for cell in cells]
        edges = [top - tops[0] for top in tops]
        return [below - edge for edge, below in zip(edges, [*edges[1:], whole], strict=True)]

    def _set(self, some: list[Piece]) -> None:
        if some[0].part is Part.ROW:
            some = [_TABLE, *some]
        if some[0].part is Part.HEAD:
            some = [*some, _END]
        self._document.setHtml(rich_text(some, self._words))
        self._document.setTextWidth(self._size.width())

    def draw(self, painter: QPainter, page: int) -> Iterator[None]:
        """Draws a page, counted from 0, at the origin, in a few steps."""
        for y, some in self._pages[page]:
            self._set(some)
            painter.save()
            painter.translate(0, y)
            self._document.drawContents(painter)
            painter.restore()
            yield
        self._draw_foot(painter, page)

    def _draw_foot(self, painter: QPainter, page: int) -> None:
        words = self._words
        painter.setFont(_font(FOOT_FONT))
        painter.setPen(QColor("#555555"))
        painter.setLayoutDirection(words.locale.textDirection())
        foot = QRectF(0, self._size.height() - FOOT, self._size.width(), FOOT)
        bottom = Qt.AlignmentFlag.AlignBottom
        number = f"\u2066{self._sheet.number}\u2069"
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeading | bottom, number)
        text = words["page"].format(page=words.count(page + 1), pages=words.count(self.count))
        painter.drawText(foot, Qt.AlignmentFlag.AlignTrailing | bottom, text)


_TABLE, _END = Piece(Part.HEAD), Piece(Part.END)


def _few_at_once(all_of_them: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Rows of one table together, everything else alone."""
    for part, some in groupby(all_of_them, key=lambda piece: piece.part):
        while few := list(islice(some, ROWS if part is Part.ROW else 1)):
            yield few


def _font(pixels: int) -> QFont:
    font = QFont(QGuiApplication.font())
    font.setPixelSize(pixels)
    return font


def page_layout(paper: QPageSize.PageSizeId) -> QPageLayout:
    """Upright, with the margins of the sheet."""
    return QPageLayout(
        QPageSize(paper),
        QPageLayout.Orientation.Portrait,
        QMarginsF(MARGIN, MARGIN, MARGIN, MARGIN),
        QPageLayout.Unit.Millimeter,
    )


def print_sheet(
    sheet: ReviewSheet, words: SheetWords, device: QPagedPaintDevice, resolution: int
) -> Generator[tuple[int, int], None, None]:
    """Prints on a device that has its page layout, step by step. Each step tells the page it is
    at, and how many there are (0: they are being counted). Raises CannotPrint."""
    scale = resolution / DPI
    area = device.pageLayout().paintRectPixels(resolution)
    made = SheetPages(sheet, words, QSizeF(area.width() / scale, area.height() / scale))
    for _ in made.lay_out():
        yield made.count, 0
    painter = QPainter()
    if not painter.begin(device):
        raise CannotPrint
    try:
        painter.scale(scale, scale)
        for page in range(made.count):
            if page and not device.newPage():
                raise CannotPrint
            for _ in made.draw(painter, page):
                yield page + 1, made.count
    finally:
        painter.end()


class InSteps(QObject):
    """Runs a generator to its end, a few milliseconds at a time."""

    stepped = Signal(object)
    """What the generator said last, once for every slice of work."""
    finished = Signal()
    failed = Signal()
    """The generator raised CannotPrint."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Generator[object, None, None] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._slice)

    @property
    def running(self) -> bool:
        return self._steps is not None

    def start(self, steps: Generator[object, None, None]) -> None:
        self.stop()
        self._steps = steps
        self._timer.start(0)

    def stop(self) -> None:
        """Ends it where it is."""
        self._timer.stop()
        if self._steps is not None:
            self._steps.close()
            self._steps = None

    def _slice(self) -> None:
        if self._steps is None:
            return
        clock = QElapsedTimer()
        clock.start()
        said = None
        try:
            while clock.elapsed() < SLICE:
                said = next(self._steps)
        except StopIteration:
            self.stop()
            self.finished.emit()
        except CannotPrint:
            self.stop()
            self.failed.emit()
        else:
            self.stepped.emit(said)
