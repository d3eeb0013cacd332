"""A missed theme is made up at a session of another programme, and no session is overfull."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from typing import Any

from motesplats_events import Role
from services.registration import store
from tests.registration.conftest import Running


async def season(
    service: Running, patient: int = 4, days: int = 30, themes: tuple[str, ...] = ("Coping", "News"), **more: Any
) -> dict[str, Any]:
    """A course with these themes, a week apart."""
    first = service.delivery.clock.now() + timedelta(days=days)
    dates = [
        {"at": (first + timedelta(weeks=n)).isoformat(), "minutes": 90, "theme": theme}
        for n, theme in enumerate(themes)
    ]
    return await service.plan(patient=patient, relative=0, sessions=dates, **more)


async def missed_by(service: Running, *names: str, came: tuple[str, ...] = ()) -> tuple[dict[str, Any], dict[str, str]]:
    """A course whose first session was held without these."""
    course = await season(service, patient=10, days=1)
    for name in (*names, *came):
        await service.register(course, name)
    service.later(days=1, minutes=10)
    ids = {name: (await service.named(course, name))["participant_id"] for name in (*names, *came)}
    session = course["sessions"][0]["session_id"]
    marks = {"attended": [ids[name] for name in came], "absent": [ids[name] for name in names]}
    await service.staff.put(f"/api/registration/sessions/{session}/attendance", json=marks)
    await service.staff.post(f"/api/registration/sessions/{session}/hold")
    return course, ids


def booking(course: dict[str, Any], other: dict[str, Any], session: int = 0) -> dict[str, str]:
    """What is sent to make up the first session of one at a session of the other."""
    return {
        "missed_session_id": course["sessions"][0]["session_id"],
        "session_id": other["sessions"][session]["session_id"],
    }


async def taken(service: Running, programme: dict[str, Any]) -> int:
    found = await store.programme(service.delivery.reading, programme["programme_id"])
    return sum(found.taken.values())


async def test_who_missed_a_theme_books_it_elsewhere_and_is_counted_there(service: Running) -> None:
    course, ids = await missed_by(service, "Astrid")
    other = await season(service)
    address = f"/api/registration/programmes/{course['programme_id']}/registrations/{ids['Astrid']}"
    (missed,) = (await service.staff.get(f"{address}/missed")).json()
    assert [chance["session_id"] for chance in missed["chances"]] == [other["sessions"][0]["session_id"]]
    body = booking(course, other) | {"token": service.link(ids["Astrid"])}
    booked = await service.http.post("/api/registration/guests", json=body)
    assert booked.status_code == 201, booked.text
    guest = booked.json()["guest_id"]
    assert guest != ids["Astrid"], "nothing joins the person's ids in two programmes"
    assert (await service.http.post("/api/registration/guests", json=body)).json()["guest_id"] == guest
    service.later(days=30, minutes=10)
    there = other["sessions"][0]["session_id"]
    page = (await service.staff.get(f"/staff/programmes/{other['programme_id']}/sessions/{there}")).text
    assert "Astrid" in page
    assert "guest, makes up a missed theme" in page
    await service.staff.put(f"/api/registration/sessions/{there}/attendance", json={"attended": [guest]})
    await service.staff.post(f"/api/registration/sessions/{there}/hold")
    held = json.loads((await service.announced("session-held"))[-1]["value"])
    assert held["counts"] == {"patient": {"expected": 1, "attended": 1}}
    assert json.loads((await service.announced("attendance-recorded"))[-1]["value"])["attended"] == [guest]
    other_evening = other["sessions"][1]["session_id"]
    service.later(days=7)
    await service.staff.post(f"/api/registration/sessions/{other_evening}/hold")
    assert json.loads((await service.announced("session-held"))[-1]["value"])["counts"] == {}


async def test_who_was_there_or_wants_another_theme_has_nothing_to_make_up(service: Running) -> None:
    course, ids = await missed_by(service, "Astrid", came=("Bo",))
    other = await season(service)
    refused = {
        "nothing-missed": (ids["Bo"], booking(course, other)),
        "not-the-same-theme": (ids["Astrid"], booking(course, other, session=1)),
    }
    for problem, (id, body) in refused.items():
        answer = await service.http.post("/api/registration/guests", json=body | {"token": service.link(id)})
        assert (answer.status_code, answer.json()["type"]) == (409, f"urn:motesplats:problem:{problem}")
    group = await season(service, kind="self_help_group")
    answer = await service.http.post(
        "/api/registration/guests", json=booking(course, group) | {"token": service.link(ids["Astrid"])}
    )
    assert answer.status_code == 409, "a group keeps to itself"
    await service.register(other, "Astrid")
    mine = booking(course, other) | {"token": service.link(ids["Astrid"])}
    assert (await service.http.post("/api/registration/guests", json=mine)).status_code == 409


async def test_many_who_book_the_last_seats_at_once_never_overfill_the_session(service: Running) -> None:
    names = tuple(f"Person {n}" for n in range(6))
    course, ids = await missed_by(service, *names)
    other = await season(service, patient=4)
    for name in ("Dan", "Eva"):
        await service.register(other, name)

    async def book(name: str) -> int:
        body = booking(course, other) | {"token": service.link(ids[name])}
        return (await service.http.post("/api/registration/guests", json=body)).status_code

    async def register(name: str) -> None:
        await service.register(other, name)

    answers = await asyncio.gather(*(book(name) for name in names), register("Late"), register("Later"))
    guests = [guest for guest in await store.guests(service.delivery.reading, other["programme_id"]) if guest.active]
    confirmed = Counter((await service.statuses(other)).values())["confirmed"]
    assert answers.count(201) == len(guests)
    assert confirmed + len(guests) == 4
    assert await taken(service, other) == 4


async def test_guests_of_different_evenings_share_the_places_that_are_held_for_them(service: Running) -> None:
    course, ids = await missed_by(service, "Astrid", "Bo")
    other = await season(service, patient=2, themes=("Coping", "Coping"))
    await service.register(other, "Dan")
    for name, session in (("Astrid", 0), ("Bo", 1)):
        body = booking(course, other, session) | {"token": service.link(ids[name])}
        assert (await service.http.post("/api/registration/guests", json=body)).status_code == 201
    assert await taken(service, other) == 2
    await service.register(other, "Eva")
    assert (await service.statuses(other))["Eva"] == "waiting", "a seat is held for each evening's guest"


async def test_a_seat_goes_to_the_queue_when_the_guest_gives_it_up_or_the_evening_is_over(service: Running) -> None:
    course, ids = await missed_by(service, "Astrid", "Bo")
    other = await season(service, patient=2, themes=("Coping", "Coping", "News"))
    own = f"/api/registration/programmes/{course['programme_id']}/registrations"
    guests = {}
    for name in ("Astrid", "Bo"):
        answer = await service.staff.post(f"{own}/{ids[name]}/guest", json=booking(course, other))
        guests[name] = answer.json()["guest_id"]
    for name in ("Dan", "Eva"):
        await service.register(other, name)
    assert Counter((await service.statuses(other)).values()) == {"waiting": 2}
    gone = await service.staff.delete(f"{own}/{ids['Astrid']}/guest/{guests['Astrid']}")
    assert gone.status_code == 204
    assert (await service.statuses(other))["Dan"] == "confirmed"
    assert (await service.staff.delete(f"{own}/{ids['Astrid']}/guest/{guests['Astrid']}")).status_code == 410
    service.later(days=31)
    await service.due()
    assert (await service.statuses(other))["Eva"] == "confirmed"
    assert await taken(service, other) == 2


async def test_guests_are_let_go_when_their_evening_is_cancelled(service: Running) -> None:
    course, ids = await missed_by(service, "Astrid")
    other = await season(service, patient=1)
    mine = booking(course, other) | {"token": service.link(ids["Astrid"])}
    await service.http.post("/api/registration/guests", json=mine)
    await service.register(other, "Dan")
    await service.staff.post(f"/api/registration/sessions/{other['sessions'][0]['session_id']}/cancellation", json={})
    said = [json.loads(row["value"]) for row in await service.announced("guest-booked")]
    assert [event["booked"] for event in said] == [True, False]
    assert (await service.statuses(other))["Dan"] == "confirmed"
    assert Role.PATIENT.value == said[0]["role"]


async def test_the_own_page_lists_what_was_missed_and_books_it(service: Running) -> None:
    course, ids = await missed_by(service, "Astrid")
    token = service.link(ids["Astrid"])
    here = f"/my/{token}/missed"
    assert here in (await service.http.get(f"/my/{token}")).text
    assert "No session about this theme is planned yet" in (await service.http.get(here)).text
    other = await season(service, patient=1)
    typed = {
        "of": ids["Astrid"],
        "missed": course["sessions"][0]["session_id"],
        "session": other["sessions"][0]["session_id"],
    }
    assert "Book this one" in (await service.http.get(here)).text
    assert (await service.http.post(here, data=typed)).status_code == 303
    booked = (await service.http.get(here)).text
    assert "Booked:" in booked
    (guest,) = await store.guests_from(service.delivery.reading, ids["Astrid"])
    assert (await service.http.post(here, data={"of": ids["Astrid"], "give_up": guest.guest_id})).status_code == 303
    assert await taken(service, other) == 0
    await service.register(other, "Dan")
    full = await service.http.post(here, data=typed)
    assert full.status_code == 422
    assert "All places there are taken" in full.text


async def booked_elsewhere(service: Running, days: int = 30) -> tuple[dict[str, Any], str, dict[str, Any], str]:
    """A course whose first session Astrid missed, her id there, another with one place, and her id as its guest."""
    course, ids = await missed_by(service, "Astrid")
    other = await season(service, patient=1, days=days)
    body = booking(course, other) | {"token": service.link(ids["Astrid"])}
    guest = (await service.http.post("/api/registration/guests", json=body)).json()["guest_id"]
    return course, ids["Astrid"], other, guest


async def test_who_is_after_all_marked_as_there_still_sees_the_booking_and_can_give_it_up(service: Running) -> None:
    course, id, other, guest = await booked_elsewhere(service)
    session = course["sessions"][0]["session_id"]
    await service.staff.put(f"/api/registration/sessions/{session}/attendance", json={"attended": [id]})
    mine = f"/my/{service.link(id)}"
    own = (await service.http.get(mine)).text
    assert "As a guest, to make up what you missed" in own
    registration = f"/programmes/{course['programme_id']}/registrations/{id}"
    assert "/missed" in (await service.staff.get(f"/staff{registration}")).text
    for page in (await service.http.get(f"{mine}/missed"), await service.staff.get(f"/staff{registration}/missed")):
        assert ("Nothing has been missed" in page.text, f'value="{guest}"' in page.text) == (True, True)
    listed = f"/api/registration{registration}/guest"
    assert [one["guest_id"] for one in (await service.staff.get(listed)).json()] == [guest]
    given_up = await service.http.post(f"{mine}/missed", data={"of": id, "give_up": guest})
    assert given_up.status_code == 303
    assert await taken(service, other) == 0
    assert (await service.staff.get(listed)).json() == []


async def test_with_the_own_registration_ends_what_was_booked_elsewhere(service: Running) -> None:
    _, id, other, guest = await booked_elsewhere(service)
    await service.register(other, "Dan")
    mine = f"/my/{service.link(id)}"
    assert "What you have booked elsewhere" in (await service.http.get(mine)).text
    assert (await service.http.post(f"{mine}/registrations/{id}/cancellation")).status_code == 303
    assert not (await store.guest(service.delivery.reading, guest)).active
    assert (await service.statuses(other))["Dan"] == "confirmed", "the seat goes to who waits"
    said = [json.loads(row["value"])["booked"] for row in await service.announced("guest-booked")]
    assert said == [True, False]
    assert "As a guest" not in (await service.http.get(mine)).text


async def test_a_session_that_was_made_up_stays_when_the_registration_ends(service: Running) -> None:
    _, id, _, guest = await booked_elsewhere(service, days=3)
    service.later(days=4)
    left = await service.http.post("/api/registration/cancellations", json={"token": service.link(id)})
    assert left.status_code == 200
    assert (await store.guest(service.delivery.reading, guest)).active


async def test_nobody_gives_up_what_another_has_booked(service: Running) -> None:
    course, ids = await missed_by(service, "Astrid", "Bo")
    other = await season(service)
    mine = booking(course, other) | {"token": service.link(ids["Astrid"])}
    guest = (await service.http.post("/api/registration/guests", json=mine)).json()["guest_id"]
    foreign = f"/my/{service.link(ids['Bo'])}/missed"
    for of in (ids["Astrid"], ids["Bo"]):
        assert (await service.http.post(foreign, data={"of": of, "give_up": guest})).status_code == 404
    assert (await store.guest(service.delivery.reading, guest)).active


async def test_the_link_of_who_was_forgotten_books_no_seat(service: Running) -> None:
    course, ids = await missed_by(service, "Astrid")
    other = await season(service)
    mine = booking(course, other) | {"token": service.link(ids["Astrid"])}
    service.later(days=9)
    await service.http.post("/api/registration/my/erasure", json={"token": mine["token"]})
    assert (await service.http.post("/api/registration/guests", json=mine)).status_code == 404
    assert await taken(service, other) == 0
