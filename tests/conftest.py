"""What every test can ask for: a real store and broker, and a whole platform. Each is started when first asked for."""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from shared import kafka
from shared.embedded import Addresses, DataFolder, EmbeddedPair
from shared.embedded.children import free_port, spawn
from shared.embedded.pair import broker_command, broker_program
from shared.settings import Settings
from tests.containers import images
from tests.platforms import Platform, started

SECRET_KEY = "a key for tests that is long enough"

# Where the embedded pair differs from Apache Kafka in a container; docs/decisions/0010-containers.md says what follows.
EMBEDDED: dict[str, Any] = {
    "kafka_assign_partitions": True,
    "kafka_idempotent": False,
    "kafka_partitions": 1,
    "kafka_poll_ms": 10,
}
CONTAINERS: dict[str, Any] = {
    "kafka_assign_partitions": False,
    "kafka_idempotent": True,
    "kafka_partitions": 6,
}

# What a developer has set for a platform of their own must not reach the tests.
for name in [n for n in os.environ if n.startswith(("KAFKA_", "MONGODB_", "MOTESPLATS_", "SMTP_", "SMS_", "MAIL_"))]:
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
def containers() -> Iterator[Addresses]:
    """Apache Kafka and the store in containers."""
    if reason := images.cannot_run("kafka", "store"):
        pytest.skip(reason)
    from tests.containers.pair import ContainerPair

    # The tests make groups and wait for them; compiling the broker's code well would take the processor they need.
    pair = ContainerPair.start(KAFKA_JVM_PERFORMANCE_OPTS="-XX:TieredStopAtLevel=1")
    yield pair.addresses
    pair.stop()


@pytest.fixture(scope="session")
def connection(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Keyword settings for any service's `Settings`, in trial mode.

    They lead to the embedded pair, or to the one that a folder's `pytest_generate_tests` names: `tests/delivery`
    runs on both.
    """
    where = getattr(request, "param", "embedded")
    addresses: Addresses = request.getfixturevalue(where)
    return {
        "kafka_bootstrap_servers": addresses.kafka_bootstrap_servers,
        "kafka_replication": 1,
        "mongodb_uri": addresses.mongodb_uri,
        "secret_key": SECRET_KEY,
        "trial": True,
        **(EMBEDDED if where == "embedded" else CONTAINERS),
    }


@pytest.fixture(scope="module")
def broker(connection: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The broker of one module: what other modules left on its topics would all have to be read first."""
    if not connection["kafka_assign_partitions"]:
        yield str(connection["kafka_bootstrap_servers"])
        return
    port = free_port()
    log = tmp_path_factory.mktemp("broker") / "broker.log"
    child = spawn("broker", broker_command(broker_program(), port), port=port, log=log)
    child.wait_until_it_listens()
    yield child.address
    child.stop()


@pytest.fixture(scope="module")
async def topics(connection: dict[str, Any], broker: str) -> None:
    """Every topic exists."""
    await kafka.create_topics(Settings(**{**connection, "kafka_bootstrap_servers": broker}))


@pytest.fixture(scope="session")
async def store(connection: dict[str, Any]) -> AsyncIterator[AsyncIOMotorClient[dict[str, Any]]]:
    """A client of the store that `connection` names."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(connection["mongodb_uri"])
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
def given(connection: dict[str, Any], broker: str, topics: None, database: str) -> dict[str, Any]:
    """Keyword settings with databases of this test's own: `Settings(**given)` for the settings of any service."""
    return {**connection, "kafka_bootstrap_servers": broker, "mongodb_prefix": database}


@pytest.fixture
def settings(given: dict[str, Any]) -> Settings:
    """Settings with databases of this test's own, and topics shared with the other tests of the module."""
    return Settings(**given)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The four services in one process on a real port, in trial mode, with a store and broker of its own."""
    with started(tmp_path_factory.mktemp("platform") / "data", "--no-demo") as running:
        yield running
