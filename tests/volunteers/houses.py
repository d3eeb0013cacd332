"""Drop-in houses with hosts, for the tests of rotas."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from motesplats_events import Place, PlannedSession
from tests.volunteers.conftest import FIRST, World

TUESDAYS = [FIRST + timedelta(weeks=n) for n in range(6)]
PLACE = Place(name="The house", municipality="Tranås")


def sessions(starts: Sequence[datetime] = TUESDAYS, **change: Any) -> list[PlannedSession]:
    """Openings of three hours, named s0, s1 …"""
    return [
        PlannedSession(**{"session_id": f"s{n}", "starts_at": at, "minutes": 180, "theme": "Open house"} | change)
        for n, at in enumerate(starts)
    ]


async def open_house(world: World, sequence: int = 1, needed: int = 1, **change: Any) -> None:
    """Hear of a house that is open on six Tuesdays."""
    house = {"kind": "drop_in", "places": {}, "place": PLACE, "hosts_needed": needed, "sessions": sessions()}
    await world.plan(change.pop("title", "Open house in Tranås"), sequence, **house | change)


async def hosts(world: World, *names: str, **change: Any) -> list[str]:
    """Enrol hosts; their ids."""
    return [
        await world.enrol(
            name=name,
            email=f"{name.lower()}@example.org",
            **{"roles": ["host"], "municipality": "Tranås", "language": "sv"} | change,
        )
        for name in names
    ]


def own(world: World, volunteer_id: str) -> str:
    """The token of a volunteer's own page."""
    return world.link(volunteer_id, "volunteer")


async def rota(world: World) -> dict[str, dict[str, Any]]:
    """The shifts of the house, by session id."""
    return {row["session_id"]: row for row in (await world.get(f"rotas/{world.programme_id}"))["shifts"]}


async def names_on(world: World, session_id: str) -> list[str]:
    """Who is on a shift."""
    return sorted(host["name"] for host in (await world.get(f"shifts/{session_id}"))["hosts"])


async def put(world: World, session_id: str, volunteer_id: str) -> str:
    """Put a host on a shift; the assignment's id."""
    answer = await world.post(f"shifts/{session_id}/hosts", {"volunteer_id": volunteer_id}, headers=world.staff)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["assignment_id"])


async def give_up(world: World, assignment_id: str) -> None:
    """A host cannot come."""
    answer = await world.post("releases", {"token": world.link(assignment_id)})
    assert answer.status_code == 200, answer.text


async def asked(world: World, session_id: str) -> dict[str, str]:
    """Who has an offer that can still be answered: assignment ids by name."""
    return {one["name"]: one["assignment_id"] for one in (await world.get(f"shifts/{session_id}"))["asked"]}
