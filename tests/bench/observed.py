"""What observing costs: the pipeline with logs, metrics and traces, beside the pipeline with none of them."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared import logs, observing
from shared.settings import Settings
from tests.bench.measures import pipeline, ratio_of


async def observed_cost(settings: Settings, number: int, rounds: int) -> dict[str, float]:
    """The pipeline with logs, metrics and traces, beside the pipeline with none of them.

    Every committed batch is a request, and every event carries its trace to a collector in a process of its own.
    """
    on, off = [], []
    with collector() as url:
        for _ in range(rounds):
            with observed(url):
                on.append(await pipeline(settings, number, name="request"))
            with unobserved():
                off.append(await pipeline(settings, number))
    return ratio_of(on, off)


@contextmanager
def collector() -> Iterator[str]:
    """A process that takes traces and throws them away."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.collector"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


@contextmanager
def observed(url: str) -> Iterator[None]:
    """Everything that an operator can switch on."""
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = url
    with Path(os.devnull).open("w") as nowhere, observing.traces("bench"):
        logs.configure(nowhere)
        yield
    del os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
    logs.configure(level=logging.CRITICAL)


@contextmanager
def unobserved() -> Iterator[None]:
    """Not even the metrics, which are always kept otherwise."""
    logging.disable(logging.CRITICAL)
    metrics: tuple[Any, ...] = (observing.SENT, observing.CONSUMED, observing.AGE)
    nothing = _Nothing()
    for metric in metrics:
        metric.labels = lambda *_: nothing
    yield
    for metric in metrics:
        del metric.labels
    logging.disable(logging.NOTSET)


class _Nothing:
    def inc(self, _: float = 1) -> None:
        """Count nothing."""

    def observe(self, _: float) -> None:
        """Measure nothing."""
