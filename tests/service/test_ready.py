"""Readiness looks at what has been got through, not only at whether a task is alive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from motesplats_events import SessionHeld
from shared import kafka
from shared.delivery import Delivery, Transaction
from shared.settings import Settings
from tests.delivery.conftest import until


@pytest.fixture
def delivery(settings: Settings, topics: None) -> Delivery:
    """A service that reads one topic."""
    found = Delivery("reader", settings)

    @found.on(SessionHeld)
    async def on_session_held(tx: Transaction, event: SessionHeld, envelope: object) -> None:
        pass

    return found


@asynccontextmanager
async def at_work(delivery: Delivery) -> AsyncIterator[None]:
    """Running, and reading."""

    async def ready() -> bool:
        return not await delivery.troubles()

    async with delivery.running():
        await until(ready)
        yield


async def test_a_service_at_work_has_no_troubles(delivery: Delivery) -> None:
    await delivery.indexes()
    async with at_work(delivery):
        assert await delivery.troubles() == []


async def test_a_service_serves_while_it_waits_for_its_place_in_the_group(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def waits(_: kafka.Subscriber) -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(kafka.Subscriber, "start", waits)
    await delivery.indexes()
    async with asyncio.timeout(5), delivery.running():
        assert await delivery.troubles() == ["it does not read events yet"]


async def test_a_relay_that_died_is_a_trouble(delivery: Delivery) -> None:
    await delivery.indexes()
    async with at_work(delivery):
        delivery._relay_task.cancel()
        await asyncio.wait([delivery._relay_task])
        assert await delivery.troubles() == ["the relay has stopped"]


async def test_an_old_last_progress_is_a_trouble(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    await delivery.indexes()
    async with at_work(delivery):
        monkeypatch.setattr("shared.delivery.delivery.STUCK", timedelta(seconds=-60))
        delivery.relay.progressed_at = datetime.now(UTC)
        assert "the relay has not got through" in (await delivery.troubles())[0]
