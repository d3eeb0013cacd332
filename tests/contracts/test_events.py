"""The contract with partners: schemas held to the code, changes only additive, no person in a public event."""

import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from motesplats_events import CORE, EVENTS, Envelope, Event
from motesplats_events.documents import asyncapi, schema

EVENTS_FOLDER = Path(__file__).parents[2] / "shared" / "events"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.topic)
def test_the_written_schema_is_the_code(event: type[Event]) -> None:
    written = json.loads((EVENTS_FOLDER / "schemas" / f"{event.topic}.v{event.version}.json").read_text())
    assert written == schema(event), "run: make contract"


def breaking_changes(old: dict[str, Any], new: dict[str, Any], where: str = "") -> list[str]:
    """What a reader of `old` cannot stand in `new`: a field that is gone, optional now, or of another type."""
    found = []
    for name, part in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            found.append(f"{where}{name} is gone")
        else:
            for key in ("type", "$ref", "anyOf", "enum", "items", "format"):
                if key in part and part[key] != new["properties"][name].get(key):
                    found.append(f"{where}{name} has another {key}")
    found += [
        f"{where}{name} is no longer always there"
        for name in old.get("required", [])
        if name not in new.get("required", [])
    ]
    for name, part in old.get("$defs", {}).items():
        newer = new.get("$defs", {}).get(name)
        if newer is None:
            found.append(f"{where}{name} is gone")
        else:
            found += breaking_changes(part, newer, f"{name}.")
            found += [f"{name} lost {value}" for value in part.get("enum", []) if value not in newer.get("enum", [])]
    return found


@pytest.mark.parametrize("path", sorted((EVENTS_FOLDER / "released").glob("*.json")), ids=lambda path: path.stem)
def test_a_released_event_changes_only_by_additions(path: Path) -> None:
    released = json.loads(path.read_text())
    now = json.loads((EVENTS_FOLDER / "schemas" / path.name).read_text())
    assert breaking_changes(released, now) == []


def test_the_comparison_sees_a_field_that_is_gone_and_one_of_another_type() -> None:
    old = schema(CORE[1])
    new = json.loads(json.dumps(old))
    del new["properties"]["theme"]
    new["properties"]["visitors"]["type"] = "string"
    assert breaking_changes(old, new) == ["theme is gone", "visitors has another type"]


PERSONAL = {"name", "email", "phone", "address", "contact", "answer", "comment", "token", "token_hashes", "attended_by"}


@pytest.mark.parametrize("event", [e for e in EVENTS if not e.private], ids=lambda event: event.topic)
def test_a_public_event_has_no_field_for_a_person(event: type[Event]) -> None:
    def fields(part: dict[str, Any]) -> set[str]:
        own = set(part.get("properties", {}))
        return own.union(*(fields(inner) for inner in part.get("$defs", {}).values()))

    found = fields(schema(event)) & PERSONAL
    # A place has a name; nobody else does.
    assert found <= ({"name"} if event.topic == "programme-planned" else set())


def test_headers_are_read_back_as_they_were_written() -> None:
    envelope = Envelope(
        "id-1", CORE[0].event_type(), "/motesplats/registration", "s", datetime.now(UTC), 7, "00-a-b-01"
    )
    assert Envelope.of(dict(envelope.headers())) == envelope


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_id", None),
        ("ce_id", b""),
        ("ce_id", b"\xff\xfe"),
        ("ce_specversion", b"0.3"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2025-01-01T10:00:00"),
        ("ce_sequence", b"-1"),
        ("ce_sequence", "٣".encode()),
        ("ce_sequence", b"9" * 5000),
    ],
)
def test_a_bad_header_is_named(name: str, value: bytes | None) -> None:
    headers = dict(Envelope("i", "t", "s", "k", datetime.now(UTC), 1).headers())
    with pytest.raises(ValueError, match=name):
        Envelope.of({**headers, name: value})


def test_a_reader_ignores_fields_that_it_does_not_know() -> None:
    event = CORE[0].model_validate(
        {
            "participant_id": "p",
            "programme_id": "g",
            "role": "patient",
            "status": "confirmed",
            "organiser": "o",
            "municipality": "m",
            "something_new": [1, 2],
        }
    )
    assert not hasattr(event, "something_new")


def test_asyncapi_describes_every_topic_with_its_payload() -> None:
    document = asyncapi(EVENTS)
    assert set(document["channels"]) == {event.topic for event in EVENTS}
    assert all(message["payload"]["properties"] for message in document["components"]["messages"].values())


def test_the_contract_is_a_wheel_that_needs_pydantic_alone(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, check=True, capture_output=True, cwd=EVENTS_FOLDER)
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(wheel).extractall(unpacked)
    metadata = next(unpacked.glob("*.dist-info/METADATA")).read_text()
    needs = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    assert len(needs) == 1
    assert needs[0].startswith("Requires-Dist: pydantic")
    script = (
        f"import sys; sys.path.insert(0, {str(unpacked)!r})\n"
        "import motesplats_events; assert motesplats_events.__file__.startswith(sys.path[0])\n"
        "ours = {'aiokafka', 'motor', 'shared', 'services'}; print(sorted(ours & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-I", "-c", script], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "[]"
