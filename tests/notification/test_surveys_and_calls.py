"""Links that must not be kept, people without e-mail, people who are forgotten, and who sees what."""

import hashlib
from datetime import timedelta

import pytest

from motesplats_events import (
    AssignmentOffered,
    AttendanceRecorded,
    ParticipantContactChanged,
    SurveyInvitationsMinted,
    VolunteerContactChanged,
    VolunteerRole,
)
from services.notification.domain.messages import Kind, Status
from services.notification.mail.reading import read
from services.notification.store import messages as message_store
from services.notification.use_cases import by_hand
from services.notification.use_cases.planning import plan_what_changed
from shared.access import Staff, StaffRole
from tests.notification.people import FIRST, Course, somebody
from tests.notification.world import COORDINATOR, FIRST_REMINDER, World, confirmed, held, kinds


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
    calls = await by_hand.calls(world.delivery.reading, COORDINATOR)
    assert [call.kind for call in calls] == [Kind.CONFIRMATION, Kind.SESSION_SURVEY]
    survey = calls[1]
    assert survey.token
    await world.delivery.transact(lambda tx: by_hand.mark_called(tx, COORDINATOR, survey.id))
    await world.delivery.transact(lambda tx: by_hand.mark_called(tx, COORDINATOR, survey.id))
    [done] = [m for m in (await world.messages(person)).values() if m.id == survey.id]
    assert (done.status, done.token) == (Status.CALLED, None)
    await world.delivery.transact(lambda tx: by_hand.undo_called(tx, COORDINATOR, survey.id))
    calls = await by_hand.calls(world.delivery.reading, COORDINATOR)
    assert len(calls) == 2


async def test_a_call_that_came_too_late_leaves_the_list(world: World) -> None:
    course, person = Course(weeks=1), somebody()
    await confirmed(world, course, person, email=None, phone="+46701234567")
    world.time(FIRST_REMINDER)
    await world.work()
    assert len(await by_hand.calls(world.delivery.reading, COORDINATOR)) == 2
    world.time(FIRST)
    world.sender._tidied_at = 0.0
    await world.work()
    calls = await by_hand.calls(world.delivery.reading, COORDINATOR)
    assert [call.kind for call in calls] == [Kind.CONFIRMATION]


async def test_a_cancellation_takes_calls_off_the_list(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person, email=None, phone="+46701234567")
    await world.hear(world.record(course.cancelled(person), 2))
    await world.work()
    calls = await by_hand.calls(world.delivery.reading, COORDINATOR)
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
    assert kinds(world.server.to("ingrid@example.org")) == ["En forespørgsel til dig", "Velkommen som frivillig"]
    [offer] = [mail for mail in world.server.received if mail["Subject"] == "En forespørgsel til dig"]
    assert "/assignments/" in read(offer.as_bytes()).links[0]


async def test_staff_see_their_own_organisers_messages_only(world: World) -> None:
    theirs, others = Course(organiser="Föreningen"), Course(organiser="Kliniken")
    for course in (theirs, others):
        await confirmed(world, course, somebody(), email=None, phone="+46701234567")
    staff = Staff("Somebody", StaffRole.COORDINATOR, ("Föreningen",))
    calls = await by_hand.calls(world.delivery.reading, staff)
    assert list((await by_hand.overview(world.delivery.reading, staff)).choices) == [theirs.programme_id]
    assert {call.programme_id for call in calls} == {theirs.programme_id}
    counts, _ = await by_hand.counts(world.delivery.reading, staff, "", world.delivery.clock.now())
    assert counts[Kind.CONFIRMATION, Status.CALL] == 1
    counts, _ = await by_hand.counts(world.delivery.reading, staff, others.programme_id, world.delivery.clock.now())
    assert sum(counts.values()) == 0
    seen = message_store.Seen([others.programme_id])
    [call] = await message_store.with_status(world.delivery.reading, Status.CALL, seen, limit=10)
    with pytest.raises(Exception, match="another organiser"):
        await world.delivery.transact(lambda tx: by_hand.mark_called(tx, staff, call.id))
