"""A volunteer's own page, and the staff's page of a volunteer, without JavaScript."""

import re
from datetime import timedelta

import httpx
import pytest

from tests.volunteers.conftest import FIRST, NOW, ORGANISER, PERSON, World
from tests.volunteers.test_volunteer_pages import errors, main_part

DETAILS = {
    "name": "Dagny Mossfelt",
    "contact": "dagny.mossfelt@example.org",
    "municipality": "Eksjö",
    "roles": ["peer", "lecturer"],
    "speaks": ["sv", "fi"],
    "themes": "Heart failure\n\nBeing a relative",
    "avoids": "Children who die",
    "reach": "municipality",
    "language": "sv",
}


async def own(world: World, token: str) -> str:
    page = await world.http.get(f"/volunteer/{token}")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    return main_part(page)


async def test_the_page_leads_to_the_agreement_and_signing_makes_ready(world: World) -> None:
    id = await world.enrol(agreement_signed_on=None)
    token = world.link(id, "volunteer")
    assert "Before your first assignment" in await own(world, token)
    path = f"/volunteer/{token}/agreement"
    text = (await world.http.get(path)).text
    version = re.search(r'name="version" value="([^"]+)"', text)
    assert version
    assert "checked" not in text
    unread = await world.http.post(path, data={"version": version[1]})
    assert (unread.status_code, errors(unread)) == (422, ["promise"])
    old = await world.http.post(path, data={"version": "old", "promise": "yes"})
    assert (old.status_code, "has been changed" in old.text) == (422, True)
    signed = await world.http.post(path, data={"version": version[1], "promise": "yes"})
    assert signed.headers["location"] == f"/volunteer/{token}#agreement"
    assert "Before your first assignment" not in await own(world, token)
    assert "You signed this on" in (await world.http.get(path)).text


async def test_assignments_are_answered_from_the_page(world: World) -> None:
    await world.offered()
    id = (await world.get("volunteers"))["volunteers"][0]["volunteer_id"]
    token = world.link(id, "volunteer")
    link = re.search(r'href="(/assignments/[^"]+)"', await own(world, token))
    assert link
    assert (await world.http.post(link[1], data={"answer": "accept"})).status_code == 303
    assert "You have said yes" in await own(world, token)


async def test_a_pause_is_taken_and_taken_back(world: World) -> None:
    id = await world.enrol()
    token = world.link(id, "volunteer")
    wrong = await world.http.post(f"/volunteer/{token}/pause", data={"starts_on": "2025-02-01", "until": "2025-01-01"})
    assert errors(wrong) == ["until"]
    assert 'value="2025-01-01"' in wrong.text
    sent = await world.http.post(f"/volunteer/{token}/pause", data={"starts_on": "2025-01-07", "until": ""})
    assert sent.headers["location"].endswith("#pause")
    assert "until further notice" in await own(world, token)
    staff = await world.http.get("/staff/volunteers?state=paused", headers=world.staff)
    assert "Dagny Mossfelt" in staff.text
    await world.http.post(f"/volunteer/{token}/return")
    assert "until further notice" not in await own(world, token)


@pytest.mark.parametrize("who", ["volunteer", "staff"])
async def test_details_are_put_right(world: World, who: str) -> None:
    id = await world.enrol()
    path = f"/volunteer/{world.link(id, 'volunteer')}" if who == "volunteer" else f"/staff/volunteers/people/{id}"
    headers = {} if who == "volunteer" else world.staff
    shown = (await world.http.get(f"{path}/details", headers=headers)).text
    assert 'value="dagny.mossfelt@example.org"' in shown
    assert re.search(r'value="da" checked', shown)
    wrong = await world.http.post(f"{path}/details", data=DETAILS | {"roles": [], "speaks": []}, headers=headers)
    assert errors(wrong) == ["roles", "speaks"]
    long = await world.http.post(f"{path}/details", data=DETAILS | {"avoids": "x" * 200}, headers=headers)
    assert errors(long) == ["avoids"]
    sent = await world.http.post(f"{path}/details", data=DETAILS, headers=headers)
    assert sent.headers["location"] == f"{path}#details"
    found = await world.get(f"volunteers/{id}")
    assert (found["speaks"], found["themes"]) == (["sv", "fi"], ["Heart failure", "Being a relative"])
    assert (found["avoids"], found["reach"]) == (["Children who die"], "municipality")
    page = main_part(await world.http.get(path, headers=headers))
    assert "Finnish" in page
    assert "Children who die" in page


