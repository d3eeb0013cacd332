"""Finding a host for a free place: who could be asked, asking several at once, and going on until somebody says yes."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from motesplats_events import VolunteerRole
from services.volunteers import store
from services.volunteers.domain.assignments import Terms, offered
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.shifts import (
    A_YEAR,
    ASKED_AT_ONCE,
    Candidate,
    Rota,
    answer_shift_by,
    candidate,
    check_free,
    check_to_come,
    in_turn,
)
from services.volunteers.use_cases.changing import offer_task
from services.volunteers.use_cases.pool import seen_pool, seen_volunteer
from shared.access import Staff, may
from shared.delivery import Reading, Transaction
from shared.errors import DomainError


async def candidates(
    at: Reading, rotas: Sequence[Rota], rules: Rules, now: datetime, staff: Staff | None = None
) -> Sequence[Sequence[Candidate]]:
    """Who could be asked for each of these shifts, in the order in which they are asked.

    Args:
        staff: who is shown them; None: all, for asking them.
    """
    if not rotas:
        return []
    role = VolunteerRole.HOST
    hosts = await seen_pool(at, role, staff) if staff else await store.pool(at, role)
    since = min(rota.shift.at for rota in rotas) - A_YEAR
    work = await store.work_of(at, [host.volunteer_id for host in hosts], since)
    catalogue = await store.catalogue(at)
    found = []
    for rota in rotas:
        able = []
        for host in hosts:
            theirs = work.get(host.volunteer_id, [])
            if host.volunteer_id in rota.not_again:
                continue
            # The rules of an offer decide, so that nobody is named here who then could not be asked.
            with suppress(DomainError):
                offered("", host, rota.shift.task, theirs, catalogue, rules, now)
                able.append(candidate(host, rota.shift, theirs, rules))
        found.append(in_turn(able))
    return found


async def ask_for_shift(
    tx: Transaction, session_id: str, volunteer_ids: Sequence[str], staff: Staff, rules: Rules
) -> int:
    """Ask for a host who could come: those who are named, or the first who could, and others until somebody has come.

    Returns:
        How many were asked.

    Raises:
        ShiftNotFound, Forbidden, ShiftIsOver, AlreadyTaken, VolunteerNotFound, and what `offered` raises.
    """
    rota = await store.rota(tx, session_id)
    may(staff, rota.shift)
    check_to_come(rota.shift, tx.now)
    check_free(rota, tx.now)
    if not volunteer_ids:
        return await begin_search(tx, session_id, rules)
    for volunteer_id in dict.fromkeys(volunteer_ids):
        await seen_volunteer(tx, volunteer_id, staff)
        await _ask(tx, rota, volunteer_id, rules)
    return len(set(volunteer_ids))


async def begin_search(tx: Transaction, session_id: str, rules: Rules) -> int:
    """Search hosts for a shift until it has those it needs; how many were asked now."""
    rota = await store.rota(tx, session_id)
    if not rota.thin(tx.now):
        return 0
    await store.search(tx, session_id, on=True)
    return await _ask_more(tx, rota, rules)


async def keep_searching(tx: Transaction, session_id: str, rules: Rules) -> None:
    """After a no, or no answer in time: ask others instead, while hosts are searched for."""
    rota = await store.rota(tx, session_id)
    if rota.shift.searching and rota.thin(tx.now):
        await _ask_more(tx, rota, rules)


async def _ask_more(tx: Transaction, rota: Rota, rules: Rules) -> int:
    if not rota.free(tx.now):
        return 0
    hoping = sum(one.terms is Terms.FIRST_COME for one in rota.asked(tx.now))
    (able,) = await candidates(tx, [rota], rules, tx.now)
    chosen = able[: max(0, ASKED_AT_ONCE - hoping)]
    for one in chosen:
        await _ask(tx, rota, one.volunteer_id, rules)
    return len(chosen)


async def _ask(tx: Transaction, rota: Rota, volunteer_id: str, rules: Rules) -> None:
    # Made of what is the same when the transaction runs again, so that a repeated run cannot ask twice.
    before = sum(one.volunteer_id == volunteer_id for one in rota.assignments)
    assignment_id = str(uuid5(NAMESPACE_OID, f"{rota.shift.session_id}/{volunteer_id}/{before}"))
    await offer_task(
        tx,
        await store.volunteer(tx, volunteer_id),
        rota.shift.task,
        assignment_id,
        rules,
        answer_by=answer_shift_by(rota.shift, tx.now),
        terms=Terms.FIRST_COME,
    )
