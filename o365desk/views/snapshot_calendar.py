"""The time line: a pop-up calendar in which one of the kept snapshots of a tenant is chosen."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from PySide6.QtCore import (
    QEvent,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.errors import DeskError
from o365desk.domain.snapshots import Snapshot
from o365desk.models.snapshot_month import WEEKS, SnapshotMonthModel
from o365desk.models.words import clock_text, full_text
from o365desk.views import parts, theme

NONE_YET = "No snapshot of this customer yet. One is kept after every finished load."
READING = "Reading the snapshots…"

_CELL = 5 * theme.GRID
_TIMES_WIDTH = 28 * theme.GRID
_AT = int(Qt.ItemDataRole.UserRole)

Index = QModelIndex | QPersistentModelIndex


class _Days(QStyledItemDelegate):
    """A day with snapshots is bold and has a dot below; the one on screen a ring as well."""

    def __init__(self, model: SnapshotMonthModel, view: QTableView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        day = self._model.day_at(index)
        if day is None:
            return
        palette: QPalette = option.palette
        marked = bool(self._model.of_day(day))
        rect = option.rect.toRectF().adjusted(2, 2, -2, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if marked:
            self._paint_ground(painter, option, rect, day)
        font = QFont(option.font)
        font.setWeight(QFont.Weight.Bold if marked else QFont.Weight.Normal)
        painter.setFont(font)
        role = QPalette.ColorRole.Text if marked else QPalette.ColorRole.Dark
        painter.setPen(palette.color(QPalette.ColorGroup.Active, role))
        painter.drawText(rect.adjusted(0, 0, 0, -6), Qt.AlignmentFlag.AlignCenter, index.data())
        if marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.Accent))
            painter.drawEllipse(QRectF(rect.center().x() - 2.5, rect.bottom() - 8, 5, 5))
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRectF, day: date
    ) -> None:
        state, palette = option.state, option.palette
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            look = theme.current()
            painter.setBrush(QColor(look.selected if selected else look.hover))
        focused = selected and self._view.hasFocus()
        accent = palette.color(QPalette.ColorRole.Accent)
        painter.setPen(QPen(accent, 2 if focused else 1))
        if not (focused or self._model.is_shown(day)):
            painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS)


class SnapshotCalendar(QFrame):
    """Made once and opened by `popup_below`; opens in its loading state until it is told more.

    A day with one snapshot opens at a click, one with several lists its times beside. Keys: the
    arrows go from snapshot to snapshot, Page Up and Page Down by months, Home and End to the first
    and the last, Enter opens, Esc closes.
    """

    snapshot_chosen = Signal(object)
    """Time of the snapshot to show (datetime, UTC)."""
    live_requested = Signal()
    retry_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("kind", "popup")
        self.setAccessibleName("Snapshots")
        self._shown: datetime | None = None
        self._day: date | None = None
        self._model = SnapshotMonthModel(self)
        self.grid = QTableView()
        self.times = QListWidget()
        self._previous = parts.icon_button("chevron-left", "Previous month", self._page_back)
        self._next = parts.icon_button("chevron-right", "Next month", self._page_on)
        self._month = parts.label(kind="heading", name="Month")
        self._month.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._day_title = parts.label(kind="heading", wrap=True)
        self._count = parts.label(kind="muted")
        self._note = parts.label(READING, "muted", wrap=True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._retry = parts.button("Try again", self._ask_again, icon="refresh")
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Reading the snapshots")
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self.newest_button = parts.button("Newest", self._choose_newest)
        self.live_button = parts.button("Back to live", self._choose_live)
        self._calendar = QWidget()
        self._pages = QStackedWidget()
        self._set_up_grid()
        self._set_up_times()
        self._lay_out()
        self.set_loading()

    def _set_up_grid(self) -> None:
        grid = self.grid
        grid.setModel(self._model)
        parts.plain_table(grid)
        grid.setItemDelegate(_Days(self._model, grid))
        grid.setAccessibleName("Days with snapshots")
        grid.setProperty("kind", "calendar")  # a day's ground is the delegate's work
        grid.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        grid.setMouseTracking(True)
        grid.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        grid.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        grid.verticalHeader().setDefaultSectionSize(_CELL)
        header = grid.horizontalHeader()
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(_CELL)
        header.setDefaultSectionSize(6 * theme.GRID)
        grid.installEventFilter(self)
        grid.clicked.connect(self._clicked)
        grid.selectionModel().currentChanged.connect(lambda new, _old: self._go_to_cell(new))

    def _set_up_times(self) -> None:
        times = self.times
        times.setAccessibleName("Snapshots of the day")
        times.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        times.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        times.setProperty("kind", "times")
        times.installEventFilter(self)
        times.itemClicked.connect(self._choose)

    def _lay_out(self) -> None:
        grid = theme.GRID
        turn = QHBoxLayout()
        turn.addWidget(self._previous)
        turn.addWidget(self._month, 1)
        turn.addWidget(self._next)
        left = QVBoxLayout()
        left.setSpacing(grid // 2)
        left.addLayout(turn)
        left.addWidget(self.grid)
        right = QVBoxLayout()
        right.setSpacing(grid // 2)
        right.addWidget(self._day_title)
        right.addWidget(self.times, 1)
        sides = QHBoxLayout(self._calendar)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.setSpacing(2 * grid)
        sides.addLayout(left)
        sides.addLayout(right)
        self.times.setFixedWidth(_TIMES_WIDTH)
        note = QWidget()
        column = QVBoxLayout(note)
        column.setContentsMargins(4 * grid, grid, 4 * grid, grid)
        column.addStretch(2)
        column.addWidget(self._note)
        column.addSpacing(grid)
        column.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self._pages.addWidget(self._calendar)
        self._pages.addWidget(note)
        foot = QHBoxLayout()
        foot.setSpacing(grid)
        foot.addWidget(self._count)
        foot.addStretch()
        foot.addWidget(self.newest_button)
        foot.addWidget(self.live_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2 * grid, grid, 2 * grid, 3 * grid // 2)
        whole.setSpacing(grid // 2)
        whole.addWidget(self._bar)
        whole.addWidget(self._pages, 1)
        whole.addLayout(foot)

    # What the window tells

    def set_loading(self) -> None:
        """The list of another tenant is being read: nothing of the old one stays."""
        self._fill((), None)
        self._show_note(READING, loading=True)

    def show_error(self, error: DeskError) -> None:
        """The list could not be read."""
        self._fill((), None)
        said = " ".join(text for text in (error.sentence, error.next_step) if text)
        self._show_note(said, kind="error")
        self._retry.show()

    def set_snapshots(
        self, snapshots: Sequence[Snapshot], shown: datetime | None, *, can_go_live: bool = False
    ) -> None:
        """Those of the tenant, in any order; `shown`: time of the one on screen, None for live
        data; `can_go_live`: live data can be asked for."""
        self._fill(snapshots, shown)
        self.live_button.setVisible(can_go_live and shown is not None)
        if not snapshots:
            self._show_note(NONE_YET)
            return
        self._bar.hide()
        self._pages.setCurrentIndex(0)
        newest = max(one.at for one in snapshots)
        self.newest_button.setEnabled(shown != newest)
        days = self._model.days
        wanted = days[-1] if shown is None else shown.astimezone().date()
        self._go_to(self._model.before(wanted) or days[0])

    def popup_below(self, widget: QWidget) -> None:
        """Opens under `widget`, inside its screen."""
        self._fit()
        area = widget.screen().availableGeometry()
        size = self.sizeHint().boundedTo(area.size())
        corner = widget.mapToGlobal(QPoint(0, widget.height() + theme.GRID // 2))
        corner.setX(max(area.left(), min(corner.x(), area.right() - size.width() + 1)))
        corner.setY(max(area.top(), min(corner.y(), area.bottom() - size.height() + 1)))
        self.setGeometry(QRect(corner, size))
        self.show()
        self.grid.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fill(self, snapshots: Sequence[Snapshot], shown: datetime | None) -> None:
        self._shown = shown
        self._day = None
        self._model.set_snapshots(snapshots, shown)
        self._retry.hide()
        locale, count = QLocale(), len(snapshots)
        kept = f"{locale.toString(count)} {'snapshot' if count == 1 else 'snapshots'}"
        self._count.setText(kept if count else "")
        self._count.setToolTip(
            f"The first is of {full_text(min(one.at for one in snapshots))}" if count else ""
        )
        self.live_button.hide()

    def _show_note(self, text: str, *, kind: str = "muted", loading: bool = False) -> None:
        self._note.setText(text)
        parts.set_kind(self._note, kind)
        self._bar.setVisible(loading)
        self.newest_button.setEnabled(False)
        self._pages.setCurrentIndex(1)

    def _fit(self) -> None:
        """The weeks as large as they are, in every state: the pop-up never scrolls them."""
        self.ensurePolished()
        header = self.grid.horizontalHeader()
        height = header.sizeHint().height() + WEEKS * _CELL + 2
        self.grid.setFixedSize(header.length() + 2, height)
        for layout in (self._calendar.layout(), self.layout()):
            if layout is not None:
                layout.activate()  # else it remembers how large the grid was before
        self._pages.setMinimumSize(self._calendar.sizeHint())

    # Days

    def _go_to(self, day: date) -> None:
        """Makes a day with snapshots the current one, in its month."""
        self._model.show_month(day)
        self._month.setText(self._model.month_text())
        first, last = self._model.days[0], self._model.days[-1]
        self._previous.setEnabled(first < self._model.month)
        self._next.setEnabled(last.replace(day=1) > self._model.month)
        self._day = day
        self.grid.setCurrentIndex(self._model.index_of(day))
        self._list_times(day)

    def _go_to_cell(self, index: QModelIndex) -> None:
        day = self._model.day_at(index)
        if day is not None and day != self._day:
            self._day = day
            self._list_times(day)

    def _list_times(self, day: date) -> None:
        locale = QLocale()
        self._day_title.setText(self._model.spoken(day).partition(":")[0])
        self.times.clear()
        for row, snapshot in enumerate(self._model.of_day(day)):
            users = (
                f"{locale.toString(snapshot.users)} {'user' if snapshot.users == 1 else 'users'}"
            )
            shown = " · on screen" if snapshot.at == self._shown else ""
            time = clock_text(snapshot.at, now=snapshot.at)
            item = QListWidgetItem(f"{time} · {users}{shown}")
            item.setToolTip(full_text(snapshot.at))
            item.setData(_AT, snapshot.at)
            self.times.addItem(item)
            if shown or not row:
                self.times.setCurrentItem(item)

    def _clicked(self, index: QModelIndex) -> None:
        day = self._model.day_at(index)
        if day is None or not self._model.of_day(day):
            return
        if len(self._model.of_day(day)) == 1:
            self._choose(self.times.item(0))
        else:
            self.times.setFocus(Qt.FocusReason.MouseFocusReason)

    def _page_back(self) -> None:
        self._step_month(-1)

    def _page_on(self) -> None:
        self._step_month(1)

    def _step_month(self, step: int) -> None:
        """To the month before or after that has snapshots, as near to the same day as can be."""
        month = self._model.month
        if step < 0:
            found = self._model.before(month - timedelta(days=1))
        else:
            found = self._model.after((month + timedelta(days=31)).replace(day=1))
        if found is None or self._day is None:
            return
        wanted = _day_of_month(found, self._day.day)
        near = self._model.before(wanted)
        if near is None or near.replace(day=1) != found.replace(day=1):
            near = self._model.after(wanted)
        self._go_to(near if near is not None else found)

    # Intents

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            at = item.data(_AT)
            self.close()
            self.snapshot_chosen.emit(at)

    def _choose_newest(self) -> None:
        at = self._model.of_day(self._model.days[-1])[0].at
        self.close()
        self.snapshot_chosen.emit(at)

    def _choose_live(self) -> None:
        self.close()
        self.live_requested.emit()

    def _ask_again(self) -> None:
        self.set_loading()
        self.retry_requested.emit()

    # Events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = event.type() is QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.times.currentItem())
                return True
            if watched is self.grid and self._day is not None:
                return self._move(self._day, event)
        return super().eventFilter(watched, event)

    def _move(self, day: date, event: QKeyEvent) -> bool:
        """What a key does in the weeks; False when it means nothing there."""
        model, one, week = self._model, timedelta(days=1), timedelta(days=7)
        match event.key():
            case Qt.Key.Key_Left:
                found = model.before(day - one)
            case Qt.Key.Key_Right:
                found = model.after(day + one)
            case Qt.Key.Key_Up:
                found = model.before(day - week)
            case Qt.Key.Key_Down:
                found = model.after(day + week)
            case Qt.Key.Key_Home:
                found = model.days[0]
            case Qt.Key.Key_End:
                found = model.days[-1]
            case Qt.Key.Key_PageUp:
                self._step_month(-1)
                return True
            case Qt.Key.Key_PageDown:
                self._step_month(1)
                return True
            case _:
                return False
        if found is not None:
            self._go_to(found)
        return True


def _day_of_month(month: date, day: int) -> date:
    """That day of the month, or its last one."""
    after = (month.replace(day=1) + timedelta(days=31)).replace(day=1)
    return month.replace(day=min(day, (after - timedelta(days=1)).day))
