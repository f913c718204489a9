"""One of a few choices, each with a line that says what it means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWidget

from o365desk.views.theme import GRID

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Choice(Generic[V]):
    """A value, its title, and what choosing it means."""

    value: V
    title: str
    text: str


class ChoiceList(QWidget):
    """Radio buttons below each other; the arrow keys choose, a click on the line does too.

    What cannot be chosen says why in the place of its line. Emits `changed()`.
    """

    changed = Signal()

    def __init__(
        self, name: str, choices: Sequence[Choice[Any]], refused: Mapping[Any, str] | None = None
    ) -> None:
        """`refused` says of values why they cannot be chosen."""
        super().__init__()
        self.setAccessibleName(name)
        self._values: list[Any] = [choice.value for choice in choices]
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for number, choice in enumerate(choices):
            reason = (refused or {}).get(choice.value, "")
            button = QRadioButton(choice.title)
            button.setEnabled(not reason)
            button.setAccessibleDescription(reason or choice.text)
            text = _Line(reason or choice.text, button)
            self._group.addButton(button, number)
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            layout.addWidget(text)
            layout.addSpacing(GRID)
        self._group.idToggled.connect(self._toggled)

    @property
    def buttons(self) -> list[QRadioButton]:
        return [one for one in self._group.buttons() if isinstance(one, QRadioButton)]

    def value(self) -> Any:
        """What is chosen; None while nothing is."""
        number = self._group.checkedId()
        return self._values[number] if number >= 0 else None

    def set_value(self, value: Any) -> None:
        self._group.button(self._values.index(value)).setChecked(True)

    def focus(self) -> None:
        """The keyboard to the choice that is made, else to the first that can be."""
        checked = self._group.checkedButton()
        usable = [one for one in self.buttons if one.isEnabled()]
        target = checked or (usable[0] if usable else None)
        if target is not None:
            target.setFocus()

    def _toggled(self, _number: int, checked: bool) -> None:
        if checked:
            self.changed.emit()


class _Line(QLabel):
    """The line under a choice; a click on it chooses."""

    def __init__(self, text: str, button: QRadioButton) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("kind", "muted")
        self.setContentsMargins(3 * GRID + 2, 0, 0, 0)
        self._button = button

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._button.isEnabled():
            self._button.setFocus()
            self._button.setChecked(True)
