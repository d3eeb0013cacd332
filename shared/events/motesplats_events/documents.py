"""The contract as documents: a JSON Schema for each event, and AsyncAPI for the topics."""

from collections.abc import Iterable
from typing import Any

from motesplats_events.event import CONTENT_TYPE, Event

_HEADERS = {
    "type": "object",
    "description": "CloudEvents 1.0, binary binding; each header is UTF-8 text.",
    "required": [
        "ce_specversion",
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_subject",
        "ce_time",
        "ce_dataschema",
        "ce_sequence",
        "content-type",
    ],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "description": "The same at every delivery; count an event once by it."},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string"},
        "ce_subject": {"type": "string", "description": "The aggregate's id; also the Kafka key."},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_dataschema": {"type": "string"},
        "ce_sequence": {"type": "string", "description": "A whole number that rises with each event of a subject."},
        "content-type": {"const": CONTENT_TYPE},
        "traceparent": {"type": "string"},
    },
}


def schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event's value."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"/schemas/{event.topic}.v{event.version}.json",
        **event.model_json_schema(mode="serialization"),
    }


def asyncapi(events: Iterable[type[Event]]) -> dict[str, Any]:
    """An AsyncAPI 3.0 document of the topics that carry these events."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for event in events:
        name = event.__name__
        channels[event.topic] = {
            "address": event.topic,
            "description": ("Private. " if event.private else "") + ("Compacted. " if event.compacted else ""),
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
            "bindings": {"kafka": {"bindingVersion": "0.5.0", "key": {"type": "string"}}},
        }
        operations[f"publish-{event.topic}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{event.topic}"},
            "summary": f"Published by the {event.source} service",
        }
        messages[name] = {
            "name": event.event_type(),
            "contentType": CONTENT_TYPE,
            "summary": (event.__doc__ or "").splitlines()[0],
            "headers": _HEADERS,
            "payload": schema(event),
        }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Mötesplats events", "version": "1"},
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }
