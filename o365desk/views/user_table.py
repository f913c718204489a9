"""The Users' List itself: a table view that turns mouse and keys into intents about a user."""

from PySide6.QtCore import QByteArray, QEvent, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QHeaderView, QMenu, QTableView, QWidget

from o365desk.domain.acts import Act
from o365desk.domain.directory import User, UserId
from o365desk.domain.query import UserQuery
from o365desk.models.roles import Role
from o365desk.models.user_rows import ACTION_COLUMNS, COLUMN, USER_COLUMNS
from o365desk.models.users import UserTableModel
from o365desk.views import parts, theme
from o365desk.views.user_actions import Intent, Offers, actions_for
from o365desk.views.user_delegate import MANAGE_TEXT, UserDelegate

_ASSIGN = COLUMN["assign"]
_ASSIGN_WIDTH = 20 * theme.GRID
"""The products' column is never narrower: a narrow window scrolls sideways instead."""
_COLUMNS = ",".join(column.key for column in USER_COLUMNS).encode()
_LETTERS = "abcdefghijklmnopqrstuvwxyz.@"


class UserTableView(QTableView):
    """Rows of users with their buttons.

    Enter opens Manage Licenses, the Menu key or Shift+F10 the ".." menu; both act on the current
    row. Emits `intended(Intent, UserId)`; knows nothing of what happens then.
    """

    intended = Signal(object, object)
    refused = Signal(str)
    """Something that cannot be done was asked for: the reason."""
    column_toggled = Signal(str, bool)
    """The operator shows or hides a column, by its key."""

    def __init__(self, model: UserTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._users = model
        self._offers = Offers()
        self._delegate = UserDelegate(self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self._delegate.manage_clicked.connect(
            lambda index: self._intend(Intent.MANAGE_LICENSES, index)
        )
        self._delegate.more_clicked.connect(self._open_menu)
        self.setAccessibleName("Users' List")
        parts.plain_table(self)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self._set_up_header()

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setStretchLastSection(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(
            lambda where: self.open_column_chooser(header.mapToGlobal(where))
        )
        # Not averageCharWidth(): in some fonts it counts narrow signs that names never hold.
        character = self.fontMetrics().horizontalAdvance(_LETTERS) / len(_LETTERS)
        for number, column in enumerate(USER_COLUMNS):
            header.resizeSection(number, round(column.width * character) + 2 * theme.GRID)
            self.setColumnHidden(number, column.hidden)
        more = COLUMN["more"]
        header.setSectionResizeMode(more, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(more, theme.ROW_HEIGHT + theme.GRID)
        manage = COLUMN["manage"]
        header.setSectionResizeMode(manage, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(
            manage, self.fontMetrics().horizontalAdvance(MANAGE_TEXT) + 4 * theme.GRID
        )
        header.setSectionResizeMode(_ASSIGN, QHeaderView.ResizeMode.Fixed)
        header.sectionResized.connect(self._fit_assign)
        # After Qt's header, which resizes its sections one by one when the rows change.
        self._users.layoutChanged.connect(self._fit_assign)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)

    def _fit_assign(self) -> None:
        """Assign takes what the others leave. Not Qt's stretching: that keeps the old width where
        nothing is left, and a narrow window would scroll by as much as a wide one shows."""
        header = self.horizontalHeader()
        if header.isSectionHidden(_ASSIGN):
            return
        others = header.length() - header.sectionSize(_ASSIGN)
        width = max(_ASSIGN_WIDTH, self.viewport().width() - others)
        if width != header.sectionSize(_ASSIGN):
            header.resizeSection(_ASSIGN, width)

    # State that is remembered

    def save_state(self) -> bytes:
        """Widths, order, visibility and sort of the columns."""
        return _COLUMNS + b"\n" + bytes(self.horizontalHeader().saveState().data())

    def restore_state(self, state: bytes) -> None:
        """Takes back what `save_state` gave; ignores what does not fit, such as what was saved
        when there were other columns: Qt knows them by their numbers only."""
        header = self.horizontalHeader()
        columns, _, saved = state.partition(b"\n")
        if columns == _COLUMNS and header.restoreState(QByteArray(saved)):
            header.setSectionResizeMode(_ASSIGN, QHeaderView.ResizeMode.Fixed)
            self._fit_assign()
            self.sortByColumn(header.sortIndicatorSection(), header.sortIndicatorOrder())

    # What the window tells

    def set_offers(self, offers: Offers) -> None:
        """What can be done to users of this tenant, and who of them holds a role."""
        self._offers = offers
        licensing = offers.refused.get(Act.LICENSE, "")
        self._delegate.enabled = not licensing
        self._delegate.marked = offers.titles.keys()
        self._users.set_notes(licensing, offers.titles)
        self.viewport().update()

    def shows(self, key: str) -> bool:
        """Whether a column is there to be seen."""
        return not self.isColumnHidden(COLUMN[key])

    @property
    def query(self) -> UserQuery:
        """What is searched, filtered and sorted by now."""
        return self._users.query

    def user_of(self, index: QModelIndex) -> User | None:
        return self._users.user_at(index)

    def current_user(self) -> User | None:
        return self._users.user_at(self.currentIndex())

    def visible_users(self) -> list[User]:
        """Users whose rows can be seen now, from the top."""
        top = self.rowAt(0)
        if top < 0:
            return []
        bottom = self.rowAt(self.viewport().height() - 1)
        last = bottom if bottom >= 0 else self._users.rowCount() - 1
        users = (self._users.user_at(self._users.index(row, 0)) for row in range(top, last + 1))
        return [user for user in users if user is not None]

    def select_user(self, user_id: UserId) -> None:
        """Makes a user current and visible, when the query shows it."""
        index = self._users.index_of(user_id)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def open_column_chooser(self, where: QPoint) -> None:
        """A menu of all columns; the name and the buttons are always there."""
        menu = _StayingMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Columns")
        menu.setToolTipsVisible(True)
        for number, column in enumerate(USER_COLUMNS):
            if column.key == "name" or number in ACTION_COLUMNS:
                continue
            action = QAction(column.title, menu)
            action.setCheckable(True)
            action.setChecked(self.shows(column.key))
            reason = self._offers.untold.get(column.key, "")
            action.setEnabled(not reason or action.isChecked())
            action.setToolTip(reason)
            action.toggled.connect(lambda shown, key=column.key: self.show_column(key, shown))
            menu.addAction(action)
        menu.popup(where)

    def show_column(self, key: str, shown: bool) -> None:
        """What the column chooser does."""
        self.setColumnHidden(COLUMN[key], not shown)
        self.column_toggled.emit(key, shown)

    # Intents

    def _intend(self, intent: Intent, index: QModelIndex) -> None:
        user = self._users.user_at(index)
        if user is None:
            return
        reason = self._offers.reason(intent, user)
        if reason:
            self.refused.emit(reason)
        else:
            self.intended.emit(intent, user.id)

    def trigger(self, intent: Intent) -> None:
        """The intent on the current row, where it applies there."""
        user = self.current_user()
        if user is not None and any(a.intent is intent for a in actions_for(user)):
            self._intend(intent, self.currentIndex())

    def _open_menu(self, index: QModelIndex, *, by_keyboard: bool = False) -> None:
        user = self._users.user_at(index)
        if user is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(f"Actions for {user.display_name}")
        menu.setToolTipsVisible(True)
        reasons: dict[str, None] = {}
        for entry in actions_for(user):
            reason = self._offers.reason(entry.intent, user)
            reasons.update({reason: None} if reason else {})
            action = QAction(theme.icon(entry.icon), entry.intent.value, menu)
            action.setShortcut(QKeySequence(entry.shortcut))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.setEnabled(not reason)
            action.setToolTip(reason)
            action.triggered.connect(
                lambda _checked=False, intent=entry.intent, who=user.id: self.intended.emit(
                    intent, who
                )
            )
            menu.addAction(action)
        self._explain(menu, tuple(reasons))
        cell = self.visualRect(index.siblingAtColumn(COLUMN["more"]))
        button = self._delegate.button_rect(cell, COLUMN["more"])
        menu.popup(self.viewport().mapToGlobal(QPoint(button.left(), button.bottom() + 2)))
        if by_keyboard:
            possible = (action for action in menu.actions() if action.isEnabled())
            menu.setActiveAction(next(possible, menu.actions()[0]))

    def _explain(self, menu: QMenu, reasons: tuple[str, ...]) -> None:
        """Why entries are disabled, as entries of their own: no key reaches a tooltip, and few
        screen readers a disabled entry. Each shows its reason in full."""
        if reasons:
            menu.addSeparator()
        for reason in reasons:
            sentence = reason.split(". ")[0].rstrip(".").replace("&", "&&")
            action = QAction(theme.icon("info"), f"{sentence}.", menu)
            action.setToolTip(reason)
            action.triggered.connect(
                lambda _checked=False, reason=reason: self.refused.emit(reason)
            )
            menu.addAction(action)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Before Qt works out the scroll bars, or one would flash.
        self._fit_assign()
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if not index.isValid():
            super().keyPressEvent(event)
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            user = self._users.user_at(index)
            on_menu = index.column() == COLUMN["more"] or (user is not None and user.deleted)
            if on_menu:
                self._open_menu(index, by_keyboard=True)
            else:
                self._intend(Intent.MANAGE_LICENSES, index)
        elif event.key() == Qt.Key.Key_Menu or (
            event.key() == Qt.Key.Key_F10 and event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        ):
            self._open_menu(index, by_keyboard=True)
        elif event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(str(index.data() or ""))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button opens the same ".." menu, on the row under it."""
        index = self.indexAt(event.pos())
        if index.isValid():
            self.setCurrentIndex(index)
            self._open_menu(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self._hover(index.row() if index.isValid() else -1)
        on_button = index.isValid() and index.column() in ACTION_COLUMNS
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor
            if on_button and index.data(Role.ROW) is not None
            else Qt.CursorShape.ArrowCursor
        )

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        before = self._delegate.hovered
        if row == before:
            return
        self._delegate.hovered = row
        for which in (before, row):
            if which >= 0:
                top = self.rowViewportPosition(which)
                self.viewport().update(QRect(0, top, self.viewport().width(), theme.ROW_HEIGHT))


class _StayingMenu(QMenu):
    """A menu of ticks that stays open while several of them are set."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._turn(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        turns = event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (turns and self._turn(self.activeAction())):
            super().keyPressEvent(event)

    def _turn(self, action: QAction | None) -> bool:
        if action is None or not action.isEnabled():
            return False
        action.toggle()
        return True
