"""One replica of one service, with hooks at the points where a crash hurts most.

    python -m tests.chaos.serve registration

The service is the one that operators run. What is added here records each effect in the transaction that has it, sends
this process a signal when it reaches a point that the folder CHAOS_POINTS names, and, for the negative controls, takes
away one of the guarantees (CHAOS_CONTROL).
"""

import os
import runpy
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import uuid_utils
from aiokafka import AIOKafkaProducer
from pymongo.errors import PyMongoError

from motesplats_events import Envelope
from shared.delivery import Delivery
from shared.delivery.backlog import Batch
from shared.delivery.inbox import Done, Handler, Inbox
from shared.delivery.received import Received
from shared.delivery.relay import Relay
from shared.delivery.transaction import Transaction
from shared.kafka import Record, Subscriber
from shared.mongo import Document
from shared.settings import Settings

POINTS = ("before_commit", "commit_publish", "publish_mark", "effect_offset")
CONTROLS = ("inbox_off", "offsets_first", "marks_first")


def reached(point: str) -> None:
    """Obey what the harness has laid down for this point, once: a file that holds the number of a signal."""
    order = Path(os.environ["CHAOS_POINTS"]) / point
    claimed = order.with_name(f"{point}.{os.getpid()}")
    try:
        order.rename(claimed)
    except FileNotFoundError:
        return
    os.kill(os.getpid(), int(claimed.read_text()))


def install_points() -> None:
    """Let the service pass by the points."""
    write_outbox, apply_in = Transaction.write_outbox, Inbox._apply_in
    send, note, commit = Relay._send, Relay._note, Subscriber._commit

    async def before_commit(tx: Transaction) -> bool:
        wrote = await write_outbox(tx)
        if wrote:
            reached("before_commit")
        return wrote

    async def effects_before_commit(inbox: Inbox, tx: Transaction, batch: Sequence[Received], done: list[Done]) -> None:
        await apply_in(inbox, tx, batch, done)
        # With or without events of its own.
        if any(one.outcome == "applied" for one in done):
            reached("before_commit")

    async def commit_publish(relay: Relay, producer: AIOKafkaProducer, rows: Sequence[Document]) -> None:
        reached("commit_publish")
        await send(relay, producer, rows)

    async def publish_mark(relay: Relay, batch: Batch) -> None:
        if batch.rows:
            reached("publish_mark")
        await note(relay, batch)

    async def effect_offset(subscriber: Subscriber) -> None:
        reached("effect_offset")
        await commit(subscriber)

    Transaction.write_outbox = before_commit  # type: ignore[method-assign, assignment]
    Inbox._apply_in = effects_before_commit  # type: ignore[method-assign]
    Relay._send = commit_publish  # type: ignore[method-assign, assignment]
    Relay._note = publish_mark  # type: ignore[method-assign, assignment]
    Subscriber._commit = effect_offset  # type: ignore[method-assign, assignment]


def record_effects() -> None:
    """Write down each effect in the transaction that has it."""
    handler_of, indexes = Inbox.handler, Delivery.indexes

    async def with_effects(delivery: Delivery) -> None:
        await indexes(delivery)
        if "chaos_effects" not in await delivery.db.list_collection_names():
            with suppress(PyMongoError):
                # The other replica may be first.
                await delivery.db.create_collection("chaos_effects")
                await delivery.db.chaos_effects.create_index("order")

    def recording(inbox: Inbox, topic: str) -> Handler:
        handler = handler_of(inbox, topic)

        async def handle(tx: Transaction, event: Any, envelope: Envelope) -> None:
            await handler(tx, event, envelope)
            row = {
                "order": str(uuid_utils.uuid7()),
                "event": envelope.id,
                "topic": topic,
                "key": envelope.subject,
                "sequence": envelope.sequence,
            }
            await tx.db.chaos_effects.insert_one(row, session=tx.session)

        return handle

    Inbox.handler = recording  # type: ignore[method-assign, assignment]
    Delivery.indexes = with_effects  # type: ignore[method-assign, assignment]


def take_away(control: str) -> None:
    """Break one guarantee, so that the audit must see it."""
    if control == "inbox_off":

        async def apply_in(inbox: Inbox, tx: Transaction, batch: Sequence[Received], _: object) -> None:
            for received in batch:
                if received.problem is None and received.envelope is not None:
                    await inbox.handler(received.record.topic)(tx, received.event, received.envelope)

        Inbox._apply_in = apply_in  # type: ignore[method-assign, assignment]
    elif control == "offsets_first":
        init = Subscriber.__init__

        def committing_first(
            subscriber: Subscriber,
            settings: Settings,
            group: str,
            topics: Sequence[str],
            receive: Callable[[Sequence[Record]], Awaitable[None]],
        ) -> None:
            async def late(records: Sequence[Record]) -> None:
                await subscriber._commit()
                reached("offset_effect")
                await receive(records)

            init(subscriber, settings, group, topics, late)

        Subscriber.__init__ = committing_first  # type: ignore[method-assign, assignment]
    elif control == "marks_first":
        read = Relay._read

        async def noted_first(relay: Relay) -> Batch:
            batch = await read(relay)
            if batch.rows:
                await relay._note(batch)
                reached("mark_publish")
                return Batch(batch.rows, {})
            return batch

        Relay._read = noted_first  # type: ignore[method-assign, assignment]
    elif control:
        raise SystemExit(f"CHAOS_CONTROL={control} is none of {', '.join(CONTROLS)}")


if __name__ == "__main__":
    install_points()
    record_effects()
    take_away(os.environ.get("CHAOS_CONTROL", ""))
    runpy.run_module(f"services.{sys.argv[1]}", run_name="__main__")
