"""The texts that the search reads of users: written when something of them has changed."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Select, delete, select

from o365desk.services.store import values
from o365desk.services.store.driver import bulk_insert
from o365desk.services.store.schema import OPEN, user_search, user_version


def index_users(connection: Connection, tenant_id: int, users: Select[int]) -> None:
    """Writes anew what the search reads of these users: after a change of their versions."""
    connection.execute(delete(user_search).where(user_search.c.user_id.in_(users)))
    names = (user_version.c.display_name, user_version.c.username)
    former: dict[int, dict[str, None]] = {}
    earlier = select(user_version.c.user_id, *names).where(
        user_version.c.user_id.in_(users), user_version.c.valid_to != OPEN
    )
    for user_id, *texts in connection.execute(earlier.order_by(user_version.c.valid_to)):
        former.setdefault(user_id, {}).update(dict.fromkeys(texts))
    now = select(
        user_version.c.user_id,
        *names,
        user_version.c.first_name,
        user_version.c.last_name,
        user_version.c.mail,
    ).where(
        user_version.c.tenant_id == tenant_id,
        user_version.c.valid_to == OPEN,
        user_version.c.user_id.in_(users),
    )
    rows = connection.execute(now)
    bulk_insert(connection, user_search, _rows(tenant_id, rows, former))


def _rows(
    tenant_id: int,
    users: Iterable[tuple[int, str, str, str, str, str]],
    former: dict[int, dict[str, None]],
) -> Iterator[tuple[int, int, str, str]]:
    for user_id, display_name, username, first_name, last_name, mail in users:
        fields = [display_name, username]
        fields += [more for more in (first_name, last_name) if more and more not in display_name]
        if mail and mail.lower() != username.lower():
            fields.append(mail)
        old = [name for name in former.get(user_id, ()) if name not in fields]
        yield user_id, tenant_id, values.search_text(*fields, *old), "\n".join(old)
