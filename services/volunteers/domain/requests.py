"""What units ask for: a peer, a living book, a storyteller, a lecturer or a patient supporter."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from motesplats_events import AssignmentStatus, Format, VolunteerRole
from services.volunteers.domain.assignments import Assignment
from services.volunteers.domain.tasks import Span, Task
from shared.contact import Contact
from shared.errors import Conflict, DomainError, NotFound

LINK_PURPOSE = "request"
MOST_WANTED = 20
LONGEST_MINUTES = 24 * 60
FURTHEST_AHEAD = timedelta(days=2 * 366)
DIGITAL = "Digital"
LINK_FOR = timedelta(days=400)
"""How long the unit's own link works."""

ASKED_FOR = (
    VolunteerRole.PEER,
    VolunteerRole.LIVING_BOOK,
    VolunteerRole.STORYTELLER,
    VolunteerRole.LECTURER,
    VolunteerRole.PATIENT_SUPPORTER,
)
"""The roles that a unit can ask for."""

TAKEN = (AssignmentStatus.ACCEPTED, AssignmentStatus.COMPLETED)


class UnitKind(StrEnum):
    """What sort of unit asks."""

    CLINIC = "clinic"
    PRIMARY_CARE = "primary_care"
    MUNICIPALITY = "municipality"
    ASSOCIATION = "association"


class RequestStatus(StrEnum):
    """Where a request stands.

    `received`: staff have not looked for anybody yet. `searching`: somebody has been asked and has not answered.
    `nobody_left`: everybody who could be asked has been.
    """

    RECEIVED = "received"
    SEARCHING = "searching"
    FILLED = "filled"
    NOBODY_LEFT = "nobody_left"
    WITHDRAWN = "withdrawn"


class RequestNotFound(NotFound):
    """No request has this id."""


class RoleNotForUnits(DomainError):
    """Hosts and group leaders belong to programmes."""

    code = "role-not-for-units"


class DateIsImpossible(DomainError):
    """The date has been, or lies too far ahead."""

    code = "date-is-impossible"


class RequestUnderWay(Conflict):
    """What people are asked to do cannot be changed while they think about it."""

    code = "request-under-way"


class RequestIsClosed(Conflict):
    """It was withdrawn, or all who were wanted have said yes."""

    code = "request-is-closed"


class EnoughAsked(Conflict):
    """As many think about it as are wanted."""

    code = "enough-asked"


class RequestIsOver(Conflict):
    """Nobody can be asked to do what has begun."""

    code = "request-is-over"


@dataclass(frozen=True, slots=True)
class Request:
    """What a unit asks for.

    Attributes:
        unit: the clinic, care centre or association.
        organiser: whose coordinators take care of it.
        contact_name: whom to tell.
        theme: what it is about.
        language: to be spoken, ISO 639.
        place: where; empty of a digital meeting.
        at: when it begins; None where that is agreed later.
        minutes: how long.
        audience: who will be there.
        wanted: how many volunteers.
        note: what the unit wrote besides.
        told_at: when staff last told the unit how it stands; None before, and again when somebody new has said yes.
        version: rises with every change.
    """

    request_id: str
    unit: str
    unit_kind: UnitKind
    organiser: str
    municipality: str
    contact_name: str
    contact: Contact
    role: VolunteerRole
    theme: str
    language: str
    format: Format
    place: str
    at: datetime | None
    minutes: int
    audience: str
    wanted: int
    note: str
    received_at: datetime
    status: RequestStatus = RequestStatus.RECEIVED
    told_at: datetime | None = None
    version: int = 1

    @property
    def digital(self) -> bool:
        """Whether nobody has to travel."""
        return self.format is Format.DIGITAL

    @property
    def task(self) -> Task:
        """The same as what a volunteer is asked to do."""
        return Task(
            role=self.role,
            title=f"{self.theme} – {self.unit}",
            organiser=self.organiser,
            municipality=self.municipality,
            place=self.place or (DIGITAL if self.digital else self.unit),
            request_id=self.request_id,
            times=[Span(self.at, self.at + timedelta(minutes=self.minutes))] if self.at else [],
        )

    def over(self, now: datetime) -> bool:
        """Whether it has begun."""
        return self.at is not None and self.at <= now


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the search for a request has come.

    Attributes:
        taken: how many have said yes.
        asked: how many think about it.
        refused: how many said no, did not answer or gave it up.
        done: how many have done it.
    """

    taken: int
    asked: int
    refused: int
    done: int


def check_request(request: Request, now: datetime) -> None:
    """Whether a unit can ask for this.

    Raises:
        RoleNotForUnits, DateIsImpossible.
    """
    if request.role not in ASKED_FOR:
        raise RoleNotForUnits("Hosts and group leaders are found for a programme, not for a unit", field="role")
    if request.at is not None and request.at <= now:
        raise DateIsImpossible("This time has passed; choose a later one", field="at")
    if request.at is not None and request.at > now + FURTHEST_AHEAD:
        raise DateIsImpossible("This is more than two years ahead; check the year", field="at")


def forgotten(request: Request) -> Request:
    """The request without who asked for the unit."""
    return replace(request, contact_name="", contact=Contact(None, None), note="", version=request.version + 1)


def standing(assignments: Iterable[Assignment], now: datetime) -> Standing:
    """How a request's assignments stand."""
    states = [assignment.status_at(now) for assignment in assignments]
    taken = sum(state in TAKEN for state in states)
    asked = sum(state is AssignmentStatus.OFFERED for state in states)
    done = sum(state is AssignmentStatus.COMPLETED for state in states)
    return Standing(taken, asked, len(states) - taken - asked, done)


