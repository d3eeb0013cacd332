"""When a reminder is due, by the clock on the wall, and how long a link works."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.notification.domain.assignments import Assignment
from services.notification.domain.programmes import Programme

MORNING = time(9, 0)
LETTER_DAYS = 7
"""A letter has to be printed, posted and carried out before it is read."""

SETTLING = timedelta(seconds=5)
"""What was changed in one go is told by several events, which arrive one after the other."""

LINK_DAYS_AFTER_LAST_SESSION = 30
LINK_DAYS_WITHOUT_SESSIONS = 365
ASSIGNMENT_LINK_DAYS = 180
LEAD_LINK_DAYS = 180
VOLUNTEER_LINK_DAYS = 365
WISH_LINK_DAYS = 365


def reminder_moment(starts_at: datetime, zone: ZoneInfo, *, by_letter: bool = False) -> datetime:
    """Nine in the morning the day before, as the clock on the wall shows it in `zone`; a week before for a letter."""
    return _morning(starts_at, zone, -LETTER_DAYS if by_letter else -1)


def next_morning(moment: datetime, zone: ZoneInfo) -> datetime:
    """Nine in the morning of the day after."""
    return _morning(moment, zone, 1)


def offer_reminder_moment(offered_at: datetime, answer_by: datetime, zone: ZoneInfo) -> datetime:
    """The morning of the day before the offer ends, but not before half of the time has passed."""
    return max(_morning(answer_by, zone, -1), offered_at + (answer_by - offered_at) / 2)


def _morning(moment: datetime, zone: ZoneInfo, days: int) -> datetime:
    return datetime.combine(moment.astimezone(zone).date() + timedelta(days=days), MORNING, tzinfo=zone)


def link_ends(programme: Programme, told_at: datetime) -> datetime:
    """How long a participant's personal link works.

    Args:
        told_at: when the message with the link is due; a group may meet again after the sessions that are planned.
    """
    if programme.ends_at is None:
        return told_at + timedelta(days=LINK_DAYS_WITHOUT_SESSIONS)
    return max(programme.ends_at, told_at) + timedelta(days=LINK_DAYS_AFTER_LAST_SESSION)


def assignment_link_ends(assignment: Assignment) -> datetime:
    """How long a volunteer's link works; it also serves to tell that the assignment is done."""
    last = max(assignment.answer_by, assignment.at or assignment.answer_by)
    return last + timedelta(days=ASSIGNMENT_LINK_DAYS)


def lead_link_ends(assignment: Assignment, programme: Programme | None, told_at: datetime) -> datetime:
    """How long a volunteer may do their part in a programme through a link.

    Args:
        programme: None while it is unknown. A last session that was moved or added may be known here before its
            volunteers have a right to it.
    """
    if assignment.until is None:
        return told_at + timedelta(days=LEAD_LINK_DAYS)
    last = programme.ends_at if programme is not None and assignment.whole else None
    # A day longer, since who came is often marked in the evening, at home.
    return max(assignment.until, last or assignment.until) + timedelta(days=1)
