"""What a use case works with: the service's own store and, in a transaction, its outbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import uuid_utils

from motesplats_events import Envelope, Event
from shared.mongo import Database, Document, Session


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
    event_ids: "EventIds" = field(kw_only=True)
    _rows: list[Document] = field(default_factory=list)

    def publish(self, event: Event, *, sequence: int) -> None:
        """Announce `event` when the transaction commits.

        Args:
            sequence: the version that the aggregate has after this change; it must rise with every change.
        """
        self._add(type(event), event.subject, sequence, event.model_dump_json())

    def publish_current(self, event_type: type[Event], subject: str, *, sequence: int) -> None:
        """Announce that something of `subject` changed; what it then is, is read when the event is sent.

        For contact details: the outbox keeps the id alone, so that no old address lies in it.
        The service names the reader with `Delivery.current`.
        """
        self._add(event_type, subject, sequence, None)

    def _add(self, event_type: type[Event], subject: str, sequence: int, value: str | None) -> None:
        self._rows.append(
            {
                "_id": self.event_ids.at(len(self._rows)),
                "topic": event_type.topic,
                "type": event_type.event_type(),
                "key": subject,
                "sequence": sequence,
                "time": self.now.isoformat(),
                "value": value,
                "sent": False,
            }
        )

    async def write_outbox(self) -> bool:
        """Write the collected events as the transaction's last step; True if there were any."""
        for row in self._rows:
            # Taken last, and anew at each attempt: whoever changed the same aggregate before us has committed by
            # now, so that the order of these numbers is the order of commits of one aggregate.
            row["order"] = str(uuid_utils.uuid7())
        if self._rows:
            await self.db.outbox.insert_many(self._rows, session=self.session)
        return bool(self._rows)


class EventIds:
    """The ids of a transaction's events: the n-th event has the same id however often the transaction runs.

    A commit whose reply is lost may have happened. Running the work again then fails on a duplicate id instead of
    doing it twice.
    """

    def __init__(self, ids: Sequence[str] = ()) -> None:
        self._ids = list(ids)

    def at(self, index: int) -> str:
        """The id of the event with this number, 0 for the first."""
        while len(self._ids) <= index:
            self._ids.append(str(uuid_utils.uuid7()))
        return self._ids[index]

    @property
    def used(self) -> Sequence[str]:
        """Those handed out so far."""
        return self._ids


def envelope_of(row: Document, service: str) -> Envelope:
    """The CloudEvents attributes of an outbox row."""
    return Envelope(
        id=row["_id"],
        type=row["type"],
        source=f"/motesplats/{service}",
        subject=row["key"],
        time=datetime.fromisoformat(row["time"]),
        sequence=row["sequence"],
    )


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