async def test_leaving_asks_once_more_and_the_link_then_works_no_longer(world: World) -> None:
    token = world.link(await world.enrol(), "volunteer")
    path = f"/volunteer/{token}/leaving"
    assert "Take a pause instead" in (await world.http.get(path)).text
    unsure = await world.http.post(path)
    assert errors(unsure) == ["sure"]
    sent = await world.http.post(path, data={"sure": "yes"})
    assert sent.headers["location"] == "/volunteer/left"
    assert "Thank you for all you did" in (await world.http.get("/volunteer/left")).text
    assert (await world.http.get(f"/volunteer/{token}")).status_code == 410


async def test_only_the_own_link_opens_the_page(world: World) -> None:
    id = await world.enrol()
    token = world.link(id, "volunteer")
    for forged in (world.link(id), world.link(id, "registration"), token[:-1], world.link("nobody", "volunteer")):
        for path in ("", "/details", "/agreement", "/leaving"):
            assert (await world.http.get(f"/volunteer/{forged}{path}")).status_code == 410
        for path in ("/pause", "/return", "/details", "/agreement", "/leaving"):
            answer = await world.http.post(f"/volunteer/{forged}{path}", data={"sure": "yes"})
            assert answer.status_code == 410
    await world.post("applications", PERSON | {"name": "Gorm Lindbo", "consent": True})
    applied = next(one for one in (await world.get("volunteers"))["volunteers"] if one["status"] == "applied")
    assert (await world.http.get(f"/volunteer/{world.link(applied['volunteer_id'], 'volunteer')}")).status_code == 410


async def test_staff_note_trainings_and_signatures_and_see_what_is_missing(world: World) -> None:
    id = await world.enrol(agreement_signed_on=None, trainings=[])
    path = f"/staff/volunteers/people/{id}"

    async def shown() -> str:
        return main_part(await world.http.get(path, headers=world.staff))

    assert (await shown()).count("Not now") == 2
    wrong = await world.http.post(f"{path}/trainings", data={"completed_on": "2026-01-01"}, headers=world.staff)
    assert errors(wrong) == ["training"]
    early = await world.http.post(
        f"{path}/trainings", data={"training": "basic", "completed_on": "2026-01-01"}, headers=world.staff
    )
    assert errors(early) == ["completed_on"]
    await world.http.post(f"{path}/agreement", data={"signed_on": "2025-01-02"}, headers=world.staff)
    assert "has not been completed" in await shown()
    done = {"training": "basic", "completed_on": "2025-01-02"}
    await world.http.post(f"{path}/trainings", data=done, headers=world.staff)
    assert "Not now" not in await shown()
    await world.http.post(f"{path}/trainings/basic/removal", headers=world.staff)
    assert (await shown()).count("Not now") == 2


async def test_somebody_who_has_left_is_shown_without_a_name(world: World) -> None:
    assignment_id, token = await world.accepted()
    await world.post("completions", {"token": token, "hours": 2, "people_met": 5})
    id = (await world.get("volunteers"))["volunteers"][0]["volunteer_id"]
    path = f"/staff/volunteers/people/{id}"
    assert errors(await world.http.post(f"{path}/leaving", headers=world.staff)) == ["sure"]
    await world.http.post(f"{path}/leaving", data={"sure": "yes"}, headers=world.staff)
    pages: list[httpx.Response] = [
        await world.http.get(where, headers=world.staff)
        for where in (
            path,
            f"/staff/volunteers/assignments/{assignment_id}",
            "/staff/volunteers/assignments?state=done",
            "/staff/volunteers?state=left",
        )
    ]
    for page in pages:
        assert (page.status_code, "A former volunteer" in page.text) == (200, True)
        assert "Dagny" not in page.text


