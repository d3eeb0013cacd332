"""What a registration calls for: how it stands, what has changed, and a reminder of each session."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from motesplats_events import CancellationReason, RegistrationStatus
from services.notification.domain.messages import Kind, Wanted
from services.notification.domain.moments import offer_reminder_moment, reminder_moment
from services.notification.domain.people import Contact, Registration
from services.notification.domain.planning import changes
from services.notification.domain.programmes import Programme, Session
from services.notification.domain.situation import Situation

NEWS = timedelta(days=30)
"""For so long somebody is told how their registration stands, also when the programme is over."""

CONCERNED = frozenset({RegistrationStatus.CONFIRMED, RegistrationStatus.OFFERED, RegistrationStatus.WAITING})
"""Who is told when a session is moved or cancelled."""


def plan(situation: Situation, zone: ZoneInfo) -> list[Wanted]:
    """Every message that the registration calls for; none until the programme and the contact are known."""
    registration, programme, contact = situation.registration, situation.programme, situation.contact
    meetings = changes.of_registration(situation, zone)
    if registration is None or programme is None or contact is None or meetings is None:
        return []
    if registration.status is RegistrationStatus.CANCELLED:
        return _standing(registration, programme)
    if programme.cancelled:
        # The registration's own cancellation follows, and tells.
        return []
    wanted = _standing(registration, programme)
    if registration.status is RegistrationStatus.OFFERED:
        wanted += _offer_reminder(registration, zone)
    if registration.status is RegistrationStatus.CONFIRMED:
        wanted += _reminders(registration, programme, contact, zone)
        wanted += [_news(Kind.NEW_SESSIONS, registration, one) for one in changes.new_sessions(meetings, zone)]
        wanted += changes.new_link(registration, programme, situation.meeting_link)
    if registration.status in CONCERNED:
        wanted += [_news(Kind.SESSION_CHANGED, registration, one) for one in changes.moved_or_cancelled(meetings)]
    return wanted + _repeats(registration, situation.asked_again, zone)


def _standing(registration: Registration, programme: Programme) -> list[Wanted]:
    """The message that says how the registration stands."""
    answer = registration.answer
    who, where = registration.participant_id, registration.programme_id
    declined = (
        registration.status is RegistrationStatus.CANCELLED
        and registration.reason is CancellationReason.APPLICATION_DECLINED
    )
    promoted = registration.cause is Kind.PROMOTED
    if promoted and registration.began is None:
        # An accepted application reads differently from a place that became free: wait to know which it is.
        return []
    if declined or (promoted and registration.by_application):
        # The answer tells it, with the words of the staff.
        if answer is None or answer.accepted is declined:
            return []
        expires_at = _stale(answer.at, programme)
        return [Wanted(Kind.APPLICATION_ANSWERED, who, str(answer.sequence), where, answer.at, expires_at=expires_at)]
    expires_at = registration.answer_by or _stale(registration.since, programme)
    return [
        Wanted(registration.cause, who, str(registration.sequence), where, registration.since, expires_at=expires_at)
    ]


def _stale(since: datetime, programme: Programme) -> datetime | None:
    """When it is no news any more; never where there is no last session."""
    return max(since + NEWS, programme.ends_at) if programme.ends_at else None


def _news(kind: Kind, registration: Registration, news: changes.News) -> Wanted:
    who, where = registration.participant_id, registration.programme_id
    return Wanted(kind, who, news.ref, where, news.due_at, about=news.ref, expires_at=news.expires_at)


def _offer_reminder(registration: Registration, zone: ZoneInfo) -> list[Wanted]:
    if registration.answer_by is None:
        return []
    due = offer_reminder_moment(registration.since, registration.answer_by, zone).astimezone(UTC)
    return [
        Wanted(
            Kind.OFFER_REMINDER,
            registration.participant_id,
            "",
            registration.programme_id,
            due,
            expires_at=registration.answer_by,
        )
    ]


def _reminders(registration: Registration, programme: Programme, contact: Contact, zone: ZoneInfo) -> list[Wanted]:
    if not contact.reminders:
        return []
    moments = [
        (session, reminder_moment(session.starts_at, zone, by_letter=contact.by_letter))
        for session in registration.sessions(programme, zone)
        if not session.cancelled
    ]
    return [_reminder(registration, session, due, zone) for session, due in moments if due >= registration.since]


def _reminder(registration: Registration, session: Session, due: datetime, zone: ZoneInfo) -> Wanted:
    # The start is part of the id: a session that moves gets a new reminder, also when the old one has left.
    start = session.starts_at.astimezone(UTC).strftime("%Y%m%dT%H%MZ")
    return Wanted(
        Kind.REMINDER,
        registration.participant_id,
        f"{session.session_id}@{start}",
        registration.programme_id,
        due_at=due.astimezone(UTC),
        about=session.session_id,
        local_due=f"{due:%Y-%m-%dT%H:%M} {zone.key}",
        expires_at=session.starts_at,
    )


def _repeats(registration: Registration, asked_again: Iterable[datetime], zone: ZoneInfo) -> list[Wanted]:
    """Told at most once a day, so that nobody can fill somebody else's mailbox."""
    first_of_day: dict[str, datetime] = {}
    for moment in sorted(asked_again):
        first_of_day.setdefault(moment.astimezone(zone).date().isoformat(), moment)
    who, where = registration.participant_id, registration.programme_id
    return [Wanted(Kind.ALREADY_REGISTERED, who, day, where, moment) for day, moment in first_of_day.items()]
