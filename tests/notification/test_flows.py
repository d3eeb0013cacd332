"""From events to mail, for more than a place and a reminder: offers, moved sessions, links, wishes, volunteers."""

from datetime import datetime, timedelta
from email.message import EmailMessage

from icalendar import Calendar

from motesplats_events import (
    AssignmentStatus,
    CancellationReason,
    Format,
    VolunteerRole,
)
from services.notification.domain.messages import Kind, Status
from services.notification.mail.reading import read
from tests.notification.people import FIRST, Course, assigned, enrolled, somebody, wished
from tests.notification.world import FIRST_REMINDER, LONG_AGO, World, confirmed, kinds

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def text(mail: EmailMessage) -> str:
    return read(mail.as_bytes()).text


async def test_a_held_place_is_offered_reminded_of_and_goes_on(world: World) -> None:
    course, person = Course(), somebody()
    answer_by = LONG_AGO + 5 * DAY
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.contact(person), 1),
        world.record(course.registered(person, position=1), 1),
    )
    await world.work()
    await world.hear(world.record(course.offered(person, answer_by), 2))
    await world.work()
    world.time(answer_by - HOUR)
    await world.work()
    await world.work()
    assert [mail["Subject"] for mail in world.server.received] == [
        "Din anmälan",
        "En plats till dig",
        "Vill du ha platsen?",
    ]
    assert "/my/" in read(world.server.received[1].as_bytes()).links[0]
    expired = course.cancelled(person, False, CancellationReason.OFFER_EXPIRED)
    world.time(answer_by)
    await world.hear(world.record(expired, 3))
    await world.work()
    assert world.server.received[-1]["Subject"] == "Platsen har gått vidare"
    assert f"/programmes/{course.programme_id}" in text(world.server.received[-1])


async def test_who_says_yes_in_time_gets_a_confirmation_and_no_reminder_to_answer(world: World) -> None:
    course, person = Course(), somebody()
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.contact(person), 1),
        world.record(course.registered(person, position=1), 1),
        world.record(course.offered(person, LONG_AGO + 5 * DAY), 2),
    )
    await world.work()
    await world.hear(world.record(course.promoted(person), 3))
    await world.work()
    world.time(LONG_AGO + 5 * DAY)
    await world.work()
    assert kinds(world.server.received) == ["Du har en plats", "En plats till dig"]
    [confirmation] = [mail for mail in world.server.received if mail["Subject"] == "Du har en plats"]
    assert "Tack för ditt ja" in text(confirmation)


async def test_a_moved_session_is_told_at_once_and_the_reminder_follows_it(world: World) -> None:
    course, person, waiting = Course(weeks=1), somebody(), somebody()
    await confirmed(world, course, person)
    await world.hear(
        world.record(course.registered(waiting, position=1), 1),
        world.record(course.contact(waiting, email="bo@example.org"), 1),
    )
    await world.work()
    # The change is told before the programme that shows it: nobody gets the old time as the new one.
    await world.hear(world.record(course.session_changed(0, now=2 * DAY), 1))
    await world.settle()
    assert kinds(world.server.to("astrid@example.org")) == ["Din anmälan"]
    await world.hear(world.record(course.planned(moved_by=2 * DAY), 2))
    await world.delivery.db.messages.update_many({}, {"$set": {"try_after": LONG_AGO}})
    await world.work()
    mails = world.server.to("astrid@example.org")
    assert kinds(mails) == ["Din anmälan", "En träff har flyttats"]
    [part] = mails[-1].iter_attachments()
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    [event] = Calendar.from_ical(payload).walk("VEVENT")
    assert event.decoded("DTSTART") == FIRST + 2 * DAY
    [queue] = [mail for mail in world.server.to("bo@example.org") if mail["Subject"] == "En träff har flyttats"]
    assert not list(queue.iter_attachments())
    world.time(FIRST_REMINDER + DAY)
    await world.work()
    assert kinds(world.server.to("astrid@example.org")) == ["Din anmälan", "En träff har flyttats"]
    world.time(FIRST_REMINDER + 2 * DAY)
    await world.work()
    assert kinds(world.server.to("astrid@example.org"))[-1] == "Påminnelse om din träff"


