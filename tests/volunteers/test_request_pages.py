"""A unit asks on a page, and staff find somebody on theirs, without JavaScript."""

import re

import pytest

from tests.volunteers.conftest import ORGANISER, World
from tests.volunteers.test_volunteer_pages import errors, main_part

FORM = {
    "role": "living_book",
    "theme": "Life with <heart> failure",
    "audience": "Eight nurses",
    "wanted": "1",
    "language": "sv",
    "at-date": "2025-03-03",
    "at-time": "13:00",
    "minutes": "60",
    "format": "physical",
    "place": "Room 4",
    "municipality": "Jönköping",
    "unit": "The ward",
    "unit_kind": "clinic",
    "organiser": ORGANISER,
    "contact_name": "Ylva Strand",
    "contact": "070 123 45 67",
    "note": "We are on the third floor.",
    "consent": "yes",
}


async def asked(world: World) -> str:
    """The address of the unit's own page."""
    sent = await world.http.post("/ask", data=FORM)
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


async def request_id(world: World) -> str:
    return str((await world.get("requests"))["requests"][0]["request_id"])


async def test_a_unit_asks_and_follows_how_it_goes(world: World) -> None:
    await world.book("Ask Bro")
    assert (await world.http.get("/ask")).status_code == 200
    page = await world.http.get(address := await asked(world))
    assert "We have your request" in page.text
    assert "Life with &lt;heart&gt; failure" in page.text
    assert page.headers["cache-control"] == "no-store"
    id = await request_id(world)
    staff = f"/staff/volunteers/requests/{id}"
    listed = main_part(await world.http.get("/staff/volunteers/requests", headers=world.staff))
    assert staff in listed
    assert (
        "One request of a unit waits for you" in (await world.http.get("/staff/volunteers", headers=world.staff)).text
    )
    shown = main_part(await world.http.get(staff, headers=world.staff))
    assert ("Ask Bro" in shown, "Has had no offer as this in 2025" in shown) == (True, True)
    assert "+46701234567" in shown
    await world.http.post(f"{staff}/search", headers=world.staff)
    assert "thinks about it" in (await world.http.get(address)).text
    offer = (await world.get(f"requests/{id}"))["assignments"][0]["assignment_id"]
    token = world.link(offer)
    volunteer = (await world.http.get(f"/assignments/{token}")).text
    assert "The ward" in volunteer
    await world.http.post(f"/assignments/{token}", data={"answer": "accept"})
    assert "All you asked for have said yes" in (await world.http.get(address)).text
    assert "Ask Bro" not in (await world.http.get(address)).text
    told = main_part(await world.http.get(staff, headers=world.staff))
    assert "Tell the unit who comes" in told
    await world.http.post(f"{staff}/told", headers=world.staff)
    assert "Tell the unit who comes" not in main_part(await world.http.get(staff, headers=world.staff))


async def test_what_was_typed_is_kept_and_each_mistake_is_named(world: World) -> None:
    wrong = await world.http.post("/ask", data={"theme": "Grief", "at-date": "2025-03-03", "minutes": "an hour"})
    assert wrong.status_code == 422
    assert errors(wrong) == [
        "role",
        "at",
        "minutes",
        "format",
        "municipality",
        "unit",
        "unit_kind",
        "organiser",
        "contact_name",
        "contact",
        "consent",
    ]
    assert 'value="Grief"' in wrong.text
    assert 'value="2025-03-03"' in wrong.text
    late = await world.http.post("/ask", data=FORM | {"at-date": "2024-03-03"})
    assert errors(late) == ["at"]
    role = await world.http.post("/ask", data=FORM | {"role": "host"})
    assert errors(role) == ["role"]


async def test_a_time_that_is_agreed_later_is_left_empty(world: World) -> None:
    sent = await world.http.post("/ask", data=FORM | {"at-date": "", "at-time": "", "format": "digital", "place": ""})
    assert sent.status_code == 303
    (found,) = (await world.get("requests"))["requests"]
    assert (found["at"], found["format"], found["place"]) == (None, "digital", "")
    await world.book("Ask Bro", municipality="Far away", reach="municipality")
    started = await world.staff_post(f"requests/{found['request_id']}/search")
    assert started["status"] == "searching"
    (offer,) = (await world.get(f"requests/{found['request_id']}"))["assignments"]
    assert (offer["at"], offer["place"]) == (None, "Digital")
    for path in (f"/assignments/{world.link(offer['assignment_id'])}", sent.headers["location"]):
        assert "To be agreed" in (await world.http.get(path)).text


async def test_known_organisers_are_chosen_from(world: World) -> None:
    assert '<select id="organiser"' not in (await world.http.get("/ask")).text
    await world.plan()
    assert f'<option value="{ORGANISER}"' in (await world.http.get("/ask")).text


async def test_the_unit_takes_it_back_and_a_look_changes_nothing(world: World) -> None:
    address = await asked(world)
    for _ in range(2):
        assert "Take the request back" in (await world.http.get(address)).text
    assert (await world.http.post(f"{address}/withdrawal")).status_code == 303
    page = await world.http.get(address)
    assert ("has been withdrawn" in page.text, "Take the request back" in page.text) == (True, False)
    assert (await world.http.get(address[:-1])).status_code == 410


async def test_staff_note_change_and_choose(world: World) -> None:
    new = "/staff/volunteers/requests/new"
    form = {name: value for name, value in FORM.items() if name != "consent"}
    other = await world.http.post(new, data=form | {"organiser": "Another"}, headers=world.staff)
    assert other.status_code == 403
    sent = await world.http.post(new, data=form, headers=world.staff)
    path = str(sent.headers["location"])
    edit = await world.http.get(f"{path}/edit", headers=world.staff)
    assert 'value="2025-03-03"' in edit.text
    assert 'value="13:00"' in edit.text
    wrong = await world.http.post(f"{path}/edit", data=form | {"wanted": "0"}, headers=world.staff)
    assert errors(wrong) == ["wanted"]
    assert (await world.http.post(f"{path}/edit", data=form | {"wanted": "2"}, headers=world.staff)).status_code == 303
    assert "Nobody can be asked now" in (await world.http.get(path, headers=world.staff)).text
    await world.book("Ask Bro")
    chosen = await world.book("Bo Dal")
    page = main_part(await world.http.get(path, headers=world.staff))
    assert "Ask the first 2, and go on until all are found" in page
    assert f'name="volunteer_id" value="{chosen}"' in page
    await world.http.post(f"{path}/search", data={"volunteer_id": chosen}, headers=world.staff)
    page = main_part(await world.http.get(path, headers=world.staff))
    assert "Has been asked for this already" in page
    held = await world.http.post(f"{path}/edit", data=form, headers=world.staff)
    assert "Stop the search before" in held.text
    await world.http.post(f"{path}/stop", headers=world.staff)
    await world.http.post(f"{path}/withdrawal", headers=world.staff)
    last = main_part(await world.http.get(path, headers=world.staff))
    assert re.search(r'class="tag[^"]*">Withdrawn', last)
    assert "<button" not in last


@pytest.mark.parametrize("lang", ["sv", "da", "en"])
async def test_the_pages_speak_three_languages(world: World, lang: str) -> None:
    words = {"sv": "Be om en volontär", "da": "Spørg efter en frivillig", "en": "Ask for a volunteer"}
    page = await world.http.get("/ask", headers={"accept-language": lang})
    assert words[lang] in page.text
    empty = await world.http.get("/staff/volunteers/requests", headers={**world.staff, "accept-language": lang})
    assert words[lang] in empty.text
