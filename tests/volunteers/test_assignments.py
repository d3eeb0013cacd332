"""Assignments go from offered to completed, and each step is announced once."""

import asyncio
import json
from datetime import timedelta

import pytest

from motesplats_events import (
    AssignmentChanged,
    AssignmentCompleted,
    AssignmentOffered,
    AssignmentStatus,
    Place,
)
from tests.volunteers.conftest import FIRST, NOW, SECOND, World


async def status(world: World) -> list[str]:
    rows = (await world.get(f"assignments?programme_id={world.programme_id}"))["assignments"]
    return [row["status"] for row in rows]


async def test_an_offer_is_announced_with_all_that_the_message_needs(world: World) -> None:
    assignment_id, _ = await world.offered()
    (row,) = await world.announced("assignment-offered")
    event = AssignmentOffered.model_validate_json(row["value"])
    assert (row["key"], event.assignment_id) == (assignment_id, assignment_id)
    assert (event.title, event.place, event.at) == ("Living with it", "The room", FIRST)
    assert abs(event.answer_by - NOW - timedelta(days=7)) < timedelta(minutes=5)
    assert await status(world) == ["offered"]


async def test_an_offer_near_the_session_must_be_answered_before_it(world: World) -> None:
    world.time(FIRST - timedelta(hours=5))
    await world.offered()
    (row,) = await world.announced("assignment-offered")
    assert AssignmentOffered.model_validate_json(row["value"]).answer_by == FIRST


async def test_an_offer_follows_the_newest_plan(world: World) -> None:
    await world.plan("The new title", sequence=3, place=Place(name="The hall", municipality="Eksjö"))
    await world.plan("The old title", sequence=2)
    await world.offer(await world.enrol())
    (row,) = await world.announced("assignment-offered")
    event = AssignmentOffered.model_validate_json(row["value"])
    assert (event.title, event.place) == ("The new title", "The hall")


async def test_accepted_and_completed_by_link_it_is_announced_without_a_person(world: World) -> None:
    _, token = await world.accepted()
    assert await status(world) == ["accepted"]
    done = await world.post("completions", {"token": token, "hours": 2.5, "people_met": 6})
    assert (done.status_code, done.json()) == (200, {"status": "completed"})
    (row,) = await world.announced("assignment-completed")
    event = AssignmentCompleted.model_validate_json(row["value"])
    assert (event.hours, event.people_met, event.organiser) == (2.5, 6, "The clinic")
    assert event.completed_on.isoformat() == "2025-01-28"
    volunteer_id = (await world.get("volunteers"))["volunteers"][0]["volunteer_id"]
    assert volunteer_id not in json.dumps(row, default=str)


async def changes(world: World, assignment_id: str) -> list[AssignmentChanged]:
    rows = [row for row in await world.announced("assignment-changed") if row["key"] == assignment_id]
    assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
    return [AssignmentChanged.model_validate_json(row["value"]) for row in rows]


async def test_every_change_of_an_assignment_is_announced_as_it_then_stands(world: World) -> None:
    assignment_id, token = await world.accepted()
    await world.post("completions", {"token": token, "hours": 2.5, "people_met": 6})
    states = await changes(world, assignment_id)
    assert [state.status for state in states] == ["offered", "accepted", "completed"]
    last = states[-1]
    assert (last.programme_id, last.session_id, last.at) == (world.programme_id, None, None)
    assert last.until == SECOND + timedelta(hours=2)
    assert (last.hours, last.people_met, last.completed_on) == (2.5, 6, FIRST.date())


async def test_what_was_accepted_is_given_up_by_link_or_taken_back_by_staff(world: World) -> None:
    assignment_id, token = await world.offered()
    early = await world.post("releases", {"token": token})
    assert (early.status_code, early.json()["type"]) == (409, "urn:motesplats:problem:not-accepted")
    await world.post("answers", {"token": token, "answer": "accept"})
    given_up = await world.post("releases", {"token": token})
    assert (given_up.status_code, given_up.json()) == (200, {"status": "released"})
    assert (await changes(world, assignment_id))[-1].status is AssignmentStatus.RELEASED

    volunteer_id = (await world.get("volunteers"))["volunteers"][0]["volunteer_id"]
    again = await world.offer(volunteer_id)
    await world.post("answers", {"token": world.link(again), "answer": "accept"})
    path = f"assignments/{again}/release"
    assert (await world.post(path, None, headers=world.signed_in("Another"))).status_code == 403
    assert (await world.post(path, None, headers=world.staff)).json()["status"] == "released"


