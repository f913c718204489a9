"""One row per customer, one line per finding, and sums that say of whom they do not speak."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QAbstractItemModelTester

from o365desk.domain.licensing import Subscription, SubscriptionState
from o365desk.domain.portfolio import Coverage, FindingKind, Hidden, Limits
from o365desk.models import pieces
from o365desk.models.coverage import coverage_text
from o365desk.models.listing import Tone
from o365desk.models.portfolio import (
    COLUMN,
    HIDDEN,
    NEVER,
    FindingsModel,
    PortfolioModel,
    PortfolioRow,
    totals_text,
)
from tests.models.customers import DAY, E5, FULL, OVER, VISIO, facts, tenant
from tests.models.people import NOW


@pytest.fixture(autouse=True)
def british(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In one go, too: a slow machine would leave work for the event loop."""
    monkeypatch.setattr(pieces, "BUDGET", 60)
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(before)


CONTOSO = facts("Contoso", OVER, FULL, users=1200, blocked_holders=4)
FABRIKAM = facts("Fabrikam", VISIO, at=NOW - 9 * DAY, subscriptions=None)
LISTED = (tenant("Woodgrove"), tenant("Fabrikam"), tenant("Contoso"))


def made() -> PortfolioModel:
    model = PortfolioModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.take(LISTED, [CONTOSO, FABRIKAM], NOW)
    return model


def row(model: PortfolioModel, name: str) -> PortfolioRow:
    return next(one for one in model.rows if one.tenant.name == name)


def cells(model: PortfolioModel, name: str) -> dict[str, str]:
    return dict(zip(COLUMN, row(model, name).texts, strict=True))


def test_a_row_for_every_customer_those_never_read_included() -> None:
    model = made()
    assert [one.tenant.name for one in model.shown_rows()] == ["Contoso", "Fabrikam", "Woodgrove"]
    assert cells(model, "Contoso") == {
        "name": "Contoso",
        "users": "1,200",
        "Over-allocated": "3",
        "No seats left": "1",
        "Suspended": "0",
        "Expiring": "0",
        "Unused seats": "0",
        "Licensed but blocked": "4",
        "Purged soon": "0",
        "read": cells(model, "Contoso")["read"],
    }
    woodgrove = cells(model, "Woodgrove")
    assert {woodgrove.pop("name"), woodgrove.pop("read")} == {"Woodgrove", "never read"}
    assert set(woodgrove.values()) == {""}, "not zero: nobody looked"
    column = COLUMN["Suspended"]
    assert model.spoken(row(model, "Woodgrove"), column) == "Suspended: never read"


def test_what_could_not_be_read_is_unknown_and_no_zero() -> None:
    model = made()
    assert cells(model, "Fabrikam")["Expiring"] == "unknown"
    assert "could not be read" in model.tooltip(row(model, "Fabrikam"), COLUMN["Expiring"])


def test_old_facts_look_different_and_say_so() -> None:
    model = made()
    assert cells(model, "Fabrikam")["read"].endswith(", 9 days old")
    assert "old" not in cells(model, "Contoso")["read"]
    over = COLUMN["Over-allocated"]
    assert model.tone(row(model, "Contoso"), over) is Tone.DANGER
    old = replace(CONTOSO, at=NOW - 2 * DAY)
    model.take(LISTED, [old], NOW)
    assert model.tone(row(model, "Contoso"), over) is Tone.MUTED


def test_customers_who_left_the_list_are_still_shown() -> None:
    model = made()
    model.take((), [CONTOSO], NOW)
    assert [one.tenant.name for one in model.rows] == ["Contoso"]


def test_filters_by_kind_and_their_counts() -> None:
    model = made()
    assert model.customers == {
        FindingKind.OVER: 1,
        FindingKind.NONE_LEFT: 1,
        FindingKind.BLOCKED: 1,
        NEVER: 1,
    }
    for which, names in ((FindingKind.OVER, ["Contoso"]), (NEVER, ["Woodgrove"]), ("", 3 * [""])):
        model.set_filter(which)
        assert model.rowCount() == len(names)
        assert which == "" or [one.tenant.name for one in model.shown_rows()] == names
    model.set_text("woodgrove.onmicrosoft")
    assert [one.tenant.name for one in model.shown_rows()] == ["Woodgrove"]


