"""The purge clock: who is gone soonest, with which licenses, and whether seats are free (S30)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtTest import QAbstractItemModelTester

from o365desk.domain.licensing import LicenseAssignment, SkuId
from o365desk.models import pieces
from o365desk.models.listing import Tone
from o365desk.models.purge import COLUMN, LAST_DAY, SOON, PurgeModel
from tests.models.customers import DAY, E5, FULL, OVER, VISIO, facts, gone
from tests.models.people import BOTH, NOW
from tests.models.people import E5 as HOLDS_E5


@pytest.fixture(autouse=True)
def british(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In one go, too: a slow machine would leave work for the event loop."""
    monkeypatch.setattr(pieces, "BUDGET", 60)
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(before)


def made() -> PurgeModel:
    model = PurgeModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    return model


def column(model: PurgeModel, key: str) -> list[str]:
    return [row.texts[COLUMN[key]] for row in model.shown_rows()]


def test_who_goes_soonest_is_on_top_and_who_has_gone_is_not_there() -> None:
    model = made()
    silent = gone("Silent", "Contoso", 3)
    silent = replace(silent, user=silent.user._replace(deleted_at=None))
    users = [
        silent,
        gone("Yesterday", "Contoso", 1),
        gone("Gone", "Contoso", 31),
        gone("Later today", "Fabrikam", 29.2),
        gone("Soon", "Contoso", 26),
        gone("Sooner today", "Contoso", 29.9),
        gone("At the edge", "Fabrikam", 30),
    ]
    model.take(users, [facts("Contoso"), facts("Fabrikam")], NOW)
    assert list(zip(column(model, "name"), column(model, "left"), strict=True)) == [
        ("At the edge", "1, last day"),
        ("Sooner today", "1, last day"),
        ("Later today", "1, last day"),
        ("Soon", "4, soon"),
        ("Yesterday", "29"),
        ("Silent", "unknown"),
    ]
    assert (model.users[LAST_DAY], model.users[SOON], model.total) == (3, 4, 6)
    assert [model.tone(row, 0) for row in model.shown_rows()][2:] == [
        Tone.DANGER,
        Tone.WARNING,
        Tone.PLAIN,
        Tone.MUTED,
    ]


def test_only_those_with_a_few_days_left() -> None:
    model = made()
    users = [gone("A", "Contoso", 29), gone("B", "Contoso", 25), gone("C", "Contoso", 24)]
    model.take(users, [], NOW)
    for days, names in ((LAST_DAY, ["A"]), (SOON, ["A", "B"]), (None, ["A", "B", "C"])):
        model.set_within(days)
        assert column(model, "name") == names


@pytest.mark.parametrize(
    ("licenses", "skus", "needed", "free"),
    [
        pytest.param(BOTH, (E5, VISIO), "Microsoft 365 E5, Visio Plan 2", "2 of 2 free", id="all"),
        pytest.param(
            BOTH,
            (E5, FULL),
            "Microsoft 365 E5, Visio Plan 2",
            "1 of 2 free, over-allocates Visio Plan 2",
            id="one-full",
        ),
        pytest.param(
            BOTH,
            (OVER, FULL),
            "Microsoft 365 E5, Visio Plan 2",
            "0 of 2 free, over-allocates Microsoft 365 E5 and 1 more",
            id="none",
        ),
        pytest.param(
            (LicenseAssignment(SkuId("old")),),
            (E5,),
            "old",
            "0 of 1 free, over-allocates old",
            id="not-owned-any-more",
        ),
        pytest.param((), (E5,), "No license", "", id="no-license"),
        pytest.param(None, (E5,), "unknown", "", id="licenses-not-read"),
    ],
)
def test_licenses_needed_and_seats_that_are_free(
    licenses: tuple[LicenseAssignment, ...] | None,
    skus: tuple[object, ...],
    needed: str,
    free: str,
) -> None:
    model = made()
    model.take([gone("A", "Contoso", 2, licenses=licenses)], [facts("Contoso", *skus)], NOW)  # type: ignore[arg-type]
    assert (column(model, "licenses"), column(model, "seats")) == ([needed], [free])


def test_the_warning_is_told_in_words_and_tone() -> None:
    model = made()
    model.take([gone("A", "Contoso", 2, licenses=BOTH)], [facts("Contoso", E5, FULL)], NOW)
    (row,) = model.shown_rows()
    assert model.tone(row, COLUMN["seats"]) is Tone.WARNING
    assert model.tooltip(row, COLUMN["seats"]) == (
        "1 of 2 products has a free seat. Restoring the user would over-allocate:\nVisio Plan 2"
    )


def test_a_name_may_be_known_from_another_customer_and_unread_counters_are_no_free_seats() -> None:
    model = made()
    users = [
        gone("A", "Fabrikam", 1, licenses=HOLDS_E5),
        gone("B", "Contoso", 2, licenses=HOLDS_E5),
        gone("C", "Unread", 3, licenses=HOLDS_E5),
    ]
    model.take(users, [facts("Fabrikam", E5), facts("Contoso", VISIO)], NOW)
    assert column(model, "licenses") == 3 * ["Microsoft 365 E5"]
    assert column(model, "seats") == [
        "not read yet",
        "0 of 1 free, over-allocates Microsoft 365 E5",
        "1 of 1 free",
    ]


def test_old_readings_say_so() -> None:
    model = made()
    old = replace(gone("A", "Contoso", 2, licenses=BOTH), at=NOW - 3 * DAY)
    fresh = replace(gone("B", "Contoso", 1), at=NOW - timedelta(minutes=5))
    model.take([old, fresh], [facts("Contoso", E5, FULL)], NOW)
    first, second = column(model, "read")
    assert first == "3 days old"
    assert "old" not in second
    rows = list(model.shown_rows())
    assert model.tone(rows[0], COLUMN["seats"]) is Tone.MUTED


def test_search_over_user_customer_and_product() -> None:
    model = made()
    users = [gone("Ελένη", "Contoso", 1, licenses=BOTH), gone("Bob", "Fabrikam", 2)]
    model.take(users, [facts("Contoso", E5, VISIO)], NOW)
    for text, names in (("ελενη", ["Ελένη"]), ("fabrikam", ["Bob"]), ("visio", ["Ελένη"])):
        model.set_text(text)
        assert column(model, "name") == names
