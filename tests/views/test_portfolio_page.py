"""The portfolio: what it says of all customers, what is asked of it, every state it can be in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QLocale, QRect, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from o365desk.domain.directory import Tenant
from o365desk.domain.errors import DeskError
from o365desk.domain.portfolio import FindingKind, Hidden, Limits
from o365desk.models import pieces
from o365desk.models.table_export import TableRows
from o365desk.views.portfolio_page import PortfolioPage
from o365desk.views.sweep_strip import FailuresDialog, failures_text
from tests.models.customers import DAY, E5, FULL, OVER, VISIO, facts, tenant
from tests.models.people import NOW

LEFT = Qt.MouseButton.LeftButton
LISTED = [tenant("Contoso"), tenant("Fabrikam"), tenant("Woodgrove")]
CONTOSO = facts("Contoso", OVER, FULL, blocked_holders=4)
FABRIKAM = facts("Fabrikam", VISIO, at=NOW - 9 * DAY)


@pytest.fixture
def page(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[PortfolioPage]:
    monkeypatch.setattr(pieces, "BUDGET", 60)  # in one go, on a slow machine too
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    made = PortfolioPage()
    qtbot.addWidget(made)
    made.resize(1100, 640)
    made.show()
    qtbot.waitExposed(made)
    yield made
    for menu in made.findChildren(QMenu):
        menu.close()
    QLocale.setDefault(before)


@pytest.fixture
def full(page: PortfolioPage) -> PortfolioPage:
    """Two customers read, one long ago, and one never."""
    page.set_tenants(LISTED)
    page.set_facts([CONTOSO, FABRIKAM], NOW)
    return page


def said(page: PortfolioPage) -> str:
    """All that can be read outside the tables."""
    labels = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    return "\n".join(filter(None, labels))


def offered(page: PortfolioPage) -> list[str]:
    buttons = page.findChildren(QPushButton)
    return [one.text() for one in buttons if one.isVisible() and one.isEnabled()]


def press(page: PortfolioPage, text: str) -> None:
    button = next(
        one for one in page.findChildren(QPushButton) if one.text() == text and one.isVisible()
    )
    QTest.mouseClick(button, LEFT)


def shown(page: PortfolioPage) -> list[str]:
    return [row.tenant.name for row in page.model.shown_rows()]


def select(page: PortfolioPage, name: str) -> None:
    page.table.setCurrentIndex(page.model.index_of(tenant(name).id))


def lines(page: PortfolioPage) -> list[str]:
    return [row.texts[0] for row in page.findings.table.listing.shown_rows()]


def test_the_worst_is_on_top_and_its_findings_stand_below(full: PortfolioPage) -> None:
    assert shown(full) == ["Contoso", "Fabrikam", "Woodgrove"]
    assert full.findings.name.full() == "Contoso"
    assert lines(full) == ["Over-allocated", "No seats left", "Licensed but blocked"]
    assert "2 of 3 customers read; 1 never read; 1 read before today; oldest 13 Nov" in said(full)
    assert "1 customer never read not in the totals" in full.foot.full()
    assert full.totals.accessibleName().startswith("Total of 2 of 3 customers")
    assert "Over-allocated: 3" in full.totals.accessibleName()
    select(full, "Woodgrove")
    assert "has never been read" in said(full)


def test_chips_count_customers_and_filter_them(full: PortfolioPage) -> None:
    press(full, "No seats left 1")
    assert shown(full) == ["Contoso"]
    assert full.foot.full() == "1 of 3 customers shown"
    press(full, "Never read 1")
    assert shown(full) == ["Woodgrove"]
    press(full, "Suspended 0")
    assert "No customer matches" in said(full)
    press(full, "Show all customers")
    assert len(shown(full)) == 3


def test_typing_filters_after_a_pause_and_enter_goes_on_into_the_table(
    full: PortfolioPage, qtbot: QtBot
) -> None:
    full.focus_filter()
    assert full.search.hasFocus()
    QTest.keyClicks(full.search, "fabri")
    qtbot.waitUntil(lambda: shown(full) == ["Fabrikam"])
    QTest.keyClick(full.search, Qt.Key.Key_Return)
    assert full.table.hasFocus()
    full.search.setFocus()
    QTest.keyClick(full.search, Qt.Key.Key_Escape)
    assert len(shown(full)) == 3
    assert full.table.hasFocus()


def test_customers_and_products_are_asked_for(full: PortfolioPage) -> None:
    tenants, products = QSignalSpy(full.tenant_requested), QSignalSpy(full.product_requested)
    full.setFocus()
    QTest.keyClick(full.table, Qt.Key.Key_Return)
    press(full, "Open customer")
    below = full.findings.table
    below.setCurrentIndex(below.listing.index(0, 0))
    QTest.keyClick(below, Qt.Key.Key_Return)
    below.setCurrentIndex(below.listing.index(2, 0))
    QTest.keyClick(below, Qt.Key.Key_Return)
    assert [tenants.at(n) for n in range(tenants.count())] == 3 * [[CONTOSO.tenant.id]]
    assert [products.at(n) for n in range(products.count())] == [[CONTOSO.tenant.id, OVER.id]]


def test_a_finding_is_hidden_and_shown_again(full: PortfolioPage) -> None:
    changed = QSignalSpy(full.hidden_changed)
    below = full.findings.table
    below.setCurrentIndex(below.listing.index(0, 0))
    press(full, "Hide")
    menu = next(one for one in full.findChildren(QMenu) if one.isVisible())
    assert [action.text() for action in menu.actions()] == [
        "Hide “Over-allocated” of Microsoft 365 E5",
        "Hide all findings of Microsoft 365 E5",
        "Hide every “Over-allocated” of this customer",
    ]
    QTest.keyClick(menu, Qt.Key.Key_Return)
    hidden = frozenset({Hidden(CONTOSO.tenant.id, OVER.id, FindingKind.OVER)})
    assert changed.at(0) == [hidden]
    assert lines(full) == ["No seats left", "Licensed but blocked"]
    assert "Hidden 1" in offered(full)
    press(full, "Show hidden (1)")
    assert lines(full)[-1] == "Over-allocated (hidden)"
    below.setCurrentIndex(below.listing.index(2, 0))
    press(full, "Show again")
    assert changed.at(1) == [frozenset()]
    assert lines(full)[0] == "Over-allocated"
    full.set_hidden(hidden)
    assert lines(full)[0] == "No seats left", "as it was saved"


@pytest.mark.parametrize(
    ("listed", "words", "refresh"),
    [
        pytest.param([], "There are no customers.", False, id="none"),
        pytest.param(LISTED[:1], "None of 1 customer has been read yet.", True, id="one"),
        pytest.param(LISTED, "None of 3 customers has been read yet.", True, id="some"),
        pytest.param(None, "nothing to show without a connection", True, id="nobody-knows"),
    ],
)
def test_nothing_read_yet(
    page: PortfolioPage, listed: list[Tenant] | None, words: str, refresh: bool
) -> None:
    assert "Looking up what is kept of all customers…" in said(page)
    asked = QSignalSpy(page.refresh_all_requested)
    page.set_tenants(listed)
    page.set_facts([], NOW)
    assert words in said(page)
    assert offered(page).count("Refresh all customers") == (2 if refresh else 0)
    if refresh:
        press(page, "Refresh all customers")
        assert asked.count() == 1
        page.set_sweep(0, 1, 0, True)
        assert "Refresh all customers" not in offered(page)
        assert "All customers are being read." in said(page)
    assert not any(text.startswith("All ") for text in offered(page)), "nothing to filter"


def test_offline_says_why_nothing_can_be_read(full: PortfolioPage) -> None:
    full.set_refresh_refused("Offline: connect to read the customers again.")
    assert "Offline: connect" in said(full)
    assert not full.refresh_button.isEnabled()
    assert full.refresh_button.toolTip() == "Offline: connect to read the customers again."
    full.set_refresh_refused("")
    assert full.refresh_button.isEnabled()
    assert "Offline" not in said(full)


def test_reading_all_customers_from_start_to_end(full: PortfolioPage) -> None:
    cancelled, resumed = QSignalSpy(full.cancel_requested), QSignalSpy(full.resume_requested)
    full.set_sweep(1200, 5000, 3, True)
    assert "Reading all customers: 1,200 of 5,000 customers read, 3 failed" in said(full)
    assert not full.refresh_button.isEnabled()
    full.sweep.cancel.setFocus()
    press(full, "Cancel")
    full.set_sweep(1200, 5000, 3, False)
    assert full.sweep.resume.hasFocus()
    failed = [(one, "The service did not answer.") for one in LISTED]
    full.set_failures(failed)
    assert (
        "Stopped: 1,200 of 5,000 customers read, 3 failed, 3,797 not tried. "
        "The service did not answer."
    ) in said(full)
    press(full, "Resume")
    assert (cancelled.count(), resumed.count()) == (1, 1)
    full.set_failures([*failed[:2], (LISTED[2], "The relationship has ended.")])
    full.set_sweep(4997, 5000, 3, False)
    assert "Finished: 4,997 of 5,000 customers read, 3 failed for 2 reasons." in said(full)
    assert "Resume" not in offered(full)
    press(full, "Try the failed again")
    assert resumed.count() == 2
    assert full.refresh_button.isEnabled()
    press(full, "Show failures")
    (dialog,) = full.findChildren(FailuresDialog)
    assert dialog.report.toPlainText().split("\n")[:2] == [
        "The service did not answer. (2 customers)",
        "    Contoso",
    ]
    dialog.reject()


def test_failures_are_grouped_by_reason_the_most_frequent_first() -> None:
    told = [(LISTED[2], "A."), (LISTED[1], "B."), (LISTED[0], "B.")]
    assert failures_text(told) == (
        "B. (2 customers)\n    Contoso\n    Fabrikam\n\nA. (1 customer)\n    Woodgrove"
    )


def test_an_error_keeps_the_rows_and_offers_another_attempt(full: PortfolioPage) -> None:
    asked = QSignalSpy(full.retry_requested)
    full.show_error(DeskError("The snapshots cannot be read.", next_step="Close other copies."))
    assert "The snapshots cannot be read. Close other copies." in said(full)
    assert len(shown(full)) == 3
    press(full, "Try again")
    assert asked.count() == 1
    full.set_loading(True)
    assert "cannot be read" not in said(full)
    full.set_facts([CONTOSO], NOW)
    assert shown(full) == ["Contoso", "Fabrikam", "Woodgrove"]


def test_rows_grow_old_before_newer_ones_come_but_not_while_all_are_read(
    full: PortfolioPage,
) -> None:
    rows = QRect(0, 0, 600, 120)
    fresh = full.table.grab(rows).toImage()
    full.set_loading(True)
    assert full.table.grab(rows).toImage() != fresh
    full.set_sweep(1, 3, 0, True)
    assert full.table.grab(rows).toImage() == fresh


def test_the_same_customers_again_are_no_news(full: PortfolioPage) -> None:
    settled = QSignalSpy(full.model.settled)
    full.set_tenants(list(LISTED))
    assert settled.count() == 0
    full.set_tenants(LISTED[:2])
    assert (settled.count(), shown(full)) == (1, ["Contoso", "Fabrikam"])


def test_the_selected_customer_stays_through_new_facts(full: PortfolioPage) -> None:
    select(full, "Fabrikam")
    fresh = replace(FABRIKAM, at=NOW - timedelta(minutes=1), skus=(replace(VISIO, available=-9),))
    full.set_facts([CONTOSO, fresh], NOW)
    assert shown(full)[0] == "Fabrikam"
    assert full.findings.name.full() == "Fabrikam"
    assert lines(full) == ["Over-allocated"]


def test_other_limits_find_other_things(full: PortfolioPage) -> None:
    full.set_facts([facts("Contoso", E5)], NOW)
    assert lines(full) == []
    full.set_limits(Limits(unused_seats=1, unused_share=0))
    assert lines(full) == ["Unused seats"]


def test_the_table_leaves_the_program_as_values(full: PortfolioPage) -> None:
    press(full, "Over-allocated 1")
    about = full.describe()
    rows = TableRows(full.model, range(full.model.columnCount()), about.more)
    (piece,) = rows.pieces()
    told = dict(zip(rows.titles, piece[0], strict=True))
    assert (told["Customer"], told["Over-allocated"], told["Read"]) == ("Contoso", 3, CONTOSO.at)
    assert told["Tenant ID"] == CONTOSO.tenant.id
    facts_told = dict(about.facts)
    assert facts_told["Show"] == "Over-allocated"
    assert str(facts_told["Customers"]).startswith("2 of 3 customers read")


def test_findings_leave_with_the_customer_and_what_was_left_out(full: PortfolioPage) -> None:
    full.set_hidden(frozenset({Hidden(CONTOSO.tenant.id, OVER.id, FindingKind.OVER)}))
    about = full.findings.describe()
    assert (about.customer, about.as_of) == ("Contoso", CONTOSO.at)
    assert about.facts == (("Hidden, left out", 1),)
    table = full.findings.table
    rows = TableRows(table.listing, range(table.listing.columnCount()), about.more)
    found = [row for piece in rows.pieces() for row in piece]
    assert [row[0] for row in found] == lines(full)
    assert {row[-1] for row in found} == {CONTOSO.tenant.id}
    press(full, "Show hidden (1)")
    assert full.findings.describe().facts == ()
