"""From events to mail: on a real store, through the real inbox, over real SMTP."""

import asyncio
import hashlib
import random
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from motesplats_events import (
    AssignmentOffered,
    AttendanceRecorded,
    ParticipantContactChanged,
    RegistrationRepeated,
    SurveyInvitationsMinted,
    SurveyKind,
    SurveyOpened,
    VolunteerContactChanged,
    VolunteerRole,
)
from services.notification.domain.values import Kind, Reason, Status
from services.notification.mail.reading import read
from services.notification.mail.sender import Sender
from services.notification.mail.smtp import Unreachable
from services.notification.store import changes
from services.notification.store import messages as message_store
from services.notification.use_cases import by_hand
from services.notification.use_cases.planning import plan_what_changed
from shared.access import Staff, StaffRole
from shared.delivery import Transaction
from tests.notification.conftest import World
from tests.notification.people import FIRST, Course, somebody

COORDINATOR = Staff("Coordinator", StaffRole.COORDINATOR, ("*",))
FIRST_REMINDER = datetime(2025, 1, 27, 8, 0, tzinfo=UTC)


def kinds(sent: list[EmailMessage]) -> list[str]:
    return sorted(str(mail["Subject"]) for mail in sent)


async def confirmed(world: World, course: Course, person: str, **contact: Any) -> None:
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.registered(person), 1),
        world.record(course.contact(person, **contact), 1),
    )
    await world.work()


async def held(world: World, course: Course, week: int, attended: list[str], survey_id: str = "survey") -> SurveyOpened:
    """The session is over: who came is known, and a survey is open."""
    recorded = AttendanceRecorded(session_id=course.sessions[week], programme_id=course.programme_id, attended=attended)
    opened = SurveyOpened(
        survey_id=survey_id,
        programme_id=course.programme_id,
        kind=SurveyKind.SESSION,
        audience=[course.sessions[week]],
        closes_at=world.delivery.clock.now() + timedelta(days=14),
    )
    await world.hear(world.record(recorded, 1), world.record(opened, 1))
    return opened


async def test_who_gets_a_place_gets_one_confirmation_with_a_calendar_file(world: World) -> None:
    await confirmed(world, Course(), somebody())
    [mail] = world.server.to("astrid@example.org")
    assert mail["Subject"] == "Din anmälan"
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["text/calendar"]


async def test_the_same_events_again_send_nothing_again(world: World) -> None:
    course, person = Course(), somebody()
    records = [
        world.record(course.planned(), 1),
        world.record(course.registered(person), 1),
        world.record(course.contact(person), 1),
    ]
    for _ in range(3):
        await world.hear(*records)
        await world.work()
    # The same state, told as a new event.
    await world.hear(world.record(course.registered(person), 1), world.record(course.contact(person), 2))
    await world.work()
    assert len(world.server.received) == 1


async def test_each_session_is_reminded_of_the_day_before(world: World) -> None:
    await confirmed(world, Course(), somebody())
    world.time(FIRST_REMINDER - timedelta(seconds=1))
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan"]
    world.time(FIRST_REMINDER)
    await world.work()
    world.time(FIRST_REMINDER + timedelta(weeks=1))
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan", *["Påminnelse om din träff"] * 2]


async def test_no_reminder_follows_a_cancellation_even_when_it_is_due_at_the_same_moment(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person)
    world.time(FIRST_REMINDER)
    [due, *_] = [m for m in (await world.messages(person)).values() if m.kind is Kind.REMINDER]
    assert due.due_at == FIRST_REMINDER and due.status is Status.QUEUED
    # The cancellation is known but not yet planned for, and the reminder is in the sender's hand.
    await world.hear(world.record(course.cancelled(person), 2))
    await world.sender._handle(due, world.sender._connections[0])
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan", "Din avbokning"]
    left = [m for m in (await world.messages(person)).values() if m.kind is Kind.REMINDER]
    assert {(m.status, m.reason) for m in left} == {(Status.DROPPED, Reason.CANCELLED)}


