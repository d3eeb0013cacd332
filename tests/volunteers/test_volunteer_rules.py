from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers.domain.assignments import (
    AlreadyAnswered,
    AlreadyAsked,
    AlreadyCompleted,
    Assignment,
    NotAccepted,
    NotYetBegun,
    OfferExpired,
    answered,
    completed,
    expired,
    offered,
    released,
)
from services.volunteers.domain.programmes import Programme, ProgrammeIsOver, Session
from services.volunteers.domain.readiness import NotEnrolled, RoleNotTheirs
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import Span, whole_programme
from services.volunteers.domain.trainings import BASIC, Trained
from services.volunteers.domain.volunteers import Agreement, Volunteer, VolunteerStatus, enrolled
from shared.contact import Contact

NOW = datetime(2025, 1, 7, 8, tzinfo=UTC)
FIRST = datetime(2025, 1, 28, 16, tzinfo=UTC)
SECOND = datetime(2025, 2, 4, 16, tzinfo=UTC)
TODAY = date(2025, 1, 28)
RULES = Rules(ZoneInfo("Europe/Stockholm"))

VOLUNTEER = Volunteer(
    volunteer_id="v",
    name="Dagny Mossfelt",
    contact=Contact("dagny.mossfelt@example.org", None),
    language="sv",
    roles={VolunteerRole.PEER: NOW.date(), VolunteerRole.HOST: NOW.date()},
    municipality="Jönköping",
    status=VolunteerStatus.ENROLLED,
    since=NOW,
    enrolled_on=NOW.date(),
    trainings={"basic": Trained(NOW.date())},
    agreement=Agreement(NOW.date()),
)
PROGRAMME = Programme(
    programme_id="p",
    title="Kursen",
    organiser="Kliniken",
    kind="course",
    place="Salen",
    municipality="Jönköping",
    sessions=[Session("1", FIRST, 120, "Ett"), Session("2", SECOND, 120, "Två")],
)


def offer(now: datetime = NOW, role: VolunteerRole = VolunteerRole.PEER, *others: Assignment) -> Assignment:
    return offered("a", VOLUNTEER, whole_programme(PROGRAMME, role, "", now), others, [BASIC], RULES, now)


def test_an_offer_is_for_the_next_session_and_can_be_answered_for_a_week() -> None:
    made = offer()
    assert (made.task.at, made.answer_by) == (FIRST, NOW + timedelta(days=7))
    assert made.task.until == SECOND + timedelta(hours=2)
    assert made.status is AssignmentStatus.OFFERED
    assert made.task.title == "Kursen"


def test_an_offer_near_the_next_session_must_be_answered_before_it() -> None:
    assert offer(FIRST - timedelta(hours=3)).answer_by == FIRST


def test_after_the_first_session_the_offer_is_for_the_second() -> None:
    assert offer(FIRST).task.at == SECOND


def test_nobody_is_asked_to_a_programme_whose_last_session_has_begun() -> None:
    with pytest.raises(ProgrammeIsOver):
        offer(SECOND)


def test_a_cancelled_session_is_nobodys_next_and_a_cancelled_programme_has_none() -> None:
    first, second = PROGRAMME.sessions
    without_first = replace(PROGRAMME, sessions=[replace(first, cancelled=True), second])
    assert without_first.next_session(NOW) == second
    with pytest.raises(ProgrammeIsOver):
        replace(PROGRAMME, cancelled=True).next_session(NOW)


def test_somebody_who_has_only_applied_cannot_be_asked() -> None:
    applicant = replace(VOLUNTEER, status=VolunteerStatus.APPLIED)
    with pytest.raises(NotEnrolled):
        offered("a", applicant, offer().task, [], [BASIC], RULES, NOW)


def test_a_volunteer_is_only_asked_for_what_they_do() -> None:
    with pytest.raises(RoleNotTheirs):
        offer(NOW, VolunteerRole.LECTURER)


def test_nobody_is_asked_twice_for_the_same_as_long_as_the_first_offer_is_open() -> None:
    first = offer()
    with pytest.raises(AlreadyAsked):
        offer(NOW, VolunteerRole.PEER, first)
    with pytest.raises(AlreadyAsked):
        offer(NOW, VolunteerRole.PEER, answered(first, True, NOW))


