"""Any record that a topic can hold, read as far as it can be."""

import hashlib
from dataclasses import dataclass

from pydantic import ValidationError

from motesplats_events import Envelope, Event
from shared.kafka import Record

# The longest id and key that are kept as they came; what is longer, somebody else's, by its hash.
LONGEST_NAME = 200
LONGEST_REASON = 300
# A document of the store has 16 MB at most. A topic limits what is sent, which may be compressed to a fraction.
LARGEST_KEPT = 15 * 1024 * 1024
# What a header takes there beside its name and value, and somewhat more.
HEADER_BYTES = 48


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

    @property
    def too_large(self) -> bool:
        """Whether the store cannot keep it whole; none of ours is."""
        return _size(self.record) > LARGEST_KEPT


def read(record: Record, event_types: dict[str, type[Event]]) -> Received:
    """Read any record; never raises."""
    event_type = event_types[record.topic]
    try:
        envelope = Envelope.of(dict(record.headers))
    except ValueError as error:
        return Received(_hash(record), record, None, None, str(error)[:LONGEST_REASON])
    problem = None
    event = None
    if _size(record) > LARGEST_KEPT:
        problem = f"{_size(record)} bytes are too large to keep; its sender may send it again, smaller"
    elif envelope.type != event_type.event_type():
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


def _size(record: Record) -> int:
    headers = sum(len(name.encode()) + len(value or b"") + HEADER_BYTES for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers


def _hash(record: Record) -> str:
    parts = [record.topic.encode(), record.key or b"", record.value or b"", repr(record.headers).encode()]
    return "sha256:" + hashlib.sha256(b"\0".join(parts)).hexdigest()
