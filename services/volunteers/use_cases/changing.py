"""How assignments come to be and change: each is stored and announced here, whoever decided it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from motesplats_events import AssignmentStatus
from services.volunteers import publishes, store
from services.volunteers.domain.assignments import Assignment, Terms, answered, expired, offered
from services.volunteers.domain.hindrances import hindrance
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import Task, planned_task, same
from services.volunteers.domain.volunteers import Volunteer, VolunteerStatus
from shared.delivery import Reading, Transaction
from shared.errors import DomainError


async def save(tx: Transaction, assignment: Assignment) -> Assignment:
    """Store a changed assignment and announce it.

    Raises:
        Conflict: somebody else changed it in between.
    """
    await store.save_assignment(tx, assignment)
    announce(tx, assignment)
    return assignment


async def add(tx: Transaction, assignments: Sequence[Assignment], *, guarded: bool = True) -> None:
    """Store new assignments and announce them; those that are offers, to the volunteers too.

    Every new assignment is stored here, and its volunteer held: that nothing collides, and that they have not left,
    was read in this transaction, and holds only if nobody else asks them or changes them before it has ended.

    Raises:
        AlreadyAsked: the same was offered at the same moment.
    """
    if guarded:
        await store.hold_volunteers(tx, {assignment.volunteer_id for assignment in assignments})
    for assignment in assignments:
        await store.add_assignment(tx, assignment)
        if assignment.status is AssignmentStatus.OFFERED:
            tx.publish(publishes.assignment_offered(assignment), sequence=assignment.version)
        announce(tx, assignment)


async def offer_task(
    tx: Transaction,
    volunteer: Volunteer,
    task: Task,
    assignment_id: str,
    rules: Rules,
    *,
    answer_by: datetime | None = None,
    terms: Terms = Terms.KEPT,
    instead_of: str = "",
) -> Assignment:
    """Ask a volunteer, and announce it. Every offer is made here.

    Args:
        assignment_id: the same however often this runs, so that a repeated run cannot make two.
        answer_by: None for the usual time.
        instead_of: the id of the assignment that they would give for it.

    Raises:
        What `offered` raises.
    """
    others = await store.assignments_of(tx, volunteer.volunteer_id)
    kept = [one for one in others if one.assignment_id != instead_of]
    assignment = offered(assignment_id, volunteer, task, kept, await store.catalogue(tx), rules, tx.now)
    await close_unanswered(tx, others, task)
    assignment = replace(assignment, terms=terms, answer_by=answer_by or assignment.answer_by)
    await add(tx, [assignment])
    return assignment


async def say_yes(tx: Transaction, assignment: Assignment, rules: Rules) -> Assignment:
    """Let a volunteer's yes count, if they can still do what they were asked.

    The volunteer is held as for a new assignment: two answers at once would not see each other.

    Raises:
        AlreadyAnswered, OfferExpired, and what `hindered` finds.
    """
    accepted = answered(assignment, True, tx.now)
    await store.hold_volunteers(tx, {assignment.volunteer_id})
    if fault := await hindered(tx, assignment, rules, tx.now):
        raise fault
    return accepted


async def hindered(at: Reading, assignment: Assignment, rules: Rules, now: datetime) -> DomainError | None:
    """What by now speaks against doing what somebody was asked, or has said yes to; None where nothing does."""
    volunteer = await store.volunteer(at, assignment.volunteer_id)
    programme = await store.known_programme(at, assignment.task.programme_id)
    # What is spoken about is not kept with the task, and may be another by now.
    task = planned_task(programme, assignment.task, now, now) if programme else None
    swap = await store.swap(at, assignment.assignment_id) if assignment.terms is Terms.SWAP else None
    not_beside = {assignment.assignment_id, swap.takes if swap else ""}
    others = await store.assignments_of(at, assignment.volunteer_id)
    rest = [one for one in others if one.assignment_id not in not_beside]
    return hindrance(
        replace(assignment, task=task or assignment.task), volunteer, rest, await store.catalogue(at), rules, now
    )


async def has_left(at: Reading, assignment: Assignment) -> bool:
    """Whether the volunteer has left: what had been can still be completed, and nothing is to come."""
    return (await store.volunteer(at, assignment.volunteer_id)).status is VolunteerStatus.LEFT


async def close_unanswered(tx: Transaction, others: Collection[Assignment], task: Task) -> None:
    """Write down that the time of earlier offers of the same has passed; they still stand as open until then.

    Args:
        others: the volunteer's, none of which can be answered any more.
    """
    for other in others:
        if other.status is AssignmentStatus.OFFERED and same(other.task, task):
            await save(tx, expired(other))


def announce(tx: Transaction, assignment: Assignment) -> None:
    """Publish an assignment as it now stands."""
    tx.publish(publishes.assignment_changed(assignment), sequence=assignment.version)