async def test_a_reminder_that_could_not_leave_before_the_session_is_dropped(world: World) -> None:
    person = somebody()
    await confirmed(world, Course(weeks=1), person)
    world.time(FIRST)
    await world.work()
    assert len(world.server.received) == 1
    [reminder] = [m for m in (await world.messages(person)).values() if m.kind is Kind.REMINDER]
    assert reminder.reason is Reason.TOO_LATE


async def test_who_changes_their_mind_about_reminders_gets_none_and_then_gets_them(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person)
    await world.hear(world.record(course.contact(person, reminders=False), 2))
    world.time(FIRST_REMINDER)
    await world.work()
    assert len(world.server.received) == 1
    await world.hear(world.record(course.contact(person, reminders=True), 3))
    await world.work()
    assert len(world.server.received) == 2


async def test_a_session_that_moves_is_reminded_of_at_its_new_time_only(world: World) -> None:
    course, person = Course(weeks=1), somebody()
    await confirmed(world, course, person)
    await world.hear(world.record(course.planned(moved_by=timedelta(days=2)), 2))
    await world.hear(world.record(course.planned(), 1))
    await world.work()
    world.time(FIRST_REMINDER)
    await world.work()
    assert len(world.server.received) == 1
    world.time(FIRST_REMINDER + timedelta(days=2))
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan", "Påminnelse om din träff"]


async def test_who_is_promoted_before_the_first_mail_left_is_told_of_the_place_only(world: World) -> None:
    course, person = Course(), somebody()
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.contact(person), 1),
        world.record(course.registered(person, position=2), 1),
    )
    await world.sender._delivery.transact(lambda tx: plan_what_changed(tx, world.settings.zone))
    await world.hear(world.record(course.promoted(person), 2))
    await world.work()
    [mail] = world.server.received
    assert mail["Subject"] == "Du har en plats"


async def test_whatever_order_events_arrive_in_the_same_messages_are_planned(world: World) -> None:
    def story(person: str, course: Course) -> list[list[Any]]:
        """What happens to two people, one list a topic: order holds within a topic and person only."""
        waiting = f"{person}-waiting"
        opened = SurveyOpened(
            survey_id=f"survey-{person}",
            programme_id=course.programme_id,
            kind=SurveyKind.COURSE,
            audience=course.sessions,
            closes_at=FIRST + timedelta(days=60),
        )
        attended = [
            AttendanceRecorded(session_id=session, programme_id=course.programme_id, attended=[person, waiting])
            for session in course.sessions
        ]
        repeated = RegistrationRepeated(participant_id=person, programme_id=course.programme_id)
        return [
            [world.record(course.planned(), 1), world.record(course.planned(moved_by=timedelta(hours=1)), 2)],
            [world.record(course.registered(person), 1)],
            [world.record(course.registered(waiting, position=1), 1)],
            [world.record(course.promoted(waiting), 2)],
            [world.record(course.contact(person), 1), world.record(course.contact(person, reminders=False), 2)],
            [world.record(course.contact(waiting), 1)],
            [world.record(repeated, 2)],
            [world.record(event, 1) for event in attended],
            [world.record(opened, 1)],
        ]

    async def planned(order: list[int], person: str) -> set[tuple[str, str, str]]:
        course = Course()
        topics = story(person, course)
        for turn in order:
            if topics[turn]:
                await world.hear(topics[turn].pop(0))
                await world.delivery.transact(lambda tx: plan_what_changed(tx, world.settings.zone))
        found = await world.messages(person, f"{person}-waiting")
        return {
            (m.kind, m.recipient.replace(person, "person"), m.ref.replace(person, "").replace(course.programme_id, ""))
            for m in found.values()
            if m.status is Status.QUEUED
        }

    shuffle = random.Random(46)
    turns = [turn for turn, topic in enumerate(story("x", Course())) for _ in topic]
    expected = await planned(turns, somebody())
    assert {kind for kind, _, _ in expected} == {
        "confirmation",
        "promoted",
        "reminder",
        "already_registered",
        "course_survey",
    }
    for _ in range(12):
        order = list(turns)
        shuffle.shuffle(order)
        assert await planned(order, somebody()) == expected, f"in the order {order}"


