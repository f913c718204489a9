"""The first tables: tenants, snapshots, and what they saw as rows with a first and a last one."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE tenant (
        id INTEGER NOT NULL,
        guid TEXT NOT NULL,
        name TEXT NOT NULL,
        domain TEXT NOT NULL,
        newest INTEGER NOT NULL,
        search TEXT NOT NULL,
        CONSTRAINT pk_tenant PRIMARY KEY (id),
        CONSTRAINT uq_tenant_guid UNIQUE (guid)
    )
    """,
    """
    CREATE TABLE license_set (
        id INTEGER NOT NULL,
        digest BLOB NOT NULL,
        content TEXT NOT NULL,
        size INTEGER,
        CONSTRAINT pk_license_set PRIMARY KEY (id),
        CONSTRAINT uq_license_set_digest UNIQUE (digest)
    )
    """,
    """
    CREATE TABLE product (
        id INTEGER NOT NULL,
        digest BLOB NOT NULL,
        sku_id TEXT NOT NULL,
        part_number TEXT NOT NULL,
        name TEXT NOT NULL,
        assignable INTEGER NOT NULL,
        license_group TEXT NOT NULL,
        plans TEXT NOT NULL,
        search TEXT NOT NULL,
        CONSTRAINT pk_product PRIMARY KEY (id),
        CONSTRAINT uq_product_digest UNIQUE (digest)
    )
    """,
    """
    CREATE TABLE snapshot (
        tenant_id INTEGER NOT NULL,
        number INTEGER NOT NULL,
        at BIGINT NOT NULL,
        users INTEGER NOT NULL,
        deleted INTEGER NOT NULL,
        subscriptions_known INTEGER NOT NULL,
        blocked_known INTEGER NOT NULL,
        CONSTRAINT pk_snapshot PRIMARY KEY (tenant_id, number),
        CONSTRAINT fk_snapshot_tenant_id FOREIGN KEY(tenant_id)
            REFERENCES tenant (id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE known_user (
        id INTEGER NOT NULL,
        tenant_id INTEGER NOT NULL,
        guid TEXT NOT NULL,
        CONSTRAINT pk_known_user PRIMARY KEY (id),
        CONSTRAINT fk_known_user_tenant_id FOREIGN KEY(tenant_id)
            REFERENCES tenant (id) ON DELETE CASCADE
    )
    """,
    "CREATE UNIQUE INDEX ix_known_user_tenant_id_guid ON known_user (tenant_id, guid)",
    """
    CREATE TABLE user_version (
        tenant_id INTEGER NOT NULL,
        valid_to INTEGER NOT NULL,
        user_id INTEGER NOT NULL,
        valid_from INTEGER NOT NULL,
        display_name TEXT NOT NULL,
        username TEXT NOT NULL,
        first_name TEXT NOT NULL,
        last_name TEXT NOT NULL,
        state TEXT NOT NULL,
        location TEXT NOT NULL,
        deleted_at BIGINT,
        synced INTEGER NOT NULL,
        guest INTEGER NOT NULL,
        mail TEXT NOT NULL,
        CONSTRAINT pk_user_version PRIMARY KEY (tenant_id, valid_to, user_id),
        CONSTRAINT fk_user_version_tenant_id FOREIGN KEY(tenant_id)
            REFERENCES tenant (id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX ix_user_version_not_active
    ON user_version (state, tenant_id) WHERE valid_to = 2147483647 AND state != 'active'
    """,
    "CREATE INDEX ix_user_version_user_id ON user_version (user_id)",
    """
    CREATE TABLE holding_version (
        tenant_id INTEGER NOT NULL,
        valid_to INTEGER NOT NULL,
        user_id INTEGER NOT NULL,
        valid_from INTEGER NOT NULL,
        license_set_id INTEGER NOT NULL,
        CONSTRAINT pk_holding_version PRIMARY KEY (tenant_id, valid_to, user_id),
        CONSTRAINT fk_holding_version_tenant_id FOREIGN KEY(tenant_id)
            REFERENCES tenant (id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE sku_version (
        tenant_id INTEGER NOT NULL,
        valid_to INTEGER NOT NULL,
        product_id INTEGER NOT NULL,
        valid_from INTEGER NOT NULL,
        active INTEGER NOT NULL,
        assigned INTEGER NOT NULL,
        available INTEGER NOT NULL,
        suspended INTEGER NOT NULL,
        warning INTEGER NOT NULL,
        status TEXT NOT NULL,
        subscription_ids TEXT NOT NULL,
        CONSTRAINT pk_sku_version PRIMARY KEY (tenant_id, valid_to, product_id),
        CONSTRAINT fk_sku_version_tenant_id FOREIGN KEY(tenant_id)
            REFERENCES tenant (id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE subscription_version (
        id INTEGER NOT NULL,
        tenant_id INTEGER NOT NULL,
        valid_to INTEGER NOT NULL,
        valid_from INTEGER NOT NULL,
        guid TEXT NOT NULL,
        sku_id TEXT,
        name TEXT NOT NULL,
        state TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        friendly_name TEXT NOT NULL,
        term_end BIGINT,
        created BIGINT,
        trial INTEGER NOT NULL,
        auto_renew INTEGER,
        term TEXT NOT NULL,
        licensable INTEGER NOT NULL,
        search TEXT NOT NULL,
        CONSTRAINT pk_subscription_version PRIMARY KEY (id),
        CONSTRAINT fk_subscription_version_tenant_id FOREIGN KEY(tenant_id)
            REFERENCES tenant (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE INDEX ix_subscription_version_tenant_id_valid_to
    ON subscription_version (tenant_id, valid_to)
    """,
    """
    CREATE TABLE last_sign_in (
        user_id INTEGER NOT NULL,
        at BIGINT,
        CONSTRAINT pk_last_sign_in PRIMARY KEY (user_id),
        CONSTRAINT fk_last_sign_in_user_id FOREIGN KEY(user_id)
            REFERENCES known_user (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE user_search (
        user_id INTEGER NOT NULL,
        tenant_id INTEGER NOT NULL,
        text TEXT NOT NULL,
        former TEXT NOT NULL,
        CONSTRAINT pk_user_search PRIMARY KEY (user_id),
        CONSTRAINT fk_user_search_user_id FOREIGN KEY(user_id)
            REFERENCES known_user (id) ON DELETE CASCADE
    )
    """,
)
"""As SQLAlchemy wrote them for the schema of that day; never changed again."""


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
