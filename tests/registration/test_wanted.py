"""What people wait for: seen by those whom it concerns, and one thing however it is written."""

from datetime import timedelta
from typing import Any

import httpx

from shared.access import Staff, StaffRole, staff_token
from tests.registration.conftest import Running

API = "/api/registration"
WISH = {"kind": "learning_cafe", "about": "heart failure", "municipality": "Tranås", "role": "patient", "consent": True}


async def wish(service: Running, number: int, **more: Any) -> None:
    body = WISH | {"name": f"Person {number}", "email": f"p{number}@example.org"} | more
    assert (await service.http.post(f"{API}/wishes", json=body)).status_code == 202


async def asked_by(service: Running, area: str, what: str) -> Any:
    token = staff_token(service.settings, Staff("Sam", StaffRole.COORDINATOR, ("Clinic",), areas=(area,)))
    answer: httpx.Response = await service.http.get(what, headers={"authorization": f"Bearer {token}"})
    return answer.text if what == "/staff" else answer.json()


async def test_what_is_waited_for_in_another_area_is_not_for_staff_of_one(service: Running) -> None:
    for number in range(6):
        await wish(service, number)
    await wish(service, 6, municipality="")
    assert await asked_by(service, "Eksjö", f"{API}/proposals") == []
    (anywhere,) = await asked_by(service, "Eksjö", f"{API}/wishes")
    assert (anywhere["municipality"], anywhere["position"]) == ("", 7)
    assert len(await asked_by(service, "Tranås", f"{API}/wishes")) == 7
    assert [one["waiting"] for one in await asked_by(service, "Tranås", f"{API}/proposals")] == [6]


async def test_a_sort_is_one_however_it_is_written(service: Running) -> None:
    for number in range(6):
        await wish(service, number, about="Heart  failure" if number % 2 else "heart failure", municipality="tranås")
    await wish(service, 0, about="HEART FAILURE")
    (proposal,) = await asked_by(service, "Tranås", f"{API}/proposals")
    assert proposal["waiting"] == 6, "the first had asked before, in small letters"
    page = await asked_by(service, "Tranås", "/staff")
    assert "heart failure" in page.casefold()
    assert await service.delivery.db.demand.count_documents({}) == 1


async def test_a_theme_is_made_up_where_it_is_written_with_other_capitals(service: Running) -> None:
    soon = service.delivery.clock.now() + timedelta(days=1)
    later = soon + timedelta(days=30)
    course = await service.plan(sessions=[{"at": soon.isoformat(), "theme": "Crisis and reaction"}])
    other = await service.plan(sessions=[{"at": later.isoformat(), "theme": "CRISIS and Reaction"}])
    await service.register(course, "Astrid")
    astrid = (await service.named(course, "Astrid"))["participant_id"]
    service.later(days=2)
    session = course["sessions"][0]["session_id"]
    # Who was there for a part has come, and may still make the theme up.
    sheet = {"attended": [], "partly": [astrid]}
    assert (await service.staff.put(f"{API}/sessions/{session}/attendance", json=sheet)).status_code == 200
    await service.staff.post(f"{API}/sessions/{session}/hold")
    (held,) = await service.announced("session-held")
    assert '"attended":1' in held["value"]
    way = f"{API}/programmes/{course['programme_id']}/registrations/{astrid}/missed"
    (missed,) = (await service.staff.get(way)).json()
    assert [chance["programme_id"] for chance in missed["chances"]] == [other["programme_id"]]
