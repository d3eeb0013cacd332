"""Keeping rotas, and who lectures, in line with what is planned.

One event says all of it: a moved or cancelled session is in `programme-planned` with its new time. `session-changed`
tells people the same; to act on both would be to ask twice.
"""

from collections.abc import Collection
from dataclasses import replace

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers import store
from services.volunteers.domain.assignments import OPEN, Assignment, Terms, answer_by, moved, withdrawn
from services.volunteers.domain.programmes import Programme
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.shifts import asked_again, shift_of
from services.volunteers.domain.tasks import Task, planned_task
from services.volunteers.use_cases import patterns, swaps
from services.volunteers.use_cases.changing import add, has_left, save
from shared.delivery import Transaction


async def follow_plan(tx: Transaction, before: Programme | None, after: Programme, rules: Rules) -> None:
    """Bring shifts, standing patterns, and who does something at one session in line with a programme's new plan.

    Args:
        before: as it was known until now; None of a new one.
    """
    known = {session.session_id: session for session in before.sessions} if before else {}
    planned = {session.session_id for session in after.sessions}
    left_out = [replace(one, cancelled=True) for one in known.values() if one.session_id not in planned]
    # Also of a house that wants no hosts any more: somebody may still be on a shift.
    rotas = await store.rotas_of(tx, after.programme_id) if before else []
    if after.hosts_needed or rotas:
        now = [shift_of(after, one, tx.now) for one in [*after.sessions, *left_out]]
        kept = {replace(rota.shift, searching=False, version=1) for rota in rotas}
        await store.put_shifts(tx, [shift for shift in now if shift not in kept])
    if before is None:
        return
    for one in await store.open_assignments(tx, after.programme_id):
        # As it is by now: the offer of a swap ends with the shift that was to be given.
        assignment = await store.assignment(tx, one.assignment_id)
        if assignment.status in OPEN and assignment.task.session_id:
            await _follow(tx, assignment, after)
    called_off = {one.session_id for one in before.sessions if one.cancelled}
    if back := [one.session_id for one in after.coming(tx.now) if one.session_id in called_off]:
        await _ask_those_who_were_on(tx, after, back)
    if not after.cancelled:
        added = [one for one in after.sessions if one.session_id not in known and one.starts_at > tx.now]
        await patterns.continue_patterns(tx, after, added, rules)


async def _follow(tx: Transaction, assignment: Assignment, programme: Programme) -> None:
    task = planned_task(programme, assignment.task, assignment.offered_at, tx.now)
    if task is None:
        await _withdraw(tx, assignment)
    elif task.at is not None and task.at != assignment.task.at and task.at > tx.now:
        await _withdraw(tx, assignment)
        if assignment.terms is not Terms.SWAP or assignment.status is AssignmentStatus.ACCEPTED:
            await _ask_again(tx, assignment, task)
    elif task != assignment.task:
        await save(tx, moved(assignment, task))


async def _ask_those_who_were_on(tx: Transaction, programme: Programme, session_ids: Collection[str]) -> None:
    """Ask anew who was to be at sessions that were cancelled and are put back, and had not given it up before.

    They were told that it would not take place, and may have other plans: as when a session is moved.
    """
    found = await store.assignments_in(tx, [programme.programme_id], list(VolunteerRole))
    own = sorted(found.get(programme.programme_id, []), key=lambda one: one.offered_at)
    newest = {
        (one.volunteer_id, one.role, one.task.session_id): one for one in own if one.task.session_id in session_ids
    }
    for one in newest.values():
        task = planned_task(programme, one.task, one.offered_at, tx.now)
        if task is not None and one.status is AssignmentStatus.RELEASED and one.called_off:
            await _ask_again(tx, one, task)


async def _ask_again(tx: Transaction, assignment: Assignment, task: Task) -> None:
    if not await has_left(tx, assignment):
        await add(tx, [asked_again(assignment, task, answer_by(task, tx.now), tx.now)])


async def _withdraw(tx: Transaction, assignment: Assignment) -> None:
    await save(tx, withdrawn(assignment))
    await swaps.call_off(tx, [assignment.assignment_id])
