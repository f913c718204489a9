"""ChangeReader over Graph: who was touched since a mark, from the delta query, and how they are
now, read singly in batches."""

import asyncio
from collections.abc import Sequence
from functools import partial

from o365desk.domain.changes import ChangeMark, Changes, ChangesLost
from o365desk.domain.directory import TenantId, User, UserId
from o365desk.domain.errors import DeskError, NotFound
from o365desk.services.adapters import Sleep, closing
from o365desk.services.api_client import ApiClient
from o365desk.services.batch import send_batch
from o365desk.wire import graph, graph_changes, graph_users
from o365desk.wire.codec import unexpected
from o365desk.wire.messages import ApiRequest, ApiResponse, Page

MOST = 2_000
"""Touched users from which on a listing is cheaper: it holds 999 users a page, a batch 20."""


class GraphChanges:
    """The mark is Graph's delta link, valid for seven days; it holds no secret."""

    def __init__(
        self, client: ApiClient, *, most: int = MOST, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._client = client
        self._most = most
        self._sleep = sleep

    async def mark(self, tenant: TenantId) -> ChangeMark | None:
        """This moment; one small request, whatever the size of the tenant. Raises DeskError."""
        return (await self._follow(graph_changes.changes_from_now(), tenant))[1]

    async def changes(self, tenant: TenantId, since: ChangeMark) -> Changes:
        """Raises ChangesLost when Graph does not go on from the mark, or when so much has changed
        that a listing is cheaper; any other DeskError when one page or one user could not be read.

        An item of the delta holds no more than what changed, items come in no order and may be
        told again later, and how a license is held is not in them at all. So everybody touched is
        read, by id, which knows of a change before any list does. Who is not found although
        nobody told of a deletion may have been made a moment ago: then the old mark is given
        back, and the next reading is told of the same users again (a link can be followed twice).
        """
        try:
            told, later = await self._follow(graph_changes.changes_since(since), tenant)
        except DeskError as error:
            if graph_changes.forgotten(error):
                raise _lost("Microsoft no longer tells what changed since then.") from error
            raise
        users, missing = await self._read([*told], tenant)
        expected = all(told[user] for user in missing)
        return Changes(users, missing, later if expected else since)

    async def _follow(
        self, request: ApiRequest, tenant: TenantId
    ) -> tuple[dict[UserId, bool], ChangeMark]:
        """Everybody told of, and whether a deletion was; and the next mark."""
        told: dict[UserId, bool] = {}
        later: list[ChangeMark] = []

        def parse(response: ApiResponse, request: ApiRequest) -> Page[None]:
            page = graph_changes.parse_changes(response, request)
            told.update(dict.fromkeys(page.removed, True))
            for user in page.changed:
                told.setdefault(user, False)
            if page.later is not None:
                later.append(ChangeMark(page.later.path))
            return Page((), page.next)

        peek = partial(graph.peek_next, request=request)
        async with closing(self._client.pages(request, parse, tenant, peek=peek)) as pages:
            async for _ in pages:
                if len(told) > self._most:
                    raise _lost("Very many users have changed.")
        if not later:
            raise unexpected("no delta link")
        return told, later[-1]

    async def _read(
        self, touched: Sequence[UserId], tenant: TenantId
    ) -> tuple[list[User], frozenset[UserId]]:
        """How these users are now, and those who are not found."""
        requests = [graph_users.user(user) for user in touched]
        parse = graph_users.UserPages()
        users: list[User] = []
        missing: list[UserId] = []
        answers = await send_batch(self._client, requests, tenant, sleep=self._sleep)
        for user, answer in zip(touched, answers, strict=True):
            if isinstance(answer, ApiResponse):
                users.append(parse.one(answer))
            elif isinstance(answer, NotFound):
                missing.append(user)
            else:
                raise answer
        return users, frozenset(missing)


def _lost(why: str) -> ChangesLost:
    return ChangesLost(why, next_step="Everything is read again.")