async def test_two_changes_that_do_not_see_each_other_still_lead_to_the_message(world: World) -> None:
    course, person = Course(), somebody()
    await world.hear(world.record(course.registered(person), 1))
    await world.work()
    # Two replicas, each with its own batch, at the same time.
    await asyncio.gather(
        world.hear(world.record(course.planned(), 1)), world.hear(world.record(course.contact(person), 1))
    )
    await world.work()
    assert len(world.server.received) == 1


async def test_two_senders_at_work_send_each_message_once(world: World) -> None:
    course = Course()
    people = [somebody() for _ in range(30)]
    await world.hear(world.record(course.planned(), 1))
    for person in people:
        await world.hear(
            world.record(course.registered(person), 1),
            world.record(course.contact(person, email=f"{person}@example.org"), 1),
        )
    other = Sender(world.delivery, world.settings, world.pages, world.server.where)

    async def work(sender: Sender) -> None:
        while await sender.work():
            pass

    await asyncio.gather(work(world.sender), work(other))
    await world.work()
    assert sorted(mail["To"] for mail in world.server.received) == sorted(f"{p}@example.org" for p in people)


async def test_while_the_mail_server_is_away_nothing_is_lost_and_afterwards_each_leaves_once(world: World) -> None:
    course = Course()
    people = [somebody() for _ in range(8)]
    await world.server.stop()
    await world.hear(world.record(course.planned(), 1))
    for person in people:
        await world.hear(
            world.record(course.registered(person), 1),
            world.record(course.contact(person, email=f"{person}@example.org"), 1),
        )
    for _ in range(3):
        with pytest.raises(Unreachable):
            await world.work()
    await world.server.start()
    running = asyncio.create_task(world.sender.run())
    async with asyncio.timeout(10):
        while len(world.server.received) < len(people):
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert sorted(mail["To"] for mail in world.server.received) == sorted(f"{p}@example.org" for p in people)


async def test_a_server_that_was_restarted_between_two_mails_is_no_trouble(world: World) -> None:
    await confirmed(world, Course(), somebody())
    await world.server.restart()
    await confirmed(world, Course(), somebody(), email="bo@example.org")
    assert len(world.server.to("bo@example.org")) == 1


async def test_a_mail_that_is_sent_again_after_a_lost_answer_keeps_its_message_id(world: World) -> None:
    """At least once: the server took the mail, and the sender died before it could note it."""
    course, person = Course(), somebody()
    await confirmed(world, course, person)
    [sent] = [m for m in (await world.messages(person)).values() if m.kind is Kind.CONFIRMATION]
    never_noted = {"status": "queued", "try_after": message_store.ALWAYS}
    await world.delivery.db.messages.update_one({"_id": sent.id}, {"$set": never_noted})
    await world.work()
    first, second = world.server.received
    assert first["Message-ID"] == second["Message-ID"]


async def test_what_a_dead_process_had_in_hand_is_sent_by_the_next(world: World) -> None:
    course, person = Course(), somebody()
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.registered(person), 1),
        world.record(course.contact(person), 1),
    )
    await world.delivery.transact(lambda tx: plan_what_changed(tx, world.settings.zone))
    now = datetime.now(UTC)

    async def take(real_now: datetime) -> message_store.InHand:
        return await message_store.take_due(
            world.delivery.reading,
            now=world.delivery.clock.now(),
            real_now=real_now,
            real_until=real_now + timedelta(seconds=10),
            limit=10,
        )

    mine = await take(now)
    assert len(mine.messages) == 1
    assert not (await take(now + timedelta(seconds=9))).messages
    await message_store.keep_in_hand(world.delivery.reading, mine, real_until=now + timedelta(seconds=20))
    assert not (await take(now + timedelta(seconds=19))).messages
    assert len((await take(now + timedelta(seconds=21))).messages) == 1
    await message_store.keep_in_hand(world.delivery.reading, mine, real_until=now + timedelta(days=1))
    assert len((await take(now + timedelta(seconds=40))).messages) == 1, "who has lost it cannot keep it"


