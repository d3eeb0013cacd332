"""Applies events once, in order of their key, a batch in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from motesplats_events import Envelope, Event
from shared import observing
from shared.delivery import holding
from shared.delivery.outage import Outage
from shared.delivery.received import Received, read
from shared.delivery.transaction import Transaction
from shared.kafka import Record
from shared.logs import logger
from shared.mongo import Document, DuplicateKeyError, by_ids, is_away, is_outage

log = logger(__name__)

Handler = Callable[[Transaction, Any, Envelope], Awaitable[None]]
Transact = Callable[[Callable[[Transaction], Awaitable[None]]], Awaitable[None]]

TRIES = 5
FIRST_PAUSE_SECONDS = 0.1
CAME_AGAIN = "came again, readable"
LONGEST_PAUSE_SECONDS = 5.0


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
        self._failed: Received | None = None
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
        aside: list[Received] = []
        while batch and not await self._apply(batch):
            # The event that failed, and with it the others of its key; the rest goes on without them.
            key = self._failed.key if self._failed else None
            aside += [received for received in batch if key in (None, received.key)]
            batch = [received for received in batch if key not in (None, received.key)]
        for attempt in range(TRIES - 1):
            aside = await self._apply_one_by_one(aside)
            if not aside:
                break
            await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        for received in aside:
            await self._apply_or_park(received)
        self.in_hand = 0

    async def _apply_one_by_one(self, events: Sequence[Received]) -> list[Received]:
        """Try each, in order of its key; those that failed, and those behind them."""
        left: list[Received] = []
        for received in events:
            if received.key in {one.key for one in left} or not await self._apply([received]):
                left.append(received)
        return left

    async def _apply_or_park(self, received: Received) -> None:
        pause = FIRST_PAUSE_SECONDS
        reason = "the handler failed"
        while not await self._apply([received]):
            try:
                # Not waited for: a store that was away, or whose disk was full, may now be able to apply it.
                await self._transact(lambda tx: self._park(tx, received, reason))
            except Exception:
                log.exception("store_refuses", service=self._service, event_id=received.id)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                self._stored([Done(received, "parked", reason)])
                return

    async def _apply(self, batch: Sequence[Received]) -> bool:
        """True when stored; False when it failed for another reason than an outage: `_failed` is then the event at
        which it did, or None when it was too much for the store as a whole.
        """
        done: list[Done] = []
        self._failed = None
        try:
            await self._until_stored(lambda tx: self._apply_in(tx, batch, done), batch)
        except Exception as error:
            if is_outage(error):
                self._failed = None
            failed = [self._failed] if self._failed else batch
            log.exception("batch_failed", service=self._service, **_named(failed, of=len(batch)))
            return False
        self._stored(done)
        return True

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

    async def _until_stored(self, work: Callable[[Transaction], Awaitable[None]], batch: Sequence[Received]) -> None:
        """Run it, again and again while the store is away.

        Args:
            batch: what it stores. To one event alone nothing is left but to wait. A batch of several that the store
                keeps giving up is too much for it, and is better tried one by one.
        """
        alone = len(batch) == 1
        what = _named(batch, of=len(batch))
        pause = FIRST_PAUSE_SECONDS
        overlaps = 0
        while True:
            try:
                with self._outage.noticed(**what):
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
                self._outage.waits(type(error).__name__, **what)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _apply_in(self, tx: Transaction, batch: Sequence[Received], done: list[Done]) -> None:
        done.clear()
        self._failed = None
        ids = {received.id for received in batch}
        known = {row["_id"] async for row in by_ids(tx.db.inbox, ids, {"_id": 1}, tx.session)}
        held: set[bytes] = set()
        damaged: dict[str, Document] = {}
        if await holding.anything(tx):
            held = await holding.keys(tx, batch)
            damaged = await holding.unreadable(tx, known)
        fresh: list[Document] = []
        for received in batch:
            topic = received.record.topic
            # A damaged copy with a true id is no reason to know the event.
            instead_of = damaged.pop(received.id, None) if received.problem is None else None
            if received.id in known and not instead_of:
                done.append(Done(received, "known"))
                continue
            if received.id not in known:
                known.add(received.id)
                fresh.append({"_id": received.id, "topic": topic, "at": datetime.now(UTC)})
            if instead_of and await holding.unpark(tx, instead_of, CAME_AGAIN, self._service):
                held.discard(bytes(instead_of["order_key"]))
            if received.problem is not None or received.key in held:
                reason = received.problem or (CAME_AGAIN if instead_of else "waits behind a parked event of its key")
                row = await holding.park(tx, received, reason, instead_of)
                held.add(received.key)
                if received.problem is not None:
                    damaged[received.id] = row
                done.append(Done(received, "parked", reason))
                continue
            envelope = received.envelope
            assert envelope is not None
            self._failed = received
            with observing.span(
                f"process {topic}", observing.SpanKind.CONSUMER, envelope.traceparent, service=self._service
            ):
                await self.handler(topic)(tx, received.event, envelope)
            self._failed = None
            done.append(Done(received, "applied", age=(tx.now - envelope.time).total_seconds()))
        if fresh:
            await tx.db.inbox.insert_many(fresh, session=tx.session)

    async def _park(self, tx: Transaction, received: Received, reason: str) -> None:
        """Park what could not be applied. Raises when somebody else has applied it meanwhile."""
        damaged = await holding.unreadable(tx, [received.id]) if received.problem is None else {}
        instead_of = damaged.get(received.id)
        if instead_of:
            await holding.unpark(tx, instead_of, CAME_AGAIN, self._service)
        else:
            row = {"_id": received.id, "topic": received.record.topic, "at": datetime.now(UTC)}
            await tx.db.inbox.insert_one(row, session=tx.session)
        await holding.park(tx, received, reason, instead_of)


def _named(events: Sequence[Received], of: int) -> dict[str, object]:
    """What a log line says of a batch: some of the events it is about, and how many there are in it."""
    return {"events": [received.id for received in events[:10]], "of": of}
