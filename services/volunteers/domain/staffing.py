"""Who leads a programme and who lectures in it, and what is still missing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers.domain.assignments import Assignment
from services.volunteers.domain.programmes import Programme, Session, SessionIsOver

NEAR = timedelta(days=14)
"""Staff are warned this long before the day by which a lecturer must have said yes."""

SAID_YES = (AssignmentStatus.ACCEPTED, AssignmentStatus.COMPLETED)


@dataclass(frozen=True, slots=True)
class Lecture:
    """A session that wants a lecturer, or has one.

    Attributes:
        lecturers: who has said yes, to this session or to the whole programme.
        asked: who has an offer that can still be answered.
    """

    programme: Programme
    session: Session
    lecturers: Sequence[Assignment]
    asked: Sequence[Assignment]

    @property
    def has_its_own(self) -> bool:
        """Whether somebody lectures at this session, or is asked to, and not in the whole programme."""
        return any(one.task.session_id for one in [*self.lecturers, *self.asked])

    def due(self, now: datetime) -> bool:
        """Whether nobody has said yes and the day by which somebody must have is near, or has been."""
        by = self.session.lecturer_by
        return not self.lecturers and by is not None and self.session.starts_at > now and by - now <= NEAR

    def late(self, now: datetime) -> bool:
        """Whether nobody has said yes and the day has been."""
        by = self.session.lecturer_by
        return self.due(now) and by is not None and by <= now


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who leads a programme, and who lectures in it.

    Attributes:
        leaders: group leaders who have said yes to the whole programme, and to what is to come of it.
        asked: group leaders who have an offer that can still be answered.
        lectures: its sessions that want a lecturer, or have or have asked one of their own; the earliest first.
    """

    programme: Programme
    leaders: Sequence[Assignment]
    asked: Sequence[Assignment]
    lectures: Sequence[Lecture]

    @property
    def involved(self) -> set[str]:
        """Volunteer ids of all who lead, lecture or are asked to."""
        lecturing = [one for lecture in self.lectures for one in [*lecture.lecturers, *lecture.asked]]
        return {one.volunteer_id for one in [*self.leaders, *self.asked, *lecturing]}

    @property
    def missing(self) -> int:
        """How many more group leaders must say yes before a session can open."""
        return max(0, self.programme.facilitators_needed - len(self.leaders))


def check_session(programme: Programme, session_id: str, now: datetime, *, asked: bool) -> None:
    """Whether somebody can have a part in a session; who has said yes, also when it has begun.

    Args:
        asked: they are still to answer.

    Raises:
        SessionNotFound, SessionIsOver.
    """
    session = programme.session(session_id)
    if not programme.takes_place(session, now):
        raise SessionIsOver("This session will not take place", field="session_id")
    if asked and session.starts_at <= now:
        raise SessionIsOver("This session has begun, so that nobody can be asked for it", field="session_id")


def staffing_of(programme: Programme, assignments: Collection[Assignment], now: datetime) -> Staffing:
    """Who leads and who lectures.

    Args:
        assignments: all of the programme.
    """
    leading = [one for one in assignments if one.role is VolunteerRole.GROUP_LEADER]
    lecturing = [one for one in assignments if one.role is VolunteerRole.LECTURER]
    lectures = [
        Lecture(
            programme=programme,
            session=session,
            lecturers=[one for one in _about(lecturing, session) if one.status in SAID_YES],
            asked=[one for one in _about(lecturing, session) if one.status_at(now) is AssignmentStatus.OFFERED],
        )
        for session in programme.planned(now)
    ]
    coming = programme.coming(now)
    yes = [one for one in leading if one.status in SAID_YES]
    return Staffing(
        programme=programme,
        leaders=[one for one in yes if not coming or _lasts(one, coming[0])],
        asked=[one for one in leading if one.status_at(now) is AssignmentStatus.OFFERED],
        lectures=[one for one in lectures if one.session.lecturer_by is not None or one.has_its_own],
    )


def _about(lecturing: Collection[Assignment], session: Session) -> Sequence[Assignment]:
    return [
        one
        for one in lecturing
        if one.task.session_id == session.session_id or (one.task.session_id is None and _lasts(one, session))
    ]


def _lasts(one: Assignment, session: Session) -> bool:
    """Whether it is not over before a session: who gave it up in between may have completed what they did."""
    return one.task.until is None or session.starts_at < one.task.until