def missing(request: Request, found: Standing) -> int:
    """How many more are to be asked now: one offer for each who is wanted and has not said yes."""
    return max(0, request.wanted - found.taken - found.asked)


def check_open(request: Request, now: datetime) -> None:
    """Whether somebody can be asked.

    Raises:
        RequestIsClosed, RequestIsOver.
    """
    if request.status is RequestStatus.WITHDRAWN:
        raise RequestIsClosed("This request has been withdrawn")
    if request.status is RequestStatus.FILLED:
        raise RequestIsClosed("All who were wanted have said yes")
    if request.over(now):
        raise RequestIsOver("The time of this request has passed. Change the date first")


def edited(request: Request, after: Request, found: Standing, now: datetime) -> Request:
    """The request as staff changed it; what was received, and when, stays.

    Where as many as are wanted have said yes, nobody is looked for, and the unit is told what holds now.

    Raises:
        RequestUnderWay, RequestIsClosed, and what `check_request` raises.
    """
    if request.status is RequestStatus.WITHDRAWN:
        raise RequestIsClosed("This request has been withdrawn")
    if request.status not in {RequestStatus.RECEIVED, RequestStatus.NOBODY_LEFT}:
        raise RequestUnderWay("People have been asked. Stop the search before you change what they are asked")
    check_request(after, now)
    return replace(
        after,
        request_id=request.request_id,
        received_at=request.received_at,
        status=RequestStatus.FILLED if found.taken >= after.wanted else RequestStatus.RECEIVED,
        version=request.version + 1,
    )


def searched(request: Request, found: Standing, *, news: bool) -> Request:
    """The request after everybody who is missing and could be found has been asked.

    Args:
        news: somebody has said yes or given it up, so that the unit is to be told.
    """
    if found.taken >= request.wanted:
        status = RequestStatus.FILLED
    elif found.asked:
        status = RequestStatus.SEARCHING
    else:
        status = RequestStatus.NOBODY_LEFT
    told_at = None if news or status is RequestStatus.NOBODY_LEFT else request.told_at
    return replace(request, status=status, told_at=told_at, version=request.version + 1)


def stopped(request: Request) -> Request:
    """The request after staff stopped the search; who has said yes stays.

    Raises:
        RequestIsClosed: it was withdrawn.
    """
    if request.status is RequestStatus.WITHDRAWN:
        raise RequestIsClosed("This request has been withdrawn")
    return replace(request, status=RequestStatus.RECEIVED, version=request.version + 1)


def withdrawn(request: Request) -> Request:
    """The request after the unit or staff took it back.

    Raises:
        RequestIsClosed: it was withdrawn before.
    """
    if request.status is RequestStatus.WITHDRAWN:
        raise RequestIsClosed("This request has been withdrawn")
    return replace(request, status=RequestStatus.WITHDRAWN, version=request.version + 1)


def told(request: Request, now: datetime) -> Request:
    """The request after staff told the unit how it stands."""
    return replace(request, told_at=now, version=request.version + 1)
