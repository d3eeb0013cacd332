"""What a use case works with: the service's own store and, in a transaction, its outbox."""

from dataclasses import dataclass, field
from datetime import datetime

from motesplats_events import Event
from shared import observing
from shared.delivery.outbox import Numbering
from shared.kafka.topics import LARGEST_RECORD
from shared.mongo import Database, Document, Session

# A record is its value with key and headers.
LARGEST_VALUE = LARGEST_RECORD - 64 * 1024


class TooLarge(ValueError):
    """An event larger than a topic takes."""


@dataclass(slots=True)
class Reading:
    """Reads outside a transaction.

    Attributes:
        db: the service's own database.
        session: pass it to every driver call, so that the same function reads inside and outside a transaction.
    """

    db: Database
    session: Session | None = None


@dataclass(slots=True)
class Transaction(Reading):
    """Reads and writes that happen together or not at all, with the events that announce them.

    Attributes:
        now: the platform's time at the start of this attempt.
    """

    now: datetime = field(kw_only=True)
    numbering: Numbering = field(kw_only=True)
    _rows: list[Document] = field(default_factory=list)

    def publish(self, event: Event, *, sequence: int) -> None:
        """Announce `event` when the transaction commits.

        Args:
            sequence: the version that the aggregate has after this change; it must rise with every change.

        Raises:
            TooLarge: the topics take no such event; refused here, since a committed one would hold up the outbox.
        """
        value = event.model_dump_json()
        if len(value.encode()) > LARGEST_VALUE:
            raise TooLarge(f"{event.topic}: {len(value.encode())} bytes; the largest event has {LARGEST_VALUE}")
        self._add(type(event), event.subject, sequence, value)

    def publish_current(self, event_type: type[Event], subject: str, *, sequence: int) -> None:
        """Announce that something of `subject` changed; what it then is, is read when the event is sent.

        For contact details: the outbox keeps the id alone, so that no old address lies in it.
        The service names the reader with `Delivery.current`.
        """
        self._add(event_type, subject, sequence, None)

    def _add(self, event_type: type[Event], subject: str, sequence: int, value: str | None) -> None:
        row = {
            "_id": self.numbering.id(len(self._rows)),
            "topic": event_type.topic,
            "type": event_type.event_type(),
            "key": subject,
            "sequence": sequence,
            "time": self.now.isoformat(),
            "value": value,
        }
        if traced := observing.traceparent():
            row["traceparent"] = traced
        self._rows.append(row)

    async def write_outbox(self) -> bool:
        """Write the collected events as the transaction's last step; True if there were any."""
        if self._rows:
            self.numbering.number(self._rows)
            if len(self._rows) == 1:
                await self.db.outbox.insert_one(self._rows[0], session=self.session)
            else:
                await self.db.outbox.insert_many(self._rows, session=self.session)
        return bool(self._rows)


async def put_if_newer(tx: Reading, collection: str, id: str, sequence: int, fields: Document) -> bool:
    """Keep a projection of somebody else's state: set `fields` unless a newer state is already there.

    Returns:
        True if it was applied; False when the stored sequence is the same or newer.
    """
    rows = tx.db[collection]
    stored = await rows.find_one({"_id": id}, {"sequence": 1}, session=tx.session)
    if stored is not None and stored.get("sequence", 0) >= sequence:
        return False
    await rows.update_one({"_id": id}, {"$set": {**fields, "sequence": sequence}}, upsert=True, session=tx.session)
    return True
