"""The calendar: what is shown when, what is found, and what other programs read of it."""

import html
import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from motesplats_events import Role
from services.registration import store
from services.registration.domain.calendar import FACTS, Wanted, facts, meetings, until_morning
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.programmes import Programme, Session
from tests.registration.conftest import Running, serving

START = datetime(2026, 3, 2, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_programme(kind: ProgrammeKind, hours: list[int], cancelled: set[int] | None = None, **more: Any) -> Programme:
    return Programme(
        programme_id="p",
        title="A title",
        organiser="Clinic",
        kind=kind,
        place="The room",
        municipality="Tranås",
        places={Role.PATIENT: 3},
        sessions=[
            Session(f"s{n}", START + at * HOUR, 120, f"Theme {n}", cancelled=n in (cancelled or set()))
            for n, at in enumerate(hours)
        ],
        **more,
    )


def shown(programme: Programme, now: datetime) -> list[str]:
    return [m.id for m in meetings(programme) if m.next_until and m.next_from <= now < m.next_until]


# What is shown of one programme


def test_a_course_is_shown_at_its_first_meeting_and_not_when_it_has_begun() -> None:
    course = a_programme(ProgrammeKind.COURSE, [0, 168, 336])
    assert shown(course, START - HOUR) == ["s0"]
    assert [m.of for m in meetings(course)] == [3, 3, 3]
    assert shown(course, START) == [], "one registers for the whole, before it begins"


def test_a_house_is_shown_while_it_is_open_and_then_at_the_next_date() -> None:
    house = a_programme(ProgrammeKind.DROP_IN, [0, 168, 336])
    assert shown(house, START + HOUR) == ["s0"], "one can still come"
    assert shown(house, START + 2 * HOUR) == ["s1"]
    assert [d.day for d in meetings(house)[0].next_dates] == [9, 16]


def test_a_group_is_shown_at_the_next_meeting_to_begin() -> None:
    group = a_programme(ProgrammeKind.MENS_GROUP, [0, 336])
    assert shown(group, START + HOUR) == ["s1"], "nobody comes in when it has begun"


def test_a_cancelled_meeting_is_shown_as_such_beside_the_next_until_it_would_have_ended() -> None:
    house = a_programme(ProgrammeKind.DROP_IN, [0, 168, 336], cancelled={1})
    assert shown(house, START) == ["s0"]
    assert shown(house, START + 3 * HOUR) == ["s1", "s2"]
    assert shown(house, START + 169 * HOUR) == ["s1", "s2"]
    assert shown(house, START + 170 * HOUR) == ["s2"]
    course = a_programme(ProgrammeKind.COURSE, [0, 168], cancelled={0})
    assert shown(course, START - HOUR) == ["s0", "s1"]
    off = replace(course, cancelled=True)
    assert shown(off, START - HOUR) == ["s0"], "once, and not at every date"


@given(
    kind=st.sampled_from([k for k in ProgrammeKind if k is not ProgrammeKind.STANDING_CALL]),
    gaps=st.lists(st.integers(1, 400), min_size=1, max_size=8),
    off=st.sets(st.integers(0, 7)),
    at=st.integers(-10, 3300),
)
def test_at_any_moment_a_programme_fills_one_line(kind: ProgrammeKind, gaps: list[int], off: set[int], at: int) -> None:
    hours = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    programme = a_programme(kind, hours, cancelled=off)
    now = START + at * HOUR
    on = [id for id in shown(programme, now) if not programme.session(id).cancelled]
    # Two that overlap may both be open.
    assert len([id for id in on if programme.session(id).starts_at > now]) <= 1
    upcoming = programme.next_session(now)
    if upcoming and programme.open_for_registration(now):
        assert on == [upcoming.session_id], "it is what one can come to"


@pytest.mark.parametrize(
    ("at", "left"),
    [
        ("2026-07-01T00:00+02:00", timedelta(hours=9)),
        ("2026-07-01T08:59:59+02:00", timedelta(seconds=1)),
        ("2026-07-01T09:00+02:00", timedelta()),
        ("2026-07-01T20:59+02:00", timedelta()),
        ("2026-07-01T21:30+02:00", timedelta(hours=11, minutes=30)),
        ("2026-03-29T00:00+01:00", timedelta(hours=8)),
    ],
)
def test_the_night_lasts_until_nine(at: str, left: timedelta) -> None:
    assert until_morning(datetime.fromisoformat(at).astimezone(UTC), ZoneInfo("Europe/Stockholm")) == left


# What is found


async def plan_many(service: Running, number: int, seed: int = 1) -> None:
    chance = random.Random(seed)
    now = service.delivery.clock.now()
    for n in range(number):
        kind = chance.choice(list(ProgrammeKind))
        first = now + timedelta(days=chance.randrange(1, 40), hours=chance.randrange(24))
        every = timedelta(days=chance.choice([7, 14]))
        dates = 0 if kind is ProgrammeKind.STANDING_CALL else chance.randrange(1, 5)
        await service.plan(
            organiser=chance.choice(["Clinic", "Association"]),
            title=f"Programme {n}",
            kind=kind.value,
            place={"name": "The room", "municipality": chance.choice(["Tranås", "Eksjö", "eksjö"])},
            places={} if kind is ProgrammeKind.DROP_IN else {"patient": 5},
            about=chance.choice(["", "heart failure", "Cancer"]),
            format=chance.choice(["physical", "digital", "both"]),
            language=chance.choice(["sv", "sv", "da"]),
            sessions=[{"at": (first + every * k).isoformat(), "minutes": 60, "theme": "Theme"} for k in range(dates)],
        )


async def test_the_filtered_calendar_is_the_whole_one_filtered(service: Running) -> None:
    await plan_many(service, 40)
    at, now = service.delivery.reading, service.delivery.clock.now()
    whole = [meeting for _, meeting in await store.entries(at, Wanted(), now, now, 10_000)]
    whole += await store.calls(at, Wanted())
    assert len(whole) == 40
    choices = await store.choices(at, now)
    assert {name: {fact for m in whole for fact in facts(m)[name]} for name in FACTS} == {
        name: {value.casefold() for value in values} for name, values in choices.items()
    }, "what can be chosen is what there is"
    assert len(choices["municipality"]) == 2, "one spelling"
    chance = random.Random(2)
    found = 0
    for _ in range(60):
        chosen = {name: chance.choice(values) for name, values in choices.items() if chance.random() < 0.4}
        wanted = Wanted(**chosen)
        filtered = [meeting for _, meeting in await store.entries(at, wanted, now, now, 10_000)]
        filtered += await store.calls(at, wanted)
        assert {m.id for m in filtered} == {m.id for m in whole if wanted.fits(m)}, chosen
        found += len(filtered)
    assert found > 100


async def test_the_pages_of_the_calendar_leave_nobody_out(service: Running) -> None:
    first = (service.delivery.clock.now() + timedelta(days=9)).replace(hour=16, minute=0, second=0, microsecond=0)
    for n in range(35):
        # All at the same minute: a page ends between two of them.
        await service.plan(title=f"Course {n}", sessions=[{"at": first.isoformat(), "minutes": 60, "theme": "Theme"}])
    seen: list[str] = []
    later: str | None = ""
    while later is not None:
        query = {"from": later} if later else {}
        answer = (await service.http.get("/api/registration/calendar", params=query)).json()
        seen += [entry["title"] for entry in answer["entries"]]
        assert len(answer["entries"]) <= 30
        later = answer["later"]
    assert len(seen) == 35
    assert len(set(seen)) == 35
    page = (await service.http.get("/")).text
    assert page.count("<h3>") == 30
    following = re.findall(r'href="([^"]*)" rel="next"', page)[0].replace("&amp;", "&")
    assert (await service.http.get(following)).text.count("<h3>") == 5


async def test_the_next_thing_stands_first_and_its_day_is_told_in_words(service: Running) -> None:
    zone = service.settings.zone
    service.later(seconds=(_noon(service) - service.delivery.clock.now()).total_seconds())
    now = service.delivery.clock.now()
    await service.plan(title="A course", days=1)
    dates = [now + timedelta(hours=1), now + timedelta(days=7)]
    coffee = [{"at": at.isoformat(), "minutes": 120, "theme": "Coffee"} for at in dates]
    await service.plan(title="Open house", kind="drop_in", places={}, sessions=coffee)
    page = (await service.http.get("/")).text
    assert page.index("Today, ") < page.index("Open house") < page.index("Tomorrow, ") < page.index("A course")
    assert "Open to all, no registration" in page
    assert "2 meetings" in page
    assert page.count("Open house") == 1, "every week, and one line"
    service.later(hours=2)
    assert "Open now" in (await service.http.get("/")).text
    service.later(hours=2)
    later = (await service.http.get("/")).text
    assert later.index("A course") < later.index("Open house")
    day = (now + timedelta(days=2)).astimezone(zone).date()
    from_there = (await service.http.get("/", params={"from": day.isoformat()})).text
    assert "Open house" in from_there
    assert "A course" not in from_there


def _noon(service: Running) -> datetime:
    """A time of day at which two hours later is the same day."""
    local = service.delivery.clock.now().astimezone(service.settings.zone) + timedelta(days=1)
    return local.replace(hour=10, minute=0, second=0, microsecond=0)


async def test_how_full_it_is_is_told_in_three_steps_and_never_in_numbers(service: Running) -> None:
    course = await service.plan(patient=1, relative=0, title="Small")
    assert "Few places left" in (await service.http.get("/")).text
    await service.register(course, "Astrid")
    page = (await service.http.get("/")).text
    assert "Full, with a queue" in page
    entry = (await service.http.get("/api/registration/calendar")).json()["entries"][0]
    assert entry["state"] == "full"
    assert not {"taken", "places", "free"} & entry.keys()


async def test_a_cancelled_programme_and_a_changed_one_are_shown_as_they_are(service: Running) -> None:
    course = await service.plan(title="A course")
    programme = await store.programme(service.delivery.reading, course["programme_id"])
    moved = replace(programme, municipality="Eksjö", version=2)
    await service.delivery.transact(lambda tx: store.save_programme(tx, moved))
    at, now = service.delivery.reading, service.delivery.clock.now()
    assert (await store.choices(at, now))["municipality"] == ["Eksjö"]
    assert "A course" not in (await service.http.get("/?municipality=Tran%C3%A5s")).text
    off = replace(moved, cancelled=True, version=3)
    await service.delivery.transact(lambda tx: store.save_programme(tx, off))
    page = (await service.http.get("/?municipality=eksj%C3%B6")).text
    assert "A course" in page
    assert ">Cancelled<" in page
    service.later(days=22)
    assert "A course" not in (await service.http.get("/")).text


# The page


async def test_each_choice_is_told_in_words_and_can_be_taken_away_by_itself(service: Running) -> None:
    await plan_many(service, 12)
    page = (await service.http.get("/?kind=drop_in&municipality=Eksj%C3%B6&nonsense=1&format=telepathy")).text
    chosen = page[page.index('id="chosen"') : page.index("</section>")]
    assert re.findall(r'<a href="([^"]+)"', chosen) == ["/?kind=drop_in", "/?municipality=Eksj%C3%B6", "/"]
    assert "Drop-in" in chosen
    assert "telepathy" not in chosen
    assert "<title>Calendar – Mötesplats</title>" in page


async def test_where_nothing_fits_the_page_leads_on(service: Running) -> None:
    empty = (await service.http.get("/")).text
    assert "Nothing is planned just now" in empty
    assert 'href="/wishes/new"' in empty
    await service.plan()
    page = (await service.http.get("/?municipality=Nowhere")).text
    assert "Nothing fits just now" in page
    assert 'href="/wishes/new"' in page
    assert '<option value="Nowhere" selected>' in page
    for odd in ("from=yesterday", "from=2026-13-40", "from=9999-12-31T23:59:59.999Z", "from=%00", "kind=%F0"):
        assert (await service.http.get(f"/?{odd}")).status_code == 200


async def test_calls_without_a_date_have_a_section_of_their_own(service: Running) -> None:
    for n in range(7):
        await service.plan(title=f"Council {n}", kind="standing_call", sessions=[])
    page = (await service.http.get("/")).text
    section = page[page.index("Take part at any time") :]
    assert section.count("<h3>") == 5
    assert "Open for applications" in section
    assert "/?kind=standing_call" in section
    assert (await service.http.get("/?kind=standing_call")).text.count("<h3>") == 7
    assert "Council" not in (await service.http.get("/?kind=course")).text


# Feeds


async def read_feed(service: Running, address: str) -> tuple[Calendar, str]:
    answer = await service.http.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content), answer.headers["etag"]


