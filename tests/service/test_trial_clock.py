"""The movable clock reaches every replica of a service, though only one of them applies the event."""

from contextlib import AsyncExitStack
from datetime import timedelta

from motesplats_events import TrialClockMoved
from shared.delivery import Delivery, Transaction
from shared.mongo import Database
from shared.service import Service, asgi
from shared.settings import Settings
from tests.delivery.conftest import at_work, until

DAYS = 3


async def no_indexes(_: Database) -> None:
    pass


async def move(tx: Transaction) -> None:
    tx.publish(TrialClockMoved(ahead_by_seconds=DAYS * 86_400), sequence=1)


async def test_a_moved_clock_reaches_both_replicas_and_one_that_joins_later(settings: Settings, topics: None) -> None:
    trial = settings.model_copy(update={"trial": True})
    deliveries = [Delivery("follows", trial) for _ in range(3)]
    apps = [asgi([Service("follows", delivery, [], no_indexes)], trial) for delivery in deliveries]
    async with AsyncExitStack() as stack:
        for app in apps[:2]:
            await stack.enter_async_context(app.router.lifespan_context(app))
        registration = await stack.enter_async_context(at_work(Delivery("registration", trial)))
        await registration.transact(move)

        async def moved() -> bool:
            return all(delivery.clock.ahead_by == timedelta(days=DAYS) for delivery in deliveries[:2])

        await until(moved)
        await stack.enter_async_context(apps[2].router.lifespan_context(apps[2]))
        assert deliveries[2].clock.ahead_by == timedelta(days=DAYS)
