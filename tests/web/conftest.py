from collections.abc import AsyncIterator

import httpx
import pytest

from shared.settings import Settings
from tests.web.application import HOST, Received, make_app, make_settings


@pytest.fixture
def settings() -> Settings:
    return make_settings()


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture
async def people(settings: Settings, received: Received) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's place: somebody who has said nothing about language."""
    transport = httpx.ASGITransport(make_app(settings, received), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
        yield client
