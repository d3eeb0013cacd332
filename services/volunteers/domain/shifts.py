"""Shifts: sessions that want hosts. Who is on one, who was asked, and how a free place finds somebody.

A shift is filled by staff, by a standing pattern, or by a host who takes it. When a host gives it up, several others
are asked at once and the first to say yes has it: a place that is free the day after tomorrow cannot wait for one
answer after the other.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers.domain.assignments import Assignment, Terms, withdrawn
from services.volunteers.domain.programmes import Programme, Session
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import Span, Task
from services.volunteers.domain.volunteers import Volunteer
from services.volunteers.domain.words import folded
from shared.errors import Conflict, DomainError, Gone, NotFound

NEAR = timedelta(days=14)
"""Staff are warned of thin shifts this long before."""

ASKED_AT_ONCE = 5
HALF_A_YEAR = timedelta(days=182)
A_YEAR = timedelta(days=365)
"""Whoever counts somebody's shifts looks at what was offered since then: a season is planned that long before."""

FAR_AWAY = timedelta(days=10_000)
ON_IT = (AssignmentStatus.ACCEPTED, AssignmentStatus.COMPLETED)
LONGEST_TO_ANSWER = timedelta(days=3)


class ShiftNotFound(NotFound):
    """No session that wants hosts has this id."""


class AlreadyTaken(Gone):
    """Others were first, and the shift has the hosts it needs."""

    code = "already-taken"


class SaidNo(Conflict):
    """What was declined or given up does not come back by itself."""

    code = "said-no"


class ShiftIsOver(DomainError):
    """Nobody can be asked for a shift that has begun, or put on one that will not take place."""

    code = "shift-is-over"


@dataclass(frozen=True, slots=True)
class Shift:
    """One session that wants hosts.

    Attributes:
        place: the room of this session, or the programme's place.
        needed: how many hosts it wants at least; 0 when it was cancelled, or wants none any more.
        about: the theme or diagnosis that the programme is for; empty for everybody.
        theme: of this session.
        cancelled: it will not take place.
        searching: a host gave it up or staff asked around, and others are asked until it is full.
        version: rises whenever somebody gets a place, so that two cannot get the last one at once.
    """

    session_id: str
    programme_id: str
    title: str
    organiser: str
    municipality: str
    place: str
    at: datetime
    until: datetime
    needed: int
    about: str = ""
    theme: str = ""
    cancelled: bool = False
    searching: bool = False
    version: int = 1

    @property
    def task(self) -> Task:
        """What a host is asked to do."""
        return Task(
            role=VolunteerRole.HOST,
            title=self.title,
            organiser=self.organiser,
            municipality=self.municipality,
            place=self.place,
            programme_id=self.programme_id,
            session_id=self.session_id,
            times=[Span(self.at, self.until)],
            themes=[self.about, self.theme],
        )

    def meets(self, other: "Shift") -> bool:
        """Whether nobody can be on both, as they have a moment in common."""
        return Span(self.at, self.until).meets(Span(other.at, other.until))


def shift_of(programme: Programme, session: Session, now: datetime) -> Shift:
    """The shift that a session is."""
    takes_place = programme.takes_place(session, now)
    return Shift(
        session_id=session.session_id,
        programme_id=programme.programme_id,
        title=programme.title,
        organiser=programme.organiser,
        municipality=programme.municipality,
        place=session.room or programme.place,
        at=session.starts_at,
        until=session.ends_at,
        needed=programme.hosts_needed if takes_place else 0,
        about=programme.about,
        theme=session.theme,
        cancelled=not takes_place,
    )


@dataclass(frozen=True, slots=True)
class Rota:
    """One shift, with everybody who was ever asked for it.

    Attributes:
        assignments: as host of this session.
    """

    shift: Shift
    assignments: Sequence[Assignment]

    @property
    def hosts(self) -> Sequence[Assignment]:
        """Who has said yes, or has been there."""
        return [one for one in self.assignments if one.status in ON_IT]

    def asked(self, now: datetime) -> Sequence[Assignment]:
        """Who has an offer that can still be answered."""
        return [one for one in self.assignments if one.status_at(now) is AssignmentStatus.OFFERED]

    @property
    def not_again(self) -> Collection[str]:
        """Volunteers who are not to be asked: they are on it, have been asked, or said that they cannot come.

        Who was asked and then told that others were first may well be asked when it is thin again.
        """
        return {one.volunteer_id for one in self.assignments if one.not_again}

    def said_no(self, freed: Collection[str]) -> Collection[str]:
        """Volunteers who declined it or gave it up, or were taken off, and are not on it again.

        Args:
            freed: ids of assignments that a standing pattern no longer gives: nobody said no to those.
        """
        no = (AssignmentStatus.DECLINED, AssignmentStatus.RELEASED)
        theirs = [one for one in self.assignments if one.status in no and not one.called_off]
        said = {one.volunteer_id for one in theirs if one.assignment_id not in freed}
        return said - {one.volunteer_id for one in self.hosts}

    @property
    def missing(self) -> int:
        """How many hosts it wants more than it has."""
        return max(0, self.shift.needed - len(self.hosts))

    def free(self, now: datetime) -> int:
        """How many places anybody may take. One that a host alone was asked for is kept until they have answered."""
        kept = sum(one.terms is Terms.KEPT for one in self.asked(now))
        return max(0, self.missing - kept)

    def thin(self, now: datetime) -> bool:
        """Whether it is still to come and wants more hosts."""
        return self.missing > 0 and self.shift.at > now


