"""The statements of the start path are what SQLAlchemy makes of the schema, and do without it."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BindParameter, Select, Table, bindparam, select
from sqlalchemy.dialects.sqlite import dialect

from o365desk.services.store import reading
from o365desk.services.store.database import Database
from o365desk.services.store.history import SnapshotHistory
from o365desk.services.store.schema import (
    holding_version,
    known_user,
    last_sign_in,
    license_set,
    metadata,
    product,
    sku_version,
    snapshot,
    subscription_version,
    tenant,
    user_version,
)
from tests.services.store.states import RICH

TENANT_ID: BindParameter[int] = bindparam("tenant_id")


def valid(query: Select[Any], versions: Table) -> Select[Any]:
    number: BindParameter[int] = bindparam("number")
    return query.where(
        versions.c.tenant_id == TENANT_ID,
        versions.c.valid_to > number,
        versions.c.valid_from <= number,
    )


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
    "LICENSE_SETS": select(license_set.c.id, license_set.c.content).where(
        license_set.c.id.in_(valid(select(holding_version.c.license_set_id), holding_version))
    ),
    "HOLDINGS": valid(
        select(holding_version.c.user_id, holding_version.c.license_set_id), holding_version
    ),
    "USERS": valid(
        select(
            known_user.c.guid,
            user_version.c.display_name,
            user_version.c.username,
            user_version.c.first_name,
            user_version.c.last_name,
            user_version.c.state,
            user_version.c.location,
            user_version.c.user_id,
            user_version.c.deleted_at,
            user_version.c.synced,
            user_version.c.guest,
            user_version.c.mail,
        ).select_from(user_version.join(known_user, known_user.c.id == user_version.c.user_id)),
        user_version,
    ),
    "SKUS": valid(
        select(
            product.c.sku_id,
            product.c.part_number,
            product.c.name,
            sku_version.c.active,
            sku_version.c.assigned,
            sku_version.c.available,
            sku_version.c.suspended,
            sku_version.c.warning,
            product.c.assignable,
            sku_version.c.status,
            sku_version.c.subscription_ids,
            product.c.license_group,
            product.c.plans,
        ).select_from(sku_version.join(product, product.c.id == sku_version.c.product_id)),
        sku_version,
    ),
    "SUBSCRIPTIONS": valid(
        select(
            subscription_version.c.guid,
            subscription_version.c.sku_id,
            subscription_version.c.name,
            subscription_version.c.state,
            subscription_version.c.quantity,
            subscription_version.c.friendly_name,
            subscription_version.c.term_end,
            subscription_version.c.created,
            subscription_version.c.trial,
            subscription_version.c.auto_renew,
            subscription_version.c.term,
            subscription_version.c.licensable,
        ),
        subscription_version,
    ),
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
