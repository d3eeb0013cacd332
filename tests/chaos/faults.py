"""What is done to the platform while people use it. Each fault ends by itself; `House.heal` does what is left."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from motesplats_events import EVENTS
from tests.chaos.house import SERVICES, House
from tests.chaos.serve import POINTS

# Which services come to a point in every trial: all apply events; registration and volunteers are asked and publish;
# the other two consume most.
COMES_BY: Mapping[str, Sequence[str]] = {
    "before_commit": SERVICES,
    "commit_publish": ("registration", "volunteers"),
    "publish_mark": ("registration", "volunteers"),
    "mark_publish": ("registration", "volunteers"),
    "effect_offset": ("notification", "evaluation"),
    "offset_effect": ("notification", "evaluation"),
}
# Longer than a relay's lease and than the broker waits for a reader.
LONG_SECONDS = 14.0
# A relay that was killed in the trial before holds its lease for ten seconds.
REACHED_SECONDS = 40.0
# Keys of records that are bad on purpose begin so.
POISON = b"poison-"

Fault = Callable[[House, random.Random], Awaitable[None]]


def at_point(point: str, number: int) -> Fault:
    """A service is killed or stopped at a named point, whichever of its replicas comes by first."""

    async def fault(house: House, chance: random.Random) -> None:
        service = chance.choice(COMES_BY[point])
        (house.points / service / point).write_text(str(int(number)))
        end = monotonic() + REACHED_SECONDS
        while (house.points / service / point).exists():
            assert monotonic() < end, f"no replica of {service} came to {point}"
            await asyncio.sleep(0.1)
        if number == signal.SIGSTOP:
            # The long time, so that the other replica takes over and the stopped one comes back late.
            await asyncio.sleep(chance.choice((1.0, LONG_SECONDS)))

    return fault


async def broker_restart(house: House, chance: random.Random) -> None:
    """The broker is killed and comes back."""
    await _restart(house, "kafka", chance)


async def store_restart(house: House, chance: random.Random) -> None:
    """The store is killed and comes back."""
    await _restart(house, "store", chance)


async def _restart(house: House, name: str, chance: random.Random) -> None:
    await asyncio.to_thread(house.pair.kill, name)
    await asyncio.sleep(chance.choice((0.2, 1.0, 3.0, LONG_SECONDS)))
    await asyncio.to_thread(house.pair.start_again, name)


async def replicas_come_and_go(house: House, chance: random.Random) -> None:
    """A third replica joins, and another leaves in good order."""
    service = chance.choice(SERVICES)
    house.join(service)
    await asyncio.sleep(chance.uniform(0.5, 3.0))
    await house.leave(next(house.of(service)))


async def killed_anywhere(house: House, chance: random.Random) -> None:
    """kill -9 at no point in particular."""
    await house.leave(next(house.of(chance.choice(SERVICES))), signal.SIGKILL)


async def bad_bytes(house: House, _: random.Random) -> None:
    """What no service can read, on every topic: no envelope, null headers, no JSON, an empty value."""
    broken: Sequence[tuple[bytes | None, list[tuple[str, bytes | None]]]] = [
        (b"\xff\xfe not an event", []),
        (b"{}", [("ce_id", None), ("ce_specversion", None)]),
        (None, [("ce_specversion", b"1.0"), ("ce_id", b"\xff")]),
    ]
    async with _producer(house) as producer:
        for event in EVENTS:
            for value, headers in broken:
                key = POISON + uuid4().hex.encode()
                await producer.send_and_wait(event.topic, value=value, key=key, headers=headers)
                house.poison[event.topic] += 1


async def future_version(house: House, _: random.Random) -> None:
    """A version that no service knows yet, on every topic."""
    async with _producer(house) as producer:
        for event in EVENTS:
            key = POISON.decode() + uuid4().hex
            headers = {
                "ce_specversion": "1.0",
                "ce_id": str(uuid4()),
                "ce_type": event.event_type().replace(".v1", ".v2"),
                "ce_source": "/motesplats/future",
                "ce_subject": key,
                "ce_time": datetime.now(UTC).isoformat(),
                "ce_sequence": "1",
            }
            encoded = [(name, value.encode()) for name, value in headers.items()]
            await producer.send_and_wait(event.topic, value=b'{"new": true}', key=key.encode(), headers=encoded)
            house.poison[event.topic] += 1


def from_the_start(services: Sequence[str]) -> Fault:
    """One of these services loses its offsets and consumes all topics again."""

    async def fault(house: House, chance: random.Random) -> None:
        service = chance.choice(services)
        for replica in list(house.of(service)):
            await house.leave(replica)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=house.pair.addresses.kafka_bootstrap_servers, group_id=service, enable_auto_commit=False
        )
        await consumer.start()
        try:
            partitions = [TopicPartition(event.topic, number) for event in EVENTS for number in range(3)]
            consumer.assign(partitions)
            await consumer.commit(dict.fromkeys(partitions, 0))
        finally:
            await consumer.stop()
        house.join(service)

    return fault


def cut(end: str) -> Fault:
    """The network between a service and its broker or store is down for a while."""

    async def fault(house: House, chance: random.Random) -> None:
        road = house.roads[chance.choice(SERVICES), end]
        road.cut = True
        await asyncio.sleep(chance.uniform(0.5, 5.0))
        road.cut = False

    return fault


def silence(end: str) -> Fault:
    """Nothing comes through between a service and its broker or store, and no connection is closed."""

    async def fault(house: House, chance: random.Random) -> None:
        road = house.roads[chance.choice(SERVICES), end]
        road.flowing.clear()
        await asyncio.sleep(LONG_SECONDS)
        road.flowing.set()

    return fault


def _producer(house: House) -> AIOKafkaProducer:
    return AIOKafkaProducer(bootstrap_servers=house.pair.addresses.kafka_bootstrap_servers, acks="all")


FAULTS: Mapping[str, Fault] = {
    **{f"kill at {point}": at_point(point, signal.SIGKILL) for point in POINTS},
    **{f"stop at {point}": at_point(point, signal.SIGSTOP) for point in POINTS},
    "kill anywhere": killed_anywhere,
    "broker killed": broker_restart,
    "store killed": store_restart,
    "replicas join and leave": replicas_come_and_go,
    "bad bytes": bad_bytes,
    "future version": future_version,
    "consumed from the start": from_the_start(SERVICES),
    "cut from broker": cut("broker"),
    "cut from store": cut("store"),
    "silence from broker": silence("broker"),
    "silence from store": silence("store"),
}
# What each negative control needs to show that something is missing.
CONTROL_FAULTS: Mapping[str, Fault] = {
    # Registration hears of nothing in the first seconds.
    "inbox_off": from_the_start(("notification", "evaluation", "volunteers")),
    "offsets_first": at_point("offset_effect", signal.SIGKILL),
    "marks_first": at_point("mark_publish", signal.SIGKILL),
}
