"""SubscriptionTableModel: every fact in words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QAbstractItemModelTester

from o365desk.domain.licensing import SkuId, Subscription, SubscriptionState
from o365desk.models.roles import Role
from o365desk.models.subscriptions import COLUMN, SubscriptionTableModel
from o365desk.models.words import age_text, clock_text, day_text, days_text

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ONE = Subscription(
    id="5fb0c0d5-0000-4000-8000-000000000001",
    sku_id=SkuId("e5"),
    name="Microsoft 365 E5",
    state=SubscriptionState.ACTIVE,
    quantity=1200,
    term_end=NOW + timedelta(days=110),
    auto_renew=True,
)


@pytest.fixture(autouse=True)
def british() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(before)


def made(*found: Subscription) -> SubscriptionTableModel:
    model = SubscriptionTableModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.set_subscriptions(found, NOW)
    return model


def cell(
    model: SubscriptionTableModel, key: str, role: int = Qt.ItemDataRole.DisplayRole
) -> object:
    return model.index(0, COLUMN[key]).data(role)


def test_a_living_subscription() -> None:
    model = made(ONE)
    keys = ("id", "state", "quantity", "term_end", "trial", "auto_renew", "name")
    assert [cell(model, key) for key in keys] == [
        ONE.id,
        "Active",
        "1,200",
        "12 Mar 2027, in 110 days",
        "No",
        "On",
        "",
    ]
    assert model.headerData(COLUMN["id"], Qt.Orientation.Horizontal) == "Microsoft Subscription IDs"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SubscriptionState.ACTIVE, "Active"),
        (SubscriptionState.WARNING, "Expired, in grace period"),
        (SubscriptionState.SUSPENDED, "Suspended"),
        (SubscriptionState.DELETED, "Deleted"),
        (SubscriptionState.PENDING, "Pending"),
        (SubscriptionState.UNKNOWN, "not told"),
    ],
)
def test_every_state_has_words_and_an_explanation(state: SubscriptionState, words: str) -> None:
    model = made(replace(ONE, state=state))
    assert cell(model, "state") == words
    assert str(cell(model, "state", Qt.ItemDataRole.ToolTipRole)).endswith(".")


def test_what_microsoft_does_not_tell_is_said_and_grey() -> None:
    model = made(replace(ONE, term_end=None, auto_renew=None))
    for key in ("term_end", "auto_renew"):
        assert cell(model, key) == "not told"
        assert cell(model, key, Role.DIMMED) is True
    assert cell(model, "quantity", Role.DIMMED) is False
    bare = made(Subscription("x", None, "", SubscriptionState.UNKNOWN, 0))
    assert [cell(bare, key) for key in ("quantity", "trial", "state")] == ["not told"] * 3


def test_a_deleted_one_is_grey_throughout() -> None:
    model = made(replace(ONE, state=SubscriptionState.DELETED))
    assert all(cell(model, key, Role.DIMMED) is True for key in COLUMN)


@pytest.mark.parametrize(
    ("friendly", "shown"),
    [
        ("Lyon office", "Lyon office"),
        ("Microsoft 365 E5", ""),
        (" Microsoft 365 E5 ", ""),
        ("", ""),
    ],
)
def test_a_friendly_name_only_when_it_is_another(friendly: str, shown: str) -> None:
    model = made(replace(ONE, friendly_name=friendly))
    assert cell(model, "name") == shown
    assert model.has_friendly_names == bool(shown)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from(tuple(SubscriptionState)), max_size=6), max_size=5))
def test_any_sequence_of_answers(answers: list[list[SubscriptionState]]) -> None:
    model = made()
    for states in answers:
        found = [replace(ONE, id=str(n), state=state) for n, state in enumerate(states)]
        model.set_subscriptions(found, NOW)
        assert [model.index(row, 0).data(Role.ROW) for row in range(model.rowCount())] == found
        assert model.ids == tuple(one.id for one in found)


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0, "today"),
        (14, "today"),
        (15, "in 1 day"),
        (-9, "today"),
        (-10, "1 day ago"),
        (48, "in 2 days"),
    ],
)
def test_days_by_the_calendar(hours: int, text: str) -> None:
    assert days_text(NOW + timedelta(hours=hours), NOW) == text


def test_a_term_ends_on_one_day_for_everybody() -> None:
    midnight = datetime(2027, 3, 12, tzinfo=UTC)
    west = midnight.astimezone(timezone(timedelta(hours=-8)))
    assert day_text(west) == "12 Mar 2027"


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=59), "under a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(days=9, hours=23), "9 days"),
    ],
)
def test_ages(age: timedelta, text: str) -> None:
    assert age_text(age) == text


def test_clock_names_the_day_when_it_is_not_today() -> None:
    now = datetime.now(UTC).astimezone().replace(month=6, day=15, hour=14, minute=3)
    assert clock_text(now, now) == "14:03"
    assert clock_text(now - timedelta(days=2), now) == "13 Jun, 14:03"
    assert clock_text(now.replace(year=2020), now) == "15 Jun 2020, 14:03"
