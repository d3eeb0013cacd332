"""Ways to reach people and not to: a pause, a protected identity, a letter, what belongs to no programme."""

from datetime import timedelta

import pytest

from motesplats_events import AssignmentStatus
from services.notification.domain.messages import Kind, Status
from services.notification.use_cases import by_hand
from services.notification.use_cases.by_hand import Overtaken
from services.notification.use_cases.planning import plan_what_changed
from shared.access import Staff, StaffRole
from shared.errors import Forbidden
from tests.notification.people import FIRST, Course, assigned, enrolled, somebody, wished
from tests.notification.world import COORDINATOR, FIRST_REMINDER, World, confirmed, held, kinds

DAY = timedelta(days=1)


async def statuses(world: World, person: str) -> set[Status]:
    return {m.status for m in (await world.messages(person)).values()}


async def test_a_pause_holds_everything_back_and_its_end_lets_go_what_is_still_timely(world: World) -> None:
    course, person = Course(weeks=3), somebody()
    await confirmed(world, course, person)
    await world.hear(world.record(course.contact(person, paused=True), 2))
    await world.work()
    assert await statuses(world, person) == {Status.SENT, Status.PAUSED}
    await world.hear(world.record(course.planned(moved_by=timedelta(hours=1)), 2))
    at = world.delivery.clock.now()
    await world.hear(*(world.record(course.session_changed(n, now=timedelta(hours=1)), 1, at) for n in range(3)))
    for week in range(2):
        world.time(FIRST_REMINDER + week * timedelta(weeks=1))
        world.sender._tidied_at = 0.0
        await world.work()
    assert kinds(world.server.received) == ["Din anmälan"]
    await world.hear(world.record(course.contact(person, paused=False), 3))
    await world.work()
    # The first session is over, the second is tomorrow.
    assert kinds(world.server.received) == ["Din anmälan", "Påminnelse om din träff", "Träffar har flyttats"]
    world.time(FIRST_REMINDER + timedelta(weeks=2))
    await world.work()
    assert kinds(world.server.received).count("Påminnelse om din träff") == 2


async def test_a_pause_takes_calls_and_letters_off_their_lists_and_gives_them_back(world: World) -> None:
    course = Course()
    for way in ({"phone": "+46701234567"}, {"address": "Storgatan 1\n553 20 Jönköping"}):
        person = somebody()
        await confirmed(world, course, person, email=None, **way)
        for sequence, paused in ((2, True), (3, False)):
            await world.hear(world.record(course.contact(person, email=None, paused=paused, **way), sequence))
            await world.work()
            on_lists = [
                *await by_hand.calls(world.delivery.reading, COORDINATOR),
                *await by_hand.letters(world.delivery.reading, COORDINATOR),
            ]
            assert [m.kind for m in on_lists if m.recipient == person] == ([] if paused else [Kind.CONFIRMATION])


async def test_a_survey_waits_for_the_end_of_a_pause_with_its_link(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person)
    await world.hear(world.record(course.contact(person, paused=True), 2))
    world.time(FIRST + timedelta(hours=2))
    await held(world, course, 0, [person])
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan"]
    world.time(FIRST + 3 * DAY)
    await world.hear(world.record(course.contact(person), 3))
    await world.work()
    assert "Hur var träffen?" in kinds(world.server.received)


async def test_what_is_in_hand_when_a_pause_begins_stays(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person)
    world.time(FIRST_REMINDER)
    [due, *_] = [m for m in (await world.messages(person)).values() if m.kind is Kind.REMINDER]
    await world.hear(world.record(course.contact(person, paused=True), 2))
    await world.sender._handle(due, world.sender._connections[0])
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan"]
    await world.hear(world.record(course.contact(person), 3))
    await world.work()
    assert kinds(world.server.received) == ["Din anmälan", "Påminnelse om din träff"]


async def test_who_is_decided_to_be_called_while_a_pause_begins_is_not_put_on_the_list(world: World) -> None:
    course, person = Course(), somebody()
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.registered(person), 1),
        world.record(course.contact(person, email=None, phone="+46701234567"), 1),
    )
    await world.delivery.transact(lambda tx: plan_what_changed(tx, world.settings.zone))
    [due] = [m for m in (await world.messages(person)).values() if m.kind is Kind.CONFIRMATION]
    await world.hear(world.record(course.contact(person, email=None, phone="+46701234567", paused=True), 2))
    await world.delivery.transact(lambda tx: plan_what_changed(tx, world.settings.zone))
    # The sender had read the contact before.
    await world.sender._settle(due, Status.CALL)
    assert await by_hand.calls(world.delivery.reading, COORDINATOR) == []


