"""Where snapshots are kept: opened once, whoever asks for it meanwhile."""

import asyncio

from o365desk.app.connection_book import PRACTICE
from o365desk.app.keeping import Keeping


async def test_two_who_open_it_at_once_get_the_same_history() -> None:
    keeping = Keeping(PRACTICE, None)
    one, other = await asyncio.gather(keeping.open(), keeping.open())
    assert one is other
    await keeping.aclose()
