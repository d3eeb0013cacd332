"""Properties: the order in which things become known changes nothing, and what is over stays silent.

Order holds for each topic and key, and for nothing else.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motesplats_events import (
    AssignmentChanged,
    AssignmentOffered,
    AssignmentStatus,
    AttendanceRecorded,
    CancellationReason,
    ParticipantContactChanged,
    RegistrationRepeated,
    RegistrationStatus,
    SubjectErased,
    VolunteerRole,
)
from services.notification.domain.messages import OF_A_REGISTRATION, Kind, Message, Status
from services.notification.domain.people import Answer, Contact, Registration
from services.notification.domain.planning import plan
from services.notification.domain.programmes import MeetingLink, Programme, Session, SessionChange
from services.notification.domain.sending import Outcome, decide
from services.notification.domain.situation import Situation
from services.notification.use_cases.planning import plan_what_changed
from tests.notification.people import FIRST, Course, assigned, enrolled, somebody, wished
from tests.notification.test_planning import STOCKHOLM
from tests.notification.world import LONG_AGO, World, kinds
from tests.overlap import applied_around

ON_THE_STORE = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
DAY = timedelta(days=1)


# Whatever the order


def waited_and_was_offered(world: World, person: str, course: Course) -> list[list[Any]]:
    """A list for each topic and key."""
    at = LONG_AGO
    moved = course.planned(moved_by=timedelta(hours=2))
    longer = Course(course.starts_at, course.weeks + 2, course.programme_id).planned(moved_by=timedelta(hours=2))
    answer_by = at + 6 * DAY
    return [
        [
            world.record(course.planned(), 1, at - DAY),
            world.record(moved, 2, at + 4 * DAY),
            world.record(longer, 3, at + 5 * DAY),
        ],
        [world.record(course.session_changed(0, now=timedelta(hours=2)), 1, at + 4 * DAY)],
        [world.record(course.session_changed(1, now=timedelta(hours=2)), 1, at + 4 * DAY)],
        [
            world.record(course.meets_at("https://meet.example.net/1"), 1, at),
            world.record(course.meets_at("https://meet.example.net/2"), 2, at + 5 * DAY),
            world.record(course.meets_at("https://meet.example.net/2"), 3, at + 6 * DAY),
        ],
        [world.record(course.registered(person, position=2), 1, at)],
        [world.record(course.offered(person, answer_by), 2, at + DAY)],
        [world.record(course.promoted(person), 3, at + 2 * DAY)],
        [world.record(_repeated(person, course), 4, at + 3 * DAY)],
        [
            world.record(course.contact(person), 1, at),
            world.record(course.contact(person, paused=True), 2, at + DAY),
            world.record(course.contact(person, email="new@example.org"), 3, at + 2 * DAY),
        ],
    ]


def applied_and_was_accepted(world: World, person: str, course: Course) -> list[list[Any]]:
    at = LONG_AGO
    return [
        [world.record(course.planned(), 1, at - DAY)],
        [world.record(course.registered(person, applied=True), 1, at)],
        [world.record(course.answered(person, True, "Välkommen"), 2, at + DAY)],
        [world.record(course.promoted(person), 2, at + DAY)],
        [world.record(course.contact(person), 1, at)],
    ]


def applied_and_was_declined(world: World, person: str, course: Course) -> list[list[Any]]:
    at = LONG_AGO
    declined = course.cancelled(person, False, CancellationReason.APPLICATION_DECLINED)
    return [
        [world.record(course.planned(), 1, at - DAY)],
        [world.record(course.registered(person, applied=True), 1, at)],
        [world.record(course.answered(person, False, "Tyvärr"), 2, at + DAY)],
        [world.record(declined, 2, at + DAY)],
        [world.record(course.contact(person), 1, at)],
    ]


def let_the_offer_pass(world: World, person: str, course: Course) -> list[list[Any]]:
    at = LONG_AGO
    return [
        [world.record(course.planned(), 1, at - DAY)],
        [world.record(course.offered(person, at + 2 * DAY), 1, at)],
        [world.record(course.cancelled(person, False, CancellationReason.OFFER_EXPIRED), 2, at + 2 * DAY)],
        [world.record(course.contact(person), 1, at)],
    ]


def wished_and_met(world: World, person: str, course: Course) -> list[list[Any]]:
    at = LONG_AGO
    return [
        [
            world.record(wished(person, position=3), 1, at),
            world.record(wished(person), 2, at + DAY),
            world.record(wished(person, open=False), 3, at + 2 * DAY),
        ],
        [world.record(course.contact(person), 1, at)],
    ]


def came_as_a_guest(world: World, person: str, course: Course) -> list[list[Any]]:
    at = LONG_AGO
    moved = timedelta(hours=2)
    return [
        [world.record(course.planned(), 1, at - DAY), world.record(course.planned(moved_by=moved), 2, at + DAY)],
        [world.record(course.session_changed(0, now=moved), 1, at + DAY)],
        [world.record(course.session_changed(1, now=moved), 1, at + DAY)],
        [world.record(course.guest(person, 1), 1, at)],
        [world.record(course.contact(person), 1, at)],
    ]


def took_on_a_shift(world: World, person: str, course: Course) -> list[list[Any]]:
    at = LONG_AGO
    moved = timedelta(hours=2)

    def shift(status: AssignmentStatus, hours: int) -> AssignmentChanged:
        begins = course.starts_at + timedelta(hours=hours)
        where = {"programme_id": course.programme_id, "session_id": course.sessions[0]}
        return assigned(person, status, at, at=begins, until=begins + timedelta(hours=2), **where)

    asked = AssignmentOffered(
        assignment_id=f"assignment-{person}",
        volunteer_id=person,
        role=VolunteerRole.HOST,
        programme_id=course.programme_id,
        session_id=course.sessions[0],
        title="Värd i huset",
        place="Huset",
        at=course.starts_at,
        answer_by=at + 7 * DAY,
    )
    return [
        [world.record(course.planned(), 1, at - DAY), world.record(course.planned(moved_by=moved), 2, at + DAY)],
        [world.record(enrolled(person), 1, at - DAY), world.record(enrolled(person, "new@example.org"), 2, at)],
        [world.record(asked, 1, at)],
        [
            world.record(shift(AssignmentStatus.OFFERED, 0), 1, at),
            world.record(shift(AssignmentStatus.ACCEPTED, 0), 2, at + timedelta(hours=1)),
            world.record(shift(AssignmentStatus.ACCEPTED, 2), 3, at + DAY),
            world.record(shift(AssignmentStatus.ACCEPTED, 2), 4, at + 2 * DAY),
        ],
    ]


def leads_a_course(world: World, person: str, course: Course) -> list[list[Any]]:
    at, moved = LONG_AGO, timedelta(hours=2)
    longer = Course(course.starts_at, course.weeks + 2, course.programme_id).planned(moved_by=moved)
    last = course.starts_at + timedelta(weeks=course.weeks - 1, hours=2)

    def leads(until: datetime) -> AssignmentChanged:
        more = {"role": VolunteerRole.GROUP_LEADER, "programme_id": course.programme_id, "until": until}
        return assigned(person, AssignmentStatus.ACCEPTED, at, **more)

    return [
        [
            world.record(course.planned(), 1, at - DAY),
            world.record(course.planned(moved_by=moved), 2, at + DAY),
            world.record(longer, 3, at + 5 * DAY),
        ],
        [world.record(course.session_changed(0, now=moved), 1, at + DAY)],
        [world.record(course.session_changed(1, now=moved), 1, at + DAY)],
        [world.record(enrolled(person), 1, at - DAY)],
        [
            world.record(leads(last), 1, at),
            world.record(leads(last + moved), 2, at + DAY),
            world.record(leads(last + moved + timedelta(weeks=2)), 3, at + 5 * DAY),
        ],
    ]


def asked_to_be_forgotten(world: World, person: str, course: Course) -> list[list[Any]]:
    at = LONG_AGO
    return [
        *waited_and_was_offered(world, person, course)[:8],
        [world.record(course.contact(person), 1, at), world.record(ParticipantContactChanged, 2, at, subject=person)],
        [world.record(SubjectErased(subject_id=person), 9, at + 5 * DAY)],
    ]


def _repeated(person: str, course: Course) -> RegistrationRepeated:
    return RegistrationRepeated(participant_id=person, programme_id=course.programme_id)


async def _wanted(world: World, person: str, course: Course, order: Sequence[Any]) -> set[tuple[Any, ...]]:
    for record in order:
        await world.hear(record)
        await world.delivery.transact(lambda tx: plan_what_changed(tx, world.settings.zone))
    return {
        (m.kind, m.ref.replace(course.programme_id, "course").replace(person, "person"), m.due_at, m.expires_at)
        for m in (await world.messages(person)).values()
        if m.status in {Status.QUEUED, Status.PAUSED}
    }


STORIES: dict[Callable[..., list[list[Any]]], set[Kind]] = {
    waited_and_was_offered: {
        Kind.PROMOTED,
        Kind.ALREADY_REGISTERED,
        Kind.REMINDER,
        Kind.SESSION_CHANGED,
        Kind.NEW_SESSIONS,
        Kind.MEETING_LINK,
    },
    applied_and_was_accepted: {Kind.APPLICATION_ANSWERED, Kind.REMINDER},
    applied_and_was_declined: {Kind.APPLICATION_ANSWERED},
    let_the_offer_pass: {Kind.CANCELLED},
    wished_and_met: {Kind.WISH_CLOSED},
    came_as_a_guest: {Kind.GUEST_BOOKED, Kind.REMINDER, Kind.SESSION_CHANGED},
    took_on_a_shift: {
        Kind.VOLUNTEER_WELCOME,
        Kind.ASSIGNMENT_ACCEPTED,
        Kind.ASSIGNMENT_CHANGED,
        Kind.ASSIGNMENT_REMINDER,
    },
    leads_a_course: {Kind.VOLUNTEER_WELCOME, Kind.ASSIGNMENT_ACCEPTED, Kind.ASSIGNMENT_CHANGED},
    asked_to_be_forgotten: set(),
}


@ON_THE_STORE
@given(story=st.sampled_from(list(STORIES)), data=st.data())
async def test_whatever_order_things_become_known_in_the_same_messages_are_wanted(
    world: World, story: Callable[..., list[list[Any]]], data: st.DataObject
) -> None:
    first, second = somebody(), somebody()
    one, other = Course(), Course()
    expected = await _wanted(world, first, one, [r for topic in story(world, first, one) for r in topic])
    assert {kind for kind, *_ in expected} == STORIES[story]
    topics = story(world, second, other)
    turns = data.draw(st.permutations([n for n, topic in enumerate(topics) for _ in topic]))
    assert await _wanted(world, second, other, [topics[turn].pop(0) for turn in turns]) == expected


@ON_THE_STORE
@given(data=st.data())
async def test_nothing_is_left_of_who_is_forgotten_but_that_they_are(world: World, data: st.DataObject) -> None:
    person, course = somebody(), Course()
    topics = asked_to_be_forgotten(world, person, course)
    turns = data.draw(st.permutations([n for n, topic in enumerate(topics) for _ in topic]))
    await _wanted(world, person, course, [topics[turn].pop(0) for turn in turns])
    await _only_forgotten(world, person)


async def _only_forgotten(world: World, person: str) -> None:
    for name in await world.delivery.db.list_collection_names():
        rows = [row for row in await world.delivery.db[name].find({}).to_list(None) if person in repr(row)]
        if name != "contacts":
            assert rows == [], name
        else:
            [row] = rows
            assert row["erased"] and not any(row[field] for field in ("name", "email", "phone", "address"))


async def test_what_is_told_at_the_moment_of_forgetting_is_forgotten_too(world: World) -> None:
    person, course = somebody(), Course()
    session = course.sessions[0]
    there = AttendanceRecorded(session_id=session, programme_id=course.programme_id, attended=[person])
    came = world.record(there, 1)
    told = [world.record(course.registered(person), 1), world.record(_repeated(person, course), 2), came]
    await world.hear(world.record(course.planned(), 1))
    await applied_around(world.delivery, told, lambda: world.hear(world.record(SubjectErased(subject_id=person), 3)))
    assert await world.delivery.db.registrations.count_documents({"_id": person}) == 1, "neither saw the other"
    await world.work()
    await _only_forgotten(world, person)


# Silence


def _cancelled(world: World, person: str, course: Course) -> Any:
    return world.record(course.cancelled(person), 9)


def _paused(world: World, person: str, course: Course) -> Any:
    return world.record(course.contact(person, paused=True), 9)


def _erased(world: World, person: str, course: Course) -> Any:
    return world.record(ParticipantContactChanged, 9, subject=person)


def _forgotten(world: World, person: str, course: Course) -> Any:
    return world.record(SubjectErased(subject_id=person), 9)


def _called_off(world: World, person: str, course: Course) -> Any:
    return world.record(course.planned(cancelled=True), 9)


@ON_THE_STORE
@given(
    end=st.sampled_from([_cancelled, _paused, _erased, _forgotten, _called_off]),
    after=st.integers(0, 40),
    planned_for=st.booleans(),
    also=st.lists(st.sampled_from(["older contact", "moved", "link", "longer", "again"]), unique=True),
)
async def test_nothing_leaves_after_a_cancellation_a_pause_or_an_erasure(
    world: World, end: Callable[..., Any], after: int, planned_for: bool, also: Sequence[str]
) -> None:
    person, course = somebody(), Course(weeks=3)
    to = f"{person}@example.org"
    world.time(LONG_AGO)
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.registered(person), 1),
        world.record(course.contact(person, email=to), 2),
    )
    await world.work()
    world.time(LONG_AGO + after * DAY)
    await world.work()
    before = kinds(world.server.to(to))
    late = {
        "older contact": lambda: world.record(course.contact(person, email=to), 1),
        "moved": lambda: world.record(course.session_changed(2, now=DAY), 1),
        "link": lambda: world.record(course.meets_at("https://meet.example.net/1"), 1),
        "longer": lambda: world.record(Course(course.starts_at, 5, course.programme_id).planned(), 2),
        "again": lambda: world.record(course.registered(person), 1),
    }
    await world.hear(end(world, person, course), *(late[name]() for name in also))
    if planned_for:
        await world.delivery.transact(lambda tx: plan_what_changed(tx, world.settings.zone))
    for day in range(after, 60, 7):
        world.time(LONG_AGO + day * DAY)
        await world.work()
    left = kinds(world.server.to(to))
    for subject in before:
        left.remove(subject)
    assert left == (["Din avbokning"] if end is _cancelled else [])


moments = st.integers(0, 60 * 24 * 60).map(lambda minutes: LONG_AGO + timedelta(minutes=minutes))
sessions = st.builds(
    Session,
    session_id=st.sampled_from(["s1", "s2"]),
    starts_at=moments,
    minutes=st.just(60),
    theme=st.just(""),
    cancelled=st.booleans(),
    added_at=st.none() | moments,
)
situations = st.builds(
    Situation,
    programme=st.builds(
        Programme,
        programme_id=st.just("p"),
        sequence=st.integers(1, 3),
        title=st.just("T"),
        organiser=st.just("O"),
        place=st.just("P"),
        municipality=st.just("M"),
        sessions=st.lists(sessions, max_size=2, unique_by=lambda s: s.session_id).map(tuple),
        cancelled=st.booleans(),
    ),
    registration=st.builds(
        Registration,
        participant_id=st.just("astrid"),
        programme_id=st.just("p"),
        sequence=st.integers(1, 3),
        status=st.sampled_from(RegistrationStatus),
        cause=st.sampled_from([Kind.CONFIRMATION, Kind.QUEUED, Kind.PLACE_OFFERED, Kind.PROMOTED, Kind.APPLIED]),
        since=moments,
        began=st.none() | st.sampled_from(RegistrationStatus),
        reason=st.sampled_from(CancellationReason),
        answer_by=st.none() | moments,
        answer=st.none() | st.builds(Answer, st.integers(1, 3), st.booleans(), st.just(""), moments),
    ).map(
        lambda r: (
            Registration(**{**_fields(r), "cause": Kind.CANCELLED}) if r.status is RegistrationStatus.CANCELLED else r
        )
    ),
    contact=st.builds(
        Contact,
        id=st.just("astrid"),
        email=st.none() | st.just("astrid@example.org"),
        address=st.none() | st.just("Storgatan 1"),
        reminders=st.booleans(),
        erased=st.booleans(),
        paused=st.booleans(),
        protected=st.booleans(),
    ),
    asked_again=st.lists(moments, max_size=2),
    changes=st.lists(
        st.builds(
            SessionChange,
            st.sampled_from(["s1", "s2"]),
            st.just("p"),
            st.integers(1, 3),
            moments,
            st.none() | moments,
            moments,
        ),
        max_size=2,
    ),
    meeting_link=st.none()
    | st.builds(MeetingLink, st.just("p"), st.integers(1, 3), st.just("https://x.example"), moments),
)


def _fields(registration: Registration) -> dict[str, Any]:
    return {name: getattr(registration, name) for name in Registration.__dataclass_fields__}


@settings(max_examples=400, deadline=None)
@given(before=situations, after=situations, now=moments)
def test_what_was_planned_then_leaves_only_if_it_is_true_now(
    before: Situation, after: Situation, now: datetime
) -> None:
    contact, registration, programme = after.contact, after.registration, after.programme
    assert contact is not None and registration is not None and programme is not None
    for one in plan(before, STOCKHOLM):
        fields = {name: getattr(one, name) for name in type(one).__dataclass_fields__}
        outcome = decide(Message(**fields), after, STOCKHOLM, now).outcome
        if outcome not in {Outcome.SEND, Outcome.CALL, Outcome.LETTER}:
            continue
        assert not contact.paused and not contact.erased
        assert one.kind in OF_A_REGISTRATION
        if registration.status is RegistrationStatus.CANCELLED:
            assert one.kind in {Kind.CANCELLED, Kind.APPLICATION_ANSWERED}
        else:
            assert one.kind is not Kind.CANCELLED
            assert not programme.cancelled
        if one.kind in {Kind.REMINDER, Kind.NEW_SESSIONS, Kind.MEETING_LINK}:
            assert registration.status is RegistrationStatus.CONFIRMED
        if one.kind is Kind.REMINDER:
            session = programme.session(one.about)
            assert session is not None and not session.cancelled and now < session.starts_at
        if contact.protected:
            assert outcome is Outcome.CALL
        assert one.expires_at is None or now < one.expires_at


def test_the_stories_are_of_the_past_and_the_course_is_to_come() -> None:
    assert LONG_AGO + 6 * DAY < FIRST
