"""What is told when a programme changes: sessions moved, cancelled or added, and the link to a digital one."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from motesplats_events import RegistrationStatus
from services.notification.domain.messages import Kind, Wanted
from services.notification.domain.moments import SETTLING
from services.notification.domain.planning.changes import added_sessions, of_registration, told_changes
from services.notification.domain.programmes import MeetingLink, Programme, SessionChange
from services.notification.domain.sending import Outcome, decide
from services.notification.domain.situation import Situation
from tests.notification.test_planning import (
    APPLIED,
    CANCELLED,
    CONFIRMED,
    COURSE,
    DAY,
    HOUR,
    JANUARY,
    OFFERED,
    PROMOTED,
    STOCKHOLM,
    TUESDAY,
    WAITING,
    known,
    message,
    of_kind,
    wanted,
)

MOVED = SessionChange("s1", "p", 1, TUESDAY, TUESDAY + DAY, JANUARY + HOUR)
MOVED_AGAIN = replace(MOVED, sequence=2, was_at=TUESDAY + DAY, starts_at=TUESDAY + 2 * DAY, at=JANUARY + 2 * HOUR)
CALLED_OFF = replace(MOVED, sequence=3, was_at=TUESDAY + 2 * DAY, starts_at=None, at=JANUARY + 3 * HOUR)


def with_first_at(start: datetime | None) -> Programme:
    first, second = COURSE.sessions
    changed = replace(first, starts_at=start) if start else replace(first, cancelled=True)
    return replace(COURSE, sessions=(changed, second))


def told(situation: Situation) -> list[Wanted]:
    return of_kind(Kind.SESSION_CHANGED, wanted(situation))


@pytest.mark.parametrize(
    ("registration", "is_told"),
    [(CONFIRMED, True), (WAITING, True), (OFFERED, True), (PROMOTED, True), (APPLIED, False), (CANCELLED, False)],
)
def test_who_has_a_place_or_waits_for_one_is_told_at_once(registration: object, is_told: bool) -> None:
    found = told(known(registration, with_first_at(TUESDAY + DAY), changes=[MOVED]))  # type: ignore[arg-type]
    assert bool(found) is is_told
    if found:
        assert (found[0].due_at, found[0].expires_at) == (MOVED.at + SETTLING, TUESDAY + DAY)


def test_who_came_after_the_change_was_told_of_the_new_time_from_the_start() -> None:
    late = replace(CONFIRMED, since=MOVED.at)
    assert told(known(late, with_first_at(TUESDAY + DAY), changes=[MOVED])) == []


def test_two_changes_before_anybody_was_told_are_told_together_whatever_their_order() -> None:
    for changes in ([MOVED, MOVED_AGAIN], [MOVED_AGAIN, MOVED]):
        situation = known(programme=with_first_at(TUESDAY + 2 * DAY), changes=changes)
        [one] = told(situation)
        [change] = told_changes(of_registration(situation, STOCKHOLM), one.ref)
        assert (change.change, change.former) == (MOVED_AGAIN, [TUESDAY, TUESDAY + DAY])
    [first] = map(message, told(known(programme=with_first_at(TUESDAY + DAY), changes=[MOVED])))
    assert decide(first, situation, STOCKHOLM, MOVED_AGAIN.at).outcome is Outcome.DROP


def test_a_session_with_those_that_follow_it_is_one_message_and_nothing_is_lost_when_one_comes_late() -> None:
    both = [MOVED, replace(MOVED, session_id="s2", was_at=TUESDAY + 7 * DAY, starts_at=TUESDAY + 8 * DAY)]
    moved = replace(COURSE, sessions=tuple(replace(s, starts_at=s.starts_at + DAY) for s in COURSE.sessions))
    situation = known(programme=moved, changes=both)
    [one] = told(situation)
    assert [c.change.session_id for c in told_changes(of_registration(situation, STOCKHOLM), one.ref)] == ["s1", "s2"]
    [early] = told(known(programme=moved, changes=both[:1]))
    assert early.ref != one.ref, "who was told of the first alone is told of both"
    assert decide(message(early), situation, STOCKHOLM, early.due_at).outcome is Outcome.DROP
    later = known(programme=moved, changes=[*both, replace(MOVED_AGAIN, was_at=TUESDAY + DAY, at=JANUARY + DAY)])
    assert one.ref in {w.ref for w in told(later)}, "a change of one of them does not tell the other again"


def test_a_session_that_was_put_back_is_told_as_such() -> None:
    back = replace(CALLED_OFF, sequence=4, was_at=TUESDAY, starts_at=TUESDAY, at=JANUARY + 4 * HOUR)
    situation = known(changes=[replace(CALLED_OFF, was_at=TUESDAY), back])
    [one] = told(situation)
    [change] = told_changes(of_registration(situation, STOCKHOLM), one.ref)
    assert change.restored
    only_moved = known(changes=[MOVED], programme=with_first_at(TUESDAY + DAY))
    [moved] = told_changes(of_registration(only_moved, STOCKHOLM), told(only_moved)[0].ref)
    assert not moved.restored


def test_a_guest_is_told_and_reminded_of_one_session_alone() -> None:
    guest = replace(CONFIRMED, cause=Kind.GUEST_BOOKED, only_session="s2")
    found = wanted(known(guest, with_first_at(TUESDAY + DAY), changes=[MOVED]))
    assert [(one.kind, one.about) for one in found] == [(Kind.GUEST_BOOKED, ""), (Kind.REMINDER, "s2")]


def test_a_change_waits_for_the_programme_that_shows_it() -> None:
    for change, shown in ((MOVED, TUESDAY + DAY), (CALLED_OFF, None)):
        [change_message] = map(message, told(known(changes=[change])))
        before = known(programme=COURSE, changes=[change])
        after = known(programme=with_first_at(shown), changes=[change])
        assert decide(change_message, before, STOCKHOLM, change.at).outcome is Outcome.WAIT
        assert decide(change_message, after, STOCKHOLM, change.at).outcome is Outcome.SEND
    gone = known(programme=replace(COURSE, sessions=COURSE.sessions[1:]), changes=[CALLED_OFF])
    assert decide(change_message, gone, STOCKHOLM, CALLED_OFF.at).outcome is Outcome.SEND


def test_nobody_is_told_of_a_change_when_the_session_is_over() -> None:
    [change] = map(message, told(known(programme=with_first_at(TUESDAY - DAY), changes=[MOVED])))
    situation = known(programme=with_first_at(TUESDAY + DAY), changes=[MOVED])
    assert decide(change, situation, STOCKHOLM, TUESDAY + DAY).outcome is Outcome.DROP


def test_a_member_is_not_told_of_a_session_before_the_first_day() -> None:
    member = replace(CONFIRMED, starts_on=date(2025, 2, 1))
    assert told(known(member, with_first_at(TUESDAY + DAY), changes=[MOVED])) == []


def test_a_new_half_year_is_told_of_once_the_morning_after() -> None:
    # Added one by one on an evening in summer.
    evening = datetime(2025, 8, 4, 18, 0, tzinfo=UTC)
    autumn = [
        replace(COURSE.sessions[0], session_id=f"a{n}", starts_at=TUESDAY + timedelta(weeks=30 + n), added_at=at)
        for n, at in enumerate([evening, evening + timedelta(minutes=5), evening + timedelta(minutes=9)])
    ]
    programme = replace(COURSE, sessions=(*COURSE.sessions, *autumn))
    [one] = of_kind(Kind.NEW_SESSIONS, wanted(known(programme=programme)))
    assert (one.ref, one.due_at) == ("2025-08-04", datetime(2025, 8, 5, 7, 0, tzinfo=UTC))
    assert one.expires_at == autumn[-1].starts_at
    added = added_sessions(of_registration(known(programme=programme), STOCKHOLM), STOCKHOLM, "2025-08-04")
    assert [s.session_id for s in added] == ["a0", "a1", "a2"]
    assert len(of_kind(Kind.REMINDER, wanted(known(programme=programme)))) == 5
    for other in (WAITING, OFFERED, CANCELLED, replace(CONFIRMED, since=evening + HOUR)):
        assert of_kind(Kind.NEW_SESSIONS, wanted(known(other, programme))) == []
    off = replace(programme, sessions=(*COURSE.sessions, *(replace(s, cancelled=True) for s in autumn)))
    assert of_kind(Kind.NEW_SESSIONS, wanted(known(programme=off))) == []


def test_who_had_a_place_when_the_link_changed_is_told_of_the_new_one() -> None:
    link = MeetingLink("p", 4, "https://meet.example.net/x", JANUARY + HOUR)
    [one] = of_kind(Kind.MEETING_LINK, wanted(known(meeting_link=link)))
    assert (one.ref, one.due_at) == ("4", link.at)
    for other in (WAITING, OFFERED, APPLIED, CANCELLED, replace(CONFIRMED, since=link.at)):
        assert of_kind(Kind.MEETING_LINK, wanted(known(other, meeting_link=link))) == []
    newer = known(meeting_link=replace(link, sequence=5))
    assert decide(message(one), newer, STOCKHOLM, link.at).outcome is Outcome.DROP


def test_no_status_is_forgotten() -> None:
    states = {r.status for r in (CONFIRMED, WAITING, OFFERED, APPLIED, CANCELLED)}
    assert states == set(RegistrationStatus)


def test_another_place_is_told_as_such_and_waits_for_the_programme_that_shows_it() -> None:
    elsewhere = replace(MOVED, sequence=4, was_at=TUESDAY, starts_at=TUESDAY)
    early = known(changes=[elsewhere])
    [one] = told(early)
    [change] = told_changes(of_registration(early, STOCKHOLM), one.ref)
    assert (change.elsewhere, change.restored, list(change.former)) == (True, False, [])
    assert early.programme is not None
    assert not early.covers(message(one)), "a message now would name the old place"
    assert known(programme=replace(early.programme, sequence=4), changes=[elsewhere]).covers(message(one))
    then = replace(elsewhere, was_at=TUESDAY + DAY, starts_at=TUESDAY + DAY, at=JANUARY + 4 * HOUR)
    twice = known(changes=[MOVED, then])
    [both] = told_changes(of_registration(twice, STOCKHOLM), told(twice)[-1].ref)
    assert not both.elsewhere, "who was told another time is told of the time once more"
