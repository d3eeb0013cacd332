"""A unit asks, the next candidate is asked by itself, and everybody sees where it stands."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from motesplats_events import AssignmentChanged, AssignmentCompleted, AssignmentOffered
from services.volunteers.use_cases import due
from tests.volunteers.conftest import NOW, ORGANISER, WISH, World

AT = datetime(2025, 3, 3, 12, tzinfo=UTC)


async def stands(world: World, request_id: str) -> tuple[str, list[tuple[str, str]]]:
    """The request's status, and who has been asked with what answer, the first first."""
    found = await world.get(f"requests/{request_id}")
    return found["request"]["status"], [(one["volunteer_id"], one["status"]) for one in found["assignments"]]


async def answer(world: World, request_id: str, volunteer_id: str, said: str) -> None:
    found = await world.get(f"requests/{request_id}")
    (id,) = [one["assignment_id"] for one in found["assignments"] if one["volunteer_id"] == volunteer_id]
    given = await world.post("answers", {"token": world.link(id), "answer": said})
    assert given.status_code == 200, given.text


async def names(world: World, request_id: str) -> list[str]:
    return [one["name"] for one in (await world.get(f"requests/{request_id}/match"))["candidates"]]


async def test_the_match_says_in_words_who_and_why_and_why_not(world: World) -> None:
    await world.book("Ask Bro", municipality="Eksjö")
    await world.book("Bo Dal", themes=["Heart failure"])
    await world.book("Cilla Ek", avoids=["heart"])
    await world.book("Disa Fors", language="da")
    await world.book("Egon Gran", agreement_signed_on=None)
    await world.enrol(name="Frej Holm")
    found = await world.get(f"requests/{await world.asked_for()}/match")
    assert [(one["name"], one["because"]) for one in found["candidates"]] == [
        ("Bo Dal", ["Has had no offer as this in 2025", "Lives in the same municipality", "Knows the theme"]),
        ("Ask Bro", ["Has had no offer as this in 2025", "Travels from Eksjö"]),
    ]
    assert {one["name"]: one["because"] for one in found["excluded"]} == {
        "Cilla Ek": ["Does not want to speak about or meet: heart"],
        "Disa Fors": ["Does not speak the language"],
        "Egon Gran": ["The confidentiality agreement has not been signed yet"],
    }


async def test_what_keeps_somebody_of_another_area_from_it_is_not_told(world: World) -> None:
    await world.book("Ask Bro", municipality="Jönköping", avoids=["heart"])
    there = await world.book("Bo Dal", municipality="Eksjö", avoids=["heart"])
    await world.book("Cilla Ek", municipality="Eksjö", agreement_signed_on=None)
    id = await world.asked_for()
    here = world.signed_in(ORGANISER, "Jönköping")
    found = (await world.http.get(f"/api/volunteers/requests/{id}/match", headers=here)).json()
    assert ([one["name"] for one in found["excluded"]], found["elsewhere"]) == (["Ask Bro"], 2)
    everything = await world.get(f"requests/{id}/match")
    assert (len(everything["excluded"]), everything["elsewhere"]) == (3, 0)
    page = (await world.http.get(f"/staff/volunteers/requests/{id}", headers=here)).text
    assert "2 more in other areas do this, but cannot be asked now" in page
    assert ("Ask Bro" in page, "Bo Dal" in page, "Cilla Ek" in page, "Eksjö" in page) == (True, False, False, False)
    refused = await world.post(f"requests/{id}/offers", {"volunteer_id": there}, headers=here)
    assert (refused.status_code, "heart" in refused.text) == (403, False)


async def test_what_was_planned_long_before_it_was_done_still_asks_for_rest(world: World) -> None:
    first = await world.book("Ask Bro")
    long_after = NOW + timedelta(days=500)
    id = await world.asked_for(at=long_after.isoformat())
    await world.staff_post(f"requests/{id}/search")
    await answer(world, id, first, "accept")
    world.time(long_after + timedelta(hours=2))
    (given,) = (await world.get(f"requests/{id}"))["assignments"]
    done = {"token": world.link(given["assignment_id"], days=700), "hours": 2, "people_met": 8}
    assert (await world.post("completions", done)).status_code == 200
    soon = await world.asked_for(at=(long_after + timedelta(days=3)).isoformat())
    (rests,) = (await world.get(f"requests/{soon}/match"))["excluded"]
    assert "days lie between two" in rests["because"][0]


