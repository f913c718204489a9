"""CSV and clipboard that come back as they went out, and that no spreadsheet runs."""

import csv
import html
import io
import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.tables import local_time
from o365desk.services.csv_table import as_csv, as_html, as_tab_separated

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
NAMES = (
    "علي الهاشمي",
    "Ελένη Παπαδοπούλου",
    "山田 太郎",
    'Ann "Anni" O’Neil, jr.',
    "two\nlines",
    "a; b",
    "Visio-Plan + more @ home",
)


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@given(st.lists(st.tuples(text, text, st.integers())))
def test_round_trip(rows: list[tuple[str, str, int]]) -> None:
    found = read(as_csv(["a", "b", "c"], rows))
    assert found[0] == ["a", "b", "c"]
    for row, cells in zip(rows, found[1:], strict=True):
        assert cells[2] == str(row[2]), "numbers stay numbers, negative ones too"
        for value, cell in zip(row[:2], cells[:2], strict=True):
            assert cell.replace("'", "") == value.replace("'", "")
            assert not re.match(r"[\t\r\n]|\s*[=+\-@＝＋－＠]", cell)
            assert not re.search(r"[;\t\r\n] *[=+\-@＝＋－＠]", cell)


@pytest.mark.parametrize("name", NAMES)
def test_names_come_back_letter_for_letter(name: str) -> None:
    assert read(as_csv(["Name"], [(name,)])) == [["Name"], [name]]
    tabbed = as_tab_separated(["Name"], [(name,)])
    assert list(csv.reader(io.StringIO(tabbed, newline=""), csv.excel_tab))[1] == [name]
    cell = re.findall(r"<td[^>]*>(.*?)</td>", as_html(["Name"], [(name,)]))[0]
    assert html.unescape(cell.replace("<br>", "\n")) == name


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("＝1+1", "'＝1+1"),
        ("  @SUM(1)", "'  @SUM(1)"),
        ("\t=1", "'\t'=1"),
        ("x;=1+1", "x;'=1+1"),
        ("x\n-1+1", "x\n'-1+1"),
    ],
)
def test_what_another_locale_would_take_for_a_formula(name: str, written: str) -> None:
    assert read(as_csv([name], [(name,)])) == [[written], [written]]
    assert html.escape(written).replace("\n", "<br>") in as_html(["a"], [(name,)])


def test_times_are_those_of_this_computer_and_days_those_of_the_calendar() -> None:
    at = datetime(2026, 3, 12, 23, 30, 15, 77, tzinfo=UTC)
    found = read(as_csv(["at", "day", "n"], [(at, date(2026, 3, 12), -2)]))
    assert found[1] == [local_time(at).isoformat(" "), "2026-03-12", "-2"]
    assert datetime.fromisoformat(found[1][0]).astimezone(UTC) == at.replace(microsecond=0)


def test_the_mark_that_excel_wants_is_there_when_asked_for() -> None:
    assert as_csv(["ä"], [], mark=True) == b"\xef\xbb\xbf" + as_csv(["ä"], [])
