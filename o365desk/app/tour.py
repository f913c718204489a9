"""Scripts that stand in for a person at the window: a picture, and a tour of the main job."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from o365desk.app.program import Program


async def take_screenshot(program: "Program", path: Path) -> int:
    """Waits until the tenant is read, and writes a picture of the window."""
    for _ in range(2000):
        work = program.desk.session.work
        if work is not None and work.complete and work.subscriptions is not None:
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    return 0 if program.window.grab().save(str(path)) else 1
