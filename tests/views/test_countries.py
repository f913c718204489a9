"""Countries by code and by name, found while typing."""

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from o365desk.views.countries import CountryCombo, countries, country_name, matches
from tests.views.dialogs import Key


def test_all_of_iso_3166_and_nothing_else() -> None:
    codes = [country.code for country in countries()]
    assert len(codes) == len(set(codes))
    assert 245 <= len(codes) <= 252
    assert {"DE", "GB", "US", "JP", "XK", "TW"} <= set(codes)
    assert not {"EU", "AC", "QO", "ZZ"} & set(codes)


def test_ranked_by_code_then_name() -> None:
    assert matches("de")[0].code == "DE"
    assert matches("united")[0].code in {"AE", "GB", "US"}
    assert matches("turk")[0].code in {"TM", "TR"}
    assert "TR" in [country.code for country in matches("turkiye")], "accents aside"
    assert matches("Germany (DE)")[0].code == "DE"
    assert matches("nothing like it") == []
    assert country_name("DE") == "Germany (DE)"
    assert country_name("XX") == "XX"


def test_code_is_empty_until_chosen(qtbot: QtBot) -> None:
    combo = CountryCombo()
    qtbot.addWidget(combo)
    combo.show()
    assert combo.code() == ""
    assert combo.currentText() == ""
    codes: list[str] = []
    combo.code_changed.connect(codes.append)
    QTest.keyClicks(combo, "fr")
    assert combo.code() == "FR"
    QTest.keyClicks(combo, "x")
    assert combo.code() == ""
    assert codes == ["FR", ""]


def test_popup_is_searched_by_name_and_taken_by_enter(qtbot: QtBot) -> None:
    combo = CountryCombo()
    qtbot.addWidget(combo)
    combo.show()
    qtbot.waitExposed(combo)
    combo.setFocus()
    QTest.keyClicks(combo, "united k")
    popup = combo.matches.popup()
    assert popup is not None
    assert popup.isVisible()
    QTest.keyClick(popup, Key.Key_Down)
    QTest.keyClick(popup, Key.Key_Return)
    assert combo.code() == "GB"
    assert combo.currentText() == "United Kingdom (GB)"


def test_unknown_code_is_kept_as_it_is(qtbot: QtBot) -> None:
    combo = CountryCombo()
    qtbot.addWidget(combo)
    combo.set_code("QQ")
    assert combo.code() == "QQ"
    assert combo.currentText() == "QQ"
    combo.set_code("")
    assert combo.code() == ""
    assert combo.currentText() == ""
