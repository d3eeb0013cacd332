"""What has been and is not told yet: it can be completed, whoever leaves and whatever is called off."""

from datetime import UTC, datetime, timedelta
from typing import Any

from motesplats_events import AssignmentChanged, AssignmentCompleted, PlannedSession
from tests.volunteers.conftest import FIRST, SECOND, WISH, World
from tests.volunteers.houses import TUESDAYS, asked, hosts, names_on, open_house, own, put, rota, sessions
from tests.volunteers.test_calendar_feed import feed
from tests.volunteers.test_rota_plans import newest
from tests.volunteers.test_staffing import leader, place

WORK = {"hours": 3, "people_met": 14}
IN_BETWEEN = FIRST + timedelta(days=2)
THIRD = SECOND + timedelta(weeks=1)


def meetings(*starts: datetime, **change: Any) -> list[PlannedSession]:
    return [
        PlannedSession(**{"session_id": str(n), "starts_at": at, "minutes": 120, "theme": "A theme"} | change)
        for n, at in enumerate(starts)
    ]


def called_off(now: datetime, *starts: datetime) -> dict[str, Any]:
    """A cancelled programme as it is announced: what had begun is not cancelled by itself."""
    plan = [one.model_copy(update={"cancelled": one.starts_at > now}) for one in meetings(*starts)]
    return {"sessions": plan, "cancelled": True}


async def leave(world: World, volunteer_id: str) -> None:
    assert (await world.post("own/leaving", {"token": own(world, volunteer_id)})).status_code == 200


async def statuses(world: World, *assignment_ids: str) -> list[str]:
    return [(await newest(world, one)).status.value for one in assignment_ids]


async def completed(world: World, assignment_id: str) -> AssignmentCompleted:
    """Staff complete it; what is then announced of it."""
    await world.staff_post(f"assignments/{assignment_id}/completion", WORK)
    rows = [row for row in await world.announced("assignment-completed") if row["key"] == assignment_id]
    assert len(rows) == 1
    return AssignmentCompleted.model_validate_json(rows[0]["value"])


async def accepted(world: World) -> tuple[str, str]:
    """A peer who has said yes to the whole programme: their id, and the assignment's."""
    await world.plan()
    peer = await world.enrol()
    made = await world.offer(peer)
    assert (await world.post("answers", {"token": world.link(made), "answer": "accept"})).status_code == 200
    return peer, made


async def test_a_shift_that_has_been_is_completed_after_its_host_has_left_and_one_to_come_is_free(world: World) -> None:
    await open_house(world)
    maja, _ = await hosts(world, "Maja", "Olga")
    been, to_come = await put(world, "s0", maja), await put(world, "s1", maja)
    world.time(IN_BETWEEN)
    await leave(world, maja)
    assert await statuses(world, been, to_come) == ["accepted", "released"]
    assert list(await asked(world, "s1")) == ["Olga"]
    page = (await world.http.get(f"/staff/volunteers/assignments/{been}", headers=world.staff)).text
    assert "A former volunteer" in page and "Has it been done?" in page
    event = await completed(world, been)
    assert (event.hours, event.people_met) == (3, 14)
    assert maja not in event.model_dump_json()


