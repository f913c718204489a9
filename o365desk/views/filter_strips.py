"""Lines below the filters of the Users' List, while a filter is set that wants words: who holds a
product, and who is inactive."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from o365desk.views import parts, theme

MOST_DAYS = 999
STEP_DAYS = 30


class FilterStrip(QWidget):
    """What a filter has found, and a button that takes the filter back."""

    cleared = Signal()

    def __init__(self, what: str) -> None:
        """`what`: the filter's name, for screen readers."""
        super().__init__()
        self.setAccessibleName(what)
        self.sentence = parts.ElidedLabel()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(2 * theme.GRID, 0, 2 * theme.GRID, theme.GRID // 2)
        self.row.setSpacing(theme.GRID // 2)
        self.row.addWidget(self.sentence, 1)
        clear = parts.button("Clear filter", self.cleared.emit, kind="quiet", icon="close")
        clear.setAccessibleName(f"Clear the filter: {what}")
        self.row.addWidget(clear)


class ProductStrip(FilterStrip):
    """Who holds a product, who does not, and the way to give it to one of them."""

    lacking_chosen = Signal(bool)
    """True: those who do not hold it are to be shown."""
    assign_requested = Signal()

    def __init__(self) -> None:
        super().__init__("product")
        self._group = QButtonGroup(self)
        for place, (text, lacking) in enumerate((("Holds", False), ("Does not hold", True)), 1):
            segment = parts.button(text, kind="segment")
            segment.setCheckable(True)
            segment.clicked.connect(
                lambda _checked=False, lacking=lacking: self.lacking_chosen.emit(lacking)
            )
            self._group.addButton(segment, int(lacking))
            self.row.insertWidget(place, segment)
        self._assign = parts.button(
            "Assign to…", self.assign_requested.emit, kind="quiet", icon="plus"
        )
        self.row.insertWidget(3, self._assign)

    def show_state(self, sentence: str, *, lacking: bool, refused: str) -> None:
        """`refused`: why the product can be given to nobody; empty when it can."""
        self.sentence.set_full(sentence)
        self._group.button(int(lacking)).setChecked(True)
        self._assign.setVisible(not lacking)
        self._assign.setEnabled(not refused)
        self._assign.setToolTip(refused or "Find a user who does not hold it")
        self._assign.setAccessibleDescription(refused)


class IdleStrip(FilterStrip):
    """Who has not signed in for so many days."""

    days_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__("licensed but inactive")
        self._days = QSpinBox()
        self._days.setRange(1, MOST_DAYS)
        self._days.setSingleStep(STEP_DAYS)
        self._days.setKeyboardTracking(False)
        self._days.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._days.setAccessibleName("Days without a sign-in")
        self._days.setToolTip("Type a number of days, or press Up and Down")
        self._days.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._days.valueChanged.connect(self.days_chosen)
        for place, part in enumerate((parts.label("No sign-in for"), self._days)):
            self.row.insertWidget(place, part)
        self.row.insertSpacing(2, theme.GRID // 2)

    def show_state(self, sentence: str, days: int) -> None:
        self.sentence.set_full(sentence)
        self._days.blockSignals(True)
        self._days.setValue(days)
        self._days.setSuffix(" day" if days == 1 else " days")
        self._days.blockSignals(False)
