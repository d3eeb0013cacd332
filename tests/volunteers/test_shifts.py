"""Shifts of a drop-in house, asked over HTTP with a real store behind."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from motesplats_events import AssignmentChanged
from services.volunteers.settings import Settings
from services.volunteers.use_cases import due
from tests.volunteers.conftest import FIRST, World
from tests.volunteers.houses import TUESDAYS, asked, give_up, hosts, names_on, open_house, own, put, rota, sessions


async def answer(world: World, assignment_id: str, word: str = "accept") -> int:
    return (await world.post("answers", {"token": world.link(assignment_id), "answer": word})).status_code


async def take(world: World, volunteer_id: str, session_id: str) -> int:
    return (await world.post("own/shifts", {"token": own(world, volunteer_id), "session_id": session_id})).status_code


async def states(world: World, assignment_id: str) -> list[str]:
    """How an assignment was announced, step by step."""
    rows = [row for row in await world.announced("assignment-changed") if row["key"] == assignment_id]
    events = [AssignmentChanged.model_validate_json(row["value"]) for row in rows]
    assert [row["sequence"] for row in rows] == sorted(row["sequence"] for row in rows)
    return [event.status.value for event in events]


async def test_a_session_that_wants_hosts_is_a_shift(world: World) -> None:
    await open_house(world, needed=2)
    found = await rota(world)
    assert [(row["needed"], row["missing"], row["place"]) for row in found.values()] == [(2, 2, "The house")] * 6


async def test_a_course_without_hosts_has_no_shifts(world: World) -> None:
    await world.plan()
    assert await rota(world) == {}


async def test_nobody_is_asked_to_be_host_of_a_whole_programme_that_has_a_rota(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja", roles=["host", "peer"])
    body = {"volunteer_id": maja, "programme_id": world.programme_id, "role": "host"}
    answer = await world.post("assignments", body, headers=world.staff)
    refused = (answer.status_code, answer.json()["type"], answer.json()["errors"][0]["field"])
    assert refused == (422, "urn:motesplats:problem:hosts-stand-on-the-rota", "role")
    page = await world.http.post("/staff/volunteers/offer", data=body, headers=world.staff)
    assert "This programme has a rota. Put hosts on its shifts there" in page.text
    await world.offer(maja)
    world.programme_id = "another"
    (olga,) = await hosts(world, "Olga")
    await open_house(world, needed=0)
    await world.offer(olga, role="host")


async def test_staff_put_a_host_on_a_shift_who_has_said_yes(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    assignment_id = await put(world, "s0", maja)
    assert await names_on(world, "s0") == ["Maja"]
    assert await states(world, assignment_id) == ["accepted"]
    assert await world.announced("assignment-offered") == []
    (row,) = await world.announced("assignment-changed")
    event = AssignmentChanged.model_validate_json(row["value"])
    assert (event.session_id, event.at, event.until) == ("s0", FIRST, FIRST + timedelta(hours=3))


async def test_nobody_is_on_a_shift_twice(world: World) -> None:
    await open_house(world, needed=3)
    (maja,) = await hosts(world, "Maja")
    await put(world, "s0", maja)
    again = await world.post("shifts/s0/hosts", {"volunteer_id": maja}, headers=world.staff)
    assert (again.status_code, again.json()["type"]) == (409, "urn:motesplats:problem:already-asked")
    assert await take(world, maja, "s0") == 409
    assert await names_on(world, "s0") == ["Maja"]


async def test_the_same_host_many_times_at_once_is_on_the_shift_once(world: World) -> None:
    await open_house(world, needed=9)
    (maja,) = await hosts(world, "Maja")
    codes = await asyncio.gather(*(take(world, maja, "s0") for _ in range(12)))
    assert Counter(codes) == {201: 1, 409: 11}
    assert await names_on(world, "s0") == ["Maja"]


async def test_a_host_without_agreement_or_training_is_not_put_on_a_shift(world: World) -> None:
    await open_house(world)
    (new,) = await hosts(world, "Nils", agreement_signed_on=None)
    (untrained,) = await hosts(world, "Olle", trainings=[])
    for volunteer_id, code in ((new, "agreement-missing"), (untrained, "training-missing")):
        refused = await world.post("shifts/s0/hosts", {"volunteer_id": volunteer_id}, headers=world.staff)
        assert refused.json()["type"] == f"urn:motesplats:problem:{code}"
    assert (await world.get("thin-shifts?days=30"))["shifts"][0]["candidates"] == []


async def test_thin_shifts_are_warned_of_two_weeks_before_with_who_could_be_asked(world: World) -> None:
    await open_house(world)
    maja, olga, _ = await hosts(world, "Maja", "Olga", "Petra")
    world.time(FIRST - timedelta(days=15))
    assert (await world.get("thin-shifts"))["shifts"] == []
    world.time(FIRST - timedelta(days=13))
    await put(world, "s1", maja)
    await put(world, "s2", maja)
    await put(world, "s2", olga)
    (thin,) = (await world.get("thin-shifts"))["shifts"]
    assert (thin["session_id"], thin["missing"]) == ("s0", 1)
    assert [(one["name"], one["shifts"]) for one in thin["candidates"]] == [("Petra", 0), ("Olga", 1), ("Maja", 2)]
    await put(world, "s0", olga)
    assert (await world.get("thin-shifts"))["shifts"] == []


async def test_who_gives_a_shift_up_is_off_it_and_others_are_asked_at_once(world: World) -> None:
    await open_house(world)
    maja, *_ = await hosts(world, "Maja", "Olga", "Petra")
    assignment_id = await put(world, "s0", maja)
    await give_up(world, assignment_id)
    assert await states(world, assignment_id) == ["accepted", "released"]
    found = await world.get("shifts/s0")
    assert (found["missing"], found["searching"]) == (1, True)
    assert sorted(await asked(world, "s0")) == ["Olga", "Petra"], "not the one who cannot come"


async def test_no_more_than_five_are_asked_at_a_time_those_who_do_least_first(world: World) -> None:
    await open_house(world)
    maja, *others = await hosts(world, "Maja", "A", "B", "C", "D", "E", "F", "G")
    for n, host in enumerate(others[:2]):
        await put(world, f"s{n + 1}", host)
    await give_up(world, await put(world, "s0", maja))
    offers = await asked(world, "s0")
    assert sorted(offers) == ["C", "D", "E", "F", "G"]
    assert await answer(world, offers["D"], "decline") == 200
    now_asked = await asked(world, "s0")
    assert len(now_asked) == 5 and "D" not in now_asked, "one more is asked for each no"


async def test_the_first_to_say_yes_has_it_and_the_others_are_told(world: World) -> None:
    await open_house(world)
    maja, *_ = await hosts(world, "Maja", "Olga", "Petra", "Rut")
    await give_up(world, await put(world, "s0", maja))
    offers = await asked(world, "s0")
    assert await answer(world, offers["Olga"]) == 200
    assert await names_on(world, "s0") == ["Olga"]
    assert await states(world, offers["Petra"]) == ["offered", "expired"]
    assert await answer(world, offers["Rut"]) == 410
    assert (await world.get("shifts/s0"))["searching"] is False


async def test_of_simultaneous_yeses_exactly_one_wins(world: World) -> None:
    await open_house(world)
    maja, *_ = await hosts(world, "Maja", "A", "B", "C", "D", "E")
    await give_up(world, await put(world, "s0", maja))
    offers = await asked(world, "s0")
    codes = await asyncio.gather(*(answer(world, id) for id in offers.values()))
    assert Counter(codes) == {200: 1, 410: 4}
    assert len(await names_on(world, "s0")) == 1
    assert await asked(world, "s0") == {}


async def test_of_many_who_take_the_last_place_at_once_exactly_one_has_it(world: World) -> None:
    await open_house(world)
    ids = await hosts(world, *"ABCDEFGH")
    codes = await asyncio.gather(*(take(world, one, "s0") for one in ids))
    assert Counter(codes) == {201: 1, 410: 7}
    assert len(await names_on(world, "s0")) == 1


async def test_several_processes_do_not_give_one_place_twice_either(world: World) -> None:
    await open_house(world)
    other = World(world.settings)
    ids = await hosts(world, *"ABCDEFGH")
    codes = await asyncio.gather(*(take((world, other)[n % 2], one, "s0") for n, one in enumerate(ids)))
    assert Counter(codes) == {201: 1, 410: 7}
    other.delivery.db.client.close()


async def test_without_the_guard_this_test_sees_two_hosts_in_one_place(world: World, given: dict[str, Any]) -> None:
    await open_house(world)
    unguarded = World(Settings(**given, unguarded_shifts=True))
    ids = await hosts(world, *"ABCDEFGH")
    await asyncio.gather(*(take(unguarded, one, "s0") for one in ids))
    assert len(await names_on(world, "s0")) > 1
    unguarded.delivery.db.client.close()


async def test_the_guard_can_only_be_switched_off_in_a_trial(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="MOTESPLATS_TEST_UNGUARDED_SHIFTS"):
        Settings(**(given | {"trial": False}), unguarded_shifts=True)


async def test_offers_that_nobody_answers_go_on_to_the_next(world: World) -> None:
    await open_house(world)
    maja, *_ = await hosts(world, "Maja", *"ABCDEFG")
    await give_up(world, await put(world, "s0", maja))
    first = await asked(world, "s0")
    world.time(FIRST - timedelta(days=2))
    await due.once(world.delivery, world.settings)
    second = await asked(world, "s0")
    assert len(first) == 5 and len(second) == 2 and not set(first) & set(second)
    for assignment_id in first.values():
        assert await states(world, assignment_id) == ["offered", "expired"]


async def test_a_shift_nobody_can_be_asked_for_stays_on_the_list(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    await give_up(world, await put(world, "s0", maja))
    world.time(FIRST - timedelta(days=1))
    thin, *_ = (await world.get("thin-shifts"))["shifts"]
    assert (thin["session_id"], thin["searching"], thin["candidates"]) == ("s0", True, [])


async def test_who_was_told_that_others_were_first_is_asked_when_it_is_thin_again(world: World) -> None:
    await open_house(world)
    maja, *_ = await hosts(world, "Maja", "Olga", "Petra")
    await give_up(world, await put(world, "s0", maja))
    offers = await asked(world, "s0")
    assert await answer(world, offers["Olga"]) == 200
    await give_up(world, offers["Olga"])
    assert list(await asked(world, "s0")) == ["Petra"]


async def test_a_host_who_does_something_else_then_is_not_asked(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    assignment_id = await put(world, "s0", maja)
    house, world.programme_id = world.programme_id, "another"
    await open_house(world, sessions=sessions([FIRST + timedelta(hours=1)], session_id="elsewhere"))
    await put(world, "elsewhere", olga)
    world.programme_id = house
    await give_up(world, assignment_id)
    assert await asked(world, "s0") == {}


async def test_staff_ask_around_or_ask_whom_they_choose(world: World) -> None:
    await open_house(world)
    _, olga = await hosts(world, "Maja", "Olga")
    chosen = await world.post("shifts/s0/offers", {"volunteer_ids": [olga]}, headers=world.staff)
    assert chosen.json() == {"asked": 1}
    assert list(await asked(world, "s0")) == ["Olga"]
    around = await world.post("shifts/s0/offers", {}, headers=world.staff)
    assert around.json() == {"asked": 1}
    assert sorted(await asked(world, "s0")) == ["Maja", "Olga"]


async def test_nobody_is_asked_for_a_full_shift_or_one_that_has_begun(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    await put(world, "s0", maja)
    full = await world.post("shifts/s0/offers", {"volunteer_ids": [olga]}, headers=world.staff)
    assert full.status_code == 410
    world.time(TUESDAYS[1] + timedelta(hours=1))
    begun = await world.post("shifts/s1/offers", {"volunteer_ids": [olga]}, headers=world.staff)
    assert (begun.status_code, begun.json()["type"]) == (422, "urn:motesplats:problem:shift-is-over")
    await put(world, "s1", olga)
    assert await names_on(world, "s1") == ["Olga"], "who jumps in can still be put on it"


async def test_a_host_who_leaves_leaves_no_shift_unseen(world: World) -> None:
    await open_house(world)
    maja, _ = await hosts(world, "Maja", "Olga")
    await put(world, "s0", maja)
    await put(world, "s1", maja)
    assert (await world.post("own/leaving", {"token": own(world, maja)})).status_code == 200
    assert list(await asked(world, "s0")) == list(await asked(world, "s1")) == ["Olga"]


async def test_staff_complete_a_shift_for_all_who_were_there(world: World) -> None:
    await open_house(world, needed=3)
    maja, olga, petra = await hosts(world, "Maja", "Olga", "Petra")
    ids = [await put(world, "s0", one) for one in (maja, olga, petra)]
    done = {"volunteer_ids": [maja, olga], "hours": 3, "people_met": 14}
    early = await world.post("shifts/s0/completion", done, headers=world.staff)
    assert early.status_code == 409
    world.time(FIRST + timedelta(hours=4))
    for _ in range(2):
        answer = await world.post("shifts/s0/completion", done, headers=world.staff)
        assert answer.status_code == 200
    assert [host["status"] for host in answer.json()["hosts"]] == ["completed", "completed"]
    assert len(await world.announced("assignment-completed")) == 2
    assert await states(world, ids[2]) == ["accepted", "released"]


async def test_who_jumped_in_is_put_on_a_shift_that_is_over_and_has_been_there(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    await put(world, "s0", maja)
    world.time(FIRST + timedelta(days=2))
    done = {"volunteer_ids": [olga], "hours": 3, "people_met": 14}
    first = await world.post("shifts/s0/completion", done, headers=world.staff)
    assert (first.status_code, first.json()["type"]) == (409, "urn:motesplats:problem:not-accepted")
    await world.staff_post(f"volunteers/{olga}/pause", {"starts_on": "2025-01-29"})
    await put(world, "s0", olga)
    assert (await world.post("shifts/s0/completion", done, headers=world.staff)).status_code == 200
    assert [(one["name"], one["status"]) for one in (await world.get("shifts/s0"))["hosts"]] == [("Olga", "completed")]


async def test_nobody_is_put_on_a_shift_that_was_cancelled(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    await open_house(world, 2, sessions=[*sessions(TUESDAYS[:1], cancelled=True), *sessions()[1:]])
    world.time(FIRST + timedelta(days=2))
    refused = await world.post("shifts/s0/hosts", {"volunteer_id": maja}, headers=world.staff)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:motesplats:problem:shift-is-over")


async def test_another_organisers_staff_see_and_change_nothing(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    other = world.signed_in("Another")
    for method, path, body in (
        ("GET", f"rotas/{world.programme_id}", None),
        ("GET", "shifts/s0", None),
        ("POST", "shifts/s0/hosts", {"volunteer_id": maja}),
        ("POST", "shifts/s0/offers", {}),
        ("POST", "shifts/s0/completion", {"volunteer_ids": [], "hours": 1, "people_met": 1}),
        ("POST", f"rotas/{world.programme_id}/sharing", {"volunteer_ids": [maja]}),
        ("POST", f"rotas/{world.programme_id}/patterns", {"volunteer_id": maja, "first_on": "2025-01-01"}),
    ):
        answer = await world.http.request(method, f"/api/volunteers/{path}", json=body, headers=other)
        assert answer.status_code == 403, path
        answer = await world.http.request(method, f"/api/volunteers/{path}", json=body)
        assert answer.status_code == 401, path
    assert (await world.http.get("/api/volunteers/thin-shifts?days=60", headers=other)).json() == {"shifts": []}


async def test_staff_of_an_area_see_and_ask_those_who_live_there(world: World) -> None:
    await open_house(world)
    await hosts(world, "Maja")
    (olga,) = await hosts(world, "Olga", municipality="Eksjö")
    staff = world.signed_in("The clinic", "Tranås")
    world.time(FIRST - timedelta(days=3))
    thin = (await world.http.get("/api/volunteers/thin-shifts", headers=staff)).json()["shifts"][0]
    assert [one["name"] for one in thin["candidates"]] == ["Maja"]
    for path, body in (
        ("shifts/s0/hosts", {"volunteer_id": olga}),
        ("shifts/s0/offers", {"volunteer_ids": [olga]}),
        (f"rotas/{world.programme_id}/sharing", {"volunteer_ids": [olga]}),
        (f"rotas/{world.programme_id}/patterns", {"volunteer_id": olga, "first_on": "2025-01-28"}),
        (f"staffing/{world.programme_id}", {"volunteer_id": olga, "role": "group_leader"}),
    ):
        assert (await world.post(path, body, headers=staff)).status_code == 403, path
    assert (await world.post("shifts/s0/offers", {}, headers=staff)).json() == {"asked": 2}, "asking around asks all"
