"""`make bench`: measure, side by side in one run, and write build/bench.json and a table.

Examples:
    python -m tests.bench                         the embedded pair, and real Kafka where Docker runs
    python -m tests.bench --on embedded --quick   a few minutes
    python -m tests.bench --only relay_vs_floor,idle_latency_ms
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from shared import logs
from shared.embedded import EmbeddedPair
from shared.embedded.folder import DataFolder
from shared.settings import Settings
from tests.bench import hot, machine, matching, measures, observed, scale
from tests.bench.record import Record
from tests.containers import images
from tests.platforms import ROOT

EMBEDDED: dict[str, Any] = {
    "kafka_assign_partitions": True,
    "kafka_idempotent": False,
    "kafka_partitions": 1,
    "kafka_poll_ms": 30,
    "kafka_replication": 1,
}
CONTAINERS: dict[str, Any] = {
    "kafka_assign_partitions": False,
    "kafka_idempotent": True,
    "kafka_partitions": 6,
    "kafka_replication": 1,
}
# Filling a hundred regions is what takes longest.
LONGEST_SECONDS = 3600
KEY = "measured, and of no use to anybody else"


def main() -> int:
    """The command; 0 also when a target is missed, 1 when something could not be measured."""
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--on", choices=("embedded", "containers", "both"), default="both")
    parser.add_argument("--only", default="", help="keys of bench.json, with commas")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side (default: 3)")
    parser.add_argument("--quick", action="store_true", help="smaller numbers: less exact, and sooner")
    asked = parser.parse_args()
    # A line for each parked event would be measured too.
    logs.configure(level=logging.CRITICAL)
    where = ["embedded", "containers"] if asked.on == "both" else [asked.on]
    if "containers" in where and (reason := images.cannot_run("kafka", "store")):
        say(f"without real Kafka: {reason}")
        where.remove("containers")
    only = set(filter(None, asked.only.split(",")))
    record = Record.open(ROOT / "build" / "bench.json", machine.described())
    failed: list[str] = []
    for name in where:
        with pair(name) as settings:
            less = 5 if asked.quick else 1
            work = measures_on(name, settings, asked.rounds, less)
            chosen = {key: one for key, one in work.items() if not only or key in only}
            failed += asyncio.run(measure(name, chosen, record, quick=asked.quick))
    say(record.markdown())
    return int(bool(failed))


@contextmanager
def pair(name: str) -> Iterator[Settings]:
    """A broker and a store of this run's own."""
    if name == "embedded":
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            data = DataFolder.open(Path(folder))
            embedded = EmbeddedPair.start(data)
            try:
                where = embedded.wait()
                yield Settings(**EMBEDDED, **_given(where))
            finally:
                embedded.stop()
                data.close()
    else:
        from tests.containers.pair import ContainerPair

        started = ContainerPair.start()
        try:
            yield Settings(**CONTAINERS, **_given(started.addresses))
        finally:
            started.stop()


def _given(where: Any) -> dict[str, Any]:
    addresses = {"kafka_bootstrap_servers": where.kafka_bootstrap_servers, "mongodb_uri": where.mongodb_uri}
    return {**addresses, "secret_key": KEY, "mongodb_prefix": "bench"}


def measures_on(
    name: str, settings: Settings, rounds: int, less: int
) -> dict[str, tuple[int, Callable[[], Awaitable[Any]]]]:
    """All measures on one pair: how many runs of each side, and the work, by key."""
    events = 10_000 // less
    m = measures
    quick = less > 1
    times = (1, 10) if quick else (1, 10, 100)

    async def against_the_peer() -> dict[str, float]:
        # The same backlog for both, and not longer than the slower one drains in seconds.
        backlog = max(1_000, events // 5)
        ours, peer = [], []
        for _ in range(rounds):
            ours.append(await m.pipeline(settings, backlog))
            peer.append(await m.peer_pipeline(settings, backlog))
        return m.ratio_of(ours, peer)

    async def rss() -> dict[str, float]:
        alone = machine.service_rss(settings)
        if name != "embedded":
            return {"service": alone}
        whole, second = machine.platform_rss_and_start()
        return {"platform": whole, "service": alone, "start_s": second}

    region = scale.Scale(settings, times)
    all_of_them: dict[str, tuple[int, Callable[[], Awaitable[Any]]]] = {
        "pipeline_vs_event_outbox": (rounds, against_the_peer),
        "consumer_vs_floor": (rounds, lambda: m.consumer_vs_floor(settings, events, rounds)),
        "relay_vs_floor": (rounds, lambda: m.relay_vs_floor(settings, events, rounds)),
        "write_overhead": (rounds, lambda: m.write_overhead(settings, 300 // less, rounds)),
        "idle_latency_ms": (1, lambda: m.idle_latency_ms(settings, 300)),
        "poison_1pct": (rounds, lambda: m.poison_1pct(settings, events, rounds)),
        "duplicates": (rounds, lambda: m.duplicates(settings, events, rounds)),
        "observed_cost": (rounds, lambda: observed.observed_cost(settings, events, rounds)),
        "hot_session_per_s": (1, lambda: hot.hot_session_per_s(settings, 2_000 // less)),
        "hot_session_vs_bare": (rounds, lambda: hot.hot_session_vs_bare(settings, 2_000 // less, rounds)),
        "matching_200_by_500_s": (rounds, lambda: matching.matching_200_by_500_s(rounds)),
        "two_replicas": (1, lambda: m.two_replicas(settings, events)),
        "rss_mb": (1, rss),
        # Last: their rows stay in the store.
        "calendar_scale": (1, region.calendar),
        "day_scale": (1, region.day),
        "growth": (rounds, lambda: m.growth(settings, events, rounds, 1_000_000 // (less * less))),
    }
    if settings.kafka_assign_partitions:
        # One process per service there: its broker is slow to form groups.
        del all_of_them["two_replicas"]
    return all_of_them


async def measure(
    name: str, work: Mapping[str, tuple[int, Callable[[], Awaitable[Any]]]], record: Record, *, quick: bool
) -> list[str]:
    """One after the other, each noted when it is done. One that fails says why, and the others go on.

    Returns:
        The keys of those that failed.
    """
    failed = []
    for key, (rounds, one) in work.items():
        started = monotonic()
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                value = await one()
        except Exception as error:
            value = {"error": f"{type(error).__name__}: {error}"[:500]}
            failed.append(key)
        say(f"{name:10} {key:26} {json.dumps(value)} ({monotonic() - started:.0f} s)")
        if key == "rss_mb" and "start_s" in value:
            record.note(name, "start_s", value.pop("start_s"), rounds=rounds, quick=quick)
        record.note(name, key, value, rounds=rounds, quick=quick)
    return failed


def say(line: str) -> None:
    """Progress and the table."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
