"""The statements of the start path are what SQLAlchemy makes of the schema, and do without it."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.dialects.sqlite import dialect

from o365desk.services.store import reading, selects
from o365desk.services.store.database import Database
from o365desk.services.store.history import SnapshotHistory
from o365desk.services.store.schema import (
    known_user,
    last_sign_in,
    metadata,
    product,
    sku_version,
    snapshot,
    subscription_version,
    tenant,
)
from tests.services.store.states import RICH

TENANT_ID: BindParameter[int] = bindparam("tenant_id")

STATEMENTS = {
    "TENANTS": select(tenant.c.guid, tenant.c.name, tenant.c.domain),
    "TENANT": select(
        tenant.c.id, tenant.c.newest, tenant.c.guid, tenant.c.name, tenant.c.domain
    ).where(tenant.c.guid == bindparam("guid")),
    "SNAPSHOTS": select(snapshot.c.at, snapshot.c.users, snapshot.c.deleted)
    .where(snapshot.c.tenant_id == TENANT_ID)
    .order_by(snapshot.c.number.desc()),
    "SNAPSHOT": select(
        snapshot.c.number,
        snapshot.c.at,
        snapshot.c.subscriptions_known,
        snapshot.c.blocked_known,
    )
    .where(snapshot.c.tenant_id == TENANT_ID, snapshot.c.at <= bindparam("at"))
    .order_by(snapshot.c.number.desc()),
    "LICENSE_SETS": selects.LICENSE_SETS,
    "HOLDINGS": selects.HOLDINGS,
    "USERS": selects.USERS,
    "SKUS": selects.valid(
        select(*selects.SKU, product.c.plans).select_from(
            sku_version.join(product, product.c.id == sku_version.c.product_id)
        ),
        sku_version,
    ),
    "SUBSCRIPTIONS": selects.valid(select(*selects.SUBSCRIPTION), subscription_version),
    "SIGN_INS": select(known_user.c.guid, last_sign_in.c.at)
    .select_from(known_user.join(last_sign_in))
    .where(known_user.c.tenant_id == TENANT_ID),
}


def plain(statement: str) -> str:
    return " ".join(statement.split()).replace("( ", "(")


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_of_the_start_path_follows_the_schema(name: str) -> None:
    compiled = STATEMENTS[name].compile(dialect=dialect(paramstyle="named"))
    assert plain(getattr(reading, name)) == plain(str(compiled))


def test_every_statement_is_compared() -> None:
    texts = {
        name for name, text in vars(reading).items() if isinstance(text, str) and "SELECT" in text
    }
    assert texts == STATEMENTS.keys()


def test_the_start_path_does_without_sqlalchemy(tmp_path: Path) -> None:
    path = tmp_path / "snapshots.db"

    async def record() -> None:
        database = Database(path)
        await database.write(metadata.create_all)
        history = SnapshotHistory(database)
        await history.record(RICH)
        await history.aclose()

    asyncio.run(record())
    done = subprocess.run(
        [sys.executable, "-c", START, str(path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["1", "1", "4", "False"], done.stderr


START = """
import asyncio, sys
from pathlib import Path
from o365desk.services.store.database import Database
from o365desk.services.store.history import SnapshotHistory

async def main():
    history = SnapshotHistory(Database(Path(sys.argv[1])))
    tenants = await history.tenants()
    snapshots = await history.snapshots(tenants[0].id)
    state = await history.state(tenants[0].id)
    print(len(tenants), len(snapshots), len(state.users), "sqlalchemy" in sys.modules)
    await history.aclose()

asyncio.run(main())
"""
