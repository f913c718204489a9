"""A picture of the window as a person sees it, with whatever stands over it."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from o365desk.views import theme
from o365desk.views.main_window import MainWindow

TITLE = 28
"""Height of the title that pictures give to dialogs."""
GAP = 1
"""Left around whatever reaches over the window's edge."""


def picture(window: MainWindow) -> QPixmap:
    """The main window with the dialogs and pop-ups that stand over it, as a person sees them: a
    dialog gets the title and the edge that a window manager would give it."""
    colours = theme.current()
    origin = window.mapToGlobal(QPoint())
    parts: list[tuple[QWidget, QRect]] = []
    for widget in QApplication.topLevelWidgets():
        if widget is window or not widget.isVisible():
            continue
        place = QRect(widget.mapToGlobal(QPoint()) - origin, widget.size())
        if isinstance(widget, QDialog):
            place.moveCenter(window.rect().center())
        parts.append((widget, place))
    whole = window.rect()
    for _, place in parts:
        whole = whole.united(place.adjusted(-GAP, -GAP, GAP, GAP))
    image = QPixmap(whole.size())
    image.fill(QColor(colours.border))
    painter = QPainter(image)
    painter.translate(-whole.topLeft())
    painter.drawPixmap(0, 0, window.grab())
    for widget, place in parts:
        painter.drawPixmap(place.topLeft(), widget.grab())
        if isinstance(widget, QDialog):
            title = QRect(place.left(), place.top() - TITLE, place.width(), TITLE)
            painter.fillRect(title, QColor(colours.rail))
            painter.setPen(QColor(colours.text))
            painter.drawText(title, Qt.AlignmentFlag.AlignCenter, widget.windowTitle())
            place = place.united(title)
        painter.setPen(QColor(colours.muted))
        painter.drawRect(place.adjusted(-1, -1, 0, 0))
    painter.end()
    return image
