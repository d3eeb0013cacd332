"""Rules of programmes, places, queues and attendance."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from motesplats_events import RegistrationStatus, Role
from services.registration.domain.attendance import Attendance, Mark, NotConfirmed, NotYetStarted, counts, held, marked
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.programmes import Programme, ProgrammeOver, Session, check_plan
from services.registration.domain.registrations import (
    AlreadyCancelled,
    Registration,
    RegistrationClosed,
    cancelled,
    check_open,
)
from shared.contact import Contact, read_contact, same_person_key
from shared.errors import DomainError

NOW = datetime(2025, 1, 7, 8, tzinfo=UTC)
SESSION = Session("s1", NOW + timedelta(days=21), 120, "Coping")
PROGRAMME = Programme(
    programme_id="p1",
    title="A course",
    organiser="A clinic",
    kind=ProgrammeKind.COURSE,
    place="A room",
    municipality="A town",
    places={Role.PATIENT: 2, Role.RELATIVE: 0},
    sessions=[SESSION],
)


def registration(status: RegistrationStatus) -> Registration:
    return Registration(
        "id", "p1", "astrid", Role.PATIENT, status, None, language="sv", reminders=True, registered_at=NOW
    )


def test_a_plan_in_the_past_without_places_is_refused_field_by_field() -> None:
    problems = check_plan(
        ProgrammeKind.COURSE, {Role.PATIENT: 0}, [NOW - timedelta(days=1), NOW + timedelta(days=4000)], NOW
    )
    assert [problem.field for problem in problems] == ["places", "sessions.0.at", "sessions.1.at"]


def test_places_below_zero_are_refused() -> None:
    problems = check_plan(ProgrammeKind.COURSE, {Role.PATIENT: -1, Role.RELATIVE: 3}, [NOW + timedelta(days=1)], NOW)
    assert [problem.field for problem in problems] == ["places.patient"]


def test_a_plan_without_sessions_is_refused() -> None:
    assert [problem.field for problem in check_plan(ProgrammeKind.COURSE, {Role.PATIENT: 1}, [], NOW)] == ["sessions"]


def test_two_sessions_cannot_begin_at_the_same_time() -> None:
    later = NOW + timedelta(days=1)
    assert [problem.field for problem in check_plan(ProgrammeKind.COURSE, {Role.PATIENT: 1}, [later, later], NOW)] == [
        "sessions.1.at"
    ]


def test_registration_is_open_until_the_first_session_begins() -> None:
    check_open(PROGRAMME, [Role.PATIENT], SESSION.starts_at - timedelta(seconds=1))
    with pytest.raises(RegistrationClosed):
        check_open(PROGRAMME, [Role.PATIENT], SESSION.starts_at)


def test_a_role_without_places_cannot_register() -> None:
    with pytest.raises(DomainError) as refused:
        check_open(PROGRAMME, [Role.RELATIVE], NOW)
    assert refused.value.field == "role"


def test_a_cancelled_registration_cannot_be_cancelled_again() -> None:
    once = cancelled(registration(RegistrationStatus.CONFIRMED), PROGRAMME, NOW)
    assert once.status is RegistrationStatus.CANCELLED
    assert once.version == 2
    with pytest.raises(AlreadyCancelled):
        cancelled(once, PROGRAMME, NOW)


def test_after_the_end_there_is_nothing_left_to_cancel() -> None:
    with pytest.raises(ProgrammeOver):
        cancelled(registration(RegistrationStatus.CONFIRMED), PROGRAMME, SESSION.ends_at)


def test_a_session_cannot_be_held_before_it_begins() -> None:
    with pytest.raises(NotYetStarted):
        held(Attendance("s1", "p1"), SESSION, NOW)


def test_holding_again_after_a_correction_raises_the_version_and_keeps_the_time() -> None:
    first = held(Attendance("s1", "p1"), SESSION, SESSION.starts_at)
    again = held(first, SESSION, SESSION.ends_at)
    assert (first.version, again.version, again.held_at) == (1, 2, SESSION.starts_at)


def test_only_those_with_a_place_can_be_marked() -> None:
    with pytest.raises(NotConfirmed):
        marked(Attendance("s1", "p1"), {"stranger": Mark.ATTENDED}, ["a", "b"], SESSION, SESSION.starts_at)


def test_nobody_can_be_marked_before_the_session_begins() -> None:
    with pytest.raises(NotYetStarted):
        marked(Attendance("s1", "p1"), {"a": Mark.ATTENDED}, ["a"], SESSION, NOW)


def test_the_public_sees_in_three_steps_how_full_it_is() -> None:
    steps = [replace(PROGRAMME, places={Role.PATIENT: 10}, taken={Role.PATIENT: n}) for n in (0, 6, 7, 9, 10)]
    assert [p.room(Role.PATIENT) for p in steps] == ["places_left", "places_left", "few_left", "few_left", "full"]


def test_counts_say_how_many_of_each_role_were_expected_and_came() -> None:
    attendance = marked(
        Attendance("s1", "p1"), {"a": Mark.ATTENDED, "b": Mark.ABSENT}, "abc", SESSION, SESSION.starts_at
    )
    roles = {"a": Role.PATIENT, "b": Role.PATIENT, "c": Role.RELATIVE}
    assert counts(attendance, roles) == {Role.PATIENT: (2, 1), Role.RELATIVE: (1, 0)}


def test_the_same_name_and_address_are_the_same_person_however_typed() -> None:
    one = same_person_key(" Åsa  Berg", read_contact("Asa.Berg@Example.org ", ""))
    other = same_person_key("åsa berg", read_contact("asa.berg@example.org", ""))
    assert one == other


def test_a_couple_with_one_address_are_two_people() -> None:
    contact = read_contact("we@example.org", "")
    assert same_person_key("Astrid", contact) != same_person_key("Erik", contact)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("070-123 45 67", "+46701234567"),
        ("+45 12 34 56 78", "+4512345678"),
        ("0045 12345678", "+4512345678"),
        ("+46 (0)70-123 45 67", "+46701234567"),
    ],
)
def test_a_number_is_brought_to_one_form(typed: str, number: str) -> None:
    assert read_contact("", typed) == Contact(None, number)


@pytest.mark.parametrize(("email", "phone"), [("", ""), ("a@example.org", "0701234567"), ("", "hello"), ("", "+4")])
def test_neither_both_or_nonsense_is_refused(email: str, phone: str) -> None:
    with pytest.raises(DomainError):
        read_contact(email, phone)
