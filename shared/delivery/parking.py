"""Looking at parked events, trying them again, and giving one up. Who did what is kept in `parking_log`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.delivery.delivery import Delivery
from shared.delivery.holding import unpark
from shared.delivery.received import read
from shared.delivery.transaction import Transaction
from shared.errors import Conflict, NotFound
from shared.kafka import Record
from shared.logs import logger
from shared.mongo import Document

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked event without its content, which may hold a person.

    Attributes:
        id: the event's own id, or a hash of the record where it has none.
        reason: why it was parked.
        bytes: the size of its value.
        first: whether it is the first of its key; the others wait behind it.
    """

    id: str
    topic: str
    partition: int
    offset: int
    reason: str
    at: datetime
    bytes: int
    first: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a parked event.

    Attributes:
        outcome: `applied` or `discarded`; or that it came again and could be read.
        by: who decided; the service where nobody had to.
        reason: why it was parked.
    """

    at: datetime
    outcome: str
    by: str
    reason: str


async def parked(delivery: Delivery) -> Sequence[Parked]:
    """All parked events, the longest parked first."""
    # Without what they hold: a value can have many megabytes.
    rows = (
        await delivery.db.parked.find({}, {"value": 0, "headers": 0, "left": 0})
        .sort([("at", 1), ("place", 1)])
        .to_list(None)
    )
    first: dict[bytes, int] = {}
    for row in rows:
        key = bytes(row["order_key"])
        place = row.get("place", 0)
        first[key] = min(first.get(key, place), place)
    found = []
    for row in rows:
        found.append(
            Parked(
                id=row["_id"],
                topic=row["topic"],
                partition=row["partition"],
                offset=row["offset"],
                reason=row["reason"],
                at=row["at"],
                bytes=row.get("bytes", 0),
                first=row.get("place", 0) == first[bytes(row["order_key"])],
            )
        )
    return found


async def decided(delivery: Delivery, id: str) -> Sequence[Decision]:
    """What was decided about an event, the oldest decision first."""
    rows = delivery.db.parking_log.find({"event_id": id}).sort("at", 1)
    return [Decision(row["at"], row["outcome"], row["by"], row["reason"]) async for row in rows]


async def retry(delivery: Delivery, id: str, by: str) -> int:
    """Apply a parked event and those that wait behind it, in order, until one fails.

    Args:
        id: of the first event of its key.
        by: who asks, for the log.

    Returns:
        How many were applied.

    Raises:
        NotFound: no such event is parked.
        Conflict: another event of its key is before it, or it still cannot be applied; says why.
    """
    key = await _first(delivery, id)
    applied = 0
    while row := await _next(delivery, key):
        received = read(_record(row), delivery.inbox.event_types)
        # What was too large to keep is not there to be read.
        if problem := row["reason"] if "left" in row else received.problem:
            if applied:
                return applied
            raise Conflict("It still cannot be read: {problem}", problem=problem)
        try:
            await delivery.transact(lambda tx, row=row: _apply(delivery, tx, row, by))  # type: ignore[misc]
        except Exception as error:
            log.exception("retry_failed", service=delivery.service, event_id=row["_id"])
            if applied:
                return applied
            raise Conflict("It still cannot be applied: {problem}", problem=type(error).__name__) from error
        applied += 1
    return applied


async def discard(delivery: Delivery, id: str, by: str) -> None:
    """Give up a parked event: it has no effect, ever. Those behind it move up and can be tried.

    Raises:
        NotFound: no such event is parked.
        Conflict: another event of its key is before it.
    """
    await _first(delivery, id)

    async def work(tx: Transaction) -> None:
        row = await tx.db.parked.find_one({"_id": id}, session=tx.session)
        if row is None:
            raise Conflict("Somebody else has just dealt with it")
        await unpark(tx, row, "discarded", by)

    await delivery.transact(work)


async def _first(delivery: Delivery, id: str) -> bytes:
    row = await delivery.db.parked.find_one({"_id": id})
    if row is None:
        raise NotFound("No such event is parked")
    key = bytes(row["order_key"])
    first = await _next(delivery, key)
    if first and first["_id"] != id:
        raise Conflict("It waits behind {first}; begin with that one", first=first["_id"])
    return key


async def _next(delivery: Delivery, key: bytes) -> Document | None:
    row: Document | None = await delivery.db.parked.find_one({"order_key": key}, sort=[("place", 1), ("at", 1)])
    return row


async def _apply(delivery: Delivery, tx: Transaction, row: Document, by: str) -> None:
    received = read(_record(row), delivery.inbox.event_types)
    assert received.envelope is not None
    await unpark(tx, row, "applied", by)
    await delivery.inbox.handler(received.record.topic)(tx, received.event, received.envelope)


def _record(row: Document) -> Record:
    headers = tuple((name, value) for name, value in row["headers"])
    value = row["value"]
    return Record(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["offset"],
        timestamp=0,
        timestamp_type=0,
        key=row["key"],
        value=value,
        checksum=None,
        serialized_key_size=len(row["key"] or b""),
        serialized_value_size=len(value or b""),
        headers=headers,
    )
