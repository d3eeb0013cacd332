"""What people and staff do on pages: come as two, wait for something, apply, copy a programme, carry a queue over."""

from datetime import timedelta
from typing import Any

import pytest

from services.registration import store
from tests.registration.conftest import Running
from tests.registration.test_dates_page import inputs
from tests.registration.test_kinds import PLAN, cancel

PERSON = {"role": "patient", "name": "Astrid", "contact": "astrid@example.org", "language": "en", "consent": "yes"}


async def test_two_register_by_one_form(service: Running) -> None:
    course = await service.plan()
    path = f"/programmes/{course['programme_id']}"
    sent = await service.http.post(path, data={**PERSON, "companion-name": "Bo", "companion-role": "relative"})
    assert sent.status_code == 303
    assert await service.statuses(course) == {"Astrid": "confirmed", "Bo": "confirmed"}


async def test_half_a_companion_is_explained_and_nothing_typed_is_lost(service: Running) -> None:
    course = await service.plan()
    path = f"/programmes/{course['programme_id']}"
    answer = await service.http.post(path, data={**PERSON, "companion-role": "relative"})
    assert answer.status_code == 422
    assert "Write the name of who comes with you" in answer.text
    assert inputs(answer.text)["name"] == "Astrid"
    assert "<details open>" in answer.text


async def test_a_drop_in_says_that_nobody_registers(service: Running) -> None:
    house = await service.plan(patient=0, relative=0, kind="drop_in")
    page = (await service.http.get(f"/programmes/{house['programme_id']}")).text
    assert "You need not register" in page
    assert '<form method="post" novalidate>' not in page


async def test_who_finds_nothing_says_what_they_wait_for(service: Running) -> None:
    empty = await service.http.post("/wishes/new", data={"name": "Astrid"})
    assert empty.status_code == 422
    assert inputs(empty.text)["name"] == "Astrid"
    wish = {**PERSON, "kind": "learning_cafe", "about": "heart failure"}
    sent = await service.http.post("/wishes/new", data=wish)
    assert (sent.status_code, sent.headers["location"]) == (303, "/wishes/received")
    assert "hold the place" in (await service.http.get("/wishes/received")).text
    (row,) = (await service.staff.get("/api/registration/wishes")).json()
    assert row["about"] == "heart failure"


async def test_staff_answer_an_application_with_words_and_keep_them_when_refused(service: Running) -> None:
    call = (await service.staff.post("/api/registration/programmes", json=PLAN)).json()
    await service.register(call, "Astrid")
    id = (await service.named(call, "Astrid"))["participant_id"]
    path = f"/staff/programmes/{call['programme_id']}/registrations/{id}"
    assert "Answer the application" in (await service.staff.get(path)).text
    wordless = await service.staff.post(path, data={"do": "decline"})
    assert "Write a few words" in wordless.text
    assert (await service.staff.post(path, data={"do": "decline", "reason": "Another time"})).status_code == 303
    assert (await service.statuses(call))["Astrid"] == "cancelled"


async def test_a_copy_by_page_meets_in_the_same_rooms(service: Running) -> None:
    # At noon, which there is on every day: an hour of the night is missing on one.
    first = (service.delivery.clock.now() + timedelta(days=14)).replace(hour=12, minute=0, second=0, microsecond=0)
    room = {"room": "The hall", "room_holds": 12, "room_municipality": "Aneby"}
    dates = [{"at": first.isoformat(), "theme": "Coping", **room}, {"at": str(first + timedelta(7)), "theme": "News"}]
    course = await service.plan(sessions=dates)
    filled = await service.staff.get(f"/staff/programmes/new?copy={course['programme_id']}")
    shown = {**inputs(filled.text), "kind": "course", "promotion": "at_once"}
    small = await service.staff.post("/staff/programmes/new", data={**shown, "sessions-1-room_holds": "3"})
    assert 'href="#sessions-1-room_holds"' in small.text
    assert small.text.count("<details open>") == 2, "of the room that is planned, and the one that is too small"
    saved = await service.staff.post("/staff/programmes/new", data=shown)
    assert saved.status_code == 303, saved.text
    id = saved.headers["location"].rsplit("/", 1)[1]
    copy = await store.programme(service.delivery.reading, id)
    assert [(s.room, s.room_holds, s.room_municipality) for s in copy.sessions] == [
        ("The hall", 12, "Aneby"),
        (None, None, None),
    ]
    assert "The hall, Aneby" in (await service.http.get(f"/programmes/{id}")).text


@pytest.mark.parametrize("first", ["9999-12-31", "0001-01-01"])
async def test_a_copy_that_can_never_be_is_refused_with_words(service: Running, first: str) -> None:
    course = await service.plan()
    query = {"first": first}
    answer = await service.staff.get(f"/api/registration/programmes/{course['programme_id']}/copy", params=query)
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, ["first"])
    page = await service.staff.get("/staff/programmes/new", params={"copy": course["programme_id"], **query})
    words = "more than five years ahead" if first > "2" else "This time has passed"
    assert (page.status_code, words in page.text) == (422, True)
    assert inputs(page.text)["sessions-1-theme"] == "Theme 1", "it is filled in as it would be by itself"
    far = {**inputs(page.text), "entries": [first], "kind": "course", "promotion": "at_once"}
    if first > "2":
        assert "more than five years ahead" in (await service.staff.post("/staff/programmes/new", data=far)).text


async def test_staff_answer_an_offer_on_the_phone_by_page(service: Running) -> None:
    course = await service.plan(patient=1, relative=0, promotion="offer")
    for name in ("Astrid", "Bo"):
        await service.register(course, name)
    await cancel(service, course, "Astrid")
    id = (await service.named(course, "Bo"))["participant_id"]
    path = f"/staff/programmes/{course['programme_id']}/registrations/{id}"
    assert "The place is held until" in (await service.staff.get(path)).text
    assert (await service.staff.post(path, data={"do": "yes"})).status_code == 303
    assert (await service.statuses(course))["Bo"] == "confirmed"


async def test_a_group_above_its_best_size_is_a_matter_for_staff(service: Running) -> None:
    group = await service.plan(patient=2, relative=0, kind="mens_group", optimum=1)
    for name in ("Arne", "Bo"):
        await service.register(group, name)
    path = f"/staff/programmes/{group['programme_id']}"
    assert "Take in one more" in (await service.staff.get(path)).text
    assert (await service.staff.post(f"{path}/one-more")).status_code == 303
    refused = await service.staff.post(f"{path}/one-more")
    assert "Nobody waits for whom there is a place" in refused.text


async def test_a_plan_with_an_impossible_size_is_explained_on_its_field(service: Running) -> None:
    at = service.delivery.clock.now() + timedelta(days=9)
    plan: dict[str, Any] = {
        "title": "A group",
        "organiser": "Clinic",
        "kind": "mens_group",
        "place": "Library",
        "municipality": "Randers",
        "patient": "8",
        "optimum": "9",
        "sessions-0-theme": "Talk",
        "sessions-0-at-date": at.date().isoformat(),
        "sessions-0-at-time": "17:00",
    }
    refused = await service.staff.post("/staff/programmes/new", data=plan)
    assert refused.status_code == 422
    assert "The optimum is a number from 1 to the places, 8" in refused.text
