"""The tables of the snapshots: what was seen of every tenant, as rows that say from when to when.

A snapshot has a number within its tenant, one more than that of the snapshot before. A version (of
a user, of what a user holds, of a product, of a subscription) is what all snapshots from number
`valid_from` up to, and without, `valid_to` have seen. So what has not changed costs nothing in the
next snapshot, and a snapshot that is removed takes no other with it: a version may go as soon as no
snapshot is left between its two numbers.

Of the two most numerous kinds, the versions of a tenant lie side by side in the order in which they
ended, those that are valid now at the end: what a snapshot has seen is one stretch of the file.

Times are microseconds since 1970 (UTC); truth is 0 or 1.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    literal_column,
)

OPEN = 2**31 - 1
"""`valid_to` of what the newest snapshot has seen: larger than any number."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _tenant(primary_key: bool = True) -> Column[int]:
    """The tenant of a row, which goes when the tenant goes."""
    return Column(
        "tenant_id",
        Integer,
        ForeignKey("tenant.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
        autoincrement=False,
    )


def _user() -> Column[int]:
    """The user of whom a table has one row, which goes when the user goes."""
    return Column(
        "user_id",
        Integer,
        ForeignKey("known_user.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


def _number(name: str, primary_key: bool = False) -> Column[int]:
    return Column(name, Integer, primary_key=primary_key, nullable=False, autoincrement=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


tenant = Table(
    "tenant",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("guid", Text, nullable=False, unique=True),
    _text("name"),
    _text("domain"),
    _number("newest"),  # number of the newest snapshot: there always is one
    _text("search"),  # name, domain and guid, folded, each between line ends
)

snapshot = Table(
    "snapshot",
    metadata,
    _tenant(),
    _number("number", primary_key=True),
    Column("at", BigInteger, nullable=False),  # rises with the number
    _number("users"),
    _number("deleted"),
    _number("subscriptions_known"),  # where 0, the versions of subscriptions say nothing
    _number("blocked_known"),
    sqlite_with_rowid=False,
)

known_user = Table(
    "known_user",
    metadata,
    Column("id", Integer, primary_key=True),
    _tenant(primary_key=False),
    _text("guid"),
)
Index("ix_known_user_tenant_id_guid", known_user.c.tenant_id, known_user.c.guid, unique=True)

user_version = Table(
    "user_version",
    metadata,
    _tenant(),
    _number("valid_to", primary_key=True),
    _number("user_id", primary_key=True),
    _number("valid_from"),
    _text("display_name"),
    _text("username"),
    _text("first_name"),
    _text("last_name"),
    _text("state"),
    _text("location"),
    Column("deleted_at", BigInteger),
    _number("synced"),
    _number("guest"),
    _text("mail"),
    sqlite_with_rowid=False,
)
Index("ix_user_version_user_id", user_version.c.user_id)

NOT_ACTIVE = (
    user_version.c.valid_to == literal_column(str(OPEN)),
    user_version.c.state != literal_column("'active'"),
)
"""The few users of all tenants who are blocked or deleted now. A query that says the same, word for
word, reads nobody else."""

Index(
    "ix_user_version_not_active",
    user_version.c.state,
    user_version.c.tenant_id,
    sqlite_where=NOT_ACTIVE[0] & NOT_ACTIVE[1],
)

license_set = Table(
    "license_set",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    _text("content"),  # all that some user holds, as values.licenses_text writes it
    Column("size", Integer),  # how many licenses; none where they are not known
)
"""What users hold, each combination once: thousands hold the same."""

holding_version = Table(
    "holding_version",
    metadata,
    _tenant(),
    _number("valid_to", primary_key=True),
    _number("user_id", primary_key=True),
    _number("valid_from"),
    _number("license_set_id"),
    sqlite_with_rowid=False,
)
"""Apart from `user_version`: licenses change more often than all else together."""

product = Table(
    "product",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    _text("sku_id"),
    _text("part_number"),
    _text("name"),
    _number("assignable"),
    _text("license_group"),
    _text("plans"),
    _text("search"),  # name, part number and SKU id, folded, each between line ends
)
"""What is the same of a product in all tenants that own it, each wording once."""

sku_version = Table(
    "sku_version",
    metadata,
    _tenant(),
    _number("valid_to", primary_key=True),
    _number("product_id", primary_key=True),
    _number("valid_from"),
    _number("active"),
    _number("assigned"),
    _number("available"),
    _number("suspended"),
    _number("warning"),
    _text("status"),
    _text("subscription_ids"),
    sqlite_with_rowid=False,
)

subscription_version = Table(
    "subscription_version",
    metadata,
    Column("id", Integer, primary_key=True),
    _tenant(primary_key=False),
    _number("valid_to"),
    _number("valid_from"),
    _text("guid"),
    Column("sku_id", Text),
    _text("name"),
    _text("state"),
    _number("quantity"),
    _text("friendly_name"),
    Column("term_end", BigInteger),
    Column("created", BigInteger),
    _number("trial"),
    Column("auto_renew", Integer),
    _text("term"),
    _number("licensable"),
    _text("search"),  # name and id, folded, each between line ends
)
Index(
    "ix_subscription_version_tenant_id_valid_to",
    subscription_version.c.tenant_id,
    subscription_version.c.valid_to,
)

last_sign_in = Table(
    "last_sign_in",
    metadata,
    _user(),
    Column("at", BigInteger),  # none: never
)
"""Not part of the history: of each user the latest that was read."""

user_search = Table(
    "user_search",
    metadata,
    _user(),
    _number("tenant_id"),
    _text("text"),  # names, username and mail address, then the earlier ones; folded
    _text("former"),  # earlier names and usernames, a line each
)
"""Users of the newest snapshots, for the search over all tenants; read from end to end."""
