"""Applies events once, in order of their key, a batch in one transaction."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from motesplats_events import Envelope, Event
from shared import observing
from shared.delivery.outage import Outage
from shared.delivery.transaction import Transaction
from shared.kafka import Record
from shared.logs import logger
from shared.mongo import Document, DuplicateKeyError, is_away, is_outage

log = logger(__name__)

Handler = Callable[[Transaction, Any, Envelope], Awaitable[None]]
Transact = Callable[[Callable[[Transaction], Awaitable[None]]], Awaitable[None]]

# The longest id and key that are kept as they came; what is longer, somebody else's, by its hash.
LONGEST_NAME = 200
LONGEST_REASON = 300
TRIES = 5
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Received:
    """One record, read as far as it can be.

    Attributes:
        id: the event's own id; for what has none, a hash of the record.
        event: None for an empty value (a tombstone), and for what cannot be read.
        problem: why it cannot be read; None when it can.
    """

    id: str
    record: Record
    envelope: Envelope | None
    event: Event | None
    problem: str | None

    @property
    def key(self) -> bytes:
        """Topic and key: what must stay in order."""
        key = self.record.key or b""
        if len(key) > LONGEST_NAME:
            key = hashlib.sha256(key).digest()
        return f"{self.record.topic}\0".encode() + key


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one record.

    Attributes:
        outcome: `applied`, `known` or `parked`.
        age: platform time from the event to its effect, in seconds.
    """

    received: Received
    outcome: str
    reason: str = ""
    age: float = 0.0


def read(record: Record, event_types: dict[str, type[Event]]) -> Received:
    """Read any record; never raises."""
    event_type = event_types[record.topic]
    try:
        envelope = Envelope.of(dict(record.headers))
    except ValueError as error:
        return Received(_hash(record), record, None, None, str(error)[:LONGEST_REASON])
    problem = None
    event = None
    if envelope.type != event_type.event_type():
        problem = f"type {envelope.type} is not {event_type.event_type()}"
    elif record.value is None or record.value == b"":
        if not event_type.compacted or record.value is not None:
            problem = "the value is empty"
    else:
        try:
            event = event_type.model_validate_json(record.value)
        except ValidationError as error:
            where = "; ".join(
                f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors(include_input=False)[:5]
            )
            problem = f"the value does not fit {event_type.event_type()}: {where}"
    if problem is None and (record.key or b"") != envelope.subject.encode():
        problem = "the Kafka key is not ce_subject"
    if len(envelope.id) > LONGEST_NAME or not envelope.id.isprintable():
        return Received(_hash(record), record, envelope, None, "ce_id is no id")
    return Received(envelope.id, record, envelope, event, problem and problem[:LONGEST_REASON])


def _hash(record: Record) -> str:
    parts = [record.topic.encode(), record.key or b"", record.value or b"", repr(record.headers).encode()]
    return "sha256:" + hashlib.sha256(b"\0".join(parts)).hexdigest()


