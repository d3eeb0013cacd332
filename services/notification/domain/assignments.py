"""What volunteers are asked to do, as the volunteers service last told it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from motesplats_events import AssignmentStatus, VolunteerRole
from services.notification.domain.programmes import Programme

ACCEPTED = AssignmentStatus.ACCEPTED
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
        changed_at: when it came to stand as it does.
        altered_at: when its time or place last changed after that; None: never. Meaningless for a whole programme,
            whose meetings tell it.
        former: when it would have begun, as far as the volunteer may have been told.
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
    altered_at: datetime | None = None
    former: Sequence[datetime] = ()

    @property
    def leads(self) -> bool:
        """Whether there is something in a programme for the volunteer to lead."""
        return self.role in LEADING and bool(self.programme_id)

    @property
    def whole(self) -> bool:
        """Whether it is for a programme as a whole, whenever that meets."""
        return bool(self.programme_id) and self.session_id is None

    def begins_at(self, programme: Programme | None) -> datetime | None:
        """When it begins: with its session, which may have moved since. None where it does not, or nobody knows."""
        session = programme.session(self.session_id) if programme and self.session_id else None
        if programme is None or session is None:
            return None if programme is not None and programme.cancelled else self.at
        return None if programme.cancelled or session.cancelled else session.starts_at


def accepted_together(assignments: Iterable[Assignment]) -> Mapping[str, Sequence[Assignment]]:
    """Those for which the volunteer needs a link to lead, by what is told in one message."""
    return _in_one_go((one, one.changed_at) for one in assignments if one.status is ACCEPTED and one.leads)


def altered_together(assignments: Iterable[Assignment]) -> Mapping[str, Sequence[Assignment]]:
    """Those whose time or place has changed since the volunteer said yes, by what is told in one message."""
    return _in_one_go(
        (one, one.altered_at) for one in assignments if one.status is ACCEPTED and one.altered_at and not one.whole
    )


def in_whole_programmes(assignments: Iterable[Assignment]) -> Mapping[str, Sequence[Assignment]]:
    """Those that follow the meetings of a programme, by its id; those with a link to lead first."""
    found: dict[str, list[Assignment]] = defaultdict(list)
    for one in sorted(assignments, key=lambda one: (not one.leads, one.assignment_id)):
        if one.status is ACCEPTED and one.whole:
            found[one.programme_id].append(one)
    return found


def ended_together(assignments: Iterable[Assignment]) -> Mapping[str, Sequence[Assignment]]:
    """Those that were taken back or went to somebody else, by what is told in one message.

    That the time to answer has passed is nobody's news; that somebody else was found is.
    """

    def taken_back(one: Assignment) -> bool:
        by_others = one.status is AssignmentStatus.EXPIRED and one.changed_at < one.answer_by
        return by_others or one.status is AssignmentStatus.RELEASED

    return _in_one_go((one, one.changed_at) for one in assignments if taken_back(one))


def _in_one_go(assignments: Iterable[tuple[Assignment, datetime]]) -> Mapping[str, Sequence[Assignment]]:
    """What changed in one go, such as a season's shifts, or the room of all of them; the earliest first.

    Args:
        assignments: each with the moment at which it changed, which is part of the name.
    """
    found: dict[str, list[Assignment]] = defaultdict(list)
    for one, at in sorted(assignments, key=lambda pair: (pair[0].at or pair[1], pair[0].assignment_id)):
        moment = at.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        found[f"{one.programme_id or one.assignment_id}@{moment}"].append(one)
    return found
