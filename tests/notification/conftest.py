"""The notification service with everything around it real: store, events as the broker hands them out, SMTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.notification import store
from services.notification.settings import Settings
from tests.notification.running import HOST, Running, runs
from tests.notification.world import MailServer, World


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def world(mail_server: MailServer, notification_settings: Settings) -> AsyncIterator[World]:
    world = World(notification_settings, mail_server)
    await world.delivery.indexes()
    await store.indexes(world.delivery.db)
    yield world
    await world.sender._hang_up()
    world.delivery.db.client.close()


@pytest.fixture
def notification_settings(given: dict[str, Any]) -> Settings:
    return Settings(**given, smtp_host="127.0.0.1", smtp_tls="none")


@pytest.fixture
async def running(given: dict[str, Any]) -> AsyncIterator[Running]:
    async with runs(Settings(**given, public_url=HOST)) as running:
        yield running
