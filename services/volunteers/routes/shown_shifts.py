"""What the API shows of shifts, and of who is on them."""

from collections.abc import Mapping
from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel

from motesplats_events import AssignmentStatus
from services.volunteers.domain.assignments import Assignment
from services.volunteers.domain.patterns import Pattern, Weekday
from services.volunteers.domain.shifts import Candidate, Rota


class HostOut(BaseModel):
    """Somebody on a shift, or asked for it."""

    assignment_id: str
    volunteer_id: str
    name: str
    status: AssignmentStatus


class ShiftOut(BaseModel):
    """One session that wants hosts.

    Attributes:
        needed: how many hosts it wants at least; 0 also when it wants none any more.
        missing: how many hosts it wants more than have said yes.
        cancelled: it will not take place.
        searching: others are asked until it is full.
        asked: who has not answered yet.
    """

    session_id: str
    programme_id: str
    title: str
    place: str
    municipality: str
    at: AwareDatetime
    until: AwareDatetime
    needed: int
    missing: int
    cancelled: bool
    searching: bool
    hosts: list[HostOut]
    asked: list[HostOut]


class PatternOut(BaseModel):
    """A standing pattern."""

    pattern_id: str
    volunteer_id: str
    every: int
    weekday: Weekday | None
    first_on: date
    last_on: date | None


class RotaOut(BaseModel):
    """The shifts of a programme, the earliest first, and its standing patterns."""

    programme_id: str
    shifts: list[ShiftOut]
    patterns: list[PatternOut]


class CandidateOut(BaseModel):
    """Somebody who could be asked, and what speaks for it.

    Attributes:
        shifts: what they have said yes to or done, from a half-year before.
        days_to_nearest: between this shift and the nearest other of theirs.
    """

    volunteer_id: str
    name: str
    shifts: int
    days_to_nearest: int | None
    here_before: bool
    near: bool


class ThinShiftOut(ShiftOut):
    """A shift with fewer hosts than it needs, and who could be asked, in that order."""

    candidates: list[CandidateOut]


class ThinShiftsOut(BaseModel):
    """Thin shifts, the earliest first."""

    shifts: list[ThinShiftOut]


class NotGivenOut(BaseModel):
    """Why somebody did not get a session: the code of the rule that said no."""

    volunteer_id: str
    session_id: str
    code: str


class FilledOut(BaseModel):
    """What came of filling a season."""

    given: list[HostOut]
    not_given: list[NotGivenOut]


class PatternFilledOut(FilledOut):
    """A new pattern and what it gave."""

    pattern: PatternOut


class SharedOut(FilledOut):
    """What came of sharing out, and how many places are left."""

    still_free: int


def host_out(assignment: Assignment, names: Mapping[str, str], now: datetime) -> HostOut:
    """Somebody on a shift.

    Args:
        names: by volunteer id.
    """
    return HostOut(
        assignment_id=assignment.assignment_id,
        volunteer_id=assignment.volunteer_id,
        name=names.get(assignment.volunteer_id, ""),
        status=assignment.status_at(now),
    )


def shift_out(rota: Rota, names: Mapping[str, str], now: datetime) -> ShiftOut:
    """A shift as staff see it."""
    shift = rota.shift
    return ShiftOut(
        session_id=shift.session_id,
        programme_id=shift.programme_id,
        title=shift.title,
        place=shift.place,
        municipality=shift.municipality,
        at=shift.at,
        until=shift.until,
        needed=shift.needed,
        missing=rota.missing,
        cancelled=shift.cancelled,
        searching=shift.searching,
        hosts=[host_out(one, names, now) for one in rota.hosts],
        asked=[host_out(one, names, now) for one in rota.asked(now)],
    )


def pattern_out(pattern: Pattern) -> PatternOut:
    """A standing pattern as staff see it."""
    return PatternOut(
        pattern_id=pattern.pattern_id,
        volunteer_id=pattern.volunteer_id,
        every=pattern.every,
        weekday=pattern.weekday,
        first_on=pattern.first_on,
        last_on=pattern.last_on,
    )


def candidate_out(candidate: Candidate) -> CandidateOut:
    """Somebody who could be asked."""
    return CandidateOut(
        volunteer_id=candidate.volunteer_id,
        name=candidate.name,
        shifts=candidate.shifts,
        days_to_nearest=None if candidate.nearest is None else candidate.nearest.days,
        here_before=candidate.here_before,
        near=candidate.near,
    )
