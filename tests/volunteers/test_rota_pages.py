"""The pages of rotas, staffing, contacts and sufficiency, for staff and behind a volunteer's link."""

import html
import re
from datetime import timedelta

import httpx
import pytest

from motesplats_events import PlannedSession
from tests.volunteers.conftest import FIRST, NOW, SECOND, World
from tests.volunteers.houses import TUESDAYS, asked, give_up, hosts, names_on, open_house, own, put
from tests.volunteers.test_sufficiency import offers, say

STAFFING = "/staff/volunteers/staffing"
SHIFTS = "/staff/volunteers/shifts"


async def look(world: World, path: str) -> str:
    """A page as staff see it."""
    answer = await world.http.get(path, headers=world.staff)
    assert answer.status_code == 200, answer.text
    return words(answer)


async def send(world: World, path: str, **data: str | list[str]) -> httpx.Response:
    return await world.http.post(path, data=data, headers=world.staff)


def words(answer: httpx.Response) -> str:
    """What is read, on one line."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def errors(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.status_code
    return re.findall(r'<li><a href="#([^"]+)">', answer.text.partition('id="summary"')[2].partition("</ul>")[0])


async def test_the_overview_names_what_is_missing_and_asks_around_at_a_press(world: World) -> None:
    await open_house(world)
    await hosts(world, "Maja", "Olga")
    house, world.programme_id = world.programme_id, "course"
    lecture = PlannedSession(
        session_id="l", starts_at=FIRST, minutes=60, theme="The treatments", lecturer_by=NOW + timedelta(days=3)
    )
    await world.plan("A course", facilitators_needed=2, sessions=[lecture])
    world.programme_id = house
    world.time(FIRST - timedelta(days=3))
    page = await look(world, STAFFING)
    for found in ("Open house in Tranås", "One host is missing", "2 hosts could be asked", "A course", "Late"):
        assert found in page
    assert "0 of 2 group leaders have said yes" in page
    assert (await send(world, f"{SHIFTS}/s0/asking")).status_code == 303
    assert sorted(await asked(world, "s0")) == ["Maja", "Olga"]
    assert "Others are being asked" in await look(world, STAFFING)


@pytest.mark.parametrize("lang", ["sv", "da", "en"])
async def test_empty_pages_say_what_will_be_there(world: World, lang: str) -> None:
    said = {
        STAFFING: {"sv": "Alla pass har sina värdar", "da": "Alle vagter har deres værter", "en": "No thin shifts"},
        "/staff/volunteers/contacts": {
            "sv": "Inga kontakter i år",
            "da": "Ingen kontakter i år",
            "en": "No contacts this year",
        },
        "/staff/volunteers/sufficiency": {
            "sv": "Inget program pågår",
            "da": "Intet tilbud er i gang",
            "en": "No offer is running",
        },
    }
    for path, texts in said.items():
        answer = await world.http.get(path, headers={**world.staff, "accept-language": lang})
        assert texts[lang] in answer.text, path
        assert 'class="empty"' in answer.text


async def test_staff_put_somebody_on_a_shift_and_take_them_off(world: World) -> None:
    await open_house(world)
    maja, _ = await hosts(world, "Maja", "Olga")
    assert errors(await send(world, f"{SHIFTS}/s0/hosts")) == ["volunteer_id"]
    assert (await send(world, f"{SHIFTS}/s0/hosts", volunteer_id=maja)).status_code == 303
    again = await send(world, f"{SHIFTS}/s0/hosts", volunteer_id=maja)
    assert "already been asked" in words(again)
    page = await look(world, f"{SHIFTS}/s0")
    assert "Enough hosts" in page and "Nobody more is needed" in page
    (found,) = (await world.get("shifts/s0"))["hosts"]
    taken = await send(world, f"/staff/volunteers/assignments/{found['assignment_id']}/release")
    assert taken.status_code == 303
    assert "Asked: Olga" in await look(world, f"{SHIFTS}/s0")


async def test_staff_choose_whom_to_ask_and_see_why(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    await put(world, "s1", maja)
    page = await look(world, f"{SHIFTS}/s0")
    assert "Olga no shift around this time, lives nearby" in page
    assert "Maja one shift around this time, the nearest 7 days away, knows the house" in page
    assert (await send(world, f"{SHIFTS}/s0/asking", volunteer_ids=[olga])).status_code == 303
    assert list(await asked(world, "s0")) == ["Olga"]


async def test_afterwards_staff_note_who_was_there(world: World) -> None:
    await open_house(world, needed=2)
    maja, olga = await hosts(world, "Maja", "Olga")
    await put(world, "s0", maja)
    await put(world, "s0", olga)
    assert "How did it go?" not in await look(world, f"{SHIFTS}/s0")
    world.time(FIRST + timedelta(hours=4))
    page = (await world.http.get(f"{SHIFTS}/s0", headers=world.staff)).text
    assert page.count("checked") == 2 and 'value="3"' in page, "all ticked, and the planned length"
    assert errors(await send(world, f"{SHIFTS}/s0/completion", there=[maja], hours="3")) == ["people_met"]
    done = await send(world, f"{SHIFTS}/s0/completion", there=[maja], hours="3,5", people_met="12")
    assert done.status_code == 303
    assert [(one["name"], one["status"]) for one in (await world.get("shifts/s0"))["hosts"]] == [("Maja", "completed")]


async def test_who_jumped_in_is_put_on_the_shift_afterwards(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    world.time(FIRST + timedelta(hours=4))
    page = await look(world, f"{SHIFTS}/s0")
    assert "For a host who jumped in, so that you can note that they were there." in page
    assert "Ask around" not in page and "How did it go?" not in page
    assert errors(await send(world, f"{SHIFTS}/s0/hosts")) == ["volunteer_id"]
    assert (await send(world, f"{SHIFTS}/s0/hosts", volunteer_id=maja)).status_code == 303
    done = await send(world, f"{SHIFTS}/s0/completion", there=[maja], hours="3", people_met="12")
    assert done.status_code == 303
    assert [(one["name"], one["status"]) for one in (await world.get("shifts/s0"))["hosts"]] == [("Maja", "completed")]


async def test_a_lecture_that_wants_no_lecturer_any_more_is_listed_as_long_as_it_has_one(world: World) -> None:
    lecture = PlannedSession(
        session_id="l", starts_at=SECOND, minutes=60, theme="The treatments", lecturer_by=NOW + timedelta(days=3)
    )
    await world.plan(sessions=[lecture])
    berit = await world.enrol(name="Berit", email="berit@example.org", roles=["lecturer"])
    path = f"{STAFFING}/{world.programme_id}"
    assert (await send(world, path, volunteer_id=berit, session_id="l", answer="ask")).status_code == 303
    await world.plan(sequence=2, sessions=[lecture.model_copy(update={"lecturer_by": None})])
    page = await look(world, path)
    assert "The treatments Asked: Berit –" in page
    (asked_for,) = (await world.get(f"staffing/{world.programme_id}"))["lectures"]
    assert (asked_for["lecturer_by"], asked_for["due"], asked_for["late"]) == (None, False, False)
    (offer,) = asked_for["asked"]
    assert (await world.post("answers", {"token": world.link(offer["assignment_id"]), "answer": "accept"})).is_success
    assert "The treatments Berit –" in await look(world, path)
    await give_up(world, offer["assignment_id"])
    assert "The treatments" not in await look(world, path)


async def test_a_pattern_is_looked_at_before_it_is_saved(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    path = f"{STAFFING}/{world.programme_id}/pattern"
    assert "Every second" not in await look(world, path)
    assert errors(await send(world, path, every="2")) == ["volunteer_id", "first_on"]
    wanted = {"volunteer_id": maja, "every": "2", "first_on": "2025-01-28", "weekday": "tuesday"}
    shown = await send(world, path, **wanted, do="show")
    assert "This gives 3 shifts" in words(shown) and "Save the pattern" in words(shown)
    assert (await world.get(f"rotas/{world.programme_id}"))["patterns"] == []
    wrong = await send(world, path, **wanted | {"weekday": "sunday"}, do="show")
    assert errors(wrong) == ["first_on"]
    assert (await send(world, path, **wanted, do="save")).status_code == 303
    page = await look(world, f"{STAFFING}/{world.programme_id}")
    assert "every second session, only on Tuesdays" in page
    (made,) = (await world.get(f"rotas/{world.programme_id}"))["patterns"]
    end = f"{STAFFING}/{world.programme_id}/patterns/{made['pattern_id']}/end"
    ended = await send(world, end, last_on="2025-02-01")
    assert ended.status_code == 303
    assert await names_on(world, "s2") == []


async def test_a_season_is_shared_out_on_one_page(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    (late,) = await hosts(world, "Otto", agreement_signed_on=None)
    path = f"{STAFFING}/{world.programme_id}/sharing"
    assert "6 places are free in the shifts to come" in await look(world, path)
    assert errors(await send(world, path)) == ["volunteer_ids"]
    done = words(await send(world, path, volunteer_ids=[maja, olga, late]))
    assert "6 places were shared out" in done
    assert "Otto : The confidentiality agreement has not been signed yet" in done
    assert "No place is free" in await look(world, path)


async def test_leaders_and_lecturers_are_asked_or_added_on_the_programmes_page(world: World) -> None:
    lecture = PlannedSession(
        session_id="l", starts_at=SECOND, minutes=60, theme="The treatments", lecturer_by=NOW + timedelta(days=3)
    )
    await world.plan(facilitators_needed=2, sessions=[lecture])
    gorm = await world.enrol(name="Gorm", email="gorm@example.org", roles=["group_leader", "lecturer"])
    path = f"{STAFFING}/{world.programme_id}"
    page = await look(world, path)
    assert "2 are missing" in page and "A session cannot open before" in page
    assert errors(await send(world, path)) == ["volunteer_id", "answer"]
    assert (await send(world, path, volunteer_id=gorm, answer="said_yes")).status_code == 303
    assert (await send(world, path, volunteer_id=gorm, session_id="l", answer="ask")).status_code == 303
    page = await look(world, path)
    assert "One is missing" in page and "1 of 2 have said yes" in page and "Asked: Gorm" in page
    again = await send(world, path, volunteer_id=gorm, answer="said_yes")
    assert errors(again) == ["volunteer_id"]


async def test_a_host_takes_and_gives_up_a_shift_behind_their_link(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    path = f"/volunteer/{own(world, maja)}/rota"
    page = words(await world.http.get(path))
    assert "You have no shift to come" in page and "Take it" in page
    assert (await world.http.post(path, data={"session_id": "s0"})).status_code == 303
    assert await names_on(world, "s0") == ["Maja"]
    (mine,) = (await world.get("shifts/s0"))["hosts"]
    shift = f"{path}/{mine['assignment_id']}"
    assert "I cannot come" in words(await world.http.get(shift))
    others = f"/volunteer/{own(world, olga)}/rota/{mine['assignment_id']}"
    assert (await world.http.get(others)).status_code == 404
    assert (await world.http.post(f"{others}/release")).status_code == 404
    assert await names_on(world, "s0") == ["Maja"], "looking changed nothing, and nobody else can"
    assert (await world.http.post(f"{shift}/release")).status_code == 303
    assert list(await asked(world, "s0")) == ["Olga"]


async def test_who_comes_too_late_is_told_kindly(world: World) -> None:
    await open_house(world)
    maja, olga, petra = await hosts(world, "Maja", "Olga", "Petra")
    path = f"/volunteer/{own(world, maja)}/rota"
    await put(world, "s0", olga)
    late = await world.http.post(path, data={"session_id": "s0"})
    assert late.status_code == 422 and "Others were first" in words(late)
    await put(world, "s1", maja)
    (mine,) = (await world.get("shifts/s1"))["hosts"]
    await give_up(world, mine["assignment_id"])
    offers = await asked(world, "s1")
    link = f"/assignments/{world.link(offers['Petra'])}"
    assert "Would you like to do this?" in words(await world.http.get(link))
    await world.post("answers", {"token": world.link(offers["Olga"]), "answer": "accept"})
    for answer in (await world.http.get(link), await world.http.post(link, data={"answer": "accept"})):
        assert answer.status_code == 410
        assert "Thank you for being willing Others were first" in words(answer)
    assert petra


async def test_two_hosts_swap_by_their_pages(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    gives, takes = await put(world, "s0", maja), await put(world, "s1", olga)
    path = f"/volunteer/{own(world, maja)}/rota/{gives}"
    assert "Olga" in words(await world.http.get(path))
    assert errors(await world.http.post(f"{path}/swap", data={})) == ["takes"]
    assert (await world.http.post(f"{path}/swap", data={"takes": takes})).status_code == 303
    page = await world.http.get(path)
    assert "Nothing changes before the answer" in words(page)
    (offer_id,) = re.findall(r'name="offer_id" value="([^"]+)"', page.text)
    assert "Swap proposed" in words(await world.http.get(f"/volunteer/{own(world, maja)}/rota"))
    link = f"/assignments/{world.link(offer_id)}"
    page_of_offer = words(await world.http.get(link))
    assert "Would you like to swap shifts? Maja offers you this shift for yours on Tuesday 4 February" in page_of_offer
    assert (await world.http.post(link, data={"answer": "accept"})).status_code == 303
    assert (await names_on(world, "s0"), await names_on(world, "s1")) == (["Olga"], ["Maja"])


async def test_a_proposed_swap_is_taken_back(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    gives, takes = await put(world, "s0", maja), await put(world, "s1", olga)
    path = f"/volunteer/{own(world, maja)}/rota/{gives}"
    await world.http.post(f"{path}/swap", data={"takes": takes})
    (offer_id,) = re.findall(r'name="offer_id" value="([^"]+)"', (await world.http.get(path)).text)
    assert (await world.http.post(f"{path}/withdrawal", data={"offer_id": offer_id})).status_code == 303
    assert "Nothing changes before" not in words(await world.http.get(path))
    gone = await world.http.get(f"/assignments/{world.link(offer_id)}")
    assert gone.status_code == 410 and "Nothing is swapped" in words(gone)


async def test_the_own_rota_holds_the_calendars_address(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    page = (await world.http.get(f"/volunteer/{own(world, maja)}/rota")).text
    (address,) = set(re.findall(r'value="(http[^"]+/volunteer/calendar/[^"]+)"', page))
    assert (await world.http.get(address)).headers["content-type"].startswith("text/calendar")


async def test_a_contact_is_noted_once_and_undone(world: World) -> None:
    await world.plan()
    signe = await world.enrol(name="Signe", email="signe@example.org", roles=["patient_supporter"])
    path = f"/volunteer/{world.link(signe, 'volunteer')}/contacts"
    page = (await world.http.get(path)).text
    (contact_id,) = re.findall(r'name="contact_id" value="([^"]+)"', page)
    wrong = await world.http.post(path, data={"contact_id": contact_id, "unit": "Vårdcentralen Norr"})
    assert errors(wrong) == ["organiser", "municipality", "contacted_on", "about"]
    assert "Vårdcentralen Norr" in wrong.text, "what was typed is kept"
    data = {
        "contact_id": contact_id,
        "organiser": "The clinic",
        "unit": "Vårdcentralen Norr",
        "municipality": "Eksjö",
        "contacted_on": "2025-01-07",
        "about": "Told about the house",
    }
    for _ in range(2):
        assert (await world.http.post(path, data=data)).status_code == 303
    assert "One new unit this month" in words(await world.http.get(path))
    staff = await look(world, "/staff/volunteers/contacts")
    assert staff.count("Told about the house") == 1 and "New units in 2025" in staff
    assert (await world.http.post(f"{path}/{contact_id}/undo")).status_code == 303
    assert "Told about the house" not in words(await world.http.get(path))


async def test_staff_note_a_contact_for_a_supporter(world: World) -> None:
    await world.plan()
    signe = await world.enrol(name="Signe", email="signe@example.org", roles=["patient_supporter"])
    path = "/staff/volunteers/contacts"
    page = (await world.http.get(path, headers=world.staff)).text
    (contact_id,) = re.findall(r'name="contact_id" value="([^"]+)"', page)
    data = {
        "contact_id": contact_id,
        "volunteer_id": signe,
        "organiser": "The clinic",
        "unit": "Norr",
        "municipality": "Eksjö",
        "contacted_on": "2025-01-09",
        "about": "x",
    }
    assert errors(await send(world, path, **data)) == ["contacted_on"]
    assert (await send(world, path, **data | {"contacted_on": "2025-01-06"})).status_code == 303
    assert "Undo Norr" in await look(world, path)
    assert (await send(world, f"{path}/{contact_id}/undo")).status_code == 303
    assert "Undo Norr" not in await look(world, path)


async def test_many_offers_are_answered_on_one_page(world: World) -> None:
    path = "/staff/volunteers/sufficiency"
    for title in ("Alfa", "Beta", "Gamma"):
        world.programme_id = title.lower()
        await world.plan(title)
    assert "3 offers have not been asked about for a year or ever" in await look(world, path)
    rows = {f"offers-{n}-programme_id": one for n, one in enumerate(("alfa", "beta", "gamma"))}
    nothing = await send(world, path, **rows, answered_on="2025-01-07")
    assert nothing.status_code == 422 and "Choose yes or no" in words(nothing)
    answers = rows | {"offers-0-enough": "yes", "offers-2-enough": "no"}
    future = await send(world, path, **answers, answered_on="2025-02-07")
    assert errors(future) == ["answered_on"] and future.text.count("checked") == 2
    saved = await send(world, path, **answers, answered_on="2025-01-07")
    assert saved.headers["location"].endswith("?page=1&saved=2")
    page = await look(world, saved.headers["location"])
    assert "2 answers were noted" in page
    found = (await world.get("sufficiency"))["offers"]
    assert [(one["programme_id"], one["enough"]) for one in found] == [("beta", None), ("alfa", True), ("gamma", False)]


async def test_an_offer_on_a_later_page_is_answered_there(world: World) -> None:
    ids = [f"offer{n:03}" for n in range(105)]
    await offers(world, *(f"{id.title()} group" for id in ids))
    await say(world, *({"programme_id": id, "enough": True} for id in ids))
    first = await look(world, "/staff/volunteers/sufficiency")
    assert "Offer099" in first and "Offer100" not in first and "Page 1 of 2" in first
    path = "/staff/volunteers/sufficiency?page=2"
    second = (await world.http.get(path, headers=world.staff)).text
    sent = re.findall(r'name="(offers-\d+-programme_id)" value="(\w+)"', second)
    assert [id for _, id in sent] == ids[100:]
    answers = dict(sent) | {"offers-4-enough": "no"}
    future = await send(world, path, **answers, answered_on="2025-02-07")
    assert errors(future) == ["answered_on"] and future.text.count("checked") == 1
    assert "Offer104" in words(future) and "Offer099" not in words(future)
    saved = await send(world, path, **answers, answered_on="2025-01-07")
    assert saved.headers["location"].endswith("?page=2&saved=1")
    assert "Offer104 group The room, Jönköping Too few" in await look(world, saved.headers["location"])
    for odd in ("0", "x", "99999999"):
        assert "Page" in await look(world, f"/staff/volunteers/sufficiency?page={odd}")


async def test_an_answer_stays_with_its_offer_when_others_move_in_the_list(world: World) -> None:
    await offers(world, "Alfa group", "Beta group", "Gamma group")
    rows = {f"offers-{n}-programme_id": id for n, id in enumerate(("alfa", "beta", "gamma"))}
    await say(world, {"programme_id": "alfa", "enough": True})
    path = "/staff/volunteers/sufficiency"
    future = await send(world, path, **rows, answered_on="2025-02-07", **{"offers-1-enough": "no"})
    shown = re.findall(r'name="offers-1-(?:programme_id" value="(\w+)|enough" value="(\w+)" checked)', future.text)
    assert shown == [("beta", ""), ("", "no")]


async def test_every_staff_page_is_the_organisers_own(world: World) -> None:
    await open_house(world)
    other = world.signed_in("Another")
    for path in (
        f"{STAFFING}/{world.programme_id}",
        f"{STAFFING}/{world.programme_id}/pattern",
        f"{STAFFING}/{world.programme_id}/sharing",
        f"{SHIFTS}/s0",
    ):
        assert (await world.http.get(path, headers=other)).status_code == 403, path
        assert (await world.http.get(path)).status_code == 303, path
    for path in (STAFFING, "/staff/volunteers/contacts", "/staff/volunteers/sufficiency"):
        assert "Tranås" not in (await world.http.get(path, headers=other)).text
        assert (await world.http.get(path)).status_code == 303
    assert (await world.http.post(f"{SHIFTS}/s0/asking", headers=other)).status_code == 403


async def test_a_forged_link_opens_nothing(world: World) -> None:
    await open_house(world)
    for path in ("rota", "rota/x", "contacts"):
        assert (await world.http.get(f"/volunteer/nonsense/{path}")).status_code == 410
    assert (await world.http.get("/volunteer/calendar/nonsense")).status_code == 410
    assert TUESDAYS[0] == FIRST
