"""`motesplats republish`."""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote

import typer

from services.cli.asking import SERVICES, ask
from services.cli.errors import CommandError
from services.cli.where import DATA, DataOption, platform


def republish(
    since: Annotated[datetime, typer.Option(help="Send again what was published since then (this machine's time).")],
    data: DataOption = DATA,
) -> None:
    """Feed a broker that lost its events from the services' outboxes.

    Everything published since the time given is sent again, in order and before anything newer. Services know what they
    have by its id and take nothing twice. They keep these ids for 500 days; no time from before that is taken.

    Examples:

    - `motesplats republish --since 2026-11-24T08:30:00`
    - `motesplats republish --since 2026-11-24` from that day's beginning
    """
    found = platform(data)
    when = since.astimezone()
    for service in SERVICES:
        remembered = ask(found, "GET", f"/api/{service}/events/remembered")["since"]
        if remembered is not None and (oldest := datetime.fromisoformat(remembered)) > when:
            raise CommandError(
                f"{service} has forgotten what it consumed before {oldest.astimezone():%Y-%m-%dT%H:%M:%S}"
                " and could take it twice; give a later time"
            )
    for service in SERVICES:
        asked = ask(found, "POST", f"/api/{service}/events/republish?since={quote(when.isoformat())}")
        print(f"{service:12} {asked['events']:>9,} events are sent again")
