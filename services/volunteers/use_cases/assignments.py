"""Offering assignments, answering, giving up and completing them. Every change is announced by `announce`."""

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers import publishes, store
from services.volunteers.domain.assignments import (
    MOST_HOURS,
    MOST_PEOPLE,
    Assignment,
    AssignmentNotFound,
    Task,
    answered,
    completed,
    expired,
    offered,
    released,
    same,
    whole_programme,
)
from services.volunteers.domain.volunteers import Volunteer
from shared.access import Staff, may, read_link
from shared.delivery import Reading, Transaction
from shared.errors import Gone
from shared.settings import Settings
from shared.text import Line

LINK_PURPOSE = "assignment"


class Offer(BaseModel):
    """An assignment to offer.

    Attributes:
        title: what it is called to the volunteer; empty for the programme's title.
    """

    volunteer_id: str
    programme_id: str
    role: VolunteerRole
    title: Line | Literal[""] = ""


class Work(BaseModel):
    """What came of an assignment.

    Attributes:
        hours: time spent, half hours and quarters too.
    """

    hours: Annotated[float, Field(gt=0, le=MOST_HOURS)]
    people_met: Annotated[int, Field(ge=0, le=MOST_PEOPLE)]


async def offer_assignment(tx: Transaction, offer: Offer, staff: Staff, assignment_id: str) -> Assignment:
    """Ask a volunteer to a programme, and announce it.

    Args:
        assignment_id: made by the caller, so that a repeated run cannot make two.

    Raises:
        VolunteerNotFound, ProgrammeNotFound, Forbidden, ProgrammeIsOver, and what `offered` raises.
    """
    volunteer = await store.volunteer(tx, offer.volunteer_id)
    programme = await store.programme(tx, offer.programme_id)
    may(staff, programme)
    return await offer_task(tx, volunteer, whole_programme(programme, offer.role, offer.title, tx.now), assignment_id)


async def offer_task(tx: Transaction, volunteer: Volunteer, task: Task, assignment_id: str) -> Assignment:
    """Ask a volunteer, and announce it. Every offer is made here.

    Raises:
        What `offered` raises.
    """
    others = await store.assignments_of(tx, volunteer.volunteer_id)
    assignment = offered(assignment_id, volunteer, task, others, tx.now)
    for other in others:
        # An unanswered offer still stands as open until it is written down that its time has passed.
        if other.status is AssignmentStatus.OFFERED and same(other.task, task):
            await save(tx, expired(other))
    await store.add_assignment(tx, assignment)
    tx.publish(publishes.assignment_offered(assignment), sequence=assignment.version)
    announce(tx, assignment)
    return assignment


async def linked_assignment(at: Reading, settings: Settings, token: str, now: datetime) -> Assignment:
    """The assignment that a mailed link is about.

    Raises:
        Gone: the link is forged or has expired, or the assignment is no more.
    """
    assignment_id = read_link(settings, LINK_PURPOSE, token, now)
    try:
        return await store.assignment(at, assignment_id)
    except AssignmentNotFound:
        raise Gone("This link does not work any more") from None


async def answer_offer(tx: Transaction, assignment_id: str, accept: bool) -> Assignment:
    """Say yes or no to an offer.

    Raises:
        AssignmentNotFound, AlreadyAnswered, OfferExpired.
    """
    return await save(tx, answered(await store.assignment(tx, assignment_id), accept, tx.now))


async def release_assignment(tx: Transaction, assignment_id: str, staff: Staff | None = None) -> Assignment:
    """Give up what was accepted, or take it back.

    Args:
        staff: who takes it back, unless it is the volunteer who gives it up.

    Raises:
        AssignmentNotFound, Forbidden, AlreadyCompleted, NotAccepted.
    """
    before = await store.assignment(tx, assignment_id)
    if staff is not None:
        may(staff, before)
    return await save(tx, released(before))


async def complete_assignment(
    tx: Transaction, assignment_id: str, work: Work, zone: ZoneInfo, staff: Staff | None = None
) -> Assignment:
    """Say that an assignment was done, and announce it.

    Args:
        zone: where the platform is, for the date.
        staff: who says so, unless it is the volunteer.

    Raises:
        AssignmentNotFound, Forbidden, AlreadyCompleted, NotAccepted, NotYetBegun.
    """
    before = await store.assignment(tx, assignment_id)
    if staff is not None:
        may(staff, before)
    today = tx.now.astimezone(zone).date()
    after = await save(tx, completed(before, work.hours, work.people_met, tx.now, today))
    tx.publish(publishes.assignment_completed(after), sequence=after.version)
    return after


async def save(tx: Transaction, assignment: Assignment) -> Assignment:
    """Store a changed assignment and announce it.

    Raises:
        Conflict: somebody else changed it in between.
    """
    await store.save_assignment(tx, assignment)
    announce(tx, assignment)
    return assignment


def announce(tx: Transaction, assignment: Assignment) -> None:
    """Publish an assignment as it now stands."""
    tx.publish(publishes.assignment_changed(assignment), sequence=assignment.version)
