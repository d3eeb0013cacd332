"""Which messages a person is to get, and when."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from random import SystemRandom
from zoneinfo import ZoneInfo

from motesplats_events import RegistrationStatus, SurveyKind
from services.notification.domain.values import (
    Contact,
    Kind,
    Offer,
    Programme,
    Registration,
    Session,
    Survey,
    Wanted,
)

REMINDER_AT = time(9, 0)


def reminder_moment(starts_at: datetime, zone: ZoneInfo) -> datetime:
    """Nine in the morning the day before, as the clock on the wall shows it in `zone`."""
    day_before = starts_at.astimezone(zone).date() - timedelta(days=1)
    return datetime.combine(day_before, REMINDER_AT, tzinfo=zone)


def plan(
    registration: Registration | None,
    programme: Programme | None,
    contact: Contact | None,
    zone: ZoneInfo,
    asked_again: Iterable[datetime] = (),
) -> list[Wanted]:
    """Every message that this registration calls for as it now stands, those that have been sent included.

    Nothing is planned until programme and contact are known; their order changes nothing.

    Args:
        asked_again: when the person sent the form once more. They are told at most once a day, so that nobody
            can fill somebody else's mailbox.
    """
    if registration is None or programme is None or contact is None or contact.erased:
        return []
    who, where = registration.participant_id, programme.programme_id
    wanted = [Wanted(registration.cause, who, str(registration.sequence), where, registration.since)]
    if registration.status is RegistrationStatus.CONFIRMED and contact.reminders:
        wanted += [
            _reminder(session, who, where, zone)
            for session in programme.sessions
            if reminder_moment(session.starts_at, zone) >= registration.since
        ]
    if registration.status is not RegistrationStatus.CANCELLED:
        first_of_day: dict[str, datetime] = {}
        for moment in sorted(asked_again):
            first_of_day.setdefault(moment.astimezone(zone).date().isoformat(), moment)
        wanted += [Wanted(Kind.ALREADY_REGISTERED, who, day, where, moment) for day, moment in first_of_day.items()]
    return wanted


def _reminder(session: Session, participant_id: str, programme_id: str, zone: ZoneInfo) -> Wanted:
    due = reminder_moment(session.starts_at, zone)
    # The start is part of the id: a session that moves gets a new reminder, also when the old one has left.
    start = session.starts_at.astimezone(UTC).strftime("%Y%m%dT%H%MZ")
    return Wanted(
        Kind.REMINDER,
        participant_id,
        f"{session.session_id}@{start}",
        programme_id,
        due_at=due.astimezone(UTC),
        about=session.session_id,
        local_due=f"{due:%Y-%m-%dT%H:%M} {zone.key}",
        expires_at=session.starts_at,
    )


def plan_offer(offer: Offer) -> Wanted:
    """The message that asks a volunteer."""
    return Wanted(
        Kind.ASSIGNMENT_OFFER,
        offer.volunteer_id,
        offer.assignment_id,
        offer.programme_id,
        due_at=offer.offered_at,
        about=offer.assignment_id,
        expires_at=offer.answer_by,
    )


def new_token() -> str:
    """The secret of a one-time link: 16 random bytes, as text for an address."""
    return secrets.token_urlsafe(16)


def token_hash(token: str) -> str:
    """What the evaluation service may know of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invite(
    survey: Survey, attendance: Mapping[str, Collection[str]], mint: Callable[[], str] = new_token
) -> tuple[list[Wanted], list[str]] | None:
    """One invitation for each who attended one or more of the sessions, and the hashes of their tokens.

    A survey is invited to once. Who is added to the attendance afterwards is left out: a batch of one would
    point at a person.

    Returns:
        None while the attendance of one of the sessions is unknown, or when the batch has been made. The
        hashes come in an order that says nothing.
    """
    if survey.minted or any(session_id not in attendance for session_id in survey.audience):
        return None
    attended = sorted({person for session_id in survey.audience for person in attendance[session_id]})
    kind = Kind.SESSION_SURVEY if survey.kind is SurveyKind.SESSION else Kind.COURSE_SURVEY
    invitations = [
        Wanted(
            kind,
            person,
            survey.survey_id,
            survey.programme_id,
            due_at=survey.opened_at,
            about=survey.survey_id,
            expires_at=survey.closes_at,
            token=mint(),
        )
        for person in attended
    ]
    hashes = [token_hash(invitation.token or "") for invitation in invitations]
    SystemRandom().shuffle(hashes)
    return invitations, hashes
