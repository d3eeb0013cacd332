"""Moving, cancelling, putting back and adding sessions, rooms, and the address of a digital meeting."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motesplats_events import MeetingLinkChanged, Role
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.programmes import Programme, Session
from services.registration.domain.sessions import moved, with_room, without
from shared.errors import DomainError
from tests.registration.conftest import Running

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOW = datetime(2025, 9, 1, 8, tzinfo=UTC)


def programme_at(starts: Sequence[datetime]) -> Programme:
    """A group that meets at these times."""
    return Programme(
        programme_id="p1",
        title="A group",
        organiser="A clinic",
        kind=ProgrammeKind.COURSE,
        place="A room",
        municipality="A town",
        places={Role.PATIENT: 8},
        sessions=[Session(f"s{n}", at.astimezone(UTC), 120, "Coping") for n, at in enumerate(starts)],
    )


# Rules


def test_who_meets_at_17_meets_at_18_after_a_move_by_an_hour_in_winter_too() -> None:
    starts = [datetime(2025, 10, day, 17, tzinfo=STOCKHOLM) for day in (14, 21, 28)]
    group = programme_at(starts)
    new = moved(group, group.sessions, datetime(2025, 10, 15, 18, tzinfo=STOCKHOLM), STOCKHOLM, NOW)
    local = [at.astimezone(STOCKHOLM) for at in new.values()]
    assert [(at.day, at.hour) for at in local] == [(15, 18), (22, 18), (29, 18)]
    assert (local[2] - local[0]).total_seconds() == timedelta(days=14).total_seconds()
    assert new["s2"] - new["s0"] == timedelta(days=14, hours=1), "the clock went back in between"


@given(st.integers(0, 364), st.integers(-60, 60), st.integers(0, 23), st.integers(2, 20))
def test_a_move_of_all_keeps_the_days_between_them_and_the_time_of_day(
    first: int, days: int, hour: int, times: int
) -> None:
    begin = datetime(2026, 1, 1, 14, 30, tzinfo=STOCKHOLM) + timedelta(days=first)
    starts = [(begin + timedelta(weeks=2 * n)) for n in range(times)]
    group = programme_at(starts)
    to = (begin + timedelta(days=days)).replace(hour=hour)
    new = moved(group, group.sessions, to, STOCKHOLM, NOW)
    local = [at.astimezone(STOCKHOLM).replace(tzinfo=None) for at in new.values()]
    # The hour that summer time skips is no time to move to.
    if all((at.month, at.hour) not in {(3, 2), (3, 3)} for at in local):
        assert {b - a for a, b in pairwise(local)} == {timedelta(weeks=2)}
        assert {(at.hour, at.minute) for at in local} == {(hour, 30)}


def test_no_two_sessions_begin_at_the_same_time_and_none_in_the_past() -> None:
    starts = [datetime(2025, 10, day, 17, tzinfo=STOCKHOLM) for day in (14, 21)]
    group = programme_at(starts)
    with pytest.raises(DomainError, match="same time") as error:
        moved(group, group.sessions[:1], starts[1], STOCKHOLM, NOW)
    assert error.value.field == "at"
    with pytest.raises(DomainError, match="has passed"):
        moved(group, group.sessions[:1], NOW - timedelta(days=1), STOCKHOLM, NOW)


def test_the_last_session_that_is_left_is_not_cancelled_alone() -> None:
    group = programme_at([datetime(2025, 10, day, 17, tzinfo=STOCKHOLM) for day in (14, 21)])
    left = without(group, group.sessions[:1])
    assert [s.cancelled for s in left.sessions] == [True, False]
    with pytest.raises(DomainError, match="whole programme"):
        without(left, left.sessions[1:])


# Over HTTP


def sessions_of(course: dict[str, Any]) -> list[str]:
    """The ids of a programme's sessions."""
    return [session["session_id"] for session in course["sessions"]]


async def said(service: Running, topic: str) -> list[dict[str, Any]]:
    """What was announced, in order."""
    return [json.loads(row["value"]) for row in await service.announced(topic)]


async def test_a_moved_session_is_announced_with_both_times_and_the_programme_anew(service: Running) -> None:
    course = await service.plan()
    first, second = sessions_of(course)
    was = datetime.fromisoformat(course["sessions"][0]["at"])
    to = was + timedelta(days=2, hours=1)
    answer = await service.staff.post(f"/api/registration/sessions/{first}/move", json={"at": to.isoformat()})
    assert answer.status_code == 200, answer.text
    (changed,) = await said(service, "session-changed")
    assert changed["session_id"] == first
    for name, expected in (("was_at", was), ("starts_at", to)):
        assert abs(datetime.fromisoformat(changed[name]) - expected) < timedelta(seconds=1)
    rows = await service.announced("programme-planned")
    assert [row["sequence"] for row in rows] == [1, 2]
    assert [s["session_id"] for s in json.loads(rows[-1]["value"])["sessions"]] == [first, second]


