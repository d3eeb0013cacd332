"""Two hosts swap shifts: one proposes, the other says yes, and both change at once."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from motesplats_events import AssignmentOffered
from tests.volunteers.conftest import FIRST, World
from tests.volunteers.houses import TUESDAYS, asked, give_up, hosts, names_on, open_house, own, put, sessions


class Two:
    """Maja on the first Tuesday, Olga on the second."""

    def __init__(self, world: World, maja: str, olga: str, first: str, second: str) -> None:
        self.world, self.maja, self.olga, self.first, self.second = world, maja, olga, first, second

    async def propose(self, **change: str) -> tuple[int, str]:
        """Maja offers her Tuesday for Olga's: the status, and the offer's id."""
        body = {"token": own(self.world, self.maja), "gives": self.first, "takes": self.second} | change
        answer = await self.world.post("own/swaps", body)
        return answer.status_code, answer.json().get("assignment_id", "")

    async def answer(self, offer_id: str, word: str = "accept") -> int:
        """Olga answers by her link."""
        body = {"token": self.world.link(offer_id), "answer": word}
        return (await self.world.post("answers", body)).status_code

    async def both(self) -> tuple[list[str], list[str]]:
        """Who is on the first Tuesday and on the second."""
        return await names_on(self.world, "s0"), await names_on(self.world, "s1")


async def two(world: World) -> Two:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    return Two(world, maja, olga, await put(world, "s0", maja), await put(world, "s1", olga))


async def test_a_swap_changes_both_at_once_when_the_other_says_yes(world: World) -> None:
    pair = await two(world)
    status, offer_id = await pair.propose()
    assert status == 201
    (row,) = await world.announced("assignment-offered")
    event = AssignmentOffered.model_validate_json(row["value"])
    assert (event.volunteer_id, event.session_id, event.at) == (pair.olga, "s0", FIRST)
    assert await pair.both() == (["Maja"], ["Olga"]), "nothing changes before the answer"
    before = len(await world.announced("assignment-changed"))
    assert await pair.answer(offer_id) == 200
    assert await pair.both() == (["Olga"], ["Maja"])
    changes = (await world.announced("assignment-changed"))[before:]
    assert len({row["time"] for row in changes}) == 1, "one transaction"
    assert len(await world.announced("assignment-offered")) == 1, "nobody is asked for a place that was never free"


async def test_a_no_leaves_everything_as_it_was(world: World) -> None:
    pair = await two(world)
    _, offer_id = await pair.propose()
    assert await pair.answer(offer_id, "decline") == 200
    assert await pair.both() == (["Maja"], ["Olga"])


async def test_a_proposal_is_void_when_a_shift_is_no_longer_there_to_give(world: World) -> None:
    for which in ("first", "second"):
        pair = await two(world)
        _, offer_id = await pair.propose()
        await give_up(world, getattr(pair, which))
        assert await pair.answer(offer_id) == 410
        world.programme_id = which
        await world.delivery.db.volunteers.delete_many({})
        await world.delivery.db.assignments.delete_many({})


async def test_a_moved_session_voids_a_proposal(world: World) -> None:
    pair = await two(world)
    _, offer_id = await pair.propose()
    await open_house(world, 2, sessions=sessions([TUESDAYS[0], TUESDAYS[1] + timedelta(days=1), *TUESDAYS[2:]]))
    assert await pair.answer(offer_id) == 410
    assert await names_on(world, "s0") == ["Maja"]


@pytest.mark.parametrize("change", ["one moves", "all move", "one is cancelled", "all is cancelled"])
async def test_a_changed_plan_reaches_hosts_who_have_not_answered_a_proposal(world: World, change: str) -> None:
    pair = await two(world)
    _, offer_id = await pair.propose()
    a_day = timedelta(days=1)
    plans: dict[str, dict[str, Any]] = {
        "one moves": {"sessions": sessions([TUESDAYS[0] + a_day, *TUESDAYS[1:]])},
        "all move": {"sessions": sessions([at + a_day for at in TUESDAYS])},
        "one is cancelled": {"sessions": [*sessions(TUESDAYS[:1], cancelled=True), *sessions()[1:]]},
        "all is cancelled": {"cancelled": True},
    }
    await open_house(world, sequence=2, **plans[change])
    assert await pair.answer(offer_id) == 410
    moves = "move" in change
    assert list(await asked(world, "s0")) == (["Maja"] if moves else []), "asked anew for the new day"
    stays = [] if change in {"all move", "all is cancelled"} else ["Olga"]
    assert await pair.both() == ([], stays)


@pytest.mark.parametrize("who", ["who is asked", "who proposes"])
async def test_a_host_can_leave_while_a_swap_is_proposed(world: World, who: str) -> None:
    pair = await two(world)
    _, offer_id = await pair.propose()
    leaves = pair.olga if who == "who is asked" else pair.maja
    await world.staff_post(f"volunteers/{leaves}/leaving")
    assert await pair.answer(offer_id) == 410
    assert await pair.both() == ((["Maja"], []) if leaves == pair.olga else ([], ["Olga"]))


async def test_a_proposal_can_be_taken_back(world: World) -> None:
    pair = await two(world)
    _, offer_id = await pair.propose()
    body = {"token": own(world, pair.maja), "offer_id": offer_id}
    others = await world.post("own/swaps/withdrawal", body | {"token": own(world, pair.olga)})
    assert others.status_code == 404
    for _ in range(2):
        assert (await world.post("own/swaps/withdrawal", body)).status_code == 200
    assert await pair.answer(offer_id) == 410
    assert await pair.both() == (["Maja"], ["Olga"])


async def test_only_own_shifts_are_given_and_only_anothers_taken(world: World) -> None:
    pair = await two(world)
    for change in (
        {"gives": pair.second, "takes": pair.first},
        {"takes": pair.first},
        {"token": own(world, pair.olga)},
    ):
        status, _ = await pair.propose(**change)
        assert status == 422
    assert (await pair.propose(takes="nothing"))[0] == 404


async def test_why_the_other_cannot_take_a_shift_is_not_said(world: World) -> None:
    pair = await two(world)
    await world.delivery.db.volunteers.update_one({"_id": pair.olga}, {"$set": {"avoids": ["open house"]}})
    body = {"token": own(world, pair.maja), "gives": pair.first, "takes": pair.second}
    refused = await world.post("own/swaps", body)
    assert refused.status_code == 422
    assert refused.json()["detail"] == "One of you cannot take the other's shift"


async def test_a_shift_that_has_begun_is_not_swapped(world: World) -> None:
    pair = await two(world)
    _, offer_id = await pair.propose()
    world.time(FIRST + timedelta(minutes=1))
    assert await pair.answer(offer_id) == 410
    assert (await pair.propose())[0] == 422


async def test_a_yes_and_giving_up_at_once_never_lose_a_shift_or_put_two_on_it(world: World) -> None:
    pair = await two(world)
    _, offer_id = await pair.propose()
    release = world.post("releases", {"token": world.link(pair.second)})
    codes = await asyncio.gather(pair.answer(offer_id), release)
    first, second = await pair.both()
    if codes[0] == 200:
        assert (first, second) == (["Olga"], ["Maja"])
    else:
        assert (first, second) == (["Maja"], [])
        assert (await world.get("shifts/s1"))["missing"] == 1


async def test_a_yes_many_times_at_once_swaps_once(world: World) -> None:
    pair = await two(world)
    _, offer_id = await pair.propose()
    codes = await asyncio.gather(*(pair.answer(offer_id) for _ in range(6)))
    assert Counter(codes) == {200: 1, 410: 5}
    assert await pair.both() == (["Olga"], ["Maja"])


async def test_the_own_page_shows_what_is_free_and_what_can_be_swapped(world: World) -> None:
    pair = await two(world)
    found = (await world.post("own/rota", {"token": own(world, pair.maja)})).json()
    assert [one["assignment_id"] for one in found["own"]] == [pair.first]
    assert [one["session_id"] for one in found["free"]] == ["s2", "s3", "s4", "s5"]
    assert found["swappable"] == {pair.first: [pair.second]}
