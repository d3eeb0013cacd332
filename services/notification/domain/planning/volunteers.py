"""What volunteers are told: that they are welcome, what they are asked, how to do it, when it is no longer theirs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from motesplats_events import AssignmentStatus
from services.notification.domain.assignments import Assignment, accepted_together, ended_together
from services.notification.domain.messages import Kind, Wanted
from services.notification.domain.moments import SETTLING, reminder_moment
from services.notification.domain.situation import Situation


def plan(situation: Situation, zone: ZoneInfo) -> list[Wanted]:
    """The welcome of a volunteer, and what the assignments call for."""
    contact = situation.contact
    wanted = []
    if contact is not None and contact.enrolled_at is not None:
        wanted.append(Wanted(Kind.VOLUNTEER_WELCOME, contact.id, "", "", contact.enrolled_at))
    # Whose staff it concerns outside a programme is told with how it stands.
    known = [one for one in situation.assignments if one.programme_id or one.organiser]
    for one in known:
        if one.status is AssignmentStatus.OFFERED:
            wanted.append(_about([one], Kind.ASSIGNMENT_OFFER, one.assignment_id, one.offered_at, one.answer_by))
        elif one.status is AssignmentStatus.ACCEPTED:
            wanted += _reminder(one, situation, zone)
    for ref, together in accepted_together(known).items():
        ends = [one.until for one in together if one.until]
        expires_at = max(ends) if len(ends) == len(together) else None
        wanted.append(_about(together, Kind.ASSIGNMENT_ACCEPTED, ref, together[0].changed_at + SETTLING, expires_at))
    for ref, together in ended_together(known).items():
        begins = [one.at for one in together if one.at]
        expires_at = max(begins) if len(begins) == len(together) else None
        wanted.append(_about(together, Kind.ASSIGNMENT_ENDED, ref, together[0].changed_at + SETTLING, expires_at))
    return wanted


def _reminder(assignment: Assignment, situation: Situation, zone: ZoneInfo) -> list[Wanted]:
    begins_at = situation.begins_at(assignment)
    if begins_at is None:
        return []
    due = reminder_moment(begins_at, zone)
    if due < assignment.changed_at:
        return []
    ref = f"{assignment.assignment_id}@{begins_at.astimezone(UTC):%Y%m%dT%H%MZ}"
    return [_about([assignment], Kind.ASSIGNMENT_REMINDER, ref, due.astimezone(UTC), begins_at)]


def _about(
    assignments: Sequence[Assignment], kind: Kind, ref: str, due_at: datetime, expires_at: datetime | None
) -> Wanted:
    one = assignments[0]
    outside = not one.programme_id
    return Wanted(
        kind,
        one.volunteer_id,
        ref,
        one.programme_id,
        due_at,
        about=ref if kind in {Kind.ASSIGNMENT_ACCEPTED, Kind.ASSIGNMENT_ENDED} else one.assignment_id,
        expires_at=expires_at,
        organiser=one.organiser if outside else "",
        municipality=one.municipality if outside else "",
    )