async def test_a_session_moved_past_the_next_comes_after_it(service: Running) -> None:
    course = await service.plan()
    first, second = sessions_of(course)
    to = datetime.fromisoformat(course["sessions"][1]["at"]) + timedelta(days=1)
    answer = await service.staff.post(f"/api/registration/sessions/{first}/move", json={"at": to.isoformat()})
    assert sessions_of(answer.json()) == [second, first]


async def test_all_following_move_along_and_each_is_announced(service: Running) -> None:
    course = await service.plan()
    to = datetime.fromisoformat(course["sessions"][0]["at"]).replace(microsecond=0) + timedelta(days=3)
    address = f"/api/registration/sessions/{sessions_of(course)[0]}/move"
    assert (await service.staff.post(address, json={"at": to.isoformat(), "following": True})).status_code == 200
    assert len(await said(service, "session-changed")) == 2
    await service.staff.post(address, json={"at": to.isoformat(), "following": True})
    assert len(await said(service, "session-changed")) == 2, "the same time again is no change"


async def test_what_was_held_is_neither_moved_nor_cancelled(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    service.later(days=21, hours=1)
    first = sessions_of(course)[0]
    await service.staff.post(f"/api/registration/sessions/{first}/hold")
    later = (service.delivery.clock.now() + timedelta(days=20)).isoformat()
    for path, body in (("move", {"at": later}), ("move", {"at": later, "following": True}), ("cancellation", {})):
        answer = await service.staff.post(f"/api/registration/sessions/{first}/{path}", json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:motesplats:problem:already-held")


async def test_a_cancelled_session_is_announced_can_be_put_back_and_takes_no_attendance(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    address = f"/api/registration/sessions/{sessions_of(course)[0]}/cancellation"
    assert (await service.staff.post(address, json={})).json()["sessions"][0]["cancelled"]
    assert (await said(service, "session-changed"))[-1]["starts_at"] is None
    assert (await service.staff.post(address, json={})).status_code == 409
    assert not (await service.staff.delete(address)).json()["sessions"][0]["cancelled"]
    assert (await said(service, "session-changed"))[-1]["starts_at"] is not None
    sequences = [row["sequence"] for row in await service.announced("session-changed")]
    assert sequences == sorted(set(sequences))
    await service.staff.post(address, json={})
    service.later(days=21, hours=1)
    hold = await service.staff.post(f"/api/registration/sessions/{sessions_of(course)[0]}/hold")
    assert hold.json()["type"] == "urn:motesplats:problem:session-cancelled"
    assert (await service.staff.delete(address)).status_code == 409, "its time has passed"


async def test_a_cancelled_programme_ends_every_registration_and_the_queue(service: Running) -> None:
    course = await service.plan(patient=1, relative=0)
    for name in ("Astrid", "Bo"):
        await service.register(course, name)
    address = f"/api/registration/programmes/{course['programme_id']}/cancellation"
    assert (await service.staff.post(address)).json() == {"registrations": 2}
    ended = await said(service, "registration-cancelled")
    assert [(row["reason"], row["held_a_place"]) for row in ended] == [
        ("programme_cancelled", True),
        ("programme_cancelled", False),
    ]
    planned = (await said(service, "programme-planned"))[-1]
    assert planned["cancelled"]
    assert all(session["cancelled"] for session in planned["sessions"])
    assert await said(service, "session-changed") == [], "the end of the registration tells everybody once"
    assert (await service.staff.post(address)).status_code == 410
    assert (await service.register(course, "Cilla")).status_code == 410
    page = await service.staff.get(f"/staff/programmes/{course['programme_id']}")
    assert "The whole programme is cancelled" in page.text


async def test_an_offer_ends_when_the_session_does_that_was_moved_forward(service: Running) -> None:
    course = await service.plan(patient=1, relative=0, promotion="offer", offer_days=30)
    for name in ("Astrid", "Bo"):
        await service.register(course, name)
    link = service.link((await service.named(course, "Astrid"))["participant_id"])
    await service.http.post("/api/registration/cancellations", json={"token": link})
    sooner = service.delivery.clock.now() + timedelta(days=5)
    address = f"/api/registration/sessions/{sessions_of(course)[0]}/move"
    await service.staff.post(address, json={"at": sooner.isoformat()})
    answer_by = datetime.fromisoformat((await service.named(course, "Bo"))["answer_by"])
    assert abs(answer_by - sooner) < timedelta(seconds=1)
    assert len(await said(service, "place-offered")) == 2


async def test_the_next_half_year_of_a_group_is_added_by_a_rule_and_members_stay(service: Running) -> None:
    group = await service.plan(kind="mens_group", facilitators_needed=0)
    await service.register(group, "Arne")
    first = service.delivery.clock.now() + timedelta(days=60)
    body = {"by_rule": {"first": first.isoformat(), "rule": "FREQ=WEEKLY;INTERVAL=2;COUNT=9", "theme": "An evening"}}
    address = f"/api/registration/programmes/{group['programme_id']}/sessions"
    answer = await service.staff.post(address, json=body)
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["sessions"]) == 11
    assert (await service.statuses(group))["Arne"] == "confirmed"
    again = await service.staff.post(address, json=body)
    assert again.status_code == 422
    assert again.json()["errors"][0]["field"] == "sessions.0.at", "two sessions cannot begin at the same time"


async def test_a_room_that_is_too_small_is_refused_when_planned_and_when_it_changes(service: Running) -> None:
    first = (service.delivery.clock.now() + timedelta(days=9)).isoformat()
    plan = {
        "title": "T",
        "organiser": "Clinic",
        "place": {"name": "P", "municipality": "M"},
        "places": {"patient": 8, "relative": 4},
        "sessions": [{"at": first, "theme": "X", "room": "The small room", "room_holds": 10}],
    }
    answer = await service.staff.post("/api/registration/programmes", json=plan)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "sessions.0.room_holds")
    course = await service.plan(patient=8, relative=4)
    address = f"/api/registration/sessions/{sessions_of(course)[0]}/room"
    small = await service.staff.put(address, json={"room": "The small room", "room_holds": 10})
    assert (small.status_code, small.json()["errors"][0]["field"]) == (422, "room_holds")
    large = {"room": "The library", "room_holds": 12, "room_municipality": "Eksjö", "following": True}
    assert (await service.staff.put(address, json=large)).status_code == 200
    rooms = [session["room"] for session in (await said(service, "programme-planned"))[-1]["sessions"]]
    assert rooms == ["The library, Eksjö"] * 2
    moves = await said(service, "session-changed")
    assert [(one["was_at"] == one["starts_at"], one["session_id"]) for one in moves] == [
        (True, session) for session in sessions_of(course)
    ]
    await service.staff.put(address, json={**large, "room_holds": 14})
    assert len(await service.announced("session-changed")) == 2, "how many it holds is nobody's news"


async def test_a_session_gets_another_theme_and_those_that_follow_only_its_length(service: Running) -> None:
    course = await service.plan()
    first, second = sessions_of(course)
    address = f"/api/registration/sessions/{first}/plan"
    as_it_is = {**{name: course["sessions"][0][name] for name in ("theme", "minutes")}, "lecturer_lead_days": None}
    assert (await service.staff.put(address, json=as_it_is)).status_code == 200
    assert len(await said(service, "programme-planned")) == 1, "what changes nothing is not announced"
    other = {"theme": "The heart", "minutes": 75, "lecturer_lead_days": 3, "following": True}
    answer = await service.staff.put(address, json=other)
    assert [one["theme"] for one in answer.json()["sessions"]] == ["The heart", course["sessions"][1]["theme"]]
    sessions = (await said(service, "programme-planned"))[-1]["sessions"]
    assert [(one["minutes"], one["lecturer_by"] is not None) for one in sessions] == [(75, True)] * 2
    last = f"/api/registration/sessions/{second}/plan"
    await service.staff.put(last, json={**other, "minutes": 60, "lecturer_lead_days": None})
    staffing = await service.staff.get(f"/api/registration/programmes/{course['programme_id']}/staffing")
    assert [one["lecturer_lead_days"] for one in staffing.json()["sessions"]] == [3, None], "those before stay"
    assert await said(service, "session-changed") == [], "nobody is told by message"
    assert "The heart" in (await service.http.get(f"/programmes/{course['programme_id']}")).text
    wrong = await service.staff.put(address, json={"theme": " ", "minutes": 0})
    assert {one["field"] for one in wrong.json()["errors"]} == {"theme", "minutes", "lecturer_lead_days"}
    await service.staff.post(f"/api/registration/sessions/{first}/cancellation", json={})
    assert (await service.staff.put(address, json=other)).status_code == 409


async def test_only_who_has_a_place_sees_the_digital_meeting_and_the_outbox_keeps_no_address(
    service: Running, caplog: pytest.LogCaptureFixture
) -> None:
    course = await service.plan(patient=1, relative=0, format="digital")
    for name in ("Astrid", "Bo"):
        await service.register(course, name)
    url = "https://meet.example.org/a-secret-room"
    address = f"/api/registration/programmes/{course['programme_id']}/meeting-link"
    for bad in ("http://meet.example.org", "javascript:alert(1)", "https://user@x.example.org", "https://", "x"):
        answer = await service.staff.put(address, json={"url": bad})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "url"), bad
    assert (await service.staff.put(address, json={"url": url})).json() == {"url": url}
    pages = {}
    for name in ("Astrid", "Bo"):
        link = service.link((await service.named(course, name))["participant_id"])
        pages[name] = (await service.http.get(f"/my/{link}")).text
    assert url in pages["Astrid"]
    assert url not in pages["Bo"], "who waits has no place"
    for public in ("/", f"/programmes/{course['programme_id']}", "/api/registration/programmes"):
        assert url not in (await service.http.get(public)).text
    (row,) = await service.announced(MeetingLinkChanged.topic)
    assert row["value"] is None
    assert url not in caplog.text
    await service.staff.put(address, json={"url": None})
    assert len(await service.announced(MeetingLinkChanged.topic)) == 2


