"""A volunteer who was called tells staff yes or no, and staff take back what they asked by mistake."""

from datetime import timedelta

import httpx
import pytest

from tests.volunteers.conftest import NOW, ORGANISER, World
from tests.volunteers.houses import asked, give_up, hosts, names_on, open_house, own, put
from tests.volunteers.test_rota_pages import words

PAGES = "/staff/volunteers/assignments"


async def told(world: World, assignment_id: str, said: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return await world.post(f"assignments/{assignment_id}/answer", {"answer": said}, headers=headers or world.staff)


async def take_back(world: World, assignment_id: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return await world.post(f"assignments/{assignment_id}/withdrawal", None, headers=headers or world.staff)


async def look(world: World, assignment_id: str, headers: dict[str, str] | None = None) -> str:
    return words(await world.http.get(f"{PAGES}/{assignment_id}", headers=headers or world.staff))


async def searched(world: World) -> tuple[str, str]:
    """A unit's request for which the first has been asked: its id and the offer's."""
    request_id = await world.asked_for()
    await world.staff_post(f"requests/{request_id}/search")
    (offer,) = (await world.get(f"requests/{request_id}"))["assignments"]
    return request_id, offer["assignment_id"]


async def stands(world: World, request_id: str) -> tuple[str, list[tuple[str, str]]]:
    found = await world.get(f"requests/{request_id}")
    return found["request"]["status"], [(one["volunteer_id"], one["status"]) for one in found["assignments"]]


async def test_a_spoken_yes_counts_as_one_by_the_link(world: World) -> None:
    assignment_id, token = await world.offered()
    said = await told(world, assignment_id, "accept")
    assert (said.status_code, said.json()["status"]) == (200, "accepted")
    last = (await world.announced("assignment-changed"))[-1]
    assert (last["key"], last["sequence"]) == (assignment_id, 2)
    by_link = await world.post("answers", {"token": token, "answer": "decline"})
    assert by_link.json()["type"] == "urn:motesplats:problem:already-answered"
    for late in (await told(world, assignment_id, "decline"), await take_back(world, assignment_id)):
        assert (late.status_code, late.json()["type"]) == (410, "urn:motesplats:problem:already-answered")
        assert late.json()["detail"] == "This offer has been answered already"


async def test_a_spoken_yes_to_a_unit_fills_its_request(world: World) -> None:
    first = await world.book("Ask Bro")
    request_id, offer = await searched(world)
    await told(world, offer, "accept")
    assert await stands(world, request_id) == ("filled", [(first, "accepted")])


async def test_after_a_spoken_no_the_next_is_asked_in_the_same_step(world: World) -> None:
    first, second = await world.book("Ask Bro"), await world.book("Bo Dal")
    request_id, offer = await searched(world)
    assert (await told(world, offer, "decline")).json()["status"] == "declined"
    assert await stands(world, request_id) == ("searching", [(first, "declined"), (second, "offered")])


async def test_a_spoken_yes_that_cannot_be_kept_is_refused_and_a_no_is_not(world: World) -> None:
    book = await world.book("Ask Bro")
    _, offer = await searched(world)
    await world.staff_post(f"volunteers/{book}/pause", {"starts_on": "2025-01-07"})
    refused = await told(world, offer, "accept")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:motesplats:problem:is-paused")
    page = await world.http.post(f"{PAGES}/{offer}/answer", data={"answer": "accept"}, headers=world.staff)
    assert (page.status_code, words(page).count(refused.json()["errors"][0]["detail"])) == (422, 1), "said once"
    assert "They say no" in words(page)
    assert (await told(world, offer, "decline")).status_code == 200


async def test_what_is_taken_back_goes_to_the_next_and_not_to_the_same_again(world: World) -> None:
    first, second = await world.book("Ask Bro"), await world.book("Bo Dal")
    request_id, offer = await searched(world)
    assert (await take_back(world, offer)).json()["status"] == "expired"
    assert await stands(world, request_id) == ("searching", [(first, "expired"), (second, "offered")])
    (_, other) = (await world.get(f"requests/{request_id}"))["assignments"]
    await told(world, other["assignment_id"], "decline")
    assert await stands(world, request_id) == ("nobody_left", [(first, "expired"), (second, "declined")])


async def test_the_link_of_what_was_taken_back_says_so(world: World) -> None:
    assignment_id, token = await world.offered()
    await take_back(world, assignment_id)
    for page in (
        await world.http.get(f"/assignments/{token}"),
        await world.http.post(f"/assignments/{token}", data={"answer": "accept"}),
    ):
        assert page.status_code == 410
        assert "Whoever asked you has taken this back." in words(page)
        assert "<button" not in page.text.partition("<main")[2]
    late = await world.post("answers", {"token": token, "answer": "accept"})
    assert (late.status_code, late.json()["type"]) == (410, "urn:motesplats:problem:offer-expired")
    assert (await take_back(world, assignment_id)).status_code == 410
    assert "Taken back" in await look(world, assignment_id)
    volunteer_id = (await world.get("volunteers"))["volunteers"][0]["volunteer_id"]
    assert await world.offer(volunteer_id) != assignment_id, "they can be asked again"


async def test_a_host_whose_offer_was_taken_back_is_not_among_the_next(world: World) -> None:
    await open_house(world)
    maja, *_ = await hosts(world, "Maja", "Olga", "Pia")
    await give_up(world, await put(world, "s0", maja))
    offers = await asked(world, "s0")
    assert sorted(offers) == ["Olga", "Pia"]
    await take_back(world, offers["Olga"])
    assert sorted(await asked(world, "s0")) == ["Pia"]
    await hosts(world, "Rut")
    assert (await told(world, offers["Pia"], "decline")).status_code == 200
    assert sorted(await asked(world, "s0")) == ["Rut"]


async def test_of_several_who_were_asked_the_first_to_tell_has_the_shift(world: World) -> None:
    await open_house(world)
    maja, *_ = await hosts(world, "Maja", "Olga", "Pia")
    await give_up(world, await put(world, "s0", maja))
    offers = await asked(world, "s0")
    assert (await told(world, offers["Pia"], "accept")).status_code == 200
    assert (await names_on(world, "s0"), await asked(world, "s0")) == (["Pia"], {})
    late = await told(world, offers["Olga"], "accept")
    assert (late.status_code, late.json()["type"]) == (410, "urn:motesplats:problem:offer-expired")


async def test_a_spoken_yes_to_a_swap_swaps_and_only_its_proposer_takes_it_back(world: World) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga")
    body = {"gives": await put(world, "s0", maja), "takes": await put(world, "s1", olga)}
    made = await world.post("own/swaps", {"token": own(world, maja), **body})
    offer = made.json()["assignment_id"]
    page = await look(world, offer)
    assert "with a yes they give their own shift on" in page and "Take the offer back" not in page
    assert (await take_back(world, offer)).status_code == 403
    assert (await told(world, offer, "accept")).status_code == 200
    assert (await names_on(world, "s0"), await names_on(world, "s1")) == (["Olga"], ["Maja"])


async def test_only_who_may_and_sees_the_volunteer_notes_an_answer(world: World) -> None:
    await world.book("Ask Bro", municipality="Eksjö", reach="anywhere")
    request_id, offer = await searched(world)
    here = world.signed_in(ORGANISER, "Jönköping")
    for other in (world.signed_in("Another"), world.signed_in(ORGANISER, "Eksjö"), world.signed_in("Another", "Eksjö")):
        assert (await told(world, offer, "accept", other)).status_code == 403
        assert (await take_back(world, offer, other)).status_code == 403
        for way, data in (("answer", {"answer": "accept"}), ("answer", {}), ("withdrawal", {})):
            refused = await world.http.post(f"{PAGES}/{offer}/{way}", data=data, headers=other)
            assert refused.status_code == 403, (way, data)
    assert (await world.post(f"assignments/{offer}/answer", {"answer": "accept"})).status_code == 401
    assert (await world.post(f"assignments/{offer}/withdrawal", None)).status_code == 401
    assert (await told(world, offer, "accept", here)).status_code == 403, "the volunteer lives elsewhere"
    page = await look(world, offer, here)
    assert ("They say yes" in page, "Take the offer back" in page) == (False, True)
    assert await stands(world, request_id) == ("searching", [(await _only(world), "offered")])
    assert (await take_back(world, offer, here)).status_code == 200, "who asked takes it back"


async def _only(world: World) -> str:
    (volunteer,) = (await world.get("volunteers"))["volunteers"]
    return str(volunteer["volunteer_id"])


async def test_an_offer_that_has_expired_is_not_answered_any_more(world: World) -> None:
    assignment_id, _ = await world.offered()
    assert (await told(world, assignment_id, "perhaps")).status_code == 422
    assert (await told(world, "nothing", "accept")).status_code == 404
    assert (await take_back(world, "nothing")).status_code == 404
    world.time(NOW + timedelta(days=8))
    for late in (await told(world, assignment_id, "accept"), await take_back(world, assignment_id)):
        assert (late.status_code, late.json()["type"]) == (410, "urn:motesplats:problem:offer-expired")
    page = await look(world, assignment_id)
    assert ("They say yes" in page, "Take the offer back" in page) == (False, False)


@pytest.mark.parametrize(("said", "then"), [("accept", "Said yes"), ("decline", "Said no")])
async def test_staff_note_an_answer_by_the_page(world: World, said: str, then: str) -> None:
    assignment_id, _ = await world.offered()
    page = await world.http.get(f"{PAGES}/{assignment_id}", headers=world.staff)
    for shown in ("They say yes", "They say no", "Take the offer back"):
        assert shown in words(page)
    assert 'name="answer" value="accept"' in page.text and 'name="answer" value="decline"' in page.text
    sent = await world.http.post(f"{PAGES}/{assignment_id}/answer", data={"answer": said}, headers=world.staff)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PAGES}/{assignment_id}")
    after = await look(world, assignment_id)
    assert then in after and "They say yes" not in after


async def test_staff_take_an_offer_back_by_the_page(world: World) -> None:
    assignment_id, _ = await world.offered()
    sent = await world.http.post(f"{PAGES}/{assignment_id}/withdrawal", headers=world.staff)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PAGES}/{assignment_id}")
    assert "Taken back" in await look(world, assignment_id)
    closed = await world.http.get(f"{PAGES}?state=closed", headers=world.staff)
    assert "Taken back" in words(closed)
