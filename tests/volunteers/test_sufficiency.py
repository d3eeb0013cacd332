"""Whether offers have enough volunteers: asked once a year, the newest answer counts."""

from datetime import timedelta
from typing import Any

from motesplats_events import PlannedSession, SufficiencyAnswered
from tests.volunteers.conftest import NOW, World


async def offers(world: World, *titles: str) -> None:
    """Offers that run for years, one a title; its id is the title's first word in small letters."""
    for title in titles:
        world.programme_id = title.split()[0].lower()
        sessions = [
            PlannedSession(session_id=f"{title}{n}", starts_at=NOW + timedelta(days=n), minutes=60, theme="x")
            for n in (1, 1500)
        ]
        await world.plan(title, sessions=sessions)


async def say(world: World, *answers: dict[str, Any]) -> int:
    sent = await world.post("sufficiency", {"answers": list(answers)}, headers=world.staff)
    assert sent.status_code == 200, sent.text
    return int(sent.json()["changed"])


async def listed(world: World) -> list[tuple[str, bool | None, bool]]:
    return [(one["programme_id"], one["enough"], one["ask"]) for one in (await world.get("sufficiency"))["offers"]]


async def test_an_answer_is_announced_and_stands_in_the_list(world: World) -> None:
    await offers(world, "Alfa group")
    assert await listed(world) == [("alfa", None, True)]
    assert await say(world, {"programme_id": "alfa", "enough": True}) == 1
    assert await listed(world) == [("alfa", True, False)]
    (row,) = await world.announced("sufficiency-answered")
    event = SufficiencyAnswered.model_validate_json(row["value"])
    assert (event.programme_id, event.enough, event.answered_on) == ("alfa", True, NOW.date())
    assert (event.organiser, event.municipality) == ("The clinic", "Jönköping")


async def test_the_newest_answer_counts_and_the_same_again_says_nothing(world: World) -> None:
    await offers(world, "Alfa group")
    await say(world, {"programme_id": "alfa", "enough": True, "answered_on": "2024-06-01"})
    assert await say(world, {"programme_id": "alfa", "enough": False, "answered_on": "2024-11-01"}) == 1
    assert await say(world, {"programme_id": "alfa", "enough": False, "answered_on": "2024-11-01"}) == 0
    older = {"answers": [{"programme_id": "alfa", "enough": True, "answered_on": "2024-10-31"}]}
    refused = await world.post("sufficiency", older, headers=world.staff)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["answers.0.answered_on"]
    assert await listed(world) == [("alfa", False, False)]
    rows = await world.announced("sufficiency-answered")
    assert [row["sequence"] for row in rows] == [1, 2]


async def test_offers_not_asked_about_for_a_year_come_first(world: World) -> None:
    await offers(world, "Alfa group", "Beta group", "Gamma group")
    await say(
        world,
        {"programme_id": "alfa", "enough": True, "answered_on": "2024-06-01"},
        {"programme_id": "beta", "enough": True, "answered_on": "2024-01-07"},
    )
    assert [one[0] for one in await listed(world)] == ["beta", "gamma", "alfa"]


async def test_many_are_answered_at_once_all_or_none(world: World) -> None:
    titles = [f"Offer{n} group" for n in range(145)]
    await offers(world, *titles)
    answers = [{"programme_id": f"offer{n}", "enough": n % 4 != 0} for n in range(145)]
    wrong = [
        *answers[:3],
        {"programme_id": "nowhere", "enough": True},
        *answers[3:],
        {"programme_id": "x", "enough": 0},
    ]
    refused = await world.post("sufficiency", {"answers": wrong}, headers=world.staff)
    assert [one["field"] for one in refused.json()["errors"]] == [
        "answers.3.programme_id",
        "answers.146.programme_id",
    ]
    assert await world.announced("sufficiency-answered") == []
    assert await say(world, *answers) == 145
    found = await listed(world)
    assert sum(enough is True for _, enough, _ in found) == 108
    assert len(await world.announced("sufficiency-answered")) == 145


async def test_what_cannot_be_is_refused(world: World) -> None:
    await offers(world, "Alfa group")
    future = {"answers": [{"programme_id": "alfa", "enough": True, "answered_on": "2025-01-08"}]}
    assert (await world.post("sufficiency", future, headers=world.staff)).status_code == 422
    now = {"answers": [{"programme_id": "alfa", "enough": True}]}
    assert (await world.post("sufficiency", now, headers=world.signed_in("Another"))).status_code == 403
    assert (await world.post("sufficiency", now)).status_code == 401
    assert (await world.post("sufficiency", {"answers": []}, headers=world.staff)).status_code == 422
