"""Sends what was committed, in order. One relay per service works at a time; the others stand by."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic

import uuid_utils
from aiokafka import AIOKafkaProducer

from motesplats_events import Event
from shared import kafka, mongo, observing
from shared.delivery.outage import Outage
from shared.delivery.outbox import Progress, Writer, envelope_of
from shared.delivery.transaction import Reading
from shared.logs import logger
from shared.mongo import Database, Document, DuplicateKeyError, Session, is_outage
from shared.settings import Settings

log = logger(__name__)

BATCH = 500
POLL_SECONDS = 0.5
LEASE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 5.0
# A writer that has been silent for so long is looked at now and then; after the second it is taken for gone.
SILENT = timedelta(minutes=10)
GONE = timedelta(days=30)
LOOK_AT_SILENT_SECONDS = 30.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
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


@dataclass(frozen=True, slots=True)
class Batch:
    """What is sent next.

    Attributes:
        rows: in the order in which they are sent.
        change: of the relay's document, when the broker has them all.
        where: what must still be so in the document for that.
    """

    rows: Sequence[Document]
    change: Document
    where: Document = field(default_factory=dict)


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
        self._look_at_silent = 0.0
        self._behind: set[str] = set()
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
        for writer, progress in _writers(state).items():
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
        producer: AIOKafkaProducer | None = None
        pause = 0.1
        try:
            while True:
                try:
                    with self._outage.noticed():
                        await self._hold_lease()
                        batch = await self._read()
                        if batch.rows:
                            producer = producer or await self._start_producer()
                            await self._send(producer, batch.rows)
                        if batch.change:
                            await self._note(batch)
                    for topic, events in Counter(row["topic"] for row in batch.rows).items():
                        observing.SENT.labels(self._service, topic).inc(events)
                except LeaseHeldElsewhere:
                    self._outage.over()
                    self._renew_at = 0.0
                    self.progressed_at = datetime.now(UTC)
                    await asyncio.sleep(LEASE_SECONDS / 3)
                except Exception as error:
                    if is_outage(error) or isinstance(error, kafka.KafkaError | OSError):
                        self._outage.waits(type(error).__name__)
                    else:
                        log.exception("relay_failed", service=self._service)
                    if producer and not mongo.is_outage(error):
                        # After a send that failed for good the broker may refuse whatever this producer sends.
                        await kafka.close(producer)
                        producer = None
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                else:
                    self._outage.over()
                    pause = 0.1
                    self.progressed_at = datetime.now(UTC)
                    if not batch.change:
                        await self._rest()
        finally:
            await self._let_go(producer)

    async def _start_producer(self) -> AIOKafkaProducer:
        producer = kafka.producer(self._settings)
        try:
            await producer.start()
        except BaseException:
            await kafka.close(producer)
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
        started, now = monotonic(), datetime.now(UTC)
        until = {"until": now + timedelta(seconds=LEASE_SECONDS)}
        held = await self._db.leases.update_one(self._mine, {"$set": until})
        if not held.matched_count:
            taken = await self._db.leases.find_one_and_update(
                {"_id": "relay", "until": {"$lt": now}},
                {"$set": {"holder": self._holder, **until}, "$inc": {"epoch": 1}},
                return_document=True,
            )
            if taken is None:
                raise LeaseHeldElsewhere
            self._epoch = taken["epoch"]
        self._renew_at = started + LEASE_SECONDS / 3

    @property
    def _mine(self) -> Document:
        return {"_id": "relay", "holder": self._holder, "epoch": self._epoch}

    async def _read(self) -> Batch:
        """One snapshot of what is to be sent, so that no row is seen without those it followed."""

        async def read(session: Session) -> Batch:
            state = await self._db.leases.find_one(self._mine, session=session)
            if state is None:
                raise LeaseHeldElsewhere
            if "again" in state:
                return await self._read_again(state["again"], session)
            return await self._read_new(_writers(state), session)

        return await mongo.in_transaction(self._db, read)

    async def _read_again(self, span: Document, session: Session) -> Batch:
        where = {"order": {"$gt": span["after"], "$lte": span["until"]}}
        rows = await self._db.outbox.find(where, session=session).sort("order", 1).limit(BATCH).to_list(BATCH)
        if not rows:
            return Batch([], {"$unset": {"again": 1}}, {"again": span})
        return Batch(in_order_of_each_key(rows), {"$set": {"again.after": rows[-1]["order"]}}, {"again": span})

    async def _read_new(self, writers: Mapping[str, Progress], session: Session) -> Batch:
        now = datetime.now(UTC)
        found: dict[str, list[Document]] = {}
        for writer in self._worth_a_look(writers, now):
            found[writer] = await self._rows_of(writer, writers[writer], session)
        done = [writer for writer, own in found.items() if not own and _is_done(writers[writer], now)]
        # Where one writer has more than fits, rows of others that are later may follow what was cut off.
        cut = [rows[-1]["order"] for rows in found.values() if len(rows) >= BATCH]
        if cut:
            found = {writer: [row for row in rows if row["order"] <= min(cut)] for writer, rows in found.items()}
        change: Document = {}
        rows = sorted((row for own in found.values() for row in own), key=lambda row: str(row["order"]))
        if rows:
            after = {
                f"writers.{writer}.{name}": value
                for writer, own in found.items()
                if own
                for name, value in writers[writer].after(own, now).document().items()
                if name != "stopped"
            }
            sent = Counter(f"sent.{row['topic']}" for row in rows)
            change = {"$set": after, "$inc": dict(sent)}
        elif done:
            # One that has come back meanwhile stays.
            change = {"$unset": {f"writers.{writer}": 1 for writer in done}}
            same = {f"writers.{w}.{name}": getattr(writers[w], name) for w in done for name in ("seen", "stopped")}
            return Batch([], change, same)
        return Batch(in_order_of_each_key(rows), change)

    def _worth_a_look(self, writers: Mapping[str, Progress], now: datetime) -> list[str]:
        if monotonic() > self._look_at_silent:
            self._look_at_silent = monotonic() + LOOK_AT_SILENT_SECONDS
            return list(writers)
        return [w for w, progress in writers.items() if w == self._writer.id or now - progress.seen < SILENT]

    async def _rows_of(self, writer: str, progress: Progress, session: Session) -> list[Document]:
        rows: list[Document] = []
        if progress.gaps:
            late = {"writer": writer, "n": {"$in": sorted(progress.gaps)}}
            rows += await self._db.outbox.find(late, session=session).sort("n", 1).to_list(None)
        if writer in self._behind:
            # More than a batch waited: the next numbers are most often there, and need not be sought among the rest.
            span = {"writer": writer, "n": {"$gt": progress.last, "$lte": progress.last + BATCH}}
            next_ones = await self._db.outbox.find(span, session=session).to_list(None)
            if len(next_ones) == BATCH:
                return rows + sorted(next_ones, key=lambda row: int(row["n"]))
        new = {"writer": writer, "n": {"$gt": progress.last}}
        found = await self._db.outbox.find(new, session=session).sort("n", 1).limit(BATCH).to_list(BATCH)
        (self._behind.add if len(found) == BATCH else self._behind.discard)(writer)
        return rows + found

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[Document]) -> None:
        """Returns when the broker has them all. After a failure all are sent again, in order."""
        futures = [
            await producer.send(
                row["topic"],
                value=await self._value(row),
                key=row["key"].encode(),
                headers=envelope_of(row, self._service).headers(),
            )
            for row in rows
        ]
        for outcome in await asyncio.gather(*futures, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _value(self, row: Document) -> bytes | None:
        if row["value"] is not None:
            return str(row["value"]).encode()
        event = await self._readers[row["topic"]](Reading(self._db), row["key"])
        return event.model_dump_json().encode() if event else None

    async def _note(self, batch: Batch) -> None:
        noted = await self._db.leases.update_one({**self._mine, **batch.where}, batch.change)
        if not noted.matched_count:
            # What was current when this relay read it may have been erased since, and be on the topic after that:
            # whoever sends now says it once more.
            current = [str(row["order"]) for row in batch.rows if row["value"] is None]
            if current:
                await self.send_again(min(current)[:-1], max(current))
            raise LeaseHeldElsewhere

    async def _let_go(self, producer: AIOKafkaProducer | None) -> None:
        if producer is not None:
            await kafka.close(producer)
        try:
            # Whatever its epoch: the answer that told it may not have come before the end.
            mine = {"_id": "relay", "holder": self._holder}
            await self._db.leases.update_one(mine, {"$set": {"until": LONG_AGO}})
        except Exception as error:
            # The lease runs out by itself.
            log.warning("lease_left_behind", service=self._service, error=type(error).__name__)


def _writers(state: Document) -> dict[str, Progress]:
    return {writer: Progress.of(stored) for writer, stored in state["writers"].items()}


def _is_done(progress: Progress, now: datetime) -> bool:
    return (progress.stopped and not progress.gaps) or now - progress.seen > GONE
