"""Broker and store away for longer than a minute, and a store whose disk is full."""

import asyncio
import logging
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo.errors import PyMongoError
from structlog.testing import capture_logs

from motesplats_events import AssignmentCompleted, ParticipantContactChanged
from shared import kafka
from shared.delivery import Delivery, Transaction
from shared.settings import Settings
from tests.conftest import CONTAINERS, SECRET_KEY
from tests.containers import images
from tests.delivery.conftest import Reader, at_work, completed, until

# Readiness calls a service stuck after a minute.
AWAY_SECONDS = 63.0
DISK_MB = 150


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """As where the platform runs: thousands of lines about one lost connection."""
    caplog.set_level(logging.CRITICAL, "aiokafka")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small disk of its own for the store."""
    if reason := images.cannot_run("kafka", "store"):
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("disk")
    image, disk = folder / "image", folder / "mounted"
    disk.mkdir()
    with image.open("wb") as file:
        file.truncate(DISK_MB * 2**20)
    made = subprocess.run(["mkfs.ext4", "-q", str(image)], capture_output=True, check=False)
    mounted = made.returncode == 0 and subprocess.run(["mount", "-o", "loop", str(image), str(disk)], check=False)
    if not mounted or mounted.returncode:
        pytest.skip("a small disk cannot be mounted here (needs root and loop devices)")
    disk.chmod(0o777)
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture(scope="module")
def pair(disk: Path) -> Iterator[Any]:
    from tests.containers.pair import ContainerPair

    started = ContainerPair.start(store_on=disk, KAFKA_JVM_PERFORMANCE_OPTS="-XX:TieredStopAtLevel=1")
    yield started
    started.stop()


@pytest.fixture
async def services(pair: Any) -> AsyncIterator[tuple[Delivery, Reader]]:
    where = pair.addresses
    given: dict[str, Any] = {
        "kafka_bootstrap_servers": where.kafka_bootstrap_servers,
        "mongodb_uri": where.mongodb_uri,
        "secret_key": SECRET_KEY,
        "mongodb_prefix": f"t{uuid4().hex[:8]}",
    }
    settings = Settings(**given, **CONTAINERS)
    await kafka.create_topics(settings, [AssignmentCompleted, ParticipantContactChanged])
    async with AsyncExitStack() as stack:
        reader = Reader(settings)
        await stack.enter_async_context(at_work(reader.delivery))
        writer = await stack.enter_async_context(at_work(Delivery("writer", settings)))
        await _settled(writer, reader)
        yield writer, reader


async def test_a_broker_away_for_longer_than_a_minute_loses_nothing(
    pair: Any, services: tuple[Delivery, Reader]
) -> None:
    writer, reader = services
    subjects = [str(uuid4()) for _ in range(20)]
    with capture_logs() as lines:
        pair.kill("kafka")
        for subject in subjects:
            await writer.transact(announce(subject))
        await _can_leave(writer._settings)
        await asyncio.sleep(AWAY_SECONDS)
        assert "the relay has not got through to store and broker for a minute" in await writer.troubles()
        assert any("broker does not answer" in trouble for trouble in await reader.delivery.troubles())
        await asyncio.to_thread(pair.start_again, "kafka")
        for subject in subjects:
            await until(lambda s=subject: reader.has(s, 1), within=60)  # type: ignore[misc]
    said = [line["event"] for line in lines if line.get("service") == writer.service]
    assert said.count("relay_waits") == said.count("relay_goes_on") == 1
    await _all_well(writer, reader)


async def test_a_store_away_for_longer_than_a_minute_loses_nothing(
    pair: Any, services: tuple[Delivery, Reader]
) -> None:
    writer, reader = services
    producer = kafka.producer(writer._settings)
    await producer.start()
    subjects = [str(uuid4()) for _ in range(5)]
    with capture_logs() as lines:
        pair.kill("store")
        for subject in subjects:
            await _put(producer, subject)
        await asyncio.sleep(AWAY_SECONDS)
        assert any("store does not answer" in trouble for trouble in await writer.troubles())
        assert any("none has been applied for a minute" in trouble for trouble in await reader.delivery.troubles())
        await asyncio.to_thread(pair.start_again, "store")
        for subject in subjects:
            await until(lambda s=subject: reader.has(s, 1), within=60)  # type: ignore[misc]
    await producer.stop()
    said = [line["event"] for line in lines]
    assert said.count("inbox_waits") == said.count("inbox_goes_on") == 1
    assert "event_parked" not in said
    await _all_well(writer, reader)


async def test_a_full_disk_at_the_store_loses_nothing_that_was_acknowledged(
    pair: Any, disk: Path, services: tuple[Delivery, Reader]
) -> None:
    writer, reader = services
    producer = kafka.producer(writer._settings)
    await producer.start()
    ballast = disk / "ballast"
    _fill(ballast)
    acknowledged = []
    with capture_logs() as lines:
        with pytest.raises((PyMongoError, TimeoutError)):
            for _ in range(2_000):
                subject = str(uuid4())
                await writer.transact(announce(subject, note="x" * 50_000))
                acknowledged.append(subject)
        waiting = {str(uuid4()): str(uuid4()) for _ in range(3)}
        for subject, id in waiting.items():
            await _put(producer, subject, id)

        async def named() -> bool:
            return bool(_named(lines))

        await until(named, within=60)
        ballast.unlink()
        await asyncio.to_thread(pair.kill, "store")
        await asyncio.to_thread(pair.start_again, "store")
        for subject in [*acknowledged, *waiting]:
            await until(lambda s=subject: reader.has(s, 1), within=90)  # type: ignore[misc]
    await producer.stop()
    assert acknowledged
    assert _named(lines) <= {row["_id"] async for row in writer.db.outbox.find({}, {"_id": 1})} | set(waiting.values())
    assert "event_parked" not in [line["event"] for line in lines]
    await _all_well(writer, reader)


async def _can_leave(settings: Settings) -> None:
    """Whoever has something to send while the broker is away can still end in good order, and leaves it to others."""
    leaves = Delivery("leaves", settings)
    async with asyncio.timeout(20), at_work(leaves):
        await leaves.transact(announce(str(uuid4())))
        await asyncio.sleep(1)


def announce(subject: str, note: str = "") -> Callable[[Transaction], Any]:
    async def work(tx: Transaction) -> None:
        await tx.db.effects.insert_one({"subject": subject, "note": note}, session=tx.session)
        tx.publish(completed(subject), sequence=1)

    return work


async def _put(producer: Any, subject: str, id: str = "") -> None:
    from tests.delivery.conftest import send

    await send(producer, completed(subject), 1, id=id)


async def _settled(writer: Delivery, reader: Reader) -> None:
    subject = str(uuid4())
    await writer.transact(announce(subject))
    await until(lambda: reader.has(subject, 1), within=30)


async def _all_well(writer: Delivery, reader: Reader) -> None:
    assert await writer.relay.waiting() == 0
    assert await reader.delivery.db.parked.count_documents({}) == 0

    async def ready() -> bool:
        return not await writer.troubles() and not await reader.delivery.troubles()

    await until(ready, within=60)


def _named(lines: list[Any]) -> set[str]:
    """The events that the log names as not applied, whether the store refuses or does not answer any more."""
    said = ("inbox_waits", "batch_failed")
    return {id for line in lines if line["event"] in said for id in line["events"]}


def _fill(ballast: Path) -> None:
    """Take what is left of the disk."""
    with ballast.open("wb") as file:
        try:
            while True:
                os.write(file.fileno(), b"x" * 2**20)
        except OSError:
            return
