"""Nobody is asked who is not trained, has not signed, has a pause or has left; and what is done is kept."""

import json
from datetime import timedelta
from typing import Any

import pytest

from motesplats_events import AssignmentChanged, VolunteerChanged
from services.volunteers import store
from shared.access import ALL, Staff, StaffRole, staff_token
from tests.volunteers.conftest import FIRST, NOW, PERSON, READY, SECOND, World


async def refusal(world: World, volunteer_id: str, **change: Any) -> tuple[str, str]:
    """What staff are told who offer an assignment: the problem's name, and the words."""
    body = {"volunteer_id": volunteer_id, "programme_id": world.programme_id, "role": "peer"} | change
    answer = await world.post("assignments", body, headers=world.staff)
    assert answer.status_code in {409, 410}, answer.text
    return answer.json()["type"].rsplit(":", 1)[1], answer.json()["detail"]


def operator(world: World) -> dict[str, str]:
    """The header of somebody who sees everything."""
    return {"authorization": f"Bearer {staff_token(world.settings, Staff('Ada', StaffRole.REGION_ADMIN, (ALL,)))}"}


async def said(world: World) -> list[VolunteerChanged]:
    return [VolunteerChanged.model_validate_json(row["value"]) for row in await world.announced("volunteer-changed")]


async def test_nobody_is_asked_before_the_agreement_is_signed_and_the_basic_training_completed(world: World) -> None:
    await world.plan()
    id = await world.enrol(agreement_signed_on=None, trainings=[])
    assert (await refusal(world, id))[0] == "agreement-missing"
    paper = await world.post(f"volunteers/{id}/agreement", {"signed_on": "2025-01-06"}, headers=world.staff)
    assert paper.json()["agreement"] == {"signed_on": "2025-01-06", "version": ""}
    name, words = await refusal(world, id)
    assert (name, words) == (
        "training-missing",
        "Gemensam grundutbildning is needed for this and has not been completed",
    )
    done = {"training": "basic", "completed_on": "2025-01-06"}
    trained = await world.post(f"volunteers/{id}/trainings", done, headers=world.staff)
    assert trained.json()["trainings"] == [{**done, "expires_on": None}]
    await world.offer(id)


async def test_a_training_must_be_valid_to_the_last_day_of_the_assignment(world: World) -> None:
    await world.plan()
    peer_training = {"code": "peer", "title": "Peer training", "required_for": ["peer"], "months": 12}
    assert (await world.post("trainings", peer_training, headers=operator(world))).status_code == 201
    id = await world.enrol()
    # Valid until the day before the last session.
    early = (SECOND - timedelta(days=1)).date().replace(year=2024).isoformat()
    await world.post(f"volunteers/{id}/trainings", {"training": "peer", "completed_on": early}, headers=world.staff)
    name, words = await refusal(world, id)
    assert name == "training-expired"
    assert (
        words
        == "Peer training is needed for this on Tuesday 4 February 2025, and is valid until Monday 3 February 2025"
    )
    renewed = {"training": "peer", "completed_on": SECOND.date().replace(year=2024).isoformat()}
    await world.post(f"volunteers/{id}/trainings", renewed, headers=world.staff)
    await world.offer(id)
    assert {one.training for one in (await said(world))[-1].trainings} == {"basic", "peer"}


async def test_staff_see_whose_trainings_expire_and_what_is_noted_by_mistake_is_taken_back(world: World) -> None:
    await world.post("trainings", {"code": "first-aid", "title": "First aid", "months": 1}, headers=world.staff)
    id = await world.enrol()
    done = {"training": "first-aid", "completed_on": "2025-01-02"}
    await world.post(f"volunteers/{id}/trainings", done, headers=world.staff)
    (row,) = (await world.get("trainings/expiring?days=30"))["expiries"]
    assert (row["volunteer_id"], row["training"], row["expires_on"]) == (id, "first-aid", "2025-02-02")
    assert (await world.get("trainings/expiring?days=20"))["expiries"] == []
    for _ in range(2):
        answer = await world.http.delete(f"/api/volunteers/volunteers/{id}/trainings/first-aid", headers=world.staff)
        assert [one["training"] for one in answer.json()["trainings"]] == ["basic"]
    assert (await world.get("trainings/expiring?days=365"))["expiries"] == []


