"""Places and queues, asked over HTTP with a real store behind."""

import asyncio
from datetime import timedelta
from typing import Any

from tests.registration.conftest import Running, serving


async def test_a_full_programme_puts_the_next_person_in_the_queue(service: Running) -> None:
    course = await service.plan(patient=1)
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(course, name)
    rows = (await service.registrations(course))["registrations"]
    assert [(r["name"], r["status"], r["position"]) for r in rows] == [
        ("Astrid", "confirmed", None),
        ("Bo", "waiting", 1),
        ("Cilla", "waiting", 2),
    ]


async def test_places_of_one_role_are_not_taken_by_the_other(service: Running) -> None:
    course = await service.plan(patient=1, relative=1)
    await service.register(course, "Astrid")
    await service.register(course, "Bo", role="relative")
    assert (await service.registrations(course))["counts"] == {"confirmed": 2, "waiting": 0, "cancelled": 0}


async def test_a_cancellation_promotes_the_next_in_the_same_step(service: Running) -> None:
    course = await service.plan(patient=1)
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(course, name)
    astrid = await service.named(course, "Astrid")
    token = service.link(astrid["participant_id"])
    answer = await service.http.post("/api/registration/cancellations", json={"token": token})
    assert answer.json() == {"status": "cancelled"}
    assert (await service.named(course, "Bo"))["status"] == "confirmed"
    assert (await service.named(course, "Cilla"))["position"] == 1
    # Promoted and cancelled were announced by one transaction: nobody can have been in between.
    cancelled, promoted = (
        await service.announced("registration-cancelled"),
        await service.announced("registration-promoted"),
    )
    assert [row["time"] for row in cancelled] == [row["time"] for row in promoted]
    await service.register(course, "Dan")
    assert (await service.named(course, "Dan"))["position"] == 2


async def test_a_place_that_nobody_waits_for_is_free_again(service: Running) -> None:
    course = await service.plan(patient=1)
    await service.register(course, "Astrid")
    token = service.link((await service.named(course, "Astrid"))["participant_id"])
    await service.http.post("/api/registration/cancellations", json={"token": token})
    await service.register(course, "Bo")
    assert (await service.named(course, "Bo"))["status"] == "confirmed"


async def test_fifty_at_once_for_five_places_are_five_confirmed_and_a_fair_queue(service: Running) -> None:
    course = await service.plan(patient=5)
    answers = await asyncio.gather(*(service.register(course, f"Person {n}") for n in range(50)))
    assert {answer.status_code for answer in answers} == {202}
    found = await service.registrations(course)
    assert found["counts"] == {"confirmed": 5, "waiting": 45, "cancelled": 0}
    waiting = [row for row in found["registrations"] if row["status"] == "waiting"]
    assert [row["position"] for row in waiting] == list(range(1, 46)), "the queue is in the order of registration"


async def test_several_processes_at_once_do_not_overbook_either(given: dict[str, Any]) -> None:
    async with serving(given) as one, serving(given) as other:
        course = await one.plan(patient=5)
        await asyncio.gather(*((one, other)[n % 2].register(course, f"Person {n}") for n in range(40)))
        assert (await one.registrations(course))["counts"] == {"confirmed": 5, "waiting": 35, "cancelled": 0}


async def test_without_the_guard_this_test_sees_the_overbooking(given: dict[str, Any]) -> None:
    async with serving(given, unguarded_places=True) as unguarded:
        course = await unguarded.plan(patient=5)
        await asyncio.gather(*(unguarded.register(course, f"Person {n}") for n in range(50)))
        assert (await unguarded.registrations(course))["counts"]["confirmed"] > 5


