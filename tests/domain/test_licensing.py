"""Seat counting and the algebra of LicenseDraft."""

from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.licensing import (
    GroupId,
    LicenseAssignment,
    LicenseDraft,
    LicenseGrant,
    Lock,
    PlanId,
    Sku,
    SkuId,
)

E5, VISIO, POWER_BI, PROJECT = (SkuId(name) for name in ("e5", "visio", "power-bi", "project"))
TEAM = GroupId("team")
TEAMS_PLAN = PlanId("teams-plan")


def sku(sku_id: SkuId, available: int = 5, **more: object) -> Sku:
    values = {"active": 10, "assigned": 10 - available, "available": available} | more
    return Sku(id=sku_id, part_number=sku_id.upper(), name=sku_id.title(), **values)  # type: ignore[arg-type]


SKUS = (sku(E5, 2), sku(VISIO, 4), sku(POWER_BI, 0), sku(PROJECT, 0))

sku_ids = st.sampled_from([E5, VISIO, POWER_BI, PROJECT])
assignments = st.builds(
    LicenseAssignment,
    sku_id=sku_ids,
    direct=st.booleans(),
    groups=st.sampled_from([(), (TEAM,)]),
    disabled_plans=st.sampled_from([(), (TEAMS_PLAN,)]),
).map(lambda a: a if a.direct or a.groups else a._replace(direct=True))
holdings = st.lists(assignments, unique_by=lambda a: a.sku_id, max_size=4).map(tuple)
counters = st.lists(st.builds(sku, sku_ids, st.integers(-2, 3)), unique_by=lambda s: s.id).map(
    tuple
)


def test_a_fresh_draft_changes_nothing() -> None:
    draft = LicenseDraft.begin(SKUS, (LicenseAssignment(E5),))
    assert not draft.change()
    assert [line.on for line in draft.lines()] == [True, False, False, False]


def test_held_first_then_free_then_exhausted() -> None:
    draft = LicenseDraft.begin(SKUS, (LicenseAssignment(PROJECT),))
    assert [line.sku.id for line in draft.lines()] == [PROJECT, E5, VISIO, POWER_BI]


def test_toggling_projects_the_free_seats() -> None:
    draft = LicenseDraft.begin(SKUS, (LicenseAssignment(E5),)).toggled(E5).toggled(VISIO)
    lines = {line.sku.id: line for line in draft.lines()}
    assert (lines[E5].available, lines[E5].projected) == (2, 3)
    assert (lines[VISIO].available, lines[VISIO].projected) == (4, 3)
    assert draft.change().add == (LicenseGrant(VISIO),)
    assert draft.change().remove == (E5,)


def test_an_exhausted_product_cannot_be_switched_on() -> None:
    draft = LicenseDraft.begin(SKUS, ())
    assert {line.sku.id: line.lock for line in draft.lines()}[POWER_BI] is Lock.EXHAUSTED
    assert draft.toggled(POWER_BI) == draft


def test_an_exhausted_product_that_is_held_can_go_off_and_on_again() -> None:
    draft = LicenseDraft.begin(SKUS, (LicenseAssignment(PROJECT),)).toggled(PROJECT)
    assert draft.change().remove == (PROJECT,)
    assert not draft.toggled(PROJECT).change()


def test_an_inherited_license_is_locked() -> None:
    inherited = LicenseAssignment(POWER_BI, direct=False, groups=(TEAM,))
    draft = LicenseDraft.begin(SKUS, (inherited,))
    line = draft.lines()[0]
    assert (line.on, line.lock) == (True, Lock.INHERITED)
    assert draft.toggled(POWER_BI) == draft


def test_direct_and_inherited_use_one_seat() -> None:
    both = LicenseAssignment(E5, direct=True, groups=(TEAM,))
    draft = LicenseDraft.begin(SKUS, (both,)).toggled(E5)
    line = next(line for line in draft.lines() if line.sku.id == E5)
    assert line.projected == line.available
    assert draft.change().remove == (E5,)
    assert draft.applied() == (LicenseAssignment(E5, direct=False, groups=(TEAM,)),)


