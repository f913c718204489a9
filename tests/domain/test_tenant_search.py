"""The picker's search: ranking, sections, scripts, ids."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.directory import Tenant, TenantId
from o365desk.domain.tenant_search import (
    Section,
    TenantKey,
    TenantQuery,
    TenantRank,
    arrange_tenants,
    tenant_key,
)
from o365desk.domain.text import fold


def tenant(name: str, domain: str = "", number: int = 0) -> Tenant:
    made = TenantId(str(uuid.UUID(int=number or abs(hash(name)))))
    return Tenant(made, name, domain or f"d{made[-4:]}.example")


CONTOSO = tenant("Contoso Ltd", "contoso.onmicrosoft.com", 1)
NORTH = tenant("North Contoso", "north.example", 2)
DOMAIN = tenant("Fabrikam", "contoso-group.example", 3)
WITHIN = tenant("Acontoso", "a.example", 4)
CAFE = tenant("Café Čermák", "cafe.example", 5)
SIGMA = tenant("Σίγμα Ναυτιλιακή", "sigma.example", 6)
TENANTS = (WITHIN, DOMAIN, NORTH, CONTOSO, CAFE, SIGMA)
KEYS = [tenant_key(made) for made in TENANTS]


def found(text: str, keys: list[TenantKey] = KEYS, **lists: list[TenantId]) -> list[str]:
    sections = arrange_tenants(keys, text, **lists)
    return [keys[row].name for section in sections for row in section.rows]


letters = st.text(alphabet="aàbBcß İσς.-@7 日", max_size=6)
tenants = st.lists(
    st.builds(
        tenant,
        letters,
        st.text(alphabet="abc.-", min_size=1, max_size=6),
        st.integers(1, 2**128 - 1),
    ),
    max_size=12,
    unique_by=lambda made: made.id,
)


def test_name_then_word_then_domain_then_substring() -> None:
    assert found("contoso") == ["contoso ltd", "north contoso", "fabrikam", "acontoso"]


@pytest.mark.parametrize("text", ["cafe", "CAFÉ", "  café ", "cermak", "čer", "caf cer", "cer caf"])
def test_accents_case_and_the_order_of_words_are_nothing(text: str) -> None:
    assert found(text) == [fold(CAFE.name)]


def test_another_script() -> None:
    assert found("σιγμα") == [fold(SIGMA.name)]
    assert found("ΝΑΥΤ") == [fold(SIGMA.name)]


def test_every_word_must_be_found() -> None:
    assert found("contoso ltd") == ["contoso ltd"]
    assert found("contoso zzz") == []


@pytest.mark.parametrize("shape", ["{}", "{{{}}}", '"{}"', "  {}\n"])
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("dashes", [False, True])
def test_a_whole_id_in_any_shape(shape: str, upper: bool, dashes: bool) -> None:
    made = tenant("Zava", number=0xAB12CD34_5678_90AB_CDEF_1234567890AB)
    text = made.id if dashes else made.id.replace("-", "")
    text = shape.format(text.upper() if upper else text)
    assert found(text, [*KEYS, tenant_key(made)]) == ["zava"]


def test_a_piece_of_an_id_from_four_letters() -> None:
    made = tenant("Zava", number=0xAB12CD34_5678_90AB_CDEF_1234567890AB)
    keys = [*KEYS, tenant_key(made)]
    assert found("d345", keys) == []  # runs over a dash: not how anybody copies it
    assert found("cd34", keys) == ["zava"]
    assert found("cd3", keys) == []


def test_of_two_equal_answers_the_known_one_comes_first() -> None:
    keys = [tenant_key(tenant(f"Con {letter}", number=ord(letter))) for letter in "abc"]
    assert found("con", keys, recent=[keys[2].id]) == ["con c", "con a", "con b"]
    # ...but never before a better answer.
    assert found("contoso", pinned=[WITHIN.id])[-1] == "acontoso"


def test_equally_good_answers_stand_by_name_however_they_came() -> None:
    keys = [tenant_key(tenant(f"Con {letter}", number=ord(letter))) for letter in "cab"]
    assert found("con", keys) == found("", keys) == ["con a", "con b", "con c"]


def test_nothing_searched_for_lists_pinned_recent_and_the_rest() -> None:
    sections = arrange_tenants(
        KEYS, " ", pinned=[NORTH.id, SIGMA.id], recent=[CONTOSO.id, NORTH.id, TenantId("gone")]
    )
    assert [(s.section, [KEYS[row].id for row in s.rows]) for s in sections] == [
        (Section.PINNED, [NORTH.id, SIGMA.id]),
        (Section.RECENT, [CONTOSO.id]),
        (Section.OTHERS, [WITHIN.id, CAFE.id, DOMAIN.id]),
    ]


def test_what_nearly_every_domain_has_finds_nobody() -> None:
    keys = [tenant_key(CONTOSO), tenant_key(tenant("Zava", "zava.onmicrosoft.com", 8))]
    assert found("soft", keys) == found("onmicrosoft.com", keys) == []
    assert found("zava.onm", keys) == found("ZAVA.onmicrosoft.com", keys) == ["zava"]


@given(st.sampled_from(["a", "b", "ab", "ss", "7", "日", "σ", "x-"]), st.data())
def test_the_short_way_ranks_as_the_long_one(word: str, data: st.DataObject) -> None:
    made = data.draw(tenants)
    keys = [tenant_key(one) for one in made]
    query = TenantQuery.of(word)
    long: list[list[int]] = [[] for _ in TenantRank]
    for row, key in enumerate(keys):
        rank = query.rank(key)
        if rank is not None:
            long[rank].append(row)
    expected = [row for rows in long for row in sorted(rows, key=keys.__getitem__)]
    assert [row for section in arrange_tenants(keys, word) for row in section.rows] == expected


def test_no_customers() -> None:
    assert arrange_tenants([], "") == []
    assert arrange_tenants([], "x") == []


@given(tenants, letters, st.data())
def test_every_answer_once_and_none_missed(
    made: list[Tenant], text: str, data: st.DataObject
) -> None:
    ids = [one.id for one in made]
    some = st.lists(st.sampled_from(ids), max_size=5) if ids else st.just([])
    keys = [tenant_key(one) for one in made]
    sections = arrange_tenants(keys, text, data.draw(some), data.draw(some))
    rows = [row for section in sections for row in section.rows]
    assert len(rows) == len(set(rows))
    words = fold(text).split()
    expected = {
        row
        for row, one in enumerate(made)
        if all(word in f"{fold(one.name)}\n{fold(one.domain)}" for word in words)
    }
    assert expected <= set(rows)
    assert all(text.strip().lower() in made[row].id for row in set(rows) - expected)
    if not words:
        assert set(rows) == set(range(len(made)))
    else:
        begin = [keys[row].name.startswith(" ".join(words)) for row in rows]
        assert begin == sorted(begin, reverse=True), "names that begin with it come first"
