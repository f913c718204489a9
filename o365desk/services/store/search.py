"""The search over the newest snapshots of all tenants: folded texts, read from end to end.

It goes in short steps, so that other questions have their turn in between.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    not_,
    or_,
    select,
)

from o365desk.domain.directory import UserId, UserState
from o365desk.domain.licensing import SkuId
from o365desk.domain.snapshots import (
    MOST_OTHERS_FOUND,
    MOST_USERS_FOUND,
    HitKind,
    SearchHit,
)
from o365desk.domain.tenant_search import arrange_tenants, tenant_key
from o365desk.domain.text import fold
from o365desk.services.store import reading, values
from o365desk.services.store.schema import (
    OPEN,
    known_user,
    product,
    sku_version,
    snapshot,
    subscription_version,
    tenant,
    user_search,
    user_version,
)

_STEP = 20_000
"""Users that one step goes through: some milliseconds."""

Step = Callable[[Connection], list[SearchHit]]

_NEWEST = and_(snapshot.c.tenant_id == tenant.c.id, snapshot.c.number == tenant.c.newest)
_SEEN = (tenant.c.guid, tenant.c.name, tenant.c.domain, snapshot.c.at)


class Search:
    """What somebody looks for, once."""

    def __init__(self, text: str) -> None:
        self._words = tuple(fold(text).split())
        self._text = " ".join(self._words)
        self._room = MOST_USERS_FOUND

    def steps(self, connection: Connection) -> list[Step]:
        """To be taken in this order: the best finds come first."""
        if not self._words:
            return []
        last = connection.scalar(select(func.max(user_search.c.user_id))) or 0
        starts = range(0, last + 1, _STEP)
        begins = _holds(user_search.c.text, f"\n{self._text}")
        words = self._all_words(user_search.c.text, user_search.c.tenant_id)
        best, others = self._statement(begins), self._statement(not_(begins), *words)
        return [
            self._tenants,
            *(partial(self._users, start, best) for start in starts),
            self._products,
            self._subscriptions,
            *(partial(self._users, start, others) for start in starts),
        ]

    def _tenants(self, connection: Connection) -> list[SearchHit]:
        rows = connection.execute(select(*_SEEN).select_from(tenant.join(snapshot, _NEWEST))).all()
        tenants = [reading.tenant_of(*names) for *names, _ in rows]
        sections = arrange_tenants([tenant_key(one) for one in tenants], self._text)
        found = [row for section in sections for row in section.rows][:MOST_OTHERS_FOUND]
        return [
            SearchHit(
                kind=HitKind.TENANT,
                tenant=tenants[row],
                at=values.moment(rows[row].at),
                title=tenants[row].name,
                detail=tenants[row].domain,
            )
            for row in found
        ]

    def _users(self, start: int, statement: Select[Any], connection: Connection) -> list[SearchHit]:
        """Those of one step."""
        if not self._room:
            return []
        asked = {"first": start, "last": start + _STEP - 1, "most": self._room}
        rows = connection.execute(statement, asked)
        hits = [
            SearchHit(
                kind=HitKind.DELETED_USER if state == UserState.DELETED else HitKind.USER,
                tenant=reading.tenant_of(guid, name, domain),
                at=values.moment(at),
                title=display_name,
                detail=username,
                former=self._former(search + texts, former),
                user_id=UserId(user_id),
            )
            for (
                guid,
                name,
                domain,
                at,
                search,
                user_id,
                display_name,
                username,
                state,
                texts,
                former,
            ) in rows
        ]
        self._room -= len(hits)
        return hits

    def _statement(self, *matches: ColumnElement[bool]) -> Select[Any]:
        """Users of one step; made once, for making it takes as long as answering it."""
        exact = _holds(user_search.c.text, f"\n{self._text}\n").label("exact")
        # The limit makes SQLite go through the texts first, and look up the rest of the few.
        found = (
            select(user_search, exact)
            .where(user_search.c.user_id.between(bindparam("first"), bindparam("last")), *matches)
            .order_by(exact.desc(), user_search.c.user_id)
            .limit(bindparam("most", type_=Integer))
            .subquery()
        )
        now = and_(
            user_version.c.tenant_id == found.c.tenant_id,
            user_version.c.valid_to == OPEN,
            user_version.c.user_id == found.c.user_id,
        )
        return (
            select(
                *_SEEN,
                tenant.c.search,
                known_user.c.guid,
                user_version.c.display_name,
                user_version.c.username,
                user_version.c.state,
                found.c.text,
                found.c.former,
            )
            .select_from(
                found.join(user_version, now)
                .join(known_user, known_user.c.id == found.c.user_id)
                .join(tenant, tenant.c.id == found.c.tenant_id)
                .join(snapshot, _NEWEST)
            )
            .order_by(found.c.exact.desc(), found.c.user_id)
        )

    def _former(self, texts: str, former: str) -> str:
        """The earlier name that matched, where those of today do not."""
        if not former:
            return ""
        names = former.split("\n")
        today = "\n".join(texts.split("\n")[: -1 - len(names)])
        missing = [word for word in self._words if word not in today]
        return next((name for name in names if any(word in fold(name) for word in missing)), "")

    def _products(self, connection: Connection) -> list[SearchHit]:
        begins = _holds(product.c.search, f"\n{self._text}")
        rows = connection.execute(
            select(*_SEEN, product.c.name, product.c.part_number, product.c.sku_id)
            .select_from(
                tenant.join(snapshot, _NEWEST)
                .join(
                    sku_version,
                    and_(sku_version.c.tenant_id == tenant.c.id, sku_version.c.valid_to == OPEN),
                )
                .join(product, product.c.id == sku_version.c.product_id)
            )
            .where(*self._all_words(product.c.search, tenant.c.id))
            .order_by(begins.desc(), tenant.c.id)
            .limit(MOST_OTHERS_FOUND)
        )
        return [
            SearchHit(
                kind=HitKind.PRODUCT,
                tenant=reading.tenant_of(guid, tenant_name, domain),
                at=values.moment(at),
                title=name or part_number,
                detail=sku_id,
                sku_id=SkuId(sku_id),
            )
            for guid, tenant_name, domain, at, name, part_number, sku_id in rows
        ]

    def _subscriptions(self, connection: Connection) -> list[SearchHit]:
        one = subscription_version.c
        begins = _holds(one.search, f"\n{self._text}")
        rows = connection.execute(
            select(*_SEEN, one.name.label("offer"), one.guid.label("id"), one.sku_id)
            .select_from(
                tenant.join(snapshot, _NEWEST).join(
                    subscription_version,
                    and_(one.tenant_id == tenant.c.id, one.valid_to == OPEN),
                )
            )
            .where(snapshot.c.subscriptions_known == 1, *self._all_words(one.search, tenant.c.id))
            .order_by(begins.desc(), tenant.c.id)
            .limit(MOST_OTHERS_FOUND)
        )
        return [
            SearchHit(
                kind=HitKind.SUBSCRIPTION,
                tenant=reading.tenant_of(guid, tenant_name, domain),
                at=values.moment(at),
                title=name,
                detail=id_,
                sku_id=None if sku_id is None else SkuId(sku_id),
            )
            for guid, tenant_name, domain, at, name, id_, sku_id in rows
        ]

    def _all_words(
        self, text: ColumnElement[str], tenant_id: ColumnElement[int]
    ) -> list[ColumnElement[bool]]:
        """Each word is in the text, or of the tenant; not all of them of the tenant only."""
        here = [_holds(text, word) for word in self._words]
        if len(here) == 1:
            return here
        tenants = [
            tenant_id.in_(select(_tenant.c.id).where(_holds(_tenant.c.search, word)))
            for word in self._words
        ]
        some = or_(and_(*here), not_(and_(*tenants)))
        return [some, *(or_(*pair) for pair in zip(here, tenants, strict=True))]


_tenant = tenant.alias("named")
"""In a question of its own, even where the tenant is joined already."""


def _holds(text: ColumnElement[str], piece: str) -> ColumnElement[bool]:
    """Three times as fast as LIKE, which would also fold, in its own way, what is folded."""
    return func.instr(text, piece) > 0
