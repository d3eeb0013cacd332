"""The coordinator's day and the list of programmes, asked over HTTP with a real store behind."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from motesplats_events import AssignmentChanged, AssignmentStatus, Envelope, VolunteerRole
from services.registration import store
from services.registration.use_cases.day import MOST, MOST_TODAY
from shared.access import Staff, StaffRole, staff_token
from tests.registration.conftest import Running


async def tell(service: Running, sequence: int = 1, **what: Any) -> None:
    """An assignment as the volunteers service announces it, applied as the inbox does."""
    now = service.delivery.clock.now()
    event = AssignmentChanged(
        **{
            "assignment_id": "a1",
            "volunteer_id": "v1",
            "role": VolunteerRole.HOST,
            "status": AssignmentStatus.ACCEPTED,
            "programme_id": "",
            "organiser": "Clinic",
            "municipality": "Tranås",
            "title": "Host at the house",
            "place": "The room",
            "answer_by": now + timedelta(days=3),
            "offered_at": now,
            **what,
        }
    )
    envelope = Envelope("id", event.event_type(), "/volunteers", event.assignment_id, now, sequence)
    _, handler = service.delivery.inbox._handlers[AssignmentChanged.topic]
    await service.delivery.transact(lambda tx: handler(tx, event, envelope))


@asynccontextmanager
async def seen_by(service: Running, staff: Staff) -> AsyncIterator[httpx.AsyncClient]:
    token = staff_token(service.settings, staff)
    headers = {"accept-language": "en", "authorization": f"Bearer {token}"}
    transport = service.http._transport
    async with httpx.AsyncClient(transport=transport, base_url=service.settings.public_url, headers=headers) as http:
        yield http


async def sections(http: httpx.AsyncClient, address: str = "/staff") -> dict[str, str]:
    """The page by its headings."""
    page = (await http.get(address)).text
    main = page[page.index("<main") : page.index("</main>")]
    parts = re.split(r"<h[23][^>]*>([^<]+)</h[23]>", main)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def dates(service: Running, *after: timedelta, **more: Any) -> list[dict[str, Any]]:
    now = service.delivery.clock.now()
    return [{"at": (now + at).isoformat(), "minutes": 60, "theme": f"Theme {n}", **more} for n, at in enumerate(after)]


def morning(service: Running) -> None:
    """Move to a time of day after which there is more of the day."""
    local = service.delivery.clock.now().astimezone(service.settings.zone)
    at = (local + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    service.later(seconds=(at - local).total_seconds())


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def test_the_day_begins_with_what_takes_place_and_who_is_coming(service: Running) -> None:
    empty = (await service.staff.get("/staff")).text
    assert "Begin by planning a programme" in empty
    morning(service)
    course = await service.plan(title="A course", sessions=dates(service, 2 * HOUR, 9 * DAY))
    await service.plan(title="Open house", kind="drop_in", places={}, sessions=dates(service, HOUR), hosts_needed=2)
    await service.plan(title="Another day", sessions=dates(service, 3 * DAY))
    for name, role in (("Astrid", "patient"), ("Bo", "patient"), ("Cilla", "relative")):
        await service.register(course, name, role=role)
    found = await sections(service.staff)
    today = found["Sessions today"]
    assert today.index("Open house") < today.index("A course")
    assert "Expected: 2 patients and one relative" in today
    assert "Hosts: 0 of 2" in today
    assert "Count visitors" in today
    assert "Another day" not in today
    assert "Another day" in found["The next two weeks"]
    assert "Astrid" not in str(found), "a list is one tap away"
    session = course["sessions"][0]["session_id"]
    assert f'/sessions/{session}">Attendance' in today


async def test_a_day_with_more_sessions_than_a_page_holds_leads_to_the_others(service: Running) -> None:
    morning(service)
    within = [timedelta(minutes=10 * n) for n in range(1, MOST_TODAY + 1)]
    await service.plan(title="Open house", kind="drop_in", places={}, sessions=dates(service, *within))
    async with seen_by(service, Staff("Kim", StaffRole.REGION_ADMIN, ("*",))) as http:
        assert "Later today" not in (await http.get("/staff")).text
        await service.plan(title="The last of the day", sessions=dates(service, 12 * HOUR))
        first = (await sections(http))["Sessions today"]
        assert ("Open house" in first, "The last of the day" in first) == (True, False)
        later = re.search(r'href="(/staff\?earlier=[^"#]+)', first)
        assert later
        rest = (await sections(http, later[1]))["Sessions today"]
        assert ("Open house" in rest, "The last of the day" in rest, "Later today" in rest) == (False, True, False)
        assert 'href="/staff"' in rest
        for mistyped in ("-1", "²", "1e9", "99999", "", "21"):
            assert (await sections(http, f"/staff?earlier={mistyped}"))["Sessions today"] == first


async def test_a_session_waits_until_somebody_says_that_it_was_held(service: Running) -> None:
    course = await service.plan(title="A course", sessions=dates(service, HOUR, 30 * DAY))
    service.later(seconds=90 * 60)
    assert "Have been, but are not marked as held" not in await sections(service.staff), "it is under way"
    service.later(days=1)
    assert "A course" in (await sections(service.staff))["Have been, but are not marked as held"]
    session = course["sessions"][0]["session_id"]
    assert (await service.staff.post(f"/api/registration/sessions/{session}/hold")).status_code == 200
    assert "Have been, but are not marked as held" not in await sections(service.staff)
    programme = await store.programme(service.delivery.reading, course["programme_id"])
    await service.delivery.transact(
        lambda tx: store.save_programme(tx, replace(programme, version=programme.version + 1))
    )
    assert "Have been, but are not marked as held" not in await sections(service.staff), "a change forgets nothing"


async def test_a_thin_shift_is_named_until_enough_hosts_have_said_yes(service: Running) -> None:
    house = await service.plan(
        title="Open house",
        kind="drop_in",
        places={},
        sessions=dates(service, 2 * DAY, 9 * DAY, 20 * DAY),
        hosts_needed=2,
    )
    thin = (await sections(service.staff))["Too few hosts"]
    assert thin.count("0 of 2 hosts") == 2, "of the next fourteen days"
    first = {"programme_id": house["programme_id"], "session_id": house["sessions"][0]["session_id"]}
    await tell(service, assignment_id="a1", **first)
    assert "1 of 2 hosts" in (await sections(service.staff))["Too few hosts"]
    await tell(service, assignment_id="a2", **first)
    assert (await sections(service.staff))["Too few hosts"].count("of 2 hosts") == 1
    await tell(service, 3, assignment_id="a2", status=AssignmentStatus.RELEASED, **first)
    await tell(service, 2, assignment_id="a2", **first)
    assert (await sections(service.staff))["Too few hosts"].count("of 2 hosts") == 2, "an older state changes nothing"
    await tell(service, 4, assignment_id="a2", **first)
    await tell(
        service, assignment_id="a3", role=VolunteerRole.HOST, programme_id=house["programme_id"], session_id=None
    )
    assert (await sections(service.staff))["Too few hosts"].count("1 of 2 hosts") == 1, "a host of the whole house"


async def test_missing_facilitators_and_late_lecturers_are_named(service: Running) -> None:
    group = await service.plan(title="The group", kind="mens_group", sessions=dates(service, 3 * DAY, 40 * DAY))
    talk = await service.plan(title="A talk", kind="lecture", sessions=dates(service, 30 * DAY, lecturer_lead_days=56))
    await service.plan(title="Later", kind="lecture", sessions=dates(service, 100 * DAY, lecturer_lead_days=56))
    found = await sections(service.staff)
    assert "0 of 2 facilitators" in found["Too few facilitators"]
    assert "Should have been booked by" in found["No lecturer yet"]
    assert "Later" not in found["No lecturer yet"]
    leads = {"programme_id": group["programme_id"], "role": VolunteerRole.GROUP_LEADER}
    await tell(service, assignment_id="a1", **leads)
    await tell(service, assignment_id="a2", **leads)
    session = talk["sessions"][0]["session_id"]
    await tell(
        service, assignment_id="a3", programme_id=talk["programme_id"], session_id=session, role=VolunteerRole.LECTURER
    )
    found = await sections(service.staff)
    assert "Too few facilitators" not in found
    assert "No lecturer yet" not in found


async def test_offers_applications_and_volunteers_wait_until_they_are_answered(service: Running) -> None:
    course = await service.plan(patient=1, title="A course", promotion="offer")
    for name in ("Astrid", "Bo"):
        await service.register(course, name)
    council = await service.plan(title="The council", kind="standing_call", sessions=[])
    await service.register(council, "Dan")
    link = service.link((await service.named(course, "Astrid"))["participant_id"])
    await service.http.post("/api/registration/cancellations", json={"token": link})
    await tell(service, status=AssignmentStatus.OFFERED, title="A book to lend")
    found = await sections(service.staff)
    assert "One application" in found["Applications to answer"]
    assert "One place is offered" in found["Waiting for an answer"]
    assert "A book to lend" in found["Waiting for an answer"]
    for word in ("Bo", "Dan"):
        assert f">{word}<" not in str(found)
    offer = service.link((await service.named(course, "Bo"))["participant_id"])
    await service.http.post("/api/registration/offers", json={"token": offer, "accept": True})
    await tell(service, 2, status=AssignmentStatus.DECLINED, title="A book to lend")
    dan = (await service.named(council, "Dan"))["participant_id"]
    address = f"/staff/programmes/{council['programme_id']}/registrations/{dan}"
    await service.staff.post(address, data={"do": "accept"})
    found = await sections(service.staff)
    assert "Applications to answer" not in found
    assert "Waiting for an answer" not in found


async def test_the_longest_waiting_applications_are_shown_and_that_there_are_more(service: Running) -> None:
    for n in range(MOST + 1):
        council = await service.plan(title=f"Council {n}", kind="standing_call", sessions=[])
        await service.register(council, f"Person {n}")
        service.later(days=1)
        found = (await sections(service.staff))["Applications to answer"]
        assert ("There are more" in found) == (n == MOST)
    assert [f"Council {n}<" in found for n in range(MOST + 1)] == [True] * MOST + [False]


async def test_when_enough_wait_a_new_group_is_proposed_with_a_copy_to_plan(service: Running) -> None:
    group = await service.plan(
        title="Men in Randers", kind="mens_group", places={"patient": 2}, minimum=2,
        place={"name": "The café", "municipality": "Randers"},
    )  # fmt: skip
    for name in ("Arne", "Bent", "Carl", "Dirk"):
        await service.register(group, name)
    found = await sections(service.staff)
    assert "Men in Randers" in found["Queues"]
    proposal = found["Enough people wait for a new group"]
    assert "2 people wait" in proposal
    (address,) = re.findall(r'href="(/staff/programmes/new[^"]*)"', proposal)
    assert address == f"/staff/programmes/new?copy={group['programme_id']}"
    form = (await service.staff.get(address)).text
    assert "Men in Randers" in form


async def test_wishes_alone_propose_a_group_and_are_counted_as_they_come_and_go(service: Running) -> None:
    for n in range(6):
        body = {
            "kind": "learning_cafe",
            "about": "heart failure",
            "municipality": "Tranås",
            "role": "patient",
            "name": f"Person {n}",
            "email": f"p{n}@example.org",
            "consent": True,
        }
        answer = await service.http.post("/api/registration/wishes", json=body)
        assert answer.status_code < 300, answer.text
    assert "6 people wait" in (await sections(service.staff))["Enough people wait for a new group"]
    rows = await service.delivery.db.wishes.find({}).to_list(None)
    link = service.link(rows[0]["_id"], purpose="wish")
    assert (await service.http.post("/api/registration/wishes/withdrawal", json={"token": link})).status_code == 200
    assert "Enough people wait for a new group" not in await sections(service.staff)
    assert sum((await store.most_wished(service.delivery.reading, ALL_SEEING, 10)).values()) == 5


ALL_SEEING = Staff("Kim", StaffRole.COORDINATOR, ("*",))


async def test_everybody_sees_their_own_organiser_and_area_only(service: Running) -> None:
    morning(service)
    where = {"name": "The room", "municipality": "Eksjö"}
    for organiser, place, title in (
        ("Clinic", None, "Ours"),
        ("Clinic", where, "Elsewhere"),
        ("Association", None, "Theirs"),
    ):
        more = {"place": place} if place else {}
        common = {"organiser": organiser, **more}
        for moment, name in ((HOUR, "today"), (3 * DAY, "soon")):
            await service.plan(
                title=f"{title} {name}", sessions=dates(service, moment, lecturer_lead_days=30), kind="lecture",
                hosts_needed=1, facilitators_needed=1, **common,
            )  # fmt: skip
        full = await service.plan(title=f"{title} full", patient=1, minimum=1, **common)
        await service.register(full, f"{title} one")
        await service.register(full, f"{title} two")
        council = await service.plan(title=f"{title} council", kind="standing_call", sessions=[], **common)
        await service.register(council, f"{title} three")
        there = {"organiser": organiser, "municipality": "Eksjö" if place else "Tranås"}
        await tell(service, assignment_id=title, status=AssignmentStatus.OFFERED, title=f"{title} asked", **there)
    service.later(hours=3)
    for staff, seen in (
        (Staff("Kim", StaffRole.COORDINATOR, ("Clinic",), ("Tranås",)), {"Ours"}),
        (Staff("Lo", StaffRole.COORDINATOR, ("Clinic",)), {"Ours", "Elsewhere"}),
        (Staff("Mo", StaffRole.COORDINATOR, ("*",), ("Tranås",)), {"Ours", "Theirs"}),
        (ALL_SEEING, {"Ours", "Elsewhere", "Theirs"}),
    ):
        async with seen_by(service, staff) as http:
            for address in ("/staff", "/staff/programmes"):
                page = (await http.get(address)).text
                assert {name for name in ("Ours", "Elsewhere", "Theirs") if name in page} == seen, (staff, address)
            whole = str(await sections(http))
            for what in ("today", "soon", "full", "council", "asked"):
                assert f"Ours {what}" in whole


# All programmes


async def titles(http: httpx.AsyncClient, address: str) -> list[str]:
    page = (await http.get(address)).text
    return re.findall(r"<h2 class=\"small\"><a[^>]*><bdi>([^<]+)</bdi>", page)


async def test_programmes_are_searched_filtered_and_shown_page_by_page(service: Running) -> None:
    for n in range(33):
        await service.plan(title=f"Course {n} (spring)", days=5)
    await service.plan(title="Open house", kind="drop_in", places={}, days=2)
    await service.plan(title="The council", kind="standing_call", sessions=[])
    first = await titles(service.staff, "/staff/programmes")
    assert len(first) == 30
    assert first[0] == "Open house", "the next to end stands first"
    page = (await service.staff.get("/staff/programmes")).text
    (following,) = re.findall(r'href="([^"]+)" rel="next"', page)
    rest = await titles(service.staff, following.replace("&amp;", "&"))
    assert len(first) + len(rest) == len({*first, *rest}) == 35
    assert rest[-1] == "The council", "what has no end stands last"
    assert len(await titles(service.staff, "/staff/programmes?words=12%20(SPRING")) == 1
    assert len(await titles(service.staff, "/staff/programmes?words=%20HOUSE")) == 1
    assert await titles(service.staff, "/staff/programmes?words=.*") == []
    assert await titles(service.staff, "/staff/programmes?kind=standing_call") == ["The council"]
    assert await titles(service.staff, "/staff/programmes?municipality=Nowhere") == []
    assert await titles(service.staff, "/staff/programmes?show=ended") == []
    service.later(days=14)
    assert await titles(service.staff, "/staff/programmes") == ["The council"]
    ended = await titles(service.staff, "/staff/programmes?show=ended")
    page = (await service.staff.get("/staff/programmes?show=ended")).text
    (following,) = re.findall(r'href="([^"]+)" rel="next"', page)
    rest = await titles(service.staff, following.replace("&amp;", "&"))
    assert (len(ended), len({*ended, *rest})) == (30, 34)
    assert rest[-1] == "Open house", "the last to end stands first"


async def test_the_list_of_programmes_ends_with_the_last_day_there_is_and_for_whoever_sees_many_areas(
    service: Running,
) -> None:
    await service.plan(title="The council", kind="standing_call", sessions=[])
    areas = tuple(f"Municipality {n}" for n in range(33))
    async with seen_by(service, Staff("Kim", StaffRole.COORDINATOR, ("*",), (*areas, "Tranås"))) as http:
        assert await titles(http, "/staff/programmes") == ["The council"]
    await service.plan(title="To come", days=5)
    for address in ("/staff/programmes?show=ended&from=9999-12-31", "/staff/programmes?show=ended&from=1900-01-01"):
        assert await titles(service.staff, address) == []


async def test_nobody_filters_their_way_to_another_area(service: Running) -> None:
    await service.plan(title="Elsewhere", place={"name": "The room", "municipality": "Eksjö"})
    async with seen_by(service, Staff("Kim", StaffRole.COORDINATOR, ("*",), ("Tranås",))) as http:
        assert await titles(http, "/staff/programmes?municipality=Eksj%C3%B6") == []


async def test_lectures_that_have_been_do_not_hide_a_booking_that_is_late(service: Running) -> None:
    await service.plan(title="A talk", kind="lecture", sessions=dates(service, 40 * DAY, lecturer_lead_days=56))
    past = [moment * DAY for moment in range(1, 12)]
    await service.plan(title="Eleven talks", sessions=dates(service, *past, lecturer_lead_days=0))
    service.later(days=12)
    assert "A talk" in (await sections(service.staff))["No lecturer yet"]
