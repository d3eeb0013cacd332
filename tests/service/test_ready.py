"""Readiness looks at what has been got through, not only at whether a task is alive."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from motesplats_events import SessionHeld
from shared.delivery import Delivery, Transaction
from shared.settings import Settings


@pytest.fixture
def delivery(settings: Settings, topics: None) -> Delivery:
    """A service that reads one topic."""
    found = Delivery("reader", settings)

    @found.on(SessionHeld)
    async def on_session_held(tx: Transaction, event: SessionHeld, envelope: object) -> None:
        pass

    return found


async def test_a_service_at_work_has_no_troubles(delivery: Delivery) -> None:
    await delivery.indexes()
    async with delivery.running():
        assert await delivery.troubles() == []


async def test_a_relay_that_died_is_a_trouble(delivery: Delivery) -> None:
    await delivery.indexes()
    async with delivery.running():
        delivery._relay_task.cancel()
        await asyncio.wait([delivery._relay_task])
        assert await delivery.troubles() == ["the relay has stopped"]


async def test_an_old_last_progress_is_a_trouble(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    await delivery.indexes()
    async with delivery.running():
        monkeypatch.setattr("shared.delivery.delivery.STUCK", timedelta(seconds=-60))
        delivery.relay.progressed_at = datetime.now(UTC)
        assert "the relay has not got through" in (await delivery.troubles())[0]
