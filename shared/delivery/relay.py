"""Sends what was committed, in order. One relay per service works at a time; the others stand by."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic

import uuid_utils
from aiokafka import AIOKafkaProducer

from motesplats_events import Event
from shared import kafka
from shared.delivery.transaction import Reading, envelope_of
from shared.logs import logger
from shared.mongo import Database, Document, DuplicateKeyError, UpdateOne, is_outage
from shared.settings import Settings

log = logger(__name__)

BATCH = 500
POLL_SECONDS = 0.5
LEASE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 5.0
Reader = Callable[[Reading, str], Awaitable[Event | None]]


def in_order_of_each_key(rows: Sequence[Document]) -> list[Document]:
    """The same rows with those of one topic and key by rising sequence, whatever clocks numbered them.

    `order` comes from the clocks of several processes; the sequence was numbered in the transaction.
    """
    by_key: defaultdict[tuple[str, str], list[Document]] = defaultdict(list)
    for row in rows:
        by_key[row["topic"], row["key"]].append(row)
    following = {key: iter(sorted(own, key=lambda row: int(row["sequence"]))) for key, own in by_key.items()}
    return [next(following[row["topic"], row["key"]]) for row in rows]


class LeaseHeldElsewhere(Exception):
    """Another process sends for this service."""


class Relay:
    """Reads unsent outbox rows, sends them and marks them.

    A row is marked only after every in-sync replica has its event. A relay that dies in between, or is overtaken by
    another after a long pause, sends events twice, each relay in order; the reader's inbox knows them by their ids.

    Attributes:
        wake: set it after a commit, so that the relay does not wait for its next poll.
        progressed_at: real time when the outbox was last read and sent without an error, or left to another process.
    """

    def __init__(self, service: str, db: Database, settings: Settings, readers: dict[str, Reader]) -> None:
        self._service = service
        self._db = db
        self._settings = settings
        self._readers = readers
        self._holder = str(uuid_utils.uuid4())
        self._renew_at = 0.0
        self.wake = asyncio.Event()
        self.progressed_at = datetime.now(UTC)

    async def run(self) -> None:
        """Work until cancelled. An outage of store or broker is waited out."""
        producer: AIOKafkaProducer | None = None
        pause = 0.1
        try:
            while True:
                try:
                    if producer is None:
                        producer = await self._start_producer()
                    await self._hold_lease()
                    sent = await self._send_batch(producer)
                except LeaseHeldElsewhere:
                    self.progressed_at = datetime.now(UTC)
                    await asyncio.sleep(LEASE_SECONDS / 3)
                except Exception as error:
                    if is_outage(error) or isinstance(error, kafka.KafkaError | OSError):
                        log.warning("relay_waits", service=self._service, error=type(error).__name__)
                    else:
                        log.exception("relay_failed", service=self._service)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                else:
                    pause = 0.1
                    self.progressed_at = datetime.now(UTC)
                    if not sent:
                        await self._rest()
        finally:
            await self._let_go(producer)

    async def _start_producer(self) -> AIOKafkaProducer:
        producer = kafka.producer(self._settings)
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self.wake.wait()
        except TimeoutError:
            return
        finally:
            self.wake.clear()

    async def _hold_lease(self) -> None:
        if monotonic() < self._renew_at:
            return
        now = datetime.now(UTC)
        until = now + timedelta(seconds=LEASE_SECONDS)
        renewed = await self._db.leases.update_one({"_id": "relay", "holder": self._holder}, {"$set": {"until": until}})
        if not renewed.matched_count:
            try:
                await self._db.leases.update_one(
                    {"_id": "relay", "until": {"$lt": now}},
                    {"$set": {"holder": self._holder, "until": until}},
                    upsert=True,
                )
            except DuplicateKeyError:
                raise LeaseHeldElsewhere from None
        self._renew_at = monotonic() + LEASE_SECONDS / 3

    async def _send_batch(self, producer: AIOKafkaProducer) -> int:
        unsent = self._db.outbox.find({"sent": False}).sort("order", 1).limit(BATCH)
        rows = in_order_of_each_key(await unsent.to_list(BATCH))
        futures = [
            await producer.send(
                row["topic"],
                value=await self._value(row),
                key=row["key"].encode(),
                headers=envelope_of(row, self._service).headers(),
            )
            for row in rows
        ]
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        failed = {row["key"] for row, outcome in zip(rows, outcomes, strict=True) if isinstance(outcome, BaseException)}
        # A key with a failure is sent again whole, so that its order on the topic is right at the first sight of each.
        arrived = [UpdateOne({"_id": row["_id"]}, {"$set": {"sent": True}}) for row in rows if row["key"] not in failed]
        if arrived:
            await self._db.outbox.bulk_write(arrived, ordered=False)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return len(rows)

    async def _value(self, row: Document) -> bytes | None:
        if row["value"] is not None:
            return str(row["value"]).encode()
        event = await self._readers[row["topic"]](Reading(self._db), row["key"])
        return event.model_dump_json().encode() if event else None

    async def _let_go(self, producer: AIOKafkaProducer | None) -> None:
        if producer is not None:
            await producer.stop()
        try:
            await self._db.leases.delete_one({"_id": "relay", "holder": self._holder})
        except Exception as error:
            # The lease runs out by itself.
            log.warning("lease_left_behind", service=self._service, error=type(error).__name__)
