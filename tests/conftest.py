"""What every test can ask for: a real store and broker, and a whole platform. Each is started when first asked for."""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from shared import kafka
from shared.embedded import Addresses, DataFolder, EmbeddedPair
from shared.settings import Settings
from tests.platforms import Platform, started

SECRET_KEY = "a key for tests that is long enough"

# What a developer has set for a platform of their own must not reach the tests.
for name in [n for n in os.environ if n.startswith(("KAFKA_", "MONGODB_", "MOTESPLATS_", "SMTP_", "MAIL_"))]:
    del os.environ[name]
for name in ("PUBLIC_URL", "HOST", "PORT"):
    os.environ.pop(name, None)


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """The embedded store and broker, as a platform has them."""
    folder = DataFolder.open(tmp_path_factory.mktemp("embedded"))
    pair = EmbeddedPair.start(folder)
    yield pair.wait()
    pair.stop()
    folder.close()


@pytest.fixture(scope="session")
def connection(embedded: Addresses) -> dict[str, Any]:
    """Keyword settings for any service's `Settings`: the embedded pair, in trial mode."""
    return {
        "kafka_bootstrap_servers": embedded.kafka_bootstrap_servers,
        "kafka_assign_partitions": True,
        "kafka_idempotent": False,
        "kafka_partitions": 1,
        "kafka_replication": 1,
        "kafka_poll_ms": 10,
        "mongodb_uri": embedded.mongodb_uri,
        "secret_key": SECRET_KEY,
        "trial": True,
    }


@pytest.fixture(scope="session")
async def topics(connection: dict[str, Any]) -> None:
    """Every topic exists."""
    await kafka.create_topics(Settings(**connection))


@pytest.fixture(scope="session")
async def store(embedded: Addresses) -> AsyncIterator[AsyncIOMotorClient[dict[str, Any]]]:
    """A client of the store."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(embedded.mongodb_uri)
    yield client
    client.close()


@pytest.fixture
async def database(store: AsyncIOMotorClient[dict[str, Any]]) -> AsyncIterator[str]:
    """How the names of this test's databases begin; they are dropped after it."""
    prefix = f"t{uuid4().hex[:12]}"
    yield prefix
    for name in await store.list_database_names():
        if name.startswith(prefix):
            await store.drop_database(name)


@pytest.fixture
def given(connection: dict[str, Any], topics: None, database: str) -> dict[str, Any]:
    """Keyword settings with databases of this test's own: `Settings(**given)` for the settings of any service."""
    return {**connection, "mongodb_prefix": database}


@pytest.fixture
def settings(given: dict[str, Any]) -> Settings:
    """Settings with databases of this test's own, and topics shared with the other tests."""
    return Settings(**given)


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The four services in one process on a real port, in trial mode, with a store and broker of its own."""
    with started(tmp_path_factory.mktemp("platform") / "data", "--no-demo") as running:
        yield running
