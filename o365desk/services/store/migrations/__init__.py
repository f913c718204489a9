"""Brings a file of any earlier version of the program to today's tables, by Alembic.

Its scripts are read from the disk, by path: a bundle has to hold `env.py` and `versions` as files.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from o365desk.services.store.failures import StoreNewer

if TYPE_CHECKING:
    import sqlalchemy

KNOWN = ("0001",)
"""Every revision, oldest first; a file of another one was written by a newer program."""

HEAD = KNOWN[-1]


def is_due(raw: Any) -> bool:
    """Whether a file, new or of an earlier version, lacks a step; asked of the driver's own
    connection. Raises StoreNewer."""
    if not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return True
    found = raw.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    if found not in KNOWN:
        raise StoreNewer(
            "The snapshots on this computer were written by a newer version of o365desk.",
            next_step="Install the newest version.",
        )
    return bool(found != HEAD)


def upgrade(connection: "sqlalchemy.Connection", folder: Path = Path(__file__).parent) -> None:
    """To the newest revision, in the caller's transaction: all steps are made, or none."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
