"""What reaches the service is addressed to somebody who sees it, and staff write down only what they then see."""

from uuid import uuid4

from tests.volunteers.conftest import ORGANISER, PERSON, READY, WISH, World

UNKNOWN = "urn:motesplats:problem:organiser-unknown"


async def test_a_unit_asks_an_organiser_that_is_known(world: World) -> None:
    first = await world.post("requests", WISH | {"organiser": "Anybody"})
    assert first.status_code == 201, "nobody is known yet"
    await world.plan()
    answer = await world.post("requests", WISH | {"organiser": "Nobody"})
    assert (answer.status_code, answer.json()["type"]) == (422, UNKNOWN)
    assert answer.json()["errors"][0] == {"field": "organiser", "detail": f"Choose one of these: {ORGANISER}"}
    assert (await world.post("requests", WISH)).status_code == 201
    page = await world.http.post("/ask", data={"organiser": "Nobody"})
    assert f">{ORGANISER}</option>" in page.text


async def test_staff_write_down_a_request_for_their_own_organiser_before_its_first_programme(world: World) -> None:
    await world.plan()
    new = world.signed_in("The new house")
    form = {
        "unit": "The ward", "unit_kind": "clinic", "organiser": "The new house", "municipality": "Jönköping",
        "contact_name": "Ylva Strand", "contact": "ylva.strand@example.org", "role": "living_book",
        "theme": "Life with heart failure", "language": "sv", "format": "physical", "place": "Room 4", "wanted": "1",
        "minutes": "60",
    }  # fmt: skip
    sent = await world.http.post("/staff/volunteers/requests/new", data=form, headers=new)
    assert sent.status_code == 303, sent.text
    page = await world.http.get("/staff/volunteers/requests/new", headers=new)
    assert "The new house</option>" in page.text and f"{ORGANISER}</option>" not in page.text


async def test_a_contact_is_noted_for_an_organiser_that_is_known(world: World) -> None:
    await world.plan()
    supporter = await world.enrol(roles=["patient_supporter"])
    body = {
        "token": world.link(supporter, "volunteer"), "contact_id": str(uuid4()), "organiser": "Nobody",
        "unit": "The ward", "municipality": "Jönköping", "contacted_on": "2025-01-07", "about": "A first visit",
    }  # fmt: skip
    answer = await world.post("own/contacts", body)
    assert (answer.status_code, answer.json()["type"]) == (422, UNKNOWN)
    assert (await world.post("own/contacts", body | {"organiser": ORGANISER})).status_code == 201


async def test_staff_of_an_area_enrol_only_there(world: World) -> None:
    scoped = world.signed_in(ORGANISER, "Tranås", "Eksjö")
    answer = await world.post("volunteers", PERSON | READY, headers=scoped)
    assert answer.status_code == 403
    assert answer.json()["errors"][0] == {
        "field": "municipality", "detail": "You enrol volunteers in these municipalities: Tranås, Eksjö",
    }  # fmt: skip
    form = {"name": "Dagny", "contact": "dagny@example.org", "roles": ["host"], "municipality": "Jönköping"}
    page = await world.http.post("/staff/volunteers/enrol", data=form, headers=scoped)
    assert page.status_code == 403 and "You enrol volunteers in these municipalities" in page.text
    here = await world.post("volunteers", PERSON | READY | {"municipality": "Eksjö"}, headers=scoped)
    assert here.status_code == 201
