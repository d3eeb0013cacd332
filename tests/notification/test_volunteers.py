"""What volunteers are told, and when nothing is left to tell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from motesplats_events import AssignmentStatus, VolunteerRole
from services.notification.domain.assignments import Assignment
from services.notification.domain.messages import Kind, Reason, Wanted
from services.notification.domain.moments import SETTLING
from services.notification.domain.people import Contact
from services.notification.domain.programmes import Programme, SessionChange
from services.notification.domain.sending import Outcome, decide
from services.notification.domain.situation import Situation
from tests.notification.test_changes import with_first_at
from tests.notification.test_planning import (
    COURSE,
    DAY,
    HOUR,
    JANUARY,
    OFFER,
    STOCKHOLM,
    TUESDAY,
    ids,
    kinds,
    message,
    of_kind,
    wanted,
)

INGRID = Contact("astrid", "Ingrid", "ingrid@example.org")
ACCEPTED = replace(OFFER, status=AssignmentStatus.ACCEPTED)
SHIFT = replace(ACCEPTED, session_id="s1", at=TUESDAY, until=TUESDAY + timedelta(hours=2))


def around(*assignments: Assignment, programme: Programme | None = COURSE, contact: Contact = INGRID) -> Situation:
    return Situation(
        programme, None, contact, assignments=assignments, programmes={"p": programme} if programme else {}
    )


def test_a_volunteer_is_welcomed_when_first_told_of() -> None:
    [welcome] = wanted(around(contact=replace(INGRID, enrolled_at=JANUARY)))
    assert (welcome.id, welcome.due_at) == ("volunteer_welcome:astrid:", JANUARY)


@pytest.mark.parametrize("role", VolunteerRole)
def test_who_leads_gets_a_link_and_others_need_none(role: VolunteerRole) -> None:
    leads = role in {VolunteerRole.GROUP_LEADER, VolunteerRole.HOST, VolunteerRole.LECTURER}
    assert (Kind.ASSIGNMENT_ACCEPTED in kinds(wanted(around(replace(ACCEPTED, role=role))))) is leads


LEADS = replace(ACCEPTED, role=VolunteerRole.GROUP_LEADER)
BOOK = replace(ACCEPTED, role=VolunteerRole.LIVING_BOOK, programme_id="", organiser="Regionen", at=TUESDAY)


def changed(situation: Situation) -> list[Wanted]:
    return of_kind(Kind.ASSIGNMENT_CHANGED, wanted(situation))


@pytest.mark.parametrize("role", VolunteerRole)
@pytest.mark.parametrize(
    ("to", "outcome"), [(TUESDAY + DAY, Outcome.SEND), (TUESDAY, Outcome.WAIT), (None, Outcome.SEND)]
)
def test_who_does_something_in_a_whole_programme_is_told_when_one_of_its_meetings_changes(
    role: VolunteerRole, to: datetime | None, outcome: Outcome
) -> None:
    change = SessionChange("s1", "p", 2, TUESDAY, to, JANUARY + HOUR)
    situation = replace(around(replace(LEADS, role=role), programme=with_first_at(to)), changes=[change])
    [told] = changed(situation)
    assert (told.due_at, told.programme_id) == (change.at + SETTLING, "p")
    assert [one.assignment_id for one in situation.told_of(message(told))] == ["a"]
    # Another place shows in the programme alone, which is told on a topic of its own.
    assert decide(message(told), situation, STOCKHOLM, told.due_at).outcome is outcome
    late = replace(situation, assignments=[replace(LEADS, changed_at=change.at)])
    assert changed(late) == [], "who said yes to the new plan"
    for status in set(AssignmentStatus) - {AssignmentStatus.ACCEPTED}:
        assert changed(replace(situation, assignments=[replace(LEADS, status=status)])) == []
    off = replace(situation, programmes={"p": replace(COURSE, cancelled=True)})
    assert changed(off) == [], "the assignment is taken back, and that is told"


def test_a_change_of_another_programme_is_nothing_to_who_leads_this_one() -> None:
    elsewhere = SessionChange("s1", "q", 2, TUESDAY, TUESDAY + DAY, JANUARY + HOUR)
    assert changed(replace(around(LEADS), changes=[elsewhere])) == []


def test_a_change_that_leaders_are_told_of_waits_for_the_programme_that_shows_it() -> None:
    change = SessionChange("s1", "p", 2, TUESDAY, TUESDAY + DAY, JANUARY + HOUR)
    before, after = (
        replace(around(LEADS, programme=programme), changes=[change])
        for programme in (COURSE, with_first_at(TUESDAY + DAY))
    )
    [told] = map(message, changed(before))
    assert decide(told, before, STOCKHOLM, told.due_at).outcome is Outcome.WAIT
    assert decide(told, after, STOCKHOLM, told.due_at).outcome is Outcome.SEND


def test_a_new_half_year_is_told_to_who_leads_it_the_morning_after() -> None:
    first, second = COURSE.sessions
    longer = replace(COURSE, sessions=(first, replace(second, added_at=JANUARY + DAY)))
    [told] = changed(around(LEADS, programme=longer))
    assert (told.due_at, told.expires_at) == (datetime(2025, 1, 9, 8, 0, tzinfo=UTC), second.starts_at)
    assert around(LEADS, programme=longer).covers(message(told))


def test_an_assignment_of_one_session_or_of_a_unit_is_told_by_its_own_change() -> None:
    room = replace(SHIFT, altered_at=JANUARY + DAY)
    change = SessionChange("s1", "p", 2, TUESDAY, TUESDAY, JANUARY + HOUR)
    [told] = changed(replace(around(room), changes=[change]))
    assert (told.ref, told.due_at) == ("p@20250108T080000000000Z", JANUARY + DAY + SETTLING)
    [book] = changed(around(replace(BOOK, altered_at=JANUARY + DAY), programme=None))
    assert (book.organiser, book.expires_at, book.programme_id) == ("Regionen", TUESDAY, "")
    assert changed(around(SHIFT)) == changed(around(BOOK, programme=None)) == []
    done = replace(BOOK, altered_at=JANUARY + DAY, status=AssignmentStatus.RELEASED)
    assert changed(around(done, programme=None)) == []
    assert of_link(around(room)) == of_link(around(SHIFT)), "nobody is thanked again"


def test_a_season_of_shifts_that_are_taken_on_in_one_go_is_one_message() -> None:
    season = [
        replace(SHIFT, assignment_id=f"a{n}", session_id=f"x{n}", at=TUESDAY + timedelta(weeks=n)) for n in range(24)
    ]
    later = replace(SHIFT, assignment_id="later", changed_at=JANUARY + DAY)
    found = wanted(around(*season, later, programme=None))
    assert kinds(found).count(Kind.ASSIGNMENT_ACCEPTED) == 2
    assert kinds(found).count(Kind.ASSIGNMENT_REMINDER) == 25
    [first] = [one for one in found if one.kind is Kind.ASSIGNMENT_ACCEPTED and one.due_at < JANUARY + DAY]
    told = around(*season, later).told_of(message(first))
    assert [one.assignment_id for one in told] == [f"a{n}" for n in range(24)]
    given_up = [replace(one, status=AssignmentStatus.RELEASED, changed_at=JANUARY + 2 * DAY) for one in season]
    assert kinds(wanted(around(*given_up))) == [Kind.ASSIGNMENT_ENDED]
    # One of them given up later changes nothing for who was told of all.
    assert first.id in ids(wanted(around(*season[1:], given_up[0])))


def of_link(situation: Situation) -> set[str]:
    return ids([one for one in wanted(situation) if one.kind is Kind.ASSIGNMENT_ACCEPTED])


def test_a_shift_is_reminded_of_the_day_before_and_follows_its_session() -> None:
    def due(situation: Situation) -> list[datetime]:
        return [one.due_at for one in wanted(situation) if one.kind is Kind.ASSIGNMENT_REMINDER]

    assert due(around(SHIFT)) == [datetime(2025, 1, 27, 8, 0, tzinfo=UTC)]
    assert due(around(SHIFT, programme=None)) == [datetime(2025, 1, 27, 8, 0, tzinfo=UTC)]
    first, second = COURSE.sessions
    moved = replace(COURSE, sessions=(replace(first, starts_at=TUESDAY + DAY), second))
    assert due(around(SHIFT, programme=moved)) == [datetime(2025, 1, 28, 8, 0, tzinfo=UTC)]
    off = replace(COURSE, sessions=(replace(first, cancelled=True), second))
    assert due(around(SHIFT, programme=off)) == []
    assert due(around(SHIFT, programme=replace(COURSE, cancelled=True))) == []
    assert due(around(ACCEPTED)) == [], "a whole programme has no one day"
    assert due(around(replace(SHIFT, changed_at=TUESDAY - timedelta(hours=4)))) == [], "they have just said yes"


def test_a_unit_that_asks_outside_any_programme_is_served_too() -> None:
    outside = replace(
        ACCEPTED, role=VolunteerRole.LECTURER, programme_id="", organiser="Regionen", municipality="Eksjö", at=TUESDAY
    )
    found = wanted(around(outside, programme=None))
    assert kinds(found) == [Kind.ASSIGNMENT_REMINDER], "there is no programme to lead"
    assert (found[0].programme_id, found[0].organiser, found[0].municipality) == ("", "Regionen", "Eksjö")
    asked = replace(outside, status=AssignmentStatus.OFFERED)
    assert kinds(wanted(around(asked, programme=None))) == [Kind.ASSIGNMENT_OFFER]
    unclear = replace(asked, organiser="")
    assert wanted(around(unclear, programme=None)) == [], "whose staff it concerns is not known yet"


@pytest.mark.parametrize(
    ("status", "when", "told"),
    [
        (AssignmentStatus.RELEASED, timedelta(days=3), [Kind.ASSIGNMENT_ENDED]),
        (AssignmentStatus.EXPIRED, timedelta(days=3), [Kind.ASSIGNMENT_ENDED]),
        (AssignmentStatus.EXPIRED, timedelta(days=7), []),
        (AssignmentStatus.DECLINED, timedelta(days=3), []),
        (AssignmentStatus.COMPLETED, timedelta(days=30), []),
    ],
)
def test_what_is_taken_back_is_told_and_what_they_did_themselves_is_not(
    status: AssignmentStatus, when: timedelta, told: list[Kind]
) -> None:
    assert kinds(wanted(around(replace(SHIFT, status=status, changed_at=JANUARY + when)))) == told


@pytest.mark.parametrize("status", [s for s in AssignmentStatus if s is not AssignmentStatus.ACCEPTED])
def test_no_reminder_leaves_for_an_assignment_that_is_no_longer_theirs(status: AssignmentStatus) -> None:
    then = JANUARY + timedelta(minutes=1)
    for one in map(message, wanted(around(SHIFT))):
        now = around(replace(SHIFT, status=status, changed_at=then))
        decision = decide(one, now, STOCKHOLM, one.due_at)
        assert (decision.outcome, decision.reason) == (Outcome.DROP, Reason.OVERTAKEN)
