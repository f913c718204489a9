"""The main window: one tenant at a time, its users above and its licenses below."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtCore import QByteArray, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.acts import Act
from o365desk.domain.directory import Tenant
from o365desk.models.users import UserTableModel
from o365desk.views import theme
from o365desk.views.account_button import AccountButton
from o365desk.views.banner import FreshnessBar, Message, MessageBanner, MessageKind
from o365desk.views.key_sheet import KeySheet
from o365desk.views.licenses_pane import LicensesPane
from o365desk.views.parts import ElidedLabel, NameButton, icon_button, label, line
from o365desk.views.rail import Place, Rail
from o365desk.views.user_actions import USER_ACTIONS, Offers
from o365desk.views.users_panel import UsersPanel

if TYPE_CHECKING:
    from o365desk.views.tenant_picker import TenantPicker

PRODUCT = "o365desk"
NARROW = 120 * theme.GRID
"""Below this width the header has no room for the account's name."""


@runtime_checkable
class Remembering(Protocol):
    """A page with a layout of its own that outlives the program."""

    def save_state(self) -> bytes: ...

    def restore_state(self, state: bytes) -> None: ...


@runtime_checkable
class Filtering(Protocol):
    """A page with a filter of its own, which Ctrl+F means while it is shown."""

    def focus_filter(self) -> None: ...


