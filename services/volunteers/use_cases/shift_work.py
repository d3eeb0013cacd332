"""Afterwards: who was there, for all hosts of a shift at once."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from motesplats_events import AssignmentStatus
from services.volunteers import store
from services.volunteers.domain.assignments import Assignment, NotAccepted, NotYetBegun, released
from services.volunteers.domain.rules import Rules
from services.volunteers.use_cases.assignments import Work, complete_assignment
from services.volunteers.use_cases.changing import save
from shared.access import Staff, may
from shared.delivery import Transaction


class ShiftDone(Work):
    """What came of a shift.

    Attributes:
        volunteer_ids: the hosts who were there; of those who had said yes, the others were not.
    """

    volunteer_ids: Annotated[list[str], Field(max_length=500)]


async def complete_shift(
    tx: Transaction, session_id: str, done: ShiftDone, staff: Staff, rules: Rules
) -> Sequence[Assignment]:
    """Complete a shift for everybody who was there, and announce it. Once completed stays so.

    Raises:
        ShiftNotFound, Forbidden, NotYetBegun, NotAccepted.
    """
    rota = await store.rota(tx, session_id)
    may(staff, rota.shift)
    if rota.shift.at > tx.now:
        raise NotYetBegun("This shift has not begun yet")
    accepted = {one.volunteer_id: one for one in rota.hosts}
    if not set(done.volunteer_ids) <= accepted.keys():
        raise NotAccepted("Put those who were there on the shift first", field="volunteer_ids")
    changed = []
    for volunteer_id, one in accepted.items():
        if one.status is not AssignmentStatus.ACCEPTED:
            continue
        if volunteer_id in done.volunteer_ids:
            changed.append(await complete_assignment(tx, one.assignment_id, done, rules, staff))
        else:
            changed.append(await save(tx, released(one)))
    return changed
