"""What runs beside the requests: kept going, and ended."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from time import monotonic
from typing import Any

from shared.logs import logger

log = logger(__name__)

AGAIN_SECONDS = 10.0


async def forever(service: str, task: Callable[[], Awaitable[None]]) -> None:
    """Run it, again and again: one that fails or ends is started anew, after a pause."""
    pause = 0.5
    while True:
        started = monotonic()
        try:
            await task()
        except Exception:
            log.exception("task_failed", service=service, task=getattr(task, "__name__", "task"))
        if monotonic() - started > 60:
            pause = 0.5
        await asyncio.sleep(pause)
        pause = min(pause * 2, 30.0)


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
