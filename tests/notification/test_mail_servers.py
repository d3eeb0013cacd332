"""Mail servers that are away, refuse or put off; senders that die; several senders at once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from motesplats_events import (
    RegistrationRepeated,
)
from services.notification.domain.messages import Kind, Reason, Status
from services.notification.mail.sender import Sender
from services.notification.mail.smtp import Unreachable
from services.notification.store import messages as message_store
from services.notification.use_cases import by_hand
from services.notification.use_cases.planning import plan_what_changed
from tests.notification.people import Course, somebody
from tests.notification.world import COORDINATOR, World, confirmed


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


async def test_a_mail_whose_answer_was_lost_is_sent_again_with_the_same_message_id(world: World) -> None:
    """At least once: whether the server has the mail cannot be known."""
    world.server.hang_up_after_data = True
    with pytest.raises(Unreachable):
        await confirmed(world, Course(), somebody())
    world.server.hang_up_after_data = False
    await world.work()
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


async def test_a_hundred_mails_share_the_connections(world: World) -> None:
    course = Course(weeks=1)
    await world.hear(world.record(course.planned(), 1))
    people = [somebody() for _ in range(100)]
    for batch in (people[:50], people[50:]):
        records = [world.record(course.registered(person), 1) for person in batch]
        records += [world.record(course.contact(person, email=f"{person}@example.org"), 1) for person in batch]
        await world.delivery.inbox.receive(records)
    await world.work()
    assert len(world.server.received) == 100
    assert world.server.connections <= world.settings.smtp_connections


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
