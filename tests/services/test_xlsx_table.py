"""Workbooks that come back as they went out: read with another library than wrote them."""

import io
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from o365desk.domain.tables import Cell, local_time
from o365desk.services import xlsx_table
from o365desk.services.xlsx_table import as_xlsx
from tests.services.test_csv_table import NAMES

AT = datetime(2026, 11, 22, 13, 5, 30, tzinfo=UTC)


def book(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def values(sheet: openpyxl.worksheet.worksheet.Worksheet) -> list[tuple[object, ...]]:
    return [*sheet.iter_rows(values_only=True)]


# Letters that XML cannot hold are written in Excel's own way (_x001F_), which openpyxl keeps.
text = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(text, st.integers(-(10**9), 10**9)), max_size=5))
def test_round_trip(rows: list[tuple[str, int]]) -> None:
    found = values(book(as_xlsx("T", ["a", "b"], rows))["T"])
    assert [tuple(cell if cell is not None else "" for cell in row) for row in found[1:]] == rows


def test_every_cell_is_what_it_says() -> None:
    day = date(2027, 3, 12)
    rows: list[tuple[Cell, ...]] = [
        *((name, 1_234, AT, day, 0.5) for name in NAMES),
        ("=1+1", -2, AT, day, 0.5),
        ("https://contoso.com", -2, AT, day, 0.5),
        ("00123", -2, datetime(1, 1, 1, tzinfo=UTC), day, 0.5),
    ]
    sheet = book(as_xlsx("Users' List", ["Name", "Seats", "At", "Ends", "Half"], rows))[
        "Users' List"
    ]
    for row, cells in zip(rows, sheet.iter_rows(min_row=2), strict=True):
        name, seats, at, ends, half = cells
        assert (name.value, name.hyperlink) == (row[0], None)
        assert name.data_type != "f"
        assert (seats.value, seats.number_format) == (row[1], "#,##0")
        assert at.value in (local_time(AT), "0001-01-01T00:00:00+00:00")
        assert (ends.value.date(), ends.number_format) == (day, "d mmm yyyy")
        assert half.value == 0.5


def test_the_header_stays_in_sight_and_filters() -> None:
    made = book(as_xlsx("T", ["Name", "Seats"], [("Adele Vance of Contoso", 1)]))
    sheet = made["T"]
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B2"
    assert sheet.column_dimensions["A"].width > 20


def test_the_second_sheet_says_what_the_table_is() -> None:
    made = book(as_xlsx("T", ["Name"], [("a",), ("b",)], [("Customer", "=Contoso"), ("As of", AT)]))
    assert made.sheetnames == ["T", "About"]
    assert values(made["About"]) == [
        ("Customer", "=Contoso"),
        ("As of", local_time(AT)),
        ("Rows", 2),
    ]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Users' List", "Users' List"),
        ("'a[b]:c*?/\\'", "a b c"),
        ("x" * 40, "x" * 31),
        ("history", "Table history"),
        ("About", "Table About"),
        ("", "Table"),
    ],
)
def test_names_of_sheets(title: str, name: str) -> None:
    assert book(as_xlsx(title, ["a"], [])).sheetnames == [name, "About"]


def test_more_rows_than_a_sheet_holds_go_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_table, "ROWS", 2)
    made = book(as_xlsx("T", ["n"], [(n,) for n in range(5)]))
    assert made.sheetnames == ["T", "T (2)", "T (3)", "About"]
    assert values(made["T (3)"]) == [("n",), (4,)]
    assert values(made["About"]) == [("Rows", 5)]


def test_a_table_that_breaks_off_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows() -> Iterator[tuple[Cell, ...]]:
        yield ("Adele Vance",)
        assert any(tmp_path.rglob("*"))
        raise RuntimeError("cancelled")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(RuntimeError, match="cancelled"):
        as_xlsx("T", ["Name"], rows())
    assert [*tmp_path.iterdir()] == []
