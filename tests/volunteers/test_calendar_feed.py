"""A volunteer's calendar as others read it: stable, discreet, and at an address of its own."""

from datetime import datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from motesplats_events import PlannedSession
from services.volunteers.use_cases.own_calendar import calendar_token
from tests.volunteers.conftest import FIRST, NOW, SECOND, World
from tests.volunteers.houses import TUESDAYS, asked, give_up, hosts, open_house, put, sessions


async def feed(world: World, volunteer_id: str) -> tuple[str, dict[str, Event]]:
    """The text of the feed, and its events by UID."""
    token = calendar_token(world.settings, volunteer_id, world.delivery.clock.now())
    answer = await world.http.get(f"/volunteer/calendar/{token}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar: Any = Calendar.from_ical(answer.text)
    return answer.text, {str(event["uid"]): event for event in calendar.walk("VEVENT")}


async def test_what_a_host_has_said_yes_to_stands_in_the_calendar_under_a_name_that_says_nothing(world: World) -> None:
    await open_house(world, title="Living with breast cancer")
    (maja,) = await hosts(world, "Maja")
    await put(world, "s0", maja)
    text, events = await feed(world, maja)
    (event,) = events.values()
    assert (event["dtstart"].dt, event["dtend"].dt - event["dtstart"].dt) == (FIRST, timedelta(hours=3))
    assert (str(event["summary"]), str(event["class"]), str(event["status"])) == ("Uppdrag", "PRIVATE", "CONFIRMED")
    assert str(event["location"]) == "The house, Tranås"
    for telling in ("cancer", "Open house", "Maja", maja, "example.org"):
        assert telling not in text
    assert text.count("BEGIN:VTIMEZONE") == 1 and len(text) < 3_000, "only the clock changes of these years"


async def test_a_uid_stays_and_the_sequence_rises_with_each_change(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    assignment_id = await put(world, "s0", maja)
    _, before = await feed(world, maja)
    await open_house(world, 2, sessions=sessions(room="The attic"))
    _, moved = await feed(world, maja)
    await give_up(world, assignment_id)
    _, gone = await feed(world, maja)
    assert list(before) == list(moved) == list(gone)
    (uid,) = before
    assert [int(events[uid]["sequence"]) for events in (before, moved, gone)] == [1, 2, 3]
    assert str(moved[uid]["location"]) == "The attic, Tranås"
    assert str(gone[uid]["status"]) == "CANCELLED"


async def test_an_offer_that_is_not_answered_stands_in_no_calendar(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    await give_up(world, await put(world, "s0", maja))
    assert list(await asked(world, "s0")) == ["Olga"]
    _, events = await feed(world, olga)
    assert events == {}


async def test_who_leads_a_group_has_all_its_meetings_and_a_cancelled_one_is_marked(world: World) -> None:
    await world.plan(facilitators_needed=2)
    gorm = await world.enrol(name="Gorm", email="gorm@example.org", roles=["group_leader"], language="da")
    body = {"volunteer_id": gorm, "role": "group_leader", "said_yes": True}
    assert (await world.post(f"staffing/{world.programme_id}", body, headers=world.staff)).status_code == 201
    _, before = await feed(world, gorm)
    plan = [
        PlannedSession(session_id="0", starts_at=FIRST, minutes=120, theme="A theme", cancelled=True),
        PlannedSession(session_id="1", starts_at=SECOND + timedelta(hours=1), minutes=120, theme="A theme"),
    ]
    await world.plan(sequence=2, facilitators_needed=2, sessions=plan)
    _, after = await feed(world, gorm)
    assert list(before) == list(after)
    assert [str(event["status"]) for event in after.values()] == ["CANCELLED", "CONFIRMED"]
    assert {str(event["summary"]) for event in after.values()} == {"Opgave"}
    starts: list[datetime] = [event["dtstart"].dt for event in after.values()]
    assert starts == [FIRST, SECOND + timedelta(hours=1)]
    assert all(int(after[uid]["sequence"]) > int(before[uid]["sequence"]) for uid in before)


async def test_the_address_works_for_two_years_for_nothing_else_and_not_after_leaving(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    token = calendar_token(world.settings, maja, NOW)
    assert calendar_token(world.settings, maja, NOW + timedelta(hours=3)) == token, "the same all day"
    assert (await world.http.get(f"/volunteer/{token}/rota")).status_code == 410
    assert (await world.http.get(f"/volunteer/calendar/{world.link(maja, 'volunteer')}")).status_code == 410
    world.time(NOW + timedelta(days=729))
    assert (await world.http.get(f"/volunteer/calendar/{token}")).status_code == 200
    world.time(NOW + timedelta(days=731))
    assert (await world.http.get(f"/volunteer/calendar/{token}")).status_code == 410
    world.time(NOW)
    assert (await world.post("own/leaving", {"token": world.link(maja, "volunteer")})).status_code == 200
    assert (await world.http.get(f"/volunteer/calendar/{token}")).status_code == 410


async def test_what_was_long_ago_is_left_out(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    await put(world, "s0", maja)
    await put(world, "s5", maja)
    world.time(TUESDAYS[0] + timedelta(days=70))
    _, events = await feed(world, maja)
    assert [event["dtstart"].dt for event in events.values()] == [TUESDAYS[5]]
