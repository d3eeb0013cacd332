"""What happens to assignments when a programme is planned anew."""

from dataclasses import replace
from datetime import datetime

from services.volunteers import store
from services.volunteers.domain.assignments import Assignment, ended, moved, withdrawn
from services.volunteers.domain.programmes import Programme
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import begun, planned_task
from services.volunteers.domain.volunteers import Volunteer, VolunteerStatus
from services.volunteers.use_cases.changing import save
from services.volunteers.use_cases.rotas import follow_plan
from shared.delivery import Transaction


async def keep_programme(tx: Transaction, programme: Programme, sequence: int, rules: Rules) -> None:
    """Keep a programme as it now stands, unless a newer state is known, and let its assignments follow.

    Who does something in the whole programme is told the new plan, and can give it up; what will not take place is
    taken back, and what has been can be completed. Who was to be at one session is asked anew when that is moved.
    """
    before = await store.known_programme(tx, programme.programme_id)
    if not await store.put_programme(tx, programme, sequence):
        return
    await follow_plan(tx, before, programme, rules)
    for assignment in await store.open_assignments(tx, programme.programme_id):
        if assignment.task.session_id:
            continue
        after = _followed(assignment, programme, await store.volunteer(tx, assignment.volunteer_id), tx.now)
        if after is not assignment:
            await save(tx, after)


def _followed(assignment: Assignment, programme: Programme, volunteer: Volunteer, now: datetime) -> Assignment:
    """An assignment for a whole programme after that was planned anew; the same where nothing is different."""
    task = planned_task(programme, assignment.task, assignment.offered_at, now)
    if task is None:
        return withdrawn(assignment)
    if programme.cancelled:
        return ended(assignment, task)
    if volunteer.status is VolunteerStatus.LEFT and task.times[-1].starts_at > now:
        return ended(replace(assignment, task=task), begun(task, volunteer.since))
    return assignment if task == assignment.task else moved(assignment, task)
