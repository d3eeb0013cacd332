"""The list of a session: those who had a place when it began, whatever became of them since."""

import json
from datetime import timedelta
from typing import Any

from motesplats_events import Role
from services.registration.use_cases import day
from shared.access import Staff, StaffRole
from tests.registration.conftest import Running

API = "/api/registration"
KIM = Staff("Kim", StaffRole.COORDINATOR, ("*",))


async def leaves(service: Running, programme: dict[str, Any], name: str) -> str:
    id = str((await service.named(programme, name))["participant_id"])
    answer = await service.http.post(f"{API}/cancellations", json={"token": service.link(id)})
    assert answer.status_code == 200, answer.text
    return id


async def marks(service: Running, session_id: str, *attended: str) -> int:
    way = f"{API}/sessions/{session_id}/attendance"
    return (await service.staff.put(way, json={"attended": list(attended)})).status_code


async def test_who_left_after_a_meeting_is_marked_at_it_and_who_came_in_for_them_is_not_expected(
    service: Running,
) -> None:
    group = await service.plan(patient=1, relative=0, kind="mens_group", facilitators_needed=0, days=1)
    first = group["sessions"][0]["session_id"]
    await service.register(group, "Arne")
    await service.register(group, "Bo")
    service.later(days=1, hours=3)
    arne = await leaves(service, group, "Arne")
    bo = await service.named(group, "Bo")
    assert bo["status"] == "confirmed"
    assert await marks(service, first, bo["participant_id"]) == 422
    assert await marks(service, first, arne) == 200
    assert (await service.staff.post(f"{API}/sessions/{first}/hold")).status_code == 200
    (held,) = await service.announced("session-held")
    assert json.loads(held["value"])["counts"]["patient"] == {"expected": 1, "attended": 1}


async def test_who_is_promoted_in_a_course_is_on_the_list_of_the_sessions_after(service: Running) -> None:
    course = await service.plan(patient=1, relative=0, days=1)
    first, second = (session["session_id"] for session in course["sessions"])
    await service.register(course, "Astrid")
    await service.register(course, "Bo")
    service.later(days=2)
    astrid = await leaves(service, course, "Astrid")
    bo = (await service.named(course, "Bo"))["participant_id"]
    service.later(days=7)
    assert (await marks(service, first, bo), await marks(service, second, bo)) == (422, 200)
    assert (await marks(service, first, astrid), await marks(service, second, astrid)) == (200, 422)


async def test_who_left_before_a_meeting_is_not_on_its_list(service: Running) -> None:
    course = await service.plan(patient=1, relative=0, days=1)
    await service.register(course, "Astrid")
    astrid = await leaves(service, course, "Astrid")
    service.later(days=2)
    assert await marks(service, course["sessions"][0]["session_id"], astrid) == 422


async def test_a_registration_from_before_places_were_dated_counts_from_the_day_it_was_made(service: Running) -> None:
    course = await service.plan(patient=2, relative=0, days=1)
    await service.register(course, "Astrid")
    await service.delivery.db.registrations.update_many({}, {"$unset": {"placed_at": ""}})
    service.later(days=2)
    astrid = (await service.named(course, "Astrid"))["participant_id"]
    assert await marks(service, course["sessions"][0]["session_id"], astrid) == 200


async def test_the_day_counts_who_is_on_the_list_and_not_the_places_that_are_taken(service: Running) -> None:
    at = service.delivery.clock.now()
    midday = (at.astimezone(service.settings.zone) + timedelta(days=1)).replace(hour=12, minute=0, second=0)
    dates = [{"at": (midday + timedelta(days=ahead)).isoformat(), "theme": "Meeting"} for ahead in (0, 30)]
    shop = await service.plan(patient=2, relative=0, kind="workshop", promotion="offer", sessions=dates)
    group = await service.plan(
        patient=3,
        relative=0,
        kind="mens_group",
        facilitators_needed=0,
        sessions=dates,
        entries=[(midday + timedelta(days=20)).date().isoformat()],
    )
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(shop, name)
    await leaves(service, shop, "Astrid")
    await service.register(group, "Dan")
    assert await service.statuses(shop) == {"Astrid": "cancelled", "Bo": "confirmed", "Cilla": "offered"}
    assert (await service.named(group, "Dan"))["status"] == "confirmed"
    morning = midday.replace(hour=8)
    found = await day.look(service.delivery.reading, KIM, morning, service.settings.zone)
    coming = {one.meeting.programme_id: one.coming for one in found.today}
    assert coming == {shop["programme_id"]: {Role.PATIENT: 1}, group["programme_id"]: {}}
