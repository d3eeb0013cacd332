"""What runs beside the requests ends when the service does."""

import asyncio

import pytest

from shared import tasks


async def test_a_task_that_did_not_notice_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.05)
    told = 0

    async def hard_of_hearing() -> None:
        nonlocal told
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                told += 1
                if told == 2:
                    raise

    async def fails() -> None:
        raise RuntimeError("before it is told")

    running = [asyncio.create_task(hard_of_hearing()), asyncio.create_task(fails())]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await tasks.end(running)
    assert told == 2
    assert all(task.done() for task in running)
