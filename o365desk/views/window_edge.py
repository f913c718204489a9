"""A coloured line all around a window's content: what is in it is no live data."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget

from o365desk.views import theme

WIDTH = 3


class WindowEdge(QWidget):
    """Lies over the edge of another widget and follows its size; mouse and keyboard pass by."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self._colour: Callable[[theme.Theme], str] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        over.installEventFilter(self)
        self.hide()

    def set_colour(self, colour: Callable[[theme.Theme], str] | None) -> None:
        """None: no edge."""
        self._colour = colour
        self.setVisible(colour is not None)
        if colour is not None:
            self._follow()
            self.update()

    def _follow(self) -> None:
        whole = self._over.rect()
        self.setGeometry(whole)
        # Only the line itself: what it does not cover keeps scrolling by moving its pixels.
        inside = whole.adjusted(WIDTH, WIDTH, -WIDTH, -WIDTH)
        self.setMask(QRegion(whole).subtracted(QRegion(inside)))
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self._colour is not None:
            self._follow()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._colour is not None:
            painter = QPainter(self)
            painter.fillRect(self.rect(), QColor(self._colour(theme.current())))
            painter.end()
