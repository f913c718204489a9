"""Names of exported files: every system takes them, and none hides its suffix."""

import pytest

from o365desk.domain.tables import file_name


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Contoso Ltd", "Users' List"), "Contoso Ltd - Users' List.csv"),
        (("", "All customers"), "All customers.csv"),
        (('A/B\\C: "x" <y>|?*', "T"), "A B C x y - T.csv"),
        (("شركة الأفق", "Ελληνικά", "山田"), "شركة الأفق - Ελληνικά - 山田.csv"),
        (("gpj\u202e.exe", "a\nb\x00c"), "gpj .exe - a b c.csv"),
        (("..", ""), "Table.csv"),
        (("x" * 300,), f"{'x' * 120}.csv"),
    ],
    ids=["plain", "no customer", "forbidden", "scripts", "direction", "dots", "long"],
)
def test_names(parts: tuple[str, ...], name: str) -> None:
    assert file_name(*parts, suffix="csv") == name
