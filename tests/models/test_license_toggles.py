"""The switch model: rows of the draft, their words, and what moving a switch does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from o365desk.domain.licensing import GroupId, LicenseAssignment, LicenseDraft, PlanId, Sku, SkuId
from o365desk.models.license_toggles import (
    LicenseToggleModel,
    ToggleText,
    assignment_problem,
    available_text,
)
from o365desk.models.roles import Role

CHECKED = Qt.CheckState.Checked
UNCHECKED = Qt.CheckState.Unchecked
CHECK = Qt.ItemDataRole.CheckStateRole
BI = GroupId("g-bi")


def sku(name: str, available: int, *, active: int = 10, suspended: int = 0) -> Sku:
    return Sku(
        id=SkuId(name.casefold().replace(" ", "-")),
        part_number=name.upper(),
        name=name,
        active=active,
        assigned=active - available,
        available=available,
        suspended=suspended,
    )


E5 = sku("Microsoft 365 E5", 2)
VISIO = sku("Visio Plan 2", 4)
POWER_BI = sku("Power BI Pro", 0)
PROJECT = sku("Project Plan 3", 0)
TEAMS = sku("Teams Phone", 1)
OVER = sku("Planner", -2)
SUSPENDED = sku("Defender", 0, active=0, suspended=5)
ALL = (E5, VISIO, POWER_BI, PROJECT, TEAMS, OVER, SUSPENDED)
HELD = (
    LicenseAssignment(E5.id, disabled_plans=(PlanId("sway"),)),
    LicenseAssignment(POWER_BI.id, direct=False, groups=(BI,)),
    LicenseAssignment(SkuId("old"), direct=True),
)


def make(
    held: tuple[LicenseAssignment, ...] = HELD,
    skus: tuple[Sku, ...] = ALL,
    names: dict[GroupId, str] | None = None,
) -> LicenseToggleModel:
    return LicenseToggleModel(
        LicenseDraft.begin(skus, held),
        group_names={BI: "BI team"} if names is None else names,
        product_name=lambda sku_id: {SkuId("old"): "Office 2010"}.get(sku_id, sku_id),
    )


def text(model: LicenseToggleModel, sku_id: str) -> ToggleText:
    found = model.index(model.row_of(SkuId(sku_id))).data(Role.ROW)
    assert isinstance(found, ToggleText)
    return found


def state(model: LicenseToggleModel, sku_id: SkuId) -> Qt.CheckState:
    return Qt.CheckState(model.index(model.row_of(sku_id)).data(CHECK))


def toggle(model: LicenseToggleModel, sku_id: SkuId) -> bool:
    to = UNCHECKED if state(model, sku_id) is CHECKED else CHECKED
    return model.setData(model.index(model.row_of(sku_id)), to, CHECK)


def test_keeps_every_invariant_of_qt(qtbot: object) -> None:
    """QAbstractItemModelTester in Fatal mode aborts on the first broken promise."""
    model = make()
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    assert toggle(model, VISIO.id)
    model.set_errors({VISIO.id: "No seat."})
    model.set_draft(model.draft.rebased(ALL[:3], ()))
    assert tester.model() is model


def test_held_first_then_free_then_exhausted() -> None:
    """S6: everything that can be given or taken, in the draft's own order."""
    model = make()
    names = [model.index(row).data() for row in range(model.rowCount())]
    assert names == [
        "Office 2010", "Microsoft 365 E5", "Power BI Pro", "Teams Phone", "Visio Plan 2",
        "Defender", "Planner", "Project Plan 3",
    ]  # fmt: skip


def test_switches_stand_where_microsoft_says() -> None:
    """S7, S8, S9, S14: on for what is held, off for the rest, in words too."""
    model = make()
    assert state(model, E5.id) is CHECKED
    assert text(model, E5.id).state == "On"
    assert state(model, POWER_BI.id) is CHECKED
    assert state(model, VISIO.id) is UNCHECKED
    assert text(model, VISIO.id).state == "Off"


