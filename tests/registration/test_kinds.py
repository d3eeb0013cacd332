"""Every kind of meeting place by its rules, asked over HTTP with a real store behind."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.registration.conftest import Running


async def answer_offer(service: Running, programme: dict[str, Any], name: str, accept: bool) -> int:
    row = await service.named(programme, name)
    body = {"token": service.link(row["participant_id"]), "accept": accept}
    return (await service.http.post("/api/registration/offers", json=body)).status_code


async def cancel(service: Running, programme: dict[str, Any], name: str) -> None:
    link = service.link((await service.named(programme, name))["participant_id"])
    assert (await service.http.post("/api/registration/cancellations", json={"token": link})).status_code == 200


# Pairs


async def test_two_who_come_together_both_get_a_place_or_both_wait(service: Running) -> None:
    course = await service.plan(patient=1, relative=2)
    await service.register(course, "Astrid", companion={"role": "relative", "name": "Bo"})
    await service.register(course, "Cilla", companion={"role": "relative", "name": "Dan"})
    assert await service.statuses(course) == {
        "Astrid": "confirmed",
        "Bo": "confirmed",
        "Cilla": "waiting",
        "Dan": "waiting",
    }
    rows = {row["name"]: row for row in (await service.registrations(course))["registrations"]}
    assert rows["Cilla"]["pair_id"] == rows["Dan"]["pair_id"] != rows["Astrid"]["pair_id"]
    assert (rows["Bo"]["email"], rows["Cilla"]["position"]) == ("astrid@example.org", 1)


async def test_who_fits_passes_a_pair_that_does_not_and_the_pair_keeps_its_place(service: Running) -> None:
    course = await service.plan(patient=1, relative=1)
    await service.register(course, "Astrid")
    await service.register(course, "Bo", companion={"role": "relative", "name": "Cilla"})
    await service.register(course, "Dan", role="relative")
    assert (await service.statuses(course))["Dan"] == "confirmed", "a chair is not kept empty"
    await cancel(service, course, "Astrid")
    assert (await service.statuses(course))["Bo"] == "waiting"
    await cancel(service, course, "Dan")
    after = await service.statuses(course)
    assert (after["Bo"], after["Cilla"]) == ("confirmed", "confirmed")


async def test_a_companion_who_is_registered_already_keeps_that(service: Running) -> None:
    course = await service.plan(patient=2, relative=2)
    await service.register(course, "Bo", role="relative", email="astrid@example.org")
    await service.register(course, "Astrid", companion={"role": "relative", "name": "Bo"})
    found = await service.registrations(course)
    assert found["counts"]["confirmed"] == 2
    assert [(r["name"], r["repeated"]) for r in found["registrations"]] == [("Bo", 1), ("Astrid", 0)]


async def test_the_same_name_twice_is_refused_on_the_companions_name(service: Running) -> None:
    course = await service.plan()
    answer = await service.register(course, "Astrid", companion={"role": "relative", "name": "astrid"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["companion.name"]


# Offers


async def test_an_offered_place_is_held_until_it_is_answered(service: Running) -> None:
    course = await service.plan(patient=1, promotion="offer")
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(course, name)
    await cancel(service, course, "Astrid")
    assert await service.statuses(course) == {"Astrid": "cancelled", "Bo": "offered", "Cilla": "waiting"}
    await service.register(course, "Dan")
    assert (await service.statuses(course))["Dan"] == "waiting", "a held place is nobody else's"
    assert await answer_offer(service, course, "Bo", True) == 200
    assert (await service.statuses(course))["Bo"] == "confirmed"
    assert await answer_offer(service, course, "Bo", True) == 410, "there is nothing to answer any more"
    assert [row["topic"] for row in await service.announced("place-offered")] == ["place-offered"]


async def test_a_declined_offer_goes_to_the_next_in_the_same_step(service: Running) -> None:
    course = await service.plan(patient=1, promotion="offer")
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(course, name)
    await cancel(service, course, "Astrid")
    assert await answer_offer(service, course, "Bo", False) == 200
    assert await service.statuses(course) == {"Astrid": "cancelled", "Bo": "cancelled", "Cilla": "offered"}
    cancelled = (await service.announced("registration-cancelled"))[-1]
    offered = (await service.announced("place-offered"))[-1]
    assert cancelled["time"] == offered["time"]
    assert '"reason":"offer_declined"' in cancelled["value"]


async def test_an_offer_that_nobody_answers_expires_and_goes_on(service: Running) -> None:
    course = await service.plan(patient=1, promotion="offer", offer_days=2)
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(course, name)
    await cancel(service, course, "Astrid")
    service.later(days=1, hours=23)
    await service.due()
    assert (await service.statuses(course))["Bo"] == "offered"
    service.later(hours=2)
    assert await answer_offer(service, course, "Bo", True) == 410, "too late, also before it was given on"
    await service.due()
    await service.due()
    assert await service.statuses(course) == {"Astrid": "cancelled", "Bo": "cancelled", "Cilla": "offered"}


async def test_an_offer_ends_when_the_next_session_begins(service: Running) -> None:
    course = await service.plan(patient=1, promotion="offer", offer_days=30)
    for name in ("Astrid", "Bo"):
        await service.register(course, name)
    await cancel(service, course, "Astrid")
    answer_by = datetime.fromisoformat((await service.named(course, "Bo"))["answer_by"])
    start = datetime.fromisoformat(course["sessions"][0]["at"])
    assert abs(answer_by - start) < timedelta(milliseconds=1)


async def test_staff_answer_an_offer_for_somebody_on_the_phone(service: Running) -> None:
    course = await service.plan(patient=1, promotion="offer")
    for name in ("Astrid", "Bo"):
        await service.register(course, name)
    await cancel(service, course, "Astrid")
    id = (await service.named(course, "Bo"))["participant_id"]
    path = f"/api/registration/programmes/{course['programme_id']}/registrations/{id}/offer"
    assert (await service.http.post(path, json={"accept": True})).status_code == 401
    assert (await service.staff.post(path, json={"accept": True})).json() == {"status": "accepted"}


async def test_a_pair_is_offered_two_places_and_one_answer_is_for_both(service: Running) -> None:
    course = await service.plan(patient=1, relative=1, promotion="offer")
    await service.register(course, "Astrid", companion={"role": "relative", "name": "Bo"})
    await service.register(course, "Cilla", companion={"role": "relative", "name": "Dan"})
    await cancel(service, course, "Astrid")
    assert (await service.statuses(course))["Cilla"] == "waiting"
    await cancel(service, course, "Bo")
    assert (await service.statuses(course))["Dan"] == "offered"
    assert await answer_offer(service, course, "Dan", True) == 200
    after = await service.statuses(course)
    assert (after["Cilla"], after["Dan"]) == ("confirmed", "confirmed")


# Places that go from one role to another


async def test_places_that_one_role_has_left_go_to_the_other_on_the_day(service: Running) -> None:
    day = (service.delivery.clock.now() + timedelta(days=7)).isoformat()
    release = {"at": day, "from_role": "relative", "to_role": "patient"}
    course = await service.plan(patient=1, relative=2, releases=[release])
    await service.register(course, "Astrid")
    await service.register(course, "Bo")
    await service.register(course, "Cilla", role="relative")
    await service.due()
    assert (await service.statuses(course))["Bo"] == "waiting"
    service.later(days=8)
    await service.due()
    assert (await service.statuses(course))["Bo"] == "confirmed"
    await service.register(course, "Dan", role="relative")
    assert (await service.statuses(course))["Dan"] == "waiting"
    assert len(await service.announced("programme-planned")) == 2, "the places are published as they now are"


async def test_a_place_that_becomes_free_after_the_day_is_for_whoever_comes_first(service: Running) -> None:
    day = (service.delivery.clock.now() + timedelta(days=7)).isoformat()
    release = {"at": day, "from_role": "patient", "to_role": "relative"}
    course = await service.plan(patient=1, relative=0, releases=[release])

    async def leaves(name: str) -> None:
        token = service.link((await service.named(course, name))["participant_id"])
        await service.http.post("/api/registration/cancellations", json={"token": token})

    async def comes(name: str, role: str) -> str:
        answer = await service.register(course, name, role=role)
        assert answer.status_code == 202, answer.text
        return (await service.statuses(course))[name]

    await comes("Astrid", "patient")
    service.later(days=8)
    await service.due()
    await leaves("Astrid")
    assert await comes("Bo", "patient") == "confirmed", "it was the patients' until somebody else came"
    assert 'value="relative"' in (await service.http.get(f"/programmes/{course['programme_id']}")).text
    pair = {"companion": {"role": "relative", "name": "Companion"}}
    refused = await service.register(course, "Two", **pair)
    assert refused.json()["errors"][0]["field"] == "companion.role", "there is one place in all"
    await leaves("Bo")
    assert await comes("Cilla", "relative") == "confirmed"
    planned = json.loads((await service.announced("programme-planned"))[-1]["value"])
    assert planned["places"] == {"relative": 1}
    assert "registration-promoted" not in {
        row["topic"] for row in await service.delivery.db.outbox.find({}).to_list(None)
    }
    first = {"first": (service.delivery.clock.now() + timedelta(days=60)).date().isoformat()}
    copy = await service.staff.get(f"/api/registration/programmes/{course['programme_id']}/copy", params=first)
    assert copy.json()["places"] == {"patient": 1, "relative": 0, "other": 0}, "as it was planned"


async def test_what_is_left_after_the_day_is_offered_to_who_wished_for_it(service: Running) -> None:
    day = (service.delivery.clock.now() + timedelta(days=7)).isoformat()
    release = {"at": day, "from_role": "patient", "to_role": "relative"}
    course = await service.plan(patient=1, relative=0, releases=[release])
    await service.register(course, "Astrid")
    service.later(days=8)
    await service.due()
    who = {"role": "relative", "name": "Bo", "email": "bo@example.org", "consent": True}
    wish = {**who, "kind": "course", "municipality": "Tranås"}
    assert (await service.http.post("/api/registration/wishes", json=wish)).status_code == 202
    token = service.link((await service.named(course, "Astrid"))["participant_id"])
    await service.http.post("/api/registration/cancellations", json={"token": token})
    assert (await service.statuses(course))["Bo"] == "offered"


async def test_places_that_become_free_after_the_day_go_to_the_other_role_too(service: Running) -> None:
    day = (service.delivery.clock.now() + timedelta(days=7)).isoformat()
    release = {"at": day, "from_role": "patient", "to_role": "relative"}
    course = await service.plan(patient=2, relative=1, releases=[release])

    async def leaves(name: str) -> None:
        token = service.link((await service.named(course, name))["participant_id"])
        await service.http.post("/api/registration/cancellations", json={"token": token})

    for name, role in (("Astrid", "patient"), ("Bo", "patient"), ("Cilla", "relative"), ("Dan", "relative")):
        await service.register(course, name, role=role)
    service.later(days=8)
    await service.due()
    await leaves("Astrid")
    assert (await service.statuses(course))["Dan"] == "confirmed"
    planned = json.loads((await service.announced("programme-planned"))[-1]["value"])
    assert (planned["places"]["patient"], planned["places"]["relative"]) == (1, 2)
    for name, role in (("Eva", "relative"), ("Fia", "patient")):
        await service.register(course, name, role=role)
    await leaves("Bo")
    after = await service.statuses(course)
    assert (after["Eva"], after["Fia"]) == ("waiting", "confirmed"), "who waits in the own role comes first"
    await leaves("Fia")
    assert (await service.statuses(course))["Eva"] == "confirmed"
    # Places that staff give the role anew are meant for it.
    address = f"/api/registration/programmes/{course['programme_id']}"
    as_it_is = (await service.staff.get(f"{address}/change")).json()
    await service.register(course, "Gun", role="relative")
    more = await service.staff.put(address, json=as_it_is | {"places": {"patient": 1, "relative": 3}})
    assert more.status_code == 200, more.text
    await service.register(course, "Hugo")
    last = await service.statuses(course)
    assert (last["Gun"], last["Hugo"]) == ("waiting", "confirmed")


# Groups with members


async def test_a_group_takes_members_up_to_its_optimum_also_when_it_has_begun(service: Running) -> None:
    group = await service.plan(patient=3, relative=0, kind="mens_group", optimum=2, days=1)
    service.later(days=2)
    for name in ("Arne", "Bo", "Carl"):
        await service.register(group, name)
    assert await service.statuses(group) == {"Arne": "confirmed", "Bo": "confirmed", "Carl": "waiting"}
    arne = await service.named(group, "Arne")
    assert arne["starts_on"] is not None
    path = f"/api/registration/programmes/{group['programme_id']}/one-more"
    assert (await service.staff.post(path)).json()["status"] == "confirmed", "staff may go above the optimum"
    await service.register(group, "Dan")
    assert (await service.staff.post(path)).status_code == 409, "but never above the places"


async def test_a_member_who_leaves_has_been_one_until_today(service: Running) -> None:
    group = await service.plan(patient=2, relative=0, kind="self_help_group")
    await service.register(group, "Arne")
    service.later(days=22)
    await cancel(service, group, "Arne")
    (event,) = await service.announced("registration-cancelled")
    today = service.delivery.clock.now().astimezone(service.settings.zone).date().isoformat()
    assert f'"ended_on":"{today}"' in event["value"]
    assert '"reason":"membership_ended"' in event["value"]


async def test_new_members_come_in_on_agreed_days_and_wait_when_none_is_left(service: Running) -> None:

    day = (service.delivery.clock.now() + timedelta(days=25)).date()
    group = await service.plan(patient=5, relative=0, kind="mens_group", entries=[day.isoformat()])
    await service.register(group, "Arne")
    assert (await service.named(group, "Arne"))["starts_on"] == day.isoformat()
    service.later(days=27)
    await service.register(group, "Bo")
    assert (await service.statuses(group))["Bo"] == "waiting"


# Open ones, drop-ins, calls


@pytest.mark.parametrize("kind", ["workshop", "lecture"])
async def test_an_open_meeting_takes_registrations_until_the_last_one_begins(service: Running, kind: str) -> None:
    workshop = await service.plan(patient=0, relative=0, kind=kind, places={"other": 40}, days=1)
    service.later(days=2)
    assert (await service.register(workshop, "Astrid", role="other")).status_code == 202
    service.later(days=8)
    assert (await service.register(workshop, "Bo", role="other")).status_code == 410


async def test_nobody_registers_for_a_drop_in(service: Running) -> None:
    house = await service.plan(patient=0, relative=0, kind="drop_in", hosts_needed=2)
    assert house["roles"] == {}
    assert (await service.register(house, "Astrid")).status_code == 410
    refused = await service.staff.post("/api/registration/programmes", json={**PLAN, "kind": "drop_in"})
    assert [error["field"] for error in refused.json()["errors"]] == ["sessions", "places"]


PLAN: dict[str, Any] = {
    "title": "A council",
    "organiser": "Clinic",
    "kind": "standing_call",
    "place": {"name": "The office", "municipality": "Jönköping"},
    "places": {"patient": 1, "relative": 1},
}


async def test_a_call_for_involvement_takes_applications_that_staff_answer_with_words(service: Running) -> None:
    call = (await service.staff.post("/api/registration/programmes", json=PLAN)).json()
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(call, name)
    assert set((await service.statuses(call)).values()) == {"applied"}

    async def answer(name: str, **words: Any) -> Any:
        id = (await service.named(call, name))["participant_id"]
        path = f"/api/registration/programmes/{call['programme_id']}/registrations/{id}/answer"
        return await service.staff.post(path, json=words)

    assert (await answer("Astrid", accept=True)).json() == {"status": "confirmed"}
    assert (await answer("Bo", accept=True)).status_code == 409, "all places are taken"
    wordless = await answer("Bo", accept=False)
    assert [error["field"] for error in wordless.json()["errors"]] == ["reason"]
    assert (await answer("Bo", accept=False, reason="We need somebody from Eksjö.")).status_code == 200
    assert (await answer("Bo", accept=False, reason="Again")).status_code == 409
    answers = await service.announced("application-answered")
    assert ["Eksjö" in row["value"] for row in answers] == [False, True]
    rows = await service.delivery.db.outbox.find({"value": {"$ne": None}}).to_list(None)
    said = {row["topic"] for row in rows if "Eksjö" in row["value"]}
    assert said == {"application-answered"}, "what staff wrote is on no public topic"


# Wishes and new groups

CAFE_PLAN: dict[str, Any] = {"kind": "learning_cafe", "about": "Heart failure"}
CAFE: dict[str, Any] = {"kind": "learning_cafe", "about": "heart failure", "municipality": "Tranås"}


async def make_wish(service: Running, name: str, **more: Any) -> Any:
    who = {"name": name, "email": f"{name.casefold()}@example.org", "role": "patient", "consent": True}
    return await service.http.post("/api/registration/wishes", json={**CAFE, **who, **more})


async def test_who_waits_for_any_such_programme_is_asked_when_one_is_planned(service: Running) -> None:
    for name in ("Astrid", "Bo", "Cilla"):
        assert (await make_wish(service, name)).json() == {"status": "received"}
    await make_wish(service, "Dan", about="diabetes")
    cafe = await service.plan(patient=2, kind="learning_cafe", about="Heart failure")
    assert await service.statuses(cafe) == {"Astrid": "offered", "Bo": "offered"}
    assert await service.announced("participant-registered") == [], "nobody is registered before they say yes"
    await answer_offer(service, cafe, "Astrid", True)
    assert len(await service.announced("participant-registered")) == 1
    await answer_offer(service, cafe, "Bo", False)
    assert await service.statuses(cafe) == {"Astrid": "confirmed", "Bo": "cancelled", "Cilla": "offered"}
    rows = (await service.staff.get("/api/registration/wishes")).json()
    assert [(row["about"], row["offered"]) for row in rows] == [
        ("heart failure", False),
        ("heart failure", True),
        ("diabetes", False),
    ], "who said no waits for another; who said yes waits no longer"


async def test_a_wish_is_met_at_once_by_a_place_that_is_free(service: Running) -> None:
    cafe = await service.plan(patient=1, kind="learning_cafe", about="Heart failure")
    await make_wish(service, "Astrid", municipality="")
    assert await service.statuses(cafe) == {"Astrid": "offered"}


async def test_who_says_no_is_asked_about_the_next_that_has_a_place_and_so_is_whose_programme_is_cancelled(
    service: Running,
) -> None:
    await make_wish(service, "Astrid")
    cafes = [await service.plan(patient=1, **CAFE_PLAN) for _ in range(3)]
    assert [await service.statuses(cafe) for cafe in cafes] == [{"Astrid": "offered"}, {}, {}]
    await answer_offer(service, cafes[0], "Astrid", False)
    asked = [await service.statuses(cafe) for cafe in cafes]
    assert sorted(one.get("Astrid", "") for one in asked) == ["", "cancelled", "offered"]
    (second,) = [cafe for cafe, one in zip(cafes, asked, strict=True) if one.get("Astrid") == "offered"]
    (third,) = [cafe for cafe, one in zip(cafes, asked, strict=True) if not one]
    await service.staff.post(f"/api/registration/programmes/{second['programme_id']}/cancellation")
    assert await service.statuses(third) == {"Astrid": "offered"}


async def test_the_queue_of_a_programme_comes_before_wishes(service: Running) -> None:
    cafe = await service.plan(patient=1, kind="learning_cafe", about="heart failure")
    await service.register(cafe, "Astrid")
    await make_wish(service, "Bo")
    await service.register(cafe, "Cilla")
    await cancel(service, cafe, "Astrid")
    assert (await service.statuses(cafe)) == {"Astrid": "cancelled", "Cilla": "confirmed"}


async def test_a_withdrawn_wish_gives_its_offer_to_the_next(service: Running) -> None:
    for name in ("Astrid", "Bo"):
        await make_wish(service, name)
    cafe = await service.plan(patient=1, kind="learning_cafe", about="heart failure")
    (first, _) = (await service.staff.get("/api/registration/wishes")).json()
    link = {"token": service.link(first["wish_id"], purpose="wish")}
    assert (await service.http.post("/api/registration/wishes/withdrawal", json=link)).status_code == 200
    assert await service.statuses(cafe) == {"Astrid": "cancelled", "Bo": "offered"}
    assert (await service.http.post("/api/registration/wishes/withdrawal", json=link)).status_code == 410


async def test_a_wish_for_anything_or_for_a_drop_in_is_refused(service: Running) -> None:
    nothing = await make_wish(service, "Astrid", about="", municipality="")
    assert [error["field"] for error in nothing.json()["errors"]] == ["about"]
    drop_in = await make_wish(service, "Astrid", kind="drop_in")
    assert [error["field"] for error in drop_in.json()["errors"]] == ["kind"]
