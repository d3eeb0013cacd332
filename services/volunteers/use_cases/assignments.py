"""Offering assignments, answering, giving up and completing them. `changing` stores and announces each change."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers import publishes, store
from services.volunteers.domain.assignments import (
    MOST_HOURS,
    MOST_PEOPLE,
    Assignment,
    AssignmentNotFound,
    answered,
    check_unanswered,
    completed,
    expired,
    given_up,
    taken_back,
)
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import begun, whole_programme
from services.volunteers.use_cases.changing import offer_task, save, say_yes
from services.volunteers.use_cases.pool import may_see, seen_volunteer
from services.volunteers.use_cases.searching import follow
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


async def offer_assignment(tx: Transaction, offer: Offer, staff: Staff, assignment_id: str, rules: Rules) -> Assignment:
    """Ask a volunteer to a programme, and announce it.

    Args:
        assignment_id: made by the caller, so that a repeated run cannot make two.

    Raises:
        VolunteerNotFound, ProgrammeNotFound, Forbidden, what `whole_programme` raises, and what `offered` raises.
    """
    volunteer = await store.volunteer(tx, offer.volunteer_id)
    may_see(staff, volunteer)
    programme = await store.programme(tx, offer.programme_id)
    may(staff, programme)
    task = whole_programme(programme, offer.role, offer.title, tx.now)
    return await offer_task(tx, volunteer, task, assignment_id, rules)


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


async def answer_offer(
    tx: Transaction, assignment_id: str, accept: bool, rules: Rules, staff: Staff | None = None
) -> Assignment:
    """Say yes or no to an offer. After a no to what a unit asked, the next is asked in the same step.

    Args:
        staff: who was told the answer, unless it is the volunteer who gives it.

    Raises:
        AssignmentNotFound, AlreadyAnswered, OfferExpired, and what `hindered` finds: a yes that by now cannot be kept.
        Forbidden: also when the volunteer lives in another area: what keeps them from a yes is told in theirs alone.
    """
    before = await store.assignment(tx, assignment_id)
    if staff is not None:
        may(staff, before)
        await seen_volunteer(tx, before.volunteer_id, staff)
        check_unanswered(before, tx.now)
    after = await save(tx, await say_yes(tx, before, rules) if accept else answered(before, False, tx.now))
    await follow(tx, after, rules)
    return after


async def withdraw_offer(tx: Transaction, assignment_id: str, staff: Staff, rules: Rules) -> Assignment:
    """Take back an offer that is not answered. Where somebody is searched for, the next is asked in the same step.

    Raises:
        AssignmentNotFound, Forbidden, AlreadyAnswered, OfferExpired.
    """
    before = await store.assignment(tx, assignment_id)
    may(staff, before)
    after = await save(tx, taken_back(before, tx.now))
    await follow(tx, after, rules)
    return after


async def release_assignment(
    tx: Transaction, assignment_id: str, rules: Rules, staff: Staff | None = None
) -> Assignment:
    """Give up what was accepted, or take it back. What has been of a whole programme can be completed all the same.

    Args:
        staff: who takes it back, unless it is the volunteer who gives it up.

    Raises:
        AssignmentNotFound, Forbidden, AlreadyCompleted, NotAccepted.
    """
    before = await store.assignment(tx, assignment_id)
    if staff is not None:
        may(staff, before)
    after = await save(tx, given_up(before, begun(before.task, tx.now)))
    await follow(tx, after, rules)
    return after


async def complete_assignment(
    tx: Transaction, assignment_id: str, work: Work, rules: Rules, staff: Staff | None = None
) -> Assignment:
    """Say that an assignment was done, and announce it.

    Args:
        staff: who says so, unless it is the volunteer.

    Raises:
        AssignmentNotFound, Forbidden, AlreadyCompleted, NotAccepted, NotYetBegun.
    """
    before = await store.assignment(tx, assignment_id)
    if staff is not None:
        may(staff, before)
    after = await save(tx, completed(before, work.hours, work.people_met, tx.now, rules))
    tx.publish(publishes.assignment_completed(after), sequence=after.version)
    return after


async def let_expire(tx: Transaction, assignment_id: str, rules: Rules) -> None:
    """Write down that an offer was not answered in time; nothing happens to one that was, or can still be."""
    assignment = await store.assignment(tx, assignment_id)
    if assignment.status is AssignmentStatus.OFFERED and assignment.answer_by < tx.now:
        await follow(tx, await save(tx, expired(assignment)), rules)
