"""`motesplats tail`."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.errors import CommandError
from services.cli.where import DATA, DataOption, platform

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, ConsumerRecord


def tail(
    topic: Annotated[
        list[str] | None, typer.Option(help="Only this topic; give it several times for several topics.")
    ] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Also what the broker still has from before.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many events.", show_default=False)] = None,
    data: DataOption = DATA,
) -> None:
    """Print public events as they happen, as a partner sees them. Piped, one JSON object a line.

    The broker is KAFKA_BOOTSTRAP_SERVERS where that is set, otherwise that of the platform on the data folder. The
    embedded broker forgets at each stop: `--from-start` then shows what was sent since the last start.

    Examples:

    - `motesplats tail`
    - `motesplats tail --topic session-held --from-start`
    - `motesplats tail | jq .data`
    """
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or _servers_of(data)
    topics = _topics(topic)
    show = _for_people() if sys.stdout.isatty() else _for_programs
    asyncio.run(_follow(servers, topics, from_start, limit, show))


def _servers_of(data: Path) -> str:
    return platform(data).kafka_bootstrap_servers


def _topics(wanted: Sequence[str] | None) -> list[str]:
    from motesplats_events import EVENTS

    public = [event.topic for event in EVENTS if not event.private]
    unknown = [name for name in wanted or () if name not in public]
    if unknown:
        raise CommandError(f"no public topic is called {unknown[0]}; there are: {', '.join(public)}", exit_code=2)
    return list(wanted or public)


async def _follow(
    servers: str,
    topics: Sequence[str],
    from_start: bool,
    limit: int | None,
    show: Callable[[dict[str, Any]], None],
) -> None:
    from aiokafka import AIOKafkaConsumer
    from aiokafka.errors import KafkaError

    consumer: AIOKafkaConsumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=servers,
        auto_offset_reset="earliest" if from_start else "latest",
        fetch_max_wait_ms=100,
    )
    try:
        await consumer.start()
        await _show_records(consumer, limit, show)
    except KafkaError as error:
        raise CommandError(f"the broker {servers} does not answer ({type(error).__name__})") from None
    finally:
        await consumer.stop()


async def _show_records(
    consumer: "AIOKafkaConsumer", limit: int | None, show: Callable[[dict[str, Any]], None]
) -> None:
    shown = 0
    async for record in consumer:
        show(_readable(record))
        shown += 1
        if shown == limit:
            return


def _readable(record: "ConsumerRecord") -> dict[str, Any]:
    """The CloudEvents attributes and the value; of what is neither, the bytes as text."""
    attributes = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    try:
        value: object = json.loads(record.value) if record.value else None
    except ValueError:
        value = record.value.decode(errors="replace")
    known = {name.removeprefix("ce_"): text for name, text in attributes.items() if name.startswith("ce_")}
    return {"topic": record.topic, **known, "data": value}


def _for_programs(event: dict[str, Any]) -> None:
    print(json.dumps(event, ensure_ascii=False), flush=True)


def _for_people() -> Callable[[dict[str, Any]], None]:
    from rich.console import Console
    from rich.json import JSON
    from rich.text import Text

    console = Console(highlight=False)

    def show(event: dict[str, Any]) -> None:
        when = str(event.get("time", ""))[:19].replace("T", " ")
        head = Text.assemble((str(event["topic"]), "bold"), f"  {when}  ", (str(event.get("id", "")), "dim"))
        console.print(head)
        console.print(JSON(json.dumps(event["data"], ensure_ascii=False), indent=2, ensure_ascii=False))

    return show
