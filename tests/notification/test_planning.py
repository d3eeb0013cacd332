"""Which messages follow from what is known. Rules only: no store, no mail."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from motesplats_events import AssignmentStatus, CancellationReason, RegistrationStatus, SurveyKind, VolunteerRole
from services.notification.domain.assignments import Assignment
from services.notification.domain.messages import Kind, Message, Reason, Wanted
from services.notification.domain.moments import (
    assignment_link_ends,
    link_ends,
    offer_reminder_moment,
    reminder_moment,
)
from services.notification.domain.people import Answer, Contact, Registration, Wish, greeting_name
from services.notification.domain.planning import plan
from services.notification.domain.programmes import Programme, Session
from services.notification.domain.sending import Outcome, decide, pause_before
from services.notification.domain.situation import Situation
from services.notification.domain.surveys import Survey, invite, token_hash

STOCKHOLM = ZoneInfo("Europe/Stockholm")
JANUARY = datetime(2025, 1, 7, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def course(*starts: datetime) -> Programme:
    sessions = tuple(Session(f"s{n}", start, 120, f"Tema {n}") for n, start in enumerate(starts, 1))
    return Programme("p", 1, "En kurs", "Onkologkliniken", "Konferensrummet", "Jönköping", sessions)


def registration(status: RegistrationStatus, sequence: int = 1, since: datetime = JANUARY) -> Registration:
    cause = {
        RegistrationStatus.CONFIRMED: Kind.CONFIRMATION if sequence == 1 else Kind.PROMOTED,
        RegistrationStatus.WAITING: Kind.QUEUED,
        RegistrationStatus.OFFERED: Kind.PLACE_OFFERED,
        RegistrationStatus.APPLIED: Kind.APPLIED,
        RegistrationStatus.CANCELLED: Kind.CANCELLED,
    }[status]
    began = status if sequence == 1 else RegistrationStatus.WAITING
    return Registration("astrid", "p", sequence, status, cause, since, 3, held_a_place=True, began=began)


CONFIRMED = registration(RegistrationStatus.CONFIRMED)
WAITING = registration(RegistrationStatus.WAITING)
OFFERED = replace(registration(RegistrationStatus.OFFERED, 2), answer_by=JANUARY + timedelta(days=7))
APPLIED = registration(RegistrationStatus.APPLIED)
PROMOTED = registration(RegistrationStatus.CONFIRMED, 2)
CANCELLED = registration(RegistrationStatus.CANCELLED, 3)
ASTRID = Contact("astrid", "Astrid", "astrid@example.org")
TUESDAY = datetime(2025, 1, 28, 16, 0, tzinfo=UTC)
COURSE = course(TUESDAY, TUESDAY + timedelta(weeks=1))
OFFER = Assignment(
    assignment_id="a",
    volunteer_id="astrid",
    role=VolunteerRole.HOST,
    status=AssignmentStatus.OFFERED,
    programme_id="p",
    title="Värd",
    place="Rummet",
    at=None,
    offered_at=JANUARY,
    answer_by=JANUARY + timedelta(days=7),
    changed_at=JANUARY,
)


def known(
    registration: Registration | None = CONFIRMED,
    programme: Programme | None = COURSE,
    contact: Contact | None = ASTRID,
    **more: object,
) -> Situation:
    return Situation(programme, registration, contact, **more)  # type: ignore[arg-type]


def wanted(situation: Situation) -> list[Wanted]:
    return plan(situation, STOCKHOLM)


def ids(wanted: Sequence[Wanted]) -> set[str]:
    return {one.id for one in wanted}


def kinds(wanted: Sequence[Wanted]) -> list[Kind]:
    return [one.kind for one in wanted]


def message(wanted: Wanted) -> Message:
    return Message(
        wanted.kind,
        wanted.recipient,
        wanted.ref,
        wanted.programme_id,
        wanted.due_at,
        wanted.about,
        wanted.local_due,
        wanted.expires_at,
        wanted.token,
        mail_id="m",
    )


def of_kind(kind: Kind, wanted: Sequence[Wanted]) -> list[Wanted]:
    return [one for one in wanted if one.kind is kind]


def reminders(wanted: Sequence[Wanted]) -> list[Wanted]:
    return of_kind(Kind.REMINDER, wanted)


@pytest.mark.parametrize(
    ("start", "reminder"),
    [
        # The clocks go forward on Sunday 30 March and back on Sunday 26 October 2025.
        ("2025-03-29T17:00+01:00", "2025-03-28T08:00+00:00"),
        ("2025-03-30T17:00+02:00", "2025-03-29T08:00+00:00"),
        ("2025-03-31T17:00+02:00", "2025-03-30T07:00+00:00"),
        ("2025-10-26T17:00+01:00", "2025-10-25T07:00+00:00"),
        ("2025-10-27T17:00+01:00", "2025-10-26T08:00+00:00"),
        # Half past midnight in Stockholm is still the day before in UTC.
        ("2025-06-10T00:30+02:00", "2025-06-09T07:00+00:00"),
    ],
)
def test_a_reminder_is_due_at_nine_the_day_before_as_the_clock_on_the_wall_shows(start: str, reminder: str) -> None:
    [due] = reminders(wanted(known(programme=course(datetime.fromisoformat(start)))))
    assert due.due_at == datetime.fromisoformat(reminder)
    assert due.due_at.astimezone(STOCKHOLM).hour == 9
    assert due.local_due == f"{due.due_at.astimezone(STOCKHOLM):%Y-%m-%d}T09:00 Europe/Stockholm"


def test_nine_in_another_zone_is_another_moment() -> None:
    start = datetime(2025, 3, 31, 15, 0, tzinfo=UTC)
    assert reminder_moment(start, ZoneInfo("Atlantic/Faroe")) == datetime(2025, 3, 30, 8, 0, tzinfo=UTC)


def test_a_place_calls_for_a_confirmation_at_once_and_a_reminder_of_each_session() -> None:
    found = wanted(known())
    assert kinds(found) == [Kind.CONFIRMATION, Kind.REMINDER, Kind.REMINDER]
    assert found[0].due_at == JANUARY
    assert {one.about for one in reminders(found)} == {"s1", "s2"}


def test_a_reminder_whose_moment_has_passed_when_the_place_is_given_is_not_made() -> None:
    late = replace(PROMOTED, since=TUESDAY - timedelta(hours=20))
    assert [one.about for one in reminders(wanted(known(late)))] == ["s2"]


def test_who_waits_is_told_so_and_is_not_reminded() -> None:
    assert ids(wanted(known(WAITING))) == {"queued:astrid:1"}


def test_only_the_newest_state_is_told() -> None:
    assert "promoted:astrid:2" in ids(wanted(known(PROMOTED)))
    assert ids(wanted(known(CANCELLED))) == {"cancelled:astrid:3"}


def test_who_wants_no_reminders_gets_the_rest() -> None:
    assert ids(wanted(known(contact=replace(ASTRID, reminders=False)))) == {"confirmation:astrid:1"}


def test_nothing_is_planned_before_programme_and_contact_are_known() -> None:
    assert wanted(known(programme=None)) == []
    assert wanted(known(contact=None)) == []
    assert wanted(known(None)) == []
    assert wanted(known(contact=Contact("astrid", erased=True))) == []


def test_a_session_that_moves_gets_a_reminder_of_its_own() -> None:
    moved = course(TUESDAY + timedelta(days=2))
    before = ids(reminders(wanted(known(programme=course(TUESDAY)))))
    after = ids(reminders(wanted(known(programme=moved))))
    assert before.isdisjoint(after)


def test_who_sends_the_form_ten_times_in_a_day_is_told_once() -> None:
    again = [JANUARY + timedelta(minutes=n) for n in range(10)] + [JANUARY + timedelta(days=1)]
    told = of_kind(Kind.ALREADY_REGISTERED, wanted(known(asked_again=again)))
    assert [one.ref for one in told] == ["2025-01-07", "2025-01-08"]
    assert told[0].due_at == JANUARY


def test_a_reminder_that_is_due_is_sent_to_an_address_and_called_to_a_number() -> None:
    [first, _] = reminders(wanted(known()))
    situation = known()
    assert decide(message(first), situation, STOCKHOLM, first.due_at).outcome is Outcome.SEND
    by_phone = replace(situation, contact=Contact("astrid", "Astrid", None, "+46700000000"))
    assert decide(message(first), by_phone, STOCKHOLM, first.due_at).outcome is Outcome.CALL


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        (known(CANCELLED), Reason.CANCELLED),
        (known(programme=replace(COURSE, cancelled=True)), Reason.CANCELLED),
        (known(contact=replace(ASTRID, reminders=False)), Reason.NO_REMINDERS),
        (known(programme=course(TUESDAY + timedelta(days=1))), Reason.RESCHEDULED),
        (known(programme=replace(COURSE, sessions=COURSE.sessions[1:])), Reason.RESCHEDULED),
        (known(contact=Contact("astrid", erased=True)), Reason.ERASED),
    ],
)
def test_a_reminder_that_is_no_longer_true_is_dropped(situation: Situation, reason: Reason) -> None:
    [first, _] = reminders(wanted(known()))
    decision = decide(message(first), situation, STOCKHOLM, first.due_at)
    assert (decision.outcome, decision.reason) == (Outcome.DROP, reason)


def test_a_reminder_is_dropped_when_the_session_has_begun() -> None:
    [first, _] = reminders(wanted(known()))
    situation = known()
    assert decide(message(first), situation, STOCKHOLM, TUESDAY - timedelta(seconds=1)).outcome is Outcome.SEND
    assert decide(message(first), situation, STOCKHOLM, TUESDAY).reason is Reason.TOO_LATE


def test_a_message_waits_for_what_it_tells_of() -> None:
    [confirmation, *_] = wanted(known())
    assert decide(message(confirmation), known(contact=None), STOCKHOLM, JANUARY).outcome is Outcome.WAIT
    asked = Situation(contact=ASTRID, assignments=[OFFER])
    [asking] = map(message, wanted(asked))
    assert decide(asking, Situation(contact=ASTRID), STOCKHOLM, JANUARY).outcome is Outcome.WAIT
    assert decide(asking, asked, STOCKHOLM, JANUARY).outcome is Outcome.SEND
    assert decide(asking, asked, STOCKHOLM, OFFER.answer_by).reason is Reason.TOO_LATE


def test_a_held_place_is_told_at_once_and_reminded_of_once_before_it_goes_on() -> None:
    offered, reminder = wanted(known(OFFERED))
    assert (offered.kind, offered.due_at, offered.expires_at) == (Kind.PLACE_OFFERED, JANUARY, OFFERED.answer_by)
    # Offered on Tuesday the 7th until Tuesday the 14th at nine: reminded on Monday at nine.
    assert (reminder.kind, reminder.due_at) == (Kind.OFFER_REMINDER, datetime(2025, 1, 13, 8, 0, tzinfo=UTC))
    for answered in (PROMOTED, CANCELLED):
        decision = decide(message(reminder), known(replace(answered, sequence=3)), STOCKHOLM, reminder.due_at)
        assert decision.outcome is Outcome.DROP


@pytest.mark.parametrize(
    ("hours", "reminded_after"),
    [(24, 12), (4, 2), (72, 48)],
)
def test_a_short_offer_is_reminded_of_when_half_the_time_has_passed(hours: int, reminded_after: int) -> None:
    moment = offer_reminder_moment(JANUARY, JANUARY + timedelta(hours=hours), STOCKHOLM)
    assert moment == JANUARY + timedelta(hours=reminded_after)


def test_an_application_is_received_and_then_answered_once() -> None:
    assert ids(wanted(known(APPLIED))) == {"applied:astrid:1"}
    yes, no = (Answer(2, accepted, "Ord", JANUARY + HOUR) for accepted in (True, False))
    accepted = replace(PROMOTED, began=RegistrationStatus.APPLIED)
    declined = replace(CANCELLED, began=RegistrationStatus.APPLIED, reason=CancellationReason.APPLICATION_DECLINED)
    # The answer and what follows from it are told on two topics.
    assert kinds(wanted(known(accepted))) == [Kind.REMINDER] * 2
    assert wanted(known(declined)) == []
    assert "application_answered:astrid:2" in ids(wanted(known(replace(accepted, answer=yes))))
    assert "promoted:astrid:2" not in ids(wanted(known(replace(accepted, answer=yes))))
    assert ids(wanted(known(replace(declined, answer=no)))) == {"application_answered:astrid:2"}
    withdrawn = replace(CANCELLED, began=RegistrationStatus.APPLIED, answer=yes)
    assert ids(wanted(known(withdrawn))) == {"cancelled:astrid:3"}


def test_who_moved_up_is_told_when_it_is_known_whether_they_waited_or_applied() -> None:
    unknown = replace(PROMOTED, began=None)
    assert kinds(wanted(known(unknown))) == [Kind.REMINDER] * 2
    assert "promoted:astrid:2" in ids(wanted(known(replace(unknown, began=RegistrationStatus.WAITING))))
    # A place that is offered for a wish is never announced as a registration before the answer.
    assert kinds(wanted(known(replace(OFFERED, began=None)))) == [Kind.PLACE_OFFERED, Kind.OFFER_REMINDER]


def test_nothing_but_the_cancellation_is_told_of_a_programme_that_is_cancelled() -> None:
    off = replace(COURSE, cancelled=True)
    for state in (CONFIRMED, WAITING, OFFERED, APPLIED, PROMOTED):
        assert wanted(known(state, off)) == []
    assert ids(wanted(known(CANCELLED, off))) == {"cancelled:astrid:3"}


def test_a_session_that_is_cancelled_is_not_reminded_of() -> None:
    first, second = COURSE.sessions
    without = replace(COURSE, sessions=(replace(first, cancelled=True), second))
    assert [one.about for one in reminders(wanted(known(programme=without)))] == ["s2"]


def test_a_new_member_is_reminded_from_the_first_day_on() -> None:
    member = replace(CONFIRMED, starts_on=date(2025, 2, 1))
    assert [one.about for one in reminders(wanted(known(member)))] == ["s2"]


def test_a_reminder_by_letter_is_written_a_week_before() -> None:
    letter = Contact("astrid", "Astrid", address="Storgatan 1")
    [first, _] = reminders(wanted(known(contact=letter)))
    assert first.due_at == datetime(2025, 1, 21, 8, 0, tzinfo=UTC)
    late = replace(CONFIRMED, since=TUESDAY - timedelta(days=3))
    assert [one.about for one in reminders(wanted(known(late, contact=letter)))] == ["s2"]


def test_how_a_registration_stands_is_no_news_when_all_is_over() -> None:
    long = course(TUESDAY, TUESDAY + timedelta(weeks=10))
    [confirmation, *_] = wanted(known(programme=long))
    assert confirmation.expires_at == long.sessions[1].ends_at
    late = replace(CANCELLED, since=TUESDAY + timedelta(weeks=2))
    [cancelled] = wanted(known(late))
    assert cancelled.expires_at == late.since + timedelta(days=30)
    [applied] = wanted(known(APPLIED, course()))
    assert applied.expires_at is None


@pytest.mark.parametrize(
    ("contact", "outcome"),
    [
        (ASTRID, Outcome.SEND),
        (Contact("astrid", "Astrid", phone="+46700000000"), Outcome.CALL),
        (Contact("astrid", "Astrid", address="Storgatan 1"), Outcome.LETTER),
        (Contact("astrid", protected=True), Outcome.CALL),
        (replace(ASTRID, protected=True), Outcome.CALL),
        (replace(ASTRID, paused=True), Outcome.HOLD),
        (Contact("astrid", "Astrid", address="Storgatan 1", paused=True), Outcome.HOLD),
        (Contact("astrid", protected=True, paused=True), Outcome.HOLD),
        (Contact("astrid", erased=True), Outcome.DROP),
        (replace(ASTRID, erased=True, paused=True), Outcome.DROP),
    ],
)
def test_each_is_reached_in_their_own_way_or_not_at_all(contact: Contact, outcome: Outcome) -> None:
    [confirmation, *_] = wanted(known())
    assert decide(message(confirmation), known(contact=contact), STOCKHOLM, JANUARY).outcome is outcome


def test_a_pause_ends_nothing_but_what_is_overtaken_is_dropped() -> None:
    paused = replace(ASTRID, paused=True)
    assert ids(wanted(known(contact=paused))) == ids(wanted(known()))
    [confirmation, *_] = map(message, wanted(known()))
    assert decide(confirmation, known(CANCELLED, contact=paused), STOCKHOLM, JANUARY).outcome is Outcome.DROP


def test_a_wish_is_noted_once_however_the_queue_moves_and_then_closed() -> None:
    wish = Wish("w", "learning_cafe", "", "Jönköping", True, 4, JANUARY, JANUARY)
    someone = replace(ASTRID, id="w")
    [noted] = wanted(Situation(contact=someone, wish=wish))
    assert (noted.kind, noted.programme_id, noted.municipality) == (Kind.WISH_NOTED, "", "Jönköping")
    [moved] = wanted(Situation(contact=someone, wish=replace(wish, position=1, changed_at=JANUARY + HOUR)))
    assert moved == noted
    [closed] = wanted(Situation(contact=someone, wish=replace(wish, open=False, changed_at=JANUARY + DAY)))
    assert (closed.kind, closed.due_at) == (Kind.WISH_CLOSED, JANUARY + DAY)
    assert wanted(Situation(contact=replace(someone, erased=True), wish=wish)) == []


def survey(*audience: str) -> Survey:
    kind = SurveyKind.SESSION if len(audience) == 1 else SurveyKind.COURSE
    return Survey("v", "p", kind, audience, TUESDAY, TUESDAY + timedelta(days=14))


def test_everybody_who_attended_gets_one_link_and_the_hashes_are_those_of_the_tokens() -> None:
    attended = [f"person-{n}" for n in range(30)]
    minted = invite(survey("s1", "s2"), {"s1": attended[:20], "s2": attended[10:]})
    assert minted is not None
    invitations, hashes = minted
    assert [one.recipient for one in invitations] == sorted(attended)
    tokens = [one.token or "" for one in invitations]
    assert len(set(tokens)) == 30
    assert sorted(hashes) == sorted(token_hash(token) for token in tokens)
    assert hashes != [token_hash(token) for token in tokens], "the order points at the people"


def test_nobody_is_invited_before_the_attendance_of_every_session_is_known() -> None:
    assert invite(survey("s1", "s2"), {"s1": ["astrid"]}) is None


def test_a_survey_is_invited_to_once() -> None:
    assert invite(replace(survey("s1"), minted=True), {"s1": ["astrid", "bo"]}) is None


def test_nobody_attended_is_a_batch_of_none() -> None:
    assert invite(survey("s1"), {"s1": []}) == ([], [])


def test_tries_come_further_and_further_apart_and_end() -> None:
    pauses = [pause_before(tries) for tries in range(1, 31)]
    assert pauses[0] == timedelta(seconds=15)
    assert pauses[-2] == timedelta(hours=1)
    assert pauses[-1] is None
    assert sum((pause for pause in pauses if pause), timedelta()) > timedelta(hours=20)


def test_links_outlive_what_they_are_for() -> None:
    assert link_ends(COURSE, JANUARY) == TUESDAY + timedelta(weeks=1, hours=2, days=30)
    assert link_ends(course(), JANUARY) == JANUARY + timedelta(days=365), "a standing call"
    later = TUESDAY + timedelta(weeks=20)
    assert link_ends(COURSE, later) == later + timedelta(days=30), "a group between two half-years"
    assert assignment_link_ends(replace(OFFER, at=TUESDAY)) == TUESDAY + timedelta(days=180)


@pytest.mark.parametrize(
    ("typed", "greeted"),
    [
        ("  Astrid   Ö ", "Astrid Ö"),
        ("Anna-Karin d'Or", "Anna-Karin d'Or"),
        ("Åke B.", "Åke B."),
        ("You won, see http://evil.example", ""),
        ("evil.example", ""),
        ("someone@example.org", ""),
        ("<b>Bo</b>", ""),
        ("B" * 61, ""),
    ],
)
def test_a_greeting_holds_a_name_and_nothing_else(typed: str, greeted: str) -> None:
    assert greeting_name(typed) == greeted
