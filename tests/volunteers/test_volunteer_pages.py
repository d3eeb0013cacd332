"""The pages as people get them, without JavaScript."""

import re
from datetime import timedelta

import httpx
import pytest

from tests.volunteers.conftest import FIRST, NOW, PERSON, World

FORM = {
    "name": "Tove <b>Dalvik</b>",
    "contact": "070 123 45 67",
    "roles": ["peer", "living_book"],
    "municipality": "Eksjö",
    "language": "sv",
    "consent": "yes",
}


def main_part(page: httpx.Response) -> str:
    found = re.search(r"<main.*?</main>", page.text, re.S)
    assert found
    return found[0]


def errors(page: httpx.Response) -> list[str]:
    return re.findall(r'class="error" id="(\w+)-error"', page.text)


async def test_somebody_applies_and_staff_confirm(world: World) -> None:
    assert (await world.http.get("/volunteer")).status_code == 200
    for _ in range(2):
        sent = await world.http.post("/volunteer", data=FORM)
        assert (sent.status_code, sent.headers["location"]) == (303, "/volunteer/received")
    assert "Thank you" in (await world.http.get("/volunteer/received")).text
    page = main_part(await world.http.get("/staff/volunteers", headers=world.staff))
    assert page.count("Tove &lt;b&gt;Dalvik&lt;/b&gt;</bdi></a></th>") == 1
    assert "+46701234567" in page
    person = re.search(r'href="(/staff/volunteers/people/[^"]+)"', page)
    assert person
    page = main_part(await world.http.get(person[1], headers=world.staff))
    found = re.search(r'action="(/staff/volunteers/[^"]+/confirmation)"', page)
    assert found
    assert (await world.http.post(found[1], headers=world.staff)).status_code == 303
    assert "No applications wait for you" in (await world.http.get("/staff/volunteers", headers=world.staff)).text


async def test_what_was_typed_is_kept_and_each_mistake_is_named(world: World) -> None:
    page = await world.http.post("/volunteer", data={"name": "Tove", "contact": "tove@", "roles": ["peer"]})
    assert page.status_code == 422
    assert errors(page) == ["contact", "municipality", "consent"]
    assert 'value="Tove"' in page.text
    assert 'value="tove@"' in page.text
    assert re.search(r'value="peer" checked', page.text)
    assert "<title>Error:" in page.text


async def test_staff_enrol_and_offer_by_the_forms(world: World) -> None:
    empty = await world.http.get("/staff/volunteers/offer", headers=world.staff)
    assert "Nobody is enrolled yet" in empty.text
    form = {name: FORM[name] for name in ("name", "contact", "roles", "municipality", "language")}
    form |= {"agreement_on": "2025-01-02", "basic_on": "2026-01-03"}
    early = await world.http.post("/staff/volunteers/enrol", data=form, headers=world.staff)
    assert errors(early) == ["basic_on"]
    form["basic_on"] = "2025-01-03"
    sent = await world.http.post("/staff/volunteers/enrol", data=form, headers=world.staff)
    assert sent.status_code == 303
    twice = await world.http.post("/staff/volunteers/enrol", data=form, headers=world.staff)
    assert twice.status_code == 422
    assert "in the list already" in twice.text
    assert (
        "No programme to ask somebody to" in (await world.http.get("/staff/volunteers/offer", headers=world.staff)).text
    )
    await world.plan()
    volunteer_id = (await world.get("volunteers"))["volunteers"][0]["volunteer_id"]
    page = await world.http.get(f"/staff/volunteers/offer?volunteer_id={volunteer_id}", headers=world.staff)
    assert f'value="{volunteer_id}" selected' in page.text
    wrong = await world.http.post("/staff/volunteers/offer", data={"role": "host"}, headers=world.staff)
    assert errors(wrong) == ["volunteer_id", "programme_id"]
    wanted = {"volunteer_id": volunteer_id, "programme_id": world.programme_id, "role": "peer", "title": ""}
    assert (await world.http.post("/staff/volunteers/offer", data=wanted, headers=world.staff)).status_code == 303
    again = await world.http.post("/staff/volunteers/offer", data=wanted, headers=world.staff)
    assert "already been asked" in again.text
    assert "Asked" in main_part(await world.http.get("/staff/volunteers/assignments", headers=world.staff))


async def test_looking_at_a_link_changes_nothing_and_answering_does(world: World) -> None:
    _, token = await world.offered()
    for _ in range(2):
        page = await world.http.get(f"/assignments/{token}")
        assert "Would you like to do this?" in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert token not in page.text
    sent = await world.http.post(f"/assignments/{token}", data={"answer": "decline"})
    assert sent.status_code == 303
    assert "You have said no to this" in (await world.http.get(f"/assignments/{token}")).text
    changed = await world.http.post(f"/assignments/{token}", data={"answer": "accept"})
    assert changed.status_code == 410
    assert "You have already said no to this" in changed.text


