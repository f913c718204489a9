"""The table of a ListingModel: keys and mouse become requests, cells are painted in their tones."""

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionHeader,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from o365desk.models.listing import ListingModel, Tone
from o365desk.models.pieces import Pieces
from o365desk.views import parts, theme

Index = QModelIndex | QPersistentModelIndex

_MOST_SELECTED = 200
"""Rows that Qt can follow in passing when they move."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz.@"
_MOST_FITTING = 4096

_BESIDE = Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | _BESIDE
_RIGHT = Qt.AlignmentFlag.AlignRight | _BESIDE


class RowDelegate(QStyledItemDelegate):
    """Paints cells straight from the rows: Qt's own painting asks for seven roles a cell."""

    def __init__(self, model: ListingModel[Any], view: QAbstractItemView) -> None:
        super().__init__(view)
        self._model = model
        self.hovered = -1
        """Row under the mouse; -1 for none."""
        self.dimmed = False
        self._fitting: dict[tuple[str, int, bool], str] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, column = self._model.row_at(index), index.column()
        if row is None:
            return
        rect: QRect = option.rect
        palette: QPalette = option.palette
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or index.row() == self.hovered:
            role = QPalette.ColorRole.Highlight if selected else QPalette.ColorRole.Midlight
            painter.fillRect(rect, palette.color(role))
        tone = Tone.MUTED if self.dimmed else self._model.tone(row, column)
        loud = tone in (Tone.WARNING, Tone.DANGER)
        painter.setFont(_demi_bold(option.font) if loud else option.font)
        painter.setPen(_colour(tone, palette))
        words = rect.adjusted(theme.GRID, 0, -theme.GRID, 0)
        shown = self._elided(painter, row.texts[column], words.width(), loud=loud)
        painter.drawText(words, _RIGHT if self._model.columns[column].right else _LEFT, shown)

    def _elided(self, painter: QPainter, text: str, width: int, *, loud: bool) -> str:
        key = (text, width, loud)
        shown = self._fitting.get(key)
        if shown is None:
            if len(self._fitting) > _MOST_FITTING:
                self._fitting.clear()
            fitted = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
            shown = self._fitting[key] = fitted
        return shown


def _demi_bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setWeight(QFont.Weight.DemiBold)
    return made


def _colour(tone: Tone, palette: QPalette) -> QColor:
    match tone:
        case Tone.WARNING:
            return QColor(theme.current().warning)
        case Tone.DANGER:
            return QColor(theme.current().danger)
        case Tone.MUTED:
            return palette.color(QPalette.ColorRole.Dark)
        case Tone.PLAIN:
            return palette.color(QPalette.ColorRole.Text)


