"""The evaluation service on a real store: events as they come from the broker, people by HTTP."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest_asyncio
from hypothesis import settings

from services.evaluation import store
from services.evaluation.settings import Settings
from tests.evaluation.course import Course, House
from tests.evaluation.region import Region

# How long an example takes says more about the machine than about the measure.
settings.register_profile("patient", deadline=None, max_examples=50)
settings.load_profile("patient")


@pytest_asyncio.fixture(scope="session")
async def house(connection: dict[str, Any]) -> AsyncIterator[House]:
    """The service with a database of its own, wired once."""
    found = House(Settings(**connection, mongodb_prefix=f"t{uuid4().hex[:12]}"))
    db = found.delivery.db
    await found.delivery.indexes()
    await store.indexes(db)
    async with found.client:
        yield found
    await db.client.drop_database(db.name)
    db.client.close()


@pytest_asyncio.fixture
async def course(house: House) -> AsyncIterator[Course]:
    """A course of two sessions that the service, which knows nothing yet, has not heard of."""
    yield Course(house)
    for name in await house.delivery.db.list_collection_names():
        await house.delivery.db[name].delete_many({})


@pytest_asyncio.fixture
async def region(house: House) -> AsyncIterator[Region]:
    """A region of which the service has not heard yet."""
    yield Region(house)
    for name in await house.delivery.db.list_collection_names():
        await house.delivery.db[name].delete_many({})
