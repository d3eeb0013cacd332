"""Who leads: staffing from the volunteers' events, a gate for too few, and pages without an account."""

import re
from datetime import timedelta
from typing import Any

import pytest

from motesplats_events import AssignmentChanged, AssignmentStatus, VolunteerRole
from services.registration import store
from services.registration.domain.staffing import late_lecturers
from tests.registration.conftest import Running


async def assigned(
    service: Running,
    programme: dict[str, Any],
    id: str = "a1",
    status: str = "accepted",
    role: str = "group_leader",
    session_id: str | None = None,
    sequence: int = 1,
    days: float = 60,
) -> str:
    """Hear that a volunteer has an assignment; the token of the link that they are sent."""
    now = service.delivery.clock.now()
    event = AssignmentChanged(
        assignment_id=id,
        volunteer_id="a-volunteer-that-stays-away",
        role=VolunteerRole(role),
        status=AssignmentStatus(status),
        programme_id=programme["programme_id"],
        session_id=session_id,
        organiser="Clinic",
        municipality="Tranås",
        title="T",
        place="P",
        until=now + timedelta(days=days),
        answer_by=now + timedelta(days=3),
        offered_at=now,
    )
    await service.hear(event, sequence)
    return service.link(id, purpose="lead")


async def group_tonight(service: Running, **more: Any) -> tuple[dict[str, Any], str]:
    """A group with members whose first session has begun."""
    group = await service.plan(patient=4, relative=0, **more)
    for name in ("Astrid", "Bo"):
        await service.register(group, name)
    service.later(days=21, minutes=10)
    return group, group["sessions"][0]["session_id"]


# The gate


async def test_a_session_does_not_open_while_facilitators_are_missing_and_says_how_many(service: Running) -> None:
    group, session = await group_tonight(service, kind="mens_group")
    hold = f"/api/registration/sessions/{session}/hold"
    for said_yes, missing in ((0, 2), (1, 1)):
        if said_yes:
            await assigned(service, group)
        answer = await service.staff.post(hold)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:motesplats:problem:facilitators-missing")
        assert f"{missing} have still to say yes" in answer.json()["detail"]
        marked = await service.staff.put(f"/api/registration/sessions/{session}/attendance", json={"attended": []})
        assert marked.status_code == 409
    await assigned(service, group, "a2")
    assert (await service.staff.post(hold)).status_code == 200


async def test_offers_lecturers_and_other_sessions_do_not_open_it(service: Running) -> None:
    group, session = await group_tonight(service, kind="mens_group", facilitators_needed=1)
    await assigned(service, group, "a1", status="offered")
    await assigned(service, group, "a2", role="lecturer")
    await assigned(service, group, "a3", session_id=group["sessions"][1]["session_id"])
    hold = f"/api/registration/sessions/{session}/hold"
    assert (await service.staff.post(hold)).status_code == 409
    await assigned(service, group, "a4", session_id=session)
    assert (await service.staff.post(hold)).status_code == 200


async def test_what_was_held_is_corrected_also_when_a_facilitator_has_left(service: Running) -> None:
    group, session = await group_tonight(service, kind="mens_group", facilitators_needed=1)
    await assigned(service, group)
    await service.staff.post(f"/api/registration/sessions/{session}/hold")
    await assigned(service, group, status="released", sequence=2)
    id = (await service.named(group, "Astrid"))["participant_id"]
    marked = await service.staff.put(f"/api/registration/sessions/{session}/attendance", json={"attended": [id]})
    assert marked.status_code == 200


async def test_an_older_state_does_not_come_back(service: Running) -> None:
    group, _ = await group_tonight(service)
    await assigned(service, group, status="released", sequence=5)
    await assigned(service, group, status="accepted", sequence=4)
    (known,) = await store.staffing(service.delivery.reading, group["programme_id"])
    assert known.status is AssignmentStatus.RELEASED
    row = await service.delivery.db.staffing.find_one({"_id": "a1"})
    assert "a-volunteer-that-stays-away" not in str(row)


