"""Selections that further conditions can be put on, in the columns that `reading` decodes.

The start path has the same as texts.
"""

from typing import Any

from sqlalchemy import BindParameter, Integer, Select, Table, bindparam, select

from o365desk.services.store.schema import (
    holding_version,
    known_user,
    license_set,
    product,
    sku_version,
    subscription_version,
    user_version,
)


def valid(query: Select[Any], versions: Table) -> Select[Any]:
    """Restricted to what the snapshot `:number` of `:tenant_id` has seen."""
    tenant_id: BindParameter[int] = bindparam("tenant_id", type_=Integer)
    number: BindParameter[int] = bindparam("number", type_=Integer)
    return query.where(
        versions.c.tenant_id == tenant_id,
        versions.c.valid_to > number,
        versions.c.valid_from <= number,
    )


LICENSE_SETS = select(license_set.c.id, license_set.c.content).where(
    license_set.c.id.in_(valid(select(holding_version.c.license_set_id), holding_version))
)

HOLDINGS = valid(
    select(holding_version.c.user_id, holding_version.c.license_set_id), holding_version
)

USER = (
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
)
"""What `reading.users_of` makes a user from."""

IDENTIFIED = user_version.join(known_user, known_user.c.id == user_version.c.user_id)

USERS = valid(select(*USER).select_from(IDENTIFIED), user_version)

SKU = (
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
)
"""What `reading.sku_of` makes a product from, service plans aside."""

SUBSCRIPTION = (
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
)
"""What `reading.subscription_of` makes a subscription from."""
