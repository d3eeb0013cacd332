"""The whole service at work: it hears from the broker, and what it announces is read there."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest_asyncio
from aiokafka import AIOKafkaConsumer

from motesplats_events import Event, ResultsPublished, SurveyOpened, SurveySubmitted
from services.evaluation.settings import Settings
from shared import kafka
from tests.evaluation.course import TOO_LATE, Course, House
from tests.evaluation.region import Region, came, forgotten, held, programme, registered, weekly

WITHIN = 20.0
FIRST_OF_THE_GROUP = date(2023, 1, 10)


@asynccontextmanager
async def at_work(house: House) -> AsyncIterator[None]:
    async with house.app.router.lifespan_context(house.app):
        yield


@pytest_asyncio.fixture
async def course(given: dict[str, Any]) -> AsyncIterator[Course]:
    """A course whose events travel by the broker."""
    house = House(Settings(**given))
    async with at_work(house), house.client:
        yield Course(house)


@pytest_asyncio.fixture
async def region(given: dict[str, Any]) -> AsyncIterator[Region]:
    """A region whose events travel by the broker."""
    house = House(Settings(**given))
    async with at_work(house), house.client:
        yield Region(house)


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN):
        while not await check():
            await asyncio.sleep(0.02)


async def announced(settings: Settings, course: Course) -> list[tuple[str, dict[str, Any]]]:
    """What a partner would read about this course, in the order of each topic."""
    topics = [SurveyOpened.topic, SurveySubmitted.topic, ResultsPublished.topic]
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    found = []
    consumer.subscribe(topics)
    await consumer.start()
    try:
        while batch := await consumer.getmany(timeout_ms=1000):
            for partition, records in batch.items():
                for record in records:
                    value = json.loads(record.value)
                    if value["programme_id"] == course.programme_id:
                        found.append((partition.topic, value))
    finally:
        await consumer.stop()
    return found


async def test_a_course_from_its_first_session_to_its_published_results(course: Course) -> None:
    producer = kafka.producer(course.settings)
    await producer.start()

    async def send(*events: Any) -> None:
        for event in events:
            record = course.record(event)
            await producer.send_and_wait(record.topic, record.value, key=record.key, headers=list(record.headers))

    async def links(number: int | None, people: int) -> list[str]:
        async def is_open() -> bool:
            return await course.delivery.db.surveys.find_one({"_id": course.survey_id(number)}) is not None

        await until(is_open)
        minted, tokens = course.minted(number, people)
        await send(minted)

        async def is_here() -> bool:
            return (await course.client.get(f"/api/evaluation/surveys/{tokens[0]}")).status_code == 200

        await until(is_here)
        return tokens

    try:
        await send(course.held(0, 12), course.attendance(0, 12), course.planned())
        await course.answer_lecture(await links(0, 12))
        await send(course.attendance(1, 12), course.held(1, 12))
        await course.answer_lecture((await links(1, 12))[:11], "valuable")
        await course.answer_course(await links(None, 12), comment="Good coffee", quote_consent="publish")
    finally:
        await producer.stop()
    assert (await course.results())["open_surveys"] == 1

    course.time(TOO_LATE)

    async def is_in() -> bool:
        return bool((await course.results())["complete"])

    await until(is_in)
    results = await course.results()
    assert (results["lectures"]["n"], results["course"]["n"], results["participants"]) == (23, 12, 12)
    address = f"/api/evaluation/programmes/{course.programme_id}/publish"
    assert (await course.client.post(address, headers=course.coordinator)).status_code == 200

    async def is_sent() -> bool:
        return not await course.delivery.relay.waiting()

    await until(is_sent)
    events = await announced(course.settings, course)
    counts = {topic: sum(1 for found, _ in events if found == topic) for topic, _ in events}
    assert counts["survey-opened"] == 3
    assert counts["results-published"] == 1
    submitted = [event for topic, event in events if topic == "survey-submitted"]
    assert sum(event["released"] for event in submitted) == 35
    assert "Good coffee" not in str(events)
    assert (await course.client.get("/health/ready")).status_code == 200


async def test_what_happened_in_a_year_is_in_the_report_and_a_forgotten_person_stays_counted(region: Region) -> None:
    days = weekly(FIRST_OF_THE_GROUP, 24, 2)
    planned = programme("the-group", days)
    people = [f"member-{n}" for n in range(8)]
    events: list[Event] = [registered(planned, person) for person in people]
    events += [event for day in days for event in (held(planned, day, 7), came(planned, day, people))]
    await send(region, *events, planned)

    async def is_told(users: int, sessions: int) -> bool:
        found = await region.report("mapping", at="2023-12-31")
        mean = found["measures"]["mean_attendance"]
        told = (found["measures"]["users"]["value"], mean["value"], mean["n"])
        return not found["uncounted"] and told == (users, 7, sessions)

    await until(lambda: is_told(8, 24))
    await send(region, forgotten(people[0]))

    async def is_forgotten() -> bool:
        return await region.delivery.db.registrations.find_one({"_id": people[0]}) is None

    await until(is_forgotten)
    await until(lambda: is_told(8, 24))


async def send(to: Region, *events: Event) -> None:
    producer = kafka.producer(to.settings)
    await producer.start()
    try:
        for event in events:
            record = to.record(event)
            await producer.send_and_wait(record.topic, record.value, key=record.key, headers=list(record.headers))
    finally:
        await producer.stop()