@pytest.mark.parametrize("how", ["declined", "expired", "completed", "released", "another role", "another session"])
def test_a_volunteer_can_be_asked_again_once_the_first_offer_is_closed(how: str) -> None:
    first = offer()
    later = first.answer_by + timedelta(seconds=1)
    closed = {
        "declined": answered(first, False, NOW),
        "expired": first,
        "completed": completed(answered(first, True, NOW), 2, 3, FIRST, RULES),
        "released": released(answered(first, True, NOW)),
        "another role": replace(first, task=replace(first.task, role=VolunteerRole.HOST)),
        "another session": replace(first, task=replace(first.task, session_id="1")),
    }[how]
    assert offer(later, VolunteerRole.PEER, closed).status is AssignmentStatus.OFFERED


def test_an_answer_is_taken_until_its_last_moment() -> None:
    made = offer()
    assert answered(made, True, made.answer_by).status is AssignmentStatus.ACCEPTED
    with pytest.raises(OfferExpired):
        answered(made, True, made.answer_by + timedelta(seconds=1))
    with pytest.raises(OfferExpired):
        answered(expired(made), True, NOW)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
def test_an_offer_is_answered_once(first: bool, second: bool) -> None:
    with pytest.raises(AlreadyAnswered):
        answered(answered(offer(), first, NOW), second, NOW)


def test_only_what_was_accepted_is_given_up_and_then_no_answer_brings_it_back() -> None:
    given_up = released(answered(offer(), True, NOW))
    assert given_up.status is AssignmentStatus.RELEASED
    for assignment in (offer(), given_up):
        with pytest.raises(NotAccepted):
            released(assignment)
    with pytest.raises(AlreadyAnswered):
        answered(given_up, True, NOW)
    with pytest.raises(AlreadyCompleted):
        released(completed(answered(offer(), True, NOW), 2, 6, FIRST, RULES))


def test_an_accepted_assignment_is_completed_with_hours_and_people() -> None:
    done = completed(answered(offer(), True, NOW), 2.5, 6, FIRST, RULES)
    assert (done.status, done.hours, done.people_met, done.completed_on) == ("completed", 2.5, 6, TODAY)


@pytest.mark.parametrize(
    ("noted", "on"),
    [
        (SECOND + timedelta(hours=2), SECOND.date()),
        (SECOND.replace(year=2026), SECOND.date()),
        (SECOND - timedelta(hours=1), FIRST.date()),
    ],
)
def test_what_was_done_counts_on_its_own_day_and_not_on_that_on_which_it_is_noted(noted: datetime, on: date) -> None:
    assert completed(answered(offer(), True, NOW), 2, 6, noted, RULES).completed_on == on


def test_the_day_is_the_platforms_and_that_of_the_note_where_no_time_was_agreed() -> None:
    accepted = answered(offer(), True, NOW)
    late = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    at_night = replace(accepted, task=replace(accepted.task, times=[Span(late, late + timedelta(hours=2))]))
    assert completed(at_night, 2, 6, late + timedelta(days=9), RULES).completed_on == date(2026, 1, 1)
    to_be_agreed = replace(accepted, task=replace(accepted.task, times=()))
    assert completed(to_be_agreed, 2, 6, late, RULES).completed_on == date(2026, 1, 1)


def test_an_assignment_is_completed_once() -> None:
    done = completed(answered(offer(), True, NOW), 2, 6, FIRST, RULES)
    with pytest.raises(AlreadyCompleted):
        completed(done, 2, 6, FIRST, RULES)


@pytest.mark.parametrize("assignment", [offer(), answered(offer(), False, NOW), expired(offer())])
def test_only_an_accepted_assignment_is_completed(assignment: Assignment) -> None:
    with pytest.raises(NotAccepted):
        completed(assignment, 2, 6, FIRST, RULES)


def test_an_assignment_is_not_completed_before_it_begins() -> None:
    with pytest.raises(NotYetBegun):
        completed(answered(offer(), True, NOW), 2, 6, FIRST - timedelta(seconds=1), RULES)


def test_the_version_rises_with_every_change() -> None:
    accepted = answered(offer(), True, NOW)
    assert [accepted.version, completed(accepted, 1, 0, FIRST, RULES).version] == [2, 3]


def test_confirming_an_application_again_changes_nothing() -> None:
    applicant = replace(VOLUNTEER, status=VolunteerStatus.APPLIED)
    confirmed = enrolled(applicant, NOW, TODAY)
    assert (confirmed.status, confirmed.version) == (VolunteerStatus.ENROLLED, 2)
    assert enrolled(confirmed, NOW + timedelta(days=1), TODAY) is confirmed