async def test_a_session_with_those_that_follow_it_is_moved_in_one_message_and_put_back_in_another(
    world: World,
) -> None:
    course, person = Course(weeks=4), somebody()
    await confirmed(world, course, person)
    at = world.delivery.clock.now()
    moves = [world.record(course.session_changed(n, now=HOUR), 2, at) for n in range(4)]
    await world.hear(*moves, world.record(course.planned(moved_by=HOUR), 2))
    await world.settle()
    assert kinds(world.server.received) == ["Din anmälan", "Träffar har flyttats"]
    assert text(world.server.received[-1]).count("\n- ") == 4
    await world.hear(
        world.record(course.planned(moved_by=HOUR, without=course.sessions[:1]), 3),
        world.record(course.session_changed(0, was=HOUR), 3),
    )
    await world.settle()
    await world.hear(
        world.record(course.planned(moved_by=HOUR), 4), world.record(course.session_changed(0, was=HOUR, now=HOUR), 4)
    )
    await world.settle()
    assert kinds(world.server.received[2:]) == ["Det blir av som planerat", "En träff är inställd"]
    world.time(FIRST_REMINDER)
    await world.work()
    assert world.server.received[-1]["Subject"] == "Påminnelse om din träff"


async def test_a_guest_is_told_of_one_session_reminded_and_told_when_it_is_off(world: World) -> None:
    course, guest = Course(), somebody()
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.guest(guest, 1), 1),
        world.record(course.contact(guest), 1),
    )
    await world.work()
    world.time(FIRST_REMINDER)
    await world.work()
    assert kinds(world.server.received) == ["Träffen som du har bokat"]
    await world.hear(world.record(course.guest(guest, 1, booked=False), 2))
    world.time(FIRST_REMINDER + timedelta(weeks=1))
    await world.work()
    assert kinds(world.server.received) == ["Träffen som du hade bokat", "Träffen som du har bokat"]


async def test_a_cancelled_session_is_told_and_not_reminded_of(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person)
    await world.hear(
        world.record(course.planned(without=course.sessions[:1]), 2), world.record(course.session_changed(0), 1)
    )
    await world.settle()
    world.time(FIRST_REMINDER)
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan", "En träff är inställd"]
    world.time(FIRST_REMINDER + timedelta(weeks=1))
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan", "En träff är inställd", "Påminnelse om din träff"]


async def test_a_group_is_told_of_its_next_half_year_once(world: World) -> None:
    group, person = Course(weeks=1), somebody()
    await confirmed(world, group, person)
    world.time(FIRST + 3 * DAY)
    for sequence, weeks in ((2, 3), (3, 4)):
        longer = Course(group.starts_at, weeks, group.programme_id)
        await world.hear(world.record(longer.planned(), sequence))
        await world.work()
    assert kinds(world.server.received) == ["Din anmälan"]
    world.time(FIRST + 4 * DAY)
    await world.work()
    [mail] = [mail for mail in world.server.received if mail["Subject"] == "Nya träffar"]
    assert text(mail).count("Tema") == 3
    world.time(FIRST + timedelta(weeks=4))
    for _ in range(3):
        await world.work()
    assert kinds(world.server.received).count("Nya träffar") == 1