def test_the_totals_follow_the_filter_and_tell_who_is_missing() -> None:
    model = made()
    assert model.totals.numbers[:3] == (1210, 3, 1)
    assert (
        totals_text(model.totals) == "1 customer never read not in the totals · "
        "1 with numbers of an earlier day · expiring of 1 customer unknown"
    )
    model.set_filter(FindingKind.OVER)
    assert (model.totals.customers, model.totals.numbers[0]) == (1, 1200)
    assert totals_text(model.totals) == ""


def test_hiding_takes_a_finding_out_of_row_filter_and_totals() -> None:
    model = made()
    hidden = Hidden(CONTOSO.tenant.id, OVER.id, FindingKind.OVER)
    model.set_hidden({hidden})
    assert cells(model, "Contoso")["Over-allocated"] == "0"
    assert model.customers[FindingKind.OVER] == 0
    assert model.customers[HIDDEN] == 1
    assert model.totals.numbers[1] == 0
    assert [one.kind for one in row(model, "Contoso").hidden] == [FindingKind.OVER]
    model.set_hidden(frozenset())
    assert cells(model, "Contoso")["Over-allocated"] == "3"


def test_new_limits_hold_with_the_next_facts() -> None:
    model = made()
    model.limits = Limits(unused_seats=2, unused_share=0)
    model.take(LISTED, [facts("Contoso", E5)], NOW)
    assert cells(model, "Contoso")["Unused seats"] == "2"


def test_the_tooltip_names_the_products() -> None:
    model = made()
    assert model.tooltip(row(model, "Contoso"), COLUMN["Over-allocated"]) == "Microsoft 365 E5: 3"
    assert model.tooltip(row(model, "Contoso"), 0) == "Contoso\ncontoso.onmicrosoft.com"
    tip = model.headerData(
        COLUMN["Expiring"], Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole
    )
    assert "do not renew" in str(tip)


def test_findings_of_a_customer_line_by_line() -> None:
    term = Subscription(
        "s", VISIO.id, "", SubscriptionState.ACTIVE, 4, term_end=NOW + 3 * DAY, auto_renew=False
    )
    model = PortfolioModel()
    model.take((), [replace(CONTOSO, subscriptions=(term,))], NOW)
    model.set_hidden({Hidden(CONTOSO.tenant.id, OVER.id, FindingKind.OVER)})
    lines = FindingsModel()
    QAbstractItemModelTester(lines, QAbstractItemModelTester.FailureReportingMode.Fatal, lines)
    lines.take(model.rows[0], NOW, with_hidden=False)
    assert [one.texts[:4] for one in lines.shown_rows()] == [
        ("Expiring", "Visio Plan 2", "4", "25 Nov 2026, in 3 days"),
        ("No seats left", "Visio Plan 2", "4", ""),
        ("Licensed but blocked", "Users", "4", ""),
    ]
    lines.take(model.rows[0], NOW, with_hidden=True)
    assert [one.texts[0] for one in lines.shown_rows()][-1] == "Over-allocated (hidden)"
    lines.take(None, NOW, with_hidden=True)
    assert lines.rowCount() == 0


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param(Coverage(1, 1, 0, 0, 0, NOW), "1 of 1 customer read", id="one"),
        pytest.param(
            Coverage(5000, 4998, 2, 0, 37, NOW - timedelta(days=400)),
            "4,998 of 5,000 customers read; 2 never read; 37 read before today; oldest 18 Oct 2025",
            id="many",
        ),
        pytest.param(
            Coverage(None, 12, 0, 0, 0, NOW),
            "12 customers read; how many there are is not known yet",
            id="list-not-known",
        ),
        pytest.param(
            Coverage(3, 2, 1, 4, 0, NOW),
            "2 of 3 customers read; 1 never read; 4 more, read earlier, not listed any more",
            id="some-left",
        ),
    ],
)
def test_the_honest_line(known: Coverage, expected: str) -> None:
    assert coverage_text(known, NOW).startswith(expected)
