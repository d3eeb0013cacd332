"""The calendar file: every meeting of a programme for one participant, under a name that says nothing.

Each meeting keeps its UID however often it is sent, and SEQUENCE rises with every change of the programme or the
registration, so that a calendar replaces what it has.

METHOD is PUBLISH: a REQUEST or CANCEL is about one UID (RFC 5546), and mail programs that act on one skip every meeting
but the first.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from services.notification.domain.values import Programme, Registration, Session
from shared.web.language import Translator, msg

PRODUCT = "-//Motesplats//Notification//EN"
FILE_NAME = "calendar.ics"
METHOD = "PUBLISH"


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
        sessions: those of the programme that are still to come, at least one.
        cancelled: mark the meetings as called off for this participant.
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
        meeting.add("dtend", (session.starts_at + timedelta(minutes=session.minutes)).astimezone(zone))
        meeting.add("summary", say.say(msg("Meeting")))
        meeting.add("location", f"{programme.place}, {programme.municipality}")
        meeting.add("class", "PRIVATE")
        meeting.add("status", "CANCELLED" if cancelled else "CONFIRMED")
        meeting.add("organizer", sender)
        calendar.add_component(meeting)
    years = [session.starts_at.astimezone(zone).year for session in sessions]
    # Without limits the library lists every clock change from 1970 on.
    calendar.add_missing_timezones(first_date=date(min(years), 1, 1), last_date=date(max(years) + 1, 1, 1))
    return bytes(calendar.to_ical())


def _uid(session: Session, registration: Registration, organizer: str) -> str:
    """The same for every file about this meeting and participant; says nothing of either."""
    name = f"{session.session_id}/{registration.participant_id}"
    return f"{hashlib.sha256(name.encode()).hexdigest()[:32]}@{organizer.rpartition('@')[2]}"