def test_a_product_no_longer_owned_is_listed_and_removable() -> None:
    gone = SkuId("gone")
    draft = LicenseDraft.begin(SKUS, (LicenseAssignment(gone),))
    line = next(line for line in draft.lines() if line.sku.id == gone)
    assert not line.owned
    assert draft.toggled(gone).change().remove == (gone,)


def test_company_wide_products_are_not_offered() -> None:
    draft = LicenseDraft.begin((*SKUS, sku(SkuId("company"), assignable=False)), ())
    assert SkuId("company") not in {line.sku.id for line in draft.lines()}


def test_a_suspended_product_says_so() -> None:
    suspended = sku(E5, 0, active=0, suspended=25)
    assert LicenseDraft.begin((suspended,), ()).lines()[0].lock is Lock.INACTIVE


def test_rebase_drops_what_has_happened_and_keeps_the_rest() -> None:
    draft = LicenseDraft.begin(SKUS, (LicenseAssignment(E5),)).toggled(E5).toggled(VISIO)
    rebased = draft.rebased(SKUS, (LicenseAssignment(VISIO), LicenseAssignment(E5)))
    assert rebased.change().add == ()
    assert rebased.change().remove == (E5,)


def test_service_plans_come_back_with_a_license_taken_by_somebody_else() -> None:
    held = LicenseAssignment(E5, disabled_plans=(TEAMS_PLAN,))
    draft = LicenseDraft.begin(SKUS, (held,)).toggled(E5).rebased(SKUS, ()).toggled(E5)
    assert draft.change().add == (LicenseGrant(E5, (TEAMS_PLAN,)),)


@given(counters, holdings, st.lists(sku_ids, max_size=8))
def test_applying_a_change_reaches_what_the_switches_show(
    skus: tuple[Sku, ...], held: tuple[LicenseAssignment, ...], clicks: list[SkuId]
) -> None:
    draft = LicenseDraft.begin(skus, held)
    for click in clicks:
        draft = draft.toggled(click)
    shown_on = {line.sku.id for line in draft.lines() if line.on}
    # A direct licence taken away from somebody whose group gives it too is still held.
    given_by_group = {a.sku_id for a in held if a.direct and a.groups}
    assert {a.sku_id for a in draft.applied()} == shown_on | given_by_group
    change = draft.change()
    assert not set(change.remove) & {grant.sku_id for grant in change.add}
    direct = {a.sku_id for a in held if a.direct}
    assert set(change.remove) <= direct
    assert not {grant.sku_id for grant in change.add} & direct
    after = LicenseDraft.begin(skus, draft.applied())
    assert not draft.rebased(skus, draft.applied()).change()
    assert not after.change()


@given(counters, holdings, st.lists(sku_ids, max_size=8))
def test_a_draft_never_takes_a_seat_that_is_not_free(
    skus: tuple[Sku, ...], held: tuple[LicenseAssignment, ...], clicks: list[SkuId]
) -> None:
    draft = LicenseDraft.begin(skus, held)
    for click in clicks:
        draft = draft.toggled(click)
    for line in draft.lines():
        assert line.projected - line.available in (-1, 0, 1)
        if line.projected < line.available:
            assert line.available > 0
    owned = {one.id: one for one in skus}
    before = {a.sku_id for a in held}
    after = {a.sku_id for a in draft.applied()}
    for line in draft.lines():
        used = (line.sku.id in after) - (line.sku.id in before)
        assert line.available - line.projected == used
        assert line.owned == (line.sku.id in owned)


@given(counters, holdings, sku_ids)
def test_toggling_twice_is_nothing(
    skus: tuple[Sku, ...], held: tuple[LicenseAssignment, ...], click: SkuId
) -> None:
    draft = LicenseDraft.begin(skus, held)
    assert draft.toggled(click).toggled(click).change() == draft.change()