async def test_the_planner_says_how_many_are_needed(service: Running) -> None:
    group, session = await group_tonight(service, kind="mens_group")
    address = f"/api/registration/programmes/{group['programme_id']}/staffing"
    before = (await service.staff.get(address)).json()
    assert (before["facilitators"], before["sessions"][0]["facilitators_missing"]) == (0, 2)
    await assigned(service, group)
    await assigned(service, group, "a2", session_id=session)
    after = (await service.staff.get(address)).json()
    assert (after["facilitators"], after["sessions"][0]["facilitators"], after["sessions"][1]["facilitators"]) == (
        1,
        2,
        1,
    )
    await assigned(service, group, "a2", session_id=session, status="released", sequence=2)
    body = {"facilitators_needed": 0, "hosts_needed": 1}
    assert (await service.staff.put(address, json=body)).json()["sessions"][0]["facilitators_missing"] == 0
    assert (await service.staff.post(f"/api/registration/sessions/{session}/hold")).status_code == 200
    planned = (await service.announced("programme-planned"))[-1]
    assert '"facilitators_needed":0' in planned["value"]
    page = f"/staff/programmes/{group['programme_id']}/helpers"
    assert (await service.staff.post(page, data={"facilitators_needed": "1"})).status_code == 303
    wrong = await service.staff.post(page, data={"facilitators_needed": "many"})
    assert (wrong.status_code, 'value="many"' in wrong.text) == (422, True)


async def test_a_lecturer_who_is_late_is_a_warning_until_one_has_said_yes(service: Running) -> None:
    at = service.delivery.clock.now() + timedelta(days=30)
    session = {"at": at.isoformat(), "theme": "Treatments", "lecturer_lead_days": 28}
    course = await service.plan(sessions=[session])

    async def late() -> list[str]:
        programme = await store.programme(service.delivery.reading, course["programme_id"])
        known = await store.staffing(service.delivery.reading, course["programme_id"])
        return [session.theme for session in late_lecturers(programme, known, service.delivery.clock.now())]

    assert await late() == []
    service.later(days=3)
    assert await late() == ["Treatments"]
    await assigned(service, course, status="offered", role="lecturer", session_id=course["sessions"][0]["session_id"])
    assert await late() == ["Treatments"]
    assert (
        "Late: was to say yes by"
        in (await service.staff.get(f"/staff/programmes/{course['programme_id']}/helpers")).text
    )
    await assigned(service, course, role="lecturer", session_id=course["sessions"][0]["session_id"], sequence=2)
    assert await late() == []


# Leaders' own pages


async def test_a_leader_marks_and_holds_by_the_link_without_an_account(service: Running) -> None:
    group, session = await group_tonight(service)
    token = await assigned(service, group)
    assert "An evening course" in (await service.http.get(f"/lead/{token}")).text
    here = f"/lead/{token}/sessions/{session}"
    page = await service.http.get(here)
    ids = re.findall(r'name="attended" value="([^"]*)"', page.text)
    assert len(ids) == 2
    assert "Astrid" in page.text
    assert "@example.org" not in page.text, "no more of a person than a facilitator needs"
    typed = {"was": [f":{id}" for id in ids], "attended": ids[:1], "hold": "yes"}
    assert (await service.http.post(here, data=typed)).status_code == 303
    marked = (await service.staff.get(f"/api/registration/sessions/{session}/attendance")).json()
    assert (marked["attended"], marked["absent"], bool(marked["held_at"])) == (ids[:1], ids[1:], True)


async def test_a_release_revokes_the_link_at_once_and_so_do_time_and_forgery(service: Running) -> None:
    group, session = await group_tonight(service)
    token = await assigned(service, group)
    addresses = [f"/lead/{token}", f"/lead/{token}/sessions/{session}"]
    assert [(await service.http.get(address)).status_code for address in addresses] == [200, 200]
    await assigned(service, group, status="released", sequence=2)
    assert [(await service.http.get(address)).status_code for address in addresses] == [410, 410]
    assert (await service.http.post(addresses[1], data={})).status_code == 410
    short = await assigned(service, group, "a2", days=1)
    service.later(days=2)
    assert (await service.http.get(f"/lead/{short}")).status_code == 410
    for wrong in (service.link("a1"), service.link("nobody", purpose="lead"), "x"):
        assert (await service.http.get(f"/lead/{wrong}")).status_code == 410


@pytest.mark.parametrize("status", ["offered", "declined", "expired", "completed"])
async def test_only_an_accepted_assignment_opens_anything(service: Running, status: str) -> None:
    group, _ = await group_tonight(service)
    token = await assigned(service, group, status=status)
    assert (await service.http.get(f"/lead/{token}")).status_code == 410


async def test_a_leader_sees_and_changes_no_other_group_and_a_shift_no_other_evening(service: Running) -> None:
    group, session = await group_tonight(service)
    other = await service.plan(days=1)
    token = await assigned(service, group, session_id=group["sessions"][1]["session_id"])
    for foreign in (session, other["sessions"][0]["session_id"]):
        here = f"/lead/{token}/sessions/{foreign}"
        assert (await service.http.get(here)).status_code == 403
        for path in ("", "/held", "/visitors", "/visitors/taken-back", "/themes", "/themes/ticked"):
            typed = {"entry_id": "x", "role": "patient", "theme_id": "x", "text": "X", "hold": "yes"}
            assert (await service.http.post(here + path, data=typed)).status_code == 403, path
    assert await service.announced("session-held") == []
    for only_for_staff in ("/change", "/visitors/correct"):
        own = f"/lead/{token}/sessions/{group['sessions'][1]['session_id']}"
        assert (await service.http.get(own + only_for_staff)).status_code == 404