async def test_after_a_no_the_next_is_asked_in_the_same_step_until_nobody_is_left(world: World) -> None:
    first, second = await world.book("Ask Bro"), await world.book("Bo Dal")
    id = await world.asked_for()
    assert await stands(world, id) == ("received", [])
    assert (await world.staff_post(f"requests/{id}/search"))["status"] == "searching"
    assert await stands(world, id) == ("searching", [(first, "offered")])
    await answer(world, id, first, "decline")
    assert await stands(world, id) == ("searching", [(first, "declined"), (second, "offered")])
    offers = [
        AssignmentOffered.model_validate_json(row["value"]) for row in await world.announced("assignment-offered")
    ]
    assert [offer.volunteer_id for offer in offers] == [first, second]
    assert (offers[1].programme_id, offers[1].at, offers[1].place) == ("", AT, "Room 4")
    assert offers[1].title == "Life with heart failure – The ward"
    await answer(world, id, second, "decline")
    assert await stands(world, id) == ("nobody_left", [(first, "declined"), (second, "declined")])
    third = await world.book("Cilla Ek")
    assert (await world.staff_post(f"requests/{id}/search"))["status"] == "searching"
    await answer(world, id, third, "accept")
    assert (await stands(world, id))[0] == "filled"


async def test_an_offer_that_nobody_answers_expires_by_itself_and_goes_on(world: World) -> None:
    first, second = await world.book("Ask Bro"), await world.book("Bo Dal")
    id = await world.asked_for()
    await world.staff_post(f"requests/{id}/search")
    await due.once(world.delivery, world.settings)
    assert await stands(world, id) == ("searching", [(first, "offered")])
    world.time(NOW + timedelta(days=7, hours=1))
    await asyncio.gather(*(due.once(world.delivery, world.settings) for _ in range(4)))
    assert await stands(world, id) == ("searching", [(first, "expired"), (second, "offered")])
    changes = [
        AssignmentChanged.model_validate_json(row["value"]) for row in await world.announced("assignment-changed")
    ]
    assert [(one.volunteer_id, one.status) for one in changes] == [
        (first, "offered"),
        (first, "expired"),
        (second, "offered"),
    ]


async def test_the_nearer_the_day_the_shorter_the_time_to_answer(world: World) -> None:
    await world.book("Ask Bro")
    world.time(AT - timedelta(days=2))
    await world.staff_post(f"requests/{await world.asked_for()}/search")
    (row,) = await world.announced("assignment-offered")
    by = AssignmentOffered.model_validate_json(row["value"]).answer_by
    assert abs(by - (AT - timedelta(days=1))) < timedelta(minutes=1)


async def test_who_gives_it_up_is_replaced(world: World) -> None:
    first, second = await world.book("Ask Bro"), await world.book("Bo Dal")
    id = await world.asked_for()
    await world.staff_post(f"requests/{id}/search")
    await answer(world, id, first, "accept")
    await world.staff_post(f"requests/{id}/told")
    assert (await world.get(f"requests/{id}"))["request"]["told_at"] is not None
    found = (await world.get(f"requests/{id}"))["assignments"][0]["assignment_id"]
    await world.post("releases", {"token": world.link(found)})
    assert await stands(world, id) == ("searching", [(first, "released"), (second, "offered")])
    assert (await world.get(f"requests/{id}"))["request"]["told_at"] is None


async def test_who_leaves_is_replaced(world: World) -> None:
    first, second = await world.book("Ask Bro"), await world.book("Bo Dal")
    id = await world.asked_for()
    await world.staff_post(f"requests/{id}/search")
    await world.post("own/leaving", {"token": world.link(first, "volunteer")})
    assert await stands(world, id) == ("searching", [(first, "expired"), (second, "offered")])


async def test_as_many_are_asked_at_once_as_are_wanted(world: World) -> None:
    books = [await world.book(name) for name in ("Ask Bro", "Bo Dal", "Cilla Ek", "Disa Fors")]
    id = await world.asked_for(wanted=2)
    await world.staff_post(f"requests/{id}/search")
    assert [who for who, _ in (await stands(world, id))[1]] == books[:2]
    await answer(world, id, books[0], "accept")
    assert (await stands(world, id))[0] == "searching"
    await answer(world, id, books[1], "decline")
    assert (await stands(world, id))[1][2:] == [(books[2], "offered")]
    await answer(world, id, books[2], "accept")
    assert (await stands(world, id))[0] == "filled"
    assert (await world.get(f"requests/{id}"))["standing"] == {"taken": 2, "asked": 0, "refused": 1, "done": 0}


async def test_the_work_is_spread_over_requests_and_roles_are_counted_apart(world: World) -> None:
    first = await world.book("Ask Bro", roles=["living_book", "host"])
    second = await world.book("Bo Dal", municipality="Eksjö")
    await world.plan()
    await world.offer(first, role="host")
    for asked, at in ((first, "2025-03-03"), (second, "2025-04-03")):
        id = await world.asked_for(at=f"{at}T13:00:00+01:00")
        await world.staff_post(f"requests/{id}/search")
        assert [who for who, _ in (await stands(world, id))[1]] == [asked]


