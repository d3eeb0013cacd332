"""A plan that changes after somebody was asked or has said yes: who is asked again, and which yes cannot be kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from motesplats_events import AssignmentChanged, AssignmentOffered, AssignmentStatus, PlannedSession
from services.volunteers.domain.hindrances import hindrance
from services.volunteers.domain.trainings import BASIC, Trained
from services.volunteers.domain.volunteers import Pause
from tests.volunteers.conftest import FIRST, NOW, ORGANISER, World
from tests.volunteers.houses import TUESDAYS, asked, hosts, open_house, put, sessions
from tests.volunteers.test_matching import AT, RULES, book, done
from tests.volunteers.test_matching import NOW as THEN
from tests.volunteers.test_rota_plans import newest
from tests.volunteers.test_staffing import leader, lectures, place

LATER = FIRST + timedelta(days=2)


def moved(by: timedelta = timedelta(days=2), **change: object) -> list[PlannedSession]:
    first, second = lectures(NOW + timedelta(days=5))
    return [first.model_copy(update={"starts_at": FIRST + by, **change}), second]


async def test_a_lecturer_is_asked_again_when_the_lecture_moves_and_nobody_has_said_yes_until_then(
    world: World,
) -> None:
    await world.plan(sessions=lectures(NOW + timedelta(days=5)))
    berit = await leader(world, "Berit", "lecturer")
    made = await place(world, berit, role="lecturer", session_id="a")
    await world.plan(sequence=2, sessions=moved())
    assert (await newest(world, made["assignment_id"])).status == "released"
    (row,) = await world.announced("assignment-offered")
    offer = AssignmentOffered.model_validate_json(row["value"])
    assert (offer.volunteer_id, offer.session_id, offer.at) == (berit, "a", LATER)
    world.time(NOW + timedelta(days=6))
    (due,) = (await world.get("staffing"))["lectures"]
    assert (due["late"], [one["name"] for one in due["asked"]]) == (True, ["Berit"])
    yes = {"token": world.link(offer.assignment_id), "answer": "accept"}
    assert (await world.post("answers", yes)).status_code == 200
    assert (await world.get("staffing"))["lectures"] == []


async def test_another_room_or_a_longer_lecture_keeps_the_lecturer(world: World) -> None:
    await world.plan(sessions=lectures(NOW + timedelta(days=5)))
    made = await place(world, await leader(world, "Berit", "lecturer"), role="lecturer", session_id="a")
    await world.plan(sequence=2, sessions=moved(timedelta(), room="The attic", minutes=150))
    event = await newest(world, made["assignment_id"])
    assert (event.status, event.place, event.until) == ("accepted", "The attic", FIRST + timedelta(minutes=150))


async def test_who_leads_the_whole_programme_keeps_their_yes_when_a_session_moves(world: World) -> None:
    await world.plan(sessions=lectures(NOW + timedelta(days=5)), facilitators_needed=1)
    made = await place(world, await leader(world, "Gorm"))
    await world.plan(sequence=2, sessions=moved(), facilitators_needed=1)
    rows = await world.announced("assignment-changed")
    events = [AssignmentChanged.model_validate_json(row["value"]) for row in rows]
    assert {event.assignment_id for event in events} == {made["assignment_id"]}
    assert {event.status for event in events} == {"accepted"}
    assert await world.announced("assignment-offered") == []


async def asked_to_be_there_twice(world: World) -> tuple[str, str]:
    """A host of two shifts, of which the first has been moved to the other's time; the host, and the new offer."""
    await open_house(world)
    (maja,) = await hosts(world, "Maja")
    await put(world, "s0", maja)
    await put(world, "s1", maja)
    await open_house(world, 2, sessions=sessions([TUESDAYS[1] + timedelta(hours=1), *TUESDAYS[1:]]))
    return maja, (await asked(world, "s0"))["Maja"]


