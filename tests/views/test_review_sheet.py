"""The licence review sheet in words, as HTML, as rows and on paper."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from o365desk.domain.review import ReviewSheet
from o365desk.resources import resource_path
from o365desk.views import theme
from o365desk.views.review_print import (
    CannotPrint,
    InSteps,
    SheetPages,
    page_layout,
    print_sheet,
)
from o365desk.views.review_sheet import (
    OCCASIONS,
    Part,
    csv_rows,
    pieces,
    rich_text,
    sheet_html,
)
from o365desk.views.review_words import LANGUAGES, SheetWords, language_of, paper_of
from tests.views.review_samples import NAMES, long_sheet, sheet, small_sheet

A4, LETTER = QPageSize.PageSizeId.A4, QPageSize.PageSizeId.Letter


def words(language: str = "en", system: str = "en_US") -> SheetWords:
    return SheetWords.of(language, QLocale(system))


class Tables(HTMLParser):
    """The text of every cell, row by row, and which elements there are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.elements: set[str] = set()
        self._in_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data


# ---- words ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_phrase(language: str) -> None:
    english, made = words().texts, words(language).texts
    assert list(made) == list(english)
    assert all(made.values())
    if language != "en":
        assert sum(made[key] == english[key] for key in english) <= 5
    slots = {key: sorted(re.findall(r"{\w+}", text)) for key, text in made.items()}
    assert slots == {key: sorted(re.findall(r"{\w+}", text)) for key, text in english.items()}
    assert {*OCCASIONS.values()} <= {*made}


def test_languages_are_those_that_have_a_file() -> None:
    files = resource_path("review_sheet").glob("*.json")
    assert {path.stem for path in files} == {*LANGUAGES}


@pytest.mark.parametrize(
    ("system", "language", "paper"),
    [
        ("de_DE", "de", A4),
        ("en_US", "en", LETTER),
        ("en_GB", "en", A4),
        ("fr_CA", "fr", LETTER),
        ("es_MX", "es", LETTER),
        ("ja_JP", "ja", A4),
        ("fi_FI", "en", A4),
        ("C", "en", A4),
    ],
)
def test_language_and_paper_of_the_operator(
    system: str, language: str, paper: QPageSize.PageSizeId
) -> None:
    assert language_of(QLocale(system)) == language
    assert paper_of(QLocale(system)) is paper


def test_numbers_and_days_follow_the_territory() -> None:
    made = small_sheet()
    assert [words("en", system).day(made.later) for system in ("en_US", "en_GB", "C")] == [
        "11/22/2026",
        "22/11/2026",
        "2026-11-22",
    ]
    assert words("en", "de_CH").day(made.later) == "11/22/2026"
    assert words("de", "de_DE").count(1200) == "1.200"
    assert words("de", "de_DE").moment(made.later).startswith("Sonntag, 22. November 2026")
    assert [words().signed(number) for number in (3, 0, -2)] == ["+3", "0", "-2"]


# ---- HTML and rows ---------------------------------------------------------------------------


def test_html_says_what_the_sheet_says() -> None:
    made = small_sheet()
    rows = Tables(sheet_html(made, words())).rows
    assert ["Customer", "Contoso & Co"] in rows
    assert ["Sheet number", "contoso.onmicrosoft.com 2026-10-31/2026-11-22"] in rows
    assert ["Microsoft 365 E5", "1,100", "2", "1", "+1", "1,100", "1,200", "100"] in rows
    assert ["Visio Plan 2", "6", "1", "1", "0", "6", "4", "-2"] in rows
    assert ["Total", "", "3", "2", "+1", "", "", ""] in rows
    assert ["Users whose licenses are not known at both moments", "1"] in rows
    assert ["Users with a license whose last sign-in is not known", "3"] in rows
    assert ["Change of the assigned count beyond the listed lines", "-1"] in rows
    numbered = [row for row in rows if len(row) == 5 and row[0].isdigit()]
    assert numbered == [
        ["1", "Adele Vance", "user0@contoso.com", "User created", ""],
        ["2", NAMES[2], "user2@contoso.com", "User restored", ""],
        ["3", NAMES[1], "user1@contoso.com", "User deleted", ""],
        ["4", "Blocked Bea", "user7@contoso.com", "Sign-in blocked", ""],
        ["5", "Idle Ida", "user5@contoso.com", "Idle", "7/25/2026"],
        ["6", "Never Ned", "user6@contoso.com", "Idle", "Never"],
        ["7", NAMES[4], "user4@contoso.com", "User created", ""],
        ["8", NAMES[3], "user3@contoso.com", "License removed", ""],
    ]
    header, listed = csv_rows(made, words())
    assert header == ("No.", "Product", "What happened", "User", "Username", "Last sign-in")
    assert [[str(row[0]), row[3], row[4], row[2], row[5]] for row in listed] == numbered
    assert [row[1] for row in listed] == ["Microsoft 365 E5"] * 6 + ["Visio Plan 2"] * 2


def test_names_are_neither_markup_nor_able_to_turn_the_text() -> None:
    html = sheet_html(small_sheet(), words())
    assert "b" not in Tables(html).elements
    assert "<bdi>&lt;b&gt;Bobby&lt;/b&gt; &amp; Sons</bdi>" in html
    assert f"<bdi>{NAMES[3]}</bdi>" in html
    assert f"\u2068{NAMES[3]}\u2069" in rich_text(pieces(small_sheet(), words()), words())


def test_a_sheet_without_changes_says_so() -> None:
    html = sheet_html(sheet([], [], blocked_known=False), words())
    assert "<p>No license was added or removed between the two snapshots.</p>" in html
    assert "<p>It is not known which users are blocked.</p>" in html
    html = sheet_html(small_sheet(), words())
    assert "<p>" not in html


