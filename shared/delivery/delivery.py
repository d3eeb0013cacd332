"""One object per service: its transactions, what it consumes, and the tasks that move events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from weakref import WeakValueDictionary

from motesplats_events import Envelope, Event
from shared import kafka, mongo, observing, tasks
from shared.clock import Clock
from shared.delivery.inbox import Inbox
from shared.delivery.outbox import Writer
from shared.delivery.relay import Reader, Relay
from shared.delivery.transaction import Reading, Transaction
from shared.errors import Conflict
from shared.logs import logger
from shared.mongo import Database, Session
from shared.settings import Settings

STUCK = timedelta(minutes=1)
ANSWER_SECONDS = 3.0
OUTBOX_KEPT = timedelta(days=365)
# Brokers delete by whole segments, a week's worth each if nobody says otherwise.
LATE = timedelta(days=15)
# An event is sent again on the last day that it is in an outbox, lies on its topic, and is read from the start.
INBOX_KEPT = OUTBOX_KEPT + kafka.LONGEST_KEPT + LATE
FIRST_FORGET_SECONDS = timedelta(minutes=10).total_seconds()
FORGET_SECONDS = timedelta(days=1).total_seconds()

log = logger(__name__)

T = TypeVar("T")
E = TypeVar("E", bound=Event)


class Delivery:
    """State changes and events of one service.

    Attributes:
        reading: for reads outside a transaction.
        clock: the platform's time.
        relay: sends the outbox.
        inbox: applies what is consumed.
    """

    def __init__(self, service: str, settings: Settings) -> None:
        self.service = service
        self.clock = Clock()
        self.db: Database = mongo.connect(settings, service)
        self.reading = Reading(self.db)
        self._settings = settings
        self._readers: dict[str, Reader] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._writer = Writer()
        self.relay = Relay(service, self.db, settings, self._writer, self._readers)
        self.inbox = Inbox(service, self.transact)
        self.subscriber: kafka.Subscriber | None = None
        self._relay_task: asyncio.Task[None]
        self._lags_since: datetime | None = None

    @property
    def topics(self) -> Sequence[str]:
        """The topics this service consumes."""
        return self.inbox.topics

    async def transact(self, work: Callable[[Transaction], Awaitable[T]], *, key: str | None = None) -> T:
        """Run `work` in one transaction with the events it publishes.

        `work` may run more than once, after a conflict or a lost reply, so it touches nothing outside the transaction.

        Args:
            key: the aggregate that many may change at once, such as a programme. Changes of one key then wait for
                each other in this process instead of conflicting. For speed only: other processes do not see the lock.
        """
        if key is None:
            return await self._transact(work)
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:
            return await self._transact(work)

    async def _transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        await self.relay.know_writer()
        with self._writer.numbering() as numbering:
            finished: list[T] = []
            published = False

            async def attempt(session: Session) -> T:
                nonlocal published
                tx = Transaction(self.db, session, now=self.clock.now(), numbering=numbering)
                result = await work(tx)
                published = await tx.write_outbox()
                finished.append(result)
                return result

            try:
                result = await mongo.in_transaction(self.db, attempt)
            except Exception:
                # The reply to an earlier commit may have been lost; the ids in the outbox say whether it happened.
                if not finished or not numbering.ids or not await self.db.outbox.find_one({"_id": numbering.ids[0]}):
                    raise
                result = finished[-1]
                published = True
        if published:
            self.relay.wake.set()
        return result

    def on(
        self, event_type: type[E]
    ) -> Callable[[Callable[[Transaction, E, Envelope], Awaitable[None]]], Callable[..., Awaitable[None]]]:
        """Consume an event type: the decorated function applies each event once, inside the inbox's transaction.

        For compacted topics the event is None when the subject was erased; `envelope.subject` says whose.
        """

        def register(
            handler: Callable[[Transaction, E, Envelope], Awaitable[None]],
        ) -> Callable[..., Awaitable[None]]:
            self.inbox.add(event_type, handler)
            return handler

        return register

    def current(self, event_type: type[Event], reader: Reader) -> None:
        """Name the function that reads what `Transaction.publish_current` announced, of several subjects at once."""
        self._readers[event_type.topic] = reader

    async def indexes(self) -> None:
        """Create what the outbox and inbox need.

        Raises:
            UnsafeSetting: the store cannot keep the promise.
        """
        await mongo.check(self.db)
        await self.db.outbox.create_index([("writer", 1), ("n", 1)], unique=True)
        await self.db.outbox.create_index([("order", 1)])
        await self.db.parked.create_index([("order_key", 1), ("place", 1)])
        for collection in ("outbox", "inbox", "parked", "held", "parking_log", "leases"):
            await _touch(self.db, collection)
        await self.relay.prepare()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Relay and subscriber, for as long as the context lasts."""
        relaying = tasks.forever(self.service, self.relay.run)
        self._relay_task = asyncio.create_task(relaying, name=f"relay-{self.service}")
        others = [asyncio.create_task(self._forget_daily())]
        if self.topics:
            others.append(asyncio.create_task(self._subscribe()))
        try:
            yield
        finally:
            await tasks.end(others)
            if self.subscriber:
                await self._leave(self.subscriber)
            await tasks.end([self._relay_task])
            with suppress(Exception):
                # Without this the writer is taken for gone when it has been silent for long.
                await self.relay.writer_stops()

    async def _subscribe(self) -> None:
        """Begin to read. After a kill this waits until the broker gives up the lost reader; people need not."""
        while self.subscriber is None:
            subscriber = kafka.Subscriber(self._settings, self.service, self.topics, self.inbox.receive)
            try:
                await subscriber.start()
                self.subscriber = subscriber
            except (kafka.KafkaError, OSError) as error:
                log.warning("waiting", what="Kafka", error=type(error).__name__)
            except Exception:
                log.exception("task_failed", service=self.service, task="subscribe")
            finally:
                if self.subscriber is None:
                    await self._leave(subscriber)
            await asyncio.sleep(1)

    async def _leave(self, subscriber: kafka.Subscriber) -> None:
        """Never raises: there is more to be done than to leave in good order."""
        try:
            await subscriber.stop()
        except Exception as error:
            # The broker gives up a lost reader by itself.
            log.warning("reader_left_behind", service=self.service, error=type(error).__name__)

    async def troubles(self) -> list[str]:
        """Why the service is not ready; empty when it is."""
        found = []
        now = datetime.now(UTC)
        if self._relay_task.done():
            found.append("the relay has stopped")
        elif now - self.relay.progressed_at > STUCK:
            found.append("the relay has not got through to store and broker for a minute")
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.db.client.admin.command("ping")
        except Exception as error:
            found.append(f"the store does not answer ({type(error).__name__})")
        if not self.topics:
            return found
        if self.subscriber is None:
            return [*found, "it does not read events yet"]
        if not self.subscriber.alive:
            return [*found, "the subscriber has stopped"]
        found += [f"{where} holds a record that cannot be read ({why})" for where, why in self.subscriber.stuck.items()]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                lag = await self.lag()
        except Exception as error:
            return [*found, f"the broker does not answer ({type(error).__name__})"]
        # Since when something waits: what came a moment ago after a quiet hour is no trouble.
        self._lags_since = (self._lags_since or now) if lag else None
        waits_since = self.inbox.in_hand_since if self.inbox.in_hand else self._lags_since
        if waits_since and now - max(waits_since, self.inbox.progressed_at) > STUCK:
            found.append(f"{lag} events wait and none has been applied for a minute")
        return found

    async def lag(self) -> int:
        """How many events this process has still to read or to apply."""
        return (await self.subscriber.lag() if self.subscriber else 0) + self.inbox.in_hand

    async def measure(self) -> None:
        """Set what is asked for rather than counted; a figure that cannot be had is left out."""
        gauges = (observing.WAITING, observing.PARKED, observing.LAG)
        observing.READY.labels(self.service).set(not await self.troubles())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = (
                    await self.relay.waiting(),
                    await self.db.parked.estimated_document_count(),
                    await self.lag(),
                )
        except Exception:
            for gauge in gauges:
                with suppress(KeyError):
                    gauge.remove(self.service)
        else:
            for gauge, figure in zip(gauges, found, strict=True):
                gauge.labels(self.service).set(figure)

    async def republish(self, since: datetime) -> int:
        """Send again what was published since then, before anything newer; who has an event knows it by its id.

        For a broker that lost what it had. Whoever asks looks first what the other services remember.
        A row that is older than a year, and only waits to be deleted, is not sent: others would forget it too soon.

        Args:
            since: real time.

        Returns:
            How many events are sent again.

        Raises:
            Conflict: from before what this service's own inbox remembers.
        """
        remembered = await self.remembers_since()
        if remembered is not None and since < remembered:
            raise Conflict("What was consumed before {when} is not remembered and could be done twice", when=remembered)
        after = _first_order_at(max(since, datetime.now(UTC) - OUTBOX_KEPT))
        last = await self.db.outbox.find_one({"order": {"$gt": after}}, {"order": 1}, sort=[("order", -1)])
        if last is None:
            return 0
        events: int = await self.db.outbox.count_documents({"order": {"$gt": after, "$lte": last["order"]}})
        await self.relay.send_again(after, until=last["order"])
        return events

    async def remembers_since(self) -> datetime | None:
        """Real time from which on this service knows what it has consumed; None when it knows all.

        An event from before that could have its effect twice if it came again.
        """
        mark = await self.db.leases.find_one({"_id": "forgotten"})
        return mark["until"] if mark else None

    async def forget(self, now: datetime) -> None:
        """Delete what nobody will ask for: outbox rows after a year, ids of consumed events after 500 days.

        Args:
            now: real time.
        """
        if await self.relay.waiting() == 0:
            await self.db.outbox.delete_many({"order": {"$lt": _first_order_at(now - OUTBOX_KEPT)}})
        until = now - INBOX_KEPT
        # The first that was written; one that is older than its fellows goes a little later.
        oldest = await self.db.inbox.find_one({}, {"at": 1}, sort=[("$natural", 1)])
        if oldest and oldest["at"] < until:
            # Said first, so that no event from before is asked for once its id is gone.
            await self.db.leases.update_one({"_id": "forgotten"}, {"$max": {"until": until}}, upsert=True)
            await self.db.inbox.delete_many({"at": {"$lt": until}})

    async def _forget_daily(self) -> None:
        # Not at once: a start has enough to do.
        pause = FIRST_FORGET_SECONDS
        while True:
            await asyncio.sleep(pause)
            pause = FORGET_SECONDS
            try:
                await self.forget(datetime.now(UTC))
            except Exception as error:
                log.warning("forgetting_failed", service=self.service, error=type(error).__name__)

    async def published(self) -> dict[str, int]:
        """How many events have been sent, by topic."""
        return await self.relay.sent()


def _first_order_at(time: datetime) -> str:
    """What the `order` of rows written at that time or later is not below: the milliseconds of a UUIDv7."""
    digits = f"{int(time.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"


async def _touch(db: Database, collection: str) -> None:
    """Create a collection outside a transaction; inside one that is not always possible."""
    if collection not in await db.list_collection_names():
        await db.create_collection(collection)
