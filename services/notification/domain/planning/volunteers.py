"""What volunteers are told: that they are welcome, what they are asked, how to do it, what changes and what ends."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from motesplats_events import AssignmentStatus
from services.notification.domain.assignments import (
    Assignment,
    accepted_together,
    altered_together,
    ended_together,
    in_whole_programmes,
)
from services.notification.domain.messages import Kind, Wanted
from services.notification.domain.moments import SETTLING, reminder_moment
from services.notification.domain.planning import changes
from services.notification.domain.situation import Situation

IN_ONE_GO = frozenset({Kind.ASSIGNMENT_ACCEPTED, Kind.ASSIGNMENT_CHANGED, Kind.ASSIGNMENT_ENDED})
"""What tells of all that changed in one go."""


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
    for ref, together in altered_together(known).items():
        assert together[0].altered_at is not None
        due_at = together[0].altered_at + SETTLING
        wanted.append(_about(together, Kind.ASSIGNMENT_CHANGED, ref, due_at, _last_begins(together)))
    for programme_id, together in in_whole_programmes(known).items():
        wanted += _meetings_changed(programme_id, together, situation, zone)
    for ref, together in ended_together(known).items():
        due_at = together[0].changed_at + SETTLING
        wanted.append(_about(together, Kind.ASSIGNMENT_ENDED, ref, due_at, _last_begins(together)))
    return wanted


def _last_begins(assignments: Sequence[Assignment]) -> datetime | None:
    """When the last of them begins; None where one has no time."""
    begins = [one.at for one in assignments if one.at]
    return max(begins) if len(begins) == len(assignments) else None


def _meetings_changed(
    programme_id: str, assignments: Sequence[Assignment], situation: Situation, zone: ZoneInfo
) -> list[Wanted]:
    """Who does something in a whole programme is told of its meetings as those who take part are.

    Of a programme that is cancelled nothing more: the assignment is taken back, which is told.
    """
    meetings = changes.of_volunteer(situation, programme_id)
    if meetings is None or meetings.programme.cancelled:
        return []
    return [
        _about(assignments, Kind.ASSIGNMENT_CHANGED, f"{programme_id}@{news.ref}", news.due_at, news.expires_at)
        for news in [*changes.moved_or_cancelled(meetings), *changes.new_sessions(meetings, zone)]
    ]


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
        about=ref if kind in IN_ONE_GO else one.assignment_id,
        expires_at=expires_at,
        organiser=one.organiser if outside else "",
        municipality=one.municipality if outside else "",
    )