class MainWindow(QMainWindow):
    """Places at the left, the tenant on top, users and licenses below it.

    Emits intents and accepts state; the controller owns what happens.
    """

    refresh_requested = Signal()
    everything_requested = Signal()
    sent_mail_requested = Signal()
    connections_requested = Signal()
    diagnostics_requested = Signal()
    close_requested = Signal()
    place_shown = Signal(object)
    """The operator has gone to a Place."""

    def __init__(self, users: UserTableModel, *, single_tenant: bool, practice: bool) -> None:
        super().__init__()
        self._single_tenant = single_tenant
        self._may_close = False
        self.offers_settled = False
        """What can be done in the tenant on screen is known as far as it can be."""
        self._create_refused = ""
        self._nobody = ""
        """What stands in place of customers, users and licenses."""
        self._explained: Message | None = None
        self._keys: KeySheet | None = None
        self.users = UsersPanel(users)
        if single_tenant:
            self.users.nobody = "Your organization has not been read yet."
        self.licenses = LicensesPane()
        self.freshness = FreshnessBar()
        self.banner = MessageBanner()
        self.setWindowTitle(PRODUCT)
        centre = QWidget()
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.rail = Rail(practice=practice)
        self.rail.place_requested.connect(self.go_to)
        self.rail.sent_mail_requested.connect(self.sent_mail_requested)
        self.rail.connections_requested.connect(self.connections_requested)
        self.rail.help_requested.connect(self.open_help)
        row.addWidget(self.rail)
        page = QWidget()
        page.setProperty("kind", "page")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._of_tenant = QWidget()
        """Whose users these are, and how fresh; not above places that are about all tenants."""
        above = QVBoxLayout(self._of_tenant)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(0)
        above.addLayout(self._make_header())
        above.addWidget(self.freshness)
        column.addWidget(self._of_tenant)
        column.addWidget(self.banner)
        column.addWidget(line())
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.users)
        self.splitter.addWidget(self.licenses)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.splitter)
        self._layout: dict[str, bytes] = {}
        self._pages: dict[Place, QWidget] = {Place.USERS: self.splitter}
        self._makers: dict[Place, Callable[[], QWidget]] = {}
        column.addWidget(self._stack, 1)
        row.addWidget(page, 1)
        self.setCentralWidget(centre)
        self.resize(1280, 800)
        self.setMinimumSize(640, 480)
        self.freshness.tint_edge_of(self)
        self._add_shortcuts()
        self.users.filters.cleared.connect(self.search.clear)
        self.users.filters.search_requested.connect(self._focus_search)
        self.users.table.refused.connect(self.explain)
        self.licenses.holders_requested.connect(self.users.filters.show_holders)
        self.licenses.assign_requested.connect(self.users.filters.find_taker)
        self.licenses.refused.connect(self.explain)
        self.show_tenant(None)

    def _make_header(self) -> QHBoxLayout:
        header = QHBoxLayout()
        header.setContentsMargins(theme.GRID, theme.GRID, 2 * theme.GRID, theme.GRID // 2)
        header.setSpacing(theme.GRID)
        self.tenant_title = ElidedLabel(kind="title")
        self.tenant_title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.tenant_title.setContentsMargins(theme.GRID, 6, 0, 6)  # as high as the button
        self.tenant_button = NameButton(
            self.open_picker, kind="tenant", icon="chevron-down", tip="Choose a customer (Ctrl+K)"
        )
        self.tenant_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        (self.tenant_button if self._single_tenant else self.tenant_title).hide()
        header.addWidget(self.tenant_title)
        header.addWidget(self.tenant_button)
        self._domain = label("", "muted")
        self._domain.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        header.addWidget(self._domain)
        header.addStretch(1)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search users (Ctrl+F)")
        self.search.setAccessibleName("Search users by name, username or product")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(20 * theme.GRID)
        self.search.setMaximumWidth(40 * theme.GRID)
        self.search.textChanged.connect(self.users.filters.set_search)
        header.addWidget(self.search, 1)
        self.refresh_button = icon_button(
            "refresh",
            "Refresh",
            self.refresh_requested.emit,
            tip="Read what changed (F5), or everything again (Shift+F5)",
        )
        header.addWidget(self.refresh_button)
        self.account = AccountButton()
        self.account.connections_requested.connect(self.connections_requested)
        header.addWidget(self.account)
        return header

    def _add_shortcuts(self) -> None:
        for keys, target in (
            ("Ctrl+F", self._focus_search),
            ("F1", self.show_keys),
            ("Shift+F1", self.diagnostics_requested.emit),
            ("Ctrl+O", self.connections_requested.emit),
            ("F5", self.refresh_requested.emit),
            ("Shift+F5", self.everything_requested.emit),
            ("Ctrl+N", self._create_user),
            *((("Ctrl+K", self.open_picker),) if not self._single_tenant else ()),
            *((f"Ctrl+{number}", partial(self.go_to, one)) for number, one in enumerate(Place, 1)),
            ("Ctrl+Shift+F", self.rail.search_requested.emit),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(target)
        table = self.users.table
        for action in USER_ACTIONS:
            shortcut = QShortcut(QKeySequence(action.shortcut), table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(lambda intent=action.intent: table.trigger(intent))
        for key, does in (
            (Qt.Key.Key_Down, self._into_table),
            (Qt.Key.Key_Return, self._into_table),
            (Qt.Key.Key_Enter, self._into_table),
            (Qt.Key.Key_Escape, self.search.clear),
            ("Ctrl+E", self.users.export_button.open_menu),
        ):
            within = QShortcut(QKeySequence(key), self.search)
            within.setContext(Qt.ShortcutContext.WidgetShortcut)
            within.activated.connect(does)

    # Places

    @property
    def place(self) -> Place:
        """Where the operator is."""
        return next(one for one, page in self._pages.items() if page is self._stack.currentWidget())

    def add_place(self, place: Place, make: Callable[[], QWidget]) -> None:
        """Offers a place; its page is made when somebody goes there first."""
        self._makers[place] = make
        self.rail.offer(place)

    def go_to(self, place: Place) -> None:
        """Shows a place that was added, and gives it the keyboard."""
        if place not in self._pages:
            if place not in self._makers:
                return
            page = self._pages[place] = self._makers[place]()
            self._stack.addWidget(page)
            if isinstance(page, Remembering):
                page.restore_state(self._layout.get(place, b""))
        self.rail.show_at(place)
        self._stack.setCurrentWidget(self._pages[place])
        self._of_tenant.setVisible(place.of_tenant)
        # What is searched in is the Users' List; other places have filters of their own.
        self.search.setVisible(place is Place.USERS)
        if place is Place.USERS:
            self.users.table.setFocus()
        else:
            self._pages[place].setFocus()
        self.place_shown.emit(place)

    def _focus_search(self) -> None:
        page: object = self._stack.currentWidget()
        if isinstance(page, Filtering):
            page.focus_filter()
            return
        self.go_to(Place.USERS)
        self.search.setFocus()
        self.search.selectAll()

    def _create_user(self) -> None:
        if self.users.create_button.isEnabled():
            self.users.create_requested.emit()
        elif self._create_refused:
            self.explain(self._create_refused)

    def _into_table(self) -> None:
        table = self.users.table
        table.setFocus()
        if not table.currentIndex().isValid() and table.model().rowCount():
            table.setCurrentIndex(table.model().index(0, 0))

    @cached_property
    def picker(self) -> "TenantPicker":
        """The customers; made when first asked for, after the window's first paint."""
        from o365desk.views.tenant_picker import TenantPicker

        picker = TenantPicker(self)
        picker.set_nobody(self._nobody)
        return picker

    def open_picker(self) -> None:
        """Ctrl+K: the customers, below the current one's name."""
        if not self._single_tenant:
            self.picker.popup_below(self.tenant_button)

    def show_keys(self) -> None:
        """F1: what the keyboard can do, beside the work."""
        if self._keys is None:
            self._keys = KeySheet(self, choose_customer=not self._single_tenant)
        self._keys.bring()

    def open_help(self) -> None:
        """The Help menu, beside its place in the rail."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Help")
        for text, keys, does in (
            ("Keyboard shortcuts", "F1", self.show_keys),
            ("Diagnostics…", "Shift+F1", self.diagnostics_requested.emit),
        ):
            action = menu.addAction(text, does)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # shown, not doubled
        corner = QPoint(self.rail.help.width() + 2, self.rail.help.height())
        at = self.rail.help.mapToGlobal(corner)
        menu.popup(at - QPoint(0, menu.sizeHint().height()))

    def show_tenant(self, tenant: Tenant | None) -> None:
        """Whose users these are: the largest text on the screen, and the window's title."""
        name = tenant.name if tenant else ("" if self._single_tenant else "Choose a customer")
        self.tenant_title.set_full(name)
        self.tenant_title.updateGeometry()
        self.tenant_button.set_full(name)
        self.tenant_button.setAccessibleName(f"Customer: {name}")
        self._domain.setText(tenant.domain if tenant else "")
        self.setWindowTitle(f"{name} – {PRODUCT}" if tenant else PRODUCT)
        self.users.set_tenant(tenant.name if tenant else "")
        self.licenses.set_tenant(
            tenant is not None or self._single_tenant, tenant.name if tenant else ""
        )
        self.search.setEnabled(tenant is not None)
        self.users.create_button.setEnabled(tenant is not None)
        if tenant is not None:
            self.picker.set_current(tenant.id)

    def set_offers(self, offers: Offers, *, settled: bool = True) -> None:
        """What can be done in this tenant, and to whom; `settled` when that has been looked up
        as far as it can be."""
        self.offers_settled = settled
        self._create_refused = offers.refused.get(Act.CREATE, "")
        create = self.users.create_button
        create.setEnabled(not self._create_refused)
        create.setToolTip(self._create_refused or "Create user (Ctrl+N)")
        create.setAccessibleDescription(self._create_refused)
        self.users.table.set_offers(offers)
        self.users.filters.set_offers(offers)
        self.licenses.set_assign_refused(offers.refused.get(Act.LICENSE, ""))

    def explain(self, reason: str) -> None:
        """Why something that was asked for cannot be done, in place of the last such answer."""
        sentence, _, next_step = reason.partition(". ")
        if self._explained is not None:
            self.banner.take_back(self._explained)
        self._explained = Message(
            f"{sentence.rstrip('.')}.", next_step, kind=MessageKind.NOTICE, of_customer=True
        )
        self.banner.show_message(self._explained)

    def set_nobody(self, text: str) -> None:
        """What stands in place of users and licenses while no customer is shown; empty for the
        usual words."""
        self._nobody = text
        self.users.set_nobody(text)
        self.licenses.set_nobody(text)
        if "picker" in self.__dict__:
            self.picker.set_nobody(text)

    # What is remembered between two starts

    def save_layout(self) -> dict[str, bytes]:
        """Geometry, splitter and columns, for `restore_layout`."""
        pages = {
            place.value: page.save_state()
            for place, page in self._pages.items()
            if isinstance(page, Remembering)
        }
        return {
            **self._layout,  # of places where nobody has been this time
            **pages,
            "geometry": bytes(self.saveGeometry().data()),
            "splitter": bytes(self.splitter.saveState().data()),
            "users": self.users.table.save_state(),
            "licenses": self.licenses.save_state(),
            "idle_days": str(self.users.filters.idle_days).encode(),
        }

    def restore_layout(self, layout: dict[str, bytes]) -> None:
        """Takes back what `save_layout` gave; whatever does not fit is ignored."""
        self._layout = layout
        self.restoreGeometry(QByteArray(layout.get("geometry", b"")))
        self.splitter.restoreState(QByteArray(layout.get("splitter", b"")))
        self.users.table.restore_state(layout.get("users", b""))
        self.licenses.restore_state(layout.get("licenses", b""))
        days = layout.get("idle_days", b"")
        if days.isdigit():
            self.users.filters.set_idle_days(int(days))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.account.set_compact(event.size().width() < NARROW)

    # Closing

    def finish_closing(self) -> None:
        """Every write has ended: the window may go."""
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The first request only asks: a write under way is waited for."""
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.close_requested.emit()
