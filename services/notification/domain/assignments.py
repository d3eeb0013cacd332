"""What volunteers are asked to do, as the volunteers service last told it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from motesplats_events import AssignmentStatus, VolunteerRole
from services.notification.domain.programmes import Programme

LEADING = frozenset({VolunteerRole.GROUP_LEADER, VolunteerRole.HOST, VolunteerRole.LECTURER})
"""Who does their part in a programme through a link of their own."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One task that a volunteer is asked to do, has accepted, or has no more.

    Attributes:
        programme_id: empty where a unit asks, outside any programme.
        session_id: where it is for one session; None for a whole programme.
        organiser: empty while only the question is known.
        at: when it begins; None where it is for a whole programme or agreed later.
        until: when the right to lead ends; None: not said.
        changed_at: when it came to stand as it does, with the end that it has.
    """

    assignment_id: str
    volunteer_id: str
    role: VolunteerRole
    status: AssignmentStatus
    programme_id: str
    title: str
    place: str
    at: datetime | None
    offered_at: datetime
    answer_by: datetime
    changed_at: datetime
    session_id: str | None = None
    organiser: str = ""
    municipality: str = ""
    until: datetime | None = None

    @property
    def leads(self) -> bool:
        """Whether there is something in a programme for the volunteer to lead."""
        return self.role in LEADING and bool(self.programme_id)

    def begins_at(self, programme: Programme | None) -> datetime | None:
        """When it begins: with its session, which may have moved since. None where it does not, or nobody knows."""
        session = programme.session(self.session_id) if programme and self.session_id else None
        if programme is None or session is None:
            return None if programme is not None and programme.cancelled else self.at
        return None if programme.cancelled or session.cancelled else session.starts_at


def accepted_together(assignments: Iterable[Assignment]) -> Mapping[str, Sequence[Assignment]]:
    """Those for which the volunteer needs a link to lead, by what is told in one message."""
    return _in_one_go(one for one in assignments if one.status is AssignmentStatus.ACCEPTED and one.leads)


def ended_together(assignments: Iterable[Assignment]) -> Mapping[str, Sequence[Assignment]]:
    """Those that were taken back or went to somebody else, by what is told in one message.

    That the time to answer has passed is nobody's news; that somebody else was found is.
    """

    def taken_back(one: Assignment) -> bool:
        by_others = one.status is AssignmentStatus.EXPIRED and one.changed_at < one.answer_by
        return by_others or one.status is AssignmentStatus.RELEASED

    return _in_one_go(one for one in assignments if taken_back(one))


def _in_one_go(assignments: Iterable[Assignment]) -> Mapping[str, Sequence[Assignment]]:
    """What changed in one go, such as a season's shifts, or all of them moved; the earliest first.

    The moment is part of the name: when the end of the right to lead moves, a new link is needed.
    """
    found: dict[str, list[Assignment]] = defaultdict(list)
    for one in sorted(assignments, key=lambda one: (one.at or one.changed_at, one.assignment_id)):
        moment = one.changed_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        found[f"{one.programme_id or one.assignment_id}@{moment}"].append(one)
    return found