async def test_the_coordinator_moves_cancels_and_puts_back_by_pages(service: Running) -> None:
    course = await service.plan()
    session = sessions_of(course)[0]
    here = f"/staff/programmes/{course['programme_id']}/sessions/{session}"
    assert "Move and tell everybody" in (await service.staff.get(f"{here}/change")).text
    past = await service.staff.post(f"{here}/move", data={"at-date": "2020-01-01", "at-time": "17:00"})
    assert past.status_code == 422
    assert "This time has passed" in past.text
    assert 'value="2020-01-01"' in past.text, "what was typed is kept"
    day = (service.delivery.clock.now() + timedelta(days=12)).date().isoformat()
    moved_on = await service.staff.post(f"{here}/move", data={"at-date": day, "at-time": "18:30", "following": "yes"})
    assert moved_on.status_code == 303
    typed = {"theme": "The heart", "minutes": "", "following": "yes"}
    planned = await service.staff.post(f"{here}/plan", data=typed)
    assert planned.status_code == 422
    assert "Write how many minutes the session lasts" in planned.text
    assert 'value="The heart"' in planned.text
    assert 'name="following" value="yes" checked' in planned.text
    assert (await service.staff.post(f"{here}/plan", data={**typed, "minutes": "75"})).status_code == 303
    sessions = (await said(service, "programme-planned"))[-1]["sessions"]
    assert [(one["theme"], one["minutes"]) for one in sessions] == [("The heart", 75), ("Theme 1", 75)]
    assert (await service.staff.post(f"{here}/cancellation", data={})).status_code == 303
    assert "Put the session back" in (await service.staff.get(f"{here}/change")).text
    assert (await service.staff.post(f"{here}/put-back", data={})).status_code == 303
    assert [row["starts_at"] is None for row in await said(service, "session-changed")] == [False, False, True, False]


