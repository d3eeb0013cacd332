"""What happens to assignments when a programme is planned anew."""

from services.volunteers import store
from services.volunteers.domain.assignments import moved, withdrawn
from services.volunteers.domain.programmes import Programme
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import planned_task
from services.volunteers.use_cases.changing import save
from services.volunteers.use_cases.rotas import follow_plan
from shared.delivery import Transaction


async def keep_programme(tx: Transaction, programme: Programme, sequence: int, rules: Rules) -> None:
    """Keep a programme as it now stands, unless a newer state is known, and let its assignments follow.

    Who does something in the whole programme is told the new plan, and can give it up; what will not take place is
    taken back. Who was to be at one session is asked anew when that is moved.
    """
    before = await store.known_programme(tx, programme.programme_id)
    if not await store.put_programme(tx, programme, sequence):
        return
    await follow_plan(tx, before, programme, rules)
    for assignment in await store.open_assignments(tx, programme.programme_id):
        if assignment.task.session_id:
            continue
        task = planned_task(programme, assignment.task, assignment.offered_at)
        if task is None:
            await save(tx, withdrawn(assignment))
        elif task != assignment.task:
            await save(tx, moved(assignment, task))