async def test_the_link_to_a_digital_meeting_reaches_those_with_a_place_only(world: World) -> None:
    course, person, waiting = Course(weeks=1), somebody(), somebody()
    await world.hear(
        world.record(course.planned(format=Format.DIGITAL), 1),
        world.record(course.meets_at("https://meet.example.net/1"), 1),
        world.record(course.registered(person), 1),
        world.record(course.contact(person), 1),
        world.record(course.registered(waiting, position=1), 1),
        world.record(course.contact(waiting, email="bo@example.org"), 1),
    )
    await world.work()
    await world.hear(world.record(course.meets_at("https://meet.example.net/2"), 2))
    await world.work()
    # The same address once more is no news.
    await world.hear(world.record(course.meets_at("https://meet.example.net/2"), 3))
    await world.work()
    world.time(FIRST_REMINDER)
    await world.work()
    mails = world.server.to("astrid@example.org")
    assert [mail["Subject"] for mail in mails] == [
        "Din anmälan",
        "Länken till dina träffar",
        "Påminnelse om din träff",
    ]
    assert "meet.example.net/1" in text(mails[0])
    assert all("meet.example.net/2" in text(mail) for mail in mails[1:])
    assert not any("meet.example.net" in mail.as_string() for mail in world.server.to("bo@example.org"))
    rows = await world.delivery.db.messages.find({}).to_list(None)
    assert "meet.example.net" not in repr(rows)


async def test_a_wish_is_noted_and_closed(world: World) -> None:
    wish = somebody()
    await world.hear(world.record(wished(wish, position=2), 1), world.record(Course().contact(wish), 1))
    await world.work()
    await world.hear(world.record(wished(wish, position=1), 2))
    await world.work()
    await world.hear(world.record(wished(wish, open=False), 3))
    await world.work()
    assert kinds(world.server.received) == ["Ditt önskemål", "Ditt önskemål"]
    assert "nummer 2" in text(world.server.received[0])
    assert "/my/" in read(world.server.received[0].as_bytes()).links[0]


async def test_a_volunteer_is_welcomed_once_led_by_links_and_reminded(world: World) -> None:
    volunteer = somebody()
    await world.hear(world.record(enrolled(volunteer), 1))
    await world.work()
    await world.hear(world.record(enrolled(volunteer, email="new@example.org"), 2))
    await world.work()
    assert kinds(world.server.received) == ["Välkommen som volontär"]
    assert "/volunteer/" in read(world.server.received[0].as_bytes()).links[0]

    now = world.delivery.clock.now()
    shift = {"session_id": "shift", "at": FIRST, "until": FIRST + 2 * HOUR}
    await world.hear(world.record(assigned(volunteer, AssignmentStatus.OFFERED, now, **shift), 1))
    await world.work()
    await world.hear(world.record(assigned(volunteer, AssignmentStatus.ACCEPTED, now, **shift), 2))
    await world.settle()
    later = {**shift, "until": FIRST + 3 * HOUR}
    await world.hear(world.record(assigned(volunteer, AssignmentStatus.ACCEPTED, now, **later), 3))
    await world.settle()
    assert kinds(world.server.to("new@example.org")) == [
        "Ditt uppdrag",
        "Ditt uppdrag är ändrat",
        "En förfrågan till dig",
    ]
    world.time(FIRST_REMINDER)
    await world.work()
    reminder = world.server.received[-1]
    assert reminder["Subject"] == "Påminnelse om ditt uppdrag"
    assert [link.split("/")[3] for link in read(reminder.as_bytes()).links] == ["lead", "volunteer"]


async def test_a_volunteer_whose_shift_is_taken_back_is_told_and_not_reminded(world: World) -> None:
    volunteer, now = somebody(), world.delivery.clock.now()
    shift = {"session_id": "shift", "at": FIRST, "until": FIRST + 2 * HOUR}
    await world.hear(
        world.record(enrolled(volunteer), 1),
        world.record(assigned(volunteer, AssignmentStatus.ACCEPTED, now, **shift), 2),
    )
    await world.settle()
    await world.hear(world.record(assigned(volunteer, AssignmentStatus.RELEASED, now, **shift), 3))
    await world.settle()
    world.time(FIRST_REMINDER)
    await world.work()
    assert kinds(world.server.received) == ["Ditt uppdrag", "Om ditt uppdrag", "Välkommen som volontär"]


