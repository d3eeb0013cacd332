"""A place that was offered for a wish or to a pair is given up in many ways: wish and queue are right after each."""

from typing import Any

import pytest

from tests.registration.conftest import Running

API = "/api/registration"
WISH = {"kind": "course", "municipality": "Tranås", "role": "patient", "consent": True}


async def wishes(service: Running, name: str, **more: Any) -> None:
    body = WISH | {"name": name, "email": f"{name.casefold()}@example.org"} | more
    assert (await service.http.post(f"{API}/wishes", json=body)).status_code == 202


async def wish_link(service: Running) -> str:
    (row,) = await service.delivery.db.wishes.find({}).to_list(None)
    return service.link(row["_id"], purpose="wish")


async def offered(service: Running, name: str = "Wilma") -> tuple[dict[str, Any], dict[str, Any]]:
    """A course with one place, which is held for somebody who has wished for such a one."""
    await wishes(service, name)
    course = await service.plan(patient=1, relative=0)
    held = await service.named(course, name)
    assert held["status"] == "offered"
    return course, held


@pytest.mark.parametrize("by", ["link", "staff"])
async def test_who_cancels_what_was_offered_for_a_wish_waits_for_the_next(service: Running, by: str) -> None:
    course, held = await offered(service)
    if by == "link":
        answer = await service.http.post(f"{API}/cancellations", json={"token": service.link(held["participant_id"])})
    else:
        way = f"{API}/programmes/{course['programme_id']}/registrations/{held['participant_id']}/cancellation"
        answer = await service.staff.post(way)
    assert answer.status_code == 200
    (wish,) = (await service.staff.get(f"{API}/wishes")).json()
    assert wish["offered"] is False
    assert await service.statuses(course) == {"Wilma": "cancelled"}, "it is not offered to the same once more"
    another = await service.plan(patient=1, relative=0)
    assert await service.statuses(another) == {"Wilma": "offered"}
    answer = await service.http.post(f"{API}/wishes/withdrawal", json={"token": await wish_link(service)})
    assert answer.json() == {"status": "withdrawn"}
    assert await service.statuses(another) == {"Wilma": "cancelled"}


async def test_of_two_who_were_offered_places_together_one_who_cancels_gives_up_both(service: Running) -> None:
    course = await service.plan(patient=1, relative=1, promotion="offer")
    await service.register(course, "Astrid")
    await service.register(course, "Bo", companion={"role": "relative", "name": "Bodil"})
    await service.register(course, "Cilla")
    astrid, bo = await service.named(course, "Astrid"), await service.named(course, "Bo")
    await service.http.post(f"{API}/cancellations", json={"token": service.link(astrid["participant_id"])})
    assert (await service.named(course, "Bodil"))["status"] == "offered"
    await service.http.post(f"{API}/cancellations", json={"token": service.link(bo["participant_id"])})
    assert await service.statuses(course) == {
        "Astrid": "cancelled",
        "Bo": "cancelled",
        "Bodil": "cancelled",
        "Cilla": "offered",
    }


@pytest.mark.parametrize("way", ["wishes/withdrawal", "my/erasure"])
async def test_a_wish_ends_also_between_the_end_of_the_offer_and_the_timer(service: Running, way: str) -> None:
    course, _ = await offered(service)
    await service.register(course, "Bo")
    service.later(days=4)
    answer = await service.http.post(f"{API}/{way}", json={"token": await wish_link(service)})
    assert answer.status_code == 200, answer.text
    assert (await service.named(course, "Bo"))["status"] == "confirmed"
    assert (await service.staff.get(f"{API}/wishes")).json() == []
    await service.due()


@pytest.mark.parametrize("way", ["wishes/withdrawal", "my/erasure"])
async def test_a_wish_ends_also_when_what_was_offered_for_it_has_ended_already(service: Running, way: str) -> None:
    _, held = await offered(service)
    # As it was left by a cancellation before the offer was ended with it.
    ended = {"status": "cancelled", "active": False, "answer_by": None}
    await service.delivery.db.registrations.update_one({"_id": held["participant_id"]}, {"$set": ended})
    answer = await service.http.post(f"{API}/{way}", json={"token": await wish_link(service)})
    assert answer.status_code == 200, answer.text
    assert (await service.staff.get(f"{API}/wishes")).json() == []


async def test_an_offer_ends_in_time_also_when_the_session_that_it_led_to_was_cancelled(service: Running) -> None:
    course = await service.plan(patient=1, relative=0, kind="workshop", promotion="offer", days=1)
    await service.register(course, "Astrid")
    await service.register(course, "Bo")
    service.later(days=2)
    astrid = await service.named(course, "Astrid")
    await service.http.post(f"{API}/cancellations", json={"token": service.link(astrid["participant_id"])})
    last = course["sessions"][1]["session_id"]
    assert (await service.staff.post(f"{API}/sessions/{last}/cancellation", json={})).status_code == 200
    service.later(days=10)
    await service.due()
    assert (await service.named(course, "Bo"))["status"] == "cancelled"