async def test_the_page_of_trainings_shows_what_expires_and_takes_new_ones(world: World) -> None:
    path = "/staff/volunteers/trainings"
    assert "No training expires soon" in (await world.http.get(path, headers=world.staff)).text
    form = {"title": "First aid", "code": "first-aid", "months": "2"}
    wrong = await world.http.post(path, data=form | {"code": "First aid", "months": "x"}, headers=world.staff)
    assert errors(wrong) == ["code", "months"]
    sent = await world.http.post(path, data=form, headers=world.staff)
    assert sent.status_code == 303
    id = await world.enrol()
    done = {"training": "first-aid", "completed_on": "2025-01-02"}
    await world.post(f"volunteers/{id}/trainings", done, headers=world.staff)
    page = main_part(await world.http.get(path, headers=world.staff))
    assert "Sunday 2 March 2025" in page
    world.time(FIRST + timedelta(days=60))
    assert "Expired</span> Sunday 2 March 2025" in main_part(await world.http.get(path, headers=world.staff))
    assert (await world.http.get(f"{path}/basic", headers=world.staff)).status_code == 403


async def test_a_long_list_is_turned_over(world: World) -> None:
    for number in range(52):
        await world.enrol(name=f"Person {number:02}", email=f"p{number}@example.org")
    first = main_part(await world.http.get("/staff/volunteers?role=peer", headers=world.staff))
    assert ("52 volunteers" in first, "Person 49" in first, "Person 50" in first) == (True, True, False)
    onward = re.search(r'href="(\?[^"]+page=2[^"]*)"', first)
    assert onward
    query = onward[1].replace("&amp;", "&").partition("#")[0]
    second = main_part(await world.http.get(f"/staff/volunteers{query}", headers=world.staff))
    assert ("Person 49" in second, "Person 51" in second) == (False, True)
    assert "Nobody fits" in (await world.http.get("/staff/volunteers?municipality=zzz", headers=world.staff)).text


async def test_a_name_is_searched_for_without_standing_in_an_address(world: World) -> None:
    for name in ("Ask Bro", "Bo Askeby", "Cilla Dal"):
        await world.enrol(name=name, email=f"{name.split()[0].lower()}@example.org")
    path = "/staff/volunteers"
    page = main_part(await world.http.get(path, headers=world.staff))
    (form,) = re.findall(r'<form method="post" action="/staff/volunteers#enrolled".*?</form>', page, re.S)
    assert 'name="name"' in form and page.count('name="name"') == 1
    found = await world.http.post(path, data={"name": "ask"}, headers=world.staff)
    assert ("Ask Bro" in found.text, "Bo Askeby" in found.text, "Cilla Dal" in found.text) == (True, True, False)
    assert 'value="ask"' in found.text and "name=ask" not in found.text
    assert "Nobody fits" in (await world.http.post(path, data={"name": "zzz"}, headers=world.staff)).text
    assert errors(await world.http.post(path, data={"name": " "}, headers=world.staff)) == ["name"]
    elsewhere = await world.http.post(path, data={"name": "ask"}, headers=world.signed_in(ORGANISER, "Eksjö"))
    assert "Ask Bro" not in elsewhere.text


@pytest.mark.parametrize("lang", ["sv", "da", "en"])
async def test_the_own_pages_speak_three_languages(world: World, lang: str) -> None:
    token = world.link(await world.enrol(agreement_signed_on=None), "volunteer")
    words = {"sv": "Din sida", "da": "Din side", "en": "Your page"}
    for path in ("", "/agreement", "/details", "/leaving"):
        page = await world.http.get(f"/volunteer/{token}{path}", headers={"accept-language": lang})
        assert words[lang] in page.text
        assert page.headers["content-language"] == lang


async def test_a_link_that_has_expired_says_so(world: World) -> None:
    token = world.link(await world.enrol(), "volunteer", days=10)
    world.time(NOW + timedelta(days=11))
    page = await world.http.get(f"/volunteer/{token}")
    assert (page.status_code, token in page.text) == (410, False)