async def test_two_searches_at_once_do_not_ask_the_same_for_the_same_hour(world: World) -> None:
    books = {await world.book(name) for name in ("Ask Bro", "Bo Dal", "Cilla Ek")}
    ids = [await world.asked_for(unit=f"Ward {n}") for n in range(3)]
    await asyncio.gather(*(world.staff_post(f"requests/{id}/search") for id in ids))
    asked = [(await stands(world, id))[1][0][0] for id in ids]
    assert set(asked) == books


async def test_staff_choose_whom_they_want_but_nobody_against_a_rule(world: World) -> None:
    await world.book("Ask Bro")
    chosen, busy = await world.book("Bo Dal"), await world.book("Cilla Ek", avoids=["heart"])
    id = await world.asked_for()
    path = f"requests/{id}/offers"
    refused = await world.post(path, {"volunteer_id": busy}, headers=world.staff)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:motesplats:problem:avoids-the-theme")
    assert (await world.post(path, {"volunteer_id": "nobody"}, headers=world.staff)).status_code == 404
    assert (await world.staff_post(path, {"volunteer_id": chosen}))["status"] == "searching"
    enough = await world.post(path, {"volunteer_id": chosen}, headers=world.staff)
    assert enough.json()["type"] == "urn:motesplats:problem:enough-asked"
    assert await stands(world, id) == ("searching", [(chosen, "offered")])


async def test_a_stopped_search_takes_back_what_is_not_answered_and_can_ask_the_same_again(world: World) -> None:
    first = await world.book("Ask Bro")
    id = await world.asked_for()
    await world.staff_post(f"requests/{id}/search")
    body = {key: value for key, value in WISH.items() if key != "consent"}
    held = await world.http.put(f"/api/volunteers/requests/{id}", json=body, headers=world.staff)
    assert (held.status_code, held.json()["type"]) == (409, "urn:motesplats:problem:request-under-way")
    await world.staff_post(f"requests/{id}/stop")
    assert await stands(world, id) == ("received", [(first, "expired")])
    later = body | {"at": "2025-03-10T13:00:00+01:00"}
    changed = await world.http.put(f"/api/volunteers/requests/{id}", json=later, headers=world.staff)
    assert changed.status_code == 200
    await world.staff_post(f"requests/{id}/search")
    assert await stands(world, id) == ("searching", [(first, "expired"), (first, "offered")])
    offers = await world.announced("assignment-offered")
    assert AssignmentOffered.model_validate_json(offers[-1]["value"]).at == AT + timedelta(days=7)


async def test_who_has_said_yes_is_told_the_new_time(world: World) -> None:
    first = await world.book("Ask Bro")
    id = await world.asked_for()
    await world.staff_post(f"requests/{id}/search")
    await answer(world, id, first, "accept")
    await world.staff_post(f"requests/{id}/stop")
    later = {key: value for key, value in WISH.items() if key != "consent"} | {"at": "2025-03-10T13:00:00+01:00"}
    await world.http.put(f"/api/volunteers/requests/{id}", json=later, headers=world.staff)
    last = AssignmentChanged.model_validate_json((await world.announced("assignment-changed"))[-1]["value"])
    assert (last.status, last.at) == ("accepted", AT + timedelta(days=7))
    assert (await stands(world, id))[0] == "filled", "nobody is looked for any more, and the unit is to be told"
    await world.staff_post(f"requests/{id}/stop")
    page = (await world.http.get(f"/staff/volunteers/requests/{id}", headers=world.staff)).text
    assert "Nothing to change: all are found" in page
    await world.staff_post(f"requests/{id}/search")
    assert (await stands(world, id))[0] == "filled"


async def test_who_has_left_does_not_come_at_another_time(world: World) -> None:
    first = await world.book("Ask Bro")
    id = await world.asked_for()
    await world.staff_post(f"requests/{id}/search")
    await answer(world, id, first, "accept")
    world.time(AT + timedelta(hours=3))
    await world.staff_post(f"volunteers/{first}/leaving")
    await world.staff_post(f"requests/{id}/stop")
    later = {key: value for key, value in WISH.items() if key != "consent"} | {"at": "2025-03-10T13:00:00+01:00"}
    changed = await world.http.put(f"/api/volunteers/requests/{id}", json=later, headers=world.staff)
    assert changed.status_code == 200
    assert (await stands(world, id))[0] == "received"


async def test_a_unit_that_settles_for_fewer_is_told_who_comes(world: World) -> None:
    first = await world.book("Ask Bro")
    id = await world.asked_for(wanted=2)
    await world.staff_post(f"requests/{id}/search")
    await answer(world, id, first, "accept")
    assert (await stands(world, id))[0] == "nobody_left"
    body = {key: value for key, value in WISH.items() if key != "consent"} | {"wanted": 1}
    changed = await world.http.put(f"/api/volunteers/requests/{id}", json=body, headers=world.staff)
    assert changed.status_code == 200
    assert (await stands(world, id))[0] == "filled"
    page = (await world.http.get(f"/staff/volunteers/requests/{id}", headers=world.staff)).text
    assert "Tell the unit who comes" in page