class _Header(QHeaderView):
    """Numbers are narrow, so their titles stand in two lines; and their sort arrow before them,
    where Qt would paint it over the title's end."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setSectionsClickable(True)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, section: int) -> None:
        super().initStyleOptionForIndex(option, section)
        if not option.textAlignment & Qt.AlignmentFlag.AlignRight:
            return
        option.text = in_two(option.text)
        if section == self.sortIndicatorSection():
            up = self.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
            option.sortIndicator = QStyleOptionHeader.SortIndicator.None_
            option.text = f"{'▴' if up else '▾'} {option.text}"

    def sectionSizeFromContents(self, section: int) -> QSize:
        size = super().sectionSizeFromContents(section)
        title = str(self.model().headerData(section, Qt.Orientation.Horizontal))
        align = self.model().headerData(
            section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole
        )
        if align & Qt.AlignmentFlag.AlignRight and "\n" in in_two(title):
            size.setHeight(2 * self.fontMetrics().height() + 2)
        return size


def in_two(title: str) -> str:
    """A title in two lines, as equal as can be."""
    cuts = [at for at, letter in enumerate(title) if letter == " "]
    if not cuts:
        return title
    cut = min(cuts, key=lambda at: max(at, len(title) - at - 1))
    return f"{title[:cut]}\n{title[cut + 1 :]}"


class RowTable(QTableView):
    """Rows of a ListingModel. Enter and double click emit `activated_row`; Ctrl+C copies the
    selected rows as a spreadsheet takes them."""

    activated_row = Signal(object)
    """The row."""
    current_changed = Signal()

    def __init__(
        self, model: ListingModel[Any], name: str, *, stretch: str, parent: QWidget | None = None
    ) -> None:
        """`stretch` is the key of the column that takes what the others leave."""
        super().__init__(parent)
        self.listing = model
        keys = [column.key for column in model.columns]
        self._stretch = keys.index(stretch)
        self._keys = ",".join(keys).encode()
        self._delegate = RowDelegate(model, self)
        self._copying = Pieces(self)
        self.setHorizontalHeader(_Header())
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        parts.plain_table(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        font = self.font()
        font.setFeature(QFont.Tag("tnum"), 1)
        self.setFont(font)
        self._set_up_header()
        model.rearranging.connect(self._let_go)
        self.selectionModel().currentRowChanged.connect(lambda *_: self.current_changed.emit())
        self.doubleClicked.connect(self._activate)

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        character = self.fontMetrics().horizontalAdvance(_LETTERS) / len(_LETTERS)
        metrics = QFontMetrics(_demi_bold(self.font()))
        self._least = 0
        for number, column in enumerate(self.listing.columns):
            title = in_two(column.title) if column.right else column.title
            words = max(metrics.horizontalAdvance(f"▾ {line}") for line in title.split("\n"))
            width = max(round(column.width * character), words) + 2 * theme.GRID
            header.resizeSection(number, width)
            if number == self._stretch:
                self._least = width
        header.setSectionResizeMode(self._stretch, QHeaderView.ResizeMode.Fixed)
        header.sectionResized.connect(self._fit)
        self.listing.layoutChanged.connect(self._fit)
        self.setSortingEnabled(True)

    def _fit(self) -> None:
        header = self.horizontalHeader()
        others = header.length() - header.sectionSize(self._stretch)
        width = max(self._least, self.viewport().width() - others)
        if width != header.sectionSize(self._stretch):
            header.resizeSection(self._stretch, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Before Qt works out the scroll bars, or one would flash.
        self._fit()
        super().resizeEvent(event)

    # State that is remembered

    def save_state(self) -> bytes:
        """Widths and sort of the columns."""
        return self._keys + b"\n" + bytes(self.horizontalHeader().saveState().data())

    def restore_state(self, state: bytes) -> None:
        """Takes back what `save_state` gave; ignores what does not fit."""
        header = self.horizontalHeader()
        keys, _, saved = state.partition(b"\n")
        if keys == self._keys and header.restoreState(QByteArray(saved)):
            header.setSectionResizeMode(self._stretch, QHeaderView.ResizeMode.Fixed)
            self._fit()
            self.sortByColumn(header.sortIndicatorSection(), header.sortIndicatorOrder())

    # What the page tells and asks

    def set_dimmed(self, dimmed: bool) -> None:
        """Every row is old: a reading is under way, or failed."""
        if dimmed != self._delegate.dimmed:
            self._delegate.dimmed = dimmed
            self.viewport().update()

    def current_row(self) -> Any:
        """The row that has the keyboard; None for none."""
        return self.listing.row_at(self.currentIndex())

    def copy_rows(self) -> None:
        """The selected rows, in the order of the table, as a spreadsheet takes them."""
        # Ranges: Qt answers selected rows one by one, which takes seconds for very many.
        places = sorted((one.top(), one.bottom()) for one in self._ranges())
        rows = [row for top, bottom in places for row in self.listing.rows_between(top, bottom)]
        if rows:
            self._copying.start(self._copy(rows))

    def _copy(self, rows: Sequence[Any]) -> Iterator[None]:
        lines = []
        for row in rows:
            lines.append("\t".join(row.texts))
            yield
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _ranges(self) -> list[QItemSelectionRange]:
        selection = self.selectionModel().selection()
        return [selection.at(number) for number in range(selection.count())]

    def _let_go(self) -> None:
        if sum(one.height() for one in self._ranges()) > _MOST_SELECTED:
            self.selectionModel().clearSelection()

    def _activate(self, index: Index) -> None:
        row = self.listing.row_at(index)
        if row is not None:
            self.activated_row.emit(row)

    # Events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._activate(self.currentIndex())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self._hover(index.row() if index.isValid() else -1)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self._delegate.hovered:
            self._delegate.hovered = row
            self.viewport().update()