def test_says_how_many_are_available() -> None:
    """S10, S15, S33: the number under each product, singular and negative included."""
    model = make()
    assert text(model, VISIO.id).available == "4 licenses available"
    assert text(model, TEAMS.id).available == "1 license available"
    assert text(model, PROJECT.id).available == "0 licenses available"
    assert text(model, OVER.id).available == "-2 licenses available, over-allocated"


def test_numbers_follow_the_locale() -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    try:
        assert available_text(1234) == "1,234 licenses available"
    finally:
        QLocale.setDefault(before)


def test_projects_the_number_while_toggling() -> None:
    """S12, S17: one lower when given, one higher when taken, and gone when put back."""
    model = make()
    assert text(model, VISIO.id).projected == ""
    toggle(model, VISIO.id)
    assert text(model, VISIO.id).projected == "→ 3 after Update"
    toggle(model, VISIO.id)
    assert text(model, VISIO.id).projected == ""
    toggle(model, E5.id)
    assert text(model, E5.id).projected == "→ 3 after Update"


def test_speaks_the_whole_row() -> None:
    """A screen reader hears product, state, count and what Update will make of it."""
    model = make()
    toggle(model, VISIO.id)
    role = Qt.ItemDataRole.AccessibleTextRole
    spoken = model.index(model.row_of(VISIO.id)).data(role)
    assert spoken == "Visio Plan 2, on, 4 licenses available, 3 after Update"
    spoken = model.index(model.row_of(POWER_BI.id)).data(role)
    assert spoken == (
        'Power BI Pro, on, locked, through group "BI team", 0 licenses available, '
        "Leave the group to remove it"
    )


@pytest.mark.parametrize("locked", [POWER_BI, PROJECT, OVER, SUSPENDED])
def test_locked_switches_cannot_be_moved(locked: Sku) -> None:
    """S11, P6: exhausted, suspended and inherited products stay where they are."""
    model = make()
    index = model.index(model.row_of(locked.id))
    assert not index.flags() & Qt.ItemFlag.ItemIsUserCheckable
    assert index.flags() & Qt.ItemFlag.ItemIsEnabled
    before = model.draft
    assert not toggle(model, locked.id)
    assert model.draft is before


def test_tells_where_a_license_comes_from() -> None:
    """P6: the group is named; direct and group together can be taken, and says what stays."""
    both = (
        LicenseAssignment(POWER_BI.id, direct=True, groups=(BI,)),
        LicenseAssignment(E5.id, direct=False, groups=(BI, GroupId("x"))),
    )
    model = make(both)
    assert text(model, POWER_BI.id).source == 'also through group "BI team"'
    assert text(model, POWER_BI.id).notes == (
        "Turned off here, the user keeps it through the group.",
    )
    assert toggle(model, POWER_BI.id)
    assert text(model, E5.id).source == 'through group "BI team" and 1 more'
    assert text(make(both, names={}), E5.id).source == "through 2 groups"
    assert text(make(both, names={}), POWER_BI.id).source == "also through a group"


def test_products_no_longer_owned_are_listed_and_removable() -> None:
    model = make()
    row = text(model, "old")
    assert row.name == "Office 2010"
    assert row.notes == ("The organization no longer owns this product",)
    assert row.available == ""
    assert toggle(model, SkuId("old"))
    assert model.draft.change().remove == (SkuId("old"),)
    assert text(model, "old").projected == ""


def test_suspended_says_so() -> None:
    assert text(make(), SUSPENDED.id).notes == ("Suspended: no license can be given",)


@pytest.mark.parametrize("word", ["", "None", "none", " "])
def test_no_error_in_any_spelling(word: str) -> None:
    assert assignment_problem(word) == ""


