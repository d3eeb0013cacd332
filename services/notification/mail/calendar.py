"""The calendar file: every meeting of a programme for one participant, under a name that says nothing.

Each meeting keeps its UID however often it is sent, and SEQUENCE rises with every change of the programme or the
registration, so that a calendar replaces what it has.

METHOD is PUBLISH: a REQUEST or CANCEL is about one UID (RFC 5546), and mail programs that act on one skip every meeting
but the first.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from motesplats_events import CancellationReason, Format, RegistrationStatus
from services.notification.domain.messages import Kind, Message
from services.notification.domain.people import Registration
from services.notification.domain.programmes import Programme, Session
from services.notification.domain.situation import Situation
from shared.web.language import Translator, msg

PRODUCT = "-//Motesplats//Notification//EN"
FILE_NAME = "calendar.ics"
METHOD = "PUBLISH"

WITH_FILE = frozenset(
    {
        Kind.CONFIRMATION,
        Kind.PROMOTED,
        Kind.APPLICATION_ANSWERED,
        Kind.GUEST_BOOKED,
        Kind.NEW_SESSIONS,
        Kind.SESSION_CHANGED,
    }
)
"""What puts meetings into the calendar of who has a place, or changes them there."""

LEFT = frozenset({Kind.CANCELLED, Kind.GUEST_CANCELLED})
"""What takes them out of it."""

NEVER_HAD_ONE = frozenset({CancellationReason.OFFER_DECLINED, CancellationReason.OFFER_EXPIRED})


def in_file(message: Message, situation: Situation, zone: ZoneInfo, now: datetime) -> Sequence[Session]:
    """The meetings in the file that goes with a message; none where no file does.

    Who waits has no meetings in the calendar: none has been sent, and none is.
    """
    programme, registration = situation.programme, situation.registration
    if programme is None or registration is None:
        return []
    left = message.kind in LEFT and registration.held_a_place and registration.reason not in NEVER_HAD_ONE
    has_place = registration.status is RegistrationStatus.CONFIRMED
    if not left and not (has_place and message.kind in WITH_FILE):
        return []
    with_cancelled = left or message.kind is Kind.SESSION_CHANGED
    return [
        session
        for session in registration.sessions(programme, zone)
        if session.starts_at > now and (with_cancelled or not session.cancelled)
    ]


def calendar_file(
    programme: Programme,
    sessions: Sequence[Session],
    registration: Registration,
    *,
    organizer: str,
    organizer_name: str,
    say: Translator,
    zone: ZoneInfo,
    now: datetime,
    cancelled: bool,
) -> bytes:
    """Meetings as one iCalendar object.

    Args:
        sessions: those of the programme that are still to come, at least one; one that is cancelled is marked so.
        cancelled: mark all meetings as called off for this participant.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", METHOD)
    sender = vCalAddress(f"mailto:{organizer}")
    sender.params["CN"] = vText(organizer_name)
    for session in sessions:
        starts_at = session.starts_at.astimezone(zone)
        meeting = Event()
        meeting.add("uid", _uid(session, registration, organizer))
        meeting.add("sequence", programme.sequence + registration.sequence)
        meeting.add("dtstamp", now)
        meeting.add("dtstart", starts_at)
        # Worked out in UTC: a meeting over the night of a clock change lasts as long as it says.
        meeting.add("dtend", session.ends_at.astimezone(zone))
        meeting.add("summary", say.say(msg("Meeting")))
        meeting.add("location", _location(programme, session, say))
        meeting.add("class", "PRIVATE")
        meeting.add("status", "CANCELLED" if cancelled or session.cancelled else "CONFIRMED")
        meeting.add("organizer", sender)
        calendar.add_component(meeting)
    years = [session.starts_at.astimezone(zone).year for session in sessions]
    # Without limits the library lists every clock change from 1970 on.
    calendar.add_missing_timezones(first_date=date(min(years), 1, 1), last_date=date(max(years) + 1, 1, 1))
    return bytes(calendar.to_ical())


def _location(programme: Programme, session: Session, say: Translator) -> str:
    # Never the link: a calendar is shared with more people than a mail.
    if programme.format is Format.DIGITAL:
        return say.say(msg("online"))
    return f"{session.room or programme.place}, {programme.municipality}"


def _uid(session: Session, registration: Registration, organizer: str) -> str:
    """The same for every file about this meeting and participant; says nothing of either."""
    name = f"{session.session_id}/{registration.participant_id}"
    return f"{hashlib.sha256(name.encode()).hexdigest()[:32]}@{organizer.rpartition('@')[2]}"