async def test_a_feed_holds_the_same_as_the_calendar_with_the_same_choices(service: Running) -> None:
    await plan_many(service, 25)
    at, now = service.delivery.reading, service.delivery.clock.now()
    calendar, _ = await read_feed(service, f"/calendar.ics?municipality={quote('Eksjö')}&format=digital")
    wanted = Wanted(municipality="Eksjö", format="digital")
    everything = await store.feed(at, Wanted(), now, now, now + timedelta(days=400), 1_000)
    expected = {f"{m.id}@127.0.0.1": m for m, _ in everything if wanted.fits(m)}
    assert {str(event["uid"]) for event in calendar.walk("VEVENT")} == expected.keys()
    assert expected
    for event in calendar.walk("VEVENT"):
        meeting = expected[str(event["uid"])]
        assert event["dtstart"].dt == meeting.starts_at.replace(microsecond=0)
        assert event["dtstart"].params["TZID"] == "Europe/Stockholm"
        assert event["dtend"].dt == meeting.ends_at.replace(microsecond=0)
        assert event["sequence"] == 1
    (zone,) = calendar.walk("VTIMEZONE")
    assert len(zone.subcomponents) <= 8, "a few years, not every clock change since 1970"


async def test_a_feed_holds_what_is_to_come_and_of_what_was_what_still_fits(service: Running) -> None:
    await service.plan(title="To come")
    rows, now = service.delivery.db.meetings, service.delivery.clock.now()
    coming = [row["_id"] for row in await rows.find({}).sort("starts_at", 1).to_list(None)]
    row = await rows.find_one({})
    been = [f"been{n}" for n in range(1_000)]
    first, apart = now - timedelta(days=20), timedelta(minutes=20)
    await rows.insert_many([row | {"_id": id, "starts_at": first + n * apart} for n, id in enumerate(been)])
    calendar, _ = await read_feed(service, "/calendar.ics")
    found = [str(event["uid"]).partition("@")[0] for event in calendar.walk("VEVENT")]
    assert found == been[2:] + coming
    start, end = now - timedelta(days=31), now + timedelta(days=400)
    for most, expected in ((1, coming[:1]), (2, coming), (3, [been[-1], *coming])):
        some = await store.feed(service.delivery.reading, Wanted(), start, now, end, most)
        assert [meeting.id for meeting, _ in some] == expected


