"""`motesplats clock`."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from services.cli.errors import CommandError
from services.cli.sign_in import api_token
from services.cli.where import DATA, DataOption, platform

PATH = "/api/registration/clock"
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def clock(
    time: Annotated[
        str | None,
        typer.Argument(
            help="Where to move it: a time such as 2025-01-28T17:00, or a step such as +3d, +2h, +30m, +1w."
        ),
    ] = None,
    zone: Annotated[
        str, typer.Option(help="The zone of a time without one.", envvar="MOTESPLATS_TIME_ZONE")
    ] = "Europe/Stockholm",
    data: DataOption = DATA,
) -> None:
    """Show the platform's clock, or move it (trial mode).

    An empty platform's clock can be set once to any time; after that it only moves forward.

    Examples:

    - `motesplats clock`
    - `motesplats clock +1d`
    - `motesplats clock 2025-01-28T17:00`
    """
    found = platform(data)
    now = _ask(found.url, found.secret_key, None)
    if time is not None:
        now = _ask(found.url, found.secret_key, _wanted(time, now, _zone(zone)))
    print(now.astimezone(_zone(zone)).isoformat(timespec="seconds"))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError):
        raise CommandError(f"{name} is no time zone; write one such as Europe/Stockholm", exit_code=2) from None


def _wanted(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    if step := re.fullmatch(r"\+(\d{1,6})([mhdw])", text):
        try:
            return now + timedelta(**{UNITS[step[2]]: int(step[1])})
        except OverflowError:
            raise CommandError(f"{text} is further than the calendar reaches", exit_code=2) from None
    try:
        wanted = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"{text} is no time; write one such as 2025-01-28T17:00, or a step such as +3d", exit_code=2
        ) from None
    return wanted if wanted.tzinfo else wanted.replace(tzinfo=zone)


def _ask(url: str, secret_key: str, move_to: datetime | None) -> datetime:
    import httpx

    headers = {"Authorization": f"Bearer {api_token(secret_key)}"}
    try:
        if move_to is None:
            answer = httpx.get(url + PATH, headers=headers)
        else:
            body = {"now": move_to.astimezone(UTC).isoformat()}
            answer = httpx.put(url + PATH, headers=headers, json=body, timeout=30)
    except httpx.HTTPError as error:
        raise CommandError(f"{url} does not answer ({type(error).__name__})") from None
    if answer.status_code == 404:
        raise CommandError(f"{url} is not in trial mode: its clock is the real one")
    content: dict[str, Any] = answer.json()
    if answer.is_error:
        raise CommandError(str(content.get("detail") or content.get("title") or answer.reason_phrase))
    return datetime.fromisoformat(content["now"])
