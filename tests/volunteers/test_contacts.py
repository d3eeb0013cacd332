"""The contact log of patient supporters, over HTTP with a real store behind."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from motesplats_events import UnitContacted
from tests.volunteers.conftest import NOW, ORGANISER, World


async def supporter(world: World, name: str = "Signe") -> str:
    return await world.enrol(name=name, email=f"{name}@example.org", roles=["patient_supporter"])


def contact(volunteer_id: str, unit: str = "Vårdcentralen Norr", **change: Any) -> dict[str, Any]:
    return {
        "contact_id": str(uuid4()),
        "volunteer_id": volunteer_id,
        "organiser": ORGANISER,
        "unit": unit,
        "municipality": "Eksjö",
        "contacted_on": "2025-01-06",
        "about": "Told about the open house",
    } | change


async def note(world: World, body: dict[str, Any]) -> dict[str, Any]:
    answer = await world.post("contacts", body, headers=world.staff)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def told(world: World) -> list[UnitContacted]:
    return [UnitContacted.model_validate_json(row["value"]) for row in await world.announced("unit-contacted")]


async def test_a_contact_with_a_unit_nobody_knew_is_new(world: World) -> None:
    signe, tore = await supporter(world), await supporter(world, "Tore")
    assert (await note(world, contact(signe)))["new"] is True
    assert (await note(world, contact(tore)))["new"] is False
    assert (await note(world, contact(tore, "Vårdcentralen Syd")))["new"] is True
    events = await told(world)
    assert [(one.unit, one.volunteer_id == signe, one.new) for one in events] == [
        ("Vårdcentralen Norr", True, True),
        ("Vårdcentralen Norr", False, False),
        ("Vårdcentralen Syd", False, True),
    ]
    assert "Told about" not in str(await world.announced("unit-contacted")), "what it was about stays here"


@pytest.mark.parametrize("written", [" vårdcentralen  NORR", "Vårdcentralen-Norr", "Vårdcentralen Norr."])
async def test_a_unit_is_one_however_it_is_written(world: World, written: str) -> None:
    signe = await supporter(world)
    await note(world, contact(signe))
    again = await note(world, contact(signe, written, municipality="EKSJÖ"))
    assert (again["new"], again["unit"]) == (False, "Vårdcentralen Norr")
    assert (await world.get("units"))["units"] == [{"name": "Vårdcentralen Norr", "municipality": "Eksjö"}]


async def test_a_unit_of_the_same_name_elsewhere_is_another(world: World) -> None:
    signe = await supporter(world)
    await note(world, contact(signe))
    assert (await note(world, contact(signe, municipality="Tranås")))["new"] is True


async def test_the_same_form_sent_again_is_noted_once(world: World) -> None:
    body = contact(await supporter(world))
    answers = await asyncio.gather(*(world.post("contacts", body, headers=world.staff) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["new"] for answer in answers} == {True}
    assert len(await told(world)) == 1
    other = await world.post("contacts", body | {"unit": "Vårdcentralen Syd"}, headers=world.staff)
    assert other.status_code == 409


async def test_of_many_first_contacts_at_once_exactly_one_is_new(world: World) -> None:
    ids = [await supporter(world, name) for name in ("A", "B", "C", "D", "E")]
    found = await asyncio.gather(*(note(world, contact(one)) for one in ids))
    assert sorted(one["new"] for one in found) == [False] * 4 + [True]


async def test_a_contact_taken_back_the_same_day_counts_for_nothing_and_the_next_is_the_first(world: World) -> None:
    signe = await supporter(world)
    first, second = await note(world, contact(signe)), await note(world, contact(signe))
    for _ in range(2):
        undone = await world.post(f"contacts/{first['contact_id']}/undo", None, headers=world.staff)
        assert (undone.status_code, undone.json()["undone"]) == (200, True)
    newest = {event.contact_id: (event.new, event.undone) for event in await told(world)}
    assert newest == {first["contact_id"]: (False, True), second["contact_id"]: (True, False)}
    assert [one["contact_id"] for one in (await world.get("contacts"))["contacts"]] == [second["contact_id"]]


async def test_the_next_day_it_stands(world: World) -> None:
    made = await note(world, contact(await supporter(world)))
    world.time(NOW + timedelta(days=1))
    late = await world.post(f"contacts/{made['contact_id']}/undo", None, headers=world.staff)
    assert (late.status_code, late.json()["type"]) == (410, "urn:motesplats:problem:too-late-to-undo")


async def test_a_supporter_notes_and_takes_back_behind_their_own_link(world: World) -> None:
    signe, tore = await supporter(world), await supporter(world, "Tore")
    token, others = world.link(signe, "volunteer"), world.link(tore, "volunteer")
    body = contact(signe) | {"token": token}
    del body["volunteer_id"]
    made = await world.post("own/contacts", body)
    assert (made.status_code, made.json()["volunteer_id"]) == (201, signe)
    undo = {"contact_id": made.json()["contact_id"]}
    assert (await world.post("own/contacts/undo", undo | {"token": others})).status_code == 404
    assert (await world.post("own/contacts/undo", undo | {"token": world.link(signe)})).status_code == 410
    assert (await world.post("own/contacts/undo", undo | {"token": token})).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit": " "}, "unit"),
        ({"municipality": ""}, "municipality"),
        ({"about": ""}, "about"),
        ({"contacted_on": "2025-01-08"}, "contacted_on"),
        ({"contacted_on": "2020-01-08"}, "contacted_on"),
        ({"contact_id": "x"}, "contact_id"),
        ({"unit": "x" * 200}, "unit"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(world: World, change: dict[str, Any], field: str) -> None:
    answer = await world.post("contacts", contact(await supporter(world)) | change, headers=world.staff)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_only_patient_supporters_and_the_own_organiser(world: World) -> None:
    host = await world.enrol()
    answer = await world.post("contacts", contact(host), headers=world.staff)
    assert answer.json()["type"] == "urn:motesplats:problem:no-patient-supporter"
    signe = await supporter(world)
    made = await note(world, contact(signe))
    other = world.signed_in("Another")
    assert (await world.post("contacts", contact(signe), headers=other)).status_code == 403
    assert (await world.post(f"contacts/{made['contact_id']}/undo", None, headers=other)).status_code == 403
    assert (await world.http.get("/api/volunteers/contacts", headers=other)).json() == {"contacts": []}
    assert (await world.post("contacts", contact(signe))).status_code == 401