async def test_a_subscriber_learns_what_changed_under_the_same_name(service: Running) -> None:
    course = await service.plan()
    address = f"/programmes/{course['programme_id']}.ics"
    before, tag = await read_feed(service, address)
    unchanged = await service.http.get(address, headers={"if-none-match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert "max-age" in unchanged.headers["cache-control"]
    await service.register(course, "Astrid")
    assert (await read_feed(service, address))[1] == tag, "who registers is nobody's business"
    programme = await store.programme(service.delivery.reading, course["programme_id"])
    first, second = programme.sessions
    moved = replace(second, starts_at=second.starts_at + HOUR)
    after = replace(programme, sessions=[replace(first, cancelled=True), moved], version=2)
    await service.delivery.transact(lambda tx: store.save_programme(tx, after))
    calendar, changed = await read_feed(service, address)
    assert changed != tag
    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    assert events.keys() == {str(event["uid"]) for event in before.walk("VEVENT")}
    assert [str(event["status"]) for event in events.values()] == ["CANCELLED", "CONFIRMED"]
    assert {int(event["sequence"]) for event in events.values()} == {2}
    assert (await service.http.get("/programmes/none.ics")).status_code == 404


# Other web sites


async def test_only_the_list_can_be_framed_and_only_by_the_sites_that_are_named(given: dict[str, Any]) -> None:
    async with serving(given, embed_sites="https://region.example https://*.forening.example") as service:
        await service.plan(title="A course")
        answer = await service.http.get("/embed?municipality=Tran%C3%A5s")
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors https://region.example https://*.forening.example" in policy
        assert "x-frame-options" not in answer.headers
        assert "A course" in answer.text
        assert 'target="_blank" rel="noopener"' in answer.text
        for other in ("/", "/embed.css", "/staff/embed", "/embed/", "/embedded"):
            headers = (await service.staff.get(other)).headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-frame-options"] == "DENY"


async def test_without_a_setting_nobody_can_frame_anything(service: Running) -> None:
    answer = await service.http.get("/embed")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_colours_are_taken_where_they_can_be_read_and_nothing_else_gets_into_the_style(service: Running) -> None:
    good = await service.http.get("/embed.css?paper=ffffff&ink=000000&brand=%230e5a5a")
    assert good.headers["content-type"].startswith("text/css")
    assert "--paper: #ffffff" in good.text
    for odd in ("paper=ffffff&ink=eeeeee&brand=0e5a5a", "paper=ffffff", "paper=red;}&ink=000000&brand=000000"):
        assert (await service.http.get(f"/embed.css?{odd}")).text == ""


async def test_any_site_may_read_the_calendar_as_data(service: Running) -> None:
    await service.plan(title="A course", about="heart failure")
    answer = await service.http.get(
        "/api/registration/calendar?about=Heart%20Failure", headers={"origin": "https://x.example"}
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert [entry["title"] for entry in answer.json()["entries"]] == ["A course"]
    assert (await service.http.get("/api/registration/calendar?kind=cinema")).status_code == 422
    other = await service.http.get("/api/registration/programmes", headers={"origin": "https://x.example"})
    assert "access-control-allow-origin" not in other.headers


async def test_staff_get_lines_to_copy(service: Running) -> None:
    assert (await service.http.get("/staff/embed")).status_code == 303
    page = (
        await service.staff.get("/staff/embed?kind=course&paper=%23ffffff&ink=%23000000&brand=%230e5a5a&in=da")
    ).text
    lines = html.unescape(page[page.index('id="lines"') :].split(">", 1)[1].split("</textarea>")[0])
    (address,) = re.findall(r'<iframe src="([^"]+)"', lines)
    assert html.unescape(address) == (
        "http://127.0.0.1:8080/embed?kind=course&paper=ffffff&ink=000000&brand=0e5a5a&lang=da"
    )
    dim = (await service.staff.get("/staff/embed?paper=%23ffffff&ink=%23eeeeee&brand=%230e5a5a")).text
    assert "too close to each other" in dim


async def test_nothing_personal_is_in_any_public_view(service: Running) -> None:
    course = await service.plan(patient=1, relative=1, title="A course")
    for name in ("Astrid Lund", "Bo Ek"):
        await service.register(course, name)
    everybody = json.dumps(await service.registrations(course))
    private = {"Astrid", "Bo Ek", "example.org", *re.findall(r'"participant_id": "([^"]+)"', everybody)}
    assert len(private) == 5
    for address in (
        "/",
        "/embed",
        "/calendar.ics",
        f"/programmes/{course['programme_id']}.ics",
        "/api/registration/calendar",
    ):
        text = (await service.http.get(address)).text
        assert "A course" in text
        assert not [one for one in private if one in text], address


async def test_the_calendar_its_feed_and_its_address_elsewhere_are_chosen_by_place(service: Running) -> None:
    await service.plan(title="In the house", place={"name": "The house", "municipality": "Tranås"})
    await service.plan(title="In the library", place={"name": "The library", "municipality": "Tranås"})
    for address in ("/", "/calendar.ics", "/api/registration/calendar"):
        found = (await service.http.get(address, params={"place": "the LIBRARY"})).text
        assert "In the library" in found, address
        assert "In the house" not in found, address
    page = (await service.http.get("/")).text
    assert '<option value="The house">The house</option>' in page
    snippet = (await service.staff.get("/staff/embed", params={"place": "The house"})).text
    assert "place=The+house" in snippet