async def test_what_is_required_of_all_is_decided_by_who_sees_all(world: World) -> None:
    required = {"code": "peer", "title": "Peer training", "required_for": ["peer"]}
    assert (await world.post("trainings", required, headers=world.staff)).status_code == 403
    assert (await world.post("trainings", required | {"required_for": []}, headers=world.staff)).status_code == 201
    again = await world.post("trainings", required | {"required_for": []}, headers=world.staff)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "code")
    path, entry = "/api/volunteers/trainings/basic", {"title": "Basic training", "required_for": []}
    assert (await world.http.put(path, json=entry, headers=world.staff)).status_code == 403
    assert (await world.http.put(path, json=entry, headers=operator(world))).status_code == 200
    await world.plan()
    await world.offer(await world.enrol(trainings=[]))


async def test_the_catalogue_keeps_its_changes_when_the_service_starts_again(world: World) -> None:
    path = "/api/volunteers/trainings/basic"
    await world.http.put(path, json={"title": "Grunduddannelse", "months": 36}, headers=operator(world))
    await store.indexes(world.delivery.db)
    assert [one["title"] for one in (await world.get("trainings"))["trainings"]] == ["Grunduddannelse"]


@pytest.mark.parametrize(
    ("starts_on", "until", "refused"),
    [
        ("2025-01-07", None, True),
        ("2025-01-07", "2025-01-07", True),
        ("2025-01-28", "2025-01-30", True),
        ("2025-01-08", "2025-01-27", False),
        ("2025-01-29", None, False),
    ],
)
async def test_nobody_is_asked_in_a_pause_nor_for_a_day_in_one(
    world: World, starts_on: str, until: str | None, refused: bool
) -> None:
    await world.plan()
    id = await world.enrol()
    token = world.link(id, "volunteer")
    body = {"token": token, "starts_on": starts_on, "until": until}
    assert (await world.post("own/pause", body)).json()["pause"] == {"starts_on": starts_on, "until": until}
    if refused:
        assert (await refusal(world, id))[0] == "is-paused"
        assert (await world.post("own/return", {"token": token})).json()["pause"] is None
    await world.offer(id)


async def test_a_pause_that_is_over_before_it_begins_is_refused(world: World) -> None:
    token = world.link(await world.enrol(), "volunteer")
    for days in (
        {"starts_on": "2025-02-02", "until": "2025-02-01"},
        {"starts_on": "2024-01-01", "until": "2024-02-01"},
    ):
        answer = await world.post("own/pause", {"token": token, **days})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "until")


async def test_the_volunteer_signs_the_text_that_is_shown_and_once(world: World) -> None:
    id = await world.enrol(agreement_signed_on=None)
    token = world.link(id, "volunteer")
    version = (await world.post("own", {"token": token})).json()["agreement_version"]
    other = await world.post("own/agreement", {"token": token, "version": "another"})
    assert (other.status_code, other.json()["type"]) == (409, "urn:motesplats:problem:text-has-changed")
    signed = await world.post("own/agreement", {"token": token, "version": version})
    assert signed.json()["agreement"] == {"signed_on": "2025-01-07", "version": version}
    again = await world.post("own/agreement", {"token": token, "version": version})
    assert again.json()["type"] == "urn:motesplats:problem:already-signed"
    await world.plan()
    await world.offer(id)