async def test_an_address_that_is_refused_is_listed_for_staff_and_can_be_tried_again(world: World) -> None:
    world.server.answer = lambda address: "550 5.1.1 No such user" if address.startswith("astrid") else None
    course, person = Course(), somebody()
    await confirmed(world, course, person)
    await confirmed(world, course, somebody(), email="bo@example.org")
    assert [mail["To"] for mail in world.server.received] == ["bo@example.org"]
    overview = await by_hand.overview(world.delivery.reading, COORDINATOR)
    [failed] = overview.failed
    assert (failed.recipient, failed.reason) == (person, Reason.REFUSED)
    world.server.answer = lambda _: None
    await world.delivery.transact(lambda tx: by_hand.try_again(tx, COORDINATOR, failed.id))
    await world.work()
    assert len(world.server.to("astrid@example.org")) == 1


async def test_a_new_address_gets_what_the_old_one_refused(world: World) -> None:
    world.server.answer = lambda address: "550 5.1.1 No such user" if address.startswith("astrid") else None
    course, person = Course(), somebody()
    await confirmed(world, course, person)
    await world.hear(world.record(course.contact(person, email="new@example.org"), 2))
    await world.work()
    assert len(world.server.to("new@example.org")) == 1


async def test_a_mail_that_the_server_puts_off_is_tried_later(world: World) -> None:
    world.server.answer = lambda _: "451 4.7.1 Greylisted"
    person = somebody()
    await confirmed(world, Course(), person)
    [waiting] = [m for m in (await world.messages(person)).values() if m.kind is Kind.CONFIRMATION]
    assert (waiting.status, waiting.tries) == (Status.QUEUED, 1)
    world.server.answer = lambda _: None
    await world.work()
    assert world.server.received == [], "it was not to be tried before its time"
    await world.delivery.db.messages.update_one({"_id": waiting.id}, {"$set": {"try_after": datetime.now(UTC)}})
    await world.work()
    assert len(world.server.received) == 1


async def test_survey_tokens_leave_with_the_mail_and_their_hashes_are_published(world: World) -> None:
    course = Course()
    people = [somebody() for _ in range(7)]
    await world.hear(world.record(course.planned(), 1))
    for person in people:
        await world.hear(
            world.record(course.registered(person), 1),
            world.record(course.contact(person, email=f"{person}@example.org"), 1),
        )
    world.time(FIRST + timedelta(hours=2))
    await held(world, course, 0, people)
    await world.work()

    tokens = []
    for mail in world.server.received:
        if mail["Subject"] == "Hur var träffen?":
            [link] = read(mail.as_bytes()).links
            tokens.append(link.removeprefix("http://127.0.0.1:8080/surveys/"))
    assert len(set(tokens)) == len(people)
    [row] = await world.outbox("survey-invitations-minted")
    minted = SurveyInvitationsMinted.model_validate_json(row["value"])
    assert sorted(minted.token_hashes) == sorted(hashlib.sha256(token.encode()).hexdigest() for token in tokens)
    for name in await world.delivery.db.list_collection_names():
        for document in await world.delivery.db[name].find({}).to_list(None):
            assert not any(token in repr(document) for token in tokens), f"a token is left in {name}"


async def test_who_is_added_to_the_attendance_later_is_not_invited_alone(world: World) -> None:
    course, first, late = Course(), somebody(), somebody()
    await confirmed(world, course, first)
    await confirmed(world, course, late, email="bo@example.org")
    world.time(FIRST + timedelta(hours=2))
    await held(world, course, 0, [first])
    await world.work()
    corrected = AttendanceRecorded(
        session_id=course.sessions[0], programme_id=course.programme_id, attended=[first, late]
    )
    await world.hear(world.record(corrected, 2))
    await world.work()
    assert len(await world.outbox("survey-invitations-minted")) == 1
    assert "Hur var träffen?" not in kinds(world.server.to("bo@example.org"))


