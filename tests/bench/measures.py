"""The measures of docs/performance.md, each a function of the settings of a running pair.

Every figure is events or milliseconds of one run on one broker and store; ratios are of runs that alternate.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any
from uuid import uuid4

from motesplats_events import AssignmentCompleted
from shared import kafka, mongo, observing
from shared.delivery import Delivery, Transaction
from shared.settings import Settings
from tests.bench import sides
from tests.bench.sides import Event, Seen, assigned, at_work, backlog, fresh_event, gone, made, prepared, produced

PEER = "event-outbox==0.4.0"
READY_SECONDS = 60
DRAINED_SECONDS = 300
BENCH_VENV = Path("build/bench-venv")


async def _topic(settings: Settings) -> Event:
    event = fresh_event()
    await kafka.create_topics(settings, [event])
    return event


async def pipeline(settings: Settings, number: int, *, name: str = "") -> float:
    """Events a second from a committed backlog to their effects in another service.

    Args:
        name: of the step in a trace that the events begin with; empty: none.
    """
    event = await _topic(settings)
    at = assigned(settings)
    writer = await prepared(Delivery(f"writer_{uuid4().hex[:8]}", at))
    reader = await prepared(sides.reader(at, event))
    speed = await _drained(writer, reader, event, number, name)
    await gone(writer, reader)
    return speed


async def _drained(writer: Delivery, reader: Delivery, event: Event, number: int, name: str = "") -> float:
    seen = Seen(reader)
    with observing.span(name, observing.SpanKind.SERVER) if name else nullcontext():
        await backlog(writer, event, number)
    async with at_work(reader):
        await asyncio.sleep(0.5)
        started = perf_counter()
        async with at_work(writer):
            await seen.until(number)
            return number / (perf_counter() - started)


async def growth(settings: Settings, number: int, rounds: int, rows: int) -> dict[str, float]:
    """The pipeline with `rows` of history on either side, beside the same with 10,000.

    The databases are left to end with the store: to drop a million rows takes it longer than to write them.
    """
    at = assigned(settings)
    histories = {before: (f"writer_{uuid4().hex[:8]}", f"reader_{uuid4().hex[:8]}") for before in (10_000, rows)}
    for before, names in histories.items():
        writer, reader = [await prepared(Delivery(name, at)) for name in names]
        await _history(writer, reader, before)
        mongo.close(writer.db)
        mongo.close(reader.db)
    speeds: dict[int, list[float]] = {before: [] for before in histories}
    for _ in range(rounds):
        for before, names in histories.items():
            event = await _topic(settings)
            writer, reader = Delivery(names[0], at), sides.reader(at, event, names[1])
            speeds[before].append(await _drained(writer, reader, event, number))
            mongo.close(writer.db)
            mongo.close(reader.db)
    return ratio_of(speeds[rows], speeds[10_000])


async def _history(writer: Delivery, reader: Delivery, rows: int) -> None:
    """What a service has behind it: rows that were sent long ago and ids of events that were consumed."""
    for first in range(0, rows, 5_000):
        numbers = range(first, min(first + 5_000, rows))
        value = made(AssignmentCompleted, "old").model_dump_json()
        await writer.db.outbox.insert_many(
            [
                {
                    "_id": f"00000000-{n:09}",
                    "writer": "old",
                    "n": n,
                    "low": n,
                    "order": f"00000000-{n:09}",
                    "topic": "old",
                    "type": "old",
                    "key": "old",
                    "sequence": n,
                    "time": "2025-01-01T00:00:00+00:00",
                    "value": value,
                }
                for n in numbers
            ]
        )
        await reader.db.inbox.insert_many([{"_id": f"00000000-{n:09}", "topic": "old", "at": 0} for n in numbers])


async def peer_pipeline(settings: Settings, number: int) -> float:
    """The same by event-outbox, in a virtual environment of its own."""
    event = await _topic(settings)
    python = BENCH_VENV / "bin" / "python"
    if not python.exists():
        venv.create(BENCH_VENV, with_pip=True)
    installed = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PEER]
    await asyncio.to_thread(subprocess.run, installed, check=True)
    arguments = [
        str(python),
        str(Path(__file__).with_name("peer.py")),
        settings.kafka_bootstrap_servers,
        settings.mongodb_uri.get_secret_value(),
        event.topic,
        str(settings.kafka_partitions),
        str(number),
    ]
    done = await asyncio.to_thread(subprocess.run, arguments, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"event-outbox: {done.stderr[-2000:]}")
    return number / float(done.stdout)


async def consume(settings: Settings, event: Event, number: int, delivery: Delivery | None = None) -> float:
    """Events a second that one service takes from a topic that holds them."""
    at = assigned(settings)
    reader = delivery or await prepared(sides.reader(at, event))
    seen = Seen(reader)
    started = perf_counter()
    async with at_work(reader):
        await seen.until(number)
        took = perf_counter() - started
    if delivery is None:
        await gone(reader)
    return number / took


async def consumer_vs_floor(settings: Settings, number: int, rounds: int) -> dict[str, float]:
    """Consume with inbox and effect, beside a hand-written batch loop with the same transaction."""
    event = await _topic(settings)
    await produced(settings, event, number)
    ours, floor = [], []
    for _ in range(rounds):
        ours.append(await consume(settings, event, number))
        floor.append(number / await sides.floor_consumer(assigned(settings), event, number))
    return ratio_of(ours, floor)


async def relay_vs_floor(settings: Settings, number: int, rounds: int) -> dict[str, float]:
    """Send a backlog, beside a hand-written loop with the same acknowledgements that stores a position per batch."""
    ours: list[float] = []
    floor: list[float] = []
    for _ in range(rounds):
        for speeds in (ours, floor):
            event = await _topic(settings)
            writer = await prepared(Delivery(f"writer_{uuid4().hex[:8]}", settings))
            await backlog(writer, event, number)
            if speeds is floor:
                # The loop's own index, since it knows one writer only.
                await writer.db.outbox.create_index([("n", 1)])
                took = await sides.floor_relay(writer, settings, number)
            else:
                took = await _relayed(writer, number)
            speeds.append(number / took)
            await gone(writer)
    return ratio_of(ours, floor)


async def _relayed(writer: Delivery, number: int) -> float:
    noted, note = asyncio.Event(), writer.relay._note
    sent = 0

    async def counting(batch: Any) -> None:
        nonlocal sent
        await note(batch)
        sent += len(batch.rows)
        if sent >= number:
            noted.set()

    writer.relay._note = counting  # type: ignore[method-assign]
    started = perf_counter()
    async with at_work(writer):
        await noted.wait()
        return perf_counter() - started


async def write_overhead(settings: Settings, number: int, rounds: int) -> dict[str, float]:
    """Milliseconds of a business write with an event, and of the same write without."""
    event = await _topic(settings)
    writer = await prepared(Delivery(f"writer_{uuid4().hex[:8]}", settings))
    with_event, without = [], []

    async def announced(tx: Transaction) -> None:
        await sides.effect(tx.db, "state", 1, tx.session)
        tx.publish(made(event, uuid4().hex), sequence=1)

    async def plain(session: mongo.Session) -> None:
        await sides.effect(writer.db, "state", 1, session)

    for _ in range(number * rounds):
        with_event.append(await sides.timed(writer.transact(announced)) * 1000)
        without.append(await sides.timed(mongo.in_transaction(writer.db, plain)) * 1000)
    await gone(writer)
    return {
        "ratio": round(median(with_event) / median(without), 2),
        "with_event_ms": round(median(with_event), 2),
        "without_ms": round(median(without), 2),
    }


async def idle_latency_ms(settings: Settings, number: int) -> dict[str, float]:
    """From the end of a commit to the end of the transaction with the effect elsewhere, one event at a time."""
    event = await _topic(settings)
    writer = await prepared(Delivery(f"writer_{uuid4().hex[:8]}", settings))
    reader = await prepared(sides.reader(settings, event))
    seen, took = Seen(reader), []

    async def work(tx: Transaction) -> None:
        tx.publish(made(event, uuid4().hex), sequence=1)

    async with at_work(reader), at_work(writer):
        await writer.transact(work)
        await seen.until(1)
        for n in range(number):
            await asyncio.sleep(0.03)
            await writer.transact(work)
            took.append(await sides.timed(seen.until(n + 2)) * 1000)
    await gone(writer, reader)
    cuts = quantiles(took, n=100, method="inclusive")
    return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1)}


async def poison_1pct(settings: Settings, number: int, rounds: int) -> dict[str, float]:
    """Throughput of the other keys when one event in a hundred cannot be read, beside a clean topic."""
    clean, poisoned = await _topic(settings), await _topic(settings)
    await produced(settings, clean, number)
    await produced(settings, poisoned, number, poison=100)
    with_poison, without = [], []
    for _ in range(rounds):
        without.append(await consume(settings, clean, number))
        with_poison.append(await consume(settings, poisoned, number) * 0.99)
    return ratio_of(with_poison, without)


async def duplicates(settings: Settings, number: int, rounds: int) -> dict[str, float]:
    """A topic consumed again whole, beside the first time."""
    event = await _topic(settings)
    await produced(settings, event, number)
    again, first = [], []
    for _ in range(rounds):
        one = await prepared(sides.reader(assigned(settings), event))
        first.append(await consume(settings, event, number, one))
        # The same store under another group: every event is known.
        other = Delivery(one.service, assigned(settings))
        other.db = one.db
        for topic, (kind, handler) in one.inbox._handlers.items():
            assert topic == event.topic
            other.on(kind)(handler)
        other.service = f"again_{uuid4().hex[:8]}"
        other.relay = one.relay
        again.append(await consume(settings, event, number, other))
        await gone(one)
    return ratio_of(again, first)


async def two_replicas(settings: Settings, number: int) -> dict[str, float]:
    """Two processes of the reading service beside one, and effects out of order among them."""
    speeds, inversions = [], 0
    for replicas in (1, 2):
        event = await _topic(settings)
        name = f"shared_{uuid4().hex[:8]}"
        reader = await prepared(sides.reader(settings, event, name))
        with tempfile.TemporaryDirectory() as folder:
            async with AsyncExitStack() as stack:
                for n in range(replicas):
                    stack.callback(_replica(settings, event, name, Path(folder) / str(n)).kill)
                async with asyncio.timeout(READY_SECONDS):
                    while sum(1 for n in range(replicas) if (Path(folder) / str(n)).exists()) < replicas:
                        await asyncio.sleep(0.1)
                # Until the group has settled.
                await asyncio.sleep(6)
                started = perf_counter()
                await produced(settings, event, number)
                async with asyncio.timeout(DRAINED_SECONDS):
                    while await reader.db.inbox.estimated_document_count() < number:
                        await asyncio.sleep(0.05)
                speeds.append(number / (perf_counter() - started))
        newest: defaultdict[str, int] = defaultdict(int)
        async for row in reader.db.effects.find({}).sort("_id", 1):
            inversions += row["sequence"] < newest[row["subject"]]
            newest[row["subject"]] = max(newest[row["subject"]], row["sequence"])
        await gone(reader)
    return {"ratio": round(speeds[1] / speeds[0], 2), "one": round(speeds[0]), "inversions": inversions}


def _replica(settings: Settings, event: Event, name: str, ready: Path) -> "subprocess.Popen[bytes]":
    given = {
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "KAFKA_PARTITIONS": str(settings.kafka_partitions),
        "KAFKA_IDEMPOTENT": str(int(settings.kafka_idempotent)),
        "KAFKA_POLL_MS": str(settings.kafka_poll_ms),
        "MONGODB_URI": settings.mongodb_uri.get_secret_value(),
        "MONGODB_PREFIX": settings.mongodb_prefix,
        "MOTESPLATS_SECRET_KEY": settings.secret_key.get_secret_value(),
    }
    command = [sys.executable, "-m", "tests.bench.replica", name, event.topic, str(ready)]
    return subprocess.Popen(command, env={**os.environ, **given})


def ratio_of(ours: list[float], other: list[float]) -> dict[str, float]:
    return {
        "ratio": round(median(ours) / median(other), 2),
        "ours_per_s": round(median(ours)),
        "other_per_s": round(median(other)),
    }
