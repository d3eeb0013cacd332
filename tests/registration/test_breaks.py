"""Groups between two half-years, and calls whose last meeting has been: what can still be ended, ends."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.registration.conftest import Running

API = "/api/registration"
GROUP: dict[str, Any] = {"kind": "mens_group", "facilitators_needed": 0, "relative": 0}


async def next_half_year(service: Running, group: dict[str, Any]) -> None:
    at = (service.delivery.clock.now() + timedelta(days=10)).isoformat()
    body = {"sessions": [{"at": at, "theme": "Autumn"}]}
    answer = await service.staff.post(f"{API}/programmes/{group['programme_id']}/sessions", json=body)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("by", ["link", "staff", "erasure"])
async def test_a_membership_ends_in_the_break_and_its_place_is_free_for_the_next(service: Running, by: str) -> None:
    group = await service.plan(patient=1, **GROUP)
    await service.register(group, "Arne")
    await service.register(group, "Bo")
    arne = await service.named(group, "Arne")
    service.later(days=40)
    token = service.link(arne["participant_id"])
    match by:
        case "link":
            answer = await service.http.post(f"{API}/cancellations", json={"token": token})
        case "staff":
            way = f"{API}/programmes/{group['programme_id']}/registrations/{arne['participant_id']}/cancellation"
            answer = await service.staff.post(way)
        case _:
            answer = await service.http.post(f"{API}/my/erasure", json={"token": token})
    assert answer.status_code == 200, answer.text
    (ended,) = await service.announced("registration-cancelled")
    said = json.loads(ended["value"])
    assert (said["held_a_place"], said["ended_on"] is not None) == (True, True)
    await next_half_year(service, group)
    assert (await service.named(group, "Bo"))["status"] == "confirmed"


async def test_who_waits_for_a_group_can_leave_the_queue_in_the_break(service: Running) -> None:
    group = await service.plan(patient=1, **GROUP)
    await service.register(group, "Arne")
    await service.register(group, "Bo")
    service.later(days=40)
    token = service.link((await service.named(group, "Bo"))["participant_id"])
    assert "Cancel my registration" in (await service.http.get(f"/my/{token}")).text
    assert (await service.http.post(f"{API}/cancellations", json={"token": token})).status_code == 200


async def test_an_application_is_declined_after_the_last_meeting_of_a_call(service: Running) -> None:
    call = await service.plan(patient=2, relative=0, kind="standing_call")
    await service.register(call, "Astrid")
    await service.register(call, "Bo")
    service.later(days=40)
    astrid = await service.named(call, "Astrid")
    way = f"{API}/programmes/{call['programme_id']}/registrations/{astrid['participant_id']}/answer"
    answer = await service.staff.post(way, json={"accept": False, "reason": "The council has met for the last time."})
    assert answer.json() == {"status": "cancelled"}, answer.text
    token = service.link((await service.named(call, "Bo"))["participant_id"])
    assert (await service.http.post(f"{API}/my/erasure", json={"token": token})).status_code == 200
    assert {r["status"] for r in (await service.registrations(call))["registrations"]} == {"cancelled"}
