"""FlowLayout: a line that breaks where the window ends."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from o365desk.views.flow_layout import FlowLayout


def places(
    qtbot: QtBot, width: int, sizes: Sequence[tuple[int, int]], hide: int = -1
) -> list[QRect]:
    whole = QWidget()
    qtbot.addWidget(whole)
    flow = FlowLayout(whole, spacing=10)
    made = []
    for number, (wide, high) in enumerate(sizes):
        widget = QWidget()
        widget.setFixedSize(wide, high)
        flow.addWidget(widget)
        widget.setVisible(number != hide)
        made.append(widget)
    whole.resize(width, flow.heightForWidth(width))
    flow.setGeometry(whole.rect())
    assert all(whole.rect().contains(one.geometry()) for one in made if not one.isHidden())
    return [one.geometry() for one in made if not one.isHidden()]


def test_breaks_where_there_is_no_room(qtbot: QtBot) -> None:
    sizes = [(100, 20), (100, 40), (100, 20)]
    assert places(qtbot, 320, sizes) == [
        QRect(0, 10, 100, 20),
        QRect(110, 0, 100, 40),
        QRect(220, 10, 100, 20),
    ]
    assert places(qtbot, 319, sizes)[2] == QRect(0, 50, 100, 20)
    assert [one.top() for one in places(qtbot, 100, sizes)] == [0, 30, 80]


def test_what_is_hidden_takes_no_room(qtbot: QtBot) -> None:
    found = places(qtbot, 210, [(100, 20)] * 3, hide=1)
    assert [one.left() for one in found] == [0, 110]


@pytest.mark.parametrize("count", [0, 2])
def test_items_can_be_taken_again(qtbot: QtBot, count: int) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    flow = FlowLayout(whole)
    for _ in range(count):
        flow.addWidget(QWidget())
    assert flow.count() == count
    while flow.takeAt(0) is not None:
        pass
    assert flow.count() == 0
    assert flow.heightForWidth(100) == 0
