"""Who leads: facilitators, hosts and lecturers, as the volunteers service says; never which person it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from motesplats_events import AssignmentStatus, VolunteerRole
from services.registration.domain.programmes import Programme, Session
from shared.errors import Conflict, Gone

SAID_YES = (AssignmentStatus.ACCEPTED, AssignmentStatus.COMPLETED)
# Who came is often marked in the evening, at home.
TO_FINISH = timedelta(days=1)
LEADING = (VolunteerRole.GROUP_LEADER, VolunteerRole.HOST)


class FacilitatorsMissing(Conflict):
    """Too few facilitators have said yes for the session to open."""

    code = "facilitators-missing"


@dataclass(frozen=True, slots=True)
class Assignment:
    """What one volunteer is asked to do, or does, in a programme.

    Attributes:
        session_id: where it is for one session; None for the whole programme.
        answer_by: after this an offer has expired.
        until: when it ends, and a day later the right to lead; None where that is open.
    """

    assignment_id: str
    programme_id: str
    session_id: str | None
    role: VolunteerRole
    status: AssignmentStatus
    answer_by: datetime
    until: datetime | None = None

    def is_for(self, session: Session) -> bool:
        """Whether it is for this session; one that was completed is not for what came after."""
        if self.session_id is not None:
            return self.session_id == session.session_id
        over = self.status is AssignmentStatus.COMPLETED and self.until is not None
        return not (over and self.until is not None and session.starts_at > self.until)


@dataclass(frozen=True, slots=True)
class Leader:
    """Somebody who leads by a link of their own, without a staff account.

    Attributes:
        session_id: the one session that it is for; None for the whole programme.
    """

    assignment_id: str
    programme_id: str
    session_id: str | None
    role: VolunteerRole

    @property
    def takes_attendance(self) -> bool:
        """Whether the names are for them too: a lecturer needs none."""
        return self.role in LEADING

    def leads(self, programme_id: str, session_id: str) -> bool:
        """Whether this session is theirs."""
        return self.programme_id == programme_id and self.session_id in (None, session_id)


def leader_of(assignment: Assignment | None, now: datetime) -> Leader:
    """Who an assignment lets lead now.

    Raises:
        Gone: it was never accepted, was given up, or its time has passed.
    """
    if assignment is None or assignment.status is not AssignmentStatus.ACCEPTED:
        raise Gone("This link does not work any more. The assignment was given up, or is done")
    if assignment.until is not None and now > assignment.until + TO_FINISH:
        raise Gone("This link has expired")
    return Leader(assignment.assignment_id, assignment.programme_id, assignment.session_id, assignment.role)


def said_yes(staffing: Iterable[Assignment], session: Session | None, role: VolunteerRole) -> int:
    """How many of a role have said yes to a session or to the whole programme; without a session, to the latter."""
    yes = [a for a in staffing if a.role is role and a.status in SAID_YES]
    return sum(a.session_id is None if session is None else a.is_for(session) for a in yes)


def waiting_offers(staffing: Iterable[Assignment], now: datetime) -> Sequence[Assignment]:
    """Offers that nobody has answered and still can, the first to expire first."""
    waiting = [a for a in staffing if a.status is AssignmentStatus.OFFERED and a.answer_by > now]
    return sorted(waiting, key=lambda assignment: assignment.answer_by)


def facilitators_missing(programme: Programme, session: Session, staffing: Iterable[Assignment]) -> int:
    """How many facilitators have still to say yes before the session can open."""
    return max(0, programme.facilitators_needed - said_yes(staffing, session, VolunteerRole.GROUP_LEADER))


def check_can_open(programme: Programme, session: Session, staffing: Iterable[Assignment]) -> None:
    """Let pass only a session with all the facilitators that the plan asks for.

    Raises:
        FacilitatorsMissing.
    """
    if missing := facilitators_missing(programme, session, staffing):
        raise FacilitatorsMissing(
            "The session cannot open yet: {needed} facilitators are needed, and {missing} have still to say yes. "
            "Ask more, or change how many the programme needs",
            needed=programme.facilitators_needed,
            missing=missing,
        )


def late_lecturers(programme: Programme, staffing: Sequence[Assignment], now: datetime) -> Sequence[Session]:
    """Sessions to come for which a lecturer should have said yes by now, and none has."""
    return [
        session
        for session in programme.to_take_place
        if not programme.cancelled
        and session.starts_at > now
        and session.lecturer_by is not None
        and session.lecturer_by <= now
        and not said_yes(staffing, session, VolunteerRole.LECTURER)
    ]
