"""What was committed and the broker does not have yet, a batch at a time."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic

from shared.delivery.outbox import Progress
from shared.mongo import Database, Document, Session

BATCH = 500
# Of one writer's rows, as far as their events are stored in them; one larger event is a batch by itself.
BATCH_BYTES = 4 * 1024 * 1024
# A writer that has been silent for so long is looked at now and then; after the second it is taken for gone.
SILENT = timedelta(minutes=10)
GONE = timedelta(days=30)
LOOK_AT_SILENT_SECONDS = 30.0


def in_order_of_each_key(rows: Sequence[Document]) -> list[Document]:
    """The same rows with those of one topic and key by rising sequence, whatever clocks numbered them.

    `order` comes from the clocks of several processes; the sequence was numbered in the transaction.
    """
    by_key: defaultdict[tuple[str, str], list[Document]] = defaultdict(list)
    for row in rows:
        by_key[row["topic"], row["key"]].append(row)
    following = {key: iter(sorted(own, key=lambda row: int(row["sequence"]))) for key, own in by_key.items()}
    return [next(following[row["topic"], row["key"]]) for row in rows]


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


class Backlog:
    """Reads the outbox. The relay's document, `relay` in `leases`, says how far it has been sent.

    Args:
        own: the writer of this process.
    """

    def __init__(self, db: Database, own: str) -> None:
        self._db = db
        self._own = own
        self._look_at_silent = 0.0
        self._behind: set[str] = set()

    async def next(self, state: Document, session: Session) -> Batch:
        """What is sent next when the relay's document is `state` in the snapshot of `session`."""
        if "again" in state:
            return await self._again(state["again"], session)
        return await self._new(writers_of(state), session)

    async def _again(self, span: Document, session: Session) -> Batch:
        rows, _ = await self._a_batch({"order": {"$gt": span["after"], "$lte": span["until"]}}, "order", session)
        if not rows:
            return Batch([], {"$unset": {"again": 1}}, {"again": span})
        return Batch(in_order_of_each_key(rows), {"$set": {"again.after": rows[-1]["order"]}}, {"again": span})

    async def _new(self, writers: Mapping[str, Progress], session: Session) -> Batch:
        now = datetime.now(UTC)
        found: dict[str, list[Document]] = {}
        # Where one writer has more than fits, rows of others that are later may follow what was cut off.
        cut: list[str] = []

        async def look(writer: str) -> None:
            found[writer], more = await self._rows_of(writer, writers[writer], session)
            if more:
                cut.append(found[writer][-1]["order"])

        for writer in self._worth_a_look(writers, now):
            await look(writer)
        if any(found.values()):
            # One that slept for long may have committed, on waking, what these rows follow.
            for writer in writers.keys() - found.keys():
                await look(writer)
        done = [writer for writer, own in found.items() if not own and _is_done(writers[writer], now)]
        if cut:
            found = {writer: [row for row in rows if row["order"] <= min(cut)] for writer, rows in found.items()}
        change: Document = {}
        where: Document = {}
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
            # On top of what was read, so that a driver that has no answer and asks again does not count twice.
            where = {
                f"writers.{writer}.{name}": value
                for writer, own in found.items()
                if own
                for name, value in writers[writer].document().items()
                if name in ("last", "gaps")
            }
        elif done:
            # One that has come back meanwhile stays.
            change = {"$unset": {f"writers.{writer}": 1 for writer in done}}
            where = {f"writers.{w}.{name}": getattr(writers[w], name) for w in done for name in ("seen", "stopped")}
        return Batch(in_order_of_each_key(rows), change, where)

    def _worth_a_look(self, writers: Mapping[str, Progress], now: datetime) -> list[str]:
        if monotonic() > self._look_at_silent:
            self._look_at_silent = monotonic() + LOOK_AT_SILENT_SECONDS
            return list(writers)
        return [w for w, progress in writers.items() if w == self._own or now - progress.seen < SILENT]

    async def _rows_of(self, writer: str, progress: Progress, session: Session) -> tuple[list[Document], bool]:
        """Its rows by rising number, and whether there are more."""
        rows: list[Document] = []
        if progress.gaps:
            late = {"writer": writer, "n": {"$in": sorted(progress.gaps)}}
            rows += await self._db.outbox.find(late, session=session).sort("n", 1).to_list(None)
        if writer in self._behind:
            # More than a batch waited: the next numbers are most often there, and need not be sought among the rest.
            span = {"writer": writer, "n": {"$gt": progress.last, "$lte": progress.last + BATCH}}
            next_ones, more = await self._a_batch(span, "n", session)
            if more:
                return rows + next_ones, True
        found, more = await self._a_batch({"writer": writer, "n": {"$gt": progress.last}}, "n", session)
        (self._behind.add if more else self._behind.discard)(writer)
        return rows + found, more

    async def _a_batch(self, where: Document, by: str, session: Session) -> tuple[list[Document], bool]:
        """The first rows, as many as are sent at once, and whether there may be more."""
        rows: list[Document] = []
        size = 0
        async for row in self._db.outbox.find(where, session=session).sort(by, 1).limit(BATCH):
            rows.append(row)
            size += len(row["value"] or "")
            if len(rows) == BATCH or size >= BATCH_BYTES:
                return rows, True
        return rows, False


def writers_of(state: Document) -> dict[str, Progress]:
    """How far the rows of each writer have been sent, as the relay's document says."""
    return {writer: Progress.of(stored) for writer, stored in state["writers"].items()}


def _is_done(progress: Progress, now: datetime) -> bool:
    return (progress.stopped and not progress.gaps) or now - progress.seen > GONE
