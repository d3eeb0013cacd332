"""Changing a programme that is planned: over the API and on the page, by one and by two at once."""

import json
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from shared.access import Staff, StaffRole, staff_token
from tests.registration.conftest import Running


def address_of(programme: dict[str, Any]) -> str:
    """Where a programme is changed over the API."""
    return f"/api/registration/programmes/{programme['programme_id']}"


async def as_it_is(service: Running, programme: dict[str, Any]) -> dict[str, Any]:
    """What can be changed of a programme, as it now stands."""
    answer = await service.staff.get(f"{address_of(programme)}/change")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def change(service: Running, programme: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Change it as it now stands."""
    body = await as_it_is(service, programme) | other
    answer = await service.staff.put(address_of(programme), json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def refused(answer: Any) -> dict[str, str]:
    """What was wrong, by field."""
    return {one["field"]: one["detail"] for one in answer.json()["errors"]}


async def test_what_is_changed_is_shown_at_once_and_announced_as_the_newest(service: Running) -> None:
    course = await service.plan()
    after = await change(service, course, title="A morning course", about="Heart failure", places={"patient": 5})
    assert (after["title"], after["about"]) == ("A morning course", "Heart failure")
    assert {role: one["places"] for role, one in after["roles"].items()} == {"patient": 5}
    rows = await service.announced("programme-planned")
    assert [row["sequence"] for row in rows] == [1, 2]
    assert json.loads(rows[-1]["value"])["title"] == "A morning course"
    assert "A morning course" in (await service.http.get("/")).text
    await change(service, course)
    assert len(await service.announced("programme-planned")) == 2, "what changes nothing is not announced"


async def test_places_are_never_fewer_than_are_taken(service: Running) -> None:
    course = await service.plan(patient=3)
    for name in ("Anna Example", "Bo Example"):
        await service.register(course, name)
    answer = await service.staff.put(
        address_of(course), json=await as_it_is(service, course) | {"places": {"patient": 1, "relative": 2}}
    )
    assert answer.status_code == 422
    assert refused(answer) == {"places.patient": "Taken: 2. Give at least as many places"}
    after = await change(service, course, places={"patient": 2, "relative": 2})
    assert after["roles"]["patient"] == {"places": 2, "room": "full"}


async def test_the_best_size_is_within_the_places_and_the_places_within_the_room(service: Running) -> None:
    course = await service.plan()
    session = course["sessions"][0]["session_id"]
    await service.staff.put(f"/api/registration/sessions/{session}/room", json={"room": "Small", "room_holds": 5})
    wanted = await as_it_is(service, course)
    over = await service.staff.put(address_of(course), json=wanted | {"optimum": 9})
    assert list(refused(over)) == ["optimum"]
    many = await service.staff.put(address_of(course), json=wanted | {"places": {"patient": 4, "relative": 2}})
    assert "holds 5 people, and there are 6 places" in refused(many)["places"]


async def test_more_places_go_to_who_waits_in_the_same_step(service: Running) -> None:
    course = await service.plan(patient=1)
    for name in ("Anna Example", "Bo Example", "Cia Example"):
        await service.register(course, name)
    await change(service, course, places={"patient": 2, "relative": 2})
    assert await service.statuses(course) == {
        "Anna Example": "confirmed",
        "Bo Example": "confirmed",
        "Cia Example": "waiting",
    }
    (promoted,) = await service.announced("registration-promoted")
    assert promoted["key"] == (await service.named(course, "Bo Example"))["participant_id"]


async def test_a_higher_best_size_lets_the_next_in(service: Running) -> None:
    group = await service.plan(kind="self_help_group", patient=4, optimum=1)
    for name in ("Anna Example", "Bo Example"):
        await service.register(group, name)
    assert (await service.statuses(group))["Bo Example"] == "waiting"
    await change(service, group, optimum=2)
    assert (await service.statuses(group))["Bo Example"] == "confirmed"


async def test_two_who_change_at_once_do_not_undo_each_others_work(service: Running) -> None:
    course = await service.plan()
    seen = await as_it_is(service, course)
    assert (await service.staff.put(address_of(course), json=seen | {"title": "First"})).status_code == 200
    second = await service.staff.put(address_of(course), json=seen | {"title": "Second"})
    assert (second.status_code, second.json()["type"].rsplit(":", 1)[-1]) == (409, "changed-meanwhile")
    assert (await service.http.get(address_of(course))).json()["title"] == "First"


async def test_another_place_is_told_for_the_sessions_that_really_meet_elsewhere(service: Running) -> None:
    course = await service.plan(days=1)
    first, second = (one["session_id"] for one in course["sessions"])
    await service.staff.put(
        f"/api/registration/sessions/{second}/room", json={"room": "The library", "room_municipality": "Eksjö"}
    )
    await change(service, course, place={"name": "The new house", "municipality": "Aneby"})
    changed = [json.loads(row["value"]) for row in await service.announced("session-changed")]
    assert [one["session_id"] for one in changed] == [second, first], "the second when it got a room"
    assert all(one["was_at"] == one["starts_at"] for one in changed)
    service.later(days=2)
    await change(service, course, place={"name": "The old house", "municipality": "Aneby"})
    assert len(await service.announced("session-changed")) == 2, "the first has been, the second has its own room"


async def test_a_role_keeps_a_place_while_somebody_waits_for_one(service: Running) -> None:
    course = await service.plan(patient=1, relative=1)
    await service.register(course, "Bo Example", role="relative")
    await service.register(course, "Anna Example", companion={"role": "relative", "name": "Carl Example"})
    wanted = await as_it_is(service, course) | {"places": {"patient": 0, "relative": 1}}
    answer = await service.staff.put(address_of(course), json=wanted)
    assert refused(answer)["places.patient"].startswith("People wait for these places: 1.")
    pair = service.link((await service.named(course, "Anna Example"))["participant_id"])
    await service.http.post("/api/registration/cancellations", json={"token": pair})
    assert (await service.staff.put(address_of(course), json=wanted)).status_code == 200


async def test_nobody_is_told_of_the_place_of_what_is_only_online(service: Running) -> None:
    course = await service.plan(format="digital")
    await change(service, course, place={"name": "Another house", "municipality": "Aneby"})
    assert await service.announced("session-changed") == []


async def test_the_language_is_changed_on_the_form_which_knows_languages_that_the_pages_do_not(
    service: Running,
) -> None:
    course = await service.plan(language="fi")
    here = f"/staff/programmes/{course['programme_id']}/change"
    assert '<option value="fi" selected>Finnish' in (await service.staff.get(here)).text
    assert (await service.staff.post(here, data=sent(course, spoken="da"))).status_code == 303
    assert (await service.http.get(address_of(course))).json()["language"] == "da"
    assert "An evening course" in (await service.http.get("/", params={"language": "da"})).text
    late = await service.staff.post(here, data=sent(course, spoken="en"))
    assert "Language spoken: <bdi>Dansk</bdi>" in late.text
    without = await as_it_is(service, course)
    del without["language"]
    answer = await service.staff.put(address_of(course), json=without)
    assert refused(answer).keys() == {"language"}, "what is left out is not taken for Swedish"


async def test_places_that_are_to_go_to_others_can_be_dated_anew(service: Running) -> None:
    course = await service.plan(patient=1, relative=2)
    for name in ("Anna Example", "Bo Example"):
        await service.register(course, name)
    at = (service.delivery.clock.now() + timedelta(days=3)).isoformat()
    release = {"at": at, "from_role": "relative", "to_role": "patient"}
    await change(service, course, releases=[release])
    service.later(days=4)
    await service.due()
    assert (await service.statuses(course))["Bo Example"] == "confirmed"
    assert (await as_it_is(service, course))["releases"] == [], "what has been released cannot be changed"
    late = await service.staff.put(address_of(course), json=await as_it_is(service, course) | {"releases": [release]})
    assert "releases.0.at" in refused(late)


async def test_places_never_come_back_to_the_role_that_they_went_from(service: Running) -> None:
    at = (service.delivery.clock.now() + timedelta(days=3)).isoformat()
    roles = ("patient", "relative", "other", "patient")
    first, second, third = ({"at": at, "from_role": a, "to_role": b} for a, b in pairwise(roles))
    course = await service.plan(places={"patient": 1, "relative": 1, "other": 1}, releases=[first])
    body = await as_it_is(service, course)
    ring = await service.staff.put(address_of(course), json=body | {"releases": [first, second, third]})
    assert list(refused(ring)) == ["releases.2.to_role"]
    service.later(days=4)
    await service.due()
    later = {"at": (service.delivery.clock.now() + timedelta(days=3)).isoformat()}
    body = await as_it_is(service, course) | {"places": {"patient": 0, "relative": 2, "other": 1}}
    back = await service.staff.put(address_of(course), json=body | {"releases": [second | later, third | later]})
    assert list(refused(back)) == ["releases.1.to_role"]
    assert (await service.staff.put(address_of(course), json=body | {"releases": [second | later]})).status_code == 200


async def test_new_members_begin_on_the_days_that_are_set(service: Running) -> None:
    group = await service.plan(kind="self_help_group", days=1)
    day = (service.delivery.clock.now() + timedelta(days=5)).date().isoformat()
    await change(service, group, entries=[day])
    await service.register(group, "Anna Example")
    assert (await service.named(group, "Anna Example"))["starts_on"] == day


async def test_a_programme_stays_with_the_organiser_and_in_the_area_of_who_changes_it(service: Running) -> None:
    course = await service.plan()
    body = await as_it_is(service, course)
    token = staff_token(service.settings, Staff("Lo", StaffRole.COORDINATOR, ("Clinic",), ("Tranås",)))
    own = {"authorization": f"Bearer {token}"}
    away = body | {"place": {"name": "The room", "municipality": "Gislaved"}}
    answer = await service.http.put(address_of(course), json=away, headers=own)
    assert list(refused(answer)) == ["place.municipality"]
    token = staff_token(service.settings, Staff("Bo", StaffRole.COORDINATOR, ("Another",)))
    other = {"authorization": f"Bearer {token}"}
    assert (await service.http.put(address_of(course), json=body, headers=other)).status_code == 403
    assert (await service.http.get(f"{address_of(course)}/change", headers=other)).status_code == 403
    assert (await service.http.get(f"{address_of(course)}/change")).status_code == 401


async def test_a_cancelled_programme_is_not_changed(service: Running) -> None:
    course = await service.plan()
    body = await as_it_is(service, course)
    await service.staff.post(f"{address_of(course)}/cancellation")
    assert (await service.staff.put(address_of(course), json=body)).status_code == 410
    page = await service.staff.get(f"/staff/programmes/{course['programme_id']}/change")
    assert page.status_code == 200
    assert 'name="title"' not in page.text


# The page


def sent(programme: dict[str, Any], version: int = 1, **other: str) -> dict[str, str]:
    """The form as a browser sends it."""
    return {
        "version": str(version),
        "title": programme["title"],
        "place": "The room",
        "municipality": "Tranås",
        "spoken": "sv",
        "patient": "2",
        "relative": "2",
        "promotion": "at_once",
        **other,
    }


async def test_the_form_is_filled_with_what_is_now_and_says_what_happens(service: Running) -> None:
    course = await service.plan(patient=1, minimum=2, about="Coping")
    for name in ("Anna Example", "Bo Example"):
        await service.register(course, name)
    here = f"/staff/programmes/{course['programme_id']}"
    assert f'href="{here}/change"' in (await service.staff.get(here)).text
    page = (await service.staff.get(f"{here}/change")).text
    for held in (
        'value="An evening course"',
        'value="Coping"',
        'value="Tranås"',
        'name="minimum" type="text" value="2"',
    ):
        assert held in page
    answer = await service.staff.post(f"{here}/change", data=sent(course, place="The new house"), follow_redirects=True)
    assert answer.status_code == 200
    assert "2 meetings to come have another place" in answer.text
    assert "One person who waited has a place" in answer.text
    assert (await service.http.get(address_of(course))).json()["place"] == "The new house"


async def test_what_was_typed_stays_when_something_is_wrong(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Anna Example")
    here = f"/staff/programmes/{course['programme_id']}/change"
    wrong = await service.staff.post(here, data=sent(course, title="Another title", patient="0", optimum="7"))
    assert wrong.status_code == 422
    assert 'value="Another title"' in wrong.text
    assert 'href="#patient"' in wrong.text
    assert 'href="#optimum"' in wrong.text
    assert '<details class="card" open>' in wrong.text
    half = await service.staff.post(here, data=sent(course, **{"releases-0-from_role": "patient"}))
    assert 'href="#releases-0-to_role"' in half.text
    day = await service.staff.post(here, data=sent(course, entries="soon"))
    assert 'href="#entries-0"' in day.text


async def test_who_comes_second_sees_what_is_different_and_can_still_save(service: Running) -> None:
    course = await service.plan()
    here = f"/staff/programmes/{course['programme_id']}/change"
    await service.staff.post(here, data=sent(course, title="First"))
    empty = {"entries": "", "releases-0-at-date": "", "releases-0-at-time": "", "releases-0-from_role": ""}
    second = await service.staff.post(here, data=sent(course, title="Second", place="Elsewhere") | empty)
    assert second.status_code == 422
    assert "Somebody else has changed the programme" in second.text
    assert "What it is called: <bdi>First</bdi>" in second.text
    assert 'value="Second"' in second.text
    assert "Days on which new members begin: " not in second.text, "these are the same"
    assert 'name="version" value="2"' in second.text
    again = await service.staff.post(here, data=sent(course, version=2, title="Second"))
    assert again.status_code == 303
    assert (await service.http.get(address_of(course))).json()["title"] == "Second"


async def test_who_comes_second_sees_other_days_and_releases_too(service: Running) -> None:
    now = service.delivery.clock.now()
    group = await service.plan(kind="self_help_group", minimum=1, optimum=4)
    here = f"/staff/programmes/{group['programme_id']}/change"
    day, other, at = ((now + timedelta(days=days)).date().isoformat() for days in (15, 16, 17))
    release = {
        "releases-0-at-date": at,
        "releases-0-at-time": "12:00",
        "releases-0-from_role": "relative",
        "releases-0-to_role": "patient",
    }
    assert (await service.staff.post(here, data=sent(group, entries=day) | release)).status_code == 303
    second = await service.staff.post(here, data=sent(group, entries=other))
    assert f"Days on which new members begin: <bdi>{day}</bdi>" in second.text
    assert f"Places that go to others on a day: <bdi>{at}</bdi>" in second.text


async def test_days_and_releases_are_planned_on_the_form_for_a_new_programme(service: Running) -> None:
    now = service.delivery.clock.now()
    at, day = now + timedelta(days=20), (now + timedelta(days=15)).date().isoformat()
    form = {
        "kind": "self_help_group",
        "title": "A group",
        "organiser": "Clinic",
        "place": "The room",
        "municipality": "Tranås",
        "patient": "2",
        "relative": "2",
        "entries": day,
        "releases-0-at-date": f"{at:%Y-%m-%d}",
        "releases-0-at-time": "12:00",
        "releases-0-from_role": "relative",
        "releases-0-to_role": "patient",
        "sessions-0-theme": "Coping",
        "sessions-0-at-date": f"{at:%Y-%m-%d}",
        "sessions-0-at-time": "17:00",
    }
    made = await service.staff.post("/staff/programmes/new", data=form)
    assert made.status_code == 303, made.text
    group = {"programme_id": made.headers["location"].rsplit("/", 1)[-1]}
    found = await as_it_is(service, group)
    assert found["entries"] == [day]
    assert [(one["from_role"], one["to_role"]) for one in found["releases"]] == [("relative", "patient")]
    assert datetime.fromisoformat(found["releases"][0]["at"]).date() == at.date()