async def test_leaving_keeps_what_was_done_and_erases_who_did_it(world: World) -> None:
    _, token = await world.accepted()
    await world.post("completions", {"token": token, "hours": 2, "people_met": 5})
    (person,) = (await world.get("volunteers"))["volunteers"]
    id = person["volunteer_id"]
    await world.plan(programme_id="another programme", sessions=[])
    left = await world.post("own/leaving", {"token": world.link(id, "volunteer")})
    assert left.json() == {"status": "left"}
    assert (await world.get("volunteers"))["volunteers"] == []
    (kept,) = (await world.get("volunteers?status=left"))["volunteers"]
    assert (kept["name"], kept["email"], kept["phone"]) == ("", None, None)
    assert (kept["roles"], kept["left_on"], kept["trainings"]) == (["peer", "host"], "2025-01-28", person["trainings"])
    (done,) = (await world.get("assignments"))["assignments"]
    assert (done["status"], done["hours"], done["people_met"]) == ("completed", 2, 5)
    rows = await world.announced("volunteer-contact-changed")
    assert [row["key"] for row in rows] == [id, id]
    assert (await said(world))[-1].left_on == FIRST.date()
    stored = await world.delivery.db.volunteers.find_one({"_id": id})
    assert PERSON["name"].casefold() not in json.dumps(stored, default=str).casefold()
    assert PERSON["email"] not in json.dumps(stored, default=str)


async def test_who_leaves_is_waited_for_no_more(world: World) -> None:
    _, token = await world.offered()
    other = await world.enrol(name="Gorm Lindbo")
    accepted = await world.offer(other)
    await world.post("answers", {"token": world.link(accepted), "answer": "accept"})
    people = (await world.get("volunteers"))["volunteers"]
    for person in people:
        path = f"volunteers/{person['volunteer_id']}/leaving"
        assert (await world.post(path, None, headers=world.staff)).json() == {"status": "done"}
    last = {}
    for row in await world.announced("assignment-changed"):
        last[row["key"]] = AssignmentChanged.model_validate_json(row["value"]).status
    assert sorted(last.values()) == ["expired", "released"]
    answer = await world.post("answers", {"token": token, "answer": "accept"})
    assert (answer.status_code, "not needed any more" in answer.text) == (410, True)
    assert (await refusal(world, other))[0] == "has-left"


async def test_who_has_left_can_come_again_as_somebody_new(world: World) -> None:
    first = await world.enrol()
    await world.post(f"volunteers/{first}/leaving", None, headers=world.staff)
    again = await world.post("volunteers", PERSON | READY, headers=world.staff)
    assert again.status_code == 201
    assert again.json()["volunteer_id"] != first
    assert (await world.post("own", {"token": world.link(first, "volunteer")})).status_code == 410


async def test_what_is_corrected_keeps_the_day_of_a_role_and_announces_only_what_it_says(world: World) -> None:
    id = await world.enrol()
    token = world.link(id, "volunteer")
    world.time(NOW + timedelta(days=10))
    corrected = PERSON | {"roles": ["peer", "living_book"], "avoids": ["Children who die"]}
    answer = await world.http.put(f"/api/volunteers/volunteers/{id}", json=corrected, headers=world.staff)
    assert answer.json()["roles_since"] == {"peer": "2025-01-07", "living_book": "2025-01-17"}
    corrected |= {"token": token}
    assert len(await world.announced("volunteer-changed")) == 2
    assert len(await world.announced("volunteer-contact-changed")) == 1
    await world.post("own/details", corrected | {"email": "dagny@example.org"})
    assert len(await world.announced("volunteer-changed")) == 2
    assert len(await world.announced("volunteer-contact-changed")) == 2
    await world.post("own/details", corrected | {"email": "dagny@example.org"})
    assert len(await world.announced("volunteer-contact-changed")) == 2


