"""A write is believed over a stale read, for a while."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.directory import User, UserId, UserState
from o365desk.domain.licensing import LicenseAssignment, Sku, SkuId
from o365desk.domain.trust import LAG, CounterTrust, Trust

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADELE = User(UserId("a"), "Adele", "adele@x", "", "", UserState.ACTIVE, "GB", ())
HELD = (LicenseAssignment(SkuId("e5")),)
E5 = Sku(SkuId("e5"), "E5", "E5", active=10, assigned=4, available=6)


def test_a_written_user_wins_until_the_lag_has_passed() -> None:
    trust = Trust()
    written = ADELE._replace(location="DE")
    trust.remember(written, NOW, licenses=False)
    assert trust.user(ADELE, NOW + LAG) == written
    assert trust.all(NOW + LAG) == {ADELE.id: written}
    assert trust.user(ADELE, NOW + LAG * 1.01) == ADELE
    assert trust.all(NOW + LAG * 1.01) == {}


def test_a_new_name_says_nothing_about_the_licenses() -> None:
    trust = Trust()
    trust.remember(ADELE._replace(display_name="Zoe", licenses=None), NOW, licenses=False)
    shown = trust.user(ADELE._replace(licenses=HELD), NOW)
    assert (shown.display_name, shown.licenses) == ("Zoe", HELD)


def test_written_licenses_stay_believed_through_another_write() -> None:
    trust = Trust()
    trust.remember(ADELE._replace(licenses=HELD), NOW, licenses=True)
    later = NOW + LAG / 2
    trust.remember(ADELE._replace(licenses=HELD, location="DE"), later, licenses=False)
    assert trust.user(ADELE, later).licenses == HELD
    assert trust.user(ADELE, NOW + LAG * 1.2).licenses == (), "the licences for their own time"
    assert trust.user(ADELE, NOW + LAG * 1.2).location == "DE"


def test_a_write_of_unknown_outcome_ends_the_belief() -> None:
    trust = Trust()
    trust.remember(ADELE._replace(state=UserState.DELETED), NOW, licenses=False)
    trust.forget(ADELE.id)
    trust.forget(UserId("nobody"))
    assert trust.user(ADELE, NOW) == ADELE


def test_counters_that_have_not_moved_yet_lag() -> None:
    trust = CounterTrust()
    trust.move([E5], {E5.id: 1}, NOW)
    assert (trust.sku(E5, NOW), trust.lagging) == (E5.with_assigned(1), True)
    theirs = replace(E5, assigned=9, available=1)
    assert (trust.sku(theirs, NOW), trust.lagging) == (theirs, False), "shown as it is"
    assert trust.sku(E5, NOW) == E5


def test_counters_lag_no_longer_than_the_lag_and_can_be_given_up() -> None:
    trust = CounterTrust()
    trust.move([E5], {E5.id: 1}, NOW)
    assert trust.sku(E5, NOW + LAG + timedelta(seconds=1)) == E5
    trust.move([E5], {E5.id: 1}, NOW)
    trust.give_up()
    assert trust.sku(E5, NOW) == E5


@given(st.lists(st.integers(-2, 2), min_size=1, max_size=6), st.data())
def test_any_reading_from_before_any_of_the_writes_is_seen_through(
    moves: list[int], data: st.DataObject
) -> None:
    trust, shown, stood = CounterTrust(), E5, [E5]
    for more in moves:
        trust.move([shown], {E5.id: more}, NOW)
        shown = shown.with_assigned(more)
        stood.append(shown)
    assert trust.sku(data.draw(st.sampled_from(stood)), NOW) == shown