async def test_a_lecturer_sees_how_many_come_but_no_names_and_marks_nobody(service: Running) -> None:
    group, session = await group_tonight(service)
    token = await assigned(service, group, role="lecturer")
    here = f"/lead/{token}/sessions/{session}"
    page = (await service.http.get(here)).text
    assert "2 people are expected" in page
    assert "Astrid" not in page
    assert (await service.http.post(here, data={"hold": "yes"})).status_code == 403


async def test_a_protected_identity_is_a_number_to_a_leader(service: Running) -> None:
    group, session = await group_tonight(service)
    await service.delivery.db.people.update_one({"name": "Astrid"}, {"$set": {"protected": True}})
    token = await assigned(service, group)
    page = (await service.http.get(f"/lead/{token}/sessions/{session}")).text
    assert "Astrid" not in page
    assert "Protected identity, number 1" in page
    assert page.count('name="attended"') == 2


async def test_a_host_counts_at_the_door_and_takes_the_last_one_back(service: Running) -> None:
    house = await service.plan(kind="drop_in", places={})
    service.later(days=21, minutes=10)
    session = house["sessions"][0]["session_id"]
    token = await assigned(service, house, role="host", session_id=session)
    here = f"/lead/{token}/sessions/{session}"
    ids = []
    for role in ("patient", "patient", "relative"):
        page = (await service.http.get(here)).text
        ids.append(re.findall(r'name="entry_id" value="([^"]*)"', page)[0])
        for _ in range(2):
            tapped = await service.http.post(f"{here}/visitors", data={"entry_id": ids[-1], "role": role})
            assert tapped.status_code == 303
    await service.http.post(f"{here}/visitors/taken-back", data={"entry_id": ids[-1]})
    assert (await service.http.post(f"{here}/held")).status_code == 303
    (row,) = await service.announced("session-held")
    assert '"visitors":2' in row["value"]


async def test_a_digital_group_shows_its_leader_where_it_meets(service: Running) -> None:
    group, _ = await group_tonight(service, format="digital")
    url = "https://meet.example.org/room"
    await service.staff.put(f"/api/registration/programmes/{group['programme_id']}/meeting-link", json={"url": url})
    token = await assigned(service, group)
    assert url in (await service.http.get(f"/lead/{token}")).text


# Themes


async def test_a_theme_is_passed_on_until_it_is_ticked_and_that_can_be_taken_back(service: Running) -> None:
    group, first = await group_tonight(service)
    second = group["sessions"][1]["session_id"]
    token = await assigned(service, group)
    for _ in range(2):
        noted = await service.http.post(
            f"/lead/{token}/sessions/{first}/themes", data={"theme_id": "t1", "text": "Sleep in the dark months"}
        )
        assert noted.status_code == 303
    here = f"/lead/{token}/sessions/{second}"
    page = (await service.http.get(here)).text
    assert page.count('value="t1"') == 1, "noted once"
    assert "Sleep in the dark months" in page
    await service.http.post(f"{here}/themes/ticked", data={"theme_id": "t1", "what": "done"})
    address = f"/api/registration/sessions/{second}/themes"
    (theme,) = (await service.staff.get(address)).json()
    assert (theme["noted_at"], theme["taken_up_at"]) == (first, second)
    assert "Not yet after all" in (await service.http.get(here)).text
    await service.http.post(f"{here}/themes/ticked", data={"theme_id": "t1", "what": "open"})
    assert (await service.staff.get(address)).json()[0]["taken_up_at"] is None
    await service.http.post(f"/lead/{token}/sessions/{first}/themes/ticked", data={"theme_id": "t1", "what": "drop"})
    assert (await service.staff.get(address)).json() == []
    empty = await service.http.post(f"{here}/themes", data={"theme_id": "t2", "text": " "})
    assert (empty.status_code, "Write the theme" in empty.text) == (422, True)


async def test_a_theme_of_another_group_is_not_found(service: Running) -> None:
    group, first = await group_tonight(service)
    other = await service.plan(days=1)
    await service.staff.post(f"/api/registration/sessions/{first}/themes", json={"theme_id": "t1", "text": "Sleep"})
    foreign = f"/api/registration/sessions/{other['sessions'][0]['session_id']}/themes/t1"
    assert (await service.staff.put(foreign, json={})).status_code == 404
    assert (await service.staff.delete(foreign)).status_code == 404
    assert group["programme_id"] != other["programme_id"]
