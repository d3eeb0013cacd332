"""Nobody is promised to two places, however close together the promises come."""

import asyncio
from datetime import timedelta
from typing import Any

from services.volunteers.settings import Settings
from tests.volunteers.conftest import FIRST, World
from tests.volunteers.houses import TUESDAYS, hosts, open_house, own, put, rota, sessions

TRIES = 8
"""A race is lost now and then; so often it is run."""


async def take(world: World, volunteer_id: str, session_id: str) -> int:
    return (await world.post("own/shifts", {"token": own(world, volunteer_id), "session_id": session_id})).status_code


async def two_houses(world: World) -> str:
    """Two houses that are open at overlapping times, with shifts a0, a1 … and b0, b1 …; the programme of the first."""
    first, world.programme_id = world.programme_id, "another"
    later = [at + timedelta(hours=1) for at in TUESDAYS]
    await open_house(world, needed=TRIES, sessions=[one for n in range(6) for one in opening(f"b{n}", later[n])])
    world.programme_id = first
    await open_house(world, needed=TRIES, sessions=[one for n in range(6) for one in opening(f"a{n}", TUESDAYS[n])])
    return first


def opening(session_id: str, at: Any) -> Any:
    return sessions([at], session_id=session_id)


async def statuses(world: World, volunteer_id: str) -> list[str]:
    rows = await world.delivery.db.assignments.find({"volunteer_id": volunteer_id}).to_list(None)
    return [row["status"] for row in rows]


async def days_of(world: World, name: str) -> list[str]:
    """On which shifts a host is."""
    return [id for id, row in (await rota(world)).items() if name in [host["name"] for host in row["hosts"]]]


async def taking_both(world: World, other: World) -> list[list[int]]:
    """What hosts were answered who took two shifts at overlapping times in the same moment."""
    await two_houses(world)
    found = await hosts(world, *(f"Host{n}" for n in range(TRIES)))
    return [
        list(await asyncio.gather(take(world, host, f"a{n % 6}"), take(other, host, f"b{n % 6}")))
        for n, host in enumerate(found)
    ]


async def leaving_while_taking(world: World, other: World) -> list[list[str]]:
    """What is left of hosts who left in the moment in which they took a shift."""
    await open_house(world, needed=TRIES)
    left = []
    for host in await hosts(world, *(f"Host{n}" for n in range(TRIES))):
        leaving = world.post("own/leaving", {"token": own(world, host)})
        gone, _ = await asyncio.gather(leaving, take(other, host, "s0"))
        assert gone.status_code == 200, gone.text
        left.append(await statuses(world, host))
    return left


async def test_of_two_overlapping_shifts_taken_at_once_a_host_gets_one(world: World) -> None:
    assert [sorted(codes) for codes in await taking_both(world, world)] == [[201, 409]] * TRIES


async def test_several_processes_do_not_promise_a_host_twice_either(world: World) -> None:
    other = World(world.settings)
    assert [sorted(codes) for codes in await taking_both(world, other)] == [[201, 409]] * TRIES
    other.delivery.db.client.close()


async def test_without_the_guard_this_test_sees_a_host_in_two_houses(world: World, given: dict[str, Any]) -> None:
    unguarded = World(Settings(**given, unguarded_shifts=True))
    assert [201, 201] in await taking_both(unguarded, unguarded)
    unguarded.delivery.db.client.close()


async def test_whoever_leaves_while_taking_a_shift_is_on_none(world: World) -> None:
    for left in await leaving_while_taking(world, world):
        assert "accepted" not in left


async def test_without_the_guard_this_test_sees_a_shift_of_somebody_who_has_left(
    world: World, given: dict[str, Any]
) -> None:
    unguarded = World(Settings(**given, unguarded_shifts=True))
    assert ["accepted"] in await leaving_while_taking(world, unguarded)
    unguarded.delivery.db.client.close()


async def test_two_members_of_staff_do_not_promise_a_host_to_two_houses(world: World) -> None:
    await two_houses(world)
    for n, host in enumerate(await hosts(world, *(f"Host{n}" for n in range(4)))):
        body = {"volunteer_id": host}
        answers = await asyncio.gather(
            *(world.post(f"shifts/{house}{n}/hosts", body, headers=world.staff) for house in "ab")
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_patterns_in_two_houses_at_once_give_each_evening_once(world: World) -> None:
    first = await two_houses(world)
    (maja,) = await hosts(world, "Maja")
    body = {"volunteer_id": maja, "first_on": "2025-01-28"}
    await asyncio.gather(
        *(world.post(f"rotas/{house}/patterns", body, headers=world.staff) for house in (first, "another"))
    )
    assert await statuses(world, maja) == ["accepted"] * 6


async def test_a_host_is_not_on_two_overlapping_sessions_of_one_house(world: World) -> None:
    both = [*sessions(), *opening("upstairs", FIRST + timedelta(hours=1))]
    await open_house(world, sessions=both)
    (maja,) = await hosts(world, "Maja")
    await put(world, "s0", maja)
    answer = await world.post("shifts/upstairs/hosts", {"volunteer_id": maja}, headers=world.staff)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:motesplats:problem:collides")
    assert await take(world, maja, "upstairs") == 409


async def test_neither_a_pattern_nor_sharing_out_gives_two_overlapping_sessions_of_one_house(world: World) -> None:
    both = [*sessions(TUESDAYS[:2]), *opening("upstairs", FIRST + timedelta(hours=1))]
    await open_house(world, sessions=sorted(both, key=lambda one: one.starts_at))
    maja, olga = await hosts(world, "Maja", "Olga")
    body = {"volunteer_id": maja, "every": 1, "first_on": "2025-01-28"}
    made = await world.post(f"rotas/{world.programme_id}/patterns", body, headers=world.staff)
    assert await days_of(world, "Maja") == ["s0", "s1"]
    assert [one["code"] for one in made.json()["not_given"]] == ["collides"]
    await open_house(world, sequence=2, needed=2, sessions=both)
    await world.post(f"rotas/{world.programme_id}/sharing", {"volunteer_ids": [olga]}, headers=world.staff)
    assert await days_of(world, "Olga") == ["s0", "s1"]


async def test_a_host_can_be_a_peer_at_the_same_session(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja", roles=["host", "peer"])
    await put(world, "s0", maja)
    await world.offer(maja)
    assert sorted(await statuses(world, maja)) == ["accepted", "offered"]


async def test_a_swap_that_would_put_a_host_in_two_places_is_void(world: World) -> None:
    await two_houses(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    gives, takes = await put(world, "a0", maja), await put(world, "a1", olga)
    swap = {"token": own(world, maja), "gives": gives, "takes": takes}
    offer = await world.post("own/swaps", swap)
    assert offer.status_code == 201, offer.text
    await put(world, "b1", maja)
    yes = {"token": world.link(offer.json()["assignment_id"]), "answer": "accept"}
    answer = await world.post("answers", yes)
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:motesplats:problem:swap-is-void")
    assert sorted(await statuses(world, maja)) == ["accepted", "accepted"]
