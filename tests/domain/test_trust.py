"""A write is believed over a stale read, for a while."""

from dataclasses import replace
from datetime import UTC, datetime

from o365desk.domain.directory import User, UserId, UserState
from o365desk.domain.licensing import Sku, SkuId
from o365desk.domain.trust import LAG, Trust, settled

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADELE = User(UserId("a"), "Adele", "adele@x", "", "", UserState.ACTIVE, "GB", ())


def test_a_written_user_wins_until_the_lag_has_passed() -> None:
    trust = Trust()
    written = ADELE._replace(location="DE")
    trust.remember(written, NOW)
    assert trust.user(ADELE, NOW + LAG) == written
    assert trust.all(NOW + LAG) == [written]
    assert trust.user(ADELE, NOW + LAG * 1.01) == ADELE
    assert trust.all(NOW + LAG * 1.01) == []


def test_counters_that_have_not_moved_yet_lag() -> None:
    before = Sku(SkuId("e5"), "E5", "E5", active=10, assigned=4, available=6)
    expected = before.with_assigned(1)
    assert not settled(before, expected, before)
    assert settled(before, expected, expected)
    assert settled(before, expected, replace(before, assigned=9, available=1)), "shown as it is"
    assert settled(before, before, before)