async def test_the_dates_of_a_half_year_are_looked_at_before_they_are_added(service: Running) -> None:
    course = await service.plan()
    here = f"/staff/programmes/{course['programme_id']}/sessions"
    day = (service.delivery.clock.now() + timedelta(days=60)).date().isoformat()
    typed = {
        "first-date": day,
        "first-time": "17:00",
        "repeat": "weekly",
        "times": "4",
        "theme": "More",
        "minutes": "90",
    }
    looked = await service.staff.post(here, data={**typed, "look": "yes"})
    assert "These dates would be added" in looked.text
    assert looked.text.count("<li>") >= 4
    assert len(await said(service, "programme-planned")) == 1, "looking stores nothing"
    assert (await service.staff.post(here, data=typed)).status_code == 303
    assert len((await said(service, "programme-planned"))[-1]["sessions"]) == 6
    again = await service.staff.post(here, data=typed)
    assert again.status_code == 422
    assert "same time" in again.text


def test_a_room_in_the_programmes_own_municipality_is_not_said_twice() -> None:
    group = programme_at([datetime(2025, 10, 14, 17, tzinfo=STOCKHOLM)])
    after = with_room(group, group.sessions, "The library", 8, "A town")
    assert after.sessions == [replace(group.sessions[0], room="The library", room_holds=8)]
