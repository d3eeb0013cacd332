"""`motesplats parked`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote

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
    service: Annotated[list[str] | None, typer.Option(help="Only in this service. Can be given several times.")] = None,
    name: Annotated[str | None, typer.Option(help="Who decides, for the log; without it, this machine's user.")] = None,
    data: DataOption = DATA,
) -> None:
    """Events that a service could not read or apply, and those of the same key that wait behind them.

    The content is never shown, since it may hold a person. What is applied or discarded is noted with who did it, and
    `show` tells of it. Each service that reads an event may have parked it: `retry` tries it in all of them; `discard`
    wants to know in which it is to go.

    Examples:

    - `motesplats parked`
    - `motesplats parked show ID`
    - `motesplats parked retry ID` applies it and those that wait behind it, in order
    - `motesplats parked discard ID --service evaluation --name Maja` gives it up for good
    """
    if action is not Action.LIST and event_id is None:
        raise CommandError(
            f"which event? motesplats parked {action} ID; the ids are in: motesplats parked", exit_code=2
        )
    if unknown := set(service or ()) - set(SERVICES):
        raise CommandError(f"--service {min(unknown)}: the services are {', '.join(SERVICES)}", exit_code=2)
    found = platform(data)
    rows, failed = _of_each(service or SERVICES, lambda one: ask(found, "GET", f"/api/{one}/parked"))
    if event_id is None or action is Action.LIST:
        _print(rows)
    else:
        asked = f"event_id={quote(event_id, safe='')}"
        holders = [one for one, own in rows.items() if any(row["id"] == event_id for row in own)]
        if action is Action.SHOW:
            decided, _ = _of_each(rows, lambda one: ask(found, "GET", f"/api/{one}/parked/decided?{asked}"))
            if not _show(event_id, rows, decided):
                failed.append(f"no event {_plain(event_id)} is or was parked there; the ids are in: motesplats parked")
        elif not holders:
            failed.append(f"no event {_plain(event_id)} is parked there; the ids are in: motesplats parked")
        elif action is Action.DISCARD and len(holders) > 1 and not service:
            each = " ".join(f"--service {one}" for one in holders)
            raise CommandError(f"{' and '.join(holders)} hold it; say in which it is to go: {each}", exit_code=2)
        elif action is Action.DISCARD and failed and not service:
            failed.append(f"whether others hold it is not known; to discard it in {holders[0]}: --service {holders[0]}")
        else:
            path = f"parked/{action}?{asked}"
            answers, refused = _of_each(holders, lambda one: ask(found, "POST", f"/api/{one}/{path}", name=name))
            failed += refused
            for one, answer in answers.items():
                print(f"{one}: applied {answer['applied']}" if action is Action.RETRY else f"{one}: discarded")
    if failed:
        raise CommandError("\n".join(failed))


def _of_each(services: Iterable[str], asking: Callable[[str], Any]) -> tuple[dict[str, Any], list[str]]:
    """What each service answers; and why some do not, in words."""
    answers, failed = {}, []
    for one in services:
        try:
            answers[one] = asking(one)
        except CommandError as error:
            failed.append(f"{one}: {_plain(str(error))}")
    return answers, failed


def _print(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    lines = [
        (service, row["id"], row["topic"], str(row["offset"]), row["at"][:19], row["reason"])
        for service, own in rows.items()
        for row in own
    ]
    if not lines:
        if rows:
            print(f"Nothing is parked in {', '.join(rows)}.")
        return
    head = ("service", "event", "topic", "offset", "since", "why")
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    for line in (head, *lines):
        # Not wrapped: an id is there to be copied.
        print(_plain("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()))


def _show(
    event_id: str, rows: Mapping[str, Sequence[Mapping[str, Any]]], decided: Mapping[str, Sequence[Mapping[str, Any]]]
) -> bool:
    """True if there was something to show."""
    found = {service: [row for row in own if row["id"] == event_id] for service, own in rows.items()}
    known = [service for service in rows if found[service] or decided.get(service)]
    for service in known:
        print(f"{'service':10} {service}")
        for row in found[service]:
            for name, value in row.items():
                print(_plain(f"{name:10} {value}"))
        for one in decided.get(service, ()):
            print(_plain(f"{one['outcome']:10} {one['at'][:19]} by {one['by']} ({one['reason']})"))
    return bool(known)


def _plain(text: str) -> str:
    """Without what a terminal would obey: ids and types are anybody's."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
