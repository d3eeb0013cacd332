"""The points at which a service is killed or stopped are where they are said to be."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from motesplats_events import AssignmentCompleted, Envelope
from shared import mongo
from shared.delivery import Delivery, Transaction
from shared.delivery.inbox import Inbox
from shared.delivery.relay import Relay
from shared.kafka import Record, Subscriber
from shared.settings import Settings
from tests.chaos import serve
from tests.delivery.conftest import completed


async def test_a_service_comes_to_the_commit_also_when_it_publishes_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for whose, name in (
        (Transaction, "write_outbox"),
        (Inbox, "_apply_in"),
        (Relay, "_send"),
        (Relay, "_note"),
        (Subscriber, "_commit"),
    ):
        # So that they are themselves again after the test.
        monkeypatch.setattr(whose, name, getattr(whose, name))
    reached: list[str] = []
    monkeypatch.setattr(serve, "reached", reached.append)
    serve.install_points()
    delivery = Delivery("reader", settings)
    await delivery.indexes()
    await delivery.db.create_collection("effects")

    passed_before: list[int] = []

    @delivery.on(AssignmentCompleted)
    async def on_assignment_completed(tx: Transaction, event: AssignmentCompleted, _: Envelope) -> None:
        passed_before.append(len(reached))
        await tx.db.effects.insert_one({"of": event.assignment_id}, session=tx.session)

    record = _record(completed(str(uuid4())))
    await delivery.inbox.receive([record])
    # A commit may be attempted more than once.
    assert set(reached) == {"before_commit"}
    assert passed_before[0] == 0
    passed = len(reached)
    await delivery.inbox.receive([record])
    assert len(reached) == passed, "what is known has no effect"
    assert await delivery.db.effects.count_documents({}) == 1
    mongo.close(delivery.db)


def _record(event: AssignmentCompleted) -> Record:
    envelope = Envelope(str(uuid4()), event.event_type(), "/test", event.subject, datetime.now(UTC), 1)
    key, value = event.subject.encode(), event.model_dump_json().encode()
    return Record(event.topic, 0, 0, 0, 0, key, value, None, len(key), len(value), tuple(envelope.headers()))