async def test_what_a_unit_asks_is_told_without_any_programme(world: World) -> None:
    volunteer, now = somebody(), world.delivery.clock.now()
    asked = {"programme_id": "", "role": VolunteerRole.LIVING_BOOK, "at": FIRST}
    await world.hear(
        world.record(enrolled(volunteer), 1),
        world.record(assigned(volunteer, AssignmentStatus.OFFERED, now, **asked), 1),
    )
    await world.work()
    await world.hear(world.record(assigned(volunteer, AssignmentStatus.ACCEPTED, now, **asked), 2))
    world.time(FIRST_REMINDER)
    await world.work()
    assert kinds(world.server.received) == [
        "En förfrågan till dig",
        "Påminnelse om ditt uppdrag",
        "Välkommen som volontär",
    ]


async def test_who_leads_a_course_is_told_of_each_change_once_and_thanked_once(world: World) -> None:
    course, volunteer, now = Course(), somebody(), world.delivery.clock.now()
    last = course.starts_at + timedelta(weeks=course.weeks - 1, hours=2)
    leads = {"role": VolunteerRole.GROUP_LEADER, "programme_id": course.programme_id}

    def stands(until: datetime) -> object:
        return assigned(volunteer, AssignmentStatus.ACCEPTED, now, until=until, **leads)

    await world.hear(
        world.record(course.planned(), 1),
        world.record(enrolled(volunteer), 1),
        world.record(stands(last), 1),
    )
    await world.settle()
    await world.hear(
        world.record(course.session_changed(0, now=2 * HOUR), 2),
        world.record(course.planned(moved_by=2 * HOUR), 2),
        # Told by the volunteers service, though nothing of it shows but that the last meeting ends later.
        world.record(stands(last + 2 * HOUR), 2),
    )
    await world.settle()
    await world.work()
    assert kinds(world.server.received) == ["Ditt uppdrag", "En träff har flyttats", "Välkommen som volontär"]
    moved = next(mail for mail in world.server.received if mail["Subject"] == "En träff har flyttats")
    assert [link.split("/")[3] for link in read(moved.as_bytes()).links] == ["lead", "volunteer"]


async def test_what_a_unit_changes_after_a_yes_is_told_once_for_each_change(world: World) -> None:
    volunteer, now = somebody(), world.delivery.clock.now()
    book = {"programme_id": "", "role": VolunteerRole.LIVING_BOOK}

    async def hear(sequence: int, days: int, place: str = "Rum 4", title: str = "Samtal") -> None:
        at = FIRST + timedelta(days=days)
        more = {**book, "at": at, "until": at + HOUR, "place": place, "title": title}
        await world.hear(world.record(assigned(volunteer, AssignmentStatus.ACCEPTED, now, **more), sequence))
        await world.settle()

    await world.hear(world.record(enrolled(volunteer), 1))
    await hear(2, 0)
    await hear(3, 1)
    await hear(4, 1, title="Samtal om livet")
    assert kinds(world.server.received) == ["Ditt uppdrag är ändrat", "Välkommen som volontär"]
    await hear(5, 1, "Rum 5")
    assert kinds(world.server.received).count("Ditt uppdrag är ändrat") == 2
    assert "Rum 5" in text(world.server.received[-1])


async def test_a_cancelled_programme_lets_no_reminder_leave_even_before_the_cancellations_come(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person)
    world.time(FIRST_REMINDER)
    [due, *_] = [m for m in (await world.messages(person)).values() if m.kind is Kind.REMINDER]
    await world.hear(world.record(course.planned(cancelled=True), 2))
    await world.sender._handle(due, world.sender._connections[0])
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan"]
    await world.hear(world.record(course.cancelled(person, reason=CancellationReason.PROGRAMME_CANCELLED), 2))
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan", "Dina träffar är inställda"]
    assert {m.status for m in (await world.messages(person)).values()} == {Status.SENT, Status.DROPPED}
