"""Rotas follow the plan: moved and cancelled sessions, standing patterns, and a season shared out."""

from datetime import date, timedelta
from typing import Any

from motesplats_events import AssignmentChanged, AssignmentOffered, PlannedSession
from tests.volunteers.conftest import FIRST, World
from tests.volunteers.houses import TUESDAYS, asked, give_up, hosts, names_on, open_house, own, put, rota, sessions
from tests.volunteers.test_staffing import leader, lectures, place


async def pattern(world: World, volunteer_id: str, **change: Any) -> dict[str, Any]:
    body = {"volunteer_id": volunteer_id, "every": 2, "first_on": "2025-01-28"} | change
    answer = await world.post(f"rotas/{world.programme_id}/patterns", body, headers=world.staff)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def days_of(world: World, name: str) -> list[str]:
    """On which shifts a host is."""
    return [id for id, row in (await rota(world)).items() if name in [host["name"] for host in row["hosts"]]]


async def newest(world: World, assignment_id: str) -> AssignmentChanged:
    rows = [row for row in await world.announced("assignment-changed") if row["key"] == assignment_id]
    return AssignmentChanged.model_validate_json(rows[-1]["value"])


async def test_a_moved_session_asks_its_host_anew_and_keeps_the_place(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    before = await put(world, "s0", maja)
    later = FIRST + timedelta(days=2)
    await open_house(world, 2, sessions=sessions([later, *TUESDAYS[1:]]))
    assert (await newest(world, before)).status == "released"
    (offer,) = await world.announced("assignment-offered")
    event = AssignmentOffered.model_validate_json(offer["value"])
    assert (event.volunteer_id, event.at, event.session_id) == (maja, later, "s0")
    assert list(await asked(world, "s0")) == ["Maja"]
    taken = await world.post("own/shifts", {"token": own(world, olga), "session_id": "s0"})
    assert taken.status_code == 410, "the place is kept until Maja has answered"
    yes = {"token": world.link(event.assignment_id), "answer": "accept"}
    assert (await world.post("answers", yes)).status_code == 200
    assert await names_on(world, "s0") == ["Maja"]


async def test_when_the_host_cannot_come_to_the_new_time_the_shift_is_free(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    await put(world, "s0", maja)
    await open_house(world, 2, sessions=sessions([FIRST + timedelta(days=2), *TUESDAYS[1:]]))
    no = {"token": world.link((await asked(world, "s0"))["Maja"]), "answer": "decline"}
    assert (await world.post("answers", no)).status_code == 200
    taken = await world.post("own/shifts", {"token": own(world, olga), "session_id": "s0"})
    assert taken.status_code == 201


async def test_the_same_plan_again_asks_nobody_twice(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    await put(world, "s0", maja)
    moved = sessions([FIRST + timedelta(days=2), *TUESDAYS[1:]])
    for sequence in (2, 2, 3):
        await open_house(world, sequence, sessions=moved)
    assert len(await world.announced("assignment-offered")) == 1


async def test_another_room_or_end_keeps_the_host_and_tells_of_it(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    assignment_id = await put(world, "s0", maja)
    await open_house(world, 2, sessions=sessions(room="The attic", minutes=120))
    event = await newest(world, assignment_id)
    assert (event.status, event.place, event.until) == ("accepted", "The attic", FIRST + timedelta(hours=2))
    assert await world.announced("assignment-offered") == []


async def test_a_cancelled_session_frees_its_hosts_and_wants_nobody(world: World) -> None:
    await open_house(world)
    maja, _ = await hosts(world, "Maja", "Olga")
    assignment_id = await put(world, "s0", maja)
    await world.post("shifts/s1/offers", {}, headers=world.staff)
    (offer,) = [one for name, one in (await asked(world, "s1")).items() if name == "Olga"]
    cancelled = [*sessions(TUESDAYS[:2], cancelled=True), *sessions()[2:]]
    await open_house(world, 2, sessions=cancelled)
    assert (await newest(world, assignment_id)).status == "released"
    assert (await newest(world, offer)).status == "expired"
    found = await rota(world)
    assert [found[id]["missing"] for id in ("s0", "s1", "s2")] == [0, 0, 1]
    world.time(FIRST - timedelta(days=1))
    assert [one["session_id"] for one in (await world.get("thin-shifts"))["shifts"]] == []


def without_the_first() -> list[PlannedSession]:
    return [*sessions(TUESDAYS[:1], cancelled=True), *sessions()[1:]]


async def test_a_session_that_is_put_back_asks_those_who_were_on_it(world: World) -> None:
    await open_house(world, needed=3)
    maja, olga, petra = await hosts(world, "Maja", "Olga", "Petra")
    await pattern(world, maja)
    await put(world, "s0", olga)
    gave_up = await put(world, "s0", petra)
    assert (await world.post("releases", {"token": world.link(gave_up)})).status_code == 200
    await open_house(world, 2, needed=3, sessions=without_the_first())
    assert await asked(world, "s0") == {}
    await open_house(world, 3, needed=3)
    offers = await asked(world, "s0")
    assert sorted(offers) == ["Maja", "Olga"], "and not Petra, who had given it up"
    assert (await world.post("answers", {"token": world.link(offers["Maja"]), "answer": "accept"})).is_success
    assert (await world.post("answers", {"token": world.link(offers["Olga"]), "answer": "decline"})).is_success
    assert await names_on(world, "s0") == ["Maja"]
    assert await days_of(world, "Maja") == ["s0", "s2", "s4"]
    await open_house(world, 4, needed=3, sessions=without_the_first())
    await open_house(world, 5, needed=3)
    assert list(await asked(world, "s0")) == ["Maja"], "and not Olga, who could not any more"


async def test_a_lecture_that_is_put_back_asks_its_lecturer_unless_they_have_left(world: World) -> None:
    plan = lectures(FIRST - timedelta(days=9))
    cancelled = [one.model_copy(update={"cancelled": True}) for one in plan]
    await world.plan(sessions=plan)
    berit, dag = await leader(world, "Berit", "lecturer"), await leader(world, "Dag", "lecturer")
    await place(world, berit, role="lecturer", session_id="a")
    await place(world, dag, role="lecturer", session_id="b")
    await world.plan(sequence=2, sessions=cancelled)
    await world.post("own/leaving", {"token": own(world, dag)})
    await world.plan(sequence=3, sessions=plan)
    (row,) = await world.announced("assignment-offered")
    offer = AssignmentOffered.model_validate_json(row["value"])
    assert (offer.volunteer_id, offer.session_id, offer.at) == (berit, "a", FIRST)


async def test_a_session_that_is_left_out_of_the_plan_is_as_good_as_cancelled(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    assignment_id = await put(world, "s0", maja)
    await open_house(world, 2, sessions=sessions()[1:])
    assert (await newest(world, assignment_id)).status == "released"
    assert (await rota(world))["s0"]["needed"] == 0


async def test_a_cancelled_programme_frees_everybody(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    await pattern(world, maja)
    await open_house(world, 2, cancelled=True)
    assert await days_of(world, "Maja") == []
    assert {row["needed"] for row in (await rota(world)).values()} == {0}


async def test_a_pattern_gives_every_second_session_accepted_in_advance(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    made = await pattern(world, maja)
    assert [one["status"] for one in made["given"]] == ["accepted"] * 3
    assert await days_of(world, "Maja") == ["s0", "s2", "s4"]
    assert await world.announced("assignment-offered") == []


async def test_a_pattern_keeps_to_its_weekday(world: World) -> None:
    both = sorted([*TUESDAYS, *(at + timedelta(days=2) for at in TUESDAYS)])
    await open_house(world, sessions=sessions(both))
    (maja,) = await hosts(world, "Maja")
    await pattern(world, maja, weekday="thursday")
    assert await days_of(world, "Maja") == ["s1", "s5", "s9"]


async def test_one_shift_of_a_pattern_is_given_up_by_itself_and_stays_so(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    made = await pattern(world, maja)
    given_up = {"token": world.link(made["given"][1]["assignment_id"])}
    assert (await world.post("releases", given_up)).status_code == 200
    later = [*TUESDAYS, *(TUESDAYS[-1] + timedelta(weeks=n) for n in (1, 2, 3))]
    await open_house(world, 2, sessions=sessions(later))
    assert await days_of(world, "Maja") == ["s0", "s4", "s6", "s8"]


async def test_a_session_put_in_between_is_nobodys_and_shifts_no_turns(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    await pattern(world, maja)
    extra = sessions([TUESDAYS[0] + timedelta(days=3)], session_id="extra")
    after = sessions([TUESDAYS[-1] + timedelta(weeks=n) for n in (1, 2)])
    renamed = [one.model_copy(update={"session_id": f"t{n}"}) for n, one in enumerate(after)]
    await open_house(world, 2, sessions=[*sessions(), *extra, *renamed])
    assert await days_of(world, "Maja") == ["s0", "s2", "s4", "t0"]


async def test_a_cancelled_session_is_counted_so_that_two_hosts_keep_their_turns(world: World) -> None:
    plan = sessions()
    plan[2] = plan[2].model_copy(update={"cancelled": True})
    await open_house(world, sessions=plan)
    maja, olga = await hosts(world, "Maja", "Olga")
    await pattern(world, maja)
    await pattern(world, olga, first_on="2025-01-30")
    assert await days_of(world, "Maja") == ["s0", "s4"]
    assert await days_of(world, "Olga") == ["s1", "s3", "s5"]


async def test_an_ended_pattern_frees_what_comes_after(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    made = await pattern(world, maja, every=1)
    path = f"patterns/{made['pattern']['pattern_id']}/end"
    for _ in range(2):
        ended = await world.post(path, {"last_on": "2025-02-11"}, headers=world.staff)
        assert (ended.status_code, ended.json()["last_on"]) == (200, "2025-02-11")
    assert await days_of(world, "Maja") == ["s0", "s1", "s2"]
    await open_house(world, 2, sessions=sessions([*TUESDAYS, TUESDAYS[-1] + timedelta(weeks=1)]))
    assert await days_of(world, "Maja") == ["s0", "s1", "s2"]
    other = await world.post(path, {"last_on": "2025-01-28"}, headers=world.signed_in("Another"))
    assert other.status_code == 403


async def test_a_pattern_passes_over_a_pause_and_says_so(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    pause = {"token": own(world, maja), "starts_on": "2025-02-10", "until": "2025-02-12"}
    assert (await world.post("own/pause", pause)).status_code == 200
    made = await pattern(world, maja)
    assert [one["code"] for one in made["not_given"]] == ["is-paused"]
    assert await days_of(world, "Maja") == ["s0", "s4"]


async def test_a_pattern_that_gives_nothing_is_refused_with_the_reason(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja", agreement_signed_on=None)
    body = {"volunteer_id": maja, "first_on": "2025-01-28"}
    path = f"rotas/{world.programme_id}/patterns"
    answer = await world.post(path, body, headers=world.staff)
    assert answer.json()["type"] == "urn:motesplats:problem:agreement-missing"
    late = await world.post(path, body | {"first_on": "2026-01-01"}, headers=world.staff)
    assert late.json()["type"] == "urn:motesplats:problem:pattern-gives-nothing"
    assert (await world.get(f"rotas/{world.programme_id}"))["patterns"] == []


async def test_a_season_is_shared_out_evenly(world: World) -> None:
    await open_house(world, needed=2)
    ids = await hosts(world, "Maja", "Olga", "Petra", "Rut")
    await put(world, "s0", ids[0])
    path = f"rotas/{world.programme_id}/sharing"
    answer = await world.post(path, {"volunteer_ids": ids}, headers=world.staff)
    assert answer.status_code == 200, answer.text
    assert (len(answer.json()["given"]), answer.json()["still_free"]) == (11, 0)
    shares = [len(await days_of(world, name)) for name in ("Maja", "Olga", "Petra", "Rut")]
    assert shares == [3, 3, 3, 3]
    assert {row["missing"] for row in (await rota(world)).values()} == {0}
    again = await world.post(path, {"volunteer_ids": ids}, headers=world.staff)
    assert again.json()["given"] == []


async def test_sharing_out_puts_nobody_back_on_what_they_gave_up_or_declined(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    await give_up(world, await put(world, "s1", maja))
    no = {"token": world.link((await asked(world, "s1"))["Olga"]), "answer": "decline"}
    assert (await world.post("answers", no)).status_code == 200
    path = f"rotas/{world.programme_id}/sharing"
    answer = (await world.post(path, {"volunteer_ids": [maja, olga]}, headers=world.staff)).json()
    assert {(one["volunteer_id"], one["code"]) for one in answer["not_given"]} >= {(maja, "said-no"), (olga, "said-no")}
    assert await names_on(world, "s1") == []
    assert (len(answer["given"]), answer["still_free"]) == (5, 1)
    await put(world, "s1", maja)
    assert await names_on(world, "s1") == ["Maja"], "who can come after all is put on it by hand"


async def test_who_ended_a_standing_pattern_may_be_given_places_by_sharing_out(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    made = await pattern(world, maja)
    await world.staff_post(f"patterns/{made['pattern']['pattern_id']}/end", {"last_on": "2025-01-30"})
    assert await days_of(world, "Maja") == ["s0"]
    answer = await world.post(f"rotas/{world.programme_id}/sharing", {"volunteer_ids": [maja]}, headers=world.staff)
    assert (len(answer.json()["given"]), answer.json()["still_free"]) == (5, 0)


async def test_a_house_that_wants_no_hosts_any_more_is_still_open(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    await put(world, "s0", maja)
    await open_house(world, 2, needed=0)
    assert [(row["needed"], row["cancelled"]) for row in (await rota(world)).values()] == [(0, False)] * 6
    page = (await world.http.get(f"/staff/volunteers/staffing/{world.programme_id}", headers=world.staff)).text
    assert "Will not take place" not in page
    await put(world, "s0", olga)
    assert await names_on(world, "s0") == ["Maja", "Olga"]
    moved = sessions([TUESDAYS[0] + timedelta(hours=1), *TUESDAYS[1:]])
    await open_house(world, 3, needed=0, sessions=moved)
    assert (await rota(world))["s0"]["at"] == (TUESDAYS[0] + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    await open_house(world, 4, needed=0, cancelled=True)
    assert {row["cancelled"] for row in (await rota(world)).values()} == {True}


async def test_sharing_out_says_who_got_nothing_and_why_and_what_is_left(world: World) -> None:
    await open_house(world)
    maja, new = await hosts(world, "Maja", "Nils")
    (late,) = await hosts(world, "Otto", agreement_signed_on=None)
    await world.post("own/pause", {"token": own(world, maja), "starts_on": "2025-02-04"})
    body = {"volunteer_ids": [maja, late], "last_on": date(2025, 2, 11).isoformat()}
    answer = (await world.post(f"rotas/{world.programme_id}/sharing", body, headers=world.staff)).json()
    assert [one["name"] for one in answer["given"]] == ["Maja"]
    assert {one["code"] for one in answer["not_given"]} == {"is-paused", "agreement-missing"}
    assert answer["still_free"] == 2
    assert new not in {one["volunteer_id"] for one in answer["given"]}
