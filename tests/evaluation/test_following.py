"""What other services tell may come in any order, late, or twice."""

import json
from datetime import date
from itertools import permutations
from uuid import uuid4

from motesplats_events import (
    AssignmentCompleted,
    Event,
    ParticipantRegistered,
    RegistrationCancelled,
    RegistrationPromoted,
    RegistrationStatus,
    Role,
    VolunteerRole,
)
from tests.evaluation.course import Course


async def open_kinds(course: Course) -> list[str]:
    opened = [json.loads(row["value"]) for row in await course.announced("survey-opened")]
    return sorted(event["kind"] for event in opened)


async def test_surveys_open_whatever_comes_first(course: Course) -> None:
    for order in permutations(range(3)):
        course.programme_id = str(uuid4())
        course.session_ids = [str(uuid4()), str(uuid4())]
        news: list[Event] = [course.planned(), course.held(0, 8), course.held(1, 8)]
        await course.delivery.db.outbox.delete_many({})
        await course.hear(*(news[index] for index in order), sequence=1)
        assert await open_kinds(course) == ["course", "session", "session"], order


async def test_everything_in_one_batch_opens_each_survey_once(course: Course) -> None:
    news = [course.held(1, 8), course.planned(), course.held(0, 8), course.held(0, 9), course.planned("New title")]
    await course.delivery.inbox.receive([course.record(event) for event in news])
    assert await open_kinds(course) == ["course", "session", "session"]


async def test_the_same_event_twice_changes_nothing(course: Course) -> None:
    record = course.record(course.held(0, 8))
    minted, _ = course.minted(0, 8)
    links = course.record(minted)
    for _ in range(2):
        await course.delivery.inbox.receive([record, links])
    assert await open_kinds(course) == ["session"]
    assert await course.delivery.db.invitations.count_documents({}) == 8


async def test_links_that_come_before_their_survey_work_when_it_opens(course: Course) -> None:
    tokens = await course.links(0, 8)
    assert (await course.answer(tokens[0], {"lecture": "valuable"})).status_code == 410
    await course.hear(course.held(0, 8))
    await course.answer_lecture(tokens)
    await course.look()
    assert await course.delivery.db.answers.count_documents({}) == 8


async def test_a_second_batch_of_links_does_not_bring_used_ones_back(course: Course) -> None:
    minted, tokens = course.minted(0, 8)
    await course.hear(course.held(0, 8), minted)
    await course.answer_lecture(tokens[:1])
    await course.hear(minted)
    assert (await course.answer(tokens[0], {"lecture": "valuable"})).status_code == 410


async def test_a_survey_that_nobody_can_answer_closes_at_once(course: Course) -> None:
    await course.hear(course.planned(), course.held(0, 2))
    await course.links(0, 0)
    results = await course.results()
    assert (results["surveys"], results["open_surveys"]) == (1, 0)


async def test_an_older_state_never_overwrites_a_newer_one(course: Course) -> None:
    await course.hear(course.planned("Newer"), sequence=7)
    await course.hear(course.planned("Older"), sequence=6)
    await course.hear(course.attendance(0, 9), sequence=4)
    await course.hear(course.attendance(0, 5), sequence=3)
    results = await course.results()
    assert (results["title"], results["participants"]) == ("Newer", 9)


async def test_a_correction_asks_about_a_session_that_somebody_attended_after_all(course: Course) -> None:
    await course.hear(course.planned(), course.held(0, 0))
    assert await open_kinds(course) == []
    await course.hear(course.held(0, 3))
    assert await open_kinds(course) == ["session"]


async def test_registrations_are_counted_by_their_latest_state(course: Course) -> None:
    def somebody() -> str:
        return str(uuid4())

    def registered(participant_id: str, status: RegistrationStatus) -> ParticipantRegistered:
        return ParticipantRegistered(
            participant_id=participant_id,
            programme_id=course.programme_id,
            role=Role.PATIENT,
            status=status,
            organiser="The clinic",
            municipality="Ekby",
        )

    waited, left, stays = somebody(), somebody(), somebody()
    common = {"programme_id": course.programme_id, "role": Role.PATIENT}
    await course.hear(course.planned(), registered(stays, RegistrationStatus.WAITING), sequence=1)
    await course.hear(RegistrationPromoted(participant_id=waited, **common), sequence=2)
    await course.hear(registered(waited, RegistrationStatus.WAITING), sequence=1)
    await course.hear(RegistrationCancelled(participant_id=left, held_a_place=True, **common), sequence=2)
    await course.hear(registered(left, RegistrationStatus.CONFIRMED), sequence=1)
    counts = (await course.results())["registrations"]
    assert counts == {"confirmed": {"patient": 1}, "cancelled": {"patient": 1}, "waiting": {"patient": 1}}


async def test_completed_assignments_are_counted_once(course: Course) -> None:
    done = AssignmentCompleted(
        assignment_id=str(uuid4()),
        role=VolunteerRole.PEER,
        programme_id=course.programme_id,
        organiser="The clinic",
        municipality="Ekby",
        completed_on=date(2025, 2, 4),
        hours=2,
        people_met=6,
    )
    await course.hear(course.planned(), done)
    await course.hear(done)
    assert (await course.results())["assignments"] == 1
