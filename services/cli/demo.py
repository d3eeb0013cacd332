"""The demo: a course of last year, played from the first registration to its published result, and one that is open."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from services.cli.errors import CommandError
from services.cli.play import ApiError, Story, StoryError, play, read_story

STORY = Path(__file__).parents[2] / "deploy" / "demo" / "motesplats-cancer-2025.yaml"
ZONE = ZoneInfo("Europe/Stockholm")
OPEN_COURSE_THEMES = (
    "Vad en cancersjukdom är",
    "Behandlingar i dag",
    "Att må bra mitt i det svåra",
    "Trötthet, rörelse och vila",
)
WEEKS_AHEAD = 3


async def load(url: str, token: str, progress: Callable[[str], None]) -> None:
    """Play the story, return the clock to real time and open a course for registration.

    Raises:
        CommandError: a step failed.
    """
    try:
        story = read_story(STORY)
        assert isinstance(story, Story)
        result = await play(story, url=url, token=token, progress=progress)
    except (ApiError, StoryError, OSError) as error:
        raise CommandError(f"the demo could not be loaded: {error}; start without it: --no-demo") from None
    if result.differences:
        raise CommandError("the demo's figures are not what its story says; start without it: --no-demo")
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        now = datetime.now(UTC)
        await _send(client, "PUT", "/api/registration/clock", {"now": now.isoformat()})
        await _send(client, "POST", "/api/registration/programmes", open_course(now))
        progress("One course is open for registration")


def open_course(now: datetime) -> dict[str, Any]:
    """A course on four Tuesday evenings, the first at least three weeks from `now`."""
    day = now.astimezone(ZONE).date() + timedelta(weeks=WEEKS_AHEAD)
    tuesday = day + timedelta(days=(1 - day.weekday()) % 7)
    evenings = [
        datetime.combine(tuesday + timedelta(weeks=week), time(17), ZONE) for week in range(len(OPEN_COURSE_THEMES))
    ]
    return {
        "title": "Mötesplats Cancer",
        "organiser": "Onkologkliniken",
        "kind": "course",
        "place": {"name": "Konferensrummet", "municipality": "Jönköping"},
        "places": {"patient": 12, "relative": 8},
        "sessions": [
            {"at": at.isoformat(), "minutes": 120, "theme": theme}
            for at, theme in zip(evenings, OPEN_COURSE_THEMES, strict=True)
        ],
    }


async def _send(client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any]) -> None:
    answer = await client.request(method, path, json=body)
    if answer.is_error:
        raise CommandError(f"the demo could not be loaded: {method} {path} gave {answer.status_code}")
