"""Shifts: putting hosts on them, taking one, and what each change of one means for others.

Every way to a place leads through `settle`.
"""

from collections.abc import Collection
from dataclasses import replace

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers import store
from services.volunteers.domain.assignments import Assignment, Terms, assigned, offered
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.shifts import Rota, check_free, check_takes_place, check_to_come, too_late
from services.volunteers.use_cases import substitutes, swaps
from services.volunteers.use_cases.changing import add, close_unanswered, save, say_yes
from services.volunteers.use_cases.pool import seen_volunteer
from shared.access import Staff, may
from shared.delivery import Transaction


async def place_host(
    tx: Transaction, session_id: str, volunteer_id: str, staff: Staff, assignment_id: str, rules: Rules
) -> Assignment:
    """Put a host who has said yes on a shift, also where it has all that it needs, or is over and they jumped in.

    Args:
        assignment_id: made by the caller, so that a repeated run cannot make two.

    Raises:
        ShiftNotFound, Forbidden, ShiftIsOver, VolunteerNotFound, and what `offered` raises.
    """
    rota = await store.rota(tx, session_id)
    may(staff, rota.shift)
    await seen_volunteer(tx, volunteer_id, staff)
    check_takes_place(rota.shift)
    assignment = await _said_yes(tx, rota, volunteer_id, assignment_id, rules)
    await settle(tx, [session_id])
    return assignment


async def take_shift(
    tx: Transaction, session_id: str, volunteer_id: str, assignment_id: str, rules: Rules, *, guarded: bool = True
) -> Assignment:
    """Let a host take a free place.

    Raises:
        ShiftNotFound, ShiftIsOver, AlreadyTaken, and what `offered` raises.
    """
    rota = await store.rota(tx, session_id)
    check_to_come(rota.shift, tx.now)
    own = [one for one in rota.asked(tx.now) if one.volunteer_id == volunteer_id and one.terms is Terms.KEPT]
    if not own:
        check_free(rota, tx.now)
    assignment = await _said_yes(tx, rota, volunteer_id, assignment_id, rules, guarded=guarded)
    await settle(tx, [session_id], guarded=guarded)
    return assignment


async def _said_yes(
    tx: Transaction, rota: Rota, volunteer_id: str, assignment_id: str, rules: Rules, *, guarded: bool = True
) -> Assignment:
    for one in rota.asked(tx.now):
        if one.volunteer_id == volunteer_id and one.terms is not Terms.SWAP:
            return await save(tx, replace(await say_yes(tx, one, rules), terms=Terms.KEPT))
    volunteer = await store.volunteer(tx, volunteer_id)
    others = await store.assignments_of(tx, volunteer_id)
    task = rota.shift.task
    assignment = assigned(offered(assignment_id, volunteer, task, others, await store.catalogue(tx), rules, tx.now))
    await close_unanswered(tx, others, task)
    await add(tx, [assignment], guarded=guarded)
    return assignment


async def follow(tx: Transaction, after: Assignment, rules: Rules) -> None:
    """What an answer to an offer, or giving an assignment up, means for others; nothing where it is no shift.

    Raises:
        AlreadyTaken, SwapIsVoid: the yes comes too late.
    """
    session_id = after.task.session_id
    if after.role is not VolunteerRole.HOST or session_id is None:
        return
    match after.status:
        case AssignmentStatus.ACCEPTED if after.terms is Terms.SWAP:
            await swaps.carry_out(tx, after)
        case AssignmentStatus.ACCEPTED:
            if after.terms is Terms.FIRST_COME:
                rota = await store.rota(tx, session_id)
                others = [one for one in rota.assignments if one.assignment_id != after.assignment_id]
                check_free(replace(rota, assignments=others), tx.now)
            await settle(tx, [session_id])
        case AssignmentStatus.DECLINED | AssignmentStatus.EXPIRED:
            await substitutes.keep_searching(tx, session_id, rules)
        case AssignmentStatus.RELEASED:
            await swaps.call_off(tx, [after.assignment_id])
            await substitutes.begin_search(tx, session_id, rules)


async def settle(tx: Transaction, session_ids: Collection[str], *, guarded: bool = True) -> None:
    """Somebody has got a place in each: let nobody else get the same, and tell those who were asked with them."""
    if guarded:
        await store.give_place(tx, session_ids)
    for rota in await store.rotas_among(tx, session_ids):
        for one in too_late(rota, tx.now):
            await save(tx, one)
        if rota.shift.searching and not rota.missing:
            await store.search(tx, rota.shift.session_id, on=False)
