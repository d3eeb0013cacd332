"""What every event has in common: CloudEvents 1.0 in Kafka's binary binding.

The headers carry the envelope (`ce_id`, `ce_type`, `ce_subject` …), the value carries the event as JSON.
An event class says its topic, who publishes it and which of its fields is the aggregate's id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

CONTENT_TYPE = "application/json"


class Event(BaseModel):
    """A fact, in the past tense.

    Unknown fields are ignored, so that a reader built against an older release understands a newer event.

    Attributes:
        topic: the Kafka topic, which is the event's name.
        source: the service that publishes it.
        subject_field: the field that holds the aggregate's id; it is the Kafka key and `ce_subject`.
        version: rises with a breaking change, which also gets a topic of its own.
        private: True for topics that hold contact details or say who did what; partners cannot read them.
        compacted: True where the topic keeps the newest event of each key, and an empty value erases.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[str]
    source: ClassVar[str]
    subject_field: ClassVar[str]
    version: ClassVar[int] = 1
    private: ClassVar[bool] = False
    compacted: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        """The id of the aggregate that the event is about."""
        return str(getattr(self, self.subject_field))

    @classmethod
    def event_type(cls) -> str:
        """The CloudEvents type, such as `motesplats.session-held.v1`."""
        return f"motesplats.{cls.topic}.v{cls.version}"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The CloudEvents attributes of one event.

    Attributes:
        id: UUIDv7; the same however often the event is delivered. Count an event once by it.
        type: see `Event.event_type`.
        source: `/motesplats/<service>`.
        subject: the aggregate's id; also the Kafka key.
        time: when it happened, with a time zone.
        sequence: rises with every event of one aggregate. Apply a state only if its sequence is newer.
        traceparent: W3C trace context, when there is one.
    """

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    sequence: int
    traceparent: str | None = None

    def headers(self) -> list[tuple[str, bytes]]:
        """The Kafka headers of the binary binding."""
        name_and_version = self.type.removeprefix("motesplats.")
        pairs = {
            "ce_specversion": "1.0",
            "ce_id": self.id,
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_subject": self.subject,
            "ce_time": self.time.isoformat(),
            "ce_dataschema": f"/schemas/{name_and_version}.json",
            "ce_sequence": str(self.sequence),
            "content-type": CONTENT_TYPE,
        }
        if self.traceparent:
            pairs["traceparent"] = self.traceparent
        return [(name, value.encode()) for name, value in pairs.items()]

    @classmethod
    def of(cls, headers: Mapping[str, bytes | None]) -> Self:
        """Read the attributes from Kafka headers.

        Raises:
            ValueError: a required attribute is missing or not what it should be; the message names it.
        """

        def text(name: str) -> str:
            value = headers.get(name)
            if not value:
                raise ValueError(f"header {name} is missing or empty")
            try:
                return value.decode()
            except UnicodeDecodeError:
                raise ValueError(f"header {name} is not UTF-8") from None

        if text("ce_specversion") != "1.0":
            raise ValueError("header ce_specversion is not 1.0")
        try:
            time = datetime.fromisoformat(text("ce_time"))
        except ValueError:
            raise ValueError("header ce_time is not an RFC 3339 time") from None
        if time.tzinfo is None:
            raise ValueError("header ce_time has no time zone")
        sequence = text("ce_sequence")
        if not sequence.isascii() or not sequence.isdigit() or len(sequence) > 18:
            raise ValueError("header ce_sequence is not a whole number")
        return cls(
            id=text("ce_id"),
            type=text("ce_type"),
            source=text("ce_source"),
            subject=text("ce_subject"),
            time=time,
            sequence=int(sequence),
            traceparent=text("traceparent") if headers.get("traceparent") else None,
        )
