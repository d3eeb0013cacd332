"""From events to mail: on a real store, through the real inbox, over real SMTP."""

import asyncio
import random
from datetime import timedelta
from typing import Any

from motesplats_events import (
    AttendanceRecorded,
    RegistrationRepeated,
    SurveyKind,
    SurveyOpened,
)
from services.notification.domain.messages import Kind, Reason, Status
from services.notification.store import changes
from services.notification.use_cases.planning import plan_what_changed
from shared.delivery import Transaction
from tests.notification.people import FIRST, Course, somebody
from tests.notification.world import FIRST_REMINDER, World, confirmed, kinds


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
