"""Group leaders in pairs, and lecturers in time."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from motesplats_events import AssignmentChanged, PlannedSession
from tests.volunteers.conftest import FIRST, NOW, SECOND, World


async def place(world: World, volunteer_id: str, **change: Any) -> dict[str, Any]:
    body = {"volunteer_id": volunteer_id, "role": "group_leader", "said_yes": True} | change
    answer = await world.post(f"staffing/{world.programme_id}", body, headers=world.staff)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def leader(world: World, name: str, *roles: str) -> str:
    return await world.enrol(name=name, email=f"{name}@example.org", roles=list(roles or ("group_leader",)))


def lectures(by: datetime) -> list[PlannedSession]:
    return [
        PlannedSession(session_id="a", starts_at=FIRST, minutes=120, theme="The treatments", lecturer_by=by),
        PlannedSession(session_id="b", starts_at=SECOND, minutes=120, theme="Coping"),
    ]


async def test_a_group_says_how_many_leaders_are_missing(world: World) -> None:
    await world.plan(facilitators_needed=2)
    staffing = await world.get(f"staffing/{world.programme_id}")
    assert (staffing["needed"], staffing["missing"]) == (2, 2)
    await place(world, await leader(world, "Gorm"))
    asked = await place(world, await leader(world, "Liv"), said_yes=False)
    staffing = await world.get(f"staffing/{world.programme_id}")
    assert [one["name"] for one in staffing["leaders"]] == ["Gorm"]
    assert [one["name"] for one in staffing["asked"]] == ["Liv"]
    assert (staffing["missing"], [one["programme_id"] for one in (await world.get("staffing"))["groups"]]) == (
        1,
        [world.programme_id],
    )
    yes = {"token": world.link(asked["assignment_id"]), "answer": "accept"}
    assert (await world.post("answers", yes)).status_code == 200
    assert (await world.get("staffing"))["groups"] == []


async def test_who_leads_is_told_with_the_end_of_the_programme(world: World) -> None:
    await world.plan(facilitators_needed=2)
    await place(world, await leader(world, "Gorm"))
    (row,) = await world.announced("assignment-changed")
    event = AssignmentChanged.model_validate_json(row["value"])
    assert (event.role, event.status, event.session_id, event.at) == ("group_leader", "accepted", None, None)
    assert event.until == SECOND + timedelta(hours=2)
    assert await world.announced("assignment-offered") == []


async def test_a_longer_programme_lets_its_leaders_lead_longer(world: World) -> None:
    await world.plan(facilitators_needed=2)
    await place(world, await leader(world, "Gorm"))
    third = SECOND + timedelta(weeks=1)
    sessions = [
        PlannedSession(session_id=str(n), starts_at=at, minutes=120, theme="A theme")
        for n, at in enumerate((FIRST, SECOND, third))
    ]
    await world.plan(sequence=2, facilitators_needed=2, sessions=sessions)
    event = AssignmentChanged.model_validate_json((await world.announced("assignment-changed"))[-1]["value"])
    assert (event.status, event.until) == ("accepted", third + timedelta(hours=2))


async def test_nobody_leads_the_same_group_twice(world: World) -> None:
    await world.plan(facilitators_needed=2)
    gorm = await leader(world, "Gorm")
    await place(world, gorm)
    body = {"volunteer_id": gorm, "role": "group_leader", "said_yes": True}
    again = await world.post(f"staffing/{world.programme_id}", body, headers=world.staff)
    assert (again.status_code, again.json()["type"]) == (409, "urn:motesplats:problem:already-asked")


async def test_a_lecture_is_due_two_weeks_before_the_day_and_late_after_it(world: World) -> None:
    by = NOW + timedelta(days=16)
    await world.plan(sessions=lectures(by))
    assert (await world.get("staffing"))["lectures"] == []
    world.time(NOW + timedelta(days=3))
    (due,) = (await world.get("staffing"))["lectures"]
    assert (due["session_id"], due["theme"], due["due"], due["late"]) == ("a", "The treatments", True, False)
    world.time(NOW + timedelta(days=17))
    (late,) = (await world.get("staffing"))["lectures"]
    assert late["late"] is True
    world.time(FIRST + timedelta(hours=1))
    assert (await world.get("staffing"))["lectures"] == [], "afterwards there is nothing to warn of"


async def test_a_lecturer_who_has_said_yes_ends_the_warning_and_one_who_is_asked_does_not(world: World) -> None:
    await world.plan(sessions=lectures(NOW + timedelta(days=5)))
    berit = await leader(world, "Berit", "lecturer")
    asked = await place(world, berit, role="lecturer", session_id="a", said_yes=False)
    (due,) = (await world.get("staffing"))["lectures"]
    assert [one["name"] for one in due["asked"]] == ["Berit"]
    yes = {"token": world.link(asked["assignment_id"]), "answer": "accept"}
    assert (await world.post("answers", yes)).status_code == 200
    assert (await world.get("staffing"))["lectures"] == []
    (lecture,) = (await world.get(f"staffing/{world.programme_id}"))["lectures"]
    assert [one["name"] for one in lecture["lecturers"]] == ["Berit"]
    await world.post("releases", {"token": world.link(asked["assignment_id"])})
    assert len((await world.get("staffing"))["lectures"]) == 1


async def test_what_does_not_fit_is_refused(world: World) -> None:
    await world.plan(facilitators_needed=2)
    gorm = await leader(world, "Gorm")
    path = f"staffing/{world.programme_id}"
    for change, status in (
        ({"role": "lecturer"}, 422),
        ({"role": "host"}, 422),
        ({"session_id": "nowhere"}, 404),
        ({"volunteer_id": "nobody"}, 404),
    ):
        body = {"volunteer_id": gorm, "role": "group_leader", "said_yes": True} | change
        assert (await world.post(path, body, headers=world.staff)).status_code == status, change
    body = {"volunteer_id": gorm, "role": "group_leader"}
    assert (await world.post(path, body, headers=world.signed_in("Another"))).status_code == 403
    assert (await world.http.get(f"/api/volunteers/{path}", headers=world.signed_in("Another"))).status_code == 403
    assert (await world.http.get(f"/api/volunteers/{path}")).status_code == 401


async def test_nobody_is_asked_for_a_session_that_has_begun_or_will_not_take_place(world: World) -> None:
    plan = lectures(NOW + timedelta(days=5))
    await world.plan(sessions=plan)
    berit = await leader(world, "Berit", "lecturer", "group_leader")
    path = f"staffing/{world.programme_id}"
    await world.plan(sequence=2, sessions=[plan[0], plan[1].model_copy(update={"cancelled": True})])
    world.time(FIRST + timedelta(hours=1))
    for session_id, words in (("a", "has begun"), ("b", "will not take place")):
        for role in ("lecturer", "group_leader"):
            body = {"volunteer_id": berit, "role": role, "session_id": session_id}
            refused = await world.post(path, body, headers=world.staff)
            assert (refused.status_code, refused.json()["type"]) == (422, "urn:motesplats:problem:session-is-over")
            (fault,) = refused.json()["errors"]
            assert fault["field"] == "session_id" and words in fault["detail"]
    assert await world.announced("assignment-offered") == []
    said: dict[str, Any] = {"volunteer_id": berit, "role": "lecturer", "session_id": "b", "said_yes": True}
    assert (await world.post(path, said, headers=world.staff)).status_code == 422
    there = await place(world, berit, role="lecturer", session_id="a")
    done = {"token": world.link(there["assignment_id"]), "hours": 2, "people_met": 20}
    assert (await world.post("completions", done)).status_code == 200, "who was there has said yes, and tells of it"


async def test_who_leads_a_programme_has_done_it_after_the_last_session(world: World) -> None:
    await world.plan(facilitators_needed=1)
    led = await place(world, await leader(world, "Gorm"))
    done = {"token": world.link(led["assignment_id"]), "hours": 4, "people_met": 9}
    world.time(FIRST + timedelta(hours=3))
    early = await world.post("completions", done)
    assert (early.status_code, early.json()["type"]) == (409, "urn:motesplats:problem:not-yet-begun")
    assert "There are sessions to come" in early.text
    world.time(SECOND + timedelta(hours=3))
    assert (await world.post("completions", done)).status_code == 200


@pytest.mark.parametrize("part", [{"role": "group_leader"}, {"role": "lecturer", "session_id": "0"}])
async def test_who_was_asked_and_has_said_yes_is_put_there_by_their_offer(world: World, part: dict[str, Any]) -> None:
    await world.plan(facilitators_needed=2)
    volunteer_id = await world.enrol(roles=["group_leader", "lecturer"])
    path, body = f"staffing/{world.programme_id}", {"volunteer_id": volunteer_id, **part}
    offer = await world.staff_post(path, body)
    await world.delivery.db.volunteers.update_one({"_id": volunteer_id}, {"$set": {"avoids": ["theme"]}})
    refused = await world.post(path, body | {"said_yes": True}, headers=world.staff)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:motesplats:problem:avoids-the-theme")
    await world.delivery.db.volunteers.update_one({"_id": volunteer_id}, {"$set": {"avoids": []}})
    placed = await world.staff_post(path, body | {"said_yes": True})
    assert placed["assignment_id"] == offer["assignment_id"]
    (one,) = (await world.get("assignments"))["assignments"]
    assert one["status"] == "accepted"
    again = await world.post(path, body | {"said_yes": True}, headers=world.staff)
    assert (again.status_code, again.json()["type"]) == (409, "urn:motesplats:problem:already-asked")


async def test_a_yes_after_the_time_to_answer_is_a_place_of_its_own(world: World) -> None:
    await world.plan(facilitators_needed=2)
    volunteer_id = await world.enrol(roles=["group_leader"])
    path, body = f"staffing/{world.programme_id}", {"volunteer_id": volunteer_id, "role": "group_leader"}
    offer = await world.staff_post(path, body)
    world.time(FIRST - timedelta(days=1))
    placed = await world.staff_post(path, body | {"said_yes": True})
    assert placed["assignment_id"] != offer["assignment_id"]
    statuses = sorted(one["status"] for one in (await world.get("assignments"))["assignments"])
    assert statuses == ["accepted", "expired"]