async def test_who_leaves_while_they_are_there_has_been_there(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    made = await put(world, "s0", maja)
    world.time(FIRST + timedelta(hours=1))
    await leave(world, maja)
    done = {"volunteer_ids": [maja], **WORK}
    answer = await world.post("shifts/s0/completion", done, headers=world.staff)
    assert (answer.status_code, await statuses(world, made)) == (200, ["completed"])


async def test_who_leaves_between_the_sessions_of_a_programme_has_done_those_that_were(world: World) -> None:
    peer, made = await accepted(world)
    world.time(IN_BETWEEN)
    await leave(world, peer)
    event = await newest(world, made)
    assert (event.status, event.until) == ("released", FIRST + timedelta(hours=2))
    listed = (await world.http.get("/staff/volunteers/assignments", headers=world.staff)).text
    assert "What was done until then can be noted." in listed
    page = (await world.http.get(f"/staff/volunteers/assignments/{made}", headers=world.staff)).text
    assert "Has it been done?" in page
    assert (await completed(world, made)).people_met == 14
    again = await world.post(f"assignments/{made}/completion", WORK, headers=world.staff)
    assert again.status_code == 410


async def test_who_leaves_before_the_first_session_has_done_nothing(world: World) -> None:
    peer, made = await accepted(world)
    await leave(world, peer)
    world.time(IN_BETWEEN)
    refused = await world.post(f"assignments/{made}/completion", WORK, headers=world.staff)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:motesplats:problem:not-accepted")


async def test_after_all_sessions_have_been_nothing_is_taken_back(world: World) -> None:
    peer, made = await accepted(world)
    world.time(SECOND + timedelta(hours=3))
    await leave(world, peer)
    assert await statuses(world, made) == ["accepted"]
    await completed(world, made)


async def test_work_of_one_year_that_is_noted_in_the_next_counts_in_its_own(world: World) -> None:
    _, made = await accepted(world)
    world.time(datetime(2026, 1, 7, 9, tzinfo=UTC))
    assert (await completed(world, made)).completed_on == SECOND.date()
    assert (await newest(world, made)).completed_on == SECOND.date()


async def test_a_group_whose_leader_left_in_between_lacks_one_also_when_the_work_is_noted(world: World) -> None:
    await world.plan(facilitators_needed=1)
    gorm = await leader(world, "Gorm")
    made = (await place(world, gorm))["assignment_id"]
    world.time(IN_BETWEEN)
    await leave(world, gorm)
    for _ in range(2):
        assert (await world.get(f"staffing/{world.programme_id}"))["missing"] == 1
        if await statuses(world, made) == ["released"]:
            await completed(world, made)
    assert await statuses(world, made) == ["completed"]
    await world.plan(sequence=2, facilitators_needed=1, sessions=meetings(FIRST, SECOND, THIRD))
    event = await newest(world, made)
    assert (event.status, event.until) == ("completed", FIRST + timedelta(hours=2)), "what comes later is not theirs"


async def test_a_group_that_goes_on_is_not_led_by_who_has_left(world: World) -> None:
    await world.plan(facilitators_needed=1)
    gorm = await leader(world, "Gorm")
    made = (await place(world, gorm))["assignment_id"]
    world.time(SECOND + timedelta(hours=3))
    await leave(world, gorm)
    await world.plan(sequence=2, facilitators_needed=1, sessions=meetings(FIRST, SECOND, THIRD))
    event = await newest(world, made)
    assert (event.status, event.until) == ("released", SECOND + timedelta(hours=2))
    assert (await world.get(f"staffing/{world.programme_id}"))["missing"] == 1
    await completed(world, made)


async def test_a_shift_that_was_not_held_and_is_moved_is_nothing_to_ask_who_has_left_about(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    made = await put(world, "s0", maja)
    world.time(IN_BETWEEN)
    await leave(world, maja)
    await open_house(world, 2, sessions=sessions([IN_BETWEEN + timedelta(days=1), *TUESDAYS[1:]]))
    assert await statuses(world, made) == ["released"]
    assert await asked(world, "s0") == {}


async def test_a_programme_that_is_cancelled_keeps_the_shifts_that_have_been(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    been, to_come = await put(world, "s0", maja), await put(world, "s1", maja)
    world.time(IN_BETWEEN)
    plan = [one.model_copy(update={"cancelled": one.starts_at > IN_BETWEEN}) for one in sessions()]
    await open_house(world, 2, sessions=plan, cancelled=True)
    assert await statuses(world, been, to_come) == ["accepted", "released"]
    found = await rota(world)
    assert (found["s0"]["needed"], found["s1"]["needed"]) == (1, 0)
    answer = await world.post("shifts/s0/completion", {"volunteer_ids": [maja], **WORK}, headers=world.staff)
    assert (answer.status_code, await statuses(world, been)) == (200, ["completed"])
    assert (await world.http.get("/api/volunteers/programmes", headers=world.staff)).json() == {"programmes": []}


async def test_who_led_a_programme_until_it_was_cancelled_tells_how_it_went(world: World) -> None:
    await world.plan(facilitators_needed=1)
    made = (await place(world, await leader(world, "Gorm")))["assignment_id"]
    world.time(IN_BETWEEN)
    await world.plan(sequence=2, facilitators_needed=1, **called_off(IN_BETWEEN, FIRST, SECOND))
    event = await newest(world, made)
    assert (event.status, event.until) == ("released", FIRST + timedelta(hours=2)), "told, and not to be led any more"
    page = await world.http.get(f"/assignments/{world.link(made)}")
    assert "What you did until then counts." in page.text
    sent = await world.http.post(
        f"/assignments/{world.link(made)}", data={"answer": "complete", "hours": "2", "people_met": "7"}
    )
    assert (sent.status_code, await statuses(world, made)) == (303, ["completed"])


async def test_a_lecture_that_was_held_stays_when_the_programme_is_cancelled(world: World) -> None:
    plan = {"sessions": meetings(FIRST, SECOND, lecturer_by=FIRST - timedelta(days=9))}
    await world.plan(**plan)
    berit = await leader(world, "Berit", "lecturer")
    both = [(await place(world, berit, role="lecturer", session_id=id))["assignment_id"] for id in ("0", "1")]
    world.time(IN_BETWEEN)
    await world.plan(sequence=2, **called_off(IN_BETWEEN, FIRST, SECOND))
    assert await statuses(world, *both) == ["accepted", "released"]
    await completed(world, both[0])


async def test_a_session_cancelled_by_itself_was_not_held_also_when_that_is_told_late(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    made = await put(world, "s0", maja)
    world.time(IN_BETWEEN)
    await open_house(world, 2, sessions=[*sessions(TUESDAYS[:1], cancelled=True), *sessions()[1:]])
    assert await statuses(world, made) == ["released"]
    assert await names_on(world, "s0") == []


async def been_at_a_unit(world: World) -> tuple[str, dict[str, Any], str]:
    """A living book who has been where a unit asked for one: their id, the request, and the assignment's id."""
    first = await world.book("Ask Bro")
    made = (await world.post("requests", WISH)).json()
    await world.staff_post(f"requests/{made['request_id']}/search")
    (offer,) = (await world.get(f"requests/{made['request_id']}"))["assignments"]
    yes = {"token": world.link(offer["assignment_id"]), "answer": "accept"}
    assert (await world.post("answers", yes)).status_code == 200
    world.time(datetime(2025, 3, 3, 14, tzinfo=UTC))
    return first, made, offer["assignment_id"]


async def test_a_unit_that_takes_its_request_back_afterwards_takes_no_work_back(world: World) -> None:
    first, request, made = await been_at_a_unit(world)
    taken = await world.post("requests/withdrawal", {"token": request["token"]})
    assert taken.json() == {"status": "withdrawn"}
    assert await statuses(world, made) == ["accepted"]
    await leave(world, first)
    assert (await completed(world, made)).hours == 3


async def test_a_request_for_another_day_does_not_count_on_who_has_left(world: World) -> None:
    first, request, made = await been_at_a_unit(world)
    await leave(world, first)
    path = f"requests/{request['request_id']}"
    await world.staff_post(f"{path}/stop")
    later = {key: value for key, value in WISH.items() if key != "consent"} | {"at": "2025-04-07T13:00:00+02:00"}
    assert (await world.http.put(f"/api/volunteers/{path}", json=later, headers=world.staff)).status_code == 200
    assert await statuses(world, made) == ["released"]
    assert (await world.get(path))["standing"]["taken"] == 0


async def test_who_gives_a_programme_up_in_between_has_done_those_that_were(world: World) -> None:
    peer, made = await accepted(world)
    world.time(IN_BETWEEN)
    token = world.link(made)
    assert (await world.post("releases", {"token": token})).json() == {"status": "released"}
    assert (await world.post("releases", {"token": token})).status_code == 409
    _, events = await feed(world, peer)
    by_start = sorted((event["dtstart"].dt, str(event["status"])) for event in events.values())
    assert by_start == [(FIRST, "CONFIRMED"), (SECOND, "CANCELLED")]
    page = (await world.http.get(f"/volunteer/{own(world, peer)}")).text
    assert "Given up" in page and "/assignments/" in page
    assert (await world.post("completions", {"token": token, **WORK})).json() == {"status": "completed"}
    _, events = await feed(world, peer)
    assert sorted(str(event["status"]) for event in events.values()) == ["CANCELLED", "CONFIRMED"]


async def test_who_was_taken_off_afterwards_was_not_there(world: World) -> None:
    _, made = await accepted(world)
    world.time(SECOND + timedelta(hours=3))
    await world.staff_post(f"assignments/{made}/release")
    refused = await world.post(f"assignments/{made}/completion", WORK, headers=world.staff)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:motesplats:problem:not-accepted")


async def test_what_was_kept_before_parts_could_be_completed_is_read_as_it_was(world: World) -> None:
    _, made = await accepted(world)
    await world.delivery.db.assignments.update_many({}, {"$unset": {"part_done": ""}})
    world.time(IN_BETWEEN)
    await world.staff_post(f"assignments/{made}/release")
    event = AssignmentChanged.model_validate_json((await world.announced("assignment-changed"))[-1]["value"])
    assert (event.status, event.until) == ("released", FIRST + timedelta(hours=2))