def test_the_page_is_of_the_language_and_paper() -> None:
    html = sheet_html(small_sheet(), words("ar", "ar_EG"), "Letter")
    assert '<html lang="ar" dir="rtl">' in html
    assert "size: Letter" in html
    assert '"صفحة " counter(page) " من " counter(pages) ""' in html
    assert '<bdi dir="ltr">user0@contoso.com</bdi>' in html
    assert not re.search(r"(src|href)=", html), "a page of its own"


def test_columns_begin_at_the_right_for_those_who_read_so() -> None:
    arabic = words("ar", "ar_EG")
    rows = Tables(rich_text(pieces(small_sheet(), arabic), arabic)).rows
    assert rows[-1][-1] == arabic.count(8)


# ---- paper -----------------------------------------------------------------------------------


def laid_out(made: ReviewSheet, spoken: SheetWords, paper: QPageSize.PageSizeId) -> SheetPages:
    pages = SheetPages(made, spoken, QSizeF(page_layout(paper).paintRectPixels(96).size()))
    for _ in pages.lay_out():
        pass
    return pages


def painted(pages: SheetPages, page: int, paper: QPageSize.PageSizeId) -> QImage:
    image = QImage(page_layout(paper).paintRectPixels(96).size(), QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    for _ in pages.draw(painter, page):
        pass
    painter.end()
    return image


def inked(image: QImage, area: QRectF) -> bool:
    """Whether anything dark is there."""
    box = area.toRect()
    return any(
        image.pixelColor(x, y).value() < 128
        for y in range(box.top(), box.bottom())
        for x in range(box.left(), box.right())
    )


@pytest.mark.parametrize("paper", [A4, LETTER], ids=["A4", "Letter"])
def test_a_long_sheet_has_a_head_and_a_foot_on_every_page(
    qapp: QApplication, paper: QPageSize.PageSizeId
) -> None:
    theme.apply(qapp, theme.DARK)  # paper stays white
    pages = laid_out(long_sheet(100), words(), paper)
    assert pages.count > 2
    for page in range(1, pages.count):
        image = painted(pages, page, paper)
        width, height = image.width(), image.height()
        assert inked(image, QRectF(0, 0, width, 24)), "the head of the table"
        assert inked(image, QRectF(width - 80, height - 20, 80, 20)), "page number"
        assert inked(image, QRectF(0, height - 20, 80, 20)), "sheet number"


@pytest.mark.parametrize("height", range(400, 520, 3))
def test_pages_break_between_lines_only(qapp: QApplication, height: int) -> None:
    """Wherever a page ends: a title has a line below it on its page, a head stands once on top of
    a table, and no page is empty."""
    made = SheetPages(long_sheet(20), words(), QSizeF(680, height))
    for _ in made.lay_out():
        pass
    pages = [[piece for placed in page for piece in placed.pieces] for page in made._pages]
    assert all(pages)
    assert not any(page[-1].keep for page in pages)
    for page in pages:
        heads = [number for number, piece in enumerate(page) if piece.part is Part.HEAD]
        assert all(page[number + 1].part is Part.ROW for number in heads)
    for page in pages[1:]:
        assert page[0].part in (Part.HEAD, Part.TEXT)
    listed = [*pieces(long_sheet(20), words())]
    rows = [piece for page in pages for piece in page if piece.part is Part.ROW]
    assert rows == [piece for piece in listed if piece.part is Part.ROW]


@pytest.mark.parametrize(
    ("language", "system", "paper", "box"),
    [
        ("en", "en_US", LETTER, b"612.000000 792.000000"),
        ("ar", "ar_EG", A4, b"595.000000 842.000000"),
    ],
)
def test_a_pdf_file(
    qapp: QApplication,
    tmp_path: Path,
    language: str,
    system: str,
    paper: QPageSize.PageSizeId,
    box: bytes,
) -> None:
    made, spoken = long_sheet(60), words(language, system)
    file = tmp_path / "sheet.pdf"
    writer = QPdfWriter(str(file))
    writer.setPageLayout(page_layout(paper))
    steps = [*print_sheet(made, spoken, writer, writer.resolution())]
    assert all(pages == 0 for _, pages in steps[:4]), "counted before the first is printed"
    page, count = steps[-1]
    assert page == count > 1
    written = file.read_bytes()
    assert written.startswith(b"%PDF-1.")
    assert written.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b(?!s)", written)) == count
    assert box in written


@pytest.mark.qt_log_ignore("QPainter::begin")
def test_a_file_that_cannot_be_written(qapp: QApplication, tmp_path: Path) -> None:
    writer = QPdfWriter(str(tmp_path / "nowhere" / "sheet.pdf"))
    writer.setPageLayout(page_layout(A4))
    with pytest.raises(CannotPrint):
        for _ in print_sheet(small_sheet(), words(), writer, writer.resolution()):
            pass


def test_work_in_steps_leaves_the_window_alive(qtbot: QtBot, qapp: QApplication) -> None:
    steps = InSteps(qapp)
    told, done = QSignalSpy(steps.stepped), QSignalSpy(steps.finished)
    pages = SheetPages(long_sheet(100), words(), QSizeF(600, 800))
    steps.start(one for one in pages.lay_out())
    assert [steps.running, pages.count] == [True, 0], "nothing before the loop turns"
    qtbot.waitUntil(lambda: done.count() == 1)
    assert not steps.running
    assert pages.count > 1
    assert told.count() >= 1