@pytest.mark.parametrize(
    ("word", "said"),
    [("CountViolation", "no license was free"), ("DependencyViolation", "depends on"),
     ("Others", "does not say which"), ("SomethingNew", "SomethingNew")],
)  # fmt: skip
def test_assignment_errors_in_plain_words(word: str, said: str) -> None:
    """Microsoft's words are open strings: known ones are explained, new ones quoted."""
    assert said in assignment_problem(word)
    held = (LicenseAssignment(E5.id, direct=False, groups=(BI,), error=word),)
    assert said in text(make(held), E5.id).problem


def test_moving_a_switch_tells_once(qtbot: object) -> None:
    """One dataChanged, one draft_changed; disabled service plans stay remembered (N12)."""
    model = make()
    changes: list[tuple[int, int]] = []
    drafts: list[LicenseDraft] = []
    model.dataChanged.connect(lambda a, b: changes.append((a.row(), b.row())))
    model.draft_changed.connect(lambda: drafts.append(model.draft))
    row = model.row_of(E5.id)
    toggle(model, E5.id)
    assert changes == [(row, row)]
    assert len(drafts) == 1
    toggle(model, E5.id)
    assert not model.draft.change()
    assert model.draft.remembered[E5.id] == (PlanId("sway"),)


def test_only_the_check_state_can_be_set() -> None:
    model = make()
    index = model.index(model.row_of(VISIO.id))
    assert not model.setData(index, "x", Qt.ItemDataRole.EditRole)
    assert not model.setData(index, UNCHECKED, CHECK), "already off"
    assert not model.setData(QModelIndex(), CHECKED, CHECK)
    assert not model.draft.change()


def test_errors_stand_at_their_line_until_it_moves() -> None:
    """A refusal is shown where it belongs and goes when the operator changes his mind there."""
    model = make()
    row = model.row_of(VISIO.id)
    changes: list[int] = []
    model.set_errors({VISIO.id: "No seat of Visio Plan 2 is free."})
    model.dataChanged.connect(lambda a, b: changes.append(a.row()))
    assert model.index(row).data(Role.ERROR) == "No seat of Visio Plan 2 is free."
    spoken = model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.endswith(". No seat of Visio Plan 2 is free.")
    toggle(model, VISIO.id)
    assert model.index(row).data(Role.ERROR) == ""
    model.set_errors({VISIO.id: "a", E5.id: "b"})
    changes.clear()
    model.set_errors({E5.id: "b"})
    assert changes == [row], "lines whose sentence stays are not announced again"


def test_rebase_keeps_rows_when_products_stay(qtbot: object) -> None:
    """The same products in the same order: no reset, so current row and scrolling survive."""
    model = make()
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    toggle(model, VISIO.id)
    fresh = tuple(s.with_assigned(1) if s is VISIO else s for s in ALL)
    model.set_draft(model.draft.rebased(fresh, HELD))
    assert not resets
    assert text(model, VISIO.id).available == "3 licenses available"
    assert text(model, VISIO.id).projected == "→ 2 after Update"
    model.set_draft(model.draft.rebased(fresh[:2], HELD))
    assert len(resets) == 1
    assert model.name_of(VISIO.id) == "Visio Plan 2"
    assert model.row_of(PROJECT.id) == -1
    assert model.name_of(SkuId("old")) == "Office 2010"


@given(st.lists(st.sampled_from([s.id for s in ALL]), max_size=12))
def test_any_walk_over_the_switches_agrees_with_the_draft(walk: list[SkuId]) -> None:
    """Property: whatever is clicked, the rows show exactly what the draft says, in one order."""
    model = make()
    draft = model.draft
    order = [line.sku.id for line in draft.lines()]
    for sku_id in walk:
        toggle(model, sku_id)
        draft = draft.toggled(sku_id)
    assert model.draft == draft
    shown = [model.index(row).data(Role.LINE) for row in range(model.rowCount())]
    assert tuple(shown) == draft.lines()
    assert [line.sku.id for line in shown] == order