def check_takes_place(shift: Shift) -> None:
    """Whether somebody can be put on a shift, also when it is over: who jumped in is to be among those who were there.

    Raises:
        ShiftIsOver: it will not take place.
    """
    if shift.cancelled:
        raise ShiftIsOver("This shift will not take place", field="session_id")


def check_to_come(shift: Shift, now: datetime) -> None:
    """Whether a host can be asked for a shift, or take it.

    Raises:
        ShiftIsOver: it has begun, is over, or will not take place.
    """
    check_takes_place(shift)
    if shift.until <= now:
        raise ShiftIsOver("This shift is over", field="session_id")
    if shift.at <= now:
        raise ShiftIsOver("This shift has begun", field="session_id")


def check_free(rota: Rota, now: datetime) -> None:
    """Raises: AlreadyTaken: the shift has the hosts it needs, or others have been asked for what is missing."""
    if not rota.free(now):
        raise AlreadyTaken("Others were first, and nobody more is needed. Thank you for being willing")


def too_late(rota: Rota, now: datetime) -> Sequence[Assignment]:
    """The offers of those who were asked with others, once no place is free: nobody is to hope."""
    if rota.free(now):
        return []
    return [withdrawn(one) for one in rota.asked(now) if one.terms is Terms.FIRST_COME]


def answer_shift_by(shift: Shift, now: datetime) -> datetime:
    """Until when one of several can answer: three days, or half the time to the shift, so that others can be asked."""
    return now + min(LONGEST_TO_ANSWER, max(timedelta(), shift.at - now) / 2)


def asked_again(assignment: Assignment, task: Task, answer_by: datetime, now: datetime) -> Assignment:
    """A new offer for a session that was moved or put back, to who had said yes to it or was asked.

    A yes to Tuesday evening is no yes to Thursday morning. To keep the old one would put somebody on the rota who
    does not know of it and may not be able to come; to drop it would take the shift from who wants it. So the place is
    kept for them until they have answered.
    """
    first_come = assignment.status is AssignmentStatus.OFFERED and assignment.terms is Terms.FIRST_COME
    return Assignment(
        assignment_id=str(uuid5(UUID(assignment.assignment_id), f"{task.at}")),
        volunteer_id=assignment.volunteer_id,
        task=task,
        answer_by=answer_by,
        status=AssignmentStatus.OFFERED,
        offered_at=now,
        terms=Terms.FIRST_COME if first_come else Terms.KEPT,
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A host who could be asked for a shift, and why.

    Attributes:
        shifts: what they have said yes to or done, from a half-year before this one.
        nearest: time between this one and the nearest of those; None without any.
        here_before: some of those are at this place.
        near: lives in the same municipality or area.
    """

    volunteer_id: str
    name: str
    shifts: int
    nearest: timedelta | None
    here_before: bool
    near: bool


def candidate(volunteer: Volunteer, shift: Shift, own: Iterable[Assignment], rules: Rules) -> Candidate:
    """What speaks for asking a host.

    Args:
        own: all assignments of the host.
    """
    theirs = [
        (one.task.at, one.task)
        for one in own
        if one.role is VolunteerRole.HOST
        and one.status in ON_IT
        and one.task.at is not None
        and one.task.session_id != shift.session_id
        and one.task.at > shift.at - HALF_A_YEAR
    ]
    where = (shift.organiser, folded(shift.municipality), shift.place)
    return Candidate(
        volunteer_id=volunteer.volunteer_id,
        name=volunteer.name,
        shifts=len(theirs),
        nearest=min((abs(at - shift.at) for at, _ in theirs), default=None),
        here_before=any((task.organiser, folded(task.municipality), task.place) == where for _, task in theirs),
        near=rules.near(volunteer.municipality, shift.municipality),
    )


def in_turn(candidates: Iterable[Candidate]) -> Sequence[Candidate]:
    """The order in which to ask: those who know the house, then who does least, then whose last shift is far away."""
    return sorted(
        candidates,
        key=lambda one: (
            not one.here_before and not one.near,
            one.shifts,
            -(FAR_AWAY if one.nearest is None else one.nearest).total_seconds(),
            not one.here_before,
            one.volunteer_id,
        ),
    )
