"""`motesplats republish` on a platform that has lived."""

import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.cli.errors import CommandError
from services.cli.play import parse_story, play
from services.cli.republish import republish
from tests.platforms import Platform, command

SERVICES = ("registration", "notification", "evaluation", "volunteers")


async def test_everything_again_changes_nothing(house: Platform, small_story: str) -> None:
    await play(parse_story(small_story), url=house.url, token=house.token, progress=lambda _: None)
    before = _figures(house)
    done = command("republish", "--since", "2020-01-01", "--data", str(house.data))
    assert done.returncode == 0, done.stderr
    asked = {line.split()[0]: int(line.split()[1].replace(",", "")) for line in done.stdout.splitlines()}
    assert asked == {service: sum(before["events"][service].values()) for service in SERVICES}
    _until_nothing_moves(house)
    assert _figures(house) == before


def test_a_time_that_a_service_has_forgotten_is_refused_before_anything_is_sent(
    house: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answer(_: Any, method: str, path: str) -> Any:
        asked.append(method)
        return {"since": "2026-01-02T03:04:05+00:00" if "evaluation" in path else None}

    monkeypatch.setattr("services.cli.republish.ask", answer)
    with pytest.raises(CommandError, match="evaluation has forgotten what it consumed before 2026-01-02"):
        republish(datetime(2026, 1, 1, tzinfo=UTC), house.data)
    assert set(asked) == {"GET"}


def _figures(house: Platform) -> dict[str, Any]:
    """What would change if an effect happened twice: messages by kind, events published and parked."""
    with httpx.Client(base_url=house.url, headers=house.staff, timeout=30) as client:
        return {
            "events": {service: client.get(f"/api/{service}/events/counts").json() for service in SERVICES},
            "parked": {service: client.get(f"/api/{service}/parked").json() for service in SERVICES},
            "mail": client.get("/api/notification/messages").json(),
        }


def _until_nothing_moves(house: Platform) -> None:
    before, calm = None, 0
    while calm < 5:
        now = _figures(house)
        calm = calm + 1 if now == before else 0
        before = now
        time.sleep(0.3)