async def test_a_protected_identity_is_told_by_the_coordinator_and_never_by_mail(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person, name="", email=None, protected=True)
    assert world.server.received == []
    [call] = await by_hand.calls(world.delivery.reading, COORDINATOR)
    assert call.recipient == person
    known = somebody()
    await confirmed(world, course, known, email="known@example.org")
    await world.hear(world.record(course.contact(known, name="", email=None, protected=True), 2))
    world.time(FIRST_REMINDER)
    await world.work()
    assert kinds(world.server.to("known@example.org")) == ["Din anmälan"]
    calls = await by_hand.calls(world.delivery.reading, COORDINATOR)
    assert [m.kind for m in calls if m.recipient == known] == [Kind.REMINDER]


async def test_letters_are_marked_as_posted_but_not_those_that_came_meanwhile(world: World) -> None:
    course, one, other = Course(), somebody(), somebody()
    reading = world.delivery.reading
    await confirmed(world, course, one, email=None, address="Storgatan 1", name="Åke")
    printed = [message.id for message in await by_hand.letters(reading, COORDINATOR)]
    await confirmed(world, course, other, email=None, address="Lillgatan 2", name="Bo")
    assert await world.delivery.transact(lambda tx: by_hand.mark_posted(tx, COORDINATOR, printed)) == []
    assert [message.recipient for message in await by_hand.letters(reading, COORDINATOR)] == [other]
    back = await world.delivery.transact(lambda tx: by_hand.undo_called(tx, COORDINATOR, printed[0]))
    assert back is Status.LETTER
    assert len(await by_hand.letters(reading, COORDINATOR)) == 2


async def test_a_letter_that_was_overtaken_after_it_was_printed_is_named(world: World) -> None:
    course, one, other = Course(), somebody(), somebody()
    await confirmed(world, course, one, email=None, address="Storgatan 1", name="Åke")
    await confirmed(world, course, other, email=None, address="Lillgatan 2", name="Bo")
    printed = [message.id for message in await by_hand.letters(world.delivery.reading, COORDINATOR)]
    await world.hear(world.record(course.cancelled(one), 2))
    await world.work()
    overtaken = await world.delivery.transact(lambda tx: by_hand.mark_posted(tx, COORDINATOR, printed))
    assert overtaken == [Overtaken("Åke", Kind.CONFIRMATION)]
    gone = await world.delivery.transact(lambda tx: by_hand.mark_posted(tx, COORDINATOR, ["confirmation:nobody:1"]))
    assert gone == [Overtaken()]


async def test_what_belongs_to_no_programme_is_seen_by_whom_it_concerns(world: World) -> None:
    wish, volunteer, now = somebody(), somebody(), world.delivery.clock.now()
    await world.hear(
        world.record(wished(wish), 1),
        world.record(Course().contact(wish, email=None, phone="+46701234567"), 1),
        world.record(enrolled(volunteer, email=None, phone="+46707654321"), 1),
        world.record(assigned(volunteer, AssignmentStatus.OFFERED, now, programme_id=""), 1),
    )
    await world.work()

    async def seen(organiser: str, area: str) -> set[Kind]:
        staff = Staff("Somebody", StaffRole.COORDINATOR, (organiser,), (area,))
        return {call.kind for call in await by_hand.calls(world.delivery.reading, staff)}

    everybodys = {Kind.VOLUNTEER_WELCOME}
    assert await seen("*", "*") == {Kind.WISH_NOTED, Kind.ASSIGNMENT_OFFER, *everybodys}
    assert await seen("Kliniken", "Jönköping") == {Kind.WISH_NOTED, *everybodys}
    assert await seen("Föreningen", "Tranås") == {Kind.ASSIGNMENT_OFFER, *everybodys}
    assert await seen("Föreningen", "Jönköping") == {Kind.WISH_NOTED, *everybodys}
    assert await seen("Kliniken", "Eksjö") == everybodys
    [offer] = [c for c in await by_hand.calls(world.delivery.reading, COORDINATOR) if c.kind is Kind.ASSIGNMENT_OFFER]
    stranger = Staff("Somebody", StaffRole.COORDINATOR, ("Kliniken",), ("*",))
    with pytest.raises(Forbidden):
        await world.delivery.transact(lambda tx: by_hand.mark_called(tx, stranger, offer.id))
    theirs = Staff("Somebody", StaffRole.COORDINATOR, ("Föreningen",), ("Tranås",))
    await world.delivery.transact(lambda tx: by_hand.mark_called(tx, theirs, offer.id))