async def test_an_invitation_that_cannot_leave_before_the_survey_closes_is_dropped_with_its_token(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person)
    world.time(FIRST + timedelta(hours=2))
    opened = await held(world, course, 0, [person])
    await world.delivery.transact(lambda tx: plan_what_changed(tx, world.settings.zone))
    world.time(opened.closes_at)
    await world.work()
    [row] = await world.delivery.db.messages.find({"kind": "session_survey"}).to_list(None)
    assert (row["status"], row["reason"]) == ("dropped", "too_late")
    assert "token" not in row


async def test_who_left_a_number_only_is_called_and_the_letter_holds_the_link_until_it_is_done(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person, email=None, phone="+46701234567")
    world.time(FIRST + timedelta(hours=2))
    await held(world, course, 0, [person])
    await world.work()
    assert world.server.received == []
    _, calls = await by_hand.calls(world.delivery.reading, COORDINATOR)
    assert [call.kind for call in calls] == [Kind.CONFIRMATION, Kind.SESSION_SURVEY]
    survey = calls[1]
    assert survey.token
    await world.delivery.transact(lambda tx: by_hand.mark_called(tx, COORDINATOR, survey.id))
    await world.delivery.transact(lambda tx: by_hand.mark_called(tx, COORDINATOR, survey.id))
    [done] = [m for m in (await world.messages(person)).values() if m.id == survey.id]
    assert (done.status, done.token) == (Status.CALLED, None)
    await world.delivery.transact(lambda tx: by_hand.undo_called(tx, COORDINATOR, survey.id))
    _, calls = await by_hand.calls(world.delivery.reading, COORDINATOR)
    assert len(calls) == 2


async def test_a_call_that_came_too_late_leaves_the_list(world: World) -> None:
    course, person = Course(weeks=1), somebody()
    await confirmed(world, course, person, email=None, phone="+46701234567")
    world.time(FIRST_REMINDER)
    await world.work()
    assert len((await by_hand.calls(world.delivery.reading, COORDINATOR))[1]) == 2
    world.time(FIRST)
    world.sender._tidied_at = 0.0
    await world.work()
    _, calls = await by_hand.calls(world.delivery.reading, COORDINATOR)
    assert [call.kind for call in calls] == [Kind.CONFIRMATION]


async def test_a_cancellation_takes_calls_off_the_list(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person, email=None, phone="+46701234567")
    await world.hear(world.record(course.cancelled(person), 2))
    await world.work()
    _, calls = await by_hand.calls(world.delivery.reading, COORDINATOR)
    assert [call.kind for call in calls] == [Kind.CANCELLED]


async def test_who_asks_to_be_forgotten_gets_nothing_more_and_only_the_id_stays(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person)
    world.time(FIRST + timedelta(hours=2))
    await held(world, course, 0, [person])
    await world.delivery.transact(lambda tx: plan_what_changed(tx, world.settings.zone))
    await world.hear(world.record(ParticipantContactChanged, 2, subject=person))
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan"]
    for name in await world.delivery.db.list_collection_names():
        everything = repr(await world.delivery.db[name].find({}).to_list(None))
        assert "astrid@example.org" not in everything and "Astrid" not in everything
    left = (await world.messages(person)).values()
    assert not [m for m in left if m.status is Status.QUEUED or m.token]