async def test_cancelling_and_registering_at_once_never_overbooks_and_leaves_no_place_idle(service: Running) -> None:
    course = await service.plan(patient=5)
    for n in range(10):
        await service.register(course, f"Early {n}")
    rows = (await service.registrations(course))["registrations"]
    links = [service.link(row["participant_id"]) for row in rows[:5]]
    await asyncio.gather(
        *(service.http.post("/api/registration/cancellations", json={"token": link}) for link in links),
        *(service.register(course, f"Late {n}") for n in range(10)),
    )
    found = await service.registrations(course)
    assert found["counts"] == {"confirmed": 5, "waiting": 10, "cancelled": 5}
    confirmed = [row["name"] for row in found["registrations"] if row["status"] == "confirmed"]
    assert confirmed == [f"Early {n}" for n in range(5, 10)], "those who waited go before newcomers"


async def test_a_second_registration_gets_the_same_answer_and_staff_see_it(service: Running) -> None:
    course = await service.plan(patient=1)
    first = await service.register(course, "Åsa Berg", email="asa@example.org")
    second = await service.register(course, " åsa  berg", email="ASA@example.org")
    assert (first.status_code, first.content, dict(first.headers)) == (
        second.status_code,
        second.content,
        dict(second.headers),
    )
    found = await service.registrations(course)
    assert found["counts"]["confirmed"] == 1
    assert found["registrations"][0]["repeated"] == 1
    assert len(await service.announced("registration-repeated")) == 1


async def test_the_same_person_fifty_times_at_once_has_one_registration(service: Running) -> None:
    course = await service.plan(patient=5)
    answers = await asyncio.gather(*(service.register(course, "Astrid") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {202}
    assert (await service.registrations(course))["counts"] == {"confirmed": 1, "waiting": 0, "cancelled": 0}


async def test_who_cancelled_may_register_again(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    token = service.link((await service.named(course, "Astrid"))["participant_id"])
    await service.http.post("/api/registration/cancellations", json={"token": token})
    await service.register(course, "Astrid")
    assert (await service.registrations(course))["counts"] == {"confirmed": 1, "waiting": 0, "cancelled": 1}


async def test_what_the_public_sees_does_not_tell_a_second_registration_from_a_first(service: Running) -> None:
    course = await service.plan(patient=20)
    await service.register(course, "Astrid")
    addresses = ["/", f"/programmes/{course['programme_id']}", f"/api/registration/programmes/{course['programme_id']}"]

    async def seen() -> list[str]:
        return [(await service.http.get(address)).text for address in addresses]

    before = await seen()
    await service.register(course, "Astrid")
    after_a_second = await seen()
    await service.register(course, "Bo")
    assert before == after_a_second == await seen()


async def test_who_waits_moves_up_while_a_session_is_to_come_and_not_after(service: Running) -> None:
    course = await service.plan(patient=2)
    for name in ("Astrid", "Bo", "Cilla", "Dan"):
        await service.register(course, name)
    links = [service.link((await service.named(course, name))["participant_id"]) for name in ("Astrid", "Bo")]
    service.delivery.clock.ahead_by += timedelta(days=22)
    await service.http.post("/api/registration/cancellations", json={"token": links[0]})
    assert (await service.named(course, "Cilla"))["status"] == "confirmed"
    service.delivery.clock.ahead_by += timedelta(days=6, minutes=30)
    assert (await service.http.post("/api/registration/cancellations", json={"token": links[1]})).status_code == 200
    assert (await service.named(course, "Dan"))["status"] == "waiting", "the last session has begun"
    service.delivery.clock.ahead_by += timedelta(days=1)
    late = service.link((await service.named(course, "Cilla"))["participant_id"])
    answer = await service.http.post("/api/registration/cancellations", json={"token": late})
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:motesplats:problem:programme-over")
    assert "Cancel my registration" not in (await service.http.get(f"/my/{late}")).text


async def test_a_public_event_holds_no_person_and_the_outbox_no_address(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid Invented")
    everything = str(await service.delivery.db.outbox.find({}).to_list(None))
    assert "Invented" not in everything
    assert "example.org" not in everything
