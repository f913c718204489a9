"""The tables' way from one version of the program to the next."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from o365desk.domain.errors import DeskError
from o365desk.services.store import migrations
from o365desk.services.store.database import Database
from o365desk.services.store.failures import StoreNewer
from o365desk.services.store.schema import metadata
from tests.services.store.pages import contents, key

FOLDER = Path(migrations.__file__).parent


def layout(raw: Any) -> dict[str, str]:
    """Of every table and index what it was made with, without regard to white space."""
    rows = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: "".join(sql.split()) for name, sql in rows if name != "alembic_version"}


async def test_the_steps_lead_to_the_tables_of_today(path: Path) -> None:
    stepped, made = Database(path, key()), Database()
    stepped.prepare()
    await made.write(metadata.create_all)
    assert await stepped.read_raw(layout) == await made.read_raw(layout)
    assert await stepped.read_raw(migrations.is_due) is False
    await stepped.aclose()
    await made.aclose()


def test_every_revision_is_known() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    script = ScriptDirectory.from_config(config)
    steps = [step.revision for step in script.walk_revisions()]
    assert tuple(reversed(steps)) == migrations.KNOWN
    assert script.get_heads() == [migrations.HEAD]


BREAKS = """
from alembic import op
revision = "0002"
down_revision = "0001"

def upgrade():
    op.execute("CREATE TABLE half_way (id INTEGER)")
    op.execute("UPDATE tenant SET name = 'changed'")
    op.execute("SELECT nothing FROM nowhere")
"""


async def test_a_step_that_fails_leaves_everything_as_it_was(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "100 % new"
    shutil.copytree(FOLDER, folder)
    (folder / "versions" / "r0002_breaks.py").write_text(BREAKS)
    database = Database(path, key())
    database.prepare()
    row = "INSERT INTO tenant VALUES (1, 'guid', 'name', 'domain', 0, '')"
    await database.write(lambda connection: connection.execute(text(row)))
    before = await database.read_raw(layout)
    with pytest.raises(DeskError, match="mistake"):
        await database.write(lambda connection: migrations.upgrade(connection, folder))
    assert await database.read_raw(layout) == before
    assert await database.read_raw(migrations.is_due) is False
    names = "SELECT name FROM tenant"
    assert await database.read(lambda c: c.execute(text(names)).scalar_one()) == "name"
    await database.aclose()


async def test_a_file_of_a_newer_program_is_not_touched(path: Path) -> None:
    database = Database(path, key())
    database.prepare()
    newer = "UPDATE alembic_version SET version_num = '9999'"
    await database.write(lambda connection: connection.execute(text(newer)))
    await database.aclose()
    before = contents(path.parent)
    with pytest.raises(StoreNewer, match="newer version"):
        Database(path, key()).prepare()
    assert contents(path.parent) == before
