"""The Users' List as a view: buttons without widgets, keys, menus, and what it remembers."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from o365desk.domain.acts import Act
from o365desk.domain.directory import User
from o365desk.domain.ports import Capabilities
from o365desk.models.user_rows import COLUMN
from o365desk.models.users import UserTableModel
from o365desk.views import theme
from o365desk.views.user_actions import NO_SIGN_INS, Intent, Offers, offers
from o365desk.views.user_table import UserTableView
from tests.models.people import E5, deleted, now, product_name, user

ADELE, DORA = user("Adele Vance", licenses=E5), deleted("Dora Deleted", 5)
LEFT = Qt.MouseButton.LeftButton


class Shown:
    def __init__(self, qtbot: QtBot, users: list[User]) -> None:
        self.model = UserTableModel(product_name, now)
        self.model.append(users)
        self.view = UserTableView(self.model)
        qtbot.addWidget(self.view)
        self.view.resize(1200, 400)
        self.view.show()
        qtbot.waitExposed(self.view)
        self.intents: list[tuple[Intent, str]] = []
        self.view.intended.connect(lambda intent, user_id: self.intents.append((intent, user_id)))

    def index(self, name: str, column: str) -> QModelIndex:
        for row in range(self.model.rowCount()):
            if self.model.index(row, 0).data() == name:
                return self.model.index(row, COLUMN[column])
        raise AssertionError(name)

    def click(self, name: str, column: str, offset: QPoint | None = None) -> None:
        rect = self.view.visualRect(self.index(name, column))
        QTest.mouseClick(
            self.view.viewport(), LEFT, pos=rect.center() if offset is None else offset
        )

    def menu(self) -> QMenu | None:
        menus = [m for m in self.view.findChildren(QMenu) if m.isVisible()]
        return menus[-1] if menus else None


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[Shown]:
    table = Shown(qtbot, [ADELE, DORA, user("Bo Berg")])
    yield table
    for menu in table.view.findChildren(QMenu):
        menu.close()


def entries(menu: QMenu | None) -> list[str]:
    assert menu is not None
    return [action.text() for action in menu.actions()]


def test_the_button_of_a_row(shown: Shown) -> None:
    shown.click("Adele Vance", "manage")
    assert shown.intents == [(Intent.MANAGE_LICENSES, ADELE.id)]


def test_a_press_that_slides_off_the_button_does_nothing(shown: Shown) -> None:
    viewport = shown.view.viewport()
    start = shown.view.visualRect(shown.index("Adele Vance", "manage")).center()
    end = shown.view.visualRect(shown.index("Bo Berg", "manage")).center()
    QTest.mousePress(viewport, LEFT, pos=start)
    QTest.mouseRelease(viewport, LEFT, pos=end)
    assert shown.intents == []


def test_the_menu_of_an_active_user(shown: Shown) -> None:
    shown.click("Adele Vance", "more")
    assert entries(shown.menu()) == [
        "Manage Licenses",
        "Reset Password",
        "Edit User Information",
        "Delete",
    ]


def test_a_deleted_user_has_restore_only_and_no_button(shown: Shown) -> None:
    shown.click("Dora Deleted", "manage")
    assert shown.intents == []
    shown.click("Dora Deleted", "more")
    menu = shown.menu()
    assert entries(menu) == ["Restore"]
    assert menu is not None
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(menu.actions()[0]).center())
    assert shown.intents == [(Intent.RESTORE, DORA.id)]


@pytest.mark.parametrize(
    ("name", "key", "modifiers", "expected"),
    [
        ("Adele Vance", Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "intent"),
        ("Adele Vance", Qt.Key.Key_Menu, Qt.KeyboardModifier.NoModifier, "menu"),
        ("Adele Vance", Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier, "menu"),
        ("Dora Deleted", Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "menu"),
    ],
)
def test_keys(
    shown: Shown, name: str, key: Qt.Key, modifiers: Qt.KeyboardModifier, expected: str
) -> None:
    shown.view.setCurrentIndex(shown.index(name, "name"))
    QTest.keyClick(shown.view, key, modifiers)
    if expected == "menu":
        assert shown.menu() is not None
        assert shown.intents == []
    else:
        assert shown.intents == [(Intent.MANAGE_LICENSES, ADELE.id)]


SNAPSHOT = "A snapshot cannot be changed. Open the live one."
NO_ROLE = "License Administrator is missing for Contoso. Ask Contoso."
IS_ADMIN = "Adele Vance is a Global Administrator. Deleting her takes more."


def reasons(shown: Shown) -> list[str]:
    """What the table says about what it did not do."""
    told: list[str] = []
    shown.view.refused.connect(told.append)
    return told


def test_nothing_can_be_done_where_writing_is_not_possible(shown: Shown) -> None:
    told = reasons(shown)
    shown.view.set_offers(Offers(dict.fromkeys(Act, SNAPSHOT)))
    shown.click("Adele Vance", "manage")
    shown.view.setCurrentIndex(shown.index("Adele Vance", "name"))
    QTest.keyClick(shown.view, Qt.Key.Key_Return)
    shown.view.trigger(Intent.DELETE)
    assert shown.intents == []
    assert told == [SNAPSHOT] * 3
    shown.click("Adele Vance", "more")
    menu = shown.menu()
    assert menu is not None
    possible = [action for action in menu.actions() if action.isEnabled() and action.text()]
    assert [action.text() for action in possible] == ["A snapshot cannot be changed."]
    others = [a for a in menu.actions() if a.text() and a not in possible]
    assert {action.toolTip() for action in others} == {SNAPSHOT}


def test_one_act_that_is_refused_leaves_the_others(shown: Shown) -> None:
    shown.view.set_offers(Offers({Act.LICENSE: NO_ROLE}))
    told = reasons(shown)
    shown.click("Adele Vance", "manage")
    assert (shown.intents, told) == ([], [NO_ROLE])
    cell = shown.index("Adele Vance", "manage")
    assert NO_ROLE in cell.data(Qt.ItemDataRole.ToolTipRole)
    assert NO_ROLE in cell.data(Qt.ItemDataRole.AccessibleTextRole)
    shown.view.setCurrentIndex(shown.index("Adele Vance", "name"))
    shown.view.trigger(Intent.EDIT)
    assert shown.intents == [(Intent.EDIT, ADELE.id)]


def test_the_menu_by_keyboard_tells_why_an_entry_is_disabled(shown: Shown) -> None:
    def forbidden(act: Act, user: User) -> str:
        return IS_ADMIN if act is Act.DELETE and user.id == ADELE.id else ""

    shown.view.set_offers(Offers({Act.LICENSE: NO_ROLE}, forbidden))
    told = reasons(shown)
    shown.view.setCurrentIndex(shown.index("Adele Vance", "name"))
    QTest.keyClick(shown.view, Qt.Key.Key_Menu)
    menu = shown.menu()
    assert menu is not None
    assert menu.activeAction().text() == "Reset Password"
    disabled = {a.text(): a.toolTip() for a in menu.actions() if a.text() and not a.isEnabled()}
    assert disabled == {"Manage Licenses": NO_ROLE, "Delete": IS_ADMIN}
    explained = [a.text() for a in menu.actions()][-2:]
    assert explained == [
        "License Administrator is missing for Contoso.",
        "Adele Vance is a Global Administrator.",
    ]
    QTest.keyClick(menu, Qt.Key.Key_Up)
    assert menu.activeAction().text() == "Adele Vance is a Global Administrator."
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert told == [IS_ADMIN]


def test_a_role_is_shown_beside_the_name_and_told_to_screen_readers(shown: Shown) -> None:
    cell = shown.index("Adele Vance", "name")
    before = shown.view.grab().toImage()
    shown.view.set_offers(Offers(titles={ADELE.id: "Global Administrator"}))
    assert cell.data(Qt.ItemDataRole.ToolTipRole) == "Adele Vance\nGlobal Administrator"
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Adele Vance, Global Administrator"
    assert shown.view.grab().toImage() != before
    shown.view.set_offers(Offers())
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Adele Vance"
    assert shown.view.grab().toImage() == before


def test_a_shortcut_does_only_what_applies_to_the_row(shown: Shown) -> None:
    shown.view.setCurrentIndex(shown.index("Dora Deleted", "name"))
    shown.view.trigger(Intent.DELETE)
    shown.view.trigger(Intent.RESTORE)
    assert shown.intents == [(Intent.RESTORE, DORA.id)]


def test_a_header_click_sorts_and_the_order_is_remembered(shown: Shown, qtbot: QtBot) -> None:
    header = shown.view.horizontalHeader()
    where = QPoint(header.sectionViewportPosition(0) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), LEFT, pos=where)
    names = [shown.model.index(row, 0).data() for row in range(3)]
    assert names == ["Dora Deleted", "Bo Berg", "Adele Vance"]
    shown.view.setColumnHidden(COLUMN["mail"], False)
    other = Shown(qtbot, [ADELE, DORA, user("Bo Berg")])
    other.view.restore_state(shown.view.save_state())
    assert [other.model.index(row, 0).data() for row in range(3)] == names
    assert not other.view.isColumnHidden(COLUMN["mail"])
    other.view.restore_state(b"not a state")
    assert not other.view.isColumnHidden(COLUMN["mail"])


def test_columns_can_be_chosen(shown: Shown) -> None:
    shown.view.open_column_chooser(QPoint(0, 0))
    menu = shown.menu()
    assert "Display name" not in entries(menu)
    assert menu is not None
    mail = next(action for action in menu.actions() if action.text() == "Mail")
    mail.trigger()
    assert not shown.view.isColumnHidden(COLUMN["mail"])


def test_a_column_that_nobody_can_fill_is_not_offered(shown: Shown) -> None:
    toggled = QSignalSpy(shown.view.column_toggled)
    shown.view.set_offers(offers(Capabilities(sign_ins_known=False)))
    for offered in (False, True):
        shown.view.open_column_chooser(QPoint(0, 0))
        menu = shown.menu()
        assert menu is not None
        entry = next(action for action in menu.actions() if action.text() == "Last sign-in")
        assert entry.isEnabled() is offered
        assert entry.toolTip() == ("Last sign-in" if offered else NO_SIGN_INS)
        entry.trigger()
        assert shown.view.shows("sign_in") is offered
        menu.close()
        QTest.qWait(0)
        shown.view.set_offers(offers(Capabilities()))
    assert toggled.count() == 1
    assert toggled.at(0) == ["sign_in", True]


def test_what_was_saved_with_other_columns_is_not_taken_back(shown: Shown) -> None:
    shown.view.setColumnHidden(COLUMN["location"], True)
    saved = bytes(shown.view.horizontalHeader().saveState().data())
    shown.view.setColumnHidden(COLUMN["location"], False)
    for before in (saved, b"name,username\n" + saved):
        shown.view.restore_state(before)
        assert shown.view.shows("location")


def test_visible_users_are_those_on_screen(qtbot: QtBot) -> None:
    shown = Shown(qtbot, [user(f"User {number:03}") for number in range(200)])
    shown.view.scrollTo(shown.index("User 100", "name"))
    visible = [one.display_name for one in shown.view.visible_users()]
    assert "User 100" in visible
    assert len(visible) < 30


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_deleted_rows_are_painted_grey(shown: Shown, colours: theme.Theme) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, colours)
    image = shown.view.viewport().grab().toImage()
    found = {}
    for name in ("Bo Berg", "Dora Deleted"):
        rect = shown.view.visualRect(shown.index(name, "name"))
        shades = [
            image.pixelColor(x, y).lightness()
            for x in range(rect.left(), rect.right())
            for y in range(rect.top(), rect.bottom())
        ]
        found[name] = min(shades) if not colours.dark else max(shades)
    theme.apply(app, theme.LIGHT)
    if colours.dark:
        assert found["Dora Deleted"] < found["Bo Berg"]
    else:
        assert found["Dora Deleted"] > found["Bo Berg"]


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_has_contrast(colours: theme.Theme) -> None:
    """4.5:1 for every text colour on every ground it stands on (WCAG 2.1, 1.4.3)."""
    from PySide6.QtGui import QColor

    def luminance(name: str) -> float:
        colour = QColor(name)
        parts = [colour.redF(), colour.greenF(), colour.blueF()]
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    def contrast(front: str, back: str) -> float:
        light, dark = sorted((luminance(front), luminance(back)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    grounds = (colours.base, colours.surface, colours.hover, colours.selected)
    for front in (colours.text, colours.muted, colours.link, colours.danger, colours.warning):
        for back in grounds:
            assert contrast(front, back) >= 4.5, (front, back)
    for front, back in (
        (colours.on_accent, colours.accent),
        (colours.on_danger, colours.danger),
        (colours.on_practice, colours.practice),
        (colours.on_snapshot, colours.snapshot),
        (colours.on_snapshot_aged, colours.snapshot_aged),
        (colours.text, colours.rail),
        (colours.muted, colours.rail),
        (colours.good, colours.base),
    ):
        assert contrast(front, back) >= 4.5, (front, back)


def test_the_cell_with_the_keyboard_has_a_frame(shown: Shown, qapp: QApplication) -> None:
    """Ctrl+C copies that cell, so one must see which it is."""
    theme.apply(qapp, theme.LIGHT)
    shown.view.activateWindow()
    shown.view.setFocus()
    shown.view.setCurrentIndex(shown.index("Adele Vance", "username"))
    QTest.qWaitForWindowActive(shown.view)

    def edge(column: str) -> str:
        cell = shown.view.visualRect(shown.index("Adele Vance", column))
        image = shown.view.viewport().grab().toImage()
        return image.pixelColor(cell.center().x(), cell.top() + 1).name()

    assert edge("username") == theme.LIGHT.accent
    assert edge("status") == theme.LIGHT.selected
    shown.view.setCurrentIndex(shown.index("Adele Vance", "status"))
    assert edge("status") == theme.LIGHT.accent
    shown.view.clearFocus()
    assert edge("status") != theme.LIGHT.accent


def test_a_narrow_window_scrolls_no_further_than_it_must(shown: Shown) -> None:
    """Assign gives up its room first: the less is hidden, the less often a row is acted on whose
    name is out of sight."""
    header, assign = shown.view.horizontalHeader(), COLUMN["assign"]
    others = header.length() - header.sectionSize(assign)
    shown.view.resize(1200, 400)
    assert header.length() == shown.view.viewport().width()
    shown.view.resize(500, 400)
    assert header.length() == others + header.sectionSize(assign)
    assert header.sectionSize(assign) == 20 * theme.GRID
    shown.view.resize(1200, 400)
    shown.view.setColumnHidden(COLUMN["location"], True)
    assert header.length() == shown.view.viewport().width()
    other = shown.view.save_state()
    shown.view.resize(1000, 400)
    shown.view.restore_state(other)
    assert header.length() == shown.view.viewport().width()


def test_a_menu_opened_by_keyboard_stands_on_its_first_entry(shown: Shown) -> None:
    shown.view.setCurrentIndex(shown.index("Adele Vance", "name"))
    QTest.keyClick(shown.view, Qt.Key.Key_Menu)
    menu = shown.menu()
    assert menu is not None
    assert menu.activeAction() == menu.actions()[0]
    menu.close()
    QTest.qWait(0)
    shown.click("Bo Berg", "more")
    menu = shown.menu()
    assert menu is not None
    assert menu.activeAction() is None


def test_the_column_chooser_stays_for_the_next_column(shown: Shown) -> None:
    shown.view.open_column_chooser(QPoint(0, 0))
    menu = shown.menu()
    assert menu is not None
    status, location = (
        next(a for a in menu.actions() if a.text() == t) for t in ("Status", "Location")
    )
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(status).center())
    assert menu.isVisible()
    assert shown.view.isColumnHidden(COLUMN["status"])
    menu.setActiveAction(location)
    QTest.keyClick(menu, Qt.Key.Key_Space)
    assert menu.isVisible()
    assert shown.view.isColumnHidden(COLUMN["location"])
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()


@pytest.mark.parametrize("width", [500, 1200])
def test_the_widths_survive_every_change_of_the_rows(shown: Shown, width: int) -> None:
    header, model = shown.view.horizontalHeader(), shown.model
    shown.view.resize(width, 400)
    QTest.qWait(0)
    before = [header.sectionSize(number) for number in range(header.count())]
    changes: list[Callable[[], object]] = [
        lambda: model.append([user("Carla")]),
        lambda: model.sort(1, Qt.SortOrder.DescendingOrder),
        lambda: model.set_query(replace(model.query, text="carla")),
        lambda: model.set_query(replace(model.query, text="")),
        lambda: model.put([user("Dana")]),
    ]
    for change in changes:
        change()
        assert [header.sectionSize(number) for number in range(header.count())] == before
