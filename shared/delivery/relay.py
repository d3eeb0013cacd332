"""Sends what was committed, in order. One relay per service works at a time; the others stand by."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic

import uuid_utils
from aiokafka import AIOKafkaProducer

from motesplats_events import Event
from shared import kafka, mongo, observing, tasks
from shared.delivery.backlog import SILENT, Backlog, Batch, writers_of
from shared.delivery.outage import Outage
from shared.delivery.outbox import Progress, Writer, envelope_of
from shared.delivery.transaction import Reading
from shared.logs import logger
from shared.mongo import Database, Document, DuplicateKeyError, Session, is_outage
from shared.settings import Settings

log = logger(__name__)

POLL_SECONDS = 0.5
LEASE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 5.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
Reader = Callable[[Reading, Sequence[str]], Awaitable[Mapping[str, Event | None]]]
"""What is true now of these subjects, by subject; one that is missing, or None, is erased."""


class LeaseHeldElsewhere(Exception):
    """Another process sends for this service."""


class NotTaken(Exception):
    """An event could not be sent.

    Attributes:
        row: of the outbox.
        why: it could not.
    """

    def __init__(self, row: Document, why: BaseException) -> None:
        super().__init__(row["_id"])
        self.row = row
        self.why = why


class Relay:
    """Reads the outbox rows that have not been sent, sends them, and notes how far it has come.

    One document, `relay` in `leases`, says who sends, for how long and in which epoch, how far the rows of each
    writer have been sent, and how many of each topic. Progress is noted only when every in-sync replica has the
    events, and only by the holder of the epoch. A relay that dies in between, or is overtaken after a long pause,
    sends events twice, each relay in order; the reader's inbox knows them by their ids.

    Attributes:
        wake: set it after a commit, so that the relay does not wait for its next poll.
        progressed_at: real time when the outbox was last read and sent without an error, or left to another process.
    """

    def __init__(
        self, service: str, db: Database, settings: Settings, writer: Writer, readers: Mapping[str, Reader]
    ) -> None:
        self._service = service
        self._db = db
        self._settings = settings
        self._readers = readers
        self._writer = writer
        self._holder = str(uuid_utils.uuid4())
        self._epoch = 0
        self._renew_at = 0.0
        self._known_until = 0.0
        self._backlog = Backlog(db, writer.id)
        self._producer: AIOKafkaProducer | None = None
        self._refused: Document | None = None
        # `order` of rows that a producer was given to read and send, while it is not noted that the broker has them.
        self._in_doubt: set[str] = set()
        self._outage = Outage("relay", service)
        self.wake = asyncio.Event()
        self.progressed_at = datetime.now(UTC)

    async def prepare(self) -> None:
        """Create the document that the relays of this service share."""
        first = {"_id": "relay", "holder": "", "epoch": 0, "until": LONG_AGO, "writers": {}, "sent": {}}
        try:
            await self._db.leases.insert_one(first)
        except DuplicateKeyError:
            return

    async def know_writer(self) -> None:
        """Let the relay know that this process writes: before its first row, and again before it seems silent."""
        if self._known_until > monotonic():
            return
        await self.prepare()
        name, now = f"writers.{self._writer.id}", datetime.now(UTC)
        known = await self._db.leases.update_one(
            {"_id": "relay", name: {"$exists": True}}, {"$set": {f"{name}.seen": now, f"{name}.stopped": False}}
        )
        if not known.matched_count:
            progress = Progress(now, last=self._writer.low - 1)
            unknown = {"_id": "relay", name: {"$exists": False}}
            await self._db.leases.update_one(unknown, {"$set": {name: progress.document()}})
        self._known_until = monotonic() + SILENT.total_seconds() / 2

    async def writer_stops(self) -> None:
        """Let the relay forget this process when its rows are sent."""
        self._known_until = 0.0
        name = f"writers.{self._writer.id}"
        if self._writer.open:
            return
        await self._db.leases.update_one({"_id": "relay", name: {"$exists": True}}, {"$set": {f"{name}.stopped": True}})

    async def send_again(self, after: str, until: str) -> None:
        """Let the relay send, before anything newer, all rows with `order` above `after` and not above `until`."""
        await self.prepare()
        # Beside what is being sent again already, for somebody else who asked.
        both = {"$min": {"again.after": after}, "$max": {"again.until": until}}
        await self._db.leases.update_one({"_id": "relay"}, both)
        self.wake.set()

    async def waiting(self) -> int:
        """How many committed rows the broker has not yet acknowledged, as far as is noted."""
        state = await self._db.leases.find_one({"_id": "relay"}) or {"writers": {}}
        found = 0
        for writer, progress in writers_of(state).items():
            found += await self._db.outbox.count_documents({"writer": writer, "n": {"$gt": progress.last}})
            if progress.gaps:
                found += await self._db.outbox.count_documents({"writer": writer, "n": {"$in": sorted(progress.gaps)}})
        return found

    async def sent(self) -> dict[str, int]:
        """How many events the broker has, by topic."""
        state = await self._db.leases.find_one({"_id": "relay"}, {"sent": 1})
        return dict(state["sent"]) if state else {}

    async def run(self) -> None:
        """Work until cancelled. An outage of store or broker is waited out."""
        pause = 0.1
        try:
            while True:
                try:
                    with self._outage.noticed():
                        await self._hold_lease()
                        batch = await self._read()
                        if batch.rows:
                            await self._send_holding_the_lease(batch)
                        if batch.change:
                            await self._note(batch)
                    for topic, events in Counter(row["topic"] for row in batch.rows).items():
                        observing.SENT.labels(self._service, topic).inc(events)
                except LeaseHeldElsewhere:
                    self._goes_on()
                    self._renew_at = 0.0
                    await self._close_producer()
                    if not self._in_doubt:
                        await asyncio.sleep(LEASE_SECONDS / 3)
                except Exception as error:
                    why = self._say(error)
                    if not is_outage(why):
                        # After a send that failed for good the broker may refuse whatever this producer sends.
                        await self._close_producer()
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                else:
                    self._goes_on()
                    pause = 0.1
                    if not batch.change:
                        await self._rest()
        finally:
            await self._let_go()

    def _goes_on(self) -> None:
        self._outage.over()
        self._refused = None
        self.progressed_at = datetime.now(UTC)

    def _say(self, error: BaseException) -> BaseException:
        """Once for an outage, and once for an event that the broker refuses. Returns the error behind it."""
        why, named = error, {}
        if isinstance(error, NotTaken):
            why, named = error.why, {"event_id": error.row["_id"], "topic": error.row["topic"]}
        if kafka.is_refusal(why):
            refused = {**named, "error": type(why).__name__}
            if self._refused != refused:
                log.error("relay_failed", service=self._service, **refused)
            self._refused = refused
        elif is_outage(why) or isinstance(why, kafka.KafkaError | OSError):
            self._outage.waits(type(why).__name__)
        else:
            log.error("relay_failed", service=self._service, **named, exc_info=why)
        return why

    async def _start_producer(self) -> AIOKafkaProducer:
        producer = kafka.producer(self._settings)
        try:
            await producer.start()
        except BaseException:
            await kafka.close(producer)
            raise
        return producer

    async def _close_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                await kafka.close(producer)
            except Exception as error:
                # A new one is started when there is something to send.
                log.warning("producer_left_behind", service=self._service, error=type(error).__name__)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self.wake.wait()
        except TimeoutError:
            return
        finally:
            self.wake.clear()

    async def _hold_lease(self) -> None:
        if monotonic() < self._renew_at or await self._renewed():
            return
        await self._stand_back()
        started, now = monotonic(), datetime.now(UTC)
        taken = await self._db.leases.find_one_and_update(
            {"_id": "relay", "until": {"$lt": now}},
            {"$set": {"holder": self._holder, "until": _lease_from(now)}, "$inc": {"epoch": 1}},
            return_document=True,
        )
        if taken is None:
            raise LeaseHeldElsewhere
        self._epoch = taken["epoch"]
        self._renew_at = started + LEASE_SECONDS / 3

    async def _stand_back(self) -> None:
        """Another may have sent since: what this relay sent may be older, or erased, and the last on its topic."""
        # What it holds is sent now or never: not after what is said next.
        await self._close_producer()
        if self._in_doubt:
            await self.send_again(min(self._in_doubt)[:-1], max(self._in_doubt))
            self._in_doubt.clear()

    async def _renewed(self) -> bool:
        """False when the lease is not this relay's, or not any more."""
        started = monotonic()
        held = await self._db.leases.update_one(self._mine, {"$set": {"until": _lease_from(datetime.now(UTC))}})
        if held.matched_count:
            self._renew_at = started + LEASE_SECONDS / 3
        return bool(held.matched_count)

    @property
    def _mine(self) -> Document:
        return {"_id": "relay", "holder": self._holder, "epoch": self._epoch}

    async def _read(self) -> Batch:
        """One snapshot of what is to be sent, so that no row is seen without those it followed."""

        async def read(session: Session) -> Batch:
            state = await self._db.leases.find_one(self._mine, session=session)
            if state is None:
                raise LeaseHeldElsewhere
            return await self._backlog.next(state, session)

        return await mongo.in_transaction(self._db, read)

    async def _send_holding_the_lease(self, batch: Batch) -> None:
        """Send, for as long as it takes. A lease that ran out would let two relays overtake each other for ever."""
        self._producer = self._producer or await self._start_producer()
        self._in_doubt |= {str(row["order"]) for row in batch.rows if row["value"] is None}
        sending = asyncio.create_task(self._send_all(self._producer, batch.rows))
        try:
            held = True
            while held and not sending.done():
                await asyncio.wait([sending], timeout=LEASE_SECONDS / 3)
                held = sending.done() or await self._renewed()
        finally:
            await tasks.end([sending])
            if sending.cancelled():
                # Or it would send the rest whenever the broker takes it, however long after.
                await self._close_producer()
        if sending.cancelled():
            raise LeaseHeldElsewhere
        sending.result()

    async def _send_all(self, producer: AIOKafkaProducer, rows: Sequence[Document]) -> None:
        """What was refused is tried first, behind those of its key: not all, again and again, while it is refused."""
        refused = (self._refused or {}).get("event_id")
        for row in rows:
            if row["_id"] == refused:
                own = [one for one in rows if (one["topic"], one["key"]) == (row["topic"], row["key"])]
                await self._send(producer, own[: own.index(row) + 1])
        await self._send(producer, rows)

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[Document]) -> None:
        """Returns when the broker has them all. After a failure all are sent again, in order.

        Raises:
            NotTaken: the first that it did not take.
        """
        try:
            now = await self._read_now([row for row in rows if row["value"] is None])
        except NotTaken as error:
            # What stands before it is not held up by it.
            await self._send(producer, rows[: rows.index(error.row)])
            raise
        futures = []
        for row in rows:
            try:
                value = now[row["topic"], row["key"]] if row["value"] is None else str(row["value"]).encode()
                headers = envelope_of(row, self._service).headers()
                futures.append(await producer.send(row["topic"], value=value, key=row["key"].encode(), headers=headers))
            except Exception as error:
                raise NotTaken(row, error) from error
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                raise NotTaken(row, outcome) from outcome

    async def _read_now(self, rows: Sequence[Document]) -> Mapping[tuple[str, str], bytes | None]:
        """What is true now of these, by topic and key: asked for together.

        Raises:
            NotTaken: the first that cannot be read.
        """
        found: dict[tuple[str, str], bytes | None] = {}
        try:
            for topic in dict.fromkeys(row["topic"] for row in rows):
                subjects = list(dict.fromkeys(row["key"] for row in rows if row["topic"] == topic))
                events = await self._readers[topic](Reading(self._db), subjects)
                for subject in subjects:
                    event = events.get(subject)
                    found[topic, subject] = event.model_dump_json().encode() if event else None
        except Exception as error:
            if len(rows) == 1:
                raise NotTaken(rows[0], error) from error
            for row in rows:
                await self._read_now([row])
            # Each can be read by itself.
            raise
        return found

    async def _note(self, batch: Batch) -> None:
        noted = await self._db.leases.update_one({**self._mine, **batch.where}, batch.change)
        # Or noted already, by a first try of the driver that had no answer: what follows is read anew in both cases.
        if not noted.matched_count:
            raise LeaseHeldElsewhere
        self._in_doubt.clear()

    async def _let_go(self) -> None:
        await self._close_producer()
        try:
            # Whatever its epoch: the answer that told it may not have come before the end.
            mine = {"_id": "relay", "holder": self._holder}
            held = await self._db.leases.update_one(mine, {"$set": {"until": LONG_AGO}})
            if not held.matched_count:
                await self._stand_back()
        except Exception as error:
            # The lease runs out by itself.
            log.warning("lease_left_behind", service=self._service, error=type(error).__name__)


def _lease_from(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_SECONDS)
