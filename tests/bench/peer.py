"""event-outbox draining the same backlog: outbox → Kafka → inbox and effect in another service.

Runs in a virtual environment of its own and imports nothing of ours:

    python peer.py BOOTSTRAP_SERVERS MONGODB_URI TOPIC PARTITIONS NUMBER   prints the seconds

It publishes what a consumer of its own is assigned, so the publishing service has one that reads nothing. Only its
publishing loop runs there and only its handling loop in the reading service, which is as fast as it can be used.
"""

# mypy: ignore-errors

import asyncio
import random
import sys
from time import perf_counter
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from event_outbox import Event, EventOutbox
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

KEYS, ZIPF = 1_000, 1.1


async def main(servers: str, uri: str, topic: str, partitions: int, number: int) -> float:
    client = AsyncIOMotorClient(uri)
    durable = {"write_concern": WriteConcern("majority", j=True), "read_concern": ReadConcern("majority")}
    writing = client.get_database(f"peer_writer_{uuid4().hex[:8]}", **durable)
    reading = client.get_database(f"peer_reader_{uuid4().hex[:8]}", **durable)
    await reading.create_collection("effects")
    for db in (writing, reading):
        await db.create_collection("transactional-outbox")
        await db.create_collection("transactional-inbox")
    where = [TopicPartition(topic, n) for n in range(partitions)]
    ends = []
    outboxes = []
    for db, name in ((writing, "writer"), (reading, "reader")):
        consumer = AIOKafkaConsumer(
            bootstrap_servers=servers,
            group_id=f"peer-{name}-{uuid4().hex[:8]}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=10,
        )
        await consumer.start()
        consumer.assign(where)
        producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all")
        await producer.start()
        ends += [consumer, producer]
        outboxes.append(EventOutbox(client, producer, consumer, mongo_db=db))
    writer, reader = outboxes
    for outbox in outboxes:
        await outbox.create_indexes()

    chosen = random.Random(1).choices(range(KEYS), [1 / (n + 1) ** ZIPF for n in range(KEYS)], k=number)
    async with await client.start_session() as session:
        while chosen:
            part, chosen = chosen[:100], chosen[100:]
            async with session.start_transaction(), writer.event_listener(session) as listener:
                for key in part:
                    listener.event_occurred(
                        Event(
                            topic=topic,
                            content_schema="assignment-completed",
                            partition_key=key,
                            assignment_id=f"aggregate-{key}",
                            programme_id="programme",
                            organiser="Region Nord",
                            municipality="Umeå",
                            hours=1,
                            people_met=3,
                        )
                    )

    done, finished = 0, asyncio.Event()

    async def handle(event, session) -> None:
        nonlocal done
        await reading.effects.insert_one({"subject": event.assignment_id, "sequence": 1}, session=session)
        done += 1
        if done >= number:
            finished.set()

    started = perf_counter()
    async with writer._run_publish_events_task(), reader._run_handle_events_task(handle):
        async with asyncio.timeout(600):
            await finished.wait()
    took = perf_counter() - started
    for end in ends:
        await end.stop()
    for db in (writing, reading):
        await client.drop_database(db.name)
    return took


if __name__ == "__main__":
    bootstrap, store, name, number_of_partitions, events = sys.argv[1:]
    sys.stdout.write(f"{asyncio.run(main(bootstrap, store, name, int(number_of_partitions), int(events)))}\n")
