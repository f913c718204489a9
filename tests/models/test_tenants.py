"""TenantListModel: what stays put while customers stream in."""

import uuid

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.text import fold
from o365desk.models.roles import Role
from o365desk.models.tenants import TenantListModel


def tenant(number: int, name: str = "") -> Tenant:
    made = TenantId(str(uuid.UUID(int=number)))
    return Tenant(made, name or f"Customer {number:04}", f"c{number}.example")


def watch(model: TenantListModel) -> QAbstractItemModelTester:
    return QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )


def listed(model: QAbstractItemModel) -> list[str]:
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_sections_have_titles_and_titles_cannot_be_chosen() -> None:
    model = TenantListModel()
    watch(model)
    model.set_tenants([tenant(n) for n in (3, 1, 2)])
    assert listed(model) == ["Customer 0001", "Customer 0002", "Customer 0003"]
    model.set_pinned([tenant(2).id])
    model.set_recent([tenant(3).id, tenant(2).id])
    assert listed(model) == [
        "Pinned",
        "Customer 0002",
        "Recent",
        "Customer 0003",
        "Other customers",
        "Customer 0001",
    ]
    assert model.flags(model.index(0, 0)) == Qt.ItemFlag.NoItemFlags
    assert model.tenant_at(0) is None
    assert model.index(1, 0).data(Role.ROW) == tenant(2)
    assert (model.total, model.shown) == (3, 3)


def test_current_row_stays_with_its_customer_while_others_arrive() -> None:
    model = TenantListModel()
    watch(model)
    model.set_tenants([tenant(50)])
    kept = QPersistentModelIndex(model.index(0, 0))
    for number in range(49, 30, -1):
        model.append_tenants([tenant(number)])
        assert kept.data(Role.ROW) == tenant(50)
    assert kept.row() == 19
    model.set_pinned([tenant(50).id])
    assert (kept.row(), kept.data(Role.ROW)) == (1, tenant(50))
    model.set_query("0031")
    assert not kept.isValid()


def test_newer_facts_replace_older_ones() -> None:
    model = TenantListModel()
    model.set_tenants([tenant(1), tenant(2)])
    model.append_tenants([tenant(1, "Zava")])
    assert listed(model) == ["Customer 0002", "Zava"]
    model.set_query("customer 0001")
    assert model.shown == 0
    model.set_query("zava")
    assert listed(model) == ["Zava"]
    model.set_tenants([tenant(2)])
    assert (model.total, listed(model)) == (1, [])


def test_pins_of_customers_not_read_yet_are_kept() -> None:
    model = TenantListModel()
    model.set_pinned([tenant(9).id])
    model.set_tenants([tenant(1)])
    model.toggle_pin(tenant(1).id)
    assert list(model.pinned) == [tenant(9).id, tenant(1).id]
    model.toggle_pin(tenant(1).id)
    assert list(model.pinned) == [tenant(9).id]


def test_the_id_is_shown_when_only_the_id_answers() -> None:
    model = TenantListModel()
    made = tenant(0xAB12CD34_5678_90AB_CDEF_1234567890AB, "Zava")
    model.set_tenants([made])
    model.set_query("ab12cd34")
    assert model.detail_at(0) == made.id
    model.set_query("zava")
    assert model.detail_at(0) == made.domain


def test_spoken_text_says_what_the_icons_say() -> None:
    model = TenantListModel()
    model.set_tenants([tenant(1), tenant(2)])
    model.set_pinned([tenant(1).id])
    model.set_current(tenant(1).id)
    spoken = model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Customer 0001, c1.example, shown now, pinned"


def test_steps_pass_over_titles_and_stop_at_the_ends() -> None:
    model = TenantListModel()
    assert model.step(-1, 1) == -1
    model.set_tenants([tenant(n) for n in range(3)])
    model.set_pinned([tenant(1).id])  # Pinned, 1, Other customers, 0, 2
    assert [model.step(row, by) for row, by in ((-1, 1), (1, 1), (3, -1), (1, -1), (3, 9))] == [
        1,
        3,
        1,
        1,
        4,
    ]


numbers = st.integers(0, 30)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.lists(numbers, max_size=12)),
        st.tuples(st.just("append"), st.lists(numbers, max_size=6)),
        st.tuples(st.just("pin"), st.lists(numbers, max_size=4)),
        st.tuples(st.just("recent"), st.lists(numbers, max_size=4)),
        st.tuples(st.just("query"), st.sampled_from(["", "customer", "1", "02", "zzz", "c1"])),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_any_steps_against_a_plain_list(script: list[tuple[str, list[int] | str]]) -> None:
    model = TenantListModel()
    watch(model)
    plain: dict[TenantId, Tenant] = {}
    text = ""
    for what, value in script:
        kept = [
            (QPersistentModelIndex(model.index(row, 0)), model.tenant_at(row))
            for row in range(model.rowCount())
        ]
        if isinstance(value, str):
            text = value
            model.set_query(value)
        else:
            made = [tenant(number) for number in value]
            ids = [one.id for one in made]
            if what == "set":
                plain = {one.id: one for one in made}
                model.set_tenants(made)
            elif what == "append":
                plain |= {one.id: one for one in made}
                model.append_tenants(made)
            elif what == "pin":
                model.set_pinned(ids)
            else:
                model.set_recent(ids)
        expected = {
            one for one in plain.values() if fold(text) in f"{fold(one.name)}\n{one.domain}"
        }
        shown = [model.tenant_at(row) for row in range(model.rowCount())]
        customers = [one for one in shown if one is not None]
        assert len(customers) == len(set(customers)) == model.shown
        assert set(customers) == expected
        assert model.total == len(plain)
        for index, before in kept:
            if before in expected:
                assert index.data(Role.ROW) == before
            elif before is not None:
                assert index == QModelIndex()