async def test_nobody_says_yes_to_be_in_two_places_and_the_page_says_why(world: World) -> None:
    maja, offer = await asked_to_be_there_twice(world)
    path = f"/assignments/{world.link(offer)}"
    refused = await world.http.post(path, data={"answer": "accept"})
    assert refused.status_code == 409
    assert "As things stand you cannot say yes to this." in refused.text
    assert "Another assignment takes place at the same time: Tuesday 4 February 2025" in refused.text
    assert 'value="decline"' in refused.text
    answer = await world.post("answers", {"token": world.link(offer), "answer": "accept"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:motesplats:problem:collides")
    taken = await world.post("shifts/s0/hosts", {"volunteer_id": maja}, headers=world.staff)
    assert taken.status_code == 409, "staff cannot do it for them either"
    assert list(await asked(world, "s0")) == ["Maja"], "the offer stands until it is answered"
    assert (await world.http.post(path, data={"answer": "decline"})).status_code == 303


async def test_staff_see_what_keeps_a_volunteer_from_saying_yes(world: World) -> None:
    maja, offer = await asked_to_be_there_twice(world)
    path = f"/staff/volunteers/assignments/{offer}"
    page = await world.http.get(path, headers=world.staff)
    assert "As things stand the volunteer cannot say yes to this." in page.text
    assert "Another assignment takes place at the same time" in page.text
    await world.staff_post(f"volunteers/{maja}/pause", {"starts_on": "2025-02-01"})
    (kept,) = await hosts_of(world, "s1")
    page = await world.http.get(f"/staff/volunteers/assignments/{kept}", headers=world.staff)
    assert "The volunteer has said yes, and by now something speaks against it." in page.text
    assert "has a pause until further notice" in page.text


async def hosts_of(world: World, session_id: str) -> list[str]:
    return [one["assignment_id"] for one in (await world.get(f"shifts/{session_id}"))["hosts"]]


async def test_why_a_volunteer_cannot_is_told_in_their_own_area_alone(world: World) -> None:
    await open_house(world)
    (maja,) = await hosts(world, "Maja", municipality="Eksjö")
    made = await put(world, "s0", maja)
    await world.staff_post(f"volunteers/{maja}/pause", {"starts_on": "2025-01-20"})
    page = await world.http.get(f"/staff/volunteers/assignments/{made}", headers=world.signed_in(ORGANISER, "Tranås"))
    assert "something speaks against it" in page.text
    assert "pause" not in page.text


async def test_in_a_pause_nobody_says_yes_before_it_is_ended(world: World) -> None:
    _, token = await world.offered()
    (dagny,) = [one["volunteer_id"] for one in (await world.get("volunteers"))["volunteers"]]
    await world.staff_post(f"volunteers/{dagny}/pause", {"starts_on": "2025-01-07"})
    page = await world.http.post(f"/assignments/{token}", data={"answer": "accept"})
    assert (page.status_code, "You have asked for a pause" in page.text) == (409, True)
    await world.http.delete(f"/api/volunteers/volunteers/{dagny}/pause", headers=world.staff)
    assert (await world.http.post(f"/assignments/{token}", data={"answer": "accept"})).status_code == 303


ASKED = done("v", AT, AssignmentStatus.OFFERED)
ELSEWHERE = replace(done("v", AT + timedelta(minutes=30), AssignmentStatus.ACCEPTED), assignment_id="b")


@pytest.mark.parametrize(
    ("change", "others", "code"),
    [
        ({}, [], None),
        ({"trainings": {"basic": Trained(THEN.date(), AT.date() - timedelta(1))}}, [], "training-expired"),
        ({"agreement": None}, [], "agreement-missing"),
        ({"pause": Pause(AT.date(), AT.date())}, [], "is-paused"),
        ({"roles": {}}, [], "role-not-theirs"),
        ({}, [ELSEWHERE], "collides"),
        ({}, [replace(ELSEWHERE, status=AssignmentStatus.OFFERED)], None),
        ({}, [replace(ELSEWHERE, status=AssignmentStatus.RELEASED)], None),
    ],
)
def test_what_has_come_in_between_speaks_against_a_yes(change: object, others: object, code: str | None) -> None:
    who = replace(book("v"), **change)  # type: ignore[arg-type]
    fault = hindrance(ASKED, who, others, [BASIC], RULES, THEN)  # type: ignore[arg-type]
    assert (fault.code if fault else None) == code


def test_what_has_been_speaks_against_nothing() -> None:
    both = [done("v", at, AssignmentStatus.ACCEPTED) for at in (THEN - timedelta(days=7), AT)]
    whole = replace(both[0], task=replace(both[0].task, times=[*both[0].task.times, *both[1].task.times]))
    before = replace(both[0], assignment_id="b")
    assert hindrance(whole, book("v"), [before], [BASIC], RULES, THEN) is None


async def test_nobody_is_offered_a_programme_about_what_they_avoid(world: World) -> None:
    await world.plan(about="Breast cancer")
    for avoids in ("cancer", "breast cancer of young women", "living with it"):
        who = await world.enrol(name=f"Avoids {avoids}", email=f"{len(avoids)}@example.org", avoids=[avoids])
        body = {"volunteer_id": who, "programme_id": world.programme_id, "role": "peer"}
        refused = await world.post("assignments", body, headers=world.staff)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:motesplats:problem:avoids-the-theme")
        assert f"Does not want to speak about or meet: {avoids}" in refused.text
    await world.offer(await world.enrol(avoids=["heart failure"]))


async def test_a_lecturer_is_not_asked_for_a_theme_that_they_avoid(world: World) -> None:
    await world.plan(sessions=lectures(NOW + timedelta(days=5)))
    berit = await world.enrol(name="Berit", email="b@example.org", roles=["lecturer"], avoids=["treatments"])
    body = {"volunteer_id": berit, "role": "lecturer", "session_id": "a"}
    refused = await world.post(f"staffing/{world.programme_id}", body, headers=world.staff)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:motesplats:problem:avoids-the-theme")
    assert (await place(world, berit, role="lecturer", session_id="b", said_yes=False))["status"] == "offered"


@pytest.mark.parametrize("avoids", ["treatments", "living with it"])
async def test_a_title_of_its_own_hides_no_theme_or_name_of_the_programme(world: World, avoids: str) -> None:
    await world.plan(sessions=lectures(NOW + timedelta(days=5)))
    who = await world.enrol(avoids=[avoids])
    body = {"volunteer_id": who, "programme_id": world.programme_id, "role": "peer", "title": "Support"}
    refused = await world.post("assignments", body, headers=world.staff)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:motesplats:problem:avoids-the-theme")
    world.time(FIRST + timedelta(hours=3))
    again = await world.post("assignments", body, headers=world.staff)
    assert again.status_code == (201 if avoids == "treatments" else 409), "what was spoken about before they came"


async def lecturer_who_avoids_grief(world: World) -> str:
    """A lecturer who has said yes to a lecture about something else; the assignment's id."""
    await world.plan(sessions=lectures(NOW + timedelta(days=5)))
    kept = {"roles": ["lecturer"], "municipality": "Eksjö", "avoids": ["grief"]}
    berit = await world.enrol(name="Berit", email="b@example.org", **kept)
    return str((await place(world, berit, role="lecturer", session_id="a"))["assignment_id"])


async def test_nobody_says_yes_to_a_lecture_that_moved_and_is_now_about_what_they_avoid(world: World) -> None:
    await lecturer_who_avoids_grief(world)
    await world.plan(sequence=2, sessions=moved(theme="Living with grief"))
    (row,) = await world.announced("assignment-offered")
    offer = AssignmentOffered.model_validate_json(row["value"]).assignment_id
    refused = await world.http.post(f"/assignments/{world.link(offer)}", data={"answer": "accept"})
    assert refused.status_code == 409
    assert "something that you do not want to speak about or meet: grief" in refused.text
    path = f"/staff/volunteers/assignments/{offer}"
    assert "speak about or meet: grief" in (await world.http.get(path, headers=world.staff)).text
    page = (await world.http.get(path, headers=world.signed_in(ORGANISER, "Jönköping"))).text
    assert "As things stand the volunteer cannot say yes to this." in page
    assert "grief" not in page, "why is told in the own area alone"


async def test_staff_see_that_somebody_avoids_what_their_lecture_is_now_about(world: World) -> None:
    made = await lecturer_who_avoids_grief(world)
    path = f"/staff/volunteers/assignments/{made}"
    assert "speaks against it" not in (await world.http.get(path, headers=world.staff)).text
    await world.plan(sequence=2, sessions=moved(timedelta(), theme="Living with grief"))
    page = (await world.http.get(path, headers=world.staff)).text
    assert "by now something speaks against it" in page and "meet: grief" in page


async def test_a_shift_that_was_kept_without_its_theme_gets_it_with_the_next_plan(world: World) -> None:
    await open_house(world, about="Cancer")
    await world.delivery.db.shifts.update_many({}, {"$unset": {"about": "", "theme": ""}, "$set": {"searching": True}})
    await open_house(world, 2, about="Cancer")
    rows = await world.delivery.db.shifts.find({}).to_list(None)
    assert {(row["about"], row["theme"], row["searching"]) for row in rows} == {("Cancer", "Open house", True)}


async def test_no_host_is_searched_for_a_house_about_what_they_avoid(world: World) -> None:
    await open_house(world, about="Cancer")
    await hosts(world, "Maja", avoids=["cancer"])
    await hosts(world, "Olga")
    await world.post("shifts/s0/offers", {}, headers=world.staff)
    assert list(await asked(world, "s0")) == ["Olga"]


async def test_the_name_of_a_ward_is_no_theme_of_what_it_asks(world: World) -> None:
    await world.book("Ask Bro", avoids=["ward"])
    assert (await world.staff_post(f"requests/{await world.asked_for()}/search"))["status"] == "searching"
