"""Everybody types a municipality as they like; it is the same one all the same."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.volunteers.domain.volunteers import Reach
from services.volunteers.domain.words import as_known
from tests.volunteers.conftest import FIRST, ORGANISER, PERSON, READY, World
from tests.volunteers.houses import hosts, open_house
from tests.volunteers.test_matching import RULES, book, order, proposed, wanted, words

EKSJÖ = ("Eksjö", "eksjö", "EKSJÖ", " Eksjö ")


@pytest.mark.parametrize("written", EKSJÖ)
def test_who_lives_in_the_same_municipality_is_near_however_it_is_written(written: str) -> None:
    home = book("v", municipality=written, reach=Reach.MUNICIPALITY)
    assert "Lives in the same municipality" in words(proposed(wanted(), [home]), "v")
    assert "Lives in the same municipality" in words(proposed(wanted(municipality=written), [book("v")]), "v")


@pytest.mark.parametrize("written", EKSJÖ)
def test_who_lives_in_the_same_area_is_near_however_it_is_written(written: str) -> None:
    near = book("v", municipality=written, reach=Reach.AREA)
    assert "Lives in the same area" in words(proposed(wanted(municipality="TRANÅS"), [near]), "v")
    assert order(proposed(wanted(municipality="VÄRNAMO"), [near])) == []
    assert (RULES.near(written, "tranås"), RULES.near(written, "värnamo")) == (True, False)
    assert (RULES.near("nässjö", "Nässjö"), RULES.near("nässjö", written)) == (True, False), "in no area of the map"


async def test_staff_see_those_of_their_area_however_it_is_written(world: World) -> None:
    for n, written in enumerate(("Eksjö", "eksjö", "Tranås")):
        await world.enrol(name=f"Person {n}", email=f"p{n}@example.org", municipality=written)
    staff = world.signed_in(ORGANISER, "EKSJÖ")
    found = (await world.http.get("/api/volunteers/volunteers", headers=staff)).json()
    assert ([one["name"] for one in found["volunteers"]], found["total"]) == (["Person 0", "Person 1"], 2)
    for one in found["volunteers"]:
        path = f"/api/volunteers/volunteers/{one['volunteer_id']}"
        assert (await world.http.get(path, headers=staff)).status_code == 200
    asked = (await world.get("volunteers?municipality=EKSJÖ"))["volunteers"]
    assert [one["name"] for one in asked] == ["Person 0", "Person 1"]
    page = (await world.http.get("/staff/volunteers", headers=world.staff)).text
    assert page.count("<option") and page.lower().count(">eksjö</option>") == 1, "one of the two to choose"


async def test_staff_enrol_in_their_area_however_it_is_written(world: World) -> None:
    staff = world.signed_in(ORGANISER, "Jönköping")
    here = await world.post("volunteers", PERSON | READY | {"municipality": "jönköping"}, headers=staff)
    assert here.status_code == 201
    there = await world.post("volunteers", PERSON | READY | {"name": "Gorm", "municipality": "Eksjö"}, headers=staff)
    assert there.status_code == 403


async def test_a_host_who_writes_it_small_lives_near_the_house(world: World) -> None:
    await open_house(world)
    await hosts(world, "Maja", municipality="tranås")
    world.time(FIRST - timedelta(days=3))
    staff = world.signed_in(ORGANISER, "Tranås")
    (thin,) = (await world.http.get("/api/volunteers/thin-shifts", headers=staff)).json()["shifts"][:1]
    assert [(one["name"], one["near"]) for one in thin["candidates"]] == [("Maja", True)]


@pytest.mark.parametrize("written", ["jönköping", " JÖNKÖPING ", "Jönköpings kommun", "Jönköping kommune", "Jönköping"])
async def test_a_unit_that_writes_it_in_its_own_way_is_seen_by_whose_area_it_is(world: World, written: str) -> None:
    await world.plan()
    request_id = await world.asked_for(municipality=written)
    staff = world.signed_in(ORGANISER, "Jönköping")
    found = (await world.http.get("/api/volunteers/requests", headers=staff)).json()["requests"]
    assert [one["request_id"] for one in found] == [request_id]
    await world.asked_for(municipality="Habo")
    assert sorted(await world.delivery.db.requests.distinct("municipality")) == ["Habo", "Jönköping"]


async def test_volunteers_and_contacts_lie_where_the_programmes_do_however_that_is_written(world: World) -> None:
    await world.plan()
    staff = world.signed_in(ORGANISER, "Jönköping")
    id = await world.enrol(municipality="jönköpings kommun", roles=["patient_supporter"])
    assert (await world.get(f"volunteers/{id}"))["municipality"] == "Jönköping"
    corrected = PERSON | {"municipality": "JÖNKÖPING", "roles": ["patient_supporter"]}
    answer = await world.http.put(f"/api/volunteers/volunteers/{id}", json=corrected, headers=staff)
    assert answer.json()["municipality"] == "Jönköping"
    contact = {
        "contact_id": str(uuid4()),
        "volunteer_id": id,
        "organiser": ORGANISER,
        "unit": "Vårdcentralen Norr",
        "municipality": "jönköpings kommun",
        "contacted_on": "2025-01-06",
        "about": "Told about the open house",
    }
    assert (await world.post("contacts", contact, headers=staff)).status_code == 201
    await world.post("applications", PERSON | {"name": "Gorm", "municipality": "jönköping", "consent": True})
    assert set(await world.delivery.db.volunteers.distinct("municipality")) == {"Jönköping"}


async def test_a_unit_that_was_noted_before_its_municipality_was_known_is_no_new_one(world: World) -> None:
    id = await world.enrol(roles=["patient_supporter"])
    contact = {
        "volunteer_id": id,
        "organiser": ORGANISER,
        "unit": "Vårdcentralen Norr",
        "municipality": "Jönköpings kommun",
        "contacted_on": "2025-01-06",
        "about": "Told about the open house",
    }
    news = []
    for number in range(2):
        answer = await world.post("contacts", contact | {"contact_id": str(uuid4())}, headers=world.staff)
        news.append(answer.json()["new"])
        await world.plan(sequence=number + 1)
    assert news == [True, False]


def test_a_municipality_is_taken_for_another_only_where_it_is_meant() -> None:
    known = ["Borås", "Aarhus", "Mora"]
    assert [as_known(one, known) for one in ("borås kommun", "Borås", "aarhus kommune", "Moras", "Mora kommun")] == [
        "Borås",
        "Borås",
        "Aarhus",
        "Moras",
        "Mora",
    ]
