"""The list of the search over all customers: two painted lines a find, with what matched in
another colour."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QMouseEvent,
    QPainter,
    QPalette,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from o365desk.domain.snapshots import HitKind
from o365desk.models.search_hits import HitRow, Marked, SearchHitModel
from o365desk.views import parts, theme

Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 6 * theme.GRID
_ICON = 16
_CUSTOMER_SHARE = 0.34
"""Of the width: customer and age, at the right."""
_ICONS = {
    HitKind.TENANT: "portfolio",
    HitKind.USER: "account",
    HitKind.DELETED_USER: "trash",
    HitKind.PRODUCT: "license",
    HitKind.SUBSCRIPTION: "info",
}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute


class SearchHitDelegate(QStyledItemDelegate):
    """Paints a find straight from the model's rows."""

    def __init__(self, model: SearchHitModel, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._model = model
        self.hovered = -1
        """Row under the mouse; -1 for none."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = self._model.row_at(index.row())
        palette: QPalette = option.palette
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or index.row() == self.hovered:
            role = QPalette.ColorRole.Highlight if selected else QPalette.ColorRole.Midlight
            painter.fillRect(option.rect, palette.color(role))
        muted = palette.color(QPalette.ColorRole.Dark)
        grey = self._model.old or row.kind is HitKind.DELETED_USER
        text = muted if grey else palette.color(QPalette.ColorRole.Text)
        found = muted if self._model.old else palette.color(QPalette.ColorRole.Link)
        grid = theme.GRID
        inside = option.rect.adjusted(2 * grid, grid // 2, -2 * grid, -grid // 2)
        icon = QRect(inside.left(), inside.top(), _ICON, inside.height() // 2)
        theme.paint_icon(painter, _ICONS[row.kind], icon, muted)
        inside.setLeft(icon.right() + grid + grid // 2)
        side = QRect(inside)
        side.setLeft(inside.right() - int(inside.width() * _CUSTOMER_SHARE))
        inside.setRight(side.left() - 2 * grid)
        self._paint_left(painter, option.font, inside, row, text, muted, found)
        aged = row.aged and not self._model.old
        age = QColor(theme.current().warning) if aged else muted
        upper, lower = _halves(side)
        _draw(painter, option.font, upper, row.customer, text, found, _RIGHT)
        _draw(painter, _small(option.font), lower, Marked(row.age, []), age, found, _RIGHT)

    def _paint_left(
        self,
        painter: QPainter,
        font: QFont,
        rect: QRect,
        row: HitRow,
        text: QColor,
        muted: QColor,
        found: QColor,
    ) -> None:
        upper, lower = _halves(rect)
        _draw(painter, font, upper, row.title, text, found, _LEFT)
        _draw(painter, _small(font), lower, row.detail, muted, found, _LEFT)


def _halves(rect: QRect) -> tuple[QRect, QRect]:
    half = rect.height() // 2
    upper = QRect(rect.left(), rect.top(), rect.width(), half)
    return upper, upper.translated(0, half)


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.9)
    return small


def _draw(
    painter: QPainter,
    font: QFont,
    rect: QRect,
    marked: Marked,
    colour: QColor,
    found: QColor,
    alignment: Qt.AlignmentFlag,
) -> None:
    """One line, its matches bold and in a colour of their own; what has no room ends in "…"."""
    if not marked.text:
        return
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    painter.setFont(bold if marked.marks else font)
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(marked.text, Qt.TextElideMode.ElideRight, rect.width())
    room = len(marked.text) if shown == marked.text else len(shown) - 1
    layout = QTextLayout(shown, font)
    option = QTextOption(alignment)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    layout.setTextOption(option)
    layout.setFormats([_range(shown, a, min(b, room), found) for a, b in marked.marks if a < room])
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(rect.width())
    layout.endLayout()
    painter.setPen(colour)
    top = rect.top() + (rect.height() - line.height()) / 2
    layout.draw(painter, QPointF(rect.left(), top))


def _range(text: str, start: int, end: int, colour: QColor) -> QTextLayout.FormatRange:
    """Qt counts in UTF-16, where some characters count twice."""
    made = QTextLayout.FormatRange()
    made.start = _units(text[:start])
    made.length = _units(text[start:end])
    look = QTextCharFormat()
    look.setFontWeight(QFont.Weight.DemiBold)
    look.setForeground(colour)
    made.format = look
    return made


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class SearchTable(QTableView):
    """Never has the focus: the search field keeps it."""

    def __init__(self, model: SearchHitModel) -> None:
        super().__init__()
        self._delegate = SearchHitDelegate(model, self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        parts.plain_table(self)
        self.setAccessibleName("Results")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        columns = self.horizontalHeader()
        columns.hide()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        lines = 2 * self.fontMetrics().height() + 3 * theme.GRID // 2
        self.verticalHeader().setDefaultSectionSize(max(ROW_HEIGHT, lines))

    @property
    def page(self) -> int:
        """Rows that can be seen at once."""
        return max(1, self.viewport().height() // self.verticalHeader().defaultSectionSize())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self.hover(index.row() if index.isValid() else -1)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hover(-1)

    def hover(self, row: int) -> None:
        if row != self._delegate.hovered:
            self._delegate.hovered = row
            self.viewport().update()