async def test_afterwards_the_link_asks_how_it_went(world: World) -> None:
    assignment_id, token = await world.accepted()
    world.time(FIRST - timedelta(hours=1))
    before = await world.http.get(f"/assignments/{token}")
    assert "You have said yes" in before.text
    assert 'name="hours"' not in before.text
    early = await world.http.post(f"/assignments/{token}", data={"answer": "complete", "hours": "1", "people_met": "1"})
    assert early.status_code == 422
    world.time(FIRST + timedelta(hours=3))
    wrong = await world.http.post(f"/assignments/{token}", data={"answer": "complete", "hours": "two"})
    assert errors(wrong) == ["hours", "people_met"]
    assert 'value="two"' in wrong.text
    sent = await world.http.post(
        f"/assignments/{token}", data={"answer": "complete", "hours": "2,5", "people_met": "1"}
    )
    assert sent.status_code == 303
    assert "You met one person. Hours: 2.5" in (await world.http.get(f"/assignments/{token}")).text
    staff = await world.http.get(f"/staff/volunteers/assignments/{assignment_id}", headers=world.staff)
    assert "One person met" in staff.text


async def test_who_cannot_come_after_all_gives_it_up_by_the_link(world: World) -> None:
    _, token = await world.accepted()
    world.time(FIRST - timedelta(hours=1))
    assert "I cannot do it after all" in (await world.http.get(f"/assignments/{token}")).text
    assert (await world.http.post(f"/assignments/{token}", data={"answer": "give_up"})).status_code == 303
    page = (await world.http.get(f"/assignments/{token}")).text
    assert "no longer yours" in page
    assert "<button" not in main_part(await world.http.get(f"/assignments/{token}"))


async def test_staff_note_that_it_was_done(world: World) -> None:
    assignment_id, _ = await world.accepted()
    path = f"/staff/volunteers/assignments/{assignment_id}"
    assert "Has it been done?" in (await world.http.get(path, headers=world.staff)).text
    wrong = await world.http.post(path, data={"hours": "", "people_met": "-1"}, headers=world.staff)
    assert errors(wrong) == ["hours", "people_met"]
    sent = await world.http.post(path, data={"hours": "3", "people_met": "0"}, headers=world.staff)
    assert sent.status_code == 303
    assert "Has it been done?" not in (await world.http.get(path, headers=world.staff)).text


@pytest.mark.parametrize("lang", ["sv", "da", "en"])
async def test_a_link_that_does_not_work_says_so_kindly(world: World, lang: str) -> None:
    _, token = await world.offered()
    words = {"sv": "har gått ut", "da": "udløbet", "en": "has passed"}
    world.time(NOW + timedelta(days=8))
    for path in (f"/assignments/{token}", "/assignments/nonsense"):
        page = await world.http.get(path, headers={"accept-language": lang})
        assert page.status_code == 410
        assert (words[lang] in page.text) == (path != "/assignments/nonsense")
        assert token not in page.text


@pytest.mark.parametrize("lang", ["sv", "da", "en"])
async def test_empty_pages_say_what_will_be_there(world: World, lang: str) -> None:
    page = await world.http.get("/staff/volunteers", headers={**world.staff, "accept-language": lang})
    assert page.text.count('class="empty"') == 2
    words = {"sv": "Ingen är inskriven än", "da": "Ingen er indskrevet endnu", "en": "Nobody is enrolled yet"}
    assert words[lang] in page.text


async def test_staff_pages_lead_to_the_sign_in_page(world: World) -> None:
    for path in (
        "",
        "/enrol",
        "/offer",
        "/assignments",
        "/assignments/x",
        "/people/x",
        "/people/x/leaving",
        "/requests",
        "/requests/new",
        "/requests/x",
        "/trainings",
        "/trainings/basic",
    ):
        page = await world.http.get(f"/staff/volunteers{path}")
        assert page.status_code == 303
        assert page.headers["location"].startswith("/sign-in")
    assert (await world.http.post("/staff/volunteers/enrol", data=PERSON)).status_code in {303, 401}


@pytest.mark.parametrize("contact", ["x" * 300 + "@example.org", "070" + "-" * 50 + "1234567", "1" * 300])
async def test_an_over_long_contact_is_refused_or_read_but_never_breaks(world: World, contact: str) -> None:
    page = await world.http.post("/volunteer", data=FORM | {"contact": contact})
    assert page.status_code in {303, 422}
    assert page.status_code == 303 or contact in page.text