async def test_a_volunteer_is_asked_once_the_address_is_known(world: World) -> None:
    course, volunteer = Course(), somebody()
    offered = AssignmentOffered(
        assignment_id="assignment",
        volunteer_id=volunteer,
        role=VolunteerRole.PEER,
        programme_id=course.programme_id,
        title="Samtal",
        place="Rummet",
        answer_by=world.delivery.clock.now() + timedelta(days=7),
    )
    await world.hear(world.record(offered, 1))
    await world.sender.work()
    assert world.server.received == []
    contact = VolunteerContactChanged(volunteer_id=volunteer, name="Ingrid", email="ingrid@example.org", language="da")
    await world.hear(world.record(contact, 1))
    await world.delivery.db.messages.update_many({}, {"$set": {"try_after": message_store.ALWAYS}})
    await world.work()
    [mail] = world.server.received
    assert (mail["To"], mail["Subject"]) == ("ingrid@example.org", "En forespørgsel til dig")
    assert "/assignments/" in read(mail.as_bytes()).links[0]


async def test_staff_see_their_own_organisers_messages_only(world: World) -> None:
    theirs, others = Course(organiser="Föreningen"), Course(organiser="Kliniken")
    for course in (theirs, others):
        await confirmed(world, course, somebody(), email=None, phone="+46701234567")
    staff = Staff("Somebody", StaffRole.COORDINATOR, ("Föreningen",))
    programmes, calls = await by_hand.calls(world.delivery.reading, staff)
    assert list(programmes) == [theirs.programme_id]
    assert {call.programme_id for call in calls} == {theirs.programme_id}
    counts, _ = await by_hand.counts(world.delivery.reading, staff, "", world.delivery.clock.now())
    assert counts[Kind.CONFIRMATION, Status.CALL] == 1
    counts, _ = await by_hand.counts(world.delivery.reading, staff, others.programme_id, world.delivery.clock.now())
    assert sum(counts.values()) == 0
    [call] = await message_store.with_status(world.delivery.reading, Status.CALL, [others.programme_id], limit=10)
    with pytest.raises(Exception, match="another organiser"):
        await world.delivery.transact(lambda tx: by_hand.mark_called(tx, staff, call.id))


async def test_a_hundred_mails_share_the_connections(world: World) -> None:
    course = Course(weeks=1)
    await world.hear(world.record(course.planned(), 1))
    people = [somebody() for _ in range(100)]
    for batch in (people[:50], people[50:]):
        records = [world.record(course.registered(person), 1) for person in batch]
        records += [world.record(course.contact(person, email=f"{person}@example.org"), 1) for person in batch]
        await world.delivery.inbox.receive(records)
    started = datetime.now(UTC)
    await world.work()
    assert len(world.server.received) == 100
    assert datetime.now(UTC) - started < timedelta(seconds=20)
    assert world.server.connections <= world.settings.smtp_connections


async def test_what_changes_while_the_messages_are_planned_is_planned_for_too(world: World) -> None:
    course, person = Course(), somebody()
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.registered(person), 1),
        world.record(course.contact(person, email="old@example.org"), 1),
    )
    attempts = 0

    async def plan(tx: Transaction) -> int:
        nonlocal attempts
        attempts += 1
        assert await changes.waiting(tx, 1), "what this transaction sees is settled here"
        if attempts == 1:
            await world.hear(
                world.record(course.contact(person, reminders=False), 2), world.record(course.cancelled(person), 2)
            )
        return await plan_what_changed(tx, world.settings.zone)

    await world.delivery.transact(plan)
    await world.work()
    assert kinds(world.server.received) == ["Din avbokning"]
    assert {m.kind for m in (await world.messages(person)).values() if m.status is Status.QUEUED} == set()
    assert attempts == 2, "the store let two transactions change the same row"


async def test_what_is_for_one_person_leaves_in_the_order_in_which_it_happened(world: World) -> None:
    course, person = Course(), somebody()
    repeated = RegistrationRepeated(participant_id=person, programme_id=course.programme_id)
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.contact(person), 1),
        world.record(course.registered(person, position=1), 1),
        world.record(repeated, 2, at=world.delivery.clock.now() + timedelta(seconds=1)),
    )
    world.time(world.delivery.clock.now() + timedelta(minutes=1))
    await world.work()
    first, second = (mail.get_body(("plain",)) for mail in world.server.received)
    assert first is not None and "nummer 1 i kön" in first.get_content()
    assert second is not None and "en gång till" in second.get_content()
