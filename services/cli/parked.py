"""`motesplats parked`."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from services.cli.asking import SERVICES, ask
from services.cli.errors import CommandError
from services.cli.where import DATA, DataOption, platform


class Action(StrEnum):
    """What to do with parked events."""

    LIST = "list"
    SHOW = "show"
    RETRY = "retry"
    DISCARD = "discard"


def parked(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    event_id: Annotated[str | None, typer.Argument(help="Which event: its id from the list.")] = None,
    data: DataOption = DATA,
) -> None:
    """Events that a service could not read or apply, and those of the same key that wait behind them.

    The content is never shown, since it may hold a person. What is retried or discarded is noted with who did it.

    Examples:

    - `motesplats parked`
    - `motesplats parked show ID`
    - `motesplats parked retry ID` applies it and those that wait behind it, in order
    - `motesplats parked discard ID` gives it up for good
    """
    found = platform(data)
    rows = [{"service": service, **row} for service in SERVICES for row in ask(found, "GET", f"/api/{service}/parked")]
    if action is Action.LIST:
        _print(rows)
        return
    if event_id is None:
        raise CommandError(
            f"which event? motesplats parked {action} ID; the ids are in: motesplats parked", exit_code=2
        )
    row = next((row for row in rows if row["id"] == event_id), None)
    if row is None:
        raise CommandError(f"no event {event_id} is parked; the ids are in: motesplats parked")
    if action is Action.SHOW:
        for name, value in row.items():
            print(f"{name:10} {value}")
        return
    answer = ask(found, "POST", f"/api/{row['service']}/parked/{event_id}/{action}")
    print(f"applied: {answer['applied']}" if action is Action.RETRY else "discarded")


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    if not rows:
        print("Nothing is parked.")
        return
    table = Table("service", "event", "topic", "offset", "since", "why", box=None)
    for row in rows:
        table.add_row(row["service"], row["id"], row["topic"], str(row["offset"]), row["at"][:19], row["reason"])
    Console().print(table)
