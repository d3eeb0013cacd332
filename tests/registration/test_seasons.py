"""A programme again in a new season, and its queue carried over."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.access import Staff, StaffRole, staff_token
from tests.registration.conftest import Running
from tests.registration.test_dates_page import inputs
from tests.registration.test_kinds import CAFE_PLAN, make_wish

QUEUE = ("Arne", "Bo", "Carl")
TICKED = 'name="carry_over" value="yes" checked'


def course_day(programme: dict[str, Any]) -> str:
    return (datetime.fromisoformat(programme["sessions"][0]["at"]).date() + timedelta(days=70)).isoformat()


async def copied(service: Running, programme: dict[str, Any], **change: Any) -> dict[str, Any]:
    path = f"/api/registration/programmes/{programme['programme_id']}/copy"
    plan = await service.staff.get(path, params={"first": course_day(programme)})
    return {**plan.json(), **change}


async def test_a_full_queue_proposes_a_new_group_and_is_carried_over_to_it(service: Running) -> None:
    first = await service.plan(patient=1, relative=0, kind="mens_group", minimum=1, optimum=1)
    for name in ("Arne", "Bo", "Carl"):
        await service.register(first, name)
    (proposal,) = (await service.staff.get("/api/registration/proposals")).json()
    assert (proposal["like"], proposal["waiting"]) == (first["programme_id"], 2)
    day = course_day(first)
    copy = (await service.staff.get(f"/api/registration/programmes/{proposal['like']}/copy?first={day}")).json()
    assert copy["sessions"][0]["at"][:10] == day
    assert copy["copy_of"] == first["programme_id"]
    second = (await service.staff.post("/api/registration/programmes", json={**copy, "optimum": None})).json()
    path = f"/api/registration/programmes/{first['programme_id']}/carry-over"
    assert (await service.staff.post(path, json={"to": second["programme_id"]})).json() == {"people": 2}
    assert await service.statuses(first) == {"Arne": "confirmed", "Bo": "cancelled", "Carl": "cancelled"}
    assert await service.statuses(second) == {"Bo": "offered", "Carl": "waiting"}
    assert (await service.staff.get("/api/registration/proposals")).json()[0]["waiting"] == 1
    ids = {r["participant_id"] for p in (first, second) for r in (await service.registrations(p))["registrations"]}
    assert len(ids) == 5, "a person has another id in another programme"


async def test_a_queue_gets_a_group_of_its_own_by_pages(service: Running) -> None:
    first = await service.plan(patient=1, relative=0, kind="mens_group", days=14)
    for name in ("Arne", "Bo", "Carl"):
        await service.register(first, name)
    filled = await service.staff.get(f"/staff/programmes/new?copy={first['programme_id']}")
    shown = inputs(filled.text)
    assert (shown["title"], shown["sessions-1-theme"]) == ("An evening course", "Theme 1")
    before = datetime.fromisoformat(first["sessions"][0]["at"]).astimezone(service.settings.zone)
    copied = datetime.fromisoformat(shown["sessions-0-at-date"])
    assert copied.weekday() == before.weekday(), "the copy meets on the same weekday"
    copy = {**shown, "kind": "mens_group", "copy_of": first["programme_id"], "patient": "1", "promotion": "at_once"}
    saved = await service.staff.post("/staff/programmes/new", data=copy)
    assert saved.status_code == 303, saved.text
    page = await service.staff.get(saved.headers["location"])
    assert "2 people wait for An evening course" in page.text.replace("<bdi>", "").replace("</bdi>", "")
    carried = await service.staff.post(f"{saved.headers['location']}/carry-over-from/{first['programme_id']}")
    assert carried.status_code == 303
    second = {"programme_id": saved.headers["location"].rsplit("/", 1)[1]}
    assert await service.statuses(second) == {"Bo": "offered", "Carl": "waiting"}


async def test_the_queue_of_a_course_that_has_begun_is_asked_before_anybody_else_can_register(service: Running) -> None:
    course = await service.plan(patient=1)
    for name in QUEUE:
        await service.register(course, name)
    assert (await copied(service, course))["carry_over"] is False, "they may still get a place where they wait"
    path = f"/staff/programmes/new?copy={course['programme_id']}"
    page = await service.staff.get(path)
    assert "Offer places to the 2 people who wait for" in page.text
    assert TICKED not in page.text
    service.delivery.clock.ahead_by += timedelta(days=24)
    page = await service.staff.get(path)
    assert TICKED in page.text
    sent = {**inputs(page.text), "kind": "course", "copy_of": course["programme_id"], "patient": "1"}
    again = await service.staff.post("/staff/programmes/new", data={**sent, "carry_over": "yes", "title": ""})
    assert (again.status_code, TICKED in again.text) == (422, True), "what was ticked stays ticked"
    saved = await service.staff.post("/staff/programmes/new", data={**sent, "carry_over": "yes"})
    assert saved.status_code == 303, saved.text
    second = {"programme_id": saved.headers["location"].rsplit("/", 1)[1]}
    assert await service.statuses(second) == {"Bo": "offered", "Carl": "waiting"}
    await service.register(second, "Dan")
    assert [(await service.named(second, name))["position"] for name in ("Carl", "Dan")] == [1, 2]


async def test_the_queue_comes_before_wishes_and_the_answer_says_how_full_it_is(service: Running) -> None:
    cafe = await service.plan(patient=1, **CAFE_PLAN)
    for name in QUEUE[:2]:
        await service.register(cafe, name)
    await make_wish(service, "Dan")
    plan = await copied(service, cafe, carry_over=True)
    answer = (await service.staff.post("/api/registration/programmes", json=plan)).json()
    assert await service.statuses(answer) == {"Bo": "offered"}
    assert answer["roles"]["patient"]["room"] == "full"


async def test_nobody_carries_over_the_queue_of_another_organiser(service: Running) -> None:
    theirs = await service.plan(patient=1, organiser="Association")
    for name in QUEUE[:2]:
        await service.register(theirs, name)
    plan = await copied(service, theirs, organiser="Clinic", carry_over=True)
    kim = {"authorization": f"Bearer {staff_token(service.settings, Staff('Kim', StaffRole.COORDINATOR, ('Clinic',)))}"}
    answer = await service.http.post("/api/registration/programmes", json=plan, headers=kim)
    assert answer.status_code == 403
    assert await service.statuses(theirs) == {"Arne": "confirmed", "Bo": "waiting"}
    assert len((await service.http.get("/api/registration/programmes")).json()) == 1


async def test_nothing_hinders_a_copy_for_which_nobody_waits_any_more(service: Running) -> None:
    course = await service.plan(patient=1)
    plan = await copied(service, course, carry_over=True, kind="lecture")
    assert (await service.staff.post("/api/registration/programmes", json=plan)).status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [({"copy_of": None}, "copy_of"), ({"kind": "lecture"}, "carry_over")],
)
async def test_a_queue_that_cannot_be_carried_over_is_told_and_nothing_is_planned(
    service: Running, change: dict[str, Any], field: str
) -> None:
    course = await service.plan(patient=1)
    for name in QUEUE[:2]:
        await service.register(course, name)
    plan = await copied(service, course, carry_over=True, **change)
    answer = await service.staff.post("/api/registration/programmes", json=plan)
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field]), answer.text
    assert await service.statuses(course) == {"Arne": "confirmed", "Bo": "waiting"}
    assert len((await service.http.get("/api/registration/programmes")).json()) == 1
