"""Volunteers apply or are enrolled, and can be reached."""

import asyncio
from typing import Any

import pytest

from motesplats_events import VolunteerChanged
from services.volunteers import publishes, store
from tests.volunteers.conftest import NOW, PERSON, World


async def people(world: World) -> list[dict[str, Any]]:
    return list((await world.get("volunteers"))["volunteers"])


async def test_an_enrolled_volunteer_is_in_the_list_and_can_be_reached(world: World) -> None:
    volunteer_id = await world.enrol()
    (found,) = await people(world)
    assert found | PERSON == found
    assert (found["status"], found["phone"]) == ("enrolled", None)
    (row,) = await world.announced("volunteer-contact-changed")
    assert (row["key"], row["value"]) == (volunteer_id, None)
    contact = publishes.volunteer_contact_changed(await store.volunteer(world.delivery.reading, volunteer_id))
    assert (contact.name, contact.email, contact.language) == (PERSON["name"], PERSON["email"], "da")


async def test_an_application_waits_until_staff_confirm_it(world: World) -> None:
    answer = await world.post("applications", PERSON | {"consent": True})
    assert (answer.status_code, answer.json()) == (202, {"status": "received"})
    (found,) = await people(world)
    assert found["status"] == "applied"
    assert await world.announced("volunteer-contact-changed") == []
    for _ in range(2):
        confirmed = await world.post(f"volunteers/{found['volunteer_id']}/confirmation", None, headers=world.staff)
        assert confirmed.json()["status"] == "enrolled"
    assert len(await world.announced("volunteer-contact-changed")) == 1


async def test_what_an_enrolled_volunteer_does_is_announced_without_a_name(world: World) -> None:
    await world.post("applications", PERSON | {"consent": True})
    assert await world.announced("volunteer-changed") == []
    (found,) = await people(world)
    await world.post(f"volunteers/{found['volunteer_id']}/confirmation", None, headers=world.staff)
    (row,) = await world.announced("volunteer-changed")
    said = VolunteerChanged.model_validate_json(row["value"])
    assert said.roles == {"peer": NOW.date(), "host": NOW.date()}
    assert (said.municipality, said.enrolled_on, said.left_on) == ("Jönköping", NOW.date(), None)
    assert PERSON["name"] not in row["value"]


async def test_a_second_application_gets_the_same_answer_and_changes_nothing(world: World) -> None:
    first = await world.post("applications", PERSON | {"consent": True})
    again = PERSON | {"consent": True, "name": " dagny  MOSSFELT", "email": "Dagny.Mossfelt@Example.org"}
    second = await world.post("applications", again | {"roles": ["lecturer"]})
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert [row["roles"] for row in await people(world)] == [["peer", "host"]]


async def test_an_application_of_somebody_enrolled_gets_the_same_answer(world: World) -> None:
    await world.enrol()
    answer = await world.post("applications", PERSON | {"consent": True})
    assert (answer.status_code, answer.json()) == (202, {"status": "received"})
    assert [row["status"] for row in await people(world)] == ["enrolled"]


async def test_many_applications_of_one_person_at_once_are_one(world: World) -> None:
    body = PERSON | {"consent": True}
    answers = await asyncio.gather(*(world.post("applications", body) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(await people(world)) == 1


async def test_two_people_may_share_an_address(world: World) -> None:
    await world.enrol()
    await world.enrol(name="Gorm Mossfelt")
    assert len(await people(world)) == 2


async def test_staff_are_told_that_somebody_is_known(world: World) -> None:
    await world.post("applications", PERSON | {"consent": True})
    answer = await world.post("volunteers", PERSON, headers=world.staff)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:motesplats:problem:volunteer-is-known")
    assert "Confirm the application" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 200}, "name"),
        ({"email": "nowhere"}, "email"),
        ({"email": ""}, "email"),
        ({"phone": "070 123 45 67"}, "email"),
        ({"email": "", "phone": "12"}, "phone"),
        ({"roles": []}, "roles"),
        ({"roles": ["king"]}, "roles.0"),
        ({"language": "fi"}, "language"),
        ({"municipality": ""}, "municipality"),
        ({"consent": False}, "consent"),
    ],
)
async def test_what_cannot_be_is_refused_by_field_and_not_repeated(
    world: World, change: dict[str, Any], field: str
) -> None:
    answer = await world.post("applications", PERSON | {"consent": True} | change)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert PERSON["name"] not in answer.text
    assert await people(world) == []


async def test_only_staff_see_and_enrol_volunteers(world: World) -> None:
    for method, path in [("GET", "volunteers"), ("POST", "volunteers"), ("GET", "assignments"), ("GET", "programmes")]:
        answer = await world.http.request(method, f"/api/volunteers/{path}", json=PERSON)
        assert answer.status_code == 401, path
