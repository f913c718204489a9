"""The filters above the Users' List: segments, a menu of the rarer ones, products, and what they
have found in words."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from o365desk.domain.acts import Act
from o365desk.domain.licensing import SkuId
from o365desk.domain.query import StatusFilter
from o365desk.models.users import UserTableModel
from o365desk.models.words import NOT_READ
from o365desk.views import theme
from o365desk.views.parts import button, icon_button, label
from o365desk.views.user_actions import Offers
from o365desk.views.user_table import UserTableView

if TYPE_CHECKING:
    from o365desk.views.filter_strips import IdleStrip, ProductStrip

MANY_ROWS = 20_000
"""From this many rows on, a search waits until typing pauses."""

PAUSE_MS = 120

SIGN_IN = "sign_in"
"""Key of the column that inactive users are told by."""

_MORE = "More filters"

_RARE = (StatusFilter.LICENSED_BLOCKED, StatusFilter.LICENSED_IDLE)
"""Filters that always stand in the menu of more of them."""

_OF_BLOCKED = (StatusFilter.BLOCKED, StatusFilter.LICENSED_BLOCKED)

_NAME_STEP, _HEADING_STEP = "name", "heading"
_STEPS = (
    *(StatusFilter.UNLICENSED, StatusFilter.BLOCKED, _NAME_STEP),
    *(StatusFilter.DELETED, StatusFilter.ACTIVE, _HEADING_STEP),
)
"""What gives way, one after the other, where there is no room: filters go into the menu, the name
of the product gets shorter, the heading goes."""

_NAME, _SHORT_NAME = 30 * theme.GRID, 10 * theme.GRID
"""Room for the name of a product, and where there is little."""


class UserFilters(QWidget):
    """Changes the query of the Users' List.

    Emits `asked()` after each change, `cleared()` when the window's search field is to be emptied
    and `search_requested()` when a user is to be found with it.
    """

    asked = Signal()
    cleared = Signal()
    search_requested = Signal()
    create_requested = Signal()

    def __init__(self, model: UserTableModel, table: UserTableView) -> None:
        super().__init__()
        self._model = model
        self._table = table
        self._search = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._apply_search)
        self._products_menu = QMenu(self)
        self._status = StatusFilter.ALL
        self._product: SkuId | None = None
        self.product_name = ""
        """Name of the product that is filtered by."""
        self._products: list[tuple[SkuId, str]] = []
        self._blocked_known = True
        self._assign_refused = ""
        # Narrower than its buttons: then some go into the menu.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._strips = QVBoxLayout(self)
        self._strips.setContentsMargins(0, 0, 0, 0)
        self._strips.setSpacing(0)
        self._bar = self._make_bar()
        self._strips.addLayout(self._bar)

    def _make_bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(2 * theme.GRID, theme.GRID, 2 * theme.GRID, theme.GRID // 2)
        bar.setSpacing(theme.GRID // 2)
        self._heading = label("Users' List", "heading")
        bar.addWidget(self._heading)
        bar.addSpacing(theme.GRID)
        self._segments = QButtonGroup(self)
        self._segment: dict[StatusFilter, QPushButton] = {}
        for status in StatusFilter:
            if status in _RARE:
                continue
            segment = button(status.value, kind="segment", name=f"Show: {status.value}")
            segment.setCheckable(True)
            segment.setChecked(status is StatusFilter.ALL)
            segment.clicked.connect(lambda _checked=False, status=status: self.set_status(status))
            self._segments.addButton(segment)
            self._segment[status] = segment
            bar.addWidget(segment)
        bar.addWidget(self._make_more())
        self._product_button = button(
            "Product", kind="quiet", icon="chevron-down", name="Filter by product"
        )
        self._product_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._product_button.setMenu(self._products_menu)
        self._product_button.setMaximumWidth(40 * theme.GRID)
        bar.addWidget(self._product_button)
        bar.addStretch(1)
        self._columns_button = icon_button("columns", "Choose columns", self._choose_columns)
        bar.addWidget(self._columns_button)
        self.create_button = button(
            "Create user", self.create_requested.emit, kind="primary", icon="plus"
        )
        self.create_button.setToolTip("Create user (Ctrl+N)")
        bar.addWidget(self.create_button)
        return bar

    def add_button(self, button: QWidget) -> None:
        """Puts one more button before that which creates a user."""
        self._bar.insertWidget(self._bar.indexOf(self.create_button), button)

    def _make_more(self) -> QPushButton:
        self._more = button(_MORE, kind="segment", icon="chevron-down")
        self._more.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._more.setCheckable(True)
        self._segments.addButton(self._more)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self._rare: dict[StatusFilter, QAction] = {}
        for status in tuple(StatusFilter)[1:]:
            action = menu.addAction(status.value)
            action.setCheckable(True)
            action.triggered.connect(lambda _checked=False, status=status: self.set_status(status))
            self._rare[status] = action
        self._more.setMenu(menu)
        return self._more

    def set_search(self, text: str) -> None:
        """The search field's text; applied at once, or after a pause when rows are many."""
        self._search = text
        self._pause.start(PAUSE_MS if self._model.total > MANY_ROWS else 0)

    def _apply_search(self) -> None:
        self._pause.stop()
        self._ask(text=self._search)

    def _ask(self, **changes: Any) -> None:
        """Fields of the query have changed; one rearrangement for all of them."""
        self._model.set_query(replace(self._model.query, **changes))
        self.asked.emit()

    def set_status(self, status: StatusFilter) -> None:
        self._show_status(status)
        self._ask(status=status)

    def _show_status(self, status: StatusFilter) -> None:
        self._status = status
        for which, action in self._rare.items():
            action.setChecked(which is status)
        self._fold()

    def set_blocked_known(self, known: bool) -> None:
        """Where nobody tells who is blocked, asking for them would answer "nobody"."""
        self._blocked_known = known
        self._fold()

    def _fold(self) -> None:
        """Makes room; the menu's button bears the name of the filter that is chosen there."""
        gone: set[str] = set() if self._blocked_known else {StatusFilter.BLOCKED}
        folding: dict[str, QWidget] = {one: self._segment[one] for one in self._segment}
        folding[_HEADING_STEP] = self._heading
        for step in ("", *_STEPS):
            gone.add(step)
            inside = self._status in _RARE or self._status in gone
            self._more.setText(self._status.value if inside else _MORE)
            self._write_product(_SHORT_NAME if _NAME_STEP in gone else _NAME)
            if self._needs({folding[one] for one in gone if one in folding}) <= self.width():
                break
        for key, widget in folding.items():
            widget.setVisible(key not in gone)
        (self._more if inside else self._segment[self._status]).setChecked(True)
        for status, action in self._rare.items():
            known = self._blocked_known or status not in _OF_BLOCKED
            action.setVisible(known and (status in _RARE or status in gone))

    def _needs(self, gone: set[QWidget]) -> int:
        """Width of the bar without some of its widgets. Not asked of the layout: for that they
        would have to be hidden first, and be laid out again each time."""
        bar, margins = self._bar, self._bar.contentsMargins()
        items = filter(None, map(bar.itemAt, range(bar.count())))
        widgets = [widget for item in items if (widget := item.widget()) and widget not in gone]
        around = margins.left() + margins.right() + bar.spacing() * bar.count() + theme.GRID
        return around + sum(widget.sizeHint().width() for widget in widgets)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def set_offers(self, offers: Offers) -> None:
        """What can be done in this tenant, and what its services tell."""
        self._assign_refused = offers.refused.get(Act.LICENSE, "")
        untold = offers.untold.get(SIGN_IN, "")
        self._rare[StatusFilter.LICENSED_IDLE].setEnabled(not untold)
        self._rare[StatusFilter.LICENSED_IDLE].setToolTip(untold)
        self.show_found()

    @property
    def idle_days(self) -> int:
        """So many days without a sign-in make a user inactive; remembered by the window."""
        return self._model.query.idle_days

    def set_idle_days(self, days: int) -> None:
        self._ask(idle_days=days)

    def read_sign_ins(self) -> None:
        self._table.show_column(SIGN_IN, True)

    def set_products(self, products: Sequence[tuple[SkuId, str]]) -> None:
        """Products that can be filtered by: id and name, in the order to show them."""
        if list(products) == self._products:
            return  # the menu may be open
        self._products = list(products)
        self._products_menu.clear()
        group = QActionGroup(self._products_menu)
        entries: list[tuple[SkuId | None, str]] = [(None, "All products"), *products]
        for sku_id, name in entries:
            action = QAction(name.replace("&", "&&"), self._products_menu)
            action.setData(sku_id)
            action.setCheckable(True)
            action.setChecked(sku_id == self._product)
            action.triggered.connect(
                lambda _checked=False, sku_id=sku_id, name=name: self.set_product(sku_id, name)
            )
            group.addAction(action)
            self._products_menu.addAction(action)

    def set_product(self, sku_id: SkuId | None, name: str = "") -> None:
        """Shows who holds a product; None for everybody again."""
        self._show_product(sku_id, name)
        self._ask(sku_id=sku_id, lacking=False)

    def show_holders(self, sku_id: SkuId, *, lacking: bool = False) -> None:
        """Everybody who holds a product (or does not), whatever was searched for before."""
        self._pause.stop()
        self._search = ""
        self._show_status(StatusFilter.ALL)
        self._show_product(sku_id, dict(self._products).get(sku_id) or sku_id)
        self._ask(text="", status=StatusFilter.ALL, sku_id=sku_id, lacking=lacking)
        self.cleared.emit()
        if not self._table.currentIndex().isValid():
            self._table.setCurrentIndex(self._model.index(0, 0))
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    def find_taker(self, sku_id: SkuId) -> None:
        """The product is to be given to somebody: those who do not hold it, to be searched."""
        self.show_holders(sku_id, lacking=True)
        self.search_requested.emit()

    def _show_product(self, sku_id: SkuId | None, name: str) -> None:
        self._product = sku_id
        self.product_name = name
        for action in self._products_menu.actions():
            action.setChecked(action.data() == sku_id)
        self._product_button.setToolTip(name if sku_id else "Filter by product")
        self._fold()

    def _write_product(self, room: int) -> None:
        text = self.product_name if self._product else "Product"
        metrics = self._product_button.fontMetrics()
        elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        self._product_button.setText(elided.replace("&", "&&"))

    def clear_filters(self) -> None:
        """All users again. The window clears its search field through `cleared`."""
        self._show_status(StatusFilter.ALL)
        self._show_product(None, "")
        self._search = ""
        self._pause.stop()
        self._ask(text="", status=StatusFilter.ALL, sku_id=None, lacking=False)
        self.cleared.emit()

    @cached_property
    def _product_strip(self) -> "ProductStrip":
        from o365desk.views.filter_strips import ProductStrip

        strip = ProductStrip()
        strip.cleared.connect(lambda: self.set_product(None))
        strip.lacking_chosen.connect(lambda lacking: self._ask(lacking=lacking))
        strip.assign_requested.connect(self._find_taker_of_shown)
        self._strips.addWidget(strip)
        return strip

    def _find_taker_of_shown(self) -> None:
        if self._product is not None:
            self.find_taker(self._product)

    @cached_property
    def _idle_strip(self) -> "IdleStrip":
        from o365desk.views.filter_strips import IdleStrip

        strip = IdleStrip()
        strip.cleared.connect(lambda: self.set_status(StatusFilter.ALL))
        strip.days_chosen.connect(self.set_idle_days)
        self._strips.insertWidget(1, strip)
        return strip

    def show_found(self) -> None:
        """Says what the filters have found; called whenever rows have come or gone."""
        query, product, idle = self._model.query, self.product_text, self.idle_text
        if product:
            if query.lacking and not self._assign_refused:
                product += ". Manage Licenses assigns it."
            self._product_strip.show_state(
                product, lacking=query.lacking, refused=self._assign_refused
            )
        if idle:
            self._idle_strip.show_state(idle, query.idle_days)
        for made, said in (("_product_strip", product), ("_idle_strip", idle)):
            if made in self.__dict__:
                getattr(self, made).setVisible(bool(said))

    @property
    def product_text(self) -> str:
        """ "12 users hold Microsoft 365 E5"; empty without that filter. As long as licenses have
        still to be read, so many are known to."""
        query, count = self._model.query, self._model.rowCount()
        if query.sku_id is None:
            return ""
        narrowed = bool(query.text.strip()) or query.status is not StatusFilter.ALL
        users = f"{'matching ' if narrowed else ''}{'user' if count == 1 else 'users'}"
        one, many = ("does not hold", "do not hold") if query.lacking else ("holds", "hold")
        if self._model.unread:
            known = "known not to hold" if query.lacking else "known to hold"
            one, many = f"is {known}", f"are {known}"
        verb = one if count == 1 else many
        return f"{QLocale().toString(count)} {users} {verb} {self.product_name}"

    @property
    def idle_text(self) -> str:
        """ "41 inactive, 12 not known"; empty without that filter. Nobody is called inactive of
        whom nothing is known."""
        signs, locale = self._model.sign_ins, QLocale()
        if self._model.query.status is not StatusFilter.LICENSED_IDLE:
            return ""
        if not signs.asked:
            return "last sign-ins have not been read"
        if signs.missing and not signs.at:
            return f"not known: {signs.missing}"
        found = f"{locale.toString(self._model.rowCount())} inactive"
        untold = self._model.untold()
        if not untold:
            return found
        return f"{found}, {locale.toString(untold)} {NOT_READ if signs.reading else 'not known'}"

    def _choose_columns(self) -> None:
        below = self._columns_button.rect().bottomLeft()
        self._table.open_column_chooser(self._columns_button.mapToGlobal(below))
