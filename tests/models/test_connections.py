"""The lines of the Connections page."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from o365desk.domain.connections import Cloud, Connection, Mode
from o365desk.models.connections import (
    BUILT_IN,
    COLUMN,
    CONNECTION_COLUMNS,
    MANAGED,
    ConnectionEntry,
    ConnectionTableModel,
)

CONTOSO = Connection("contoso", "Contoso", Mode.DIRECT, "contoso.com", "app")
PRACTICE = Connection(
    "practice", "Practice", Mode.RESELLER, "", "app", Cloud.PRACTICE, sign_in=False
)


def text(model: ConnectionTableModel, row: int, key: str, role: Qt.ItemDataRole) -> object:
    return model.data(model.index(row, COLUMN[key]), role)


def test_the_practice_directories_come_last() -> None:
    model = ConnectionTableModel()
    model.set_entries([ConnectionEntry(PRACTICE), ConnectionEntry(CONTOSO)])
    assert [entry.connection.id for entry in model.entries] == ["contoso", "practice"]
    assert model.row_of("practice") == 1
    assert model.row_of("gone") == -1
    assert model.entry_at(-1) is model.entry_at(2) is None


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        pytest.param(ConnectionEntry(CONTOSO), "Signed out", id="out"),
        pytest.param(ConnectionEntry(CONTOSO, signed_in=True), "Signed in", id="in"),
        pytest.param(
            ConnectionEntry(CONTOSO, signed_in=True, open=True), "Open now, signed in", id="open"
        ),
        pytest.param(ConnectionEntry(PRACTICE), "No sign-in needed", id="practice"),
        pytest.param(ConnectionEntry(PRACTICE, open=True), "Open now", id="open practice"),
    ],
)
def test_status(entry: ConnectionEntry, status: str) -> None:
    model = ConnectionTableModel()
    model.set_entries([entry])
    assert text(model, 0, "status", Qt.ItemDataRole.DisplayRole) == status
    assert text(model, 0, "status", Qt.ItemDataRole.AccessibleTextRole) == f"Status: {status}"


def test_who_set_a_connection_is_told_in_words() -> None:
    model = ConnectionTableModel()
    managed = ConnectionEntry(replace(CONTOSO, managed=True), "Contoso Ltd")
    model.set_entries([managed, ConnectionEntry(CONTOSO), ConnectionEntry(PRACTICE)])
    assert managed.fixed == MANAGED
    assert [entry.fixed for entry in model.entries[1:]] == ["", BUILT_IN]
    spoken = text(model, 0, "name", Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Name: Contoso, set by your administrator"
    assert str(text(model, 0, "cloud", Qt.ItemDataRole.ToolTipRole)).endswith(MANAGED)
    assert text(model, 0, "organization", Qt.ItemDataRole.DisplayRole) == "Contoso Ltd"
    assert text(model, 1, "organization", Qt.ItemDataRole.DisplayRole) == "contoso.com"
    assert (
        text(model, 2, "organization", Qt.ItemDataRole.AccessibleTextRole)
        == "Organization: not known"
    )


def test_every_cloud_and_mode_has_its_words() -> None:
    model = ConnectionTableModel()
    model.set_entries(
        ConnectionEntry(replace(CONTOSO, cloud=cloud, mode=mode))
        for cloud in Cloud
        for mode in Mode
    )
    for row in range(model.rowCount()):
        assert all(
            model.data(model.index(row, column)) for column in range(len(CONNECTION_COLUMNS))
        )
