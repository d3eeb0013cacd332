"""Attendance, holding sessions, signing in, and whose programmes are whose."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.access import Staff, StaffRole, staff_token
from tests.registration.conftest import Running


async def _course_under_way(service: Running) -> tuple[dict[str, Any], str, list[str]]:
    course = await service.plan(patient=2, relative=1)
    for name, role in (("Astrid", "patient"), ("Bo", "patient"), ("Cilla", "relative"), ("Dan", "patient")):
        await service.register(course, name, role=role)
    service.delivery.clock.ahead_by += timedelta(days=21, hours=1)
    rows = (await service.registrations(course))["registrations"]
    return course, course["sessions"][0]["session_id"], [row["participant_id"] for row in rows]


async def test_a_held_session_is_announced_with_counts_and_separately_who_came(service: Running) -> None:
    _, session, people = await _course_under_way(service)
    await service.staff.put(
        f"/api/registration/sessions/{session}/attendance", json={"attended": people[:1] + people[2:3]}
    )
    assert (await service.staff.post(f"/api/registration/sessions/{session}/hold")).status_code == 200
    (held,) = [json.loads(row["value"]) for row in await service.announced("session-held")]
    assert held["counts"] == {"patient": {"expected": 2, "attended": 1}, "relative": {"expected": 1, "attended": 1}}
    assert not any(person in json.dumps(held) for person in people)
    (recorded,) = [json.loads(row["value"]) for row in await service.announced("attendance-recorded")]
    assert recorded["attended"] == sorted([people[0], people[2]])


async def test_holding_twice_announces_once_and_a_correction_again_with_a_higher_sequence(service: Running) -> None:
    _, session, people = await _course_under_way(service)
    for _ in range(2):
        await service.staff.post(f"/api/registration/sessions/{session}/hold")
    await service.staff.put(f"/api/registration/sessions/{session}/attendance", json={"attended": people[:2]})
    await service.staff.put(f"/api/registration/sessions/{session}/attendance", json={"attended": people[:2]})
    assert [row["sequence"] for row in await service.announced("session-held")] == [1, 2]


async def test_who_came_and_then_cancelled_the_rest_still_counts_when_the_list_is_corrected(service: Running) -> None:
    _, session, people = await _course_under_way(service)
    await service.staff.put(f"/api/registration/sessions/{session}/attendance", json={"attended": people[:3]})
    await service.staff.post(f"/api/registration/sessions/{session}/hold")
    await service.http.post("/api/registration/cancellations", json={"token": service.link(people[0])})
    await service.staff.put(
        f"/api/registration/sessions/{session}/attendance", json={"attended": [], "absent": people[1:2]}
    )
    held = [json.loads(row["value"]) for row in await service.announced("session-held")][-1]
    recorded = [json.loads(row["value"]) for row in await service.announced("attendance-recorded")][-1]
    assert sum(count["attended"] for count in held["counts"].values()) == len(recorded["attended"]) == 2


async def test_who_waits_cannot_be_marked(service: Running) -> None:
    _, session, people = await _course_under_way(service)
    answer = await service.staff.put(f"/api/registration/sessions/{session}/attendance", json={"attended": people[3:]})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:motesplats:problem:not-confirmed")


async def test_a_session_cannot_be_held_before_it_begins(service: Running) -> None:
    course = await service.plan()
    answer = await service.staff.post(f"/api/registration/sessions/{course['sessions'][0]['session_id']}/hold")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:motesplats:problem:not-yet-started")


async def test_the_attendance_page_marks_and_holds_in_one_step(service: Running) -> None:
    course, session, people = await _course_under_way(service)
    address = f"/staff/programmes/{course['programme_id']}/sessions/{session}"
    was = [f":{person}" for person in people[:3]]
    answer = await service.staff.post(address, data={"was": was, "attended": people[:2], "hold": "yes"})
    assert answer.status_code == 303
    marked = (await service.staff.get(f"/api/registration/sessions/{session}/attendance")).json()
    assert (marked["attended"], marked["absent"]) == (sorted(people[:2]), people[2:3])
    assert marked["held_at"]
    assert (await service.staff.get(address)).text.count(" checked") == 2


STAFF_ONLY = [
    ("GET", "/staff"),
    ("GET", "/staff/programmes"),
    ("GET", "/staff/programmes/{programme}"),
    ("GET", "/staff/programmes/{programme}/sessions/{session}"),
    ("POST", "/staff/programmes/{programme}/sessions/{session}"),
    ("GET", "/staff/programmes/{programme}/registrations/{person}"),
    ("POST", "/staff/programmes/{programme}/registrations/{person}"),
    ("POST", "/staff/programmes/new"),
    ("POST", "/api/registration/programmes"),
    ("GET", "/api/registration/programmes/{programme}/registrations"),
    ("POST", "/api/registration/programmes/{programme}/registrations/{person}/cancellation"),
    ("GET", "/api/registration/sessions/{session}/attendance"),
    ("PUT", "/api/registration/sessions/{session}/attendance"),
    ("POST", "/api/registration/sessions/{session}/hold"),
    ("POST", "/staff/programmes/{programme}/sessions/{session}/visitors"),
    ("POST", "/staff/programmes/{programme}/sessions/{session}/themes"),
    ("GET", "/staff/programmes/{programme}/sessions/{session}/change"),
    ("POST", "/staff/programmes/{programme}/cancellation"),
    ("GET", "/staff/programmes/{programme}/helpers"),
    ("GET", "/staff/programmes/{programme}/meeting-link"),
    ("GET", "/staff/programmes/{programme}/groups"),
    ("POST", "/staff/programmes/{programme}/groups/proposal"),
    ("GET", "/staff/programmes/{programme}/registrations/{person}/missed"),
    ("POST", "/staff/programmes/{programme}/registrations/{person}/missed"),
    ("POST", "/api/registration/sessions/{session}/move"),
    ("POST", "/api/registration/sessions/{session}/cancellation"),
    ("DELETE", "/api/registration/sessions/{session}/cancellation"),
    ("PUT", "/api/registration/sessions/{session}/room"),
    ("GET", "/api/registration/sessions/{session}/headcount"),
    ("POST", "/api/registration/sessions/{session}/headcount"),
    ("PUT", "/api/registration/sessions/{session}/headcount"),
    ("DELETE", "/api/registration/sessions/{session}/headcount/x"),
    ("GET", "/api/registration/sessions/{session}/themes"),
    ("POST", "/api/registration/sessions/{session}/themes"),
    ("PUT", "/api/registration/sessions/{session}/themes/x"),
    ("DELETE", "/api/registration/sessions/{session}/themes/x"),
    ("POST", "/api/registration/programmes/{programme}/sessions"),
    ("POST", "/api/registration/programmes/{programme}/cancellation"),
    ("GET", "/api/registration/programmes/{programme}/meeting-link"),
    ("PUT", "/api/registration/programmes/{programme}/meeting-link"),
    ("GET", "/api/registration/programmes/{programme}/staffing"),
    ("PUT", "/api/registration/programmes/{programme}/staffing"),
    ("GET", "/api/registration/programmes/{programme}/groups"),
    ("PUT", "/api/registration/programmes/{programme}/groups"),
    ("POST", "/api/registration/programmes/{programme}/groups/proposal"),
    ("GET", "/api/registration/programmes/{programme}/registrations/{person}/missed"),
    ("POST", "/api/registration/programmes/{programme}/registrations/{person}/guest"),
    ("DELETE", "/api/registration/programmes/{programme}/registrations/{person}/guest/x"),
    ("GET", "/api/registration/clock"),
    ("PUT", "/api/registration/clock"),
    ("GET", "/api/registration/events/counts"),
]
OPEN_TO_ALL_STAFF = {"/staff", "/staff/programmes", "/api/registration/clock", "/api/registration/events/counts"}


@pytest.mark.parametrize(
    "who",
    [
        Staff("Sam", StaffRole.COORDINATOR, ("Another",)),
        Staff("Sam", StaffRole.COORDINATOR, ("Clinic",), areas=("Eksjö",)),
    ],
    ids=["another organiser", "another area"],
)
async def test_nobody_else_and_no_other_organisers_or_areas_staff_get_in(service: Running, who: Staff) -> None:
    course, session, people = await _course_under_way(service)
    stranger = staff_token(service.settings, who)
    places = {"programme": course["programme_id"], "session": session, "person": people[0]}
    body: dict[str, Any] = {
        "title": "T",
        "organiser": "Clinic",
        "place": {"name": "P", "municipality": "M"},
        "places": {"patient": 1},
        "sessions": [{"at": (service.delivery.clock.now() + timedelta(days=9)).isoformat(), "theme": "X"}],
        "attended": [],
        "entry_id": "x",
        "theme_id": "x",
        "role": "patient",
        "text": "X",
        "visitors": [],
        "facilitators_needed": 0,
        "hosts_needed": 0,
        "url": None,
        "groups": [],
        "at": (service.delivery.clock.now() + timedelta(days=9)).isoformat(),
        "missed_session_id": session,
        "session_id": session,
    }
    for method, pattern in STAFF_ONLY:
        address = pattern.format(**places)
        nobody = await service.http.request(method, address, json=body)
        assert nobody.status_code in ({401} if address.startswith("/api") else {303}), (method, address)
        if pattern not in OPEN_TO_ALL_STAFF and not pattern.endswith("/new"):
            other = await service.http.request(
                method, address, json=body, headers={"authorization": f"Bearer {stranger}"}
            )
            assert other.status_code == 403, (method, address, other.text)
    before = await service.registrations(course)
    assert before["counts"] == {"confirmed": 3, "waiting": 1, "cancelled": 0}
    seen = await service.http.get("/staff/programmes", headers={"authorization": f"Bearer {stranger}"})
    assert "An evening course" not in seen.text


async def test_an_auditor_reads_but_does_not_change(service: Running) -> None:
    _, session, _ = await _course_under_way(service)
    token = staff_token(service.settings, Staff("Alex", StaffRole.AUDITOR, ("*",)))
    headers = {"authorization": f"Bearer {token}"}
    assert (
        await service.http.get(f"/api/registration/sessions/{session}/attendance", headers=headers)
    ).status_code == 200
    assert (await service.http.post(f"/api/registration/sessions/{session}/hold", headers=headers)).status_code == 403


async def test_a_sign_in_link_works_once_and_only_by_its_button(service: Running) -> None:
    token = staff_token(
        service.settings, Staff("Kim", StaffRole.COORDINATOR, ("*",)), purpose="sign-in", id="only-once"
    )
    for _ in range(3):
        assert (await service.http.get(f"/sign-in/{token}")).status_code == 200
    assert (await service.http.get("/staff")).status_code == 303
    signed_in = await service.http.post(f"/sign-in/{token}")
    assert signed_in.status_code == 303
    cookie = signed_in.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await service.http.get("/staff")).status_code == 200
    service.http.cookies.clear()
    assert (await service.http.post(f"/sign-in/{token}")).status_code == 410


async def test_a_sign_in_link_is_no_session_and_a_session_no_sign_in_link(service: Running) -> None:
    staff = Staff("Kim", StaffRole.COORDINATOR, ("*",))
    link = staff_token(service.settings, staff, purpose="sign-in", id="x")
    session = staff_token(service.settings, staff)
    assert (await service.http.get("/staff", headers={"authorization": f"Bearer {link}"})).status_code == 303
    assert (await service.http.post(f"/sign-in/{session}")).status_code == 410


async def test_the_clock_is_set_once_on_an_empty_platform_and_then_only_forward(service: Running) -> None:
    async def move(to: str) -> httpx.Response:
        return await service.staff.put("/api/registration/clock", json={"now": to})

    assert (await move("2025-01-07T09:00:00+01:00")).status_code == 200
    assert service.delivery.clock.now().isoformat()[:10] == "2025-01-07"
    assert (await move("2024-01-07T09:00:00+01:00")).status_code == 409
    assert (await move("2025-02-07T09:00:00+01:00")).status_code == 200
    assert (await move("not a time")).status_code == 422