class Inbox:
    """What a service consumes, and what it has consumed.

    Attributes:
        progressed_at: real time when a record last had its effect or was parked.
        in_hand: how many records are being applied, and have not yet all had their effects.
        in_hand_since: real time when they were handed over.
    """

    def __init__(self, service: str, transact: Transact) -> None:
        self._service = service
        self._transact = transact
        self._outage = Outage("inbox", service)
        self._handlers: dict[str, tuple[type[Event], Handler]] = {}
        self.progressed_at = datetime.now(UTC)
        self.in_hand = 0
        self.in_hand_since = self.progressed_at

    @property
    def topics(self) -> Sequence[str]:
        """The topics that have a handler."""
        return list(self._handlers)

    def add(self, event_type: type[Event], handler: Handler) -> None:
        """Let `handler` apply events of this type. One handler per type."""
        assert event_type.topic not in self._handlers, f"{event_type.topic} already has a handler"
        self._handlers[event_type.topic] = (event_type, handler)

    @property
    def event_types(self) -> dict[str, type[Event]]:
        """The event type that each topic carries."""
        return {topic: event_type for topic, (event_type, _) in self._handlers.items()}

    def handler(self, topic: str) -> Handler:
        """Who applies the events of a topic."""
        return self._handlers[topic][1]

    async def receive(self, records: Sequence[Record]) -> None:
        """Apply a batch. Returns when every record has had its effect or is parked; waits out an outage."""
        self.in_hand, self.in_hand_since = len(records), datetime.now(UTC)
        batch = [read(record, self.event_types) for record in records]
        if not await self._apply(batch, tries=1):
            for received in batch:
                await self._apply_or_park(received)
        self.in_hand = 0

    async def _apply_or_park(self, received: Received) -> None:
        pause = FIRST_PAUSE_SECONDS
        reason = "the handler failed"
        while not await self._apply([received], tries=TRIES):
            try:
                await self._until_stored(lambda tx: self._park(tx, received, reason))
            except Exception:
                # A store that cannot even park it, such as one whose disk is full, is no fault of the event.
                log.exception("store_refuses", service=self._service, event_id=received.id)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                self._stored([Done(received, "parked", reason)])
                return

    async def _apply(self, batch: Sequence[Received], tries: int) -> bool:
        """True when stored; False when it failed `tries` times for another reason than an outage."""
        done: list[Done] = []
        for attempt in range(tries):
            try:
                await self._until_stored(lambda tx: self._apply_in(tx, batch, done), alone=len(batch) == 1)
            except Exception:
                log.exception(
                    "batch_failed",
                    service=self._service,
                    events=[r.id for r in batch][:10],
                    attempt=attempt + 1,
                )
                if attempt + 1 < tries:
                    await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
            else:
                self._stored(done)
                return True
        return False

    def _stored(self, done: Sequence[Done]) -> None:
        """Say and count what became of records, when it is committed."""
        self.progressed_at = datetime.now(UTC)
        for one in done:
            record = one.received.record
            observing.CONSUMED.labels(self._service, record.topic, one.outcome).inc()
            if one.outcome == "applied":
                observing.AGE.labels(self._service, record.topic).observe(max(0.0, one.age))
            elif one.outcome == "parked":
                log.error(
                    "event_parked",
                    service=self._service,
                    event_id=one.received.id,
                    topic=record.topic,
                    partition=record.partition,
                    offset=record.offset,
                    reason=one.reason,
                )

    async def _until_stored(self, work: Callable[[Transaction], Awaitable[None]], alone: bool = True) -> None:
        """Run it, again and again while the store is away.

        Args:
            alone: one event, to which nothing is left but to wait. A batch of several that the store keeps giving up
                is too much for it, and is better tried one by one.
        """
        pause = FIRST_PAUSE_SECONDS
        overlaps = 0
        while True:
            try:
                with self._outage.noticed():
                    await self._transact(work)
                return self._outage.over()
            except DuplicateKeyError:
                # Another replica, or an earlier run of this very batch, has applied some of it: look again.
                overlaps += 1
                if overlaps == TRIES:
                    raise
            except Exception as error:
                if not is_outage(error) or not (alone or is_away(error)):
                    raise
                self._outage.waits(type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _known(self, tx: Transaction, ids: Sequence[str]) -> set[str]:
        """Which of these events have had their effects."""
        return {row["_id"] async for row in tx.db.inbox.find({"_id": {"$in": ids}}, {"_id": 1}, session=tx.session)}

    async def _apply_in(self, tx: Transaction, batch: Sequence[Received], done: list[Done]) -> None:
        done.clear()
        ids = list({received.id for received in batch})
        known = await self._known(tx, ids)
        held = await self._held(tx, batch)
        fresh: list[Document] = []
        for received in batch:
            topic = received.record.topic
            if received.id in known:
                done.append(Done(received, "known"))
                continue
            known.add(received.id)
            fresh.append({"_id": received.id, "topic": topic, "at": datetime.now(UTC)})
            if received.problem is not None or received.key in held:
                reason = received.problem or "waits behind a parked event of its key"
                await self._park(tx, received, reason, note=False)
                held.add(received.key)
                done.append(Done(received, "parked", reason))
                continue
            envelope = received.envelope
            assert envelope is not None
            with observing.span(
                f"process {topic}", observing.SpanKind.CONSUMER, envelope.traceparent, service=self._service
            ):
                await self.handler(topic)(tx, received.event, envelope)
            done.append(Done(received, "applied", age=(tx.now - envelope.time).total_seconds()))
        if fresh:
            await tx.db.inbox.insert_many(fresh, session=tx.session)

    async def _held(self, tx: Transaction, batch: Sequence[Received]) -> set[bytes]:
        """Which keys of the batch have a parked event."""
        # Nothing is, on nearly every day.
        if await tx.db.held.find_one({}, {"_id": 1}, session=tx.session) is None:
            return set()
        keys = {"_id": {"$in": list({received.key for received in batch})}}
        return {bytes(row["_id"]) async for row in tx.db.held.find(keys, {"_id": 1}, session=tx.session)}

    async def _park(self, tx: Transaction, received: Received, reason: str, note: bool = True) -> None:
        record = received.record
        # Both who parks and who retries write this row, so that they conflict: no event is left behind unseen.
        held = await tx.db.held.find_one_and_update(
            {"_id": received.key},
            {"$inc": {"events": 1, "places": 1}},
            upsert=True,
            return_document=True,
            session=tx.session,
        )
        if note:
            row = {"_id": received.id, "topic": record.topic, "at": datetime.now(UTC)}
            await tx.db.inbox.insert_one(row, session=tx.session)
        await tx.db.parked.insert_one(
            {
                "_id": received.id,
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "key": record.key,
                "order_key": received.key,
                "place": held["places"],
                "headers": [[name, value] for name, value in record.headers],
                "value": record.value,
                "reason": reason,
                "at": datetime.now(UTC),
            },
            session=tx.session,
        )
