"""Settings survive a round trip, and whatever a person breaks in the file."""

import json
from pathlib import Path

import pytest

from o365desk.app.config import MAX_RECENT, Settings, SmtpSettings, load
from o365desk.domain.directory import TenantId


def test_round_trip(tmp_path: Path) -> None:
    settings = Settings(
        path=tmp_path / "deep" / "settings.json",
        pinned=[TenantId("a")],
        layout={"geometry": b"\x00\xff"},
        smtp=SmtpSettings("mail.example", "desk@example.com", username="desk"),
    )
    settings.visited(TenantId("b"))
    settings.save()
    assert settings.path is not None
    assert load(settings.path) == settings
    assert [file.name for file in settings.path.parent.iterdir()] == ["settings.json"]


def test_the_latest_tenants_come_first_and_once() -> None:
    settings = Settings()
    for number in (*range(MAX_RECENT + 3), 5):
        settings.visited(TenantId(str(number)))
    assert settings.recent[:2] == ["5", str(MAX_RECENT + 2)]
    assert len(settings.recent) == MAX_RECENT


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not json",
        "[]",
        json.dumps({"pinned": 3, "recent": [1, None], "layout": {"x": "%%%"}, "smtp": "host"}),
        json.dumps({"smtp": {"host": "h", "port": "many"}, "layout": []}),
        json.dumps({"smtp": {"host": "h", "security": "trust me"}}),
    ],
)
def test_a_broken_file_is_no_reason_to_stop(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content, encoding="utf-8")
    assert load(path) == Settings(path=path)


def test_a_folder_that_refuses_is_survived(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    Settings(path=blocked / "settings.json").save()