async def test_staff_complete_what_they_are_told(world: World) -> None:
    assignment_id, _ = await world.accepted()
    path = f"assignments/{assignment_id}/completion"
    other = await world.post(path, {"hours": 1, "people_met": 2}, headers=world.signed_in("Another"))
    assert other.status_code == 403
    mine = await world.post(path, {"hours": 1, "people_met": 2}, headers=world.staff)
    assert (mine.status_code, mine.json()["status"]) == (200, "completed")


async def test_completing_many_times_at_once_is_announced_once(world: World) -> None:
    _, token = await world.accepted()
    body = {"token": token, "hours": 1, "people_met": 2}
    answers = await asyncio.gather(*(world.post("completions", body) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [410] * 7
    assert len(await world.announced("assignment-completed")) == 1


async def test_asking_many_times_at_once_asks_once(world: World) -> None:
    await world.plan()
    volunteer_id = await world.enrol()
    body = {"volunteer_id": volunteer_id, "programme_id": world.programme_id, "role": "peer"}
    answers = await asyncio.gather(*(world.post("assignments", body, headers=world.staff) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(await world.announced("assignment-offered")) == 1


@pytest.mark.parametrize("first", ["accept", "decline"])
async def test_an_answered_offer_is_answered_no_more(world: World, first: str) -> None:
    _, token = await world.offered()
    assert (await world.post("answers", {"token": token, "answer": first})).status_code == 200
    again = await world.post("answers", {"token": token, "answer": "accept"})
    assert (again.status_code, again.json()["type"]) == (410, "urn:motesplats:problem:already-answered")


async def test_an_offer_that_nobody_answered_in_time_has_expired_and_can_be_made_again(world: World) -> None:
    assignment_id, token = await world.offered()
    world.time(NOW + timedelta(days=8))
    assert await status(world) == ["expired"]
    late = await world.post("answers", {"token": token, "answer": "accept"})
    assert (late.status_code, late.json()["type"]) == (410, "urn:motesplats:problem:offer-expired")
    volunteer_id = (await world.get("assignments"))["assignments"][0]["volunteer_id"]
    again = await world.offer(volunteer_id)
    assert again != assignment_id
    assert [state.status for state in await changes(world, assignment_id)] == ["offered", "expired"]
    assert sorted(await status(world)) == ["expired", "offered"]


async def test_a_link_of_another_purpose_or_with_a_changed_letter_does_not_work(world: World) -> None:
    assignment_id, token = await world.offered()
    forged = [
        world.link(assignment_id, purpose="registration"),
        ("x" if token[0] != "x" else "y") + token[1:],
        token[:-1],
        "nonsense",
        world.link("no such assignment"),
        world.link(assignment_id, days=-1),
    ]
    for one in forged:
        answer = await world.post("answers", {"token": one, "answer": "accept"})
        assert answer.status_code == 410, one
        assert one not in answer.text
    assert await status(world) == ["offered"]


async def test_nothing_is_completed_before_it_is_accepted_and_begun(world: World) -> None:
    _, token = await world.offered()
    body = {"token": token, "hours": 1, "people_met": 2}
    assert (await world.post("completions", body)).json()["type"].endswith("not-accepted")
    await world.post("answers", {"token": token, "answer": "accept"})
    assert (await world.post("completions", body)).json()["type"].endswith("not-yet-begun")
    assert await world.announced("assignment-completed") == []


@pytest.mark.parametrize("body", [{"hours": 0}, {"hours": -1}, {"hours": 5000}, {"people_met": -1}, {"hours": "NaN"}])
async def test_impossible_work_is_refused(world: World, body: dict[str, object]) -> None:
    _, token = await world.accepted()
    answer = await world.post("completions", {"token": token, "hours": 1, "people_met": 1} | body)
    assert answer.status_code == 422
    assert await status(world) == ["accepted"]


async def test_who_only_applied_or_does_something_else_is_not_asked(world: World) -> None:
    await world.plan()
    volunteer_id = await world.enrol(roles=["host"])
    body = {"volunteer_id": volunteer_id, "programme_id": world.programme_id, "role": "peer"}
    answer = await world.post("assignments", body, headers=world.staff)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "role")
    world.time(SECOND)
    over = await world.post("assignments", body | {"role": "host"}, headers=world.staff)
    assert (over.status_code, over.json()["errors"][0]["field"]) == (422, "programme_id")


async def test_each_organiser_sees_and_asks_for_its_own(world: World) -> None:
    await world.offered()
    other = world.signed_in("Another")
    for path in ("assignments", "programmes"):
        answer = await world.http.get(f"/api/volunteers/{path}", headers=other)
        assert list(answer.json().values()) == [[]]
    volunteer_id = (await world.get("volunteers"))["volunteers"][0]["volunteer_id"]
    body = {"volunteer_id": volunteer_id, "programme_id": world.programme_id, "role": "host"}
    assert (await world.post("assignments", body, headers=other)).status_code == 403
