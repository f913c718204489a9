"""Small parts every window is made of: labels, buttons and lines with their look and names."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QToolButton, QWidget

from o365desk.views import theme


def label(text: str = "", kind: str = "", *, wrap: bool = False, name: str = "") -> QLabel:
    """A label; `kind` is a look of resources/style.qss (title, heading, muted, error…).

    Plain text always: what Microsoft or a person wrote is never taken for markup.
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if kind:
        made.setProperty("kind", kind)
    if name:
        made.setAccessibleName(name)
    return made


def button(
    text: str,
    on_click: Callable[[], object] | None = None,
    *,
    kind: str = "",
    icon: str = "",
    name: str = "",
    default: bool = False,
) -> QPushButton:
    """A push button with text; `kind` is "", "primary", "danger", "quiet" or "segment"."""
    made = QPushButton(text)
    if kind:
        made.setProperty("kind", kind)
    if icon:
        role = QPalette.ColorRole.BrightText if kind == "primary" else _TEXT
        made.setIcon(theme.icon(icon, role))
    if name:
        made.setAccessibleName(name)
    made.setAutoDefault(default)
    made.setDefault(default)
    if on_click is not None:
        made.clicked.connect(lambda _checked=False: on_click())
    return made


def icon_button(
    icon: str, name: str, on_click: Callable[[], object] | None = None, *, tip: str = ""
) -> QToolButton:
    """A button that shows only an icon; `name` is its accessible name and, without `tip`, its
    tooltip."""
    made = QToolButton()
    made.setProperty("kind", "quiet")
    made.setIcon(theme.icon(icon))
    made.setAccessibleName(name)
    made.setToolTip(tip or name)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if on_click is not None:
        made.clicked.connect(lambda _checked=False: on_click())
    return made


def line() -> QFrame:
    """A thin horizontal rule."""
    made = QFrame()
    made.setProperty("kind", "line")
    return made


def set_kind(widget: QWidget, kind: str) -> None:
    """Changes a widget's look after it was made; the style sheet is asked again."""
    if widget.property("kind") == kind:
        return
    widget.setProperty("kind", kind)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


_TEXT = QPalette.ColorRole.ButtonText
