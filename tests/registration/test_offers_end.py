"""A place that was offered for a wish or to a pair is given up in many ways: wish and queue are right after each."""

from datetime import datetime, timedelta
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


async def test_in_the_last_hour_a_place_is_given_at_once_and_no_newcomer_has_it(service: Running) -> None:
    at = service.delivery.clock.now() + timedelta(days=1)
    sessions = [{"at": at.isoformat(), "theme": "One evening"}]
    lecture = await service.plan(patient=1, relative=0, kind="lecture", promotion="offer", sessions=sessions)
    await service.register(lecture, "Astrid")
    await service.register(lecture, "Bo")
    service.later(hours=23, minutes=10)
    astrid = await service.named(lecture, "Astrid")
    await service.http.post(f"{API}/cancellations", json={"token": service.link(astrid["participant_id"])})
    await service.register(lecture, "Newcomer")
    assert await service.statuses(lecture) == {"Astrid": "cancelled", "Bo": "confirmed", "Newcomer": "waiting"}
    assert len(await service.announced("registration-promoted")) == 1


@pytest.mark.parametrize("way", ["put back", "added"])
async def test_an_offer_ends_when_a_session_begins_that_was_not_planned_when_it_was_made(
    service: Running, way: str
) -> None:
    soon = service.delivery.clock.now().replace(microsecond=0) + timedelta(days=3)
    dates = [soon, soon + timedelta(days=20)] if way == "put back" else [soon + timedelta(days=20)]
    sessions = [{"at": date.isoformat(), "theme": "A workshop"} for date in dates]
    shop = await service.plan(
        patient=1, relative=0, kind="workshop", promotion="offer", offer_days=10, sessions=sessions
    )
    await service.register(shop, "Astrid")
    await service.register(shop, "Bo")
    first = shop["sessions"][0]["session_id"]
    if way == "put back":
        await service.staff.post(f"{API}/sessions/{first}/cancellation", json={})
    astrid = await service.named(shop, "Astrid")
    await service.http.post(f"{API}/cancellations", json={"token": service.link(astrid["participant_id"])})
    assert datetime.fromisoformat((await service.named(shop, "Bo"))["answer_by"]) > soon
    if way == "put back":
        answer = await service.staff.delete(f"{API}/sessions/{first}/cancellation")
    else:
        more = {"sessions": [{"at": soon.isoformat(), "theme": "One more"}]}
        answer = await service.staff.post(f"{API}/programmes/{shop['programme_id']}/sessions", json=more)
    assert answer.status_code in (200, 201), answer.text
    assert datetime.fromisoformat((await service.named(shop, "Bo"))["answer_by"]) == soon


async def test_the_timer_leaves_a_queue_alone_in_which_only_two_wait_for_the_one_place(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = await service.plan(patient=2, relative=0)
    await service.register(course, "Astrid")
    await service.register(course, "Bo", companion={"role": "patient", "name": "Bodil"})
    opened = []
    transact = service.delivery.transact

    async def counted(*args: Any, **more: Any) -> Any:
        opened.append(args)
        return await transact(*args, **more)

    monkeypatch.setattr(service.delivery, "transact", counted)
    await service.due()
    assert not opened
    # Somebody who was left waiting beside a free place is still found.
    free = {"$set": {"taken.patient": 0, "taken_all": 0}}
    await service.delivery.db.programmes.update_one({"_id": course["programme_id"]}, free)
    await service.due()
    assert len(opened) == 1
    assert (await service.named(course, "Bo"))["status"] == "confirmed"
