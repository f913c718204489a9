"""The search over all customers: a field over the window, and what was found in the newest
snapshot of each of them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, QLocale, QModelIndex, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.directory import utc_now
from o365desk.domain.errors import DeskError
from o365desk.domain.snapshots import SearchHit
from o365desk.models.search_hits import SearchHitModel, SearchScope
from o365desk.models.words import clock_text
from o365desk.views import parts, theme
from o365desk.views.search_list import SearchTable

WIDTH = 110 * theme.GRID
HEIGHT = 72 * theme.GRID
PAUSE_MS = 120
"""Nothing is searched for until typing pauses for so long."""

_SEARCHED = (
    "names, usernames, earlier names and usernames, mail addresses, product names, part numbers, "
    "SKU ids, subscription ids, and customers by name, domain or id"
)
_NOTHING_READ = "Nothing has been read yet. Refresh all customers (Portfolio) to search them here."


class CustomerSearch(QFrame):
    """Pop-up of the main window, made once and shown by `open_over`.

    Emits `search_requested(str)` when typing pauses: `begin()`, any number of `add_hits()`, and
    `finish()` or `show_error()` are the answer. An empty text asks for nothing, and ends what is
    under way; so does closing. The text stays for the next time, and is searched for anew then.
    The field keeps the focus; Up, Down, Page Up and Page Down move in the list, Enter emits
    `hit_chosen(SearchHit)`.
    """

    search_requested = Signal(str)
    hit_chosen = Signal(object)

    def __init__(
        self, now: Callable[[], datetime] = utc_now, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("kind", "popup")
        self.setAccessibleName("Search all customers")
        self._now = now
        self._scope: SearchScope | None = None
        self._searching = False
        self._error: DeskError | None = None
        self._model = SearchHitModel(now, self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self._field = QLineEdit()
        self._field.setPlaceholderText(
            "Search all customers: users, products, subscriptions, ids, earlier names"
        )
        self._field.setAccessibleName("Search all customers")
        self._field.setClearButtonEnabled(True)
        self._field.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._table = SearchTable(self._model)
        self._note = parts.label(kind="muted", wrap=True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Searching")
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._count = parts.ElidedLabel(kind="muted")
        self._hint = parts.label("Enter opens   Esc closes", kind="muted")
        self._pages = QStackedWidget()
        self._lay_out()
        self._field.installEventFilter(self)
        self._field.textChanged.connect(self._typed)
        self._table.clicked.connect(lambda index: self._choose(index.row()))
        self._table.selectionModel().currentChanged.connect(lambda _new, _old: self._announce())
        self._show_state()

    def _lay_out(self) -> None:
        grid = theme.GRID
        note = QWidget()
        column = QVBoxLayout(note)
        column.setContentsMargins(6 * grid, grid, 6 * grid, grid)
        column.addStretch(2)
        column.addWidget(self._note)
        column.addStretch(3)
        self._pages.addWidget(self._table)
        self._pages.addWidget(note)
        head = QHBoxLayout()
        head.setContentsMargins(grid, grid, grid, 0)
        head.addWidget(self._field)
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * grid, 0, 2 * grid, grid)
        foot.setSpacing(2 * grid)
        foot.addWidget(self._count, 1)
        foot.addWidget(self._hint)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(grid // 2)
        whole.addLayout(head)
        whole.addWidget(self._bar)
        whole.addWidget(self._pages, 1)
        whole.addLayout(foot)

    # What the program tells

    def open_over(self, window: QWidget) -> None:
        """Opens over the upper part of a window, inside its screen."""
        grid = theme.GRID
        size = self.maximumSize().boundedTo(window.size())
        width = min(WIDTH, size.width() - 4 * grid)
        height = min(HEIGHT, size.height() - 8 * grid)
        corner = window.mapToGlobal(QPoint((size.width() - width) // 2, 4 * grid))
        area = window.screen().availableGeometry()
        corner.setX(max(area.left(), min(corner.x(), area.right() - width + 1)))
        corner.setY(max(area.top(), min(corner.y(), area.bottom() - height + 1)))
        self.setGeometry(QRect(corner.x(), corner.y(), width, height))
        self.show()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)
        self._field.selectAll()
        if self._field.text().strip():
            self._ask()

    def set_scope(self, scope: SearchScope) -> None:
        """What there is to be searched; told before opening, and whenever it has changed."""
        self._scope = scope
        self._show_state()

    def begin(self) -> None:
        """The search that was asked for last has begun."""
        self._searching = True
        self._error = None
        self._model.begin(self._field.text())
        self._show_state()

    def add_hits(self, hits: Sequence[SearchHit]) -> None:
        """The next finds, the best first."""
        self._model.add(hits)
        if not self._table.currentIndex().isValid():
            self._go_to(0)
        self._show_state()

    def finish(self) -> None:
        """Everything has been searched, or enough was found."""
        self._searching = False
        self._model.finish()
        self._show_state()

    def show_error(self, error: DeskError) -> None:
        """The search could not be done."""
        self._searching = False
        self._error = error
        self._model.clear()
        self._show_state()

    # The search and the list

    def _typed(self, text: str) -> None:
        if text.strip():
            self._pause.start()
        else:
            self._ask()
        self._show_state()

    def _ask(self) -> None:
        self._pause.stop()
        text = self._field.text().strip()
        if not text:
            self._searching = False
            self._error = None
            self._model.clear()
            self._show_state()
        self.search_requested.emit(text)

    def _choose(self, row: int) -> None:
        if self._pause.isActive() or self._error is not None:
            self._ask()  # what is listed is not what was typed, or nothing could be
            return
        hit = self._model.hit_at(row)
        if hit is not None and not self._model.old:
            self.close()
            self.hit_chosen.emit(hit)

    def _go_to(self, row: int) -> None:
        last = self._model.total - 1
        index = self._model.index(max(0, min(row, last))) if last >= 0 else QModelIndex()
        self._table.setCurrentIndex(index)
        self._table.scrollTo(index)

    def _announce(self) -> None:
        """The focus stays in the field: a screen reader learns of the current row from it."""
        index = self._table.currentIndex()
        spoken = index.data(Qt.ItemDataRole.AccessibleTextRole) if index.isValid() else ""
        self._field.setAccessibleDescription(spoken or "")

    # What is written around the list

    def _show_state(self) -> None:
        self._bar.setVisible(self._searching)
        self._pages.setCurrentIndex(0 if self._model.total else 1)
        self._note.setText(self._note_text())
        parts.set_kind(self._note, "error" if self._error is not None else "muted")
        self._count.set_full(self._count_text())
        self._hint.setVisible(self._model.total > 0)
        self._table.viewport().update()

    def _note_text(self) -> str:
        if self._error is not None:
            return " ".join(filter(None, (self._error.sentence, self._error.next_step)))
        scope, text = self._scope, self._field.text().strip()
        if scope is not None and not scope.customers:
            return _NOTHING_READ
        if self._searching or self._pause.isActive():
            return "Searching…"
        if not text:
            return f"Finds {_SEARCHED}, as they were when each customer was read last."
        unread = ""
        if scope is not None and scope.never_read:
            unread = f" Not searched: {_customers(scope.never_read)} never read."
        return f"Nothing found for “{text}”. Searched are {_SEARCHED}.{unread}"

    def _count_text(self) -> str:
        model, scope, locale = self._model, self._scope, QLocale()
        if self._error is not None or (scope is not None and not scope.customers):
            return ""
        told = []
        if self._field.text().strip() and not model.old:
            total = locale.toString(model.total)
            found = f"{total} {'result' if model.total == 1 else 'results'}"
            if model.cut:
                found = f"the first {found}"
            told.append(f"{found} so far" if self._searching else found)
        if scope is None:
            return "".join(told)
        where = _customers(scope.customers)
        if scope.oldest is not None:
            where += f"; oldest snapshot {clock_text(scope.oldest, self._now())}"
        told.append(where)
        line = " in ".join(told)
        if scope.never_read:
            line += f" · {_customers(scope.never_read)} never read"
        return f"{line[:1].upper()}{line[1:]}"

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._table.hover(-1)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pause.stop()
        if self._searching:
            self.finish()
            self.search_requested.emit("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = event.type() is QEvent.Type.KeyPress and watched is self._field
        if pressed and isinstance(event, QKeyEvent):
            action = self._action(event)
            if action is not None:
                action()
                return True
        return super().eventFilter(watched, event)

    def _action(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a key does here instead of in the field."""
        key = event.key()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        row = self._table.currentIndex().row()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return lambda: self._choose(row)
        if key == Qt.Key.Key_Escape:
            return self.close
        steps: dict[int, int] = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -self._table.page,
            Qt.Key.Key_PageDown: self._table.page,
        }
        step = steps.get(key)
        return None if step is None else lambda: self._go_to(row + step)


def _customers(count: int) -> str:
    return f"{QLocale().toString(count)} {'customer' if count == 1 else 'customers'}"
