"""A coordinator fills in the dates of a programme by a rule, and looks at them before saving."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.registration.conftest import Running

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def inputs(page: str) -> dict[str, str]:
    """What the form shows, by field name."""
    return dict(re.findall(r'<input id="[^"]*" name="([^"]*)"[^>]* value="([^"]*)"', page))


def typed(service: Running, **change: str) -> dict[str, str]:
    first = service.delivery.clock.now().astimezone(STOCKHOLM) + timedelta(days=10)
    return {
        "title": "Men's group",
        "organiser": "Clinic",
        "place": "The library",
        "municipality": "Randers",
        "patient": "8",
        "first-date": first.date().isoformat(),
        "first-time": "17:00",
        "repeat": "second_week",
        "times": "8",
        "theme": "Talk and coffee",
        "sessions-1-theme": "A trip",
        **change,
    }


async def test_the_rows_are_filled_in_and_saved_as_they_are_shown(service: Running) -> None:
    sent = typed(service)
    filled = await service.staff.post("/staff/programmes/new", data={**sent, "fill": "yes"})
    shown = inputs(filled.text)
    assert filled.status_code == 200
    assert [shown[f"sessions-{n}-theme"] for n in range(3)] == ["Talk and coffee", "A trip", "Talk and coffee"]
    assert {shown[f"sessions-{n}-at-time"] for n in range(8)} == {"17:00"}
    assert shown["title"].startswith("Men")

    saved = await service.staff.post("/staff/programmes/new", data={**sent, **shown, "title": "Men's group"})
    assert saved.status_code == 303, saved.text
    (planned,) = (await service.http.get("/api/registration/programmes")).json()
    assert [session["theme"] for session in planned["sessions"]] == [
        "Talk and coffee",
        "A trip",
        *["Talk and coffee"] * 6,
    ]
    days = [session["at"][:10] for session in planned["sessions"]]
    assert days == [shown[f"sessions-{n}-at-date"] for n in range(8)]


async def test_a_rule_that_is_not_complete_is_explained_and_nothing_typed_is_lost(service: Running) -> None:
    answer = await service.staff.post(
        "/staff/programmes/new", data={**typed(service, repeat="", times=""), "fill": "yes"}
    )
    assert answer.status_code == 422
    assert "Say how often it meets" in answer.text
    assert "Say how many times it meets" in answer.text
    assert inputs(answer.text)["sessions-1-theme"] == "A trip"
    assert inputs(answer.text)["municipality"] == "Randers"


async def test_the_enter_key_saves(service: Running) -> None:
    page = (await service.staff.get("/staff/programmes/new")).text
    first = re.findall(r"<button[^>]*>", page[page.index('method="post" novalidate') :])[0]
    assert "name=" not in first


async def test_a_rule_over_the_api_gives_dates_and_what_is_left_out(service: Running) -> None:
    asked: dict[str, Any] = {
        "first": "2026-12-10T17:00:00+01:00",
        "rule": "FREQ=WEEKLY;COUNT=4",
        "without_holidays_of": "SE",
    }
    answer = await service.staff.post("/api/registration/dates", json=asked)
    assert answer.json() == {
        "at": ["2026-12-10T17:00:00+01:00", "2026-12-17T17:00:00+01:00"],
        "left_out": [
            {"on": "2026-12-24", "holiday": "Christmas Eve"},
            {"on": "2026-12-31", "holiday": "New Year's Eve"},
        ],
    }
    refused = await service.staff.post("/api/registration/dates", json={**asked, "rule": "FREQ=WEEKLY"})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:motesplats:problem:bad-rule")
    assert (await service.http.post("/api/registration/dates", json=asked)).status_code == 401
