"""Manage Licenses driven as an operator drives it: mouse, keyboard, refusals, conflicts."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from o365desk.domain.errors import Refusal, Unreachable
from o365desk.domain.licensing import LicenseAssignment, LicenseDraft, Sku, SkuId
from o365desk.models.roles import Role
from o365desk.views import theme
from o365desk.views.desk_dialog import FINISHING
from o365desk.views.manage_licenses import LicenseUpdate, ManageLicensesDialog
from tests.views.dialogs import (
    BI_TEAM,
    E5,
    HELD,
    POWER_BI,
    PRODUCTS,
    PROJECT,
    TENANT,
    VISIO,
    Key,
    adele,
    host,
    opened,
    press,
    refusal,
    sku,
)
from tests.views.dialogs import click as mouse

CHECK = Qt.ItemDataRole.CheckStateRole


@pytest.fixture(params=[theme.LIGHT, theme.DARK], ids=["light", "dark"])
def themed(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[theme.Theme]:
    theme.apply(qapp, request.param)
    yield request.param
    theme.apply(qapp, theme.LIGHT)


def ready(
    qtbot: QtBot,
    *,
    skus: tuple[Sku, ...] = PRODUCTS,
    held: tuple[LicenseAssignment, ...] = HELD,
    location: str = "GB",
    sources_known: bool = True,
) -> ManageLicensesDialog:
    dialog = opened(qtbot, ManageLicensesDialog(TENANT, adele(), host(qtbot)))
    show(dialog, LicenseDraft.begin(skus, held), location=location, sources_known=sources_known)
    return dialog


def show(
    dialog: ManageLicensesDialog,
    draft: LicenseDraft,
    *,
    location: str = "GB",
    sources_known: bool = True,
    notice: str = "",
) -> None:
    dialog.set_draft(
        draft,
        {BI_TEAM: "BI team"},
        sources_known=sources_known,
        product_name=str,
        location=location,
        notice=notice,
    )


def click(dialog: ManageLicensesDialog, product: Sku) -> None:
    view, model = dialog.switches.view, dialog.switches.model
    assert model is not None
    rect = view.visualRect(model.index(model.row_of(product.id)))
    where = rect.topLeft() + QPoint(30, 20)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)


def is_on(dialog: ManageLicensesDialog, product: Sku) -> bool:
    model = dialog.switches.model
    assert model is not None
    state = model.index(model.row_of(product.id)).data(CHECK)
    return Qt.CheckState(state) is Qt.CheckState.Checked


def error_at(dialog: ManageLicensesDialog, product: Sku) -> str:
    model = dialog.switches.model
    assert model is not None
    return str(model.index(model.row_of(product.id)).data(Role.ERROR))


def draft_of(dialog: ManageLicensesDialog) -> LicenseDraft:
    draft = dialog.switches.draft
    assert draft is not None
    return draft


def test_title_user_and_customer(qtbot: QtBot) -> None:
    """S5: the title is exactly "Manage Licenses"; user and customer are named."""
    dialog = ready(qtbot)
    assert dialog.windowTitle() == "Manage Licenses"
    assert dialog.heading.text() == "Adele Vance"
    assert dialog.subheading.text() == "adele@contoso.com"
    assert dialog.tenant.text() == TENANT
    assert dialog.isModal()
    assert dialog.windowModality() is Qt.WindowModality.WindowModal


def test_reads_first_and_can_be_cancelled(qtbot: QtBot) -> None:
    dialog = opened(qtbot, ManageLicensesDialog(TENANT, adele(), host(qtbot)))
    assert dialog.progress.isVisible()
    assert dialog._message.text() == "Reading licenses…"
    assert not dialog.update_button.isEnabled()
    assert dialog.cancel_button.isEnabled()
    finished = QSignalSpy(dialog.finished)
    press(dialog, Key.Key_Escape)
    assert finished.count() == 1


def test_failed_reading_offers_another_attempt(qtbot: QtBot) -> None:
    dialog = opened(qtbot, ManageLicensesDialog(TENANT, adele(), host(qtbot)))
    retries = QSignalSpy(dialog.retry_requested)
    dialog.show_load_error(Unreachable("Microsoft cannot be reached.", next_step="Try later."))
    assert dialog.errors.sentence.text() == "Microsoft cannot be reached."
    assert dialog.errors.next_step.text() == "Try later."
    assert not dialog.progress.isVisible()
    assert dialog.focusWidget() is dialog.retry_button
    press(dialog, Key.Key_Return)
    assert retries.count() == 1
    assert dialog.errors.isHidden()
    assert dialog.progress.isVisible()
    show(dialog, LicenseDraft.begin(PRODUCTS, HELD))
    assert dialog.switches.isVisible()
    assert not dialog._waiting.isVisible()


def test_mouse_moves_several_switches_and_update_sends_one_change(qtbot: QtBot) -> None:
    """S11, S16: what is switched on and off goes out in one change."""
    dialog = ready(qtbot)
    updates: list[LicenseUpdate] = []
    dialog.update_requested.connect(updates.append)
    assert not dialog.update_button.isEnabled()
    click(dialog, VISIO)
    click(dialog, E5)
    assert is_on(dialog, VISIO)
    assert not is_on(dialog, E5)
    assert dialog.summary.full() == "+ Visio Plan 2   − Microsoft 365 E5"
    mouse(dialog.update_button)
    (update,) = updates
    assert [grant.sku_id for grant in update.change.add] == [VISIO.id]
    assert update.change.remove == (E5.id,)
    assert update.location == ""


def test_switching_back_leaves_nothing_to_update(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    click(dialog, VISIO)
    assert dialog.update_button.isEnabled()
    click(dialog, VISIO)
    assert not dialog.update_button.isEnabled()
    assert dialog.summary.full() == ""


def test_locked_switches_do_not_move(qtbot: QtBot) -> None:
    """S11, P6: exhausted and inherited products stay, by mouse and by Space."""
    dialog = ready(qtbot)
    model = dialog.switches.model
    assert model is not None
    for product in (PROJECT, POWER_BI):
        before = is_on(dialog, product)
        click(dialog, product)
        dialog.switches.view.setCurrentIndex(model.index(model.row_of(product.id)))
        QTest.keyClick(dialog.switches.view, Key.Key_Space)
        assert is_on(dialog, product) is before
    assert not dialog.update_button.isEnabled()


def test_keyboard_only(qtbot: QtBot) -> None:
    """Space moves a switch, arrows move the row, Enter is Update and never a switch."""
    dialog = ready(qtbot)
    updates: list[LicenseUpdate] = []
    dialog.update_requested.connect(updates.append)
    assert dialog.focusWidget() is dialog.switches.view
    assert dialog.switches.current_sku() == E5.id
    press(dialog, Key.Key_Return)
    assert is_on(dialog, E5), "Enter does not move a switch"
    assert updates == [], "nor does it press an Update that is disabled"
    press(dialog, Key.Key_Down)
    press(dialog, Key.Key_Down)
    assert dialog.switches.current_sku() == VISIO.id
    press(dialog, Key.Key_Space)
    assert is_on(dialog, VISIO)
    press(dialog, Key.Key_Return)
    assert len(updates) == 1
    assert is_on(dialog, VISIO)


def test_update_is_the_default_however_soon_the_licenses_come(qtbot: QtBot) -> None:
    """Answers may come before the window is active: Enter must not mean Cancel then."""
    dialog = ManageLicensesDialog(TENANT, adele(), host(qtbot))
    dialog.open()
    show(dialog, LicenseDraft.begin(PRODUCTS, HELD))
    assert dialog.update_button.isDefault()
    assert not dialog.cancel_button.isDefault()


def test_enter_on_cancel_cancels(qtbot: QtBot) -> None:
    """A focused button is what Enter presses, not the default one beside it."""
    dialog = ready(qtbot)
    updates = QSignalSpy(dialog.update_requested)
    finished = QSignalSpy(dialog.finished)
    click(dialog, VISIO)
    dialog.cancel_button.setFocus()
    press(dialog, Key.Key_Return)
    assert updates.count() == 0
    assert finished.count() == 1


@pytest.mark.parametrize("leave", ["cancel", "escape", "close"])
def test_leaving_any_other_way_changes_nothing(qtbot: QtBot, leave: str) -> None:
    """S19: only Update emits anything."""
    dialog = ready(qtbot)
    updates = QSignalSpy(dialog.update_requested)
    finished = QSignalSpy(dialog.finished)
    click(dialog, VISIO)
    if leave == "cancel":
        mouse(dialog.cancel_button)
    elif leave == "escape":
        press(dialog, Key.Key_Escape)
    else:
        dialog.close()
    assert updates.count() == 0
    assert finished.count() == 1


def test_nothing_moves_while_toggling(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    model = dialog.switches.model
    assert model is not None

    def places() -> list[tuple[str, int]]:
        rows = [model.index(row) for row in range(model.rowCount())]
        return [(row.data(), dialog.switches.view.visualRect(row).top()) for row in rows]

    before = places()
    click(dialog, E5)
    click(dialog, VISIO)
    qtbot.wait(20)
    assert places() == before


def test_busy_locks_everything_until_the_answer(qtbot: QtBot) -> None:
    """A write cannot be taken back: no second click, no close, and it says so."""
    dialog = ready(qtbot)
    updates = QSignalSpy(dialog.update_requested)
    finished = QSignalSpy(dialog.finished)
    click(dialog, VISIO)
    dialog.set_busy("Updating licenses…")
    assert dialog.busy
    assert dialog.progress.isVisible()
    assert dialog.summary.full() == "Updating licenses…"
    for button in (dialog.update_button, dialog.cancel_button):
        mouse(button)
    QTest.keyClick(dialog, Key.Key_Return)
    click(dialog, E5)
    assert is_on(dialog, E5)
    QTest.keyClick(dialog, Key.Key_Escape)
    assert dialog.summary.full() == FINISHING
    assert not dialog.close()
    assert dialog.isVisible()
    assert updates.count() == 0
    assert finished.count() == 0
    dialog.accept()
    assert finished.count() == 1


def test_refusal_stands_at_its_line_and_keeps_the_choice(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    click(dialog, VISIO)
    click(dialog, E5)
    wanted = draft_of(dialog)
    model = dialog.switches.model
    assert model is not None
    row = model.index(model.row_of(VISIO.id))
    low = dialog.switches.view.visualRect(row).height()
    dialog.set_busy("Updating licenses…")
    dialog.show_refusal(refusal(Refusal.NO_SEAT, "No seat of Visio Plan 2 is free.", VISIO.id))
    assert not dialog.busy
    assert error_at(dialog, VISIO) == "No seat of Visio Plan 2 is free. Do something else."
    assert error_at(dialog, E5) == ""
    assert draft_of(dialog) == wanted
    assert dialog.update_button.isEnabled()
    assert "request-id r-1" in dialog.errors.ids.text()
    assert dialog.switches.view.visualRect(row).height() > low, "the sentence has room"
    click(dialog, VISIO)
    assert error_at(dialog, VISIO) == ""
    assert dialog.errors.isHidden()
    assert dialog.switches.view.visualRect(row).height() == low


def test_refusal_without_a_product_goes_to_the_only_changed_line(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    click(dialog, VISIO)
    dialog.show_refusal(refusal(Refusal.OTHER, "Not now."))
    assert error_at(dialog, VISIO).startswith("Not now.")


def test_refusal_of_several_changes_goes_to_the_strip(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    click(dialog, VISIO)
    click(dialog, E5)
    dialog.show_refusal(refusal(Refusal.OTHER, "Not now."))
    assert dialog.errors.sentence.text() == "Not now."
    assert dialog.errors.next_step.text() == "Do something else."
    assert error_at(dialog, VISIO) == error_at(dialog, E5) == ""
    assert dialog.update_button.isEnabled()


def test_conflict_is_noticed_and_filter_and_row_are_kept(qtbot: QtBot) -> None:
    many = tuple(sku(f"Plan {number:02}", 3) for number in range(12))
    dialog = ready(qtbot, skus=many, held=())
    model = dialog.switches.model
    assert model is not None
    assert dialog.switches.filter.isVisible()
    assert dialog.focusWidget() is dialog.switches.filter
    QTest.keyClicks(dialog.switches.filter, "plan 1")
    shown = [row for row in range(12) if not dialog.switches.view.isRowHidden(row)]
    assert shown == [1, 10, 11]
    assert dialog.switches.count.text() == "3 of 12"
    for _ in range(3):
        press(dialog, Key.Key_Down)
    assert dialog.switches.current_sku() == many[11].id
    press(dialog, Key.Key_Space)
    fresh = tuple(s.with_assigned(1) for s in many)
    show(
        dialog,
        draft_of(dialog).rebased(fresh, (LicenseAssignment(many[10].id),)),
        notice="Somebody else changed this user's licenses meanwhile: Plan 10 was given.",
    )
    assert dialog.notice.isVisible()
    assert "Plan 10" in dialog.notice.text()
    assert dialog.switches.filter.text() == "plan 1"
    assert dialog.switches.current_sku() == many[11].id
    assert is_on(dialog, many[11])
    names = [
        model.index(row).data() for row in range(12) if not dialog.switches.view.isRowHidden(row)
    ]
    assert names == ["Plan 10", "Plan 01", "Plan 11"]
    assert [grant.sku_id for grant in draft_of(dialog).change().add] == [many[11].id]


def test_filter_is_hidden_for_few_products_and_says_when_nothing_fits(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    assert not dialog.switches.filter.isVisible()
    many = tuple(sku(f"Plan {number:02}", 3) for number in range(9))
    dialog = ready(qtbot, skus=many, held=())
    QTest.keyClicks(dialog.switches.filter, "nothing")
    assert dialog.switches._empty.isVisible()
    assert dialog.switches._empty.text() == "No product matches the filter."


def test_missing_location_is_asked_for_in_place(qtbot: QtBot) -> None:
    """Microsoft gives no licence without a location: asked for here, sent with the update."""
    dialog = ready(qtbot, location="")
    updates: list[LicenseUpdate] = []
    dialog.update_requested.connect(updates.append)
    assert not dialog.location_row.isVisible(), "taking a licence needs none"
    click(dialog, E5)
    assert not dialog.location_row.isVisible()
    assert dialog.update_button.isEnabled()
    click(dialog, VISIO)
    assert dialog.location_row.isVisible()
    assert not dialog.update_button.isEnabled()
    dialog.location.setFocus()
    QTest.keyClicks(dialog.location, "germ")
    press(dialog, Key.Key_Tab)
    assert dialog.location.code() == "DE"
    assert dialog.update_button.isEnabled()
    dialog.update_button.click()
    assert updates[0].location == "DE"


def test_enter_that_chooses_a_country_does_not_update(qtbot: QtBot) -> None:
    dialog = ready(qtbot, location="")
    updates = QSignalSpy(dialog.update_requested)
    click(dialog, VISIO)
    dialog.location.setFocus()
    QTest.keyClicks(dialog.location, "germ")
    popup = dialog.location.matches.popup()
    assert popup is not None
    popup.hide()
    press(dialog, Key.Key_Return)
    assert dialog.location.code() == "DE"
    assert updates.count() == 0
    QTest.keyClick(dialog.location, Key.Key_Return)
    assert updates.count() == 1


def test_refused_location_is_asked_for_as_well(qtbot: QtBot) -> None:
    """Microsoft may refuse a location that stands there already: shown, with the sentence."""
    dialog = ready(qtbot, location="GB")
    updates: list[LicenseUpdate] = []
    dialog.update_requested.connect(updates.append)
    click(dialog, VISIO)
    dialog.update_button.click()
    assert updates[0].location == ""
    dialog.set_busy("Updating licenses…")
    dialog.show_refusal(refusal(Refusal.USAGE_LOCATION, "The location is not valid."))
    assert dialog.location_row.isVisible()
    assert dialog._location_problem.text() == "The location is not valid."
    assert dialog.location.code() == "GB"
    assert is_on(dialog, VISIO)
    dialog.location.set_code("IE")
    dialog.update_button.click()
    assert updates[1].location == "IE"


def test_partner_center_says_what_it_cannot_tell(qtbot: QtBot) -> None:
    dialog = ready(qtbot, sources_known=False)
    assert dialog._foot.isVisible()
    assert "Partner Center does not tell" in dialog._foot.text()
    assert not ready(qtbot)._foot.isVisible()


def test_switch_positions_are_painted(qtbot: QtBot, themed: theme.Theme) -> None:
    """S7, S8: on is filled with the accent, off is not; the inherited one is neither."""
    dialog = ready(qtbot)
    view, model = dialog.switches.view, dialog.switches.model
    assert model is not None
    picture = view.viewport().grab().toImage()

    def track(product: Sku) -> QColor:
        rect = view.visualRect(model.index(model.row_of(product.id)))
        return picture.pixelColor(rect.left() + 24 + 18, rect.top() + 12 + 4)

    assert track(E5) == QColor(themed.accent)
    assert track(VISIO) == QColor(themed.base)
    assert track(POWER_BI) == QColor(themed.muted)
    assert picture.pixelColor(2, picture.height() - 4) == QColor(themed.base)


def test_long_names_are_told_in_a_tooltip(qtbot: QtBot) -> None:
    name = "Microsoft 365 Business Premium " * 6
    dialog = ready(qtbot, skus=(sku(name, 1),), held=())
    click(dialog, sku(name, 1))
    assert dialog.summary.text().endswith("…")
    assert name.strip() in dialog.summary.toolTip()
    assert dialog.minimumSizeHint().width() <= 800


def test_works_at_800_by_600(qtbot: QtBot) -> None:
    dialog = ready(qtbot)
    dialog.resize(520, 400)
    assert dialog.width() <= 760
    assert dialog.height() <= 560
    assert dialog.update_button.isVisible()
    assert dialog.rect().contains(dialog.update_button.geometry())


def test_unknown_products_use_the_name_given(qtbot: QtBot) -> None:
    dialog = opened(qtbot, ManageLicensesDialog(TENANT, adele(), host(qtbot)))
    draft = LicenseDraft.begin((), (LicenseAssignment(SkuId("old")),))
    dialog.set_draft(
        draft, {}, sources_known=True, product_name=lambda sku_id: "Office 2010", location="GB"
    )
    model = dialog.switches.model
    assert model is not None
    assert model.index(0).data() == "Office 2010"


def test_enter_in_the_filter_sends_nothing(qtbot: QtBot) -> None:
    """Whoever has found a product wants its switch: nothing is sent but by Update (S19)."""
    many = tuple(sku(f"Plan {number:02}", 3) for number in range(12))
    dialog = ready(qtbot, skus=many, held=())
    click(dialog, many[0])
    assert dialog.update_button.isEnabled()
    sent = QSignalSpy(dialog.update_requested)
    dialog.switches.filter.setFocus()
    QTest.keyClicks(dialog.switches.filter, "plan 1")
    QTest.keyClick(dialog.switches.filter, Key.Key_Return)
    assert sent.count() == 0
    assert dialog.switches.view.hasFocus()
    assert dialog.switches.current_sku() == many[1].id
