"""Which messages follow from what is known. Rules only: no store, no mail."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from motesplats_events import RegistrationStatus, SurveyKind
from services.notification.domain.planning import invite, plan, plan_offer, reminder_moment, token_hash
from services.notification.domain.sending import (
    Outcome,
    Situation,
    assignment_link_ends,
    decide,
    greeting_name,
    link_ends,
    pause_before,
)
from services.notification.domain.values import (
    Contact,
    Kind,
    Message,
    Offer,
    Programme,
    Reason,
    Registration,
    Session,
    Survey,
    Wanted,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
JANUARY = datetime(2025, 1, 7, 8, 0, tzinfo=UTC)


def course(*starts: datetime) -> Programme:
    sessions = tuple(Session(f"s{n}", start, 120, f"Tema {n}") for n, start in enumerate(starts, 1))
    return Programme("p", 1, "En kurs", "Onkologkliniken", "Konferensrummet", "Jönköping", sessions)


def registration(status: RegistrationStatus, sequence: int = 1, since: datetime = JANUARY) -> Registration:
    cause = {
        RegistrationStatus.CONFIRMED: Kind.CONFIRMATION if sequence == 1 else Kind.PROMOTED,
        RegistrationStatus.WAITING: Kind.QUEUED,
        RegistrationStatus.CANCELLED: Kind.CANCELLED,
    }[status]
    return Registration("astrid", "p", sequence, status, cause, since, 3, held_a_place=True)


CONFIRMED = registration(RegistrationStatus.CONFIRMED)
WAITING = registration(RegistrationStatus.WAITING)
PROMOTED = registration(RegistrationStatus.CONFIRMED, 2)
CANCELLED = registration(RegistrationStatus.CANCELLED, 3)
ASTRID = Contact("astrid", "Astrid", "astrid@example.org")
TUESDAY = datetime(2025, 1, 28, 16, 0, tzinfo=UTC)
COURSE = course(TUESDAY, TUESDAY + timedelta(weeks=1))


def ids(wanted: Sequence[Wanted]) -> set[str]:
    return {one.id for one in wanted}


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


def reminders(wanted: Sequence[Wanted]) -> list[Wanted]:
    return [one for one in wanted if one.kind is Kind.REMINDER]


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
    [due] = reminders(plan(CONFIRMED, course(datetime.fromisoformat(start)), ASTRID, STOCKHOLM))
    assert due.due_at == datetime.fromisoformat(reminder)
    assert due.due_at.astimezone(STOCKHOLM).hour == 9
    assert due.local_due == f"{due.due_at.astimezone(STOCKHOLM):%Y-%m-%d}T09:00 Europe/Stockholm"


def test_nine_in_another_zone_is_another_moment() -> None:
    start = datetime(2025, 3, 31, 15, 0, tzinfo=UTC)
    assert reminder_moment(start, ZoneInfo("Atlantic/Faroe")) == datetime(2025, 3, 30, 8, 0, tzinfo=UTC)


def test_a_place_calls_for_a_confirmation_at_once_and_a_reminder_of_each_session() -> None:
    wanted = plan(CONFIRMED, COURSE, ASTRID, STOCKHOLM)
    assert [one.kind for one in wanted] == [Kind.CONFIRMATION, Kind.REMINDER, Kind.REMINDER]
    assert wanted[0].due_at == JANUARY
    assert {one.about for one in reminders(wanted)} == {"s1", "s2"}


def test_a_reminder_whose_moment_has_passed_when_the_place_is_given_is_not_made() -> None:
    late = replace(PROMOTED, since=TUESDAY - timedelta(hours=20))
    wanted = plan(late, COURSE, ASTRID, STOCKHOLM)
    assert [one.about for one in reminders(wanted)] == ["s2"]


def test_who_waits_is_told_so_and_is_not_reminded() -> None:
    assert ids(plan(WAITING, COURSE, ASTRID, STOCKHOLM)) == {"queued:astrid:1"}


def test_only_the_newest_state_is_told() -> None:
    assert "promoted:astrid:2" in ids(plan(PROMOTED, COURSE, ASTRID, STOCKHOLM))
    assert ids(plan(CANCELLED, COURSE, ASTRID, STOCKHOLM)) == {"cancelled:astrid:3"}


def test_who_wants_no_reminders_gets_the_rest() -> None:
    wanted = plan(CONFIRMED, COURSE, replace(ASTRID, reminders=False), STOCKHOLM)
    assert ids(wanted) == {"confirmation:astrid:1"}


def test_nothing_is_planned_before_programme_and_contact_are_known() -> None:
    assert plan(CONFIRMED, None, ASTRID, STOCKHOLM) == []
    assert plan(CONFIRMED, COURSE, None, STOCKHOLM) == []
    assert plan(None, COURSE, ASTRID, STOCKHOLM) == []
    assert plan(CONFIRMED, COURSE, Contact("astrid", erased=True), STOCKHOLM) == []


def test_a_session_that_moves_gets_a_reminder_of_its_own() -> None:
    moved = course(TUESDAY + timedelta(days=2))
    before = ids(reminders(plan(CONFIRMED, course(TUESDAY), ASTRID, STOCKHOLM)))
    after = ids(reminders(plan(CONFIRMED, moved, ASTRID, STOCKHOLM)))
    assert before.isdisjoint(after)


def test_who_sends_the_form_ten_times_in_a_day_is_told_once() -> None:
    again = [JANUARY + timedelta(minutes=n) for n in range(10)] + [JANUARY + timedelta(days=1)]
    told = [one for one in plan(CONFIRMED, COURSE, ASTRID, STOCKHOLM, again) if one.kind is Kind.ALREADY_REGISTERED]
    assert [one.ref for one in told] == ["2025-01-07", "2025-01-08"]
    assert told[0].due_at == JANUARY


def test_a_reminder_that_is_due_is_sent_to_an_address_and_called_to_a_number() -> None:
    [first, _] = reminders(plan(CONFIRMED, COURSE, ASTRID, STOCKHOLM))
    situation = Situation(COURSE, CONFIRMED, ASTRID)
    assert decide(message(first), situation, STOCKHOLM, first.due_at).outcome is Outcome.SEND
    by_phone = replace(situation, contact=Contact("astrid", "Astrid", None, "+46700000000"))
    assert decide(message(first), by_phone, STOCKHOLM, first.due_at).outcome is Outcome.CALL


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        (Situation(COURSE, CANCELLED, ASTRID), Reason.CANCELLED),
        (Situation(COURSE, CONFIRMED, replace(ASTRID, reminders=False)), Reason.NO_REMINDERS),
        (Situation(course(TUESDAY + timedelta(days=1)), CONFIRMED, ASTRID), Reason.RESCHEDULED),
        (Situation(COURSE, CONFIRMED, Contact("astrid", erased=True)), Reason.ERASED),
    ],
)
def test_a_reminder_that_is_no_longer_true_is_dropped(situation: Situation, reason: Reason) -> None:
    [first, _] = reminders(plan(CONFIRMED, COURSE, ASTRID, STOCKHOLM))
    decision = decide(message(first), situation, STOCKHOLM, first.due_at)
    assert (decision.outcome, decision.reason) == (Outcome.DROP, reason)


def test_a_reminder_is_dropped_when_the_session_has_begun() -> None:
    [first, _] = reminders(plan(CONFIRMED, COURSE, ASTRID, STOCKHOLM))
    situation = Situation(COURSE, CONFIRMED, ASTRID)
    assert decide(message(first), situation, STOCKHOLM, TUESDAY - timedelta(seconds=1)).outcome is Outcome.SEND
    assert decide(message(first), situation, STOCKHOLM, TUESDAY).reason is Reason.TOO_LATE


def test_a_message_waits_for_what_it_tells_of() -> None:
    [confirmation, *_] = plan(CONFIRMED, COURSE, ASTRID, STOCKHOLM)
    assert decide(message(confirmation), Situation(COURSE, CONFIRMED), STOCKHOLM, JANUARY).outcome is Outcome.WAIT
    offer = Offer("a", "v", "p", "peer", "Peer", "Rummet", None, JANUARY, JANUARY + timedelta(days=7))
    asking = message(plan_offer(offer))
    assert decide(asking, Situation(contact=ASTRID), STOCKHOLM, JANUARY).outcome is Outcome.WAIT
    assert decide(asking, Situation(contact=ASTRID, offer=offer), STOCKHOLM, JANUARY).outcome is Outcome.SEND
    late = decide(asking, Situation(contact=ASTRID, offer=offer), STOCKHOLM, offer.answer_by)
    assert late.reason is Reason.TOO_LATE


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
    assert link_ends(COURSE) == TUESDAY + timedelta(weeks=1, hours=2, days=30)
    offer = Offer("a", "v", "p", "peer", "Peer", "Rummet", TUESDAY, JANUARY, JANUARY + timedelta(days=7))
    assert assignment_link_ends(offer) == TUESDAY + timedelta(days=180)


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
