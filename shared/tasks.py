"""Ending what runs beside the requests."""

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN_SECONDS = 10.0


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and return when all have ended.

    One that goes on is cancelled again after some seconds: a library that waits with a time limit of its own can take
    being cancelled for an answer that came in time, and who had called it would then run for ever.
    """
    all_of_them = list(tasks)
    pending = set(all_of_them)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
    await asyncio.gather(*all_of_them, return_exceptions=True)