async def test_a_unit_takes_its_request_back_by_its_own_link(world: World) -> None:
    first, second = await world.book("Ask Bro"), await world.book("Bo Dal")
    made = (await world.post("requests", WISH | {"wanted": 2})).json()
    id = made["request_id"]
    await world.staff_post(f"requests/{id}/search")
    await answer(world, id, first, "accept")
    taken = await world.post("requests/withdrawal", {"token": made["token"]})
    assert taken.json() == {"status": "withdrawn"}
    assert await stands(world, id) == ("withdrawn", [(first, "released"), (second, "expired")])
    again = await world.post("requests/withdrawal", {"token": made["token"]})
    assert (again.status_code, again.json()["type"]) == (409, "urn:motesplats:problem:request-is-closed")
    assert (await world.post(f"requests/{id}/search", None, headers=world.staff)).status_code == 409
    forged = await world.post("requests/withdrawal", {"token": world.link(id, "assignment")})
    assert forged.status_code == 410


async def test_what_was_done_for_a_unit_is_announced_once_and_without_a_person(world: World) -> None:
    first = await world.book("Ask Bro")
    id = await world.asked_for()
    await world.staff_post(f"requests/{id}/search")
    await answer(world, id, first, "accept")
    world.time(AT + timedelta(hours=2))
    token = world.link((await world.get(f"requests/{id}"))["assignments"][0]["assignment_id"])
    body = {"token": token, "hours": 2, "people_met": 8}
    sent = await asyncio.gather(*(world.post("completions", body) for _ in range(4)))
    assert sorted(one.status_code for one in sent) == [200, 410, 410, 410]
    (row,) = await world.announced("assignment-completed")
    event = AssignmentCompleted.model_validate_json(row["value"])
    assert (event.programme_id, event.role, event.organiser, event.people_met) == ("", "living_book", ORGANISER, 8)
    assert first not in json.dumps(row, default=str)
    assert (await world.get(f"requests/{id}"))["standing"]["done"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "host"}, "role"),
        ({"at": "2025-01-01T10:00:00+01:00"}, "at"),
        ({"at": "2030-01-01T10:00:00+01:00"}, "at"),
        ({"at": "2025-03-03T13:00:00"}, "at"),
        ({"email": ""}, "email"),
        ({"theme": " "}, "theme"),
        ({"wanted": 0}, "wanted"),
        ({"wanted": 21}, "wanted"),
        ({"minutes": 2}, "minutes"),
        ({"language": "Swedish"}, "language"),
        ({"unit_kind": "king"}, "unit_kind"),
        ({"consent": False}, "consent"),
    ],
)
async def test_what_cannot_be_asked_for_is_refused_by_field(world: World, change: dict[str, Any], field: str) -> None:
    answer = await world.post("requests", WISH | change)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert WISH["contact_name"] not in answer.text
    assert (await world.get("requests"))["requests"] == []


async def test_nobody_is_asked_to_what_has_begun(world: World) -> None:
    await world.book("Ask Bro")
    id = await world.asked_for()
    world.time(AT)
    late = await world.post(f"requests/{id}/search", None, headers=world.staff)
    assert (late.status_code, late.json()["type"]) == (409, "urn:motesplats:problem:request-is-over")


async def test_a_request_is_its_organisers_and_its_areas(world: World) -> None:
    id = await world.asked_for()
    body = {key: value for key, value in WISH.items() if key != "consent"}
    ways: list[tuple[str, str, Any]] = [
        ("GET", "", None),
        ("PUT", "", body),
        ("GET", "/match", None),
        ("POST", "/search", None),
        ("POST", "/offers", {"volunteer_id": "x"}),
        ("POST", "/stop", None),
        ("POST", "/withdrawal", None),
        ("POST", "/told", None),
    ]
    for who in (world.signed_in("Another"), world.signed_in(ORGANISER, "Eksjö")):
        assert (await world.http.get("/api/volunteers/requests", headers=who)).json() == {"requests": []}
        for method, path, sent in ways:
            url = f"/api/volunteers/requests/{id}{path}"
            assert (await world.http.request(method, url, json=sent, headers=who)).status_code == 403, (method, path)
            assert (await world.http.request(method, url, json=sent)).status_code == 401, (method, path)
        for path in ("", "/edit"):
            assert (await world.http.get(f"/staff/volunteers/requests/{id}{path}", headers=who)).status_code == 403
    assert (await stands(world, id))[0] == "received"