async def test_what_somebody_adds_to_what_they_do_waits_for_the_coordinator(world: World) -> None:
    id = await world.enrol()
    chosen = PERSON | {"token": world.link(id, "volunteer"), "roles": ["peer", "lecturer"]}
    answer = (await world.post("own/details", chosen)).json()
    assert (answer["roles"], answer["wished_roles"]) == (["peer"], ["lecturer"])
    told = [json.loads(row["value"])["roles"] for row in await world.announced("volunteer-changed")]
    assert [list(roles) for roles in told] == [["peer", "host"], ["peer"]]
    refused = await world.post("own/details", chosen | {"roles": ["lecturer"]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "roles")
    page = await world.http.get(f"/staff/volunteers/people/{id}/details", headers=world.staff)
    assert "would also like to be: Lecturer" in page.text
    said = PERSON | {"roles": ["peer", "lecturer"]}
    confirmed = await world.http.put(f"/api/volunteers/volunteers/{id}", json=said, headers=world.staff)
    assert (confirmed.json()["roles"], confirmed.json()["wished_roles"]) == (["peer", "lecturer"], [])


async def test_nobody_becomes_somebody_else_by_a_correction(world: World) -> None:
    await world.enrol()
    other = await world.enrol(name="Gorm Lindbo")
    answer = await world.post("own/details", PERSON | {"token": world.link(other, "volunteer")})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:motesplats:problem:volunteer-is-known")


async def test_an_application_is_turned_down_without_a_trace_and_a_volunteer_is_not(world: World) -> None:
    await world.post("applications", PERSON | {"consent": True})
    (found,) = (await world.get("volunteers"))["volunteers"]
    path = f"volunteers/{found['volunteer_id']}/refusal"
    assert (await world.post(path, None, headers=world.staff)).status_code == 200
    assert await world.delivery.db.volunteers.count_documents({}) == 0
    enrolled = await world.enrol()
    kept = await world.post(f"volunteers/{enrolled}/refusal", None, headers=world.staff)
    assert kept.json()["type"] == "urn:motesplats:problem:already-enrolled"


async def test_a_coordinator_of_an_area_sees_and_changes_the_volunteers_who_live_there(world: World) -> None:
    here = await world.enrol()
    there = await world.enrol(name="Gorm Lindbo", municipality="Eksjö")
    eksjo = world.signed_in("The clinic", "Eksjö")
    listed = await world.http.get("/api/volunteers/volunteers", headers=eksjo)
    assert [one["volunteer_id"] for one in listed.json()["volunteers"]] == [there]
    asked = await world.http.get("/api/volunteers/volunteers?municipality=Jönköping", headers=eksjo)
    assert asked.json() == {"volunteers": [], "total": 0}
    ways: list[tuple[str, str, Any]] = [
        ("GET", "", None),
        ("PUT", "", PERSON),
        ("POST", "/confirmation", None),
        ("POST", "/refusal", None),
        ("POST", "/agreement", {"signed_on": "2025-01-02"}),
        ("POST", "/trainings", {"training": "basic", "completed_on": "2025-01-02"}),
        ("DELETE", "/trainings/basic", None),
        ("POST", "/pause", {"starts_on": "2025-01-08"}),
        ("DELETE", "/pause", None),
        ("POST", "/leaving", None),
    ]
    for method, path, body in ways:
        answer = await world.http.request(method, f"/api/volunteers/volunteers/{here}{path}", json=body, headers=eksjo)
        assert answer.status_code == 403, (method, path)
    for path in ("", "/details", "/leaving"):
        page = await world.http.get(f"/staff/volunteers/people/{here}{path}", headers=eksjo)
        assert page.status_code == 403, path
    assert (await world.get(f"volunteers/{here}"))["status"] == "enrolled"


async def test_the_list_is_searched_filtered_and_turned_over(world: World) -> None:
    names = ["Ask Bro", "Bo Askeby", "Cilla Dal", "Disa Ek"]
    for number, name in enumerate(names):
        await world.enrol(name=name, roles=["host"] if number % 2 else ["peer"], email=f"{number}@example.org")

    async def found(query: str) -> list[str]:
        return [one["name"] for one in (await world.get(f"volunteers?{query}"))["volunteers"]]

    async def named(words: str) -> list[str]:
        return [one["name"] for one in (await world.staff_post("volunteers/search", {"name": words}))["volunteers"]]

    assert await named("ASK") == ["Ask Bro", "Bo Askeby"]
    assert await named(".*") == []
    refused = await world.http.get("/api/volunteers/volunteers?name=ASK", headers=world.staff)
    assert (refused.status_code, "by POST" in refused.text) == (422, True), "no name stands in an address"
    assert await found("role=host") == ["Bo Askeby", "Disa Ek"]
    assert await found("skip=1&limit=2") == ["Bo Askeby", "Cilla Dal"]
    assert (await world.get("volunteers?limit=1"))["total"] == 4
    assert await found("status=left") == []
